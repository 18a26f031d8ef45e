"""The history of a record, and all details of one item."""

from collections.abc import Sequence
from typing import NamedTuple

from ca_ladder.catalogue.models import Item, Ladder, Role
from ca_ladder.progress.results import ItemProgress, TraineeProgress
from ca_ladder.record.events import Event
from ca_ladder.record.projection import ItemStatus, State, parent_state
from ca_ladder.record.record import Record


class HistoryLine(NamedTuple):
    """One event with what a reader wants to know about it.

    ``does_not_count`` is why the event does not count, None if it does. ``undone``: it was undone later. ``of`` is the
    event that it revokes or undoes. ``promoted``: the trainee got another role. ``own_account``: a mentor decided from
    an account that the trainee uses. People sit together, so that is allowed, and shown.
    """

    event: Event
    does_not_count: str | None
    undone: bool
    own_account: bool
    of: Event | None
    promoted: bool


def history(record: Record, item_id: str | None = None) -> tuple[HistoryLine, ...]:
    """Return the events of the record, or of one item, oldest first."""
    broken = record.violations
    return tuple(
        HistoryLine(
            event=event,
            does_not_count=broken[index].sentence if index in broken else None,
            undone=event.id in record.undone,
            own_account=event.by.role != "trainee" and event.account in record.trainee_accounts,
            of=record.by_id.get(event.of) if event.of else None,
            promoted=record.promotes(event),
        )
        for index, event in enumerate(record.events)
        if item_id is None or event.item == item_id
    )


class Absence(NamedTuple):
    """Why an item is not asked for, what the record holds of it, and the item that replaces it.

    ``why`` is None for a parent, which follows from its children. ``replaced_by`` is the first item in the chain of
    replacements that is still asked for.
    """

    why: str | None
    held: ItemStatus
    replaced_by: Item | None


class ItemDetail(NamedTuple):
    """All details of one id: the progress of an item, the children's states of a parent.

    ``item`` is None if the catalogue no longer has the id; ``text`` is then the text that was last signed or checked.
    ``absence`` is None if the item counts.
    """

    id: str
    text: str
    item: Item | None
    progress: ItemProgress | None
    state: State | None
    absence: Absence | None
    children: dict[str, State]
    history: tuple[HistoryLine, ...]


def detail(progress: TraineeProgress, record: Record, item_id: str, roles: Sequence[Role] = ()) -> ItemDetail | None:
    """Return the details of an id; None if neither the role nor the record has it.

    The item may also belong to one of the ``roles``, if the trainee had another role before.
    """
    lines = history(record, item_id)
    roles = roles if lines else ()
    role = _role_of(progress.ladder, item_id, roles)
    item = role.items.get(item_id)
    words = [line.event.wording.text for line in lines if line.event.wording]
    if item is None and not lines:
        return None
    item_progress = next((known for known in progress.items if known.item.id == item_id), None)
    children = {child: record.status(role.items[child]).state for child in item.children} if item else {}
    state = parent_state(children.values()) if children else item_progress.state if item_progress else None
    return ItemDetail(
        id=item_id,
        text=item.text if item else words[-1] if words else "",
        item=item,
        progress=item_progress,
        state=state,
        absence=absence(progress.ladder, record, item_id, roles),
        children=children,
        history=lines,
    )


def absence(ladder: Ladder, record: Record, item_id: str, roles: Sequence[Role] = ()) -> Absence | None:
    """Return why the item is not asked for, and what is left of it; None if it is asked for."""
    if item_id in ladder.items:
        return None
    role = _role_of(ladder, item_id, roles)
    item = role.items.get(item_id)
    why: str | None = "it is no longer in the catalogue"
    if item:
        why = ladder.absence(item) if role is ladder.role else f"it belongs to the role {role.name}"
    return Absence(why, record.status_of_any_revision(item_id), _successor(ladder, role, item) if item else None)


def _successor(ladder: Ladder, role: Role, item: Item) -> Item | None:
    """Return the first item in the chain of replacements that is still asked for."""
    seen: set[str] = set()
    following: Item | None = item
    while following and following.replaced_by and following.id not in seen:
        seen.add(following.id)
        following = role.items.get(following.replaced_by)
        if following and not following.retired and (role is not ladder.role or ladder.has(following)):
            return following
    return None


def _role_of(ladder: Ladder, item_id: str, roles: Sequence[Role]) -> Role:
    """Return the role that has the item; the trainee's own if it has it, or if none does."""
    if item_id in ladder.role.items:
        return ladder.role
    return next((role for role in roles if item_id in role.items), ladder.role)
