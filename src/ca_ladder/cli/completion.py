"""What the Tab key offers: ids with their text, tasks, tiers. Errors offer nothing, and no record is changed."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import typer

from ca_ladder.catalogue.cache import read_catalogue
from ca_ladder.catalogue.models import Ladder, Role
from ca_ladder.cli.paths import backups_folder, cache_folder, catalogue_path, is_folder, store_path
from ca_ladder.cli.repository import RecordRepository
from ca_ladder.errors import LadderError, entries
from ca_ladder.record import store
from ca_ladder.record.folder import find_trainee_record, trainee_names
from ca_ladder.renderers.display import visible

Offers = list[tuple[str, str]]


def complete_ids(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer the items of the record's trainee, or of all roles while there is no record."""
    return _offers(_items(ctx), incomplete)


def complete_backups(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer the backups of the record, the latest first, with the number of entries."""
    try:
        repository = RecordRepository(_record_path(ctx), datetime.now().astimezone(), None, lambda _: None, str)
        backups = repository.backups()
    except (LadderError, OSError):
        return []
    return _offers(
        ((saved.id, f"{repository.kept_at(saved)}, {saved.quality}, {entries(saved.events)}") for saved in backups),
        incomplete,
    )


def complete_trainees(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer the files of a team's records, each with the trainee's name."""
    try:
        return _offers(((path.stem, name) for path, name in trainee_names(_store_path(ctx)).items()), incomplete)
    except LadderError:
        return []


def complete_tasks(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer the tasks by id."""
    return _offers(((task.id, task.name) for role in _roles(ctx) for task in role.tasks), incomplete)


def complete_ids_and_tasks(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer tasks and items."""
    return [*complete_tasks(ctx, incomplete), *complete_ids(ctx, incomplete)]


def complete_roles(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer the roles of the catalogue by id."""
    return _offers(((role.id, role.name) for role in _catalogue(ctx)), incomplete)


def complete_tiers(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer the tiers by id."""
    return _offers(((tier.id, tier.title) for role in _roles(ctx) for tier in role.tiers), incomplete)


def _items(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    ladder = _ladder(ctx)
    items = ladder.items if ladder else {id_: item for role in _roles(ctx) for id_, item in role.items.items()}
    return ((item.id, item.text) for item in items.values())


def _roles(ctx: typer.Context) -> tuple[Role, ...]:
    ladder = _ladder(ctx)
    return (ladder.role,) if ladder else _catalogue(ctx)


def _catalogue(ctx: typer.Context) -> tuple[Role, ...]:
    try:
        return read_catalogue(catalogue_path(ctx.params.get("catalogue")), cache_folder()).roles
    except LadderError:
        return ()


def _ladder(ctx: typer.Context) -> Ladder | None:
    try:
        enrolment = store.load(_record_path(ctx)).enrolment
        catalogue = read_catalogue(catalogue_path(ctx.params.get("catalogue")), cache_folder())
        return catalogue.ladder(enrolment.role, enrolment.variants)
    except LadderError:
        return None


def _store_path(ctx: typer.Context) -> Path:
    return store_path(ctx.params.get("store"))


def _record_path(ctx: typer.Context) -> Path:
    """Return the file of the trainee whom the command so far is about; raises LadderError."""
    in_folder = is_folder(ctx.params.get("store"))
    now = datetime.now().astimezone()
    return find_trainee_record(_store_path(ctx), ctx.params.get("trainee"), backups_folder(), now, in_folder=in_folder)


def _offers(offered: Iterable[tuple[str, str]], incomplete: str) -> Offers:
    """Return the offers that begin as typed, with the text on one short line.

    Typer reads the text as Rich markup and wraps it, and shells interpret quotes and backslashes.
    """
    plain = str.maketrans({"[": "(", "]": ")", "\\": "/", "`": "'"})
    width = min(typer.get_terminal_size().columns - 1, 70)
    # The first letters stay as they were typed: Typer drops offers that differ in case.
    return [
        (incomplete + id_[len(incomplete) :], visible(text).translate(plain)[:width])
        for id_, text in offered
        if id_.startswith(incomplete.lower())
    ]
