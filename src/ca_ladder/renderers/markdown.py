"""Reports, agendas and whole ladders as Markdown, to paste into a wiki, a mail or a chat."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain

from ca_ladder.progress.agenda import Agenda
from ca_ladder.progress.results import Counts, Tally, TraineeProgress
from ca_ladder.progress.team import TeamProgress
from ca_ladder.renderers import phrases
from ca_ladder.renderers.agenda_sections import agenda_sections, changes_section
from ca_ladder.renderers.display import OWNER_HEADINGS, WAITS_ON, visible
from ca_ladder.renderers.role_page import Block, PageLine, RolePage


def report_markdown(team: TeamProgress) -> str:
    """Return the tables of the team, then a section for each trainee with all counts."""
    lines: list[str] = []
    if len(team.trainees) != 1:
        lines += [f"# {len(team.trainees)} trainees on {team.as_of}", "", *_team_markdown(team)]
    for progress in team.trainees:
        lines += _trainee_markdown(progress)
    if team.unreadable:
        lines += ["## Could not be read", "", *(f"- {plain(file.why)}" for file in team.unreadable), ""]
    return "\n".join(lines)


def agenda_markdown(agenda: Agenda) -> str:
    """Return the agenda for a one-to-one."""
    progress = agenda.progress
    lines = [f"# {plain(progress.enrolment.name)}, {plain(progress.role_in_words)}", ""]
    lines += [
        plain(phrases.when_line(progress), besides="+"),
        "",
        *_bold(phrases.uncounted_lines(progress.does_not_count)),
    ]
    for section in [*agenda_sections(agenda), changes_section(agenda)]:
        lines += [f"## {section.title}", ""]
        lines += [f"- {f'**{plain(name)}** ' if name else ''}{plain(text)}" for name, text in section.lines]
        lines += [""]
    return "\n".join(lines).rstrip("\n") + "\n"


def ladder_markdown(pages: Iterable[RolePage]) -> str:
    """Return the roles one below the other: a first-level heading for each, with its tasks and blocks below."""
    return "\n".join(line for page in pages for line in _role_lines(page))


def _team_markdown(team: TeamProgress) -> list[str]:
    """Return the tables of the whole team: pace, tiers, tasks, what waits for which mentor, what is overdue."""
    headings: tuple[str, ...] = ("Trainee", "Month", "Tier", "Done", "Expected", "Pace", "Forecast", "Finished")
    rows: list[tuple[object, ...]] = []
    for trainee in team.trainees:
        pace = trainee.pace
        done = (None, None) if pace.ahead is None else (pace.done, pace.expected)
        tier = trainee.tier.id if trainee.tier else None
        name, in_words = plain(trainee.enrolment.name), phrases.pace_in_words(pace.ahead, pace.total)
        rows.append((name, trainee.month, tier, *done, in_words, trainee.forecast, trainee.finished))
    lines = _table(headings, rows, words=1)
    lines += _bold(phrases.team_uncounted_lines(team))
    for group in team.groups:
        of_role = f": {plain(group.role.name)}" if len(team.groups) > 1 else ""
        names = [plain(trainee.enrolment.name) for trainee in group.trainees]
        tiers = [[tier.counts for tier in trainee.tiers] for trainee in group.trainees]
        tasks = [[group.counts(trainee, task) or Counts() for task in group.tasks] for trainee in group.trainees]
        for title, columns, counts in (("Tiers", group.tiers, tiers), ("Tasks", group.tasks, tasks)):
            headings = ("Trainee", *(column.id for column in columns))
            rows = [(name, *map(phrases.short_counts, row)) for name, row in zip(names, counts, strict=True)]
            lines += [f"## {title}{of_role}", "", *_table(headings, rows, words=1)]
        lines += ["2+1/5! = 2 signed off, 1 checked and waiting, of 5; ! = overdue", ""]
    waiting = [
        (plain(phrases.mentor_names(queue)), plain(trainee.enrolment.name), item.item.id, item.waiting_since, days)
        for queue in team.mentor_queues
        for trainee, item, days in queue.items
    ]
    overdue = [
        (plain(trainee.enrolment.name), item.item.id, WAITS_ON[item.waits_on], item.due, days)
        for trainee, item, days in team.overdue
    ]
    if waiting:
        headings = ("Mentor", "Trainee", "Item", "Since", "Days")
        lines += ["## Waiting for a mentor", "", *_table(headings, waiting, words=4)]
    if overdue:
        headings = ("Trainee", "Item", "Waits on", "Due", "Days")
        lines += ["## Overdue", "", *_table(headings, overdue, words=4)]
    if team.to_conclude:
        lines += ["## Waiting for the manager's final sign-off", ""]
        lines += [f"- {plain(trainee.enrolment.name)}, tier {tier.tier.id}" for trainee, tier in team.to_conclude]
        lines += [""]
    return lines


def _trainee_markdown(progress: TraineeProgress) -> list[str]:
    lines = [f"# {plain(progress.enrolment.name)}, {plain(progress.role_in_words)}", ""]
    lines += [plain(phrases.when_line(progress)), "", *_bold(phrases.uncounted_lines(progress.does_not_count))]
    fields = [name.capitalize() for name in Counts._fields]
    for tier in progress.tiers:
        lines += [f"## Tier {tier.tier.id} {plain(tier.tier.title)}, due {tier.due or 'n/a'}", ""]
        parts: list[tuple[str, Tally]] = [(task.task.id, task) for task in tier.tasks]
        rows = [
            (name, *part.counts, part.expected, phrases.pace_in_words(part.ahead, part.counts.total))
            for name, part in [*parts, ("**Total**", tier)]
        ]
        lines += _table(("Task", *fields, "Expected", "Pace"), rows, words=1)
    if progress.kinds:
        lines += ["## Not tied to a tier", ""]
        lines += _table(("Kind", *fields), [(kind, *tally.counts) for kind, tally in progress.kinds.items()], words=1)
    lines += ["## Whose move it is", ""]
    lines += _table(("", *OWNER_HEADINGS), phrases.waiting_rows(progress), words=1)
    summary = [*phrases.summary_lines(progress), *phrases.fingerprint_lines(progress)]
    lines += [*(f"- {plain(line, besides='()+')}" for line in summary), ""]
    return lines


def _bold(sentences: Iterable[str]) -> list[str]:
    return [line for sentence in sentences for line in (f"**{plain(sentence, besides='()')}**", "")]


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]], words: int) -> list[str]:
    """Return a table: the first ``words`` columns are text, the others numbers. None becomes n/a."""
    marks = ["---"] * words + ["--:"] * (len(headings) - words)
    cells = (["n/a" if cell is None else str(cell) for cell in row] for row in rows)
    return [*(f"| {' | '.join(row)} |" for row in (headings, marks, *cells)), ""]


def _role_lines(page: RolePage) -> Iterator[str]:
    yield from (f"# {_plain_text(page.role.name)}", "", _plain_text(page.edition), "")
    if page.role.disclaimer:
        yield from (_plain_text(page.role.disclaimer), "")
    yield from _block_lines(chain(*page.opening), "##")
    for part in page.tasks:
        yield from (f"## {_plain_text(part.task.name)} ({part.task.id})", "")
        yield from (f"- **{name}** {_plain_text(text)}" for name, text in part.facts)
        yield ""
        yield from _block_lines(chain(*part.rows), "###")
    yield from _block_lines(page.closing, "##")
    if page.footnotes:
        yield from ("## Footnotes", "")
        yield from (f"- \\[{note.mark}\\] {_plain_text(note.text)} ({note.id})" for note in page.footnotes)
        yield ""
    if page.retired:
        yield from (f"No longer asked: {', '.join(page.retired)}", "")


def _block_lines(blocks: Iterable[Block], rank: str) -> Iterator[str]:
    for block in blocks:
        yield from (f"{rank} {_plain_text(block.title)}", "", *_page_lines(block.lines), "")


def _page_lines(lines: Iterable[PageLine], indent: str = "") -> Iterator[str]:
    for line in lines:
        name = f"**{line.id}** " if line.id else ""
        mark = f" \\[{line.mark}\\]" if line.mark else ""
        yield f"{indent}- {name}{_plain_text(line.text)}{mark}"
        yield from (f"{indent}  - {name}: {_plain_text(text)}" for name, text in line.facts)
        yield from _page_lines(line.children, f"{indent}  ")


def plain(data: str, besides: str = "") -> str:
    """Escape data so that none of it is Markdown; it becomes one line. ``besides`` lists characters to leave alone."""
    marks = set("\\`*_{}[]<>()#+!|~&") - set(besides)
    escaped = "".join(f"\\{char}" if char in marks else char for char in visible(data))
    return re.sub(r"^(?:\d+(?=[.)](?!\d))|(?=[-+=]))", r"\g<0>\\", escaped)  # these would begin a list or a rule


# Some characters are no markup inside a sentence; brackets, stars and the like are.
_plain_text = partial(plain, besides="()+{}!")
