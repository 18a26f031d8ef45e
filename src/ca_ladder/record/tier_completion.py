"""When a tier is complete, and whether its final sign-off covers what is decided in it today."""

from ca_ladder.catalogue.models import Item, Ladder, Tier
from ca_ladder.record.causality import with_ancestors
from ca_ladder.record.events import Event
from ca_ladder.record.record import Record


def completion(record: Record, ladder: Ladder, tier: Tier) -> tuple[list[str], int, int]:
    """Return what is not signed off yet in a tier and those below it; how many in the tier are, and are waived."""
    upto = _upto(ladder, tier)
    states = {item.id: record.status(item).state for item in upto}
    own = [states[item.id] for item in upto if item.tier and item.tier.id == tier.id]
    missing = [id_ for id_, state in states.items() if state not in {"signed", "waived"}]
    return missing, own.count("signed"), own.count("waived")


def final_sign_off(record: Record, ladder: Ladder, tier: Tier) -> Event | None:
    """Return the final sign-off that covers all that is decided in a tier, and below it, today; None if none does."""
    given = record.graduations.get(tier.id)
    if given is None or completion(record, ladder, tier)[0]:
        return None
    before = with_ancestors(record.known, given.parents)
    return given if all(_decided(record, item, before) for item in _upto(ladder, tier)) else None


def _decided(record: Record, item: Item, before: set[str]) -> bool:
    """Whether a sign-off or waiver of the item that stands today is among these events, be it not the last."""
    last = record.status(item).last
    if last and last.id in before:
        return True
    events = record.by_item.get(item.id, ())
    revoked = {event.of for event in events if event.kind == "revoke"}
    return any(
        event.kind in {"sign-off", "waive"}
        and event.id in before
        and event.id not in revoked
        and (event.wording is None or event.wording.revision >= item.revision)
        for event in events
    )


def _upto(ladder: Ladder, tier: Tier) -> list[Item]:
    tiers = [each.id for each in ladder.role.tiers]
    upto = tiers[: tiers.index(tier.id) + 1]
    return [item for item in ladder.items.values() if item.tier and item.tier.id in upto]
