"""What is done with each record of a team: read, measured, made into what is asked for; by several processes, if many.

Nothing else of a record is kept, and the order is that of the files, however many work on them.
"""

import os
import shlex
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from ca_ladder.cli.context import CommandContext
from ca_ladder.cli.repository import entries
from ca_ladder.errors import LadderError
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.record import store
from ca_ladder.record.record import Record

Made = TypeVar("Made")

# From so many records on, starting processes takes less time than they save.
ENOUGH = 300
MOST_PROCESSES = 4
_AT_ONCE = 25


class Outcome(NamedTuple, Generic[Made]):
    """What came of one record: what was made of it, or why nothing was; whose it is, and what else to tell of it."""

    path: Path
    name: str
    told: list[str]
    came: Made | LadderError


class Work(NamedTuple, Generic[Made]):
    """What is asked of each record of a team, in the words that were typed."""

    context: CommandContext
    tier: str | None
    as_of: str | None
    make: Callable[[TraineeProgress], Made]

    def done(self, file: tuple[Path, list[Path]]) -> Outcome[Made]:
        """Return what came of a record that has these copies."""
        path, copies = file
        own, told = self.context.about(path), list[str]()
        own.repository.warn = told.append
        name = path.stem
        try:
            record = read(own, copies)
            name = record.enrolment.name
            return Outcome(path, name, told, self.make(own.progress(record, self.tier, as_of=self.as_of)))
        except LadderError as problem:
            return Outcome(path, name, told, problem.with_traceback(None))


def read(own: CommandContext, copies: Iterable[Path]) -> Record:
    """Return a record of the team; tell of the copies beside it that hold more."""
    record = own.repository.load()
    for copy in copies:
        _tell_of_copy(own, record, copy)
    return record


def outcomes(
    work: Work[Made], files: dict[Path, list[Path]], processes: int, start: str | None = None
) -> Generator[Outcome[Made], None, None]:
    """Yield what came of each record, in their order; ``start`` says how processes begin, if not as is best here.

    Several processes need a function that they know by its name, and what can be sent. Where they cannot be had, or one
    of them is ended, the rest is done here.
    """
    done = 0
    if processes > 1:
        from concurrent.futures import BrokenExecutor

        _ = work.context.catalogue  # what is wrong with it is told before anything is begun
        try:
            for each in _pooled(work, files, processes, start):
                yield each
                done += 1
        except (BrokenExecutor, OSError, ImportError):  # the last where a system has no locks for processes
            pass
    yield from map(work.done, islice(files.items(), done, None))


def processes_for(records: int) -> int:
    """Return how many processes measure so many records fastest: one for each core, if they are many."""
    if records < ENOUGH:
        return 1
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores, MOST_PROCESSES)


def _pooled(
    work: Work[Made], files: dict[Path, list[Path]], processes: int, start: str | None
) -> Iterator[Outcome[Made]]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # A copy of this process is there at once, and safe while it has no threads.
    context = get_context(start or ("fork" if sys.platform == "linux" else None))
    plain = work._replace(context=replace(work.context))  # without consoles and what else it has opened
    with ProcessPoolExecutor(processes, context, _begin, (plain,)) as pool:
        yield from pool.map(_done_there, files.items(), chunksize=_AT_ONCE)


_works: list[Work[Any]] = []  # in a process of a pool: the one thing that it is there for


def _begin(work: Work[Any]) -> None:
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the one that shows the report answers it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _works.append(work)


def _end_with_parent() -> None:
    """End when the one that shows the report is no more, even if it was killed: nobody else would end this process."""
    from multiprocessing import parent_process

    if parent := parent_process():
        parent.join()
        os._exit(1)


def _done_there(file: tuple[Path, list[Path]]) -> Outcome[Any]:
    return _works[-1].done(file)


def _tell_of_copy(own: CommandContext, record: Record, copy: Path) -> None:
    try:
        more = sum(id_ not in record.by_id for id_ in store.load(copy).by_id)
    except LadderError:
        more = -1
    if more:
        what = f"with {entries(more)} more" if more > 0 else "that cannot be read. To see why"
        merge = own.on_this_store(f"ca-ladder record merge {shlex.quote(str(copy))}")
        own.repository.warn(f"Beside {own.store.name} lies a copy {what}: {merge}")
