"""A team is a folder of records: read and measure all of them."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.cli.context import CommandContext
from ca_ladder.cli.parallel import Value, measure_all, measure_file
from ca_ladder.cli.paths import own_store
from ca_ladder.cli.printing import fail
from ca_ladder.errors import BeforeFirstEvent, LadderError, NoTrainees, StoreDamaged, Unknown
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.progress.team import TeamProgress, Unreadable, team
from ca_ladder.record import store
from ca_ladder.record.folder import record_files
from ca_ladder.record.record import Record

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ca_ladder.progress.impact import Impact, TraineeEffects

# Seconds of reading after which a progress bar appears at a terminal.
PATIENCE = 1.0

Item = TypeVar("Item")


def records(context: CommandContext) -> Iterator[tuple[CommandContext, Record | LadderError]]:
    """Yield the context and the record of each trainee in the team, or the error if it cannot be read.

    Prints warnings about copies, and shows a progress bar if it takes long.
    """
    files = _files(context)
    for path in _with_progress_bar(context, files, len(files)):
        trainee = context.about(path)
        try:
            yield trainee, trainee.repository.load_and_report_copies(files[path])
        except LadderError as problem:
            yield trainee, problem


def measured(
    context: CommandContext, tier: str | None, as_of: str | None, reduce: Callable[[TraineeProgress], TraineeProgress]
) -> TeamProgress:
    """Return the progress of the team, or of one trainee as a team of one; see `for_each_progress`.

    ``reduce`` drops what the answer does not need, to save memory.
    """
    trainees: list[TraineeProgress] = []
    unreadable = for_each_progress(context, tier, as_of, reduce, trainees.append)
    return team(context.day(as_of), trainees, unreadable)


def for_each_progress(
    context: CommandContext,
    tier: str | None,
    as_of: str | None,
    convert: Callable[[TraineeProgress], Value],
    take: Callable[[Value], object],
    executor_for: "Callable[[int], Executor | None]" = lambda _: None,
) -> tuple[Unreadable, ...]:
    """Convert each trainee's progress, pass it to ``take``, and return the records that could not be read.

    ``executor_for`` returns the processes for a number of records. Trainees who had no record yet on that day, or
    whose role has no such tier, are left out; if that leaves nobody, their error is raised.
    """
    if not context.is_team:
        take(convert(context.progress(context.record(), tier, as_of=as_of)))
        return ()
    context.day(as_of)  # a wrong date is an error before anything is read
    files = _files(context)
    # A copy of the context has no streams yet, which could not be sent to another process.
    measure = partial(measure_file, replace(context, loaded_catalogue=context.catalogue), tier, as_of, convert)
    unreadable: list[Unreadable] = []
    left_out: list[tuple[str, BeforeFirstEvent | Unknown]] = []
    executor = executor_for(len(files))
    with executor or nullcontext(), closing(measure_all(measure, files, executor)) as results:
        for path, name, warnings, value in _with_progress_bar(context, results, len(files)):
            context.warn(*warnings)
            if isinstance(value, BeforeFirstEvent | Unknown):
                left_out.append((name, value))
            elif isinstance(value, LadderError):
                unreadable.append(Unreadable(path.name, explain(path, value)))
            else:
                take(value)
    if left_out and len(files) == len(unreadable) + len(left_out):
        context.warn(*(file.why for file in unreadable))
        # An unknown tier comes before the record that began first.
        raise min(
            (problem for _, problem in left_out),
            key=lambda problem: problem.first if isinstance(problem, BeforeFirstEvent) else date.min,
        )
    reasons = {Unknown: "their role has no such tier", BeforeFirstEvent: "nothing about them was recorded by then"}
    for kind, reason in reasons.items():
        if names := [name for name, problem in left_out if isinstance(problem, kind)]:
            context.warn(f"Left out, since {reason}: {', '.join(names)}.")
    return tuple(unreadable)


def available_records(context: CommandContext) -> Iterator[tuple[CommandContext, Record | LadderError]]:
    """Yield the records of the team, or the one of this store; nothing if the user has not begun a record."""
    if context.is_team:
        yield from records(context)
    elif context.store_path != own_store() or store.exists(context.store_path):
        try:
            yield context, context.repository.load()
        except LadderError as problem:
            yield context, problem


def measure_impact(context: CommandContext, old: Catalogue, new: Catalogue) -> "Impact":
    """Return what changes for the available records when the new catalogue replaces the old one."""
    from ca_ladder.progress.impact import Impact, impact_on_record

    effects: list[TraineeEffects] = []
    unreadable: list[Unreadable] = []
    for trainee, record in available_records(context):
        if isinstance(record, LadderError):
            unreadable.append(Unreadable(trainee.store.name, explain(trainee.store, record)))
        else:
            effects.append(impact_on_record(record, old, new, context.today, trainee.store.name))
    return Impact(tuple(effects), tuple(unreadable))


def explain(path: Path, problem: LadderError) -> str:
    """Return why a file of the folder could not be used, with its name, and what to do if it is not a record."""
    reason = " ".join(problem.lines())
    if isinstance(problem, StoreDamaged):
        reason = f"{problem} If it is not a record, move it out of the folder. {problem.restore_hint}".rstrip()
    names_file = problem.path is not None and problem.path.name == path.name
    return reason if names_file else f"{path.name}: {reason}"


def report_unreadable(unreadable: Sequence[Unreadable]) -> None:
    """End with exit code 1 and print the errors if records could not be read. Call it after the answer."""
    if unreadable:
        raise fail([file.why for file in unreadable], 1)


def _files(context: CommandContext) -> dict[Path, list[Path]]:
    """Return the records of the team, each with its copies; raises NoTrainees."""
    files = record_files(context.store_path)
    if not files:
        raise NoTrainees(context.store_path)
    return files


def _with_progress_bar(context: CommandContext, items: Iterable[Item], total: int) -> Iterator[Item]:
    """Yield the items; at a terminal, show a progress bar on stderr once it takes long."""
    if not context.interactive:
        yield from items
        return
    begun = time.monotonic()
    rest = iter(items)
    done = 0
    for item in rest:
        yield item
        done += 1
        if time.monotonic() - begun > PATIENCE:
            break
    else:
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(rest, total, done, description="Reading")
