"""A team is a folder of records: which one a command is about, and all of them measured in one pass."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.cli.measuring import Made, Work, outcomes, read
from ca_ladder.cli.places import backups_folder, own_store
from ca_ladder.cli.session import Session, fail
from ca_ladder.errors import (
    LadderError,
    NothingKnown,
    NoTrainees,
    OtherTrainee,
    SeveralTrainees,
    StoreDamaged,
    Unknown,
    WhichTrainee,
)
from ca_ladder.progress.results import TraineeProgress
from ca_ladder.progress.team import TeamProgress, Unreadable, team
from ca_ladder.record import store
from ca_ladder.record.files import resolved
from ca_ladder.record.folding import Record
from ca_ladder.record.names import file_stem, same_person

if TYPE_CHECKING:
    from ca_ladder.progress.consequences import Consequences, TraineeEffects

# After so many seconds of reading, whoever waits at a terminal sees how far it is.
PATIENCE = 1.0

Each = TypeVar("Each")


def names_in(folder: Path) -> dict[Path, str]:
    """Return the records in a folder, each with its trainee's name; of one that says none, the file's."""
    return {path: store.name_at(path) or path.stem for path in store.record_files(folder)}


def chosen(place: Path, typed: str | None, now: datetime, *, in_folder: bool) -> Path:
    """Return the record of the trainee meant, in a folder, or else the file itself if it is theirs."""
    if not in_folder:
        name = store.load(place).enrolment.name
        if not (_meant(typed or "", {place: name}) or _beginning(typed or "", {place: name})):
            raise OtherTrainee(name, place)
        return place
    names = names_in(place)
    if typed is None and len(names) > 1:
        raise WhichTrainee(list(names.values()))
    meant = list(names)
    if typed is not None:  # a whole name, also of a record that is gone, comes before the beginning of another
        meant = _meant(typed, names) or _lost(typed, place, now) or _beginning(typed, names)
    if not names and not meant:
        raise NoTrainees(place)
    if len(meant) > 1:
        raise SeveralTrainees(typed or "", [path.stem for path in meant])
    if not meant:
        near = get_close_matches((typed or "").casefold(), {name.casefold(): name for name in names.values()}, n=2)
        known = {name.casefold(): name for name in names.values()}
        raise Unknown("trainee", typed or "", [known[each] for each in near], "See: ca-ladder report")
    return meant[0]


def _meant(typed: str, names: dict[Path, str]) -> list[Path]:
    """Return the records that are meant by the whole name of the trainee or of the file."""
    whole = [path for path, name in names.items() if same_person(name, typed) or path.stem == typed.strip()]
    both = [path for path in whole if path.stem == typed.strip() and same_person(names[path].replace(" ", "-"), typed)]
    return both if len(whole) > 1 and both else whole


def _beginning(typed: str, names: dict[Path, str]) -> list[Path]:
    """Return the records of which what was typed is the beginning of a word of the name."""
    words = " " + " ".join(typed.casefold().replace("-", " ").split())
    return [
        path
        for path, name in names.items()
        if words.strip() and any(words in f" {each.casefold().replace('-', ' ')}" for each in (name, path.stem))
    ]


def _lost(typed: str, folder: Path, now: datetime) -> list[Path]:
    """Return the places of records that are gone, and of which there are backups of the trainee meant."""
    from ca_ladder.record.backups import listed_of_place

    stem = file_stem(typed)
    places = [folder / f"{each}.json" for each in (stem, *(f"{stem}-{number}" for number in range(2, 10)))]
    return [
        place
        for place in places
        if not place.exists()
        and any(
            each.record and (same_person(each.record.enrolment.name, typed) or typed.strip() == place.stem)
            for each in listed_of_place(backups_folder(), resolved(place), now)
        )
    ]


def records(session: Session) -> Iterator[tuple[Session, Record | LadderError]]:
    """Yield the records of the team, each with a session of its own; of one that cannot be read, why.

    Tells of copies beside a record that hold more, and shows how far it is when it takes long.
    """
    files = _files(session)
    for path in _watched(session, files, len(files)):
        own = session.about(path)
        try:
            record = read(own, files[path])
        except LadderError as problem:
            yield own, problem
            continue
        yield own, record


def measured(
    session: Session, tier: str | None, as_of: str | None, lean: Callable[[TraineeProgress], TraineeProgress]
) -> TeamProgress:
    """Return the progress of the team, or of the one trainee whom the command is about, as a team of one.

    ``lean`` says what of each trainee is kept in memory. Leaves out and raises as `each_measured` does.
    """
    trainees: list[TraineeProgress] = []
    unreadable = each_measured(session, tier, as_of, lean, trainees.append)
    return team(session.day(as_of), trainees, unreadable)


def each_measured(
    session: Session,
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
    if not session.of_team:
        take(make(session.progress(session.record(), tier, as_of=as_of)))
        return ()
    session.day(as_of)  # what is no date is told before anything is read
    files = _files(session)
    unreadable: list[Unreadable] = []
    early: list[NothingKnown] = []
    unknown: list[Unknown] = []
    elsewhere: list[str] = []
    later: list[str] = []
    with closing(outcomes(Work(session, tier, as_of, make), files, processes(len(files)))) as found:
        for path, name, told, came in _watched(session, found, len(files)):
            for line in told:
                session.say_aside(line)
            if isinstance(came, NothingKnown):
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
            session.say_aside(each.why)
        raise unknown[0] if unknown else min(early, key=lambda each: each.first)
    if unknown:
        session.say_aside(f"Left out, since their role has no such tier: {', '.join(elsewhere)}.")
    if early:
        session.say_aside(f"Left out, since nothing was recorded of them by then: {', '.join(later)}.")
    return tuple(unreadable)


def at_hand(session: Session) -> Iterator[tuple[Session, Record | LadderError]]:
    """Yield the records in the store, as `records` does; none, where no store is named and none begun."""
    if session.of_team:
        yield from records(session)
    elif session.place != own_store() or store.exists(session.place):
        try:
            yield session, session.keeper.alone()
        except LadderError as problem:
            yield session, problem


def foretold(session: Session, old: Catalogue, new: Catalogue) -> "Consequences":
    """Return what another catalogue does to the records in the store; to none, where none is begun."""
    from ca_ladder.progress.consequences import Consequences, consequences

    found: list[TraineeEffects] = []
    unreadable: list[Unreadable] = []
    for own, record in at_hand(session):
        if isinstance(record, LadderError):
            unreadable.append(Unreadable(own.store.name, why(own.store, record)))
        else:
            found.append(consequences(record, old, new, session.today, own.store.name))
    return Consequences(tuple(found), tuple(unreadable))


def why(path: Path, problem: LadderError) -> str:
    """Return why a file of the folder could not be read or measured, and what to do with one that is no record."""
    told = " ".join(problem.lines())
    if isinstance(problem, StoreDamaged):
        told = f"{problem} If it is none, move it out of the folder. {problem.remedy}".rstrip()
    return told if path.name in told else f"{path.name}: {told}"


def report_unreadable(unreadable: Sequence[Unreadable]) -> None:
    """End with exit code 1 when records could not be read: they were reported on stderr, and hide no others."""
    if unreadable:
        raise fail([each.why for each in unreadable], 1)


def _files(session: Session) -> dict[Path, list[Path]]:
    """Return the records of the team, each with its copies; raises NoTrainees."""
    files = store.record_files(session.place)
    if not files:
        raise NoTrainees(session.place)
    return files


def _watched(session: Session, each: Iterable[Each], total: int) -> Iterator[Each]:
    """Yield each of so many; at a terminal, once it takes long, show on stderr how many there were."""
    if not session.may_ask:
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
