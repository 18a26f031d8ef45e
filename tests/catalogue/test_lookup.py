"""What a person typed, nearly right: the thing meant is found, or the nearest is offered."""

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


def sentence(find: Callable[[], object]) -> str:
    """Return what a person is told whose words lead nowhere; always bad input (exit code 2)."""
    with pytest.raises(Unknown) as unknown:
        find()
    assert unknown.value.exit_code == 2
    return str(unknown.value)


# --- tiers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "tier"),
    [
        ("3-6", "3-6"),
        ("3\u20136", "3-6"),  # en dash, as the page prints it
        ("3\u22126", "3-6"),  # minus
        ("3-6 mos", "3-6"),
        ("3\u20136 mos.", "3-6"),
        ("0-3 months", "0-3"),
        ("6+ mos", "6+"),
        ("6+", "6+"),
        (" 6+ ", "6+"),
        ("meeting", "3-6"),
        ("MEETING  Expectations", "3-6"),
        ("exc", "6+"),
        ("0 months", "0-3"),
        ("new in role", "0-3"),
        ("1", "0-3"),
        ("2", "3-6"),
    ],
)
def test_a_tier_is_understood_as_people_write_it(typed: str, tier: str) -> None:
    """The id, the title or its beginning, and the number of the tier all lead to it."""
    assert find_tier(CLERK, typed).id == tier


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("3", "Did you mean 3-6 or 6+?"),  # the months, or the third
        ("4", "The tiers are 0-3, 3-6, 6+."),
        ("3-7", "Did you mean 3-6?"),
        ("expectations", "Did you mean 3-6 or 6+?"),
        ("3 months", "Did you mean 0-3 or 3-6?"),
        ("00021", "The tiers are 0-3, 3-6, 6+."),
        ("9" * 5000, "The tiers are 0-3, 3-6, 6+."),
        ("\u00b2", "The tiers are 0-3, 3-6, 6+."),
        ("mos", "The tiers are 0-3, 3-6, 6+."),
        ("", "The tiers are 0-3, 3-6, 6+."),
    ],
)
def test_a_tier_that_is_not_there_is_told_with_what_is(typed: str, told: str) -> None:
    """A month is not a tier's number, and no number however long is more than unknown."""
    assert sentence(lambda: find_tier(CLERK, typed)) == f'There is no tier "{typed}". {told}'


def test_an_id_that_is_a_number_comes_before_the_count() -> None:
    """Where a tier is called 2, "2" is that tier, and not the second one."""
    role = Role(id="r", name="R", tiers=(Tier(id="2", title="Late"), Tier(id="1", title="Early")), tasks=CLERK.tasks)

    assert find_tier(role, "2").title == "Late"


# --- tasks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "task"),
    [
        ("mail", "mail"),
        ("MAIL", "mail"),
        ("incoming  mail", "mail"),
        ("inc", "mail"),
        ("owner", "bill-run"),
        ("questions", "bill-ask"),
        ("bill-r", "bill-run"),
        ("check-in", "check-ins"),
        ("check in", "check-ins"),
        ("policy", "check-ins"),
    ],
)
def test_a_task_is_found_by_id_name_or_the_beginning_of_a_word(typed: str, task: str) -> None:
    """Any words that only one task has lead to it, in small or capital letters."""
    assert find_task(CLERK.tasks, typed).id == task


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("billing", "Did you mean bill-ask or bill-run?"),
        ("bill", "Did you mean bill-ask or bill-run?"),
        ("mial", "Did you mean mail?"),
        ("chek-ins", "Did you mean check-ins?"),
        ("ail", "Did you mean mail?"),
        ("zzz", "See: ca-ladder status"),
        ("", "See: ca-ladder status"),
    ],
)
def test_a_task_that_is_not_clear_is_offered(typed: str, told: str) -> None:
    """Where several tasks fit, each of them is offered; where none does, the nearest."""
    assert sentence(lambda: find_task(CLERK.tasks, typed)) == f'There is no task "{typed}". {told}'


def test_an_id_comes_before_a_name() -> None:
    """A task that is named like another one's id does not take its place."""
    tasks = (Task(id="mail", name="Post", why="W"), Task(id="post", name="Mail", why="W"))

    assert [find_task(tasks, typed).id for typed in ("mail", "post")] == ["mail", "post"]


# --- roles and variants ---------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "role"), [("clerk", "clerk"), ("Office clerk", "clerk"), ("sen", "senior")])
def test_a_role_is_found_by_id_or_name(typed: str, role: str) -> None:
    """A role is found like a task."""
    assert find_role(OFFICE, typed).id == role


@pytest.mark.parametrize(
    ("typed", "told"), [("clrek", "Did you mean clerk?"), ("boss", "See: ca-ladder catalogue roles")]
)
def test_a_role_that_is_not_there_is_told_with_the_nearest(typed: str, told: str) -> None:
    """The nearest role is offered, or the command that lists them."""
    assert sentence(lambda: find_role(OFFICE, typed)) == f'There is no role "{typed}". {told}'


@pytest.mark.parametrize("typed", ["large", "LARGE ACCOUNTS", "acc"])
def test_a_variant_is_found_by_id_or_name(typed: str) -> None:
    """A variant is found like a task."""
    assert find_variant(CLERK, typed).id == "large"


def test_a_role_without_variants_says_where_they_are_listed() -> None:
    """A variant of a role that has none is unknown, and nothing worse."""
    told = 'There is no variant "large". See: ca-ladder catalogue roles'

    assert sentence(lambda: find_variant(SENIOR, "large")) == told


# --- items and choices ----------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["mail-01", "MAIL-01", " Mail-01 "])
def test_an_item_is_found_by_its_id(typed: str) -> None:
    """Capital letters and space around an id do not matter."""
    assert find_item(CLERK, typed).id == "mail-01"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("mail01", "Did you mean mail-01?"),
        ("mail-03", "Did you mean mail-02 or mail-01?"),
        ("mail", "It is a task: ca-ladder show mail"),
        ("xyz", "All ids: ca-ladder list"),
        ("", "All ids: ca-ladder list"),
    ],
)
def test_an_item_that_is_not_there_is_told_with_the_nearest(typed: str, told: str) -> None:
    """The nearest ids are offered, or the command that lists them all."""
    assert sentence(lambda: find_item(CLERK, typed)) == f'There is no item "{typed}". {told}'


def test_only_the_ids_given_are_offered() -> None:
    """Where only some ids make sense, no other one is offered."""
    told = 'There is no item "mail-03". Did you mean mail-02?'

    assert sentence(lambda: find_item(CLERK, "mail-03", ids=["mail-02"])) == told


def test_an_item_outside_the_ids_given_is_found_all_the_same() -> None:
    """The narrower ids are for the offer: an id that exists is always understood."""
    assert find_item(CLERK, "mail-01", ids=["mail-02"]).id == "mail-01"


@pytest.mark.parametrize("typed", ["skill", "Skill", " SKILL "])
def test_a_choice_is_understood_in_any_letters(typed: str) -> None:
    """Capital letters and space around a choice do not matter."""
    assert choose("kind", typed, ["skill", "ability"]) == "skill"


@pytest.mark.parametrize(("typed", "told"), [("skils", "Did you mean skill?"), ("x", "Choose from: skill, ability.")])
def test_a_choice_that_is_not_there_is_told_with_the_nearest(typed: str, told: str) -> None:
    """The nearest choice is offered, or all of them."""
    assert sentence(lambda: choose("kind", typed, ["skill", "ability"])) == f'There is no kind "{typed}". {told}'
