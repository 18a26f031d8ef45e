"""A team is a folder of records: find the record of the trainee whom a person named."""

from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from ca_ladder.errors import BadInput, Command, NoTrainees, OtherTrainee, Unknown, either, shortened
from ca_ladder.record import store
from ca_ladder.record.atomic_file import resolved
from ca_ladder.record.names import file_stem, same_person


def trainee_names(folder: Path) -> dict[Path, str]:
    """Return the trainee's name for each record in a folder, or the file's name where the record has none."""
    return {path: store.name_at(path) or path.stem for path in store.record_files(folder)}


def find_trainee_record(path: Path, typed: str | None, backups_folder: Path, now: datetime, *, in_folder: bool) -> Path:
    """Return the file of the trainee's record: ``path`` itself, or a file in that folder.

    ``typed`` names the trainee; None means whoever is the only one. The record may be lost, when there are backups of
    it. Raises OtherTrainee, NoTrainees, Unknown, or BadInput if several fit.
    """
    if not in_folder:
        if typed is not None:
            name = store.load(path).enrolment.name
            if not (_with_name(typed, {path: name}) or _with_beginning(typed, {path: name})):
                raise OtherTrainee(name, path)
        return path
    names = trainee_names(path)
    if typed is None:
        if not names:
            raise NoTrainees(path)
        if len(names) > 1:
            raise BadInput(f'Which trainee? Add --trainee "NAME". Here are: {shortened(list(names.values()))}.')
        return next(iter(names))
    # The whole name of a lost record is tried before the beginning of another name.
    matches = (
        _with_name(typed, names) or _lost_records(typed, path, backups_folder, now) or _with_beginning(typed, names)
    )
    if len(matches) > 1:
        options = either([f"--trainee {path.stem}" for path in matches])
        raise BadInput(f'"{typed}" may be several. Say which: {options}')
    if matches:
        return matches[0]
    if not names:
        raise NoTrainees(path)
    by_folded = {name.casefold(): name for name in names.values()}
    near = get_close_matches(typed.casefold(), by_folded, n=2)
    raise Unknown("trainee", typed, [by_folded[folded] for folded in near], "See", Command("report", "store"))


def _with_name(typed: str, names: Mapping[Path, str]) -> list[Path]:
    """Return the records whose trainee or file has exactly this name."""
    matches = [path for path, name in names.items() if same_person(name, typed) or path.stem == typed.strip()]
    both = [
        path for path in matches if path.stem == typed.strip() and same_person(names[path].replace(" ", "-"), typed)
    ]
    return both or matches


def _with_beginning(typed: str, names: Mapping[Path, str]) -> list[Path]:
    """Return the records where a word of the trainee's or the file's name begins with what was typed."""
    words = " " + " ".join(typed.casefold().replace("-", " ").split())
    return [
        path
        for path, name in names.items()
        if words.strip() and any(words in f" {text.casefold().replace('-', ' ')}" for text in (name, path.stem))
    ]


def _lost_records(typed: str, folder: Path, backups_folder: Path, now: datetime) -> list[Path]:
    """Return the paths of this trainee's records that are gone but have backups."""
    from ca_ladder.record.backups import backups_of_store

    stem = file_stem(typed)
    paths = [folder / f"{name}.json" for name in (stem, *(f"{stem}-{number}" for number in range(2, 10)))]
    return [
        path
        for path in paths
        if not path.exists()
        and any(
            backup.record and (same_person(backup.record.enrolment.name, typed) or typed.strip() == path.stem)
            for backup in backups_of_store(backups_folder, resolved(path), now)
        )
    ]
