"""Facts about tasks, items and tiers in words: the same for `show` and for the whole ladder."""

from ca_ladder.catalogue.models import Condition, Item, Months, Task
from ca_ladder.errors import plural

Fact = tuple[str, str]


def task_facts(task: Task) -> list[Fact]:
    """Return when learning starts, the gate, and the tiers in which the task is not required."""
    facts = [
        ("Learning starts", in_months(task.begins) if task.begins else ""),
        ("Needs first", f"{task.gate}, before any expectation here is signed off" if task.gate else ""),
        ("Not asked for", f"in tier {', '.join(task.not_required)}" if task.not_required else ""),
    ]
    return [fact for fact in facts if fact[1]]


def item_facts(item: Item) -> list[Fact]:
    """Return the tasks that an item opens, its note, who leads it, and its parts."""
    opens = " and ".join(item.opens)
    facts = [
        ("Opens", f"the expectations of {opens}: none is signed off before this" if opens else ""),
        ("Mind", item.entry.note or ""),
        ("Led by", f"the {item.led_by}" if item.led_by else ""),
        ("Parts", ", ".join(item.entry.parts)),
    ]
    return [fact for fact in facts if fact[1]]


def depends(condition: Condition, what: str = "it") -> str:
    """Return the sentences on a condition, and on what to do if it does not apply."""
    text = condition.text if condition.text[-1] in ".!?" else f"{condition.text}."
    until = " It waits for the occasion, which nobody can bring about." if condition.occasion else ""
    return f"{text}{until} If it does not apply, a mentor can waive {what}."


def in_months(months: Months | None) -> str:
    """Return a range of months: "2-3 months in the role", or "from 6 months in the role"."""
    if not months:
        return "no set months"
    if months.until:
        return f"{months.first}-{plural(months.until, 'month')} in the role"
    if not months.first:
        return "from the first day in the role"
    return f"from {plural(months.first, 'month')} in the role"
