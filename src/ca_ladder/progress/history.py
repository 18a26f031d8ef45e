"""What was written, as a reader needs it: of the whole record, or all there is to know of one item."""

from collections.abc import Sequence
from typing import NamedTuple

from ca_ladder.catalogue.models import Item, Ladder, Role
from ca_ladder.progress.results import ItemProgress, TraineeProgress
from ca_ladder.record.events import Event
from ca_ladder.record.projection import ItemStatus, State, parent_state
from ca_ladder.record.record import Record


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


class Absence(NamedTuple):
    """Of an item that is not asked for by itself: why, what the record still holds of it, and what replaces it.

    ``why`` is None for a parent: it follows from its children, and whatever was signed of it before is only kept.
    What replaces it is still asked for: of several, one after the other, the first that is.
    """

    why: str | None
    held: ItemStatus
    replaced_by: Item | None


class ItemDetail(NamedTuple):
    """All there is to know of one id: of a counted item its progress, of a parent its children's states.

    ``item`` is None when the catalogue no longer has the id: ``text`` is then what was last signed or checked.
    ``absence`` is told of what is not counted.
    """

    id: str
    text: str
    item: Item | None
    progress: ItemProgress | None
    state: State | None
    absence: Absence | None
    children: dict[str, State]
    history: tuple[HistoryLine, ...]

    @property
    def absent(self) -> str | None:
        """Why the item is not on this trainee's ladder; None when it is."""
        return self.absence.why if self.absence else None


def detail(progress: TraineeProgress, record: Record, item_id: str, roles: Sequence[Role] = ()) -> ItemDetail | None:
    """Return what is known of this id; None when neither the role nor the record has it.

    An item of the record may be that of another of the ``roles``: one the trainee had before.
    """
    past = history(record, item_id)
    role = _home(progress.ladder, item_id, roles if past else ())
    item = role.items.get(item_id)
    words = [line.event.wording.text for line in past if line.event.wording]
    if item is None and not past:
        return None
    own = next((each for each in progress.items if each.item.id == item_id), None)
    children = {child: record.status(role.items[child]).state for child in item.children} if item else {}
    state = parent_state(children.values()) if children else own.state if own else None
    return ItemDetail(
        id=item_id,
        text=item.text if item else words[-1] if words else "",
        item=item,
        progress=own,
        state=state,
        absence=absence(progress.ladder, record, item_id, roles if past else ()),
        children=children,
        history=past,
    )


def absence(ladder: Ladder, record: Record, item_id: str, roles: Sequence[Role] = ()) -> Absence | None:
    """Return why this item is not asked for by itself, and what is left of it; None when it is."""
    if item_id in ladder.items:
        return None
    role = _home(ladder, item_id, roles)
    item = role.items.get(item_id)
    why: str | None = "it is no longer in the catalogue"
    if item:
        why = ladder.absence(item) if role is ladder.role else f"it belongs to the role {role.name}"
    return Absence(why, record.status_of_any_revision(item_id), _successor(ladder, role, item) if item else None)


def _successor(ladder: Ladder, role: Role, item: Item) -> Item | None:
    """Return the first that is still asked for of those that replaced an item, one after the other."""
    seen: set[str] = set()
    following: Item | None = item
    while following and following.replaced_by and following.id not in seen:
        seen.add(following.id)
        following = role.items.get(following.replaced_by)
        if following and not following.retired and (role is not ladder.role or ladder.has(following)):
            return following
    return None


def _home(ladder: Ladder, item_id: str, roles: Sequence[Role]) -> Role:
    """Return the role that has the item: the trainee's own, if it does or if none does."""
    if item_id in ladder.role.items:
        return ladder.role
    return next((role for role in roles if item_id in role.items), ladder.role)
