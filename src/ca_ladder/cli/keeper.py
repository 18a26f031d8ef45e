"""The store as commands use it: read, written with its backups, united with the copies that lie beside it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from ca_ladder.catalogue.models import Catalogue
from ca_ladder.cli.places import backups_folder, own_store
from ca_ladder.errors import CannotWrite, LadderError, NoRecord, StoreDamaged, StoreLocked, system_words
from ca_ladder.record import store
from ca_ladder.record.files import resolved
from ca_ladder.record.folding import Record
from ca_ladder.record.store import Change, Stored

if TYPE_CHECKING:
    from ca_ladder.record.backups import Backup
    from ca_ladder.record.merging import Merged
    from ca_ladder.record.verification import Problem


@dataclass
class Keeper:
    """Reads and writes one store, at one moment; what a person should know beside the answer goes to ``aside``."""

    store: Path
    now: datetime
    zone: tzinfo | None
    aside: Callable[[str], None]
    on_this_store: Callable[[str], str]
    _warned: bool = field(default=False, init=False)
    _left: set[Path] = field(default_factory=set, init=False)

    def looked_at(self) -> Record:
        """Return the record, to look at; tell of copies beside it that hold more."""
        record = self._loaded()
        for copy, more in self._copies(record):
            what = f"with {entries(more)} more than the record" if more else "that cannot be read"
            self.aside(
                f"Beside the record lies a copy {what}: {copy.name}. The next change merges it, or says why not."
            )
        return record

    def gathered(self) -> "tuple[Record, list[tuple[Merged, Path]]]":
        """Take over the copies beside the store; return the record, and what each brought and where it is now.

        A copy that cannot be taken over is told of, and left alone.
        """
        record = self._loaded()
        taken = []
        for copy, _ in self._copies(record):
            try:
                record, (merged,) = self.merge([copy])
                place = self._archived(copy)
                taken.append((merged, place))
                record, (late,) = self.merge([place])  # what somebody wrote to it before it was moved
                taken += [(late, place)] if late.new else []
            except StoreLocked:
                raise
            except LadderError as problem:
                if copy not in self._left:  # once, however often a review saves
                    self.aside(f"The copy {copy.name} beside the record was left alone. {' '.join(problem.lines())}")
                self._left.add(copy)
        return record, taken

    def merge(self, paths: Iterable[Path]) -> "tuple[Record, list[Merged]]":
        """Take over what these copies of the record hold, all or none; return the record and what each brought."""
        from ca_ladder.record.copies import merged

        found: list[Merged] = []

        def change(record: Record) -> Record:
            for path in paths:
                record, brought = merged(record, path, self.now)
                found.append(brought)
            return record

        return self.update(change), found

    def create(self, record: Record) -> None:
        """Write a new record; in the user's own folder nobody else can read it."""
        store.create(self.store, record, self._keep(), private=self._private)

    def update(self, change: Change) -> Record:
        """Change the record under its lock, and keep the state before and after."""
        return store.update(self.store, change, self._keep())

    def backups(self) -> "list[Backup]":
        """Return the kept states of the record in the store, or of the one that was last there, the latest first."""
        from ca_ladder.record.backups import listed

        id_ = self.record_id()
        return listed(backups_folder(), id_, self.now) if id_ else []

    def record_id(self) -> str | None:
        """Return the id of the record in the store, even a damaged one, or of the one that was last there."""
        from ca_ladder.record.backups import record_of

        return store.id_at(self.store) or record_of(backups_folder(), resolved(self.store))

    def kept_at(self, backup: "Backup") -> str:
        """Return when a state was kept, where the person is."""
        return backup.kept.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def restore(self, backup: "Backup") -> Path | None:
        """Let a kept state take the store's place; what was there is kept, and where is returned."""
        from ca_ladder.record import backups

        kept: list[Path] = []

        def keep(data: bytes) -> None:
            kept.append(backups.keep_found(backup.path.parent, data, self.now))

        store.put_back(self.store, store.read(backup.path), keep, private=self._private)
        return kept[0] if kept else None

    def remedy(self) -> str:
        """Return which backup brings a damaged or lost record back, and how; empty when there is none."""
        from ca_ladder.record.backups import newest_whole

        whole = newest_whole(self.backups())
        if whole is None:
            return ""
        restore = self.on_this_store(f"ca-ladder record restore {whole.id}")
        return f"The newest good backup is of {self.kept_at(whole)}, with {entries(whole.events)}. To use it: {restore}"

    def problems(self, catalogue: Catalogue) -> "list[Problem]":
        """Return all that is wrong with the record as it lies in the file."""
        from ca_ladder.record.verification import problems

        with self._remedied():
            return problems(store.read(self.store), self.store, self.now, catalogue)

    def _loaded(self) -> Record:
        with self._remedied():
            return store.load(self.store)

    def _archived(self, copy: Path) -> Path:
        """Move a copy that was taken over out of the way, and return where it is; that it has to stay does no harm."""
        try:
            return store.archive(copy)
        except CannotWrite as problem:
            self.aside(f"The copy {copy.name} could not be moved to {store.ARCHIVE}. {_of_the_record_nothing(problem)}")
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

    def _copies(self, record: Record) -> list[tuple[Path, int]]:
        """Return the copies beside the store that hold more, with how many entries; 0 where that cannot be read."""
        found = []
        for copy in store.copies(self.store, record):
            try:
                more = sum(id_ not in record.known for id_ in store.load(copy).known)
            except LadderError:
                found.append((copy, 0))
            else:
                found += [(copy, more)] if more else []
        return found

    @property
    def _private(self) -> bool:
        """Whether the record is nobody else's to read."""
        return self.store == own_store()

    def _keep(self) -> Callable[[Stored], None]:
        """Return what keeps a state of the store; that this is not possible keeps nobody from working."""
        from ca_ladder.record import backups  # loaded before the lock is taken: others wait no longer than they must

        folder, place = backups_folder(), resolved(self.store)

        def keep(state: Stored) -> None:
            try:
                backups.keep(folder, state, place, self.now)
            except OSError as problem:
                warn(f"{folder}: {system_words(problem)}.")
            except LadderError as problem:
                warn(_of_the_record_nothing(problem))

        def warn(why: str) -> None:
            if not self._warned:
                self.aside(f"No backup was kept. {why}")
            self._warned = True

        return keep


def entries(count: int) -> str:
    """Return so many entries, in words: "1 entry", "3 entries"."""
    return f"{count} entr{'y' if count == 1 else 'ies'}"


def _of_the_record_nothing(problem: LadderError) -> str:
    """Return what is told of another file that could not be written: the record may well have changed."""
    return str(problem).removesuffix(" Nothing was changed.")
