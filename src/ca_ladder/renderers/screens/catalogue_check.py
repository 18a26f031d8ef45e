"""The findings on a catalogue, line by line: for people, and for editors and GitHub, which mark the file."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ca_ladder.catalogue.importing.parser import Doubt
from ca_ladder.catalogue.lint import LintReport
from ca_ladder.catalogue.models import Role
from ca_ladder.errors import plural


def finding_lines(path: Path, reviewed: LintReport) -> Iterator[str]:
    """Yield a line for each fault, then one for each warning."""
    yield from (fault.within(path) for fault in reviewed.faults)
    yield from (warning.within(path, "warning: ") for warning in reviewed.warnings)


def catalogue_summary(path: Path, reviewed: LintReport) -> str:
    """Return one sentence on the whole file."""
    counts = {"fault": len(reviewed.faults), "warning": len(reviewed.warnings)}
    findings = " and ".join(plural(count, noun) for noun, count in counts.items() if count)
    if reviewed.catalogue is None:
        return f"{findings} in {path}."
    roles = reviewed.catalogue.roles
    items = sum(item.counts for role in roles for item in role.items.values())
    sizes = f"version {reviewed.catalogue.version}, {plural(len(roles), 'role')}, {plural(items, 'item')}"
    return f"{path} is in order{f', with {findings}' if findings else ''}: {sizes}."


def draft_summary(role: Role) -> str:
    """Return the size of a drafted role."""
    items = sum(item.counts for item in role.items.values())
    sizes = (plural(len(role.tiers), "tier"), plural(len(role.tasks), "task"), plural(items, "item"))
    return f"It holds the role {role.name}: {', '.join(sizes)}."


def doubt_lines(path: Path, doubts: Sequence[Doubt]) -> Iterator[str]:
    """Yield the number of doubtful lines of an imported page, and how each was read."""
    yield f"Look again at {plural(len(doubts), 'line')} of the page:" if doubts else "Every line of the page was clear."
    for line, text, result in doubts:
        yield f'{path}:{line}: "{text if len(text) <= 50 else text[:47] + "..."}": {result}'


def github_lines(path: Path, reviewed: LintReport) -> Iterator[str]:
    """Yield GitHub workflow commands, with which GitHub and some editors mark the lines of the file."""
    for level, faults in (("error", reviewed.faults), ("warning", reviewed.warnings)):
        for line, column, sentence in faults:
            file = _escaped(str(path)).replace(":", "%3A").replace(",", "%2C")
            yield f"::{level} file={file},line={line},col={column}::{_escaped(sentence)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
