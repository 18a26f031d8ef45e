"""What the counts come to, in sentences: the same in every format that people read."""

from collections.abc import Sequence

from ca_ladder.progress import ItemProgress, TierProgress, TraineeProgress, waiting_items

MOST_IDS = 12


def verdict(progress: TraineeProgress) -> list[str]:
    """Return a sentence for each tier, then what is overdue, what waits for a mentor and what was returned."""
    lines = [_pace(tier, progress) for tier in progress.tiers if tier.counts.total and tier.begins]
    overdue = [each for each in progress.items if each.overdue]
    waiting = waiting_items(progress)
    returned = [each for each in progress.items if each.state == "returned"]
    if overdue:
        theirs = sum(each.state == "checked" for each in overdue)
        told = f" ({theirs} of them wait{'s' * (theirs == 1)} for a mentor)" if theirs else ""
        lines.append(f"Overdue{told}: {_ids(overdue)}")
    if waiting and waiting[0].standing.check:
        lines.append(f"Waiting for a mentor (oldest since {waiting[0].standing.check.on}): {_ids(waiting)}")
    if returned:
        lines.append(f"Returned, to do again: {_ids(returned)}")
    return [line for line in lines if line]


def _pace(tier: TierProgress, progress: TraineeProgress) -> str:
    """Return where a tier stands against what is expected; nothing for one without a due date."""
    counts, name = tier.counts, tier.tier.id
    if counts.signed == counts.total:
        return f"Tier {name}: all {counts.total} signed off."
    if tier.begins and tier.begins > progress.as_of:
        return f"Tier {name}: begins on {tier.begins}."
    if tier.ahead is None:
        return ""
    pace = "on pace" if tier.ahead == 0 else f"{abs(tier.ahead)} {'ahead' if tier.ahead > 0 else 'behind'}"
    return f"Tier {name}: {tier.expected} of {counts.total} expected by now, {counts.done} checked or signed: {pace}."


def _ids(items: Sequence[ItemProgress]) -> str:
    more = f" and {len(items) - MOST_IDS} more" if len(items) > MOST_IDS else ""
    return ", ".join(each.item.id for each in items[:MOST_IDS]) + more
