"""The store: what was saved is there, what was not is as before, and nothing is ever replaced unread."""

import errno
import json
import os
import stat
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from ca_ladder.errors import (
    InvalidState,
    LadderError,
    NoRecord,
    StoreDamaged,
    StoreLocked,
    StoreUnreadable,
    StoreWriteFailed,
    WriteFailed,
)
from ca_ladder.record import atomic_file as files
from ca_ladder.record import store
from ca_ladder.record.actor import enrol_again
from ca_ladder.record.events import Person
from ca_ladder.record.folder import archive
from ca_ladder.record.names import is_visible
from ca_ladder.record.record import Record
from tests.conftest import forged_id, laid_out
from tests.record.builders import ANN, CHECKED, REWRITTEN, A, ann, new_record, stamp

posix = pytest.mark.skipif(os.name == "nt", reason="Windows keeps neither modes nor folder handles")


def checked(record: Record) -> Record:
    """Return the record with its one item checked: a change like any other."""
    return ann(0).check(record, [A])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the place of a store with a new record in it."""
    path = tmp_path / "ann.json"
    store.create(path, new_record())
    return path


# --- round trip ---------------------------------------------------------------------------------------------


def test_create_and_update_are_read_back(tmp_path: Path) -> None:
    """What was created and what was added is what is loaded, also from a new folder."""
    path = tmp_path / "new" / "folder" / "ann.json"
    assert not store.exists(path)
    record = new_record()
    store.create(path, record)
    assert store.exists(path)
    assert store.load(path) == record
    after = store.update(path, checked)
    assert after.events[:-1] == record.events
    assert store.load(path) == after


# Whatever a person can type or paste: emoji, control characters, decomposed letters; no halves of characters.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(is_visible)


@given(name=texts, note=texts, evidence=st.lists(texts, max_size=3))
def test_every_text_comes_back_to_the_character(name: str, note: str, evidence: list[str]) -> None:
    """Names, notes and evidence are kept exactly, and every event keeps its id."""
    record = ann(0, name=name).check(new_record(name), [A], note=note, evidence=evidence)
    with tempfile.TemporaryDirectory() as folder:
        store.create(Path(folder) / "s.json", record)
        assert store.load(Path(folder) / "s.json") == record


def test_a_change_that_changes_nothing_writes_nothing(path: Path) -> None:
    """The file is not touched for nothing: a copy that is synced stays as it was."""
    before = path.stat()
    assert store.update(path, lambda record: record) == store.load(path)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


# --- what cannot be read ------------------------------------------------------------------------------------


def good() -> dict[str, Any]:
    """Return the content of a good store, to be spoilt."""
    record = new_record()
    events = [{"id": event.id, **event.content()} for event in record.events]
    return {"format": "ca-ladder record", "schema": 3, "record": record.id, "events": events}


def spoilt_event(**changes: Any) -> dict[str, Any]:
    """Return the content of a store whose only event is changed."""
    content = good()
    return content | {"events": [content["events"][0] | changes]}


DAMAGED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "blank": (b" \n\t", "it is empty"),
    "not JSON": (b"Dear diary", r"not whole JSON \(line 1\)"),
    "cut": (b'{\n"format": "ca-ladder rec', r"not whole JSON \(line 2\)"),
    "not text": (b'{"format": "\xff"}', "not whole JSON"),
    "nested without end": (b"[" * 100_000, "not a ca-ladder record"),
    "fields in fields without end": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "not a ca-ladder record"),
    "a number that is none": (b'{"format": "ca-ladder record", "schema": NaN}', "not whole JSON"),
    "a list": (b"[]", "not a ca-ladder record"),
    "other JSON": (b'{"name": "Ann"}', "not a ca-ladder record"),
    **{
        name: (json.dumps(content).encode(), reason)
        for name, content, reason in [
            ("no schema", {k: v for k, v in good().items() if k != "schema"}, "schema number is missing"),
            ("schema in words", good() | {"schema": "1"}, "schema number is missing"),
            ("schema true", good() | {"schema": True}, "schema number is missing"),
            ("schema 0", good() | {"schema": 0}, "schema number is missing"),
            ("no events", {k: v for k, v in good().items() if k != "events"}, "list of events is missing"),
            ("events in words", good() | {"events": "none"}, "list of events is missing"),
            ("events empty", good() | {"events": []}, "does not begin with the enrolment"),
            ("no event", good() | {"events": [1]}, "event 1 is damaged\\."),
            ("unknown kind", spoilt_event(kind="approve"), "event 1 is damaged at `kind`"),
            ("unknown field", spoilt_event(extra=1), "event 1 is damaged at `extra`"),
            ("no time zone", spoilt_event(at="2026-03-31T15:04:00"), "event 1 is damaged at `at`"),
            ("nested field", spoilt_event(by={"name": "Ann"}), "event 1 is damaged at `by.role`"),
            ("first no enrolment", spoilt_event(enrolment=None), "does not begin with the enrolment"),
            ("of another record", good() | {"record": "other"}, "does not begin with the enrolment"),
        ]
    },
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_store_is_told_and_left_as_it_is(damage: str, tmp_path: Path) -> None:
    """Reading, updating and creating all refuse what they cannot read; not a byte of it is touched."""
    data, reason = DAMAGED[damage]
    path = tmp_path / "ann.json"
    path.write_bytes(data)
    with pytest.raises(StoreUnreadable, match=reason) as refusal:
        store.load(path)
    assert refusal.value.exit_code == 3
    with pytest.raises(StoreUnreadable, match=reason):
        store.update(path, checked)
    with pytest.raises(StoreUnreadable):
        store.create(path, new_record())
    assert path.read_bytes() == data


def with_forged_check(path: Path, **fields: Any) -> bytes:
    """Return the record's file with a check that says this too, in the program's own form and under a fitting id."""
    content = json.loads(store.as_bytes(checked(store.load(path))))
    check = content["events"][1] | fields
    content["events"][1] = check | {"id": forged_id(check)}
    return laid_out(content)


@pytest.mark.parametrize(("field", "value"), [("of", "A" * 64), ("of", "é" * 64), ("parents", ["g" * 64])])
def test_what_an_entry_names_is_an_id_even_where_its_own_fits(path: Path, field: str, value: Any) -> None:
    """A record that lies there as if this program had left it is looked into when it names what no entry can be."""
    with pytest.raises(StoreDamaged, match=f"event 2 is damaged at `{field}`"):
        store.stored_in(with_forged_check(path, **{field: value}), path)


def test_a_missing_store_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    """No record yet is no damage: the error says how to begin, and no file or folder appears."""
    path = tmp_path / "folder" / "ann.json"
    for ask in (store.load, lambda path: store.update(path, checked)):
        with pytest.raises(NoRecord, match="ca-ladder init") as refusal:
            ask(path)
        assert refusal.value.exit_code == 1
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_folder_is_no_store(tmp_path: Path) -> None:
    """Somebody who names a folder is told to name the file."""
    with pytest.raises(StoreUnreadable, match="it is a folder"):
        store.load(tmp_path)
    with pytest.raises(StoreUnreadable):
        store.create(tmp_path, new_record())


def test_a_place_that_cannot_be_is_told() -> None:
    """A character no file name has gives a sentence, not a crash."""
    path = Path("ann\0.json")
    with pytest.raises(StoreUnreadable, match="not a name for a file"):
        store.load(path)
    with pytest.raises(StoreWriteFailed, match="not a name for a file"):
        store.create(path, new_record())


@posix
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_may_never_end_is_not_read(tmp_path: Path, kind: str, linked: bool) -> None:
    """A pipe that nobody writes into, or a device: refused at once, whether by its own name or through a link."""
    special = tmp_path / "pipe.json" if kind == "pipe" else Path("/dev/zero")
    if kind == "pipe":
        os.mkfifo(special)
    path = tmp_path / "link.json" if linked else special
    if linked:
        path.symlink_to(special)
    for ask in (store.load, lambda path: store.update(path, checked), lambda path: store.create(path, CHECKED)):
        with pytest.raises(StoreUnreadable, match=r"it is not a file|something else was put there"):
            ask(path)
    assert not store.holds_record(path)
    assert (store.id_at(path), store.name_at(path)) == (None, None)


@posix
def test_links_that_lead_in_a_circle_are_told(tmp_path: Path) -> None:
    """A link that leads nowhere is a reason to stop, not to crash or to replace it."""
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(StoreUnreadable):
        store.load(tmp_path / "one")
    with pytest.raises(LadderError):
        store.create(tmp_path / "one", new_record())
    assert (tmp_path / "one").is_symlink()


# --- what a file is, without reading all of it ---------------------------------------------------------------------


@pytest.mark.parametrize("rewritten", REWRITTEN)
def test_a_record_is_known_in_every_layout(path: Path, rewritten: str) -> None:
    """Whatever can be read as a record is known as one, and as whose."""
    record = ann(0).note(store.load(path), A, "Zoë, twice" * 300)
    path.write_bytes(REWRITTEN[rewritten](store.as_bytes(record)))
    assert store.holds_record(path)
    assert (store.id_at(path), store.name_at(path)) == (record.id, "Ann")


@pytest.mark.parametrize(
    "golden", sorted((Path(__file__).parent / "golden").glob("*.json")), ids=lambda path: path.stem
)
def test_a_record_of_every_schema_is_known_even_damaged_or_newer(golden: Path, path: Path) -> None:
    """The beginning tells it, so that backups of it can be offered."""
    whole = golden.read_bytes()
    for data in (whole, whole[:1500], whole[:1500].decode().encode("utf-16")):
        path.write_bytes(data)
        assert store.holds_record(path)
        assert store.id_at(path) == store.load(golden).id
    for data in (whole, whole[:1500], whole.replace(b'schema": ', b'schema": 9').replace(b'schema":', b'schema":9')):
        path.write_bytes(data)
        assert store.name_at(path) == "Zoë O'Neil"


def test_a_record_goes_by_the_name_of_today(path: Path) -> None:
    """A trainee who took another name is found by it."""
    store.update(path, lambda record: enrol_again(record, stamp(0), ANN, name="Ann Lee"))
    assert store.name_at(path) == "Ann Lee"


# --- writing ------------------------------------------------------------------------------------------------


def test_create_never_replaces_anything(path: Path) -> None:
    """A second record at the same place is refused, whatever stands there."""
    before = path.read_bytes()
    with pytest.raises(StoreUnreadable, match="something else was put there"):
        store.create(path, new_record("Bea"))
    assert path.read_bytes() == before


@posix
def test_create_through_a_link_that_leads_to_nothing_yet(tmp_path: Path) -> None:
    """Where a link already waits for the record, the record is made where it leads."""
    link, target = tmp_path / "link.json", tmp_path / "target.json"
    link.symlink_to(target)
    store.create(link, new_record())
    assert link.is_symlink()
    assert store.load(target).enrolment.name == "Ann"


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_mode_is_kept(path: Path, mode: int) -> None:
    """Who could read and write the record before, and nobody else, can afterwards."""
    path.chmod(mode)
    store.update(path, checked)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_read_only_record_is_not_replaced(path: Path) -> None:
    """Who closes a leaver's record means it: not even an administrator changes or restores it without opening it."""
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(StoreWriteFailed, match="it is read-only") as refusal:
        store.update(path, checked)
    assert refusal.value.exit_code == 5
    with pytest.raises(StoreWriteFailed, match="it is read-only"):
        store.replace_content(path, store.as_bytes(CHECKED), lambda _: None)
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} == {".ann.json.lock", path.name}
    path.chmod(0o644)
    store.update(path, checked)


def test_pieces_are_one_file_or_none(path: Path) -> None:
    """What is written piece by piece stands there whole; where the pieces break off, what was there still does."""
    files.write_atomically(path, (piece.encode() for piece in ("one, ", "two, ", "three")))
    assert path.read_text("utf-8") == "one, two, three"
    with pytest.raises(StoreWriteFailed):
        files.write_atomically(path, ((path.parent / name).read_bytes() for name in (path.name, "missing")))
    assert path.read_text("utf-8") == "one, two, three"
    assert {file.name for file in path.parent.iterdir()} == {".ann.json.lock", path.name}


def test_a_copy_that_somebody_else_archived_is_gone(path: Path) -> None:
    """Two who take over the same copy: the second is told that there is none any more."""
    copy = path.with_name("ann (1).json")
    copy.write_bytes(b"{}")
    archive(path, copy)
    with pytest.raises(NoRecord):
        archive(path, copy)


def test_copies_are_archived_one_at_a_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody else holds the store, no copy is moved."""
    # The wait is a constant because no caller has a reason to choose another; the test need not sit it through.
    monkeypatch.setattr(files, "LOCK_SECONDS", 0.1)
    copy = path.with_name("ann (1).json")
    copy.write_bytes(b"{}")
    with FileLock(path.with_name(".ann.json.lock")), pytest.raises(StoreLocked):
        archive(path, copy)
    assert copy.exists()


def test_a_record_knows_whether_it_was_altered(path: Path) -> None:
    """One letter changed by hand, or a field said aloud that was not said, is known when the record is read."""
    assert not store.load(path).altered
    for old, new in (
        (b'"name":"Ann"', b'"name":"Bea"'),
        (b'"on"', b'"observed":false,"on"'),
        (b'Z"', b'+00:00"'),
    ):
        data = path.read_bytes().replace(old, new, 1)
        assert data != path.read_bytes()
        assert store.stored_in(data, path).record.altered
    assert not store.stored_in(path.read_bytes().replace(b"\n", b"\r\n"), path).record.altered


def test_a_default_said_aloud_is_altered_even_under_a_fitting_id(path: Path) -> None:
    """The next change would write the entry without it, under an id that fits no longer: it is known before that."""
    assert store.stored_in(with_forged_check(path, observed=False), path).record.altered


def test_a_refused_change_leaves_every_byte(path: Path) -> None:
    """A rule that refuses leaves the file as it was, and the lock free for the next."""
    before = path.read_bytes()
    mentor = replace(ann(0), by=Person(name="Mo", role="mentor"))
    with pytest.raises(InvalidState, match="not checked"):
        store.update(path, lambda record: mentor.sign_off(record, [A]))
    assert path.read_bytes() == before
    assert store.update(path, checked).status(A).state == "checked"


@posix
def test_a_place_below_a_file_cannot_be_written(path: Path) -> None:
    """A path that goes through a file is told, and that file stays."""
    before = path.read_bytes()
    with pytest.raises(StoreWriteFailed, match=r"file exists|not a directory"):
        store.create(path / "bea.json", new_record("Bea"))
    assert path.read_bytes() == before


def full_disk(*_: object) -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_makes_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that could not be begun is not there, so that it can be begun again."""
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(StoreWriteFailed):
        store.create(tmp_path / "ann.json", new_record())
    assert not store.exists(tmp_path / "ann.json")


@posix
def test_a_folder_that_does_not_confirm_is_told_though_the_record_is_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saved but not confirmed is neither success nor failure: the new record is there to be looked at."""
    # Some network shares refuse to sync a folder; the folder is made to refuse here.
    real_fsync = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real_fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(WriteFailed, match="did not confirm it \\(input/output error\\)") as warning:
        store.update(path, checked)
    assert warning.value.exit_code == 5
    assert store.load(path).status(A).state == "checked"


def test_a_record_saved_after_enrolling_again_is_still_its_own(path: Path) -> None:
    """A changed name or mentor leaves the record's UUID: it is found again under it."""
    before = store.load(path).id
    store.update(path, lambda record: enrol_again(record, stamp(0), ANN, name="Ann Lee"))
    assert (store.load(path).id, store.load(path).enrolment.name) == (before, "Ann Lee")
