"""Backups: what a person may need again is there, as it was, and away from the store; the rest is let go."""

import json
import os
import stat
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ca_ladder.record import backups, store
from ca_ladder.record.actor import Actor
from ca_ladder.record.events import Stamp
from ca_ladder.record.fingerprint import fingerprint
from ca_ladder.record.merging import union
from ca_ladder.record.record import Record
from ca_ladder.record.store import SCHEMA, StoredRecord
from ca_ladder.record.witness import store_key
from tests.record.builders import ANN, LADDER, MORNING, A, new_record

posix = pytest.mark.skipif(os.name == "nt", reason="Windows keeps no modes")


def noted(record: Record, now: datetime, words: str = "so") -> Record:
    """Return the record with one more entry."""
    return Actor(LADDER, Stamp(now, "ann", "PC"), ANN).note(record, A, words)


def as_stored(record: Record) -> StoredRecord:
    """Return the record as it lies in a file."""
    return StoredRecord(record, store.as_bytes(record), SCHEMA)


def altered(record: Record) -> Record:
    """Return the record with the words of its last entry changed by hand."""
    return Record(
        (*record.events[:-1], replace(record.events[-1], note="altered")), altered=frozenset([len(record.events) - 1])
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the place of all backups; there is no file yet."""
    return tmp_path / "data" / "backups"


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """Return the place of the store."""
    return tmp_path / "shared" / "ann.json"


def kept(folder: Path, record: Record, now: datetime = MORNING) -> list[backups.Backup]:
    """Return the kept states of a record, the earliest first."""
    return backups.backups_of_record(folder, record.id, now)[::-1]


def counted(folder: Path, record: Record) -> list[int]:
    """Return how many entries are in each kept state by its file's name, the earliest first; quicker than to read."""
    names = sorted(path.name for path in (folder / record.id).glob("*.json"))
    return [int(name.split("_")[2].split("-")[0]) for name in names]


def noted_and_kept(folder: Path, store_path: Path, record: Record, *moments: datetime) -> Record:
    """Return the record with one more entry for each moment; each state was backed up at that moment."""
    for now in moments:
        record = noted(record, now)
        backups.keep(folder, as_stored(record), store_path, now)
    return record


def days(*numbers: int) -> list[datetime]:
    """Return the same hour of these days after the first."""
    return [MORNING + timedelta(days=number) for number in numbers]


def minutes(count: int) -> list[datetime]:
    """Return so many minutes of the first day."""
    return [MORNING + timedelta(minutes=number) for number in range(count)]


def newest(states: Iterable[backups.Backup], store_path: Path) -> backups.Backup:
    """Return the newest whole state."""
    whole = backups.newest_whole(states, store_path)
    assert whole is not None
    return whole


def entries(listed: Iterable[backups.Backup]) -> list[int]:
    """Return how many entries are in each state."""
    return [state.events for state in listed]


# --- what is kept, and how long -----------------------------------------------------------------------------


def test_the_last_ten_then_one_for_each_of_thirty_days(folder: Path, store_path: Path) -> None:
    """Over sixty days of four changes each: the last ten states, and the last of each day, for thirty days."""
    record = new_record()
    states: dict[int, datetime] = {}
    for day in range(60):
        for hour in range(4):
            now = MORNING + timedelta(days=day, hours=hour)
            record = noted(record, now)
            states[len(record.events)] = now
            backups.keep(folder, as_stored(record), store_path, now)
            days = {states[count].date() for count in counted(folder, record)}
            assert days == {(now - timedelta(days=back)).date() for back in range(31) if day >= back}
    last_of_days = {max(count for count, at in states.items() if at.date() == now.date()) for now in states.values()}
    recent = {count for count in last_of_days if states[count].date() >= (now - timedelta(days=30)).date()}
    assert counted(folder, record) == sorted(recent | set(sorted(states)[-10:]))
    assert len(counted(folder, record)) == 10 + 28  # the last three days are among the ten


def test_the_last_ten_stay_however_old(folder: Path, store_path: Path) -> None:
    """A record that nobody changed for years still has its ten states."""
    record = new_record()
    years = [MORNING.replace(year=2026 + year) for year in range(12)]
    record = noted_and_kept(folder, store_path, record, *years)
    assert entries(kept(folder, record, years[-1])) == list(range(4, 14))


def test_what_a_record_lost_is_never_pushed_out(folder: Path, store_path: Path) -> None:
    """A store whose end was cut off, and that grows on from there for months, keeps the state with the lost entries."""
    record = noted_and_kept(folder, store_path, new_record(), *minutes(20))
    noted_and_kept(folder, store_path, Record(record.events[:15]), *days(*range(1, 100)))
    states = kept(folder, record, *days(100))
    assert fingerprint(record) in [state.fingerprint for state in states]
    assert entries(state for state in states if state.kept.date() == MORNING.date()) == [16, 17, 18, 19, 20, 21]
    assert all(state.quality == "whole" for state in states)


def test_what_was_lost_may_go_once_it_is_back(folder: Path, store_path: Path) -> None:
    """Once the newest state holds those entries again, the older ones are needed no longer than others."""
    record = new_record()
    lost = noted(record, MORNING, "lost")
    backups.keep(folder, as_stored(lost), store_path, MORNING)
    record = noted_and_kept(folder, store_path, record, *days(*range(1, 50)))
    now = record.events[-1].at
    assert fingerprint(lost) in [state.fingerprint for state in kept(folder, record, now)]
    record = union(record, lost)
    backups.keep(folder, as_stored(record), store_path, now)
    assert fingerprint(lost) not in [state.fingerprint for state in kept(folder, record, now)]


def test_altered_bytes_do_not_take_a_genuine_states_place(folder: Path, store_path: Path) -> None:
    """A state altered under its old ids has the same fingerprint: both are kept, whichever came first."""
    record = noted(new_record(), MORNING)
    spoilt = store.stored_in(store.as_bytes(altered(record)), store_path)
    assert spoilt.record.altered
    for first, second in ((spoilt, as_stored(record)), (as_stored(record), spoilt)):
        other = folder / f"{first.record.altered}"
        for state in (first, second, first):
            backups.keep(other, state, store_path, MORNING)
        assert [state.path.read_bytes() for state in kept(other, record)] == [first.data, second.data]
        assert newest(
            backups.backups_of_record(other, record.id, MORNING), store_path
        ).path.read_bytes() == store.as_bytes(record)


def test_while_the_record_is_altered_nothing_is_let_go(folder: Path, store_path: Path) -> None:
    """An altered entry is not in it as it was written, so what holds it as it was stays, however many there are."""
    record = noted(new_record(), MORNING)
    backups.keep(folder, as_stored(record), store_path, MORNING)
    spoilt = store.stored_in(store.as_bytes(altered(record)), store_path).record
    for now in minutes(40):
        spoilt = noted(spoilt, now)
        backups.keep(folder, as_stored(spoilt), store_path, now)
    assert counted(folder, record) == list(range(2, 43))


def test_the_same_state_is_never_kept_twice(folder: Path, store_path: Path) -> None:
    """The state after a change is the one before the next: it is there once, at the time it was first kept."""
    record = new_record()
    for minute in range(5):
        backups.keep(folder, as_stored(record), store_path, MORNING + timedelta(minutes=minute))
    assert [(state.id, state.events) for state in kept(folder, record)] == [("20260302-090000", 1)]


def test_every_byte_is_kept(folder: Path, store_path: Path) -> None:
    """A state is kept as it lay in the file, in whatever form another program had put it."""
    record = new_record()
    data = json.dumps(json.loads(store.as_bytes(record)), separators=(",", ":")).encode()
    backups.keep(folder, StoredRecord(record, data, SCHEMA), store_path, MORNING)
    assert [state.path.read_bytes() for state in kept(folder, record)] == [data]


def test_a_record_of_many_merged_copies_is_kept(folder: Path, store_path: Path) -> None:
    """A fingerprint longer than the name of a file may be is no reason to keep nothing."""
    trunk = new_record()
    record = trunk
    for number in range(40):
        record = union(record, noted(trunk, MORNING, str(number)))
    for _ in range(2):
        backups.keep(folder, as_stored(record), store_path, MORNING)
    assert [(state.events, state.fingerprint) for state in kept(folder, record)] == [(41, fingerprint(record))]


# --- ids ------------------------------------------------------------------------------------------------------


def test_ids_are_the_times_of_keeping_in_utc(folder: Path, store_path: Path) -> None:
    """Whatever the zone of the person's clock; the list starts with the latest."""
    evening = datetime.fromisoformat("2026-03-02T20:00:00-06:00")
    record = noted_and_kept(
        folder, store_path, new_record(), *(evening + timedelta(minutes=minute) for minute in range(3))
    )
    listed = backups.backups_of_record(folder, record.id, MORNING)
    assert [state.id for state in listed] == ["20260303-020200", "20260303-020100", "20260303-020000"]
    assert [state.kept for state in listed] == [datetime(2026, 3, 3, 2, minute, tzinfo=UTC) for minute in (2, 1, 0)]


def test_ids_keep_their_order_when_a_clock_goes_back(folder: Path, store_path: Path) -> None:
    """A later state never gets an earlier id, nor the id of another, whatever the computer's clock says."""
    record = new_record()
    clock = (MORNING, MORNING, *days(-400), MORNING - timedelta(hours=1), MORNING + timedelta(hours=1))
    record = noted_and_kept(folder, store_path, record, *clock)
    listed = kept(folder, record)
    assert entries(listed) == [2, 3, 4, 5, 6]
    assert [state.id[9:] for state in listed] == ["090000", "090001", "090002", "090003", "100000"]


# --- where ----------------------------------------------------------------------------------------------------


def files(folder: Path) -> list[str]:
    """Return the names of all files in a folder, as seen from it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_nothing_is_put_beside_the_store(folder: Path, store_path: Path, tmp_path: Path) -> None:
    """A shared or synced folder gets no backups: each record has a folder of its own in the user's data."""
    record = new_record()
    store_path.parent.mkdir()
    backups.keep(folder, as_stored(record), store_path, MORNING)
    assert files(store_path.parent) == []
    assert {path.parts[0:3] for path in map(Path, files(tmp_path))} == {("data", "backups", record.id)}


@posix
def test_only_their_owner_reads_them(folder: Path, store_path: Path) -> None:
    """Folders 0700, files 0600, whatever the umask and the modes of the store."""
    record = new_record()
    before = os.umask(0)
    try:
        backups.keep(folder, as_stored(record), store_path, MORNING)
        backups.keep_found(folder / record.id, b"{", store_path, MORNING)
    finally:
        os.umask(before)
    modes = {path.relative_to(folder): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes.pop(Path(record.id)) == 0o700
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("id_", ["../../x", "/tmp/x", "..", ".", "a/b", "A" * 300, "con", "x\0y", "é" * 40])
def test_a_record_id_never_leads_elsewhere(folder: Path, store_path: Path, tmp_path: Path, id_: str) -> None:
    """A file may say anything of its id: its states are kept all the same, one folder below the others'."""
    first = new_record().events[0]
    assert first.enrolment
    record = Record((replace(first, enrolment=replace(first.enrolment, record=id_)),))
    backups.keep(folder, as_stored(record), store_path, MORNING)
    assert [state.events for state in backups.backups_of_record(folder, id_, MORNING)] == [1]
    listed = [path.relative_to(folder) for path in folder.rglob("*.json")]
    assert [len(path.parts) for path in listed] == [2]
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_persons_own_files_there_are_none_of_its_business(folder: Path, store_path: Path) -> None:
    """Only what is named as a backup is listed and let go."""
    record = new_record()
    (folder / record.id).mkdir(parents=True)
    mine = folder / record.id / "record before the audit.json"
    mine.write_bytes(store.as_bytes(record))
    record = noted_and_kept(folder, store_path, record, *days(*range(60)))
    assert mine.exists()
    assert mine not in [state.path for state in kept(folder, record)]


def test_a_backup_that_is_let_go_meanwhile_is_no_error(folder: Path, store_path: Path) -> None:
    """Another run may let go of one while this lists them: its name still says when and where, and nothing is in it."""
    record = new_record()
    backups.keep(folder, as_stored(record), store_path, MORNING)
    (gone,) = kept(folder, record)
    gone.path.unlink()
    assert (gone.id, gone.store_key) == ("20260302-090000", store_key(store_path))
    assert (gone.quality, gone.events, gone.fingerprint, gone.record) == ("damaged", 0, "", None)


def test_a_backup_that_was_read_stays_what_it_was(folder: Path, store_path: Path) -> None:
    """What is in a state and what it is worth are told of the same bytes, even if it is let go in between."""
    record = new_record()
    backups.keep(folder, as_stored(record), store_path, MORNING)
    (read,) = kept(folder, record)
    assert read.record == record
    read.path.unlink()
    assert (read.quality, read.events, read.fingerprint) == ("whole", 1, fingerprint(record))


def test_a_list_is_made_without_reading_what_is_in_it(folder: Path, store_path: Path) -> None:
    """What a state holds is found when it is asked for, not when it is listed."""
    record = new_record()
    backups.keep(folder, as_stored(record), store_path, MORNING)
    (backups_of_record,) = kept(folder, record)
    backups_of_record.path.write_bytes(store.as_bytes(noted(record, MORNING)))
    assert backups_of_record.events == 2


# --- two places of one record ---------------------------------------------------------------------------------


def test_states_of_two_places_are_kept_apart(folder: Path, tmp_path: Path) -> None:
    """Months of changes to a packet push out no state of the record itself, though its events are in them."""
    main, packet = tmp_path / "record.json", tmp_path / "for-mo.json"
    record = noted_and_kept(folder, main, new_record(), *minutes(12))
    before = [state.path for state in kept(folder, record)]
    record = noted_and_kept(folder, packet, record, *days(*range(1, 100)))
    listed = kept(folder, record)
    assert [state.path for state in listed if state.store_key == store_key(main)] == before
    assert len([state for state in listed if state.store_key == store_key(packet)]) == 31
    assert len(listed) == len(before) + 31


def test_the_same_state_in_two_places_is_kept_for_each(folder: Path, tmp_path: Path) -> None:
    """A store finds its own states, also where a packet was given the same one before."""
    record = new_record()
    paths = [tmp_path / "for-mo.json", tmp_path / "record.json"]
    for store_path in paths:
        backups.keep(folder, as_stored(record), store_path, MORNING)
    assert [state.store_key for state in kept(folder, record)] == [store_key(store_path) for store_path in paths]


def test_the_newest_of_this_store_comes_first(folder: Path, tmp_path: Path) -> None:
    """Offered is what this store was, even if a packet went further since; without any, the packet's newest."""
    main, packet = tmp_path / "record.json", tmp_path / "for-mo.json"
    first = noted(new_record(), MORNING)
    further = noted(noted(first, MORNING), MORNING)
    backups.keep(folder, as_stored(Record(first.events[:1])), main, MORNING)
    backups.keep(folder, as_stored(first), main, MORNING)
    for record in (Record(further.events[:3]), further):
        backups.keep(folder, as_stored(record), packet, MORNING + timedelta(days=1))
    listed = backups.backups_of_record(folder, first.id, MORNING)
    assert entries(listed) == [4, 3, 2, 1]
    for store_path, count in ((main, 2), (packet, 4), (tmp_path / "other.json", 4)):
        assert newest(listed, store_path).events == count
    listed[2].path.write_bytes(b"")
    assert newest(backups.backups_of_record(folder, first.id, MORNING), main).events == 1


# --- finding the right one ------------------------------------------------------------------------------------


def test_the_newest_whole_one_is_neither_altered_nor_damaged_nor_newer(folder: Path, store_path: Path) -> None:
    """What is offered to a person in need is the latest that is as it was written, and each says what it is."""
    record = noted_and_kept(folder, store_path, new_record(), *minutes(5))
    two, three, four, five, six = (state.path for state in kept(folder, record))
    three.write_bytes(store.as_bytes(altered(store.load(three))))
    four.write_bytes(four.read_bytes()[:500])
    five.write_bytes(five.read_bytes().replace(b'"schema":3', b'"schema":99'))
    six.write_bytes(b"")
    listed = backups.backups_of_record(folder, record.id, MORNING)
    assert [state.quality for state in listed] == ["damaged", "newer", "damaged", "altered", "whole"]
    assert entries(listed) == [0, 0, 0, 3, 2]
    assert newest(listed, store_path).path == two
    assert backups.newest_whole([state for state in listed if state.quality != "whole"], store_path) is None


def test_a_lost_record_is_known_by_its_place(folder: Path, tmp_path: Path) -> None:
    """Also when another copy was written from the same account since, such as a packet for a mentor."""
    record = new_record()
    for name in ("record.json", "for-pat.json"):
        backups.keep(folder, as_stored(record), tmp_path / name, MORNING)
    for name in ("record.json", "for-pat.json"):
        listed = backups.backups_of_store(folder, tmp_path / name, MORNING)
        assert {state.path.parent.name for state in listed} == {record.id}
        assert newest(listed, tmp_path / name).store_key == store_key(tmp_path / name)
    assert backups.backups_of_store(folder, tmp_path / "other.json", MORNING) == []


def test_all_records_that_were_in_one_place_are_found(folder: Path, store_path: Path, tmp_path: Path) -> None:
    """Where one record took another's place, the states of both are there, the latest first; no others."""
    ann, bea = new_record(), new_record()
    for minute, record in enumerate((ann, bea, noted(ann, MORNING))):
        backups.keep(folder, as_stored(record), store_path, MORNING + timedelta(minutes=minute))
    backups.keep(folder, as_stored(new_record()), tmp_path / "other.json", MORNING)
    listed = backups.backups_of_store(folder, store_path, MORNING)
    assert [state.path.parent.name for state in listed] == [ann.id, bea.id, ann.id]
    assert entries(listed) == [2, 1, 1]
    assert backups.backups_of_store(tmp_path / "nothing yet", store_path, MORNING) == []


# --- what a restored state takes the place of -----------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"{", b'{"format": "ca-ladder record", "schema": 99}'])
def test_what_cannot_be_read_is_kept_for_good(folder: Path, store_path: Path, data: bytes) -> None:
    """A damaged file is evidence, and more may be saved from it by hand: sixty more days do not push it out."""
    record = new_record()
    backups.keep(folder, as_stored(record), store_path, MORNING)
    at = backups.keep_found(folder / record.id, data, store_path, MORNING)
    record = noted_and_kept(folder, store_path, record, *days(*range(60)))
    assert at.read_bytes() == data
    assert at in [state.path for state in kept(folder, record)]


def test_a_whole_one_that_is_kept_already_is_kept_once(folder: Path, store_path: Path) -> None:
    """The state that a restored one takes the place of is mostly the last backup."""
    record = new_record()
    backups.keep(folder, as_stored(record), store_path, MORNING)
    at = backups.keep_found(folder / record.id, store.as_bytes(record), store_path, MORNING)
    assert [state.path for state in kept(folder, record)] == [at]


def test_a_whole_one_is_kept_again_where_its_backup_has_been_damaged(folder: Path, store_path: Path) -> None:
    """Nothing is replaced by trusting a name: the kept file itself is looked at."""
    record = new_record()
    backups.keep(folder, as_stored(record), store_path, MORNING)
    kept(folder, record)[0].path.write_bytes(b"")
    backups.keep_found(folder / record.id, store.as_bytes(record), store_path, MORNING)
    assert [state.quality for state in kept(folder, record)] == ["damaged", "whole"]
