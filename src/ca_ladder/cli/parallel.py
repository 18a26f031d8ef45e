"""Reading and measuring all records of a team, in several processes if there are many. The order is that of the files.

Only what is made of each record is kept, so that memory does not grow with the number of records.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from ca_ladder.cli.context import CommandContext
from ca_ladder.errors import LadderError
from ca_ladder.progress.results import TraineeProgress

if TYPE_CHECKING:
    from concurrent.futures import Executor

Value = TypeVar("Value")

# For fewer records, starting processes takes longer than they save.
MIN_RECORDS = 300
MAX_PROCESSES = 4
CHUNK = 25
BATCH = 500  # submitted at once: of more, the results could pile up


class Result(NamedTuple, Generic[Value]):
    """The value for one record, or why there is none; the trainee's or file's name, and warnings to print."""

    path: Path
    name: str
    warnings: list[str]
    value: Value | LadderError


def measure_file(
    context: CommandContext,
    tier: str | None,
    as_of: str | None,
    convert: Callable[[TraineeProgress], Value],
    file: tuple[Path, list[Path]],
) -> Result[Value]:
    """Return the result for a record with these copies next to it.

    ``tier`` and ``as_of`` are as they were typed. Another process finds ``convert`` by its name.
    """
    path, copies = file
    warnings: list[str] = []
    name = path.stem
    trainee = context.about(path)
    try:
        record = replace(trainee.repository, warn=warnings.append).load_and_report_copies(copies)
        name = record.enrolment.name
        value = convert(trainee.progress(record, tier, as_of=as_of))
        return Result(path, name, warnings, value)
    except LadderError as problem:
        return Result(path, name, warnings, problem.with_traceback(None))


def measure_all(
    measure: Callable[[tuple[Path, list[Path]]], Result[Value]],
    files: dict[Path, list[Path]],
    executor: "Executor | None" = None,
) -> Generator[Result[Value], None, None]:
    """Yield the result for each record, in the order of the files.

    If a process of the executor dies, or none can be started, the remaining records are measured in this process.
    """
    done = 0
    if executor:
        from concurrent.futures import BrokenExecutor

        try:
            while batch := list(islice(files.items(), done, done + BATCH)):
                for result in executor.map(measure, batch, chunksize=CHUNK):
                    yield result
                    done += 1
        except (BrokenExecutor, OSError):
            pass
    yield from map(measure, islice(files.items(), done, None))


def executor_for(records: int) -> "Executor | None":
    """Return processes for so many records, one for each core; None if this process alone is as fast."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return process_pool(min(cores, MAX_PROCESSES)) if records >= MIN_RECORDS and cores > 1 else None


def process_pool(processes: int, start_method: str | None = None) -> "Executor | None":
    """Return an executor with so many processes; None on a system that cannot share locks between them."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # A fork is there at once, and safe while this process has no threads.
    context = get_context(start_method or ("fork" if sys.platform == "linux" else None))
    try:
        return ProcessPoolExecutor(processes, context, _begin_worker)
    except (ImportError, NotImplementedError, OSError):
        return None


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; only the parent answers it
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Terminate this worker when its parent dies: it would wait for work forever."""
    from multiprocessing import parent_process

    if parent := parent_process():
        parent.join()
        signal.raise_signal(signal.SIGTERM)
