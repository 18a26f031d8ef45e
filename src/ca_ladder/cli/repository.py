"""The store as commands use it: read, written with its backups, united with the copies that lie beside it."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.cli.paths import backups_folder, own_store
from ca_ladder.errors import LadderError, NoRecord, StoreDamaged, StoreLocked, StoreWriteFailed, system_words
from ca_ladder.record import store
from ca_ladder.record.atomic_file import resolved
from ca_ladder.record.record import Record
from ca_ladder.record.store import Change, StoredRecord

if TYPE_CHECKING:
    from ca_ladder.record.backups import Backup
    from ca_ladder.record.merging import Merged
    from ca_ladder.record.verification import Problem


@dataclass
class RecordRepository:
    """Reads and writes one store, at one moment; what a person should know beside the answer goes to ``aside``."""

    store: Path
    now: datetime
    zone: tzinfo | None
    aside: Callable[[str], None]
    on_this_store: Callable[[str], str]
    _warned: bool = field(default=False, init=False)
    _altered_told: bool = field(default=False, init=False)
    _left: set[Path] = field(default_factory=set, init=False)

    def looked_at(self) -> Record:
        """Return the record, to look at; tell of copies beside it that hold more."""
        record = self.alone()
        for copy, what in self._copies(record):
            merge = self.on_this_store(f"ca-ladder record merge {shlex.quote(str(copy))}")
            self.aside(f"Beside the record lies a copy {what}: {merge}")
        return record

    def alone(self) -> Record:
        """Return the record, whatever lies beside it."""
        record = self._loaded()
        self._tell_of_alteration(record)
        return record

    def gathered(self, catalogue: Catalogue) -> "tuple[Record, list[tuple[Merged, Path]]]":
        """Take over the copies beside the store; return the record, and what each brought and where it is now.

        A copy that cannot be taken over is told of, and left alone.
        """
        record = self.alone()
        taken = []
        for copy, _ in self._copies(record):
            try:
                record, (merged,) = self.merge([copy], catalogue)
                place = self._archived(copy)
                taken.append((merged, place))
                record, (late,) = self.merge([place], catalogue)  # what somebody wrote to it before it was moved
                taken += [(late, place)] if late.new else []
            except NoRecord:  # somebody else has just taken it over
                continue
            except StoreLocked:
                raise
            except LadderError as problem:
                if copy not in self._left:  # once, however often a review saves
                    self.aside(f"The copy {copy.name} beside the record was left alone. {' '.join(problem.lines())}")
                self._left.add(copy)
        return record, taken

    def merge(self, paths: Sequence[Path], catalogue: Catalogue) -> "tuple[Record, list[Merged]]":
        """Take over what these copies of the record hold, all or none; return the record and what each brought."""
        from ca_ladder.record.copies import refuse_disagreement, trusted_copy
        from ca_ladder.record.merging import merged

        record = self._loaded()  # what takes time is done before others have to wait
        trusted = [(path, trusted_copy(record, self.store, path, self.now, catalogue)) for path in paths]
        found: list[Merged] = []

        def change(record: Record) -> Record:
            for path, copy in trusted:
                refuse_disagreement(record, copy, path)
                record, brought = merged(record, copy, path)
                found.append(brought)
            return record

        return self.update(change), found

    def create(self, record: Record) -> None:
        """Write a new record; in the user's own folder nobody else can read it."""
        store.create(self.store, record, self._keep(), private=self.private)

    def update(self, change: Change) -> Record:
        """Change the record under its lock, and keep the state before and after."""
        return store.update(self.store, change, self._keep())

    def backups(self) -> "list[Backup]":
        """Return the kept states of the record in the store, then those of records that were there before."""
        from ca_ladder.record.backups import listed, listed_of_place

        id_ = store.id_at(self.store)
        own = listed(backups_folder(), id_, self.now) if id_ else []
        others = listed_of_place(backups_folder(), resolved(self.store), self.now)
        return own + [each for each in others if each not in own]

    def whole_backups(self) -> "list[tuple[Backup, Record]]":
        """Return the whole ones of the kept states of the record in the store, each with the record in it."""
        id_ = store.id_at(self.store)
        whole = [each for each in self.backups() if each.quality == "whole"]
        return [(each, each.record) for each in whole if each.record and each.record.id == id_]

    def kept_at(self, backup: "Backup") -> str:
        """Return when a state was kept, where the person is."""
        return backup.kept.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def restore(self, backup: "Backup") -> Path | None:
        """Let a kept state take the store's place; what was there is kept, and where is returned."""
        from ca_ladder.record import backups

        kept: list[Path] = []

        def keep(data: bytes) -> None:
            kept.append(backups.keep_found(backup.path.parent, data, resolved(self.store), self.now))

        store.replace_content(self.store, store.read(backup.path), keep, private=self.private)
        return kept[0] if kept else None

    def remedy(self) -> str:
        """Return which backup brings a damaged or lost record back, and how; empty when there is none."""
        from ca_ladder.record.backups import newest_whole

        whole = newest_whole(self.backups(), resolved(self.store))
        if whole is None:
            return ""
        restore = self.on_this_store(f"ca-ladder record restore {whole.id}")
        return f"The newest good backup is of {self.kept_at(whole)}, with {entries(whole.events)}. To use it: {restore}"

    def problems(self, catalogue: Catalogue) -> "list[Problem]":
        """Return all that is wrong with the record as it lies in the file."""
        from ca_ladder.record.verification import problems

        with self._remedied():
            return problems(store.read(self.store), self.store, self.now, catalogue)

    def _tell_of_alteration(self, record: Record) -> None:
        if record.altered and not self._altered_told:
            verify = self.on_this_store("ca-ladder record verify")
            self.aside(f"The record is not as it was written. See what was altered: {verify}")
            self._altered_told = True

    def _loaded(self) -> Record:
        with self._remedied():
            return store.load(self.store)

    def _archived(self, copy: Path) -> Path:
        """Move a copy that was taken over out of the way, and return where it is; that it has to stay does no harm."""
        try:
            return store.archive(self.store, copy)
        except StoreWriteFailed as problem:
            self.aside(f"The copy {copy.name} could not be moved to {store.ARCHIVE}. {problem.cause}")
            return copy

    @contextmanager
    def _remedied(self) -> Iterator[None]:
        """Where the record is damaged or gone, say which backup brings it back."""
        try:
            yield
        except StoreDamaged as problem:
            raise StoreDamaged(problem.path, problem.why, self.remedy()) from None
        except NoRecord as problem:
            raise NoRecord(problem.path, self.remedy()) from None

    def _copies(self, record: Record) -> list[tuple[Path, str]]:
        """Return the copies beside the store that hold more, or that nobody can tell of, with what is said of them."""
        found = []
        for copy in store.copies(self.store, record):
            try:
                there = store.load(copy)
            except NoRecord:  # somebody else has just taken it over
                continue
            except LadderError:
                found.append((copy, "that cannot be read. To see why"))
                continue
            more = sum(id_ not in record.known for id_ in there.known)
            if there.altered:
                found.append((copy, "that is not as it was written. To see what was altered"))
            elif more:
                found.append((copy, f"with {entries(more)} more than the record. The next change merges it, or now"))
        return found

    @property
    def private(self) -> bool:
        """Whether the record is nobody else's to read."""
        return resolved(self.store) == resolved(own_store())

    def _keep(self) -> Callable[[StoredRecord], None]:
        """Return what keeps a state of the store; that this is not possible keeps nobody from working."""
        from ca_ladder.record import backups  # loaded before the lock is taken: others wait no longer than they must

        folder, place = backups_folder(), resolved(self.store)

        def keep(state: StoredRecord) -> None:
            try:
                backups.keep(folder, state, place, self.now)
            except OSError as problem:
                refused(f"{folder}: {system_words(problem)}.", state)
            except LadderError as problem:
                refused(problem.cause if isinstance(problem, StoreWriteFailed) else str(problem), state)

        def refused(why: str, state: StoredRecord) -> None:
            if state.schema < store.SCHEMA:  # what an older version wrote is never replaced without a copy
                raise StoreWriteFailed(self.store, f"no copy could be kept of what an older ca-ladder wrote; {why}")
            if not self._warned:
                self.aside(f"No backup was kept. {why}")
            self._warned = True

        return keep


def entries(count: int) -> str:
    """Return so many entries, in words: "1 entry", "3 entries"."""
    return f"{count} entr{'y' if count == 1 else 'ies'}"
