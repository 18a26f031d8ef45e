"""What a person typed, nearly right: what is meant is found, or the nearest is offered."""

from collections.abc import Callable

import pytest

from ca_ladder.catalogue.lookup import choose, find_item, find_role, find_task, find_tier, find_variant
from ca_ladder.catalogue.models import Catalogue, Entry, Months, Role, Task, Tier, Variant
from ca_ladder.errors import Unknown

CLERK = Role(
    id="clerk",
    name="Office Clerk",
    variants=(Variant(id="large", name="Large accounts"),),
    tiers=(
        Tier(id="0-3", title="New in role", months=Months(first=0, until=3)),
        Tier(id="3-6", title="Meeting expectations", months=Months(first=3, until=6)),
        Tier(id="6+", title="Exceeding expectations", months=Months(first=6)),
    ),
    tasks=(
        Task(
            id="mail",
            name="Incoming mail",
            why="People wait",
            expectations={"0-3": (Entry(id="mail-01", text="Sort"), Entry(id="mail-02", text="Open"))},
        ),
        Task(id="bill-ask", name="Client billing questions", why="Clients wait"),
        Task(id="bill-run", name="Ownership of billing", why="Carriers wait"),
        Task(id="check-ins", name="Policy check-ins", why="Errors wait"),
    ),
)
SENIOR = Role(id="senior", name="Senior", tiers=(Tier(id="duties", title="Duties"),), tasks=CLERK.tasks[:1])
OFFICE = Catalogue(version="1", roles=(CLERK, SENIOR))
FINDERS: dict[str, Callable[[str], str]] = {
    "tier": lambda typed: find_tier(CLERK, typed).id,
    "task": lambda typed: find_task(CLERK.tasks, typed).id,
    "role": lambda typed: find_role(OFFICE, typed).id,
    "variant": lambda typed: find_variant(CLERK, typed).id,
    "item": lambda typed: find_item(CLERK, typed).id,
    "kind": lambda typed: choose("kind", typed, ["skill", "ability"]),
}


@pytest.mark.parametrize(
    ("what", "typed", "id_"),
    [
        ("tier", "3-6", "3-6"),
        ("tier", "3\u20136", "3-6"),  # en dash, as the page prints it
        ("tier", "3\u22126", "3-6"),  # minus
        ("tier", "3\u20136 mos.", "3-6"),
        ("tier", "0-3 months", "0-3"),
        ("tier", "6+ mos", "6+"),
        ("tier", "meeting", "3-6"),
        ("tier", "MEETING  Expectations", "3-6"),
        ("tier", "exc", "6+"),
        ("tier", "0 months", "0-3"),
        ("tier", "new in role", "0-3"),
        ("tier", "1", "0-3"),
        ("tier", "2", "3-6"),
        ("task", "mail", "mail"),
        ("task", "incoming  mail", "mail"),
        ("task", "owner", "bill-run"),
        ("task", "questions", "bill-ask"),
        ("task", "bill-r", "bill-run"),
        ("task", "check-in", "check-ins"),
        ("task", "check in", "check-ins"),
        ("task", "policy", "check-ins"),
        ("role", "clerk", "clerk"),
        ("role", "sen", "senior"),
        ("variant", "LARGE ACCOUNTS", "large"),
        ("variant", "acc", "large"),
        ("item", "mail-01", "mail-01"),
        ("item", "MAIL-01", "mail-01"),
        ("item", " Mail-01 ", "mail-01"),
        ("kind", "skill", "skill"),
        ("kind", " SKILL ", "skill"),
    ],
)
def test_what_is_meant_is_found(what: str, typed: str, id_: str) -> None:
    """The id leads to it in any letters, and so does any word of the name that only one has, or a tier's number."""
    assert FINDERS[what](typed) == id_


@pytest.mark.parametrize(
    ("what", "typed", "offer"),
    [
        ("tier", "3", "Did you mean 3-6 or 6+?"),  # the months, or the third
        ("tier", "4", "The tiers are 0-3, 3-6, 6+."),  # a month is not a tier's number
        ("tier", "3-7", "Did you mean 3-6?"),
        ("tier", "expectations", "Did you mean 3-6 or 6+?"),
        ("tier", "3 months", "Did you mean 0-3 or 3-6?"),
        ("tier", "9" * 5000, "The tiers are 0-3, 3-6, 6+."),
        ("tier", "\u00b2", "The tiers are 0-3, 3-6, 6+."),
        ("tier", "mos", "The tiers are 0-3, 3-6, 6+."),
        ("tier", "", "The tiers are 0-3, 3-6, 6+."),
        ("task", "billing", "Did you mean bill-ask or bill-run?"),
        ("task", "mial", "Did you mean mail?"),
        ("task", "chek-ins", "Did you mean check-ins?"),
        ("task", "ail", "Did you mean mail?"),
        ("task", "zzz", "See: ca-ladder status"),
        ("task", "", "See: ca-ladder status"),
        ("role", "clrek", "Did you mean clerk?"),
        ("role", "boss", "See: ca-ladder catalogue roles"),
        ("variant", "boss", "See: ca-ladder catalogue roles"),
        ("item", "mail01", "Did you mean mail-01?"),
        ("item", "mail-03", "Did you mean mail-02 or mail-01?"),
        ("item", "mail", "It is a task: ca-ladder show mail"),
        ("item", "xyz", "All ids: ca-ladder list"),
        ("item", "", "All ids: ca-ladder list"),
        ("kind", "skils", "Did you mean skill?"),
        ("kind", "x", "Choose from: skill, ability."),
    ],
)
def test_what_is_not_clear_is_offered(what: str, typed: str, offer: str) -> None:
    """All that fit are offered, or the nearest, or what lists them; this is bad input (exit code 2)."""
    with pytest.raises(Unknown) as unknown:
        FINDERS[what](typed)
    assert unknown.value.exit_code == 2
    assert str(unknown.value) == f'There is no {what} "{typed}". {offer}'


def test_an_id_comes_before_a_number_or_a_name() -> None:
    """A tier that is called 2 is "2", not the second one. A task named like the id of another does not replace it."""
    role = Role(id="r", name="R", tiers=(Tier(id="2", title="Late"), Tier(id="1", title="Early")), tasks=CLERK.tasks)
    tasks = (Task(id="mail", name="Post", why="W"), Task(id="post", name="Mail", why="W"))

    assert find_tier(role, "2").title == "Late"
    assert [find_task(tasks, typed).id for typed in ("mail", "post")] == ["mail", "post"]


def test_only_the_ids_given_are_offered_but_every_id_is_found() -> None:
    """Where only some ids make sense, no other one is offered. An id that exists is always understood."""
    with pytest.raises(Unknown, match=r'^There is no item "mail-03"\. Did you mean mail-02\?$'):
        find_item(CLERK, "mail-03", ids=["mail-02"])
    assert find_item(CLERK, "mail-01", ids=["mail-02"]).id == "mail-01"
