"""The fingerprint of a record's state: short enough to write down, and nothing written before it can change under it.

It is the count of events and the first 80 bits of each head's id. An id is a SHA-256 over the event and the ids it was
written on, so the heads stand for all that was written up to then.
"""

import re
from collections.abc import Iterable

from ca_ladder.errors import BadFingerprint
from ca_ladder.record.causality import with_ancestors
from ca_ladder.record.events import Event
from ca_ladder.record.record import Record

_DIGITS = 20
_FORM = re.compile(rf"(\d{{1,9}})-((?:[0-9a-f]{{{_DIGITS}}}\+)*[0-9a-f]{{{_DIGITS}}})")


def fingerprint(record: Record) -> str:
    """Return the record's fingerprint, such as ``42-9f3a-77c2-e041-b6d8-5a10``; several heads are joined with ``+``."""
    return _printed(len(record.events), record.heads)


def fingerprint_before(record: Record, event: Event) -> str:
    """Return the fingerprint of what the event was written on."""
    return _printed(len(with_ancestors(record.by_id, event.parents)), event.parents)


def understood(typed: str) -> str:
    """Return a fingerprint as it was typed, in the form that `fingerprint` returns; raises BadFingerprint."""
    count, _, heads = "".join(typed.casefold().split()).partition("-")
    found = _FORM.fullmatch(f"{count}-{heads.replace('-', '')}")
    if not found:
        raise BadFingerprint(typed)
    return f"{int(found[1])}-" + "+".join(sorted(_in_fours(head) for head in found[2].split("+")))


def holds(record: Record, printed: str) -> int | None:
    """Return how many events were added since the state with this fingerprint; None if that state is not in the record.

    It is there when its heads are, and as many events up to them as were counted.
    """
    count, _, heads = printed.partition("-")
    ids = {_in_fours(id_): id_ for id_ in record.by_id}
    wanted = heads.split("+")
    if not all(head in ids for head in wanted):
        return None
    before = with_ancestors(record.by_id, (ids[head] for head in wanted))
    return len(record.events) - len(before) if len(before) >= int(count) else None


def _printed(count: int, heads: Iterable[str]) -> str:
    return f"{count}-" + "+".join(sorted(_in_fours(head) for head in heads))


def _in_fours(id_: str) -> str:
    return "-".join(id_[place : place + 4] for place in range(0, _DIGITS, 4))
