"""A report in pieces: each trainee is turned into text as soon as they are measured, and nothing else of them is kept.

Which piece stands first is known once the last one is there. Until then they lie in memory, and those of a large team
in a temporary file that is nobody else's.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Self

MOST_IN_MEMORY = 8_000_000

# A part of a report: its name, and whose it is where there are several of that name.
Part = tuple[str, ...]


class Piece(NamedTuple):
    """Text for a part of a report, and what the pieces of this part are sorted by."""

    part: Part
    place: tuple[Any, ...]
    text: str


class Spool:
    """The pieces of one report; those with the same place stand in the order in which they came."""

    def __init__(self) -> None:
        from tempfile import SpooledTemporaryFile  # much to load for an answer about one trainee

        self._file = SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 - closed with these pieces
        self._end = 0
        self._places: dict[Part, list[tuple[Any, ...]]] = defaultdict(list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, pieces: Iterable[Piece]) -> None:
        """Keep these pieces."""
        for part, place, text in pieces:
            data = text.encode("utf-8", "surrogatepass")
            self._file.write(data)
            self._places[part].append((*place, self._end, len(data)))
            self._end += len(data)

    def of(self, part: Part) -> Iterator[str]:
        """Yield the texts of a part in their order."""
        for *_, begin, length in sorted(self._places.get(part, ())):
            self._file.seek(begin)
            yield self._file.read(length).decode("utf-8", "surrogatepass")

    def parts(self, name: str) -> list[Part]:
        """Return the parts of this name: the one whose first piece comes first, then by whose they are."""
        named = [(min(places)[0], part) for part, places in self._places.items() if part[0] == name]
        return [part for _, part in sorted(named)]
