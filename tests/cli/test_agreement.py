"""Whatever was done to a record, every format shows the figures that the oracle counts from the files."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ca_ladder.catalogue.files import shipped_path
from ca_ladder.catalogue.models import Item, Role, Task
from ca_ladder.catalogue.validation import load_catalogue
from tests.conftest import Cli, RunResult, masked
from tests.progress.oracle import Figures, Trainee, read_team
from tests.progress.test_team_of_twelve import (
    assert_agrees,
    assert_csv_agrees,
    assert_markdown_agrees,
    cell,
    count_cells,
    in_words,
    kinds_of,
    markdown_tables,
    shown,
    tables_in,
    waits_and_late,
)

pytestmark = pytest.mark.slow

# Every kind; a gate (m-gate), prerequisites (m-2, m-7, f-2), a parent (m-3) with a retired child, a variant (night),
# a task that has nothing in one tier (desk) or is not required there (files).
OFFICE = """
version: "1"
roles:
  - id: clerk
    name: Clerk
    variants: [{id: nights, name: Night shift}]
    tiers:
      - {id: 0-3, title: New, months: {from: 0, until: 3}}
      - {id: 3+, title: Able, months: {from: 3}}
    qualifications: [{id: licence, text: Hold the licence}]
    tasks:
      - id: mail
        name: Mail
        why: Clients wait for answers
        gate: m-gate
        expectations:
          0-3:
            - {id: m-1, text: Open it}
            - {id: m-2, text: Sort it, requires: [m-1]}
            - id: m-3
              text: Send it on
              children: [{id: m-4, text: By hand}, {id: m-5, text: By car}, {id: m-6, text: By fax, retired: true}]
          3+:
            - {id: m-7, text: Answer it, requires: [m-2, n-1]}
        skills: [{id: m-gate, text: Read it}]
        knowledge: [{id: m-know, text: Know the post}]
      - id: files
        name: Files
        why: Nothing may be lost
        begins: {from: 1, until: 2}
        not_required: [3+]
        expectations:
          0-3: [{id: f-1, text: Keep them}, {id: f-2, text: Find them, requires: [licence]}]
          3+: [{id: f-3, text: Bind them}]
        abilities: [{id: f-able, text: Lift them}]
      - id: night
        name: Night
        why: Clients sleep
        variant: nights
        expectations:
          0-3: [{id: n-1, text: Stay awake}]
          3+: [{id: n-2, text: Wake the others}]
        activities: [{id: n-walk, text: Walk a night}]
      - id: desk
        name: Desk
        why: It is seen
        expectations:
          3+: [{id: d-1, text: Clear it}]
        manager_activities: [{id: d-look, text: Look at the desk}]
"""


# --- the screens of one trainee, read back ---------------------------------------------------------------------


def assert_report_agrees(text: str, trainee: Trainee) -> None:
    """Assert that the piped `report` shows the figures of every task, tier and kind, and whose move they are."""
    tables = {title: rows for title, (_, *rows) in tables_in(text)}
    figures_by_name = {f"Tier {tier['id']}": trainee.figures(tier) for tier in trainee.tiers} | kinds_of(trainee)
    for tier in trainee.tiers:
        due = trainee.due(tier)
        title = f"Tier {tier['id']}  {tier['title']}, {f'due {due}' if due else 'no due date'}"
        tasks = [(task["id"], trainee.figures(tier, task)) for task in trainee.tasks]
        assert tables[title] == [
            [name, *filter(None, count_cells(figures, in_words))]
            for name, figures in (*tasks, ("Total", trainee.figures(tier)))
        ]
    kinds = [[kind, *filter(None, count_cells(figures, in_words)[:-2])] for kind, figures in kinds_of(trainee).items()]
    assert tables["Not tied to a tier"] == kinds
    assert tables["Waits on"] == [[name, *waits_and_late(figures)] for name, figures in figures_by_name.items()]


def assert_status_agrees(text: str, trainee: Trainee) -> None:
    """Assert that the piped `status` shows the states in each tier, of tasks against tiers, and beside the tiers."""

    def mastery(figures: Figures) -> list[str]:
        numbers = [str(figures.counts[state]) for state in ("signed", "checked", "returned", "open")]
        return [*numbers, str(figures.counts["total"] or "n/a")]

    tables = {head[0]: rows for _, (head, *rows) in tables_in(text)}
    tiers = [(tier, trainee.figures(tier)) for tier in trainee.tiers]
    assert tables["Tier"] == [
        [tier["id"], *mastery(figures), str(figures.counts["overdue"]), shown(trainee.due(tier))]
        for tier, figures in tiers
    ]
    assert tables["Task"] == [
        [task["id"], task["name"], *(cell(trainee.figures(tier, task)) for tier in trainee.tiers)]
        for task in trainee.tasks
    ]
    assert tables["Not tied to a tier"] == [[kind, *mastery(figures)] for kind, figures in kinds_of(trainee).items()]


def assert_sentences_agree(text: str, trainee: Trainee, overdue: int) -> None:
    """Assert that the sentences about pace hold the figures of their tiers, and name all that is overdue."""
    figures_by_tier = {tier["id"]: trainee.figures(tier) for tier in trainee.tiers}
    expected_now = r"^Tier (\S+): (\d+) of (\d+) expected by now, (\d+) checked or signed: ([^.]*)\.(?: At .*)?$"
    for tier, *numbers, pace in re.findall(expected_now, text, re.MULTILINE):
        counts, expected, ahead, *_ = figures_by_tier[tier]
        assert [int(number) for number in numbers] == [expected, counts["total"], counts["checked"] + counts["signed"]]
        assert pace == in_words(ahead)
    named = 0
    for names in re.findall(r"^Overdue, .*?: (.*)$", text, re.MULTILINE):
        ids, _, more = names.partition(" and ")
        named += len(ids.split(", ")) + int((more or "0").split()[0])
    assert named == overdue


def compare_all(cli: Cli, catalogue: Path, states: Mapping[str, str]) -> None:
    """Assert that the items are in these states, and that every format shows what the oracle counts."""
    truth = read_team(cli.store.parent, catalogue, cli.now.date())
    (one,) = truth.trainees
    document = cli("report", "--format", "json").json
    assert_agrees(document, truth)
    assert_csv_agrees(cli("report", "--format", "csv").stdout, truth)
    assert_markdown_agrees(markdown_tables(cli("report", "--format", "markdown").stdout), truth)
    (trainee,) = document["trainees"]
    assert cli("status", "--json").json["trainee"] == trainee
    items = cli("list", "--json").json["items"]
    assert {item["id"]: item["state"] for item in items} == states
    assert {item["id"] for item in items if item["overdue"]} == {item for _, item, *_ in truth.overdue}
    for tier in trainee["tiers"]:
        (narrow,) = cli("report", "--tier", tier["tier"], "--format", "json").json["trainees"]
        of_it = {"pace": narrow["pace"], "forecast": tier["forecast"], "finished": tier["finished"]}
        assert narrow == {**trainee, **of_it, "tiers": [tier]}
    report, status = cli("report").stdout, cli("status").stdout
    assert_report_agrees(report, one)
    assert_status_agrees(status, one)
    for text in (report, status):
        assert_sentences_agree(text, one, len(truth.overdue))


# --- whatever is done: the program against a model ------------------------------------------------------------

MARIA = "Maria Lopez"
START_DATES = ("2025-11-30", "2026-01-05")  # three months after the first one is the last day of February

# Which states a command is for, and what it changes: the trainee's claim, or the decision over it.
UNDECIDED = ("open", "checked", "returned")
RULES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "check": (("open", "returned"), {"claim": "checked"}),
    "uncheck": (("checked",), {"claim": "open"}),
    "note": ((*UNDECIDED, "signed", "waived"), {}),
    "signoff": (("checked",), {"decision": "signed"}),
    "signoff --observed": (UNDECIDED, {"decision": "signed"}),
    "return": (("checked",), {"claim": "returned"}),
    "waive": (UNDECIDED, {"decision": "waived"}),
    "revoke": (("signed", "waived"), {"decision": ""}),  # the claim under it counts again
}
CLAIMS, DECISIONS = ("check", "uncheck", "note"), ("return", "waive", "revoke")


class Refused(Exception):
    """The rules do not allow it: exit 1."""


@dataclass(frozen=True)
class Enrolled:
    """What the enrolment says that figures and rules depend on."""

    start: str
    variants: tuple[str, ...] = ()
    mentors: tuple[str, ...] = ()
    manager: str | None = None

    @property
    def options(self) -> list[str]:
        """The options of init that say so."""
        options = ["--start", self.start]
        options += [word for variant in self.variants for word in ("--variant", variant)]
        options += [word for mentor in self.mentors for word in ("--mentor", mentor)]
        return options + (["--manager", self.manager] if self.manager else [])


@dataclass(frozen=True)
class ItemState:
    """The state of an item: the trainee's claim (open, checked, returned), and over it a decision (signed, waived)."""

    claim: str = "open"
    decision: str = ""

    @property
    def state(self) -> str:
        """The item's one state."""
        return self.decision or self.claim


@dataclass(frozen=True)
class Command:
    """What a command replaced, and with what: undo puts the first back if the second is still there.

    ``seen`` are the states of all items right after it, or after its last undo or redo.
    """

    account: str
    by: str
    items: Mapping[str, tuple[ItemState, ItemState]] = field(default_factory=dict)
    enrolled: tuple[Enrolled, Enrolled] | None = None
    seen: Mapping[str, ItemState] = field(default_factory=dict)


@dataclass
class Model:
    """The rules in their simplest form: states in a dictionary, commands in two lists, those undone in the other."""

    role: Role
    enrolled: Enrolled
    item_states: dict[str, ItemState]
    commands: list[Command]
    undone: list[Command] = field(default_factory=list)

    def tasks(self) -> list[Task]:
        """Return the tasks of the trainee's variants."""
        return [task for task in self.role.tasks if task.variant in {None, *self.enrolled.variants}]

    def has(self, item: Item) -> bool:
        """Whether the item can be checked and is counted."""
        return not item.children and not item.retired and (item.task is None or item.task in self.tasks())

    def states(self) -> dict[str, str]:
        """Return the states of the items that count."""
        return {id_: self.item_states[id_].state for id_, item in self.role.items.items() if self.has(item)}

    def ids_for(self, command: str) -> list[str]:
        """Return the ids of items in a state that the command is for."""
        return [id_ for id_, state in self.states().items() if state in RULES[command][0]]

    def change(self, account: str, command: str, ids: Iterable[str], by: str = MARIA) -> None:
        """Do what the command does to these items; all of them have to be in a state that it is for."""
        allowed, parts = RULES[command]
        ids, states = set(ids), self.states()
        if command not in CLAIMS:
            self.may_decide(by)
        if any(states.get(id_) not in allowed for id_ in ids):
            raise Refused
        if command.startswith("signoff") and any(self.needs(id_) - ids for id_ in ids):
            raise Refused
        changed = {id_: (self.item_states[id_], replace(self.item_states[id_], **parts)) for id_ in ids if parts}
        self.item_states |= {id_: after for id_, (_, after) in changed.items()}
        self.add(Command(account, by, changed))

    def enrol(self, account: str, enrolled: Enrolled) -> None:
        """Enrolling again has to change something, and the trainee never changes who signs once that is named."""
        if enrolled == self.enrolled:
            raise Refused
        self.may_change_signers(enrolled, MARIA)
        self.add(Command(account, MARIA, enrolled=(self.enrolled, enrolled)))
        self.enrolled = enrolled

    def add(self, command: Command) -> None:
        """A new command leaves its account nothing to redo."""
        self.undone = [undone for undone in self.undone if undone.account != command.account]
        self.commands.append(replace(command, seen=self.item_states))

    def undo(self, account: str, user: str | None) -> None:
        """Put back what the account's last command replaced, unless somebody has built on it."""
        standing = [command for command in self.commands if command.account == account]
        if not standing or standing[-1] is self.commands[0]:
            raise Refused
        last = standing[-1]
        self.commands = [command for command in self.commands if command is not last]
        back = {id_: (after, before) for id_, (before, after) in last.items.items()}
        self.step(replace(last, items=back, enrolled=last.enrolled and last.enrolled[::-1]), user)
        self.undone.append(replace(last, seen=self.item_states))

    def redo(self, account: str, user: str | None) -> None:
        """Do again what the account's last undo took back, unless somebody has built on that."""
        undone = [command for command in self.undone if command.account == account]
        if not undone:
            raise Refused
        last = undone[-1]
        self.undone = [command for command in self.undone if command is not last]
        self.step(last, user)
        self.commands.append(replace(last, seen=self.item_states))

    def step(self, step: Command, user: str | None) -> None:
        """Replace the first states of the step by the second."""
        by = user or step.by
        if any(self.item_states[id_] is not old for id_, (old, _) in step.items.items()):
            raise Refused
        if step.enrolled and self.enrolled is not step.enrolled[0]:
            raise Refused
        if step.enrolled:
            self.may_change_signers(step.enrolled[1], by)
        if any(new.decision and not old.decision for old, new in step.items.values()):
            self.may_decide(by)  # a decision comes back
        self.item_states = self.item_states | {id_: new for id_, (_, new) in step.items.items()}
        for id_, (old, new) in step.items.items():
            shut = {need for need in self.needs(id_) if self.item_states[need] is not step.seen[need]}
            if new.state == "signed" != old.state and shut:
                raise Refused  # what comes back is signed, and its gate was shut meanwhile
        self.enrolled = step.enrolled[1] if step.enrolled else self.enrolled

    def may_change_signers(self, enrolled: Enrolled, by: str) -> None:
        """Once mentors are named, only they and the manager change who signs, by undo too."""
        now = self.enrolled
        if now.mentors and (now.mentors, now.manager) != (enrolled.mentors, enrolled.manager):
            self.may_decide(by)

    def may_decide(self, by: str) -> None:
        """Never the trainee; where mentors are named, they and the manager alone."""
        named = {*self.enrolled.mentors, self.enrolled.manager or ""} if self.enrolled.mentors else {by}
        if _folded(by) == _folded(MARIA) or _folded(by) not in map(_folded, named):
            raise Refused

    def needs(self, id_: str) -> set[str]:
        """Return what has to be signed off before this item, and is not yet."""
        states = self.states()
        return {need for need in self.role.items[id_].requires if states.get(need) in UNDECIDED}

    def ready(self, command: str, task: str | None, tier: str | None) -> list[str]:
        """Return what of the task and tier can be signed off together."""
        items = self.role.items
        fitting = {
            id_
            for id_ in self.ids_for(command)
            if task in {None, getattr(items[id_].task, "id", "")} and tier in {None, getattr(items[id_].tier, "id", "")}
        }

        def can_be(id_: str) -> bool:
            return id_ in fitting and all(map(can_be, self.needs(id_)))

        return list(filter(can_be, fitting))


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


ACCOUNTS = st.sampled_from(["maria", "pat"])
SIGNERS = st.sampled_from(["Pat Lee", "Pat Lee", " pat  LEE", "Kim Novak", "Kim Novak", "Sam Fox", "maria LOPEZ"])
STARTS = st.sampled_from(START_DATES)
SIGN_OFFS = st.sampled_from(["signoff", "signoff --observed"])
HOW = st.sampled_from([("--yes",), ("--yes",), ("--dry-run",), ()])
SETTINGS = settings(deadline=None, derandomize=True)
BECAUSE = ("--because", "Not by this book")
DAYS = st.sampled_from([(), (), ("--on", "3 days ago")])
REASONS = st.sampled_from([*[BECAUSE] * 6, (), ("--because", " ")])


def rule_for(command: str) -> Any:
    """Return a rule: a command is run on items, which are mostly in a state that it is for."""

    @precondition(lambda self: self.model.ids_for(command))
    @rule(data=st.data(), account=ACCOUNTS, on=DAYS, by=SIGNERS, reason=REASONS)
    def run(self: "Office", data: st.DataObject, account: str, on: Any, by: str, reason: Any) -> None:
        ids = self.some_ids(data, command)
        decides = command in DECISIONS
        options = {"check": on, "uncheck": ()}.get(command, ("--by", by, *reason))
        self.attempt(
            account,
            *(command, *ids, *options),
            model=lambda model: model.change(account, command, ids, by if decides else MARIA),
            code=2 if decides and reason != BECAUSE else 0,
        )

    run.__name__ = f"run_{command}"  # as a failing example names it
    return run


class Office(RuleBasedStateMachine):
    """Two accounts run random commands on one record; each command is compared with the model."""

    text: ClassVar[str | None] = None  # of the catalogue; without, the one that ships
    most: ClassVar[int] = 30  # ids in one command

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name, "catalogue.yaml") if self.text else shipped_path()
        if self.text:
            self.path.write_text(self.text, encoding="utf-8")
        self.cli = Cli(Path(self.folder.name, "record.json"))
        self.catalogue = {"CA_LADDER_CATALOGUE": str(self.path) if self.text else None}
        self.cli.env = {**self.catalogue}
        self.role = load_catalogue(self.path).roles[0]
        self.status_by_day: dict[date, Any] = {}
        self.compared: tuple[bytes, date] | None = None

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.folder.cleanup()

    @initialize(start=STARTS, variant=st.booleans(), mentor=st.booleans(), data=st.data())
    def init(self, start: str, variant: bool, mentor: bool, data: st.DataObject) -> None:
        """Before a record begins, nothing is possible and nothing is created; then somebody checks and waives."""
        self.cli("status", code=1)
        self.cli("check", next(iter(self.role.items)), code=1)
        assert not self.cli.store.exists()
        enrolled = Enrolled(start, variants=(self.role.variants[0].id,) if variant else ())
        if mentor:
            enrolled = replace(enrolled, mentors=("Pat Lee",), manager="Kim Novak")
        self.cli("init", "--name", MARIA, *enrolled.options)
        item_states = {id_: ItemState() for id_ in self.role.items}
        self.model = Model(self.role, enrolled, item_states, [Command("maria", MARIA)])
        checked, waived = (
            data.draw(st.lists(st.sampled_from(list(self.model.states())), min_size=1, max_size=self.most))
            for _ in range(2)
        )
        self.attempt("maria", "check", *checked, model=lambda model: model.change("maria", "check", checked))
        waive = ("waive", *waived, "--by", "Pat Lee", *BECAUSE)
        self.attempt("pat", *waive, model=lambda model: model.change("pat", "waive", waived, "Pat Lee"))

    check, uncheck = rule_for("check"), rule_for("uncheck")
    send_back, waive, revoke = map(rule_for, DECISIONS)

    @rule(account=ACCOUNTS, by=SIGNERS, data=st.data(), command=SIGN_OFFS, dry=st.sampled_from([False, False, True]))
    def sign_off(self, account: str, by: str, data: st.DataObject, command: str, dry: bool) -> None:
        """Items are signed off by their ids."""
        ids = self.some_ids(data, command)
        result = self.attempt(
            account,
            *(*command.split(), *ids, "--by", by, *["--dry-run"] * dry),
            model=lambda model: model.change(account, command, ids, by),
            writes=not dry,
        )
        assert result.exit_code or _signed_off(result) == set(ids)

    @rule(account=ACCOUNTS, by=SIGNERS, data=st.data(), command=SIGN_OFFS, how=HOW)
    def sign_off_many(self, account: str, by: str, data: st.DataObject, command: str, how: tuple[str, ...]) -> None:
        """All of a task, of a tier, of both, or all there is; what is blocked is left out."""
        task = data.draw(st.none() | st.sampled_from([task.id for task in self.model.tasks()]))
        tier = data.draw(st.none() | st.sampled_from([tier.id for tier in self.role.tiers]))
        which = [*(["--task", task] if task else []), *(["--tier", tier] if tier else [])] or ["--all"]
        ids = self.model.ready(command, task, tier)
        result = self.attempt(
            account,
            *(*command.split(), *which, "--by", by, *how),
            model=lambda model: model.change(account, command, ids, by),
            writes=bool(ids) and how == ("--yes",),
            code=2 if ids and not how else 0,
        )
        assert result.exit_code or _signed_off(result) == set(ids)

    @rule(account=ACCOUNTS, user=st.sampled_from([None, None, MARIA, "Pat Lee"]), redo=st.booleans())
    def undo(self, account: str, user: str | None, redo: bool) -> None:
        """An account takes its last command back, or brings the last that was undone back."""
        self.cli.env = {**self.catalogue, "CA_LADDER_USER": user}
        step = Model.redo if redo else Model.undo
        self.attempt(account, step.__name__, "--yes", model=lambda model: step(model, account, user))
        self.cli.env = {**self.catalogue}

    @rule(
        account=ACCOUNTS,
        start=st.none() | STARTS,
        mentors=st.sampled_from([(), ("Pat Lee",), ("Sam Fox", "Kim Novak")]),
        variant=st.booleans(),
    )
    def init_again(self, account: str, start: str | None, mentors: tuple[str, ...], variant: bool) -> None:
        """The enrolment changes: dates move, items come to the ladder, others may sign."""
        now = self.model.enrolled
        variants = (self.role.variants[0].id,) if variant else now.variants
        changed = replace(now, start=start or now.start, mentors=mentors or now.mentors, variants=variants)
        self.attempt(account, "init", *changed.options, model=lambda model: model.enrol(account, changed))

    @rule(days=st.integers(1, 60), data=st.data())
    def sleep(self, days: int, data: st.DataObject) -> None:
        """Somebody adds words, and time goes by. As of a past day, everything is as it was at that day's end."""
        id_, *_ = self.some_ids(data, "note")
        self.attempt("pat", "note", id_, "In blue", model=lambda model: model.change("pat", "note", [id_]))
        self.status_by_day[self.cli.now.date()] = self.cli("status", "--json").json
        self.cli.now += timedelta(days=days)
        day = data.draw(st.sampled_from(list(self.status_by_day)))
        known = self.status_by_day[day]
        assert self.cli("status", "--json", "--as-of", str(day)).json == known
        report = self.cli("report", "--format", "json", "--as-of", str(day)).json
        assert (report["as_of"], report["trainees"]) == (str(day), [known["trainee"]])

    @invariant()
    def all_formats_agree(self) -> None:
        """Every format shows what the model holds."""
        now = (self.cli.store.read_bytes(), self.cli.now.date())
        if now != self.compared:
            compare_all(self.cli, self.path, self.model.states())
            self.compared = now

    def some_ids(self, data: st.DataObject, command: str) -> list[str]:
        """Draw ids: mostly of items that the command is for, else of any, parents and those of other variants too."""
        fitting = self.model.ids_for(command)
        astray = data.draw(st.integers(0, 5)) == 5
        pool = list(self.role.items) if astray or not fitting else fitting
        ids: list[str] = data.draw(st.lists(st.sampled_from(pool), min_size=1, max_size=self.most))
        return ids

    def attempt(
        self, account: str, *args: str, model: Callable[[Model], None], writes: bool = True, code: int = 0
    ) -> RunResult:
        """Run a command and let the model follow; what the model refuses exits with 1 and leaves every byte."""
        before = self.cli.store.read_bytes()
        model_now = self.model
        after = replace(
            model_now,
            item_states=dict(model_now.item_states),
            commands=list(model_now.commands),
            undone=list(model_now.undone),
        )
        try:
            model(after)
        except Refused:
            writes, code = False, 1
        writes = writes and not code
        result = self.cli(*args, as_=account, code=code)
        assert (self.cli.store.read_bytes() != before) == writes
        if writes:
            self.model = after
        return result


class SmallOffice(Office):
    """The same with a catalogue that has everything a catalogue can have."""

    text = OFFICE
    most = 4


def test_formats_agree_on_the_catalogue_that_ships() -> None:
    """After any commands of two people, all formats show the same figures, that day and later."""
    run_state_machine_as_test(Office, settings=settings(SETTINGS, max_examples=8, stateful_step_count=12))


def test_formats_agree_on_a_catalogue_with_every_kind_of_item() -> None:
    """The same where gates, prerequisites, parents, variants and retired items lie close together."""
    run_state_machine_as_test(SmallOffice, settings=settings(SETTINGS, max_examples=50, stateful_step_count=12))


def _signed_off(result: RunResult) -> set[str]:
    """Return the ids that the program says it signed off, or would."""
    named = re.search(r"^(?:Signed|Would sign) off (.*?) (?:by|as) ", result.stdout, re.MULTILINE)
    return set(named[1].split(", ")) if named else set()


# --- one sequence, in full ------------------------------------------------------------------------------------

STATUS = """\
Maria Lopez, Clerk (Night shift)
On 2026-04-06: month 4 since 2026-01-05, tier 3+ Able

Tier  Signed  Checked  Returned  Open  Total  Overdue  Due
0-3        1        2         1     2      6        5  2026-04-05
3+         0        0         0     4      4        0  n/a

Task             0-3   3+
mail   Mail   1+2/3!  0/1
files  Files    0/2!  0/1
night  Night    0/1!  0/1
desk   Desk      n/a  0/1

Not tied to a tier  Signed  Checked  Returned  Open  Total
knowledge                0        0         0     1      1
skill                    1        0         0     0      1
ability                  0        0         0     0    n/a
activity                 0        1         0     0      1
manager-activity         0        0         0     1      1
qualification            0        1         0     0      1

Tier 0-3: 6 of 6 expected by now, 3 checked or signed: 3 behind. At this pace everything is checked by 2026-06-01.
Tier 3+: 0 of 4 checked or signed. At this pace everything is checked by 2026-08-15.
Overdue, the trainee's move: f-1, n-1
Overdue, a mentor's move: m-2, m-4
Overdue, not yet possible: f-2
Waiting for a mentor (oldest since 2026-03-16): m-2, m-4, n-walk, licence
Returned, to do again: f-1
"""

MARKDOWN = """\
# Maria Lopez, Clerk \\(Night shift\\)

On 2026-04-06: month 4 since 2026-01-05, tier 3\\+ Able

## Tier 0-3 New, due 2026-04-05

| Task | Total | Open | Checked | Returned | Signed | Waived | Overdue | Expected | Pace |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |
| mail | 3 | 0 | 2 | 0 | 1 | 1 | 2 | 3 | on pace |
| files | 2 | 1 | 0 | 1 | 0 | 0 | 2 | 2 | 2 behind |
| night | 1 | 1 | 0 | 0 | 0 | 0 | 1 | 1 | 1 behind |
| desk | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | n/a |
| **Total** | 6 | 2 | 2 | 1 | 1 | 1 | 5 | 6 | 3 behind |

## Tier 3+ Able, due n/a

| Task | Total | Open | Checked | Returned | Signed | Waived | Overdue | Expected | Pace |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |
| mail | 1 | 1 | 0 | 0 | 0 | 0 | 0 | n/a | n/a |
| files | 1 | 1 | 0 | 0 | 0 | 0 | 0 | n/a | n/a |
| night | 1 | 1 | 0 | 0 | 0 | 0 | 0 | n/a | n/a |
| desk | 1 | 1 | 0 | 0 | 0 | 0 | 0 | n/a | n/a |
| **Total** | 4 | 4 | 0 | 0 | 0 | 0 | 0 | n/a | n/a |

## Not tied to a tier

| Kind | Total | Open | Checked | Returned | Signed | Waived | Overdue |
| --- | --: | --: | --: | --: | --: | --: | --: |
| knowledge | 1 | 1 | 0 | 0 | 0 | 0 | 0 |
| skill | 1 | 0 | 0 | 0 | 1 | 0 | 0 |
| ability | 0 | 0 | 0 | 0 | 0 | 1 | 0 |
| activity | 1 | 0 | 1 | 0 | 0 | 0 | 0 |
| manager-activity | 1 | 1 | 0 | 0 | 0 | 0 | 0 |
| qualification | 1 | 0 | 1 | 0 | 0 | 0 | 0 |

## Whose move it is

|  | Trainee | Mentor | Manager | Not yet possible |
| --- | --: | --: | --: | --: |
| Tier 0-3 | 2, 2 late | 2, 2 late | 0 | 1, 1 late |
| Tier 3+ | 3 | 0 | 0 | 1 |
| knowledge | 1 | 0 | 0 | 0 |
| skill | 0 | 0 | 0 | 0 |
| ability | 0 | 0 | 0 | 0 |
| activity | 0 | 1 | 0 | 0 |
| manager-activity | 0 | 0 | 1 | 0 |
| qualification | 0 | 1 | 0 | 0 |
"""

CSV = """\
as_of,name,role,start,kind,tier,due,task,total,open,checked,returned,signed,waived,overdue,expected,ahead,waits_on_trainee,waits_on_mentor,waits_on_manager,waits_on_opportunity,overdue_by_trainee,overdue_by_mentor,overdue_by_manager,overdue_by_opportunity,forecast,finished,final_sign_off,fingerprint,does_not_count
2026-04-06,Maria Lopez,clerk,2026-01-05,expectation,tier 0-3,2026-04-05,mail,3,0,2,0,1,1,2,3,0,0,2,0,0,0,2,0,0,2026-06-01,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,expectation,tier 0-3,2026-04-05,files,2,1,0,1,0,0,2,2,-2,1,0,0,1,1,0,0,1,2026-06-01,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,expectation,tier 0-3,2026-04-05,night,1,1,0,0,0,0,1,1,-1,1,0,0,0,1,0,0,0,2026-06-01,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,expectation,tier 0-3,2026-04-05,desk,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2026-06-01,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,expectation,tier 3+,,mail,1,1,0,0,0,0,0,,,0,0,0,1,0,0,0,0,2026-08-15,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,expectation,tier 3+,,files,1,1,0,0,0,0,0,,,1,0,0,0,0,0,0,0,2026-08-15,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,expectation,tier 3+,,night,1,1,0,0,0,0,0,,,1,0,0,0,0,0,0,0,2026-08-15,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,expectation,tier 3+,,desk,1,1,0,0,0,0,0,,,1,0,0,0,0,0,0,0,2026-08-15,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,knowledge,,,,1,1,0,0,0,0,0,,,1,0,0,0,,,,,,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,skill,,,,1,0,0,0,1,0,0,,,0,0,0,0,,,,,,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,ability,,,,0,0,0,0,0,1,0,,,0,0,0,0,,,,,,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,activity,,,,1,0,1,0,0,0,0,,,0,1,0,0,,,,,,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,manager-activity,,,,1,1,0,0,0,0,0,,,0,0,1,0,,,,,,,,FINGERPRINT,0
2026-04-06,Maria Lopez,clerk,2026-01-05,qualification,,,,1,0,1,0,0,0,0,,,0,1,0,0,,,,,,,,FINGERPRINT,0
"""


def test_every_format_tells_the_same_after_a_busy_spring(cli: Cli, catalogue: Callable[[str], Path]) -> None:
    """Every screen and every file shows the same figures."""
    path = catalogue(OFFICE)
    cli.env = {"CA_LADDER_CATALOGUE": str(path), "CA_LADDER_USER": "Pat Lee"}
    cli("init", "--name", "Maria Lopez", "--start", "2026-01-05", "--variant", "nights", "--mentor", "Pat Lee")
    cli("check", "m-gate", "m-1", "m-2", "m-4", "f-1", "n-walk", "licence")
    cli("signoff", "m-1", "m-gate")  # the gate first, whatever the order
    cli("return", "f-1", "--because", "Two were lost")
    cli("waive", "m-5", "f-able", "--because", "Nobody has a car")
    cli("signoff", "m-7", "--observed", code=1)  # needs m-2 and n-1
    cli("uncheck", code=2)
    cli("uncheck", "m-99", code=2)
    cli("signoff", "n-1", "--observed", as_="pat")
    cli("signoff", "n-2", "--observed", as_="pat")
    cli("undo", "--yes", as_="pat")
    cli("revoke", "n-1", "--because", "Fell asleep", as_="pat")
    cli("signoff", "--tier", "0-3", "--dry-run")
    cli("note", "d-1", "Next week")
    before = cli("status", "--json").json
    cli.now += timedelta(days=21)  # to 6 April, the day after the first tier's end

    states: dict[str, list[str]] = {}
    for item in cli("list", "--json").json["items"]:
        states.setdefault(item["state"], []).append(item["id"])
    assert states == {
        "open": ["m-7", "m-know", "f-2", "f-3", "n-1", "n-2", "d-1", "d-look"],
        "checked": ["m-2", "m-4", "n-walk", "licence"],
        "returned": ["f-1"],
        "signed": ["m-1", "m-gate"],
        "waived": ["m-5", "f-able"],
    }
    for state, ids in states.items():
        assert [item["id"] for item in cli("list", "--state", state, "--json").json["items"]] == ids
    compare_all(cli, path, {id_: state for state, ids in states.items() for id_ in ids})
    assert cli("status", "--json", "--as-of", "2026-03-16").json == before
    counts = {"total": 6, "open": 2, "checked": 2, "returned": 1, "signed": 1, "waived": 1, "overdue": 0}
    assert counts.items() <= before["trainee"]["tiers"][0].items()
    assert cli("status").stdout == STATUS
    sentences = STATUS.rpartition("\n\n")[2].splitlines()
    sentences += ["Fingerprint: FINGERPRINT", "To compare later: ca-ladder record verify --expect FINGERPRINT"]
    assert masked(cli("report").stdout).rpartition("\n\n")[2].splitlines() == sentences
    tables, _, bullets = masked(cli("report", "--format", "markdown").stdout).rpartition("\n\n")
    assert (tables + "\n", bullets.splitlines()) == (MARKDOWN, [f"- {sentence}" for sentence in sentences])
    assert masked(cli("report", "--format", "csv").stdout) == CSV
