"""What the Tab key offers: ids with their text, tasks, tiers. Errors offer nothing, and no record is changed."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import typer

from ca_ladder.catalogue.cache import read_catalogue
from ca_ladder.catalogue.models import Catalogue, Ladder, Role
from ca_ladder.cli.paths import backups_folder, cache_folder, catalogue_path, is_folder, store_path
from ca_ladder.cli.repository import RecordRepository
from ca_ladder.errors import LadderError, entries
from ca_ladder.record import store
from ca_ladder.record.folder import find_trainee_record, trainee_names
from ca_ladder.renderers.display import visible

Offers = list[tuple[str, str]]


def _completion(
    offered: Callable[[typer.Context], Iterable[tuple[str, str]]],
) -> Callable[[typer.Context, str], Offers]:
    """Make what Typer calls for the Tab key: it offers what begins as typed, with the text on one short line."""
    # Typer reads the text as Rich markup and wraps it, and shells interpret quotes and backslashes.
    plain = str.maketrans({"[": "(", "]": ")", "\\": "/", "`": "'"})

    def complete(ctx: typer.Context, incomplete: str) -> Offers:
        width = min(typer.get_terminal_size().columns - 1, 70)
        try:
            # The first letters stay as they were typed: Typer drops offers that differ in case.
            return [
                (incomplete + id_[len(incomplete) :], visible(text).translate(plain)[:width])
                for id_, text in offered(ctx)
                if id_.startswith(incomplete.lower())
            ]
        except (LadderError, OSError):
            return []

    return complete


@_completion
def complete_ids(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    """Offer the items of the record's trainee, or of all roles while there is no record."""
    ladder = _ladder(ctx)
    items = ladder.items if ladder else {id_: item for role in _roles(ctx) for id_, item in role.items.items()}
    return ((item.id, item.text) for item in items.values())


@_completion
def complete_backups(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    """Offer the backups of the record, the latest first, with the number of entries."""
    repository = RecordRepository(_record_path(ctx), datetime.now().astimezone(), None, lambda _: None, str)
    for saved in repository.backups():
        yield saved.id, f"{repository.kept_at(saved)}, {saved.quality}, {entries(saved.events)}"


@_completion
def complete_trainees(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    """Offer the files of a team's records, each with the trainee's name."""
    return ((path.stem, name) for path, name in trainee_names(store_path(ctx.params.get("store"))).items())


@_completion
def complete_tasks(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    """Offer the tasks by id."""
    return ((task.id, task.name) for role in _roles(ctx) for task in role.tasks)


def complete_all_ids(ctx: typer.Context, incomplete: str) -> Offers:
    """Offer the ids of tasks and items."""
    return [*complete_tasks(ctx, incomplete), *complete_ids(ctx, incomplete)]


@_completion
def complete_roles(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    """Offer the roles of the catalogue by id."""
    return ((role.id, role.name) for role in _catalogue(ctx).roles)


@_completion
def complete_tiers(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    """Offer the tiers by id."""
    return ((tier.id, tier.title) for role in _roles(ctx) for tier in role.tiers)


def _catalogue(ctx: typer.Context) -> Catalogue:
    return read_catalogue(catalogue_path(ctx.params.get("catalogue")), cache_folder())


def _ladder(ctx: typer.Context) -> Ladder | None:
    try:
        enrolment = store.load(_record_path(ctx)).enrolment
        return _catalogue(ctx).ladder(enrolment.role, enrolment.variants)
    except LadderError:
        return None


def _roles(ctx: typer.Context) -> tuple[Role, ...]:
    ladder = _ladder(ctx)
    return (ladder.role,) if ladder else _catalogue(ctx).roles


def _record_path(ctx: typer.Context) -> Path:
    """Return the file of the trainee whom the command so far is about; raises LadderError."""
    given = ctx.params.get("store")
    now = datetime.now().astimezone()
    trainee = ctx.params.get("trainee")
    return find_trainee_record(store_path(given), trainee, backups_folder(), now, in_folder=is_folder(given))
