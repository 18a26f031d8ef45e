"""A team is a folder of records: which one a command is about, and all of them measured in one pass."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.cli.context import CommandContext
from ca_ladder.cli.parallel import Made, Work, outcomes, read
from ca_ladder.cli.paths import own_store
from ca_ladder.cli.printing import fail
from ca_ladder.errors import BeforeFirstEvent, LadderError, NoTrainees, StoreDamaged, Unknown
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.progress.team import TeamProgress, Unreadable, team
from ca_ladder.record import store
from ca_ladder.record.record import Record

if TYPE_CHECKING:
    from ca_ladder.progress.impact import Impact, TraineeEffects

# After so many seconds of reading, whoever waits at a terminal sees how far it is.
PATIENCE = 1.0

Each = TypeVar("Each")


def records(context: CommandContext) -> Iterator[tuple[CommandContext, Record | LadderError]]:
    """Yield the records of the team, each with a session of its own; of one that cannot be read, why.

    Tells of copies beside a record that hold more, and shows how far it is when it takes long.
    """
    files = _files(context)
    for path in _watched(context, files, len(files)):
        own = context.about(path)
        try:
            record = read(own, files[path])
        except LadderError as problem:
            yield own, problem
            continue
        yield own, record


def measured(
    context: CommandContext,
    tier: str | None,
    as_of: str | None,
    without_notes: Callable[[TraineeProgress], TraineeProgress],
) -> TeamProgress:
    """Return the progress of the team, or of the one trainee whom the command is about, as a team of one.

    ``without_notes`` says what of each trainee is kept in memory. Leaves out and raises as `for_each_progress` does.
    """
    trainees: list[TraineeProgress] = []
    unreadable = for_each_progress(context, tier, as_of, without_notes, trainees.append)
    return team(context.day(as_of), trainees, unreadable)


def for_each_progress(
    context: CommandContext,
    tier: str | None,
    as_of: str | None,
    make: Callable[[TraineeProgress], Made],
    take: Callable[[Made], object],
    processes: Callable[[int], int] = lambda _: 1,
) -> tuple[Unreadable, ...]:
    """Give what is made of each trainee's progress to ``take``, and return what could not be read.

    ``processes`` says how many work on so many records; for what they need, see `outcomes`. Whoever had no record yet
    on that day, or has no such tier, is left out. Raises what keeps all of them out.
    """
    if not context.is_team:
        take(make(context.progress(context.record(), tier, as_of=as_of)))
        return ()
    context.day(as_of)  # what is no date is told before anything is read
    files = _files(context)
    unreadable: list[Unreadable] = []
    early: list[BeforeFirstEvent] = []
    unknown: list[Unknown] = []
    elsewhere: list[str] = []
    later: list[str] = []
    with closing(outcomes(Work(context, tier, as_of, make), files, processes(len(files)))) as found:
        for path, name, told, came in _watched(context, found, len(files)):
            for line in told:
                context.warn(line)
            if isinstance(came, BeforeFirstEvent):
                early.append(came)
                later.append(name)
            elif isinstance(came, Unknown):
                unknown.append(came)
                elsewhere.append(name)
            elif isinstance(came, LadderError):
                unreadable.append(Unreadable(path.name, why(path, came)))
            else:
                take(came)
    if (unknown or early) and len(files) == len(unreadable) + len(early) + len(unknown):
        for each in unreadable:
            context.warn(each.why)
        raise unknown[0] if unknown else min(early, key=lambda each: each.first)
    if unknown:
        context.warn(f"Left out, since their role has no such tier: {', '.join(elsewhere)}.")
    if early:
        context.warn(f"Left out, since nothing was recorded of them by then: {', '.join(later)}.")
    return tuple(unreadable)


def at_hand(context: CommandContext) -> Iterator[tuple[CommandContext, Record | LadderError]]:
    """Yield the records in the store, as `records` does; none, where no store is named and none begun."""
    if context.is_team:
        yield from records(context)
    elif context.store_path != own_store() or store.exists(context.store_path):
        try:
            yield context, context.repository.load()
        except LadderError as problem:
            yield context, problem


def measure_impact(context: CommandContext, old: Catalogue, new: Catalogue) -> "Impact":
    """Return what another catalogue does to the records in the store; to none, where none is begun."""
    from ca_ladder.progress.impact import Impact, impact_on_record

    found: list[TraineeEffects] = []
    unreadable: list[Unreadable] = []
    for own, record in at_hand(context):
        if isinstance(record, LadderError):
            unreadable.append(Unreadable(own.store.name, why(own.store, record)))
        else:
            found.append(impact_on_record(record, old, new, context.today, own.store.name))
    return Impact(tuple(found), tuple(unreadable))


def why(path: Path, problem: LadderError) -> str:
    """Return why a file of the folder could not be read or measured, and what to do with one that is no record."""
    told = " ".join(problem.lines())
    if isinstance(problem, StoreDamaged):
        told = f"{problem} If it is none, move it out of the folder. {problem.restore_hint}".rstrip()
    names_it = problem.path is not None and problem.path.name == path.name
    return told if names_it else f"{path.name}: {told}"


def report_unreadable(unreadable: Sequence[Unreadable]) -> None:
    """End with exit code 1 when records could not be read: they were reported on stderr, and hide no others."""
    if unreadable:
        raise fail([each.why for each in unreadable], 1)


def _files(context: CommandContext) -> dict[Path, list[Path]]:
    """Return the records of the team, each with its copies; raises NoTrainees."""
    files = store.record_files(context.store_path)
    if not files:
        raise NoTrainees(context.store_path)
    return files


def _watched(context: CommandContext, each: Iterable[Each], total: int) -> Iterator[Each]:
    """Yield each of so many; at a terminal, once it takes long, show on stderr how many there were."""
    if not context.interactive:
        yield from each
        return
    begun = time.monotonic()
    with ExitStack() as stack:
        bar = None
        for number, one in enumerate(each):
            if bar is None and time.monotonic() - begun > PATIENCE:
                from rich.console import Console
                from rich.progress import Progress

                bar = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
                reading = bar.add_task("Reading", total=total)
            if bar is not None:
                bar.update(reading, completed=number)
            yield one
