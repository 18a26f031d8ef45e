"""A team is a folder of records: which one a command is about, and all of them measured in one pass."""

import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from ca_ladder.catalogue.lookup import find_named
from ca_ladder.cli.keeper import entries
from ca_ladder.cli.session import Session, fail
from ca_ladder.errors import BadInput, LadderError, NothingKnown, NoTrainees, OtherTrainee, Unknown, WhichTrainee
from ca_ladder.progress.team import TeamProgress, Unreadable, team
from ca_ladder.record import store
from ca_ladder.record.folding import Record
from ca_ladder.record.names import same_person

# After so many seconds of reading, whoever waits at a terminal sees how far it is.
PATIENCE = 1.0


def names_in(folder: Path) -> dict[Path, str]:
    """Return the trainees whose records lie in a folder; of one that cannot be read, the file's name."""
    names = {}
    for path in store.record_files(folder):
        try:
            names[path] = store.load(path).enrolment.name
        except LadderError:
            names[path] = path.stem
    return names


def chosen(place: Path, typed: str | None, *, in_folder: bool) -> Path:
    """Return the record of the trainee meant, in a folder, or else the file itself if it is theirs."""
    if not in_folder:
        name = store.load(place).enrolment.name
        if not _fits(typed or "", {place: name}):
            raise OtherTrainee(name, place)
        return place
    names = names_in(place)
    if not names:
        raise NoTrainees(place)
    if typed is None and len(names) > 1:
        raise WhichTrainee(list(names.values()))
    return next(iter(names)) if typed is None else _chosen_from(names, typed)


def _chosen_from(names: dict[Path, str], typed: str) -> Path:
    files = {path.stem: path for path in names}
    if typed in files:
        return files[typed]
    same = [path.stem for path, name in names.items() if same_person(name, typed)]
    if len(same) > 1:
        raise BadInput(f"There are {len(same)} records of {typed}. Say which file: --trainee {' or '.join(same)}")
    return files[same[0] if same else find_named("trainee", typed, _by_stem(names), "ca-ladder report")]


def _fits(typed: str, names: dict[Path, str]) -> bool:
    try:
        return bool(_chosen_from(names, typed))
    except Unknown:
        return False


def _by_stem(names: dict[Path, str]) -> dict[str, str]:
    return {path.stem: name for path, name in names.items()}


def records(session: Session) -> Iterator[tuple[Session, Record | LadderError]]:
    """Yield the records of the team, each with a session of its own; of one that cannot be read, why.

    Tells of copies beside a record that hold more, and shows how far it is when it takes long.
    """
    files = store.record_files(session.place)
    if not files:
        raise NoTrainees(session.place)
    for path in _watched(session, list(files)):
        own = session.about(path)
        try:
            record = own.keeper.alone()
        except LadderError as problem:
            yield own, problem
            continue
        for copy in files[path]:
            _tell_of_copy(own, record, copy)
        yield own, record


def measured(session: Session, tier: str | None, as_of: str | None) -> TeamProgress:
    """Return the progress of the team, or of the one trainee whom the command is about, as a team of one.

    Whoever had no record yet on that day, or has no such tier, is left out. Raises what keeps all of them out.
    """
    if not session.of_team:
        one = session.progress(session.record(), tier, as_of=as_of)
        return team(one.as_of, [one])
    day = session.day(as_of)
    trainees, unreadable, left_out = [], [], list[LadderError]()
    for own, record in records(session):
        try:
            if isinstance(record, LadderError):
                raise record
            trainees.append(own.progress(record, tier, as_of=as_of))
        except (NothingKnown, Unknown) as problem:
            left_out.append(problem)
        except LadderError as problem:
            unreadable.append(Unreadable(own.store.name, " ".join(problem.lines())))
    if not trainees and left_out and not unreadable:
        raise left_out[0]
    return team(day, trainees, unreadable)


def report_unreadable(team: TeamProgress) -> None:
    """End with exit code 1 when records could not be read: they were reported on stderr, and hide no others."""
    if team.unreadable:
        raise fail([each.why for each in team.unreadable], 1)


def _tell_of_copy(own: Session, record: Record, copy: Path) -> None:
    try:
        more = sum(id_ not in record.known for id_ in store.load(copy).known)
    except LadderError:
        more = -1
    if more:
        what = f"with {entries(more)} more" if more > 0 else "that cannot be read. To see why"
        merge = own.on_this_store(f"ca-ladder record merge {shlex.quote(str(copy))}")
        own.say_aside(f"Beside {own.store.name} lies a copy {what}: {merge}")


def _watched(session: Session, files: Sequence[Path]) -> Iterator[Path]:
    """Yield the files; at a terminal, once it takes long, show on stderr how many are read."""
    if not session.may_ask:
        yield from files
        return
    begun = time.monotonic()
    with ExitStack() as stack:
        bar = None
        for number, path in enumerate(files):
            if bar is None and time.monotonic() - begun > PATIENCE:
                from rich.console import Console
                from rich.progress import Progress

                bar = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
                reading = bar.add_task("Reading", total=len(files))
            if bar is not None:
                bar.update(reading, completed=number)
            yield path
