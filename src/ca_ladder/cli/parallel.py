"""Reading and measuring all records of a team, in several processes if there are many. The order is that of the files.

Only what is made of each record is kept, so that memory does not grow with the number of records.
"""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
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
MAX_PENDING_CHUNKS = 2 * MAX_PROCESSES


class Result(NamedTuple, Generic[Value]):
    """The value for one record, or why there is none; the trainee's or file's name, and warnings to print."""

    path: Path
    name: str
    warnings: list[str]
    value: Value | LadderError


@dataclass(frozen=True)
class MeasureJob(Generic[Value]):
    """Measures records one by one. Holds only data, so that it can be sent to another process.

    ``tier`` and ``as_of`` are as they were typed.
    """

    context: CommandContext
    tier: str | None
    as_of: str | None
    convert: Callable[[TraineeProgress], Value]  # another process finds it by its name

    def run(self, file: tuple[Path, list[Path]]) -> Result[Value]:
        """Return the result for a record with these copies beside it."""
        path, copies = file
        warnings: list[str] = []
        name = path.stem
        trainee = self.context.about(path)
        try:
            record = replace(trainee.repository, warn=warnings.append).load_and_report_copies(copies)
            name = record.enrolment.name
            value = self.convert(trainee.progress(record, self.tier, as_of=self.as_of))
            return Result(path, name, warnings, value)
        except LadderError as problem:
            return Result(path, name, warnings, problem.with_traceback(None))

    def run_chunk(self, files: list[tuple[Path, list[Path]]]) -> list[Result[Value]]:
        """Return the results for several records."""
        return [self.run(file) for file in files]


def measure_all(
    job: MeasureJob[Value], files: dict[Path, list[Path]], executor: "Executor | None" = None
) -> Generator[Result[Value], None, None]:
    """Yield the result for each record, in the order of the files.

    If a process of the executor dies, or none can be started, the remaining records are measured in this process.
    """
    done = 0
    if executor:
        from concurrent.futures import BrokenExecutor

        try:
            for result in _submitted(job, files, executor):
                yield result
                done += 1
        except (BrokenExecutor, OSError):
            pass
    yield from map(job.run, islice(files.items(), done, None))


def _submitted(job: MeasureJob[Value], files: dict[Path, list[Path]], executor: "Executor") -> Iterator[Result[Value]]:
    """Yield the results of the executor. Only a few chunks are submitted ahead, so that results do not pile up."""
    items = iter(files.items())
    chunks = iter(lambda: list(islice(items, CHUNK)), [])
    pending = deque(executor.submit(job.run_chunk, chunk) for chunk in islice(chunks, MAX_PENDING_CHUNKS))
    try:
        while pending:
            results = pending.popleft().result()
            pending.extend(executor.submit(job.run_chunk, chunk) for chunk in islice(chunks, 1))
            yield from results
    finally:
        for future in pending:
            future.cancel()


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
