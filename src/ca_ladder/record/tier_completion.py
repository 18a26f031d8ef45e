"""When a tier is complete, and whether its final sign-off still covers all decisions in it."""

from typing import TYPE_CHECKING

from ca_ladder.catalogue.models import Item, Ladder, Tier
from ca_ladder.record.causality import with_ancestors
from ca_ladder.record.events import Event
from ca_ladder.record.projection import Known

if TYPE_CHECKING:
    from ca_ladder.record.record import Record


def completion(known: Known, ladder: Ladder, tier: Tier) -> tuple[list[str], int, int]:
    """Return what a tier still lacks, and how many of its items are signed and how many waived.

    Missing are the ids of all items, of this tier and those below it, that are not settled.
    """
    items = _items_up_to(ladder, tier)
    statuses = {item.id: known.status(item) for item in items}
    missing = [id_ for id_, status in statuses.items() if not status.settled]
    states_in_tier = [statuses[item.id].state for item in items if item.tier and item.tier.id == tier.id]
    return missing, states_in_tier.count("signed"), states_in_tier.count("waived")


def final_sign_off(record: "Record", ladder: Ladder, tier: Tier) -> Event | None:
    """Return the tier's final sign-off if it covers all that is decided today in the tier and below it, else None."""
    graduation = record.graduations.get(tier.id)
    if graduation is None or completion(record, ladder, tier)[0]:
        return None
    before = with_ancestors(record.by_id, graduation.parents)
    return graduation if all(_covered(record, item, before) for item in _items_up_to(ladder, tier)) else None


def _covered(record: "Record", item: Item, before: set[str]) -> bool:
    """Whether one of these events still validly signs off or waives the item."""
    events = record.by_item.get(item.id, ())
    revoked = {event.of for event in events if event.kind == "revoke"}
    return any(
        event.kind in {"sign-off", "waive"}
        and event.id in before
        and event.id not in revoked
        and event.revision >= item.revision
        for event in events
    )


def _items_up_to(ladder: Ladder, tier: Tier) -> list[Item]:
    """Return the items of this tier and of those below it."""
    tier_ids = [tier.id for tier in ladder.role.tiers]
    included = tier_ids[: tier_ids.index(tier.id) + 1]
    return [item for item in ladder.items.values() if item.tier and item.tier.id in included]
