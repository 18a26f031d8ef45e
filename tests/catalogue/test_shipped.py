"""The catalogue that ships: everything the two source documents say is in it, once, in our own words."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.models import Item, Ladder, Months, Role, Task, Tier
from ca_ladder.catalogue.validation import load_catalogue

SHIPPED = shipped_path()
CATALOGUE = load_catalogue(SHIPPED)
ADVOCATE, ASSOCIATE = CATALOGUE.roles
TASKS = {task.id: task for task in ADVOCATE.tasks}
TEXT = SHIPPED.read_text("utf-8")


def sentences() -> Iterator[str]:
    """Yield everything in the catalogue that a person reads as a sentence of its own."""
    for role in CATALOGUE.roles:
        yield from (role.name, *role.responsibilities, *role.notes, role.disclaimer or "")
        yield from (condition.text for condition in role.conditions)
        yield from (tier.title for tier in role.tiers)
        for task in role.tasks:
            yield from (task.name, task.why, *task.notes)
            yield from (words for resource in task.resources for words in (resource.name, resource.note or ""))
        for item in role.items.values():
            yield from (item.text, *item.entry.parts, item.entry.note or "")


# --- what the source says, line by line -----------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "variants", "tiers", "kinds"),
    [
        (
            ADVOCATE,
            {"middle-market"},
            {"0-3": 39, "3-6": 37, "6+": 27},  # the line that is a parent is not counted
            {"expectation": 103, "knowledge": 10, "skill": 16, "ability": 12, "activity": 12, "manager-activity": 2},
        ),
        (
            ADVOCATE,
            set(),
            {"0-3": 36, "3-6": 28, "6+": 24},
            {"expectation": 88, "knowledge": 9, "skill": 15, "ability": 11, "activity": 9},
        ),
        (ASSOCIATE, set(), {"duties": 31}, {"expectation": 31, "qualification": 7}),
    ],
)
def test_every_line_of_the_source_counts(
    role: Role, variants: set[str], tiers: dict[str, int], kinds: dict[str, int]
) -> None:
    """Each tier and kind has as many items as the source has lines, with the variant Middle Market and without."""
    items = Ladder(role, frozenset(variants), CATALOGUE.version).items.values()

    assert Counter(item.tier.id for item in items if item.tier) == tiers
    assert Counter(item.kind for item in items) == kinds


def test_advocate_has_the_tasks_in_the_order_of_the_source() -> None:
    """The eight tasks keep their order and ids, which people type. One of them belongs to the variant."""
    ids = "certificates audits changes billing-questions billing-processing mail check-ins acumen"

    assert " ".join(task.id for task in ADVOCATE.tasks) == ids
    assert {task.id: task.variant for task in ADVOCATE.tasks if task.variant} == {"billing-processing": "middle-market"}


def test_tiers_have_the_titles_and_windows_of_the_source() -> None:
    """New in role is months [0,3), meeting [3,6), exceeding from 6 with no end. Duties have no window."""
    assert ADVOCATE.tiers == (
        Tier(id="0-3", title="New in role", months=Months(first=0, until=3)),
        Tier(id="3-6", title="Meeting expectations", months=Months(first=3, until=6)),
        Tier(id="6+", title="Exceeding expectations", months=Months(first=6)),
    )
    assert [(tier.id, tier.months) for tier in ASSOCIATE.tiers] == [("duties", None)]


def test_advocate_has_responsibilities_and_a_disclaimer_that_are_not_items() -> None:
    """Four core responsibilities with the business hours, and the disclaimer that the page is not all of the job."""
    assert len(ADVOCATE.responsibilities) == 4
    assert "8am-5pm" in ADVOCATE.responsibilities[3]
    assert ADVOCATE.disclaimer is not None
    assert "do not appear here" in ADVOCATE.disclaimer


def test_the_license_is_a_skill_that_gates_every_expectation_of_its_task() -> None:
    """Nothing of the task `changes` is signed off before the license line, a skill with a note and no condition."""
    gate = ADVOCATE.items["chg-s2"]
    of_changes = [item for item in ADVOCATE.items.values() if item.task is gate.task]
    expectations = {item.id for item in of_changes if item.kind == "expectation"}

    assert gate.kind == "skill"
    assert "license" in gate.text
    assert {item.id for item in of_changes if "chg-s2" in item.requires} == expectations
    assert len(expectations) == 16
    assert gate.condition is None  # the star is the author's own remark, not the footnote
    assert gate.entry.note == "Make certain that this holds for all alterations, advice and requests to carriers."


BUSINESSES = "Contractors, Restaurants, Building owners, Consultants, Social services, Manufacturers, Tech"
BOOK, DISPUTE = ADVOCATE.items["cert-09"].condition, ADVOCATE.items["aud-10"].condition


@pytest.mark.parametrize(
    ("field", "values"),
    [
        # "Begin learning this task" is when the task starts, and not an item.
        ("begins", {"certificates": Months(first=2, until=3)}),
        # "Not necessary to meet" (twice) makes tiers not required.
        ("not_required", {"acumen": ("0-3", "3-6")}),
        ("gate", {"changes": "chg-s2"}),
        # The three behaviors are children of one line, which is not counted.
        ("children", {"aud-11": ("aud-12", "aud-13", "aud-14")}),
        ("parent", dict.fromkeys(["aud-12", "aud-13", "aud-14"], "aud-11")),
        # Lines of the kind "ask the employee to explain" are led by the mentor, all others by nobody.
        ("led_by", dict.fromkeys(["cert-t1", "proc-t1", "proc-t2", "proc-t3", "pol-t1", "pol-t2"], "mentor")),
        # The footnote about Sr. CA and CM roles is for two lines; disputes are trained in real time.
        ("condition", {"cert-09": BOOK, "cert-10": BOOK, "aud-10": DISPUTE, "aud-a2": DISPUTE}),
    ],
)
def test_a_remark_of_the_source_is_a_field_of_its_lines(field: str, values: dict[str, object]) -> None:
    """A remark holds for the tasks or items that the source says, and for no others."""
    parts: tuple[Task | Item, ...] = (*ADVOCATE.tasks, *ADVOCATE.items.values())

    assert {part.id: getattr(part, field) for part in parts if getattr(part, field, None)} == values


def test_the_list_under_the_check_in_conversations_is_parts_of_one_activity() -> None:
    """They are not seven items, and no other item has parts."""
    parts = {item.id: item.entry.parts for item in ADVOCATE.items.values() if item.entry.parts}
    assert parts == {"pol-t2": tuple(BUSINESSES.split(", "))}


def test_conditions_and_parents_are_what_they_are_called() -> None:
    """The two footnotes keep their ids. A parent is in no count. Acumen has items in its last tier only."""
    assert (BOOK and BOOK.id, DISPUTE and DISPUTE.id) == ("depends-on-book", "audit-dispute")
    assert not ADVOCATE.items["aud-11"].counts
    assert list(TASKS["acumen"].expectations) == ["6+"]


def test_every_task_has_its_activities() -> None:
    """The twelve activities are in their tasks, those found among the technology lines too."""
    counted = Counter(item.task.id for item in ADVOCATE.items.values() if item.kind == "activity" and item.task)

    assert [counted[task] for task in TASKS] == [1, 1, 0, 2, 3, 1, 2, 2]


def test_the_dated_note_stays_dated() -> None:
    """What was true in March 2021 is told as of March 2021."""
    dated = [
        (resource.dated, resource.note) for task in ADVOCATE.tasks for resource in task.resources if resource.dated
    ]

    assert dated == [("2021-03", "Shows which carriers offer it. In March 2021 the list was still being built.")]


@pytest.mark.parametrize("condition", ["computer keyboard", "indoors", "1 to 2 nights"])
def test_associate_working_conditions_are_notes(condition: str) -> None:
    """The three working conditions are told as notes, one each, and never checked."""
    assert len([note for note in ASSOCIATE.notes if condition in note]) == 1
    assert not [item for item in ASSOCIATE.items.values() if condition in item.text]


@pytest.mark.parametrize("line", ["Department: Business Insurance.", "Status: exempt."])
def test_associate_heading_is_kept(line: str) -> None:
    """What the second document says above its summary is kept as notes."""
    assert line in ASSOCIATE.notes


# --- the wording ----------------------------------------------------------------------------------


def test_ids_are_unique_across_roles_and_short() -> None:
    """An id is typed by people and stays with one item for ever, whatever the role."""
    ids = [id_ for role in CATALOGUE.roles for id_ in role.items]

    assert [id_ for id_, times in Counter(ids).items() if times > 1] == []
    assert [id_ for id_ in ids if not re.fullmatch(r"[a-z]+-(?:\d\d|[ksatm]\d)", id_) or len(id_) > 8] == []


def test_no_two_items_of_a_task_and_tier_read_the_same() -> None:
    """Two items side by side with the same words could not be told apart on the screen."""
    items = [item for role in CATALOGUE.roles for item in role.items.values()]
    times = Counter((item.kind, item.task and item.task.id, item.tier and item.tier.id, item.text) for item in items)

    assert times.most_common(1)[0][1] == 1


def test_the_file_is_ascii() -> None:
    """The shipped words print on every console, whatever its encoding."""
    assert [(number, line) for number, line in enumerate(TEXT.splitlines(), 1) if not line.isascii()] == []


@pytest.mark.parametrize(
    "item",
    [pytest.param(item, id=item.id) for role in CATALOGUE.roles for item in role.items.values()],
)
def test_an_item_is_one_short_statement(item: Item) -> None:
    """A text starts with a capital letter, has at most 200 characters, one line, and no full stop."""
    assert re.fullmatch(r"[A-Z][^\n]{4,198}[^.\s]", item.text)
    assert "  " not in item.text


def test_a_system_has_one_spelling_and_nobody_is_named() -> None:
    """One name per system, "the agency" for the company, and no employee's name."""
    wrong = r"\bWS\b|\bAMS\b|Christensen|\bCG\b|Lillian|Stacy|World Class|incompliant|Marking\b"

    assert [sentence for sentence in sentences() if re.search(wrong, sentence)] == []
    # The file's comments are read by authors: the names stay out of them too.
    assert re.findall(r"Christensen|\bCG\b|Lillian|Stacy|World Class|Work Smart|Worksmart", TEXT) == []


@pytest.mark.parametrize("system", ["AMS360", "WorkSmart", "OneNote", "RoboForm", "Reference Connect"])
def test_a_system_is_spelt_alike_everywhere(system: str) -> None:
    """However the source spells it, a system has one name here."""
    letters = r"\s?".join(system.replace(" ", ""))
    assert set(re.findall(letters, " ".join(sentences()), re.IGNORECASE)) == {system}


@pytest.mark.parametrize(
    ("item", "facts"),
    [
        # Client Advocate
        ("cert-08", ["waiver of subrogation", "additional insureds"]),
        ("cert-k1", ["every box"]),
        ("aud-01", ["AMS360", "premium"]),
        ("aud-02", ["WorkSmart"]),
        ("aud-03", ["payroll codes", "rates"]),
        ("aud-04", ["service standards", "top priority"]),
        ("aud-05", ["disputes after the audit"]),
        ("aud-07", ["CM", "producer", "differ by team"]),
        ("aud-08", ["ownership structures", "employee count", "Minnesota", "MN"]),
        ("aud-09", ["exp mods", "classifications"]),
        ("aud-10", ["little or no help"]),
        ("aud-14", ["producer", "CM"]),
        ("aud-k3", ["CISR", "equivalent"]),
        ("aud-a1", ["WC", "each state"]),
        ("aud-t1", ["Reference Connect", "payroll codes"]),
        ("chg-01", ["AMS360", "endorsement"]),
        ("chg-04", ["processing, review, filing and billing"]),
        ("chg-05", ["on-demand processing"]),
        ("chg-07", ["out of sequence"]),
        ("chg-08", ["service standards", "without help"]),
        ("chg-13", ["multiple coverages"]),
        ("chg-15", ["no backlog"]),
        ("bill-10", ["single interaction"]),
        ("bill-11", ["carrier's website", "kindly"]),
        ("bill-12", ["producers"]),
        ("proc-02", ["annual", "installment", "Surplus Lines Tax"]),
        ("proc-03", ["CSA", "cancellation"]),
        ("proc-04", ["installment", "Surplus Lines Tax"]),
        ("proc-05", ["Surplus Lines Tax", "commission", "agency files", "broker"]),
        ("proc-06", ["Premium Finance", "quotes"]),
        ("proc-07", ["down payments"]),
        ("proc-08", ["AOR", "WorkSmart"]),
        ("proc-09", ["future installments"]),
        ("proc-10", ["Statements/Invoice", "Accounting", "Direct Bill Unbilled Items", "Commission Audit"]),
        ("proc-12", ["Premium Allocations"]),
        ("proc-13", ["master/sub/multi-entity", "agency bill"]),
        ("proc-14", ["pay plan", "AMS360"]),
        ("proc-15", ["multi-entity invoice", "certain types of accounts only"]),
        ("proc-a1", ["Excel"]),
        ("proc-m1", ["Direct Bill Unbilled Items"]),
        ("proc-m2", ["Accounting", "non-payment"]),
        ("mail-02", ["WorkSmart", "categories"]),
        ("mail-03", ["Commercial Lines", "CL"]),
        ("mail-07", ["Customer Service Model"]),
        ("mail-08", ["twice a day", "morning", "end of the day"]),
        ("mail-10", ["reminders"]),
        ("mail-11", ["6-8 times a day"]),
        ("mail-12", ["50 items or fewer", "bigger book"]),
        ("pol-02", ["AMS360"]),
        ("pol-04", ["automatic renewals", "limits"]),
        ("pol-07", ["exclusions"]),
        ("pol-08", ["Description of operations"]),
        ("pol-10", ["pre-renewal", "Core", "proposed", "bound", "issued"]),
        ("pol-15", ["30 days"]),
        ("pol-17", ["phone or email"]),
        ("pol-18", ["WorkSmart"]),
        ("pol-20", ["0-14 days"]),
        ("pol-t1", ["auto symbols", "VINs"]),
        ("tech-02", ["billing"]),
        ("tech-t2", ["carrier meetings", "submission"]),
        # Associate II
        ("acct-02", ["every month"]),
        ("acct-03", ["receivables", "Client Sales Executive"]),
        ("acct-07", ["Insurance Summaries"]),
        ("acct-08", ["COW's", "once a year"]),
        ("acct-09", ["Stewardship Report", "Pre-Renewal Meetings"]),
        ("biz-03", ["additional", "increased"]),
        ("place-03", ["Marketing", "Client Administrator"]),
        ("ren-05", ["expirations"]),
        ("team-06", ["Director of Client Services"]),
        ("q-01", ["bachelor's degree", "3 years", "6 years"]),
        ("q-02", ["California Fire & Casualty Solicitors license", "unrestricted", "driver's license"]),
        ("q-03", ["CPCU", "CIC"]),
        ("q-05", ["Word, Excel and Outlook"]),
    ],
)
def test_an_item_keeps_its_facts(item: str, facts: list[str]) -> None:
    """Rewording may change everything but the figures, systems and names of forms."""
    text = next(role.items[item].text for role in CATALOGUE.roles if item in role.items)

    assert [fact for fact in facts if fact not in text] == []


@pytest.mark.parametrize(
    ("task", "facts"),
    [
        ("certificates", ["AMS360", "OneNote", "Carrier classes", "Additional Insured classes", "Procedure manual"]),
        ("audits", ["AMS360", "mwcia.com", "RoboForm", "Scopes Manual", "Reference Connect", "OneNote"]),
        ("changes", ["AMS360", "WorkSmart", "on-demand processing", "March 2021"]),
        ("billing-questions", ["AMS360", "Contacts Toolbox", "Reference Connect"]),
        ("billing-processing", ["AMS360", "Excel", "Billing Service Standards", "J: drive"]),
        ("billing-processing", ["Premium Finance", "Surplus Lines Invoicing Chart"]),
        ("mail", ["WorkSmart", "Word", "Task list", "Flow chart"]),
        ("check-ins", ["AMS360", "WorkSmart", "cheat sheet", "package review"]),
    ],
)
def test_a_task_keeps_its_resources(task: str, facts: list[str]) -> None:
    """What helps with a task stays named where it is needed."""
    resources = " ".join(f"{resource.name} {resource.note}" for resource in TASKS[task].resources)

    assert [fact for fact in facts if fact not in resources] == []


def test_every_task_says_why() -> None:
    """A task without its why would be a list of orders."""
    assert [task.id for role in CATALOGUE.roles for task in role.tasks if len(task.why) < 40] == []
