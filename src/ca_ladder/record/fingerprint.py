"""The fingerprint of a record's state: short enough to write down, and different after any change to the past.

It is the number of events and the first 80 bits of each head's id. An id is a SHA-256 over the event and its parents'
ids, so the heads cover all their ancestors.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ca_ladder.errors import BadInput
from ca_ladder.record.causality import with_ancestors

if TYPE_CHECKING:
    from ca_ladder.record.record import Record

_DIGITS = 20
_FORM = re.compile(rf"(\d{{1,9}})-((?:[0-9a-f]{{{_DIGITS}}}\+)*[0-9a-f]{{{_DIGITS}}})")


def fingerprint(record: "Record") -> str:
    """Return the record's fingerprint, such as ``42-9f3a-77c2-e041-b6d8-5a10``. Several heads are joined with ``+``."""
    return printed_fingerprint(len(record.events), record.heads)


def parse_fingerprint(typed: str) -> str:
    """Return a typed fingerprint in the form of `fingerprint`; raises BadInput."""
    count, _, heads = "".join(typed.casefold().split()).partition("-")
    match = _FORM.fullmatch(f"{count}-{heads.replace('-', '')}")
    if not match:
        form = "42-9f3a-77c2-e041-b6d8-5a10, as a report prints it."
        raise BadInput(f'"{typed}" is not a fingerprint. It looks like {form}')
    return printed_fingerprint(int(match[1]), match[2].split("+"))


def events_since(record: "Record", printed: str) -> int | None:
    """Return the number of events added since the state with this fingerprint. None if the record lacks that state.

    The record has the state if it has the heads, and at least the counted number of events up to them.
    """
    count, _, heads = printed.partition("-")
    ids = {_in_fours(id_): id_ for id_ in record.by_id}
    if not all(head in ids for head in heads.split("+")):
        return None
    before = with_ancestors(record.by_id, (ids[head] for head in heads.split("+")))
    return len(record.events) - len(before) if len(before) >= int(count) else None


def printed_fingerprint(count: int, heads: Iterable[str]) -> str:
    """Return the fingerprint of a state with so many events and these heads."""
    return f"{count}-" + "+".join(sorted(_in_fours(head) for head in heads))


def _in_fours(id_: str) -> str:
    return "-".join(id_[start : start + 4] for start in range(0, _DIGITS, 4))
