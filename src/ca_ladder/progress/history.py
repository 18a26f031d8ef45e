"""What was written, as a reader needs it: of the whole record, or all there is to know of one item."""

from typing import NamedTuple

from ca_ladder.catalogue.models import Item
from ca_ladder.progress.trainee import ItemProgress, TraineeProgress
from ca_ladder.record.events import Event
from ca_ladder.record.folding import Record, State, folded_together


class HistoryLine(NamedTuple):
    """One event as a reader needs it: whether it was taken back, and from whose account a decision was written.

    ``of`` is the event revoked or undone. ``own_account``: a mentor's decision from an account the trainee writes
    from. People sit together; it is allowed, and shown.
    """

    event: Event
    undone: bool
    own_account: bool
    of: Event | None


def history(record: Record, item_id: str | None = None) -> tuple[HistoryLine, ...]:
    """Return all that was written, or all of one item, oldest first."""
    known = {event.id: event for event in record.events}
    return tuple(
        HistoryLine(
            event=event,
            undone=event.id in record.undone,
            own_account=event.by.role != "trainee" and event.origin in record.trainee_origins,
            of=known.get(event.of) if event.of else None,
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


def detail(progress: TraineeProgress, record: Record, item_id: str) -> ItemDetail | None:
    """Return what is known of this id; None when neither the catalogue nor the record has it."""
    ladder = progress.ladder
    item = ladder.role.items.get(item_id)
    past = history(record, item_id)
    words = [line.event.wording.text for line in past if line.event.wording]
    if item is None and not past:
        return None
    own = next((each for each in progress.items if each.item.id == item_id), None)
    children = {child: record.standing(ladder.role.items[child]).state for child in item.children} if item else {}
    state = folded_together(children.values()) if children else own.state if own else None
    return ItemDetail(
        id=item_id,
        text=item.text if item else words[-1] if words else "",
        item=item,
        progress=own,
        state=state,
        absent=ladder.absence(item) if item else "it is no longer in the catalogue",
        children=children,
        history=past,
    )
