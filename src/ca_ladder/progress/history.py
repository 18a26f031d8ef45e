"""What was written, as a reader needs it: of the whole record, or all there is to know of one item."""

from collections.abc import Sequence
from typing import NamedTuple

from ca_ladder.catalogue.models import Item, Ladder, Role
from ca_ladder.progress.trainee import ItemProgress, TraineeProgress
from ca_ladder.record.events import Event
from ca_ladder.record.folding import Record, State, folded_together


class HistoryLine(NamedTuple):
    """One event as a reader needs it: whether it was taken back, and from whose account a decision was written.

    ``promoted``: an enrolment that took the trainee to another role.
    ``of`` is the event revoked or undone. ``own_account``: a mentor's decision from an account the trainee writes
    from. People sit together; it is allowed, and shown.
    """

    event: Event
    undone: bool
    own_account: bool
    of: Event | None
    promoted: bool


def history(record: Record, item_id: str | None = None) -> tuple[HistoryLine, ...]:
    """Return all that was written, or all of one item, oldest first."""
    known = {event.id: event for event in record.events}
    return tuple(
        HistoryLine(
            event=event,
            undone=event.id in record.undone,
            own_account=event.by.role != "trainee" and event.origin in record.trainee_origins,
            of=known.get(event.of) if event.of else None,
            promoted=event.enrolment is not None and record.promotes(event),
        )
        for event in record.events
        if item_id is None or event.item == item_id
    )


class ItemDetail(NamedTuple):
    """All there is to know of one id: of a counted item its progress, of a parent its children's states.

    ``item`` is None when the catalogue no longer has the id: ``text`` is then what was last signed or checked.
    ``absent`` says why an item of the catalogue is not on this trainee's ladder.
    """

    id: str
    text: str
    item: Item | None
    progress: ItemProgress | None
    state: State | None
    absent: str | None
    children: dict[str, State]
    history: tuple[HistoryLine, ...]


def detail(progress: TraineeProgress, record: Record, item_id: str, roles: Sequence[Role] = ()) -> ItemDetail | None:
    """Return what is known of this id; None when neither the role nor the record has it.

    An item of the record may be that of another of the ``roles``: one the trainee had before.
    """
    ladder = progress.ladder
    past = history(record, item_id)
    former = next((role for role in roles if item_id in role.items and past), ladder.role)
    role = ladder.role if item_id in ladder.role.items else former
    item = role.items.get(item_id)
    words = [line.event.wording.text for line in past if line.event.wording]
    if item is None and not past:
        return None
    own = next((each for each in progress.items if each.item.id == item_id), None)
    children = {child: record.standing(role.items[child]).state for child in item.children} if item else {}
    state = folded_together(children.values()) if children else own.state if own else None
    return ItemDetail(
        id=item_id,
        text=item.text if item else words[-1] if words else "",
        item=item,
        progress=own,
        state=state,
        absent=_absence(ladder, role, item),
        children=children,
        history=past,
    )


def _absence(ladder: Ladder, role: Role, item: Item | None) -> str | None:
    """Return why an item is not on the trainee's ladder; None when it is."""
    if item is None:
        return "it is no longer in the catalogue"
    return ladder.absence(item) if role is ladder.role else f"it belongs to the role {role.name}"
