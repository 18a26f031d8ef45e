"""The files of a folder: which are records, which are copies of them, and which is that of a named trainee."""

import re
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
    NotPossible,
    NoTrainees,
    OtherTrainee,
    StoreUnreadable,
    StoreWriteFailed,
    Unknown,
    either,
    quoted,
    shortened,
    system_words,
)
from ca_ladder.record import store
from ca_ladder.record.atomic_file import locked, make_folder, resolved, retry_while_locked
from ca_ladder.record.names import file_stem, same_person
from ca_ladder.record.record import Record

ARCHIVE = "merged-copies"


# What is added to a file's name by whoever keeps both of two copies. docs/store.md names who does, and the sources.
_ADDED = "|".join(
    (
        r" ?\(\d+\)",
        r" - Copy( \(\d+\))?",
        r"_conf\(\d+\)",
        r"-(?=[0-9-]*[A-Z])[A-Z0-9-]+",  # a computer's name, which has a letter
        r"\.sync-conflict-\d{8}-\d{6}(-[A-Z0-9]{7})?",
        r" ?\((?i:.*[ck]onfli.*)\)",
        r" \[conflicted( \d+)?\]|\.conflicted",
        r"\.Conflict\d*",
        r"_.+_[A-Z][a-z]{2}-\d\d-\d{4,6}-\d{4}_\w*Conflict(_\d+)?",
    )
)
_FIRST_ID = re.compile(rb'"id":\s*"([0-9a-f]{64})"')


def record_files(folder: Path) -> dict[Path, list[Path]]:
    """Return the record files in a folder by name, each with the other files of the same record.

    Whatever is named .json counts as a record, even if it cannot be read, except folders, JSON Schemas, and the
    program's own reports. See `_with_others` for which of several files of one record is the record itself. Raises
    StoreUnreadable.
    """
    if not store.exists(folder):
        return {}
    by_id: dict[str, list[Path]] = {}
    try:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() != ".json" or path.name[0] == "." or (path.is_dir() and not path.is_symlink()):
                continue
            prefix = store.read_prefix(path)
            if not store.is_other_json(prefix):
                by_id.setdefault(store.id_in(prefix, path) or path.name, []).append(path)
    except OSError as problem:
        raise StoreUnreadable(folder, system_words(problem)) from None
    files = [pair for paths in by_id.values() for pair in _with_others(paths).items()]
    return dict(sorted(files))


def _with_others(paths: Sequence[Path]) -> dict[Path, list[Path]]:
    """Return which of the files with one record's id are the record, each with the others.

    Conflict copies are not. Of other files that begin with the same event, the record is the one with the trainee's own
    file name, else the one with the most entries. A file that begins otherwise is another record under that id.
    """
    if len(paths) == 1:
        return {paths[0]: []}
    after = {path: [other for other in paths if is_conflict_copy(path, other)] for path in paths}
    by_first_event: dict[str, list[Path]] = {}
    for path in paths:
        if not after[path]:
            by_first_event.setdefault(_first_id(path), []).append(path)
    files = {}
    for same in by_first_event.values():
        record = min(same, key=_rank)
        files[record] = [path for path in paths if path != record and not {path, *after[path]}.isdisjoint(same)]
    return files


def _rank(path: Path) -> tuple[int, int, int, str]:
    """Return what orders the files of one record: the first is the record itself."""
    try:
        record = store.load(path)
    except LadderError:
        return _rank_of_name(path.stem, store.name_at(path)), 0, len(path.stem), path.name
    return _rank_of_name(path.stem, _first_name(record)), -len(record.events), len(path.stem), path.name


def _rank_of_name(stem: str, name: str | None) -> int:
    """Return 0 for the name that `init` gives to this trainee's file, 1 for that with a number, 2 for any other."""
    expected = file_stem(name) if name else ""
    if expected and stem == expected:
        return 0
    return 1 if expected and re.fullmatch(re.escape(expected) + r"-\d+", stem) else 2


def _first_name(record: Record) -> str:
    """Return the name that the trainee enrolled under: the file was named after it."""
    first = record.events[0].enrolment
    return first.name if first else ""


def _first_id(path: Path) -> str:
    """Return the id of the first event in a file; empty if there is none."""
    if match := _FIRST_ID.search(store.read_prefix(path)):
        return match[1].decode()
    with suppress(LadderError):
        return store.load(path).events[0].id
    return ""


def is_conflict_copy(path: Path, of: Path) -> bool:
    """Whether a sync service, a browser or Windows would have named a copy of the other file so.

    A file with its trainee's own name is a record, whatever the name looks like.
    """
    return _is_named_after(path, of) and _rank_of_name(path.stem.casefold(), store.name_at(path)) == 2


def _is_named_after(path: Path, other: Path) -> bool:
    # Without going back to what has matched: a long name would take for ever otherwise.
    pattern = f"{re.escape(other.stem)}(?>{_ADDED})++"
    return path.suffix == other.suffix and bool(re.fullmatch(pattern, path.stem))


def copies(path: Path, record: Record) -> list[Path]:
    """Return the conflict copies of this record next to its file."""
    target = resolved(path)
    return [sibling for sibling in _siblings(target) if is_conflict_copy(sibling, target) and _is_of(sibling, record)]


def is_mistakable(new: Path, record: Record) -> bool:
    """Whether a copy under this new name would be taken for the record, or for a conflict copy, in its folder."""
    target = resolved(new)
    others = [sibling for sibling in _siblings(target) if sibling.suffix == target.suffix and _is_of(sibling, record)]
    name = _first_name(record)
    ranks = [_rank_of_name(other.stem, name) for other in others]
    return any(_is_named_after(target, other) or _is_named_after(other, target) for other in others) or (
        _rank_of_name(target.stem, name) < min(ranks, default=0)
    )


def _siblings(path: Path) -> list[Path]:
    """Return what else is in the folder; nothing if the folder may be entered, but not listed."""
    try:
        return [sibling for sibling in sorted(path.parent.iterdir()) if sibling != path and sibling.name[0] != "."]
    except OSError:
        return []


def _is_of(path: Path, record: Record) -> bool:
    return path.is_file() and store.id_at(path) == record.id


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
    it. Raises OtherTrainee, NoTrainees, Unknown, NotPossible for a copy, or BadInput if several fit.
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
        options = either([f"--trainee {quoted(path.stem)}" for path in matches])
        raise BadInput(f'"{typed}" may be several. Say which: {options}')
    if matches:
        return matches[0]
    if not names:
        raise NoTrainees(path)
    for record, others in record_files(path).items():
        if any(other.stem == typed.strip() for other in others):
            copy = f"{typed.strip()}{record.suffix} is a copy of {record.name}, the record of {names[record]}."
            raise NotPossible(f"{copy} To begin one for somebody else", Command('init --name "NAME"', about="store"))
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
