"""The report as text to paste or to open elsewhere: Markdown, and CSV with one row for each tier and task."""

import csv
import io
from collections.abc import Iterable
from datetime import date

from ca_ladder.progress.trainee import Counts, TierProgress, TraineeProgress
from ca_ladder.renderers.look import visible
from ca_ladder.renderers.sentences import printed_fingerprint, verdict

CSV_HEADER = (
    "as_of",
    "name",
    "role",
    "start",
    "kind",
    "tier",
    "due",
    "task",
    *Counts._fields,
    "expected",
    "ahead",
    "fingerprint",
)


def report_csv(as_of: date, trainees: Iterable[TraineeProgress]) -> str:
    """Return one row for each tier and task, and one for each kind beside the tiers; no row is a sum of others."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(CSV_HEADER)
    for progress in trainees:
        enrolment = progress.enrolment
        person = [str(as_of), _harmless(enrolment.name), enrolment.role, str(enrolment.start)]
        for tier in progress.tiers:
            for task in tier.tasks:
                place = ["expectation", tier.tier.id, str(tier.due or ""), task.task.id]
                pace = ["" if number is None else number for number in (task.expected, task.ahead)]
                rows.writerow([*person, *place, *list(task.counts), *pace, progress.fingerprint or ""])
        for kind, counts in progress.kinds.items():
            rows.writerow([*person, kind, "", "", "", *list(counts), "", "", progress.fingerprint or ""])
    return text.getvalue()


def report_markdown(as_of: date, trainees: Iterable[TraineeProgress]) -> str:
    """Return a table for each trainee's tiers, and one for the kinds beside them."""
    lines: list[str] = []
    for progress in trainees:
        enrolment, tier_now = progress.enrolment, progress.tier
        now = f", tier {tier_now.id} {_plain(tier_now.title)}" if tier_now else ""
        lines += [f"# {_plain(enrolment.name)}, {_plain(progress.role_in_words)}", ""]
        lines += [f"On {as_of}: in the role since {enrolment.start}{now}", ""]
        for tier in progress.tiers:
            lines += [f"## Tier {tier.tier.id} {_plain(tier.tier.title)}, due {tier.due or 'n/a'}", ""]
            lines += [*_markdown_head("Task", pace=True), *_markdown_rows(tier), ""]
        if progress.kinds:
            lines += ["## Beside the tiers", "", *_markdown_head("Kind", pace=False)]
            lines += [_markdown_row(kind, list(counts)) for kind, counts in progress.kinds.items()]
            lines += [""]
        lines += [*(f"- {line}" for line in [*verdict(progress), *printed_fingerprint(progress)]), ""]
    return "\n".join(lines)


def _markdown_head(first: str, *, pace: bool) -> list[str]:
    headings = [first, *(name.capitalize() for name in Counts._fields), *(("Expected", "Ahead") if pace else ())]
    return [_markdown_row(headings[0], headings[1:]), _markdown_row("---", ["--:"] * (len(headings) - 1))]


def _markdown_rows(tier: TierProgress) -> list[str]:
    rows = [(each.task.id, each.counts, each.expected, each.ahead) for each in tier.tasks]
    rows.append(("**Total**", tier.counts, tier.expected, tier.ahead))
    return [
        _markdown_row(name, [*list(counts), *("n/a" if number is None else number for number in pace)])
        for name, counts, *pace in rows
    ]


def _markdown_row(first: str, cells: Iterable[object]) -> str:
    return "| " + " | ".join([first, *map(str, cells)]) + " |"


def _plain(data: str) -> str:
    """Return data that Markdown cannot take for markup, on one line."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>()#+!|~&" else char for char in visible(data))


def _harmless(data: str) -> str:
    """Return data that a spreadsheet does not take for a formula."""
    return f"'{visible(data)}" if data.startswith(("=", "+", "-", "@", "\t", "\r")) else visible(data)
