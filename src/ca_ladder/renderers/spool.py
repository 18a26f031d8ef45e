"""A spool for reports that are made in pieces: each trainee becomes text right after they are measured.

Nothing else of the trainee is kept, so that memory stays flat. The order of the pieces is known once the last one is
added. Until then they are in memory, or in a temporary file if the team is large.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Self

MOST_IN_MEMORY = 8_000_000

# A section of a report: its name, and more words where several sections have that name.
SectionKey = tuple[str, ...]


class Piece(NamedTuple):
    """Text for a section of a report, and the key that the section is sorted by."""

    section: SectionKey
    sort_key: tuple[Any, ...]
    text: str


class Spool:
    """The pieces of one report. Pieces with the same sort key stay in the order in which they were added."""

    def __init__(self) -> None:
        from tempfile import SpooledTemporaryFile  # slow to import for an answer about one trainee

        self._file = SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._end = 0
        # By section, the sort key of each piece, followed by its offset and its length in the file.
        self._index: dict[SectionKey, list[tuple[Any, ...]]] = defaultdict(list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, pieces: Iterable[Piece]) -> None:
        """Add pieces to their sections."""
        for section, sort_key, text in pieces:
            data = text.encode("utf-8", "surrogatepass")
            self._file.write(data)
            self._index[section].append((*sort_key, self._end, len(data)))
            self._end += len(data)

    def texts(self, section: SectionKey) -> Iterator[str]:
        """Yield the texts of a section in order."""
        for *_, offset, length in sorted(self._index.get(section, ())):
            self._file.seek(offset)
            yield self._file.read(length).decode("utf-8", "surrogatepass")

    def sections(self, name: str) -> list[SectionKey]:
        """Return the sections of this name: first the one whose first piece sorts first, then by their other words."""
        named = [(min(entries)[0], section) for section, entries in self._index.items() if section[0] == name]
        return [section for _, section in sorted(named)]
