"""The files of a folder: which are records, which are copies of them, and which is that of a named trainee."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from ca_ladder.errors import (
    BadInput,
    Command,
    LadderError,
    NoRecord,
    NoTrainees,
    OtherTrainee,
    StoreUnreadable,
    StoreWriteFailed,
    Unknown,
    either,
    shortened,
    system_words,
)
from ca_ladder.record import store
from ca_ladder.record.atomic_file import locked, make_folder, resolved, retry_while_locked
from ca_ladder.record.names import file_stem, same_person
from ca_ladder.record.record import Record

ARCHIVE = "merged-copies"


def record_files(folder: Path) -> dict[Path, list[Path]]:
    """Return the record files in a folder by name, each with its copies there.

    Every .json file counts as a record, even a damaged one, except the program's own reports. See `_original` for which
    of several files of one record is the record itself. Raises StoreUnreadable.
    """
    if not store.exists(folder):
        return {}
    by_record: dict[str, list[Path]] = {}
    try:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() != ".json" or path.name[0] == "." or not (path.is_file() or path.is_symlink()):
                continue
            prefix = store.read_prefix(path)
            if b'"schema": "ca-ladder ' not in prefix:
                by_record.setdefault(store.record_id_in(prefix) or path.name, []).append(path)
    except OSError as problem:
        raise StoreUnreadable(folder, system_words(problem)) from None
    originals = {_original(paths): paths for paths in by_record.values()}
    return {original: [path for path in paths if path != original] for original, paths in sorted(originals.items())}


def _original(paths: Sequence[Path]) -> Path:
    """Return which of several files of one record is not a copy.

    It is the one whose name all others contain, else the one with the name that `init` gives, else the first.
    """
    for path in paths:
        if all(path.stem in other.stem for other in paths):
            return path
    for path in paths:
        with suppress(LadderError):
            if path.stem == file_stem(store.load(path).enrolment.name):
                return path
    return paths[0]


def copies(path: Path, record: Record) -> list[Path]:
    """Return the copies of this record in the store's folder, such as those a sync service or a browser made.

    A copy has the record's id, and its name contains the store's. A file with another name may be a store itself, such
    as the one that this is a copy of.
    """
    target = resolved(path)
    try:
        siblings = sorted(target.parent.iterdir())
    except OSError:  # the folder may be entered, but not listed
        return []
    return [
        sibling
        for sibling in siblings
        if sibling != target
        and sibling.suffix == target.suffix
        and sibling.name[0] != "."
        and target.stem in sibling.stem
        and sibling.is_file()
        and store.id_at(sibling) == record.id
    ]


def archive(path: Path, copy: Path) -> Path:
    """Move a merged copy of the store into the archive folder under a unique name; return its new path."""
    folder = copy.parent / ARCHIVE
    with locked(resolved(path)):  # so that two programs do not choose the same name
        try:
            make_folder(folder)
            archived = folder / copy.name
            number = 1
            while archived.exists():
                number += 1
                archived = folder / f"{copy.stem} ({number}){copy.suffix}"
            retry_while_locked(lambda: copy.rename(archived))
        except FileNotFoundError:
            raise NoRecord(copy) from None
        except OSError as problem:
            raise StoreWriteFailed(copy, system_words(problem)) from None
    return archived


def trainee_names(folder: Path) -> dict[Path, str]:
    """Return the trainee's name for each record in a folder, or the file's name where the record has none."""
    return {path: store.name_at(path) or path.stem for path in record_files(folder)}


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
