"""One store: read it, write it with its backups, merge the copies next to it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.cli.paths import backups_folder, own_store, witness_folder
from ca_ladder.errors import (
    LadderError,
    NoRecord,
    StoreDamaged,
    StoreLocked,
    StoreNewer,
    StoreUnreadable,
    StoreWriteFailed,
    entries,
    quoted,
    system_words,
)
from ca_ladder.record import store, witness
from ca_ladder.record.atomic_file import resolved
from ca_ladder.record.folder import ARCHIVE, archive, copies, is_conflict_copy
from ca_ladder.record.record import Record
from ca_ladder.record.store import Change, StoredRecord

if TYPE_CHECKING:
    from ca_ladder.record.backups import Backup
    from ca_ladder.record.merging import MergeResult
    from ca_ladder.record.verification import Problem


class RecordRepository(Struct):
    """Reads and writes one store.

    ``clock`` returns the moment. ``warn`` prints a line on stderr. ``on_this_store`` adds the run's --store and
    --trainee to a command. Without the ``catalogue``, prerequisites are not judged.
    """

    store: Path
    clock: Callable[[], datetime]
    zone: tzinfo | None
    warn: Callable[[str], None]
    on_this_store: Callable[[str], str]
    catalogue: Catalogue | None = None
    _warned_about: set[object] = field(default_factory=set)

    @property
    def now(self) -> datetime:
        """The moment, by the clock."""
        return self.clock()

    def load_and_report_copies(self, team_copies: Sequence[Path] | None = None) -> Record:
        """Return the record, and warn of copies next to it that hold more.

        ``team_copies`` are the other files of a record of a team, if they are known. Those that are no conflict copies
        are named too, because nobody else sees them; no change merges them.
        """
        record = self.load("the record" if team_copies is None else self.store.name)
        for copy in copies(self.store, record) if team_copies is None else team_copies:
            what, remedy = self._compared(record, copy)
            merge = self.on_this_store(f"ca-ladder record merge {quoted(str(copy))}")
            if not is_conflict_copy(copy, resolved(self.store)):
                line = f"{copy.name} is a copy of {self.store.name}"
                line += f" {what}, not merged. {remedy or 'To merge it'}: {merge}" if what else ", with nothing new."
            elif what:
                original = "the record" if team_copies is None else self.store.name
                line = f"Next to {original} is a copy {what}. {remedy or 'The next change merges it, or now'}: {merge}"
            else:
                continue
            self.warn(line)
        return record

    def load(self, name: str = "the record") -> Record:
        """Return the record, without its copies. Warn once if it has entries that do not count; ``name`` it then."""
        seen: Sequence[str] = ()
        with self._with_restore_hint():
            with suppress(StoreWriteFailed):  # a link that leads in a circle: loading says so
                seen = witness.seen(witness_folder(), resolved(self.store))
            record = self._judged(store.load(self.store), seen)
        if record.violations:
            from ca_ladder.renderers.phrases import uncounted

            remedy = self.lost_entries_hint(record)
            what_to_do = remedy or f"See which: {self.on_this_store('ca-ladder record verify')}"
            self._warn_once("uncounted", f"{uncounted(len(record.violations), name)}. {what_to_do}")
        if record.cut_off:
            lost = "The record lacks entries that were written from here: its end was cut off, or an older copy was put"
            self._warn_once("loss", f"{lost} in its place. {self.lost_entries_hint(record)}".rstrip())
        return record

    def _judged(self, record: Record, seen: Sequence[str]) -> Record:
        """Return the stored record with what is known of it here: the catalogue, and what was its end."""
        return record.under(self.catalogue, witness.missing(record, seen))

    def merge_copies(self, catalogue: Catalogue) -> "tuple[Record, list[tuple[MergeResult, Path]]]":
        """Merge the copies next to the store; return the record, and for each copy the result and its new path.

        A copy that cannot be merged is only a warning.
        """
        record = self.load()
        merges = []
        for copy in copies(self.store, record):
            if not self._compared(record, copy)[0]:
                continue
            try:
                record, (merged,) = self.merge([copy], catalogue)
                archived = self._archive(copy)
                merges.append((merged, archived))
                record, (late,) = self.merge([archived], catalogue)  # what was written to it before it was moved
                merges += [(late, archived)] if late.new else []
            except NoRecord:  # another run has just merged it
                continue
            except StoreLocked:
                raise
            except LadderError as problem:
                why = " ".join(problem.lines())
                self._warn_once(copy, f"The copy {copy.name} next to the record was left alone. {why}")
        return record, merges

    def merge(self, paths: Sequence[Path], catalogue: Catalogue) -> "tuple[Record, list[MergeResult]]":
        """Merge these copies of the record, all or none; return the record and the result of each merge."""
        from ca_ladder.record.verification import load_verified_copy, merge_judged

        record = self.load().under(catalogue)  # the copies are read and verified before the lock is taken
        verified = [(path, load_verified_copy(record, self.store, path)) for path in paths]
        results: list[MergeResult] = []

        def change(record: Record) -> Record:
            for path, copy in verified:
                record, result = merge_judged(record, copy, path, self.now)
                results.append(result)
            return record

        return self.update(change), results

    def create(self, record: Record) -> None:
        """Write a new record; in the user's own folder nobody else can read it."""
        target = resolved(self.store)  # before anything is written
        store.create(self.store, record, self._keep(), private=self.private)
        witness.remember(witness_folder(), target, record)

    def update(self, change: Change) -> Record:
        """Change the record under its lock, and back up the state before and after."""
        target = resolved(self.store)  # before anything is written
        seen = witness.seen(witness_folder(), target)
        record = store.update(self.store, lambda record: change(self._judged(record, seen)), self._keep())
        witness.remember(witness_folder(), target, record)
        return record

    def backups(self) -> "list[Backup]":
        """Return the backups of the record, latest first, then those of other records that were at this path."""
        from ca_ladder.record.backups import backups_of_record, backups_of_store

        id_, now = store.id_at(self.store), self.now  # one moment for both lists, so that equal backups are equal
        of_record = backups_of_record(backups_folder(), id_, now) if id_ else []
        of_path = backups_of_store(backups_folder(), resolved(self.store), now)
        return of_record + [backup for backup in of_path if backup not in of_record]

    def whole_backups(self) -> "list[tuple[Backup, Record]]":
        """Return the undamaged backups of the record, each with the record in it."""
        id_ = store.id_at(self.store)
        return [
            (backup, backup.record)
            for backup in self.backups()
            if backup.quality == "whole" and backup.record and backup.record.id == id_
        ]

    def kept_at(self, backup: "Backup") -> str:
        """Return the local time of a backup."""
        return backup.kept.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def restore(self, backup: "Backup") -> "Backup | None":
        """Replace the store by a backup; return the backup of what was there, or None if nothing was."""
        from ca_ladder.record import backups

        kept: list[Backup] = []

        def keep(data: bytes) -> None:
            path = backups.keep_found(backup.path.parent, data, resolved(self.store), self.now)
            kept.append(backups.Backup(path, self.now))

        target, data = resolved(self.store), store.read(backup.path)
        store.replace_content(self.store, data, keep, private=self.private)
        witness.remember(witness_folder(), target, store.stored_in(data, backup.path).record)
        return kept[0] if kept else None

    def restore_hint(self) -> str:
        """Return the sentence on how to restore a damaged or lost record; empty when there is no good backup."""
        from ca_ladder.record.backups import newest_whole

        whole = newest_whole(self.backups(), resolved(self.store))
        return f"The newest good backup is {self._to_restore(whole)}" if whole else ""

    def lost_entries_hint(self, record: Record) -> str:
        """Return the sentence on the backup that has all that is missing in the record or was altered.

        It is empty if nothing is missing or altered, and if no good backup has all of it.
        """
        from ca_ladder.record.backups import newest_whole

        if not (lost := record.lost):
            return ""
        having = (backup for backup in self.backups() if backup.record and lost <= backup.record.by_id.keys())
        whole = newest_whole(having, resolved(self.store))
        return f"What is missing or was altered is in the backup {self._to_restore(whole)}" if whole else ""

    def _to_restore(self, backup: "Backup") -> str:
        """Return the end of a sentence on a backup: its time, its size and the command that restores it."""
        restore = self.on_this_store(f"ca-ladder record restore {backup.id}")
        return f"of {self.kept_at(backup)}, with {entries(backup.events)}. To use it: {restore}"

    def problems(self, catalogue: Catalogue) -> "list[Problem]":
        """Return all problems of the record in the file."""
        from ca_ladder.record.verification import problems

        with self._with_restore_hint():
            return problems(store.read(self.store), self.store, self.now, catalogue)

    def _archive(self, copy: Path) -> Path:
        """Move a merged copy to the archive and return its path. A copy that cannot be moved is only a warning."""
        try:
            return archive(self.store, copy)
        except StoreWriteFailed as problem:
            self.warn(f"The copy {copy.name} could not be moved to {ARCHIVE}. {problem.cause}")
            return copy

    @contextmanager
    def _with_restore_hint(self) -> Iterator[None]:
        """Add to the error of a damaged or lost record how to restore it."""
        try:
            yield
        except StoreDamaged as problem:
            raise StoreDamaged(problem.path, problem.why, self.restore_hint()) from None
        except NoRecord as problem:
            raise NoRecord(problem.path, self.restore_hint()) from None

    def _compared(self, record: Record, copy: Path) -> tuple[str, str]:
        """Return what is to be said about a copy next to the store, and how to go on if it cannot be merged.

        Both are empty if it would bring nothing, or if another run has just merged it.
        """
        from ca_ladder.record.verification import load_verified_copy, merge_judged

        try:
            _, merged = merge_judged(record, load_verified_copy(record, self.store, copy), copy, self.now)
        except NoRecord:
            return "", ""
        except (StoreUnreadable, StoreNewer):
            return "that cannot be read", "To see why"
        except LadderError:
            return "that cannot be merged", "To see why"
        return f"with {entries(len(merged.new))} more than the record" if merged.new else "", ""

    @property
    def private(self) -> bool:
        """True if only the user may read the record: it is in the user's own folder."""
        return resolved(self.store) == resolved(own_store())

    def _keep(self) -> Callable[[StoredRecord], None]:
        """Return a callback that saves a backup. A failed backup is only a warning."""
        from ca_ladder.record import backups  # imported before the lock is taken, so that others wait less

        folder, path = backups_folder(), resolved(self.store)

        def keep(state: StoredRecord) -> None:
            try:
                backups.keep(folder, state, path, self.now)
            except OSError as problem:
                why = f"{folder}: {system_words(problem)}."
            except LadderError as problem:
                why = problem.cause if isinstance(problem, StoreWriteFailed) else str(problem)
            else:
                return
            if state.schema < store.SCHEMA:  # an older schema is never replaced without a backup
                raise StoreWriteFailed(self.store, f"no copy could be kept of what an older ca-ladder wrote; {why}")
            self._warn_once("backup", f"No backup was kept. {why}")

        return keep

    def _warn_once(self, about: object, line: str) -> None:
        """Print a warning, unless there was one about the same thing: a review saves often."""
        if about not in self._warned_about:
            self.warn(line)
        self._warned_about.add(about)
