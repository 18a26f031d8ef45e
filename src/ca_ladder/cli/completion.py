"""What the Tab key offers: ids with their text, tasks, tiers. Errors offer nothing, and no record is changed."""

import re
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

import typer

from ca_ladder.catalogue.cache import read_catalogue
from ca_ladder.catalogue.models import Catalogue, Ladder, Role
from ca_ladder.cli.environment import local_time
from ca_ladder.cli.paths import backups_folder, cache_folder, catalogue_path, is_folder, store_path
from ca_ladder.cli.repository import RecordRepository
from ca_ladder.errors import LadderError, entries
from ca_ladder.record import store
from ca_ladder.record.folder import find_trainee_record, trainee_names
from ca_ladder.renderers.display import visible

Offers = Iterable[tuple[str, str]]


def _completion(offered: Callable[[typer.Context], Offers]) -> Callable[[typer.Context, str], Offers]:
    """Make what Typer calls for the Tab key: it offers what begins as typed, with the text on one short line."""
    # Typer reads the text as Rich markup and wraps it, and shells interpret quotes and backslashes.
    plain = str.maketrans({"[": "(", "]": ")", "\\": "/", "`": "'"})

    def complete(ctx: typer.Context, incomplete: str) -> Offers:
        width = min(typer.get_terminal_size().columns - 1, 70)
        try:
            # Zsh evaluates an offer, and bash puts it on the line as it is: only what every shell takes literally.
            # The first letters stay as they were typed: Typer drops offers that differ in case.
            return [
                (incomplete + id_[len(incomplete) :], visible(text).translate(plain)[:width])
                for id_, text in offered(ctx)
                if id_.startswith(incomplete.lower()) and re.fullmatch(r"[\w.+-]+", id_)
            ]
        except (LadderError, OSError):
            return []

    return complete


def _ids(ctx: typer.Context) -> Offers:
    """Offer the items of the record's trainee, or of all roles while there is no record."""
    ladder = _ladder(ctx)
    items = ladder.items if ladder else {id_: item for role in _roles(ctx) for id_, item in role.items.items()}
    return ((item.id, item.text) for item in items.values())


def _tasks(ctx: typer.Context) -> Offers:
    return ((task.id, task.name) for role in _roles(ctx) for task in role.tasks)


def _backups(ctx: typer.Context) -> Offers:
    """Offer the backups of the record, the latest first, with the number of entries."""
    repository = RecordRepository(_record_path(ctx), local_time, None, lambda _: None, str)
    for saved in repository.backups():
        yield saved.id, f"{repository.kept_at(saved)}, {saved.quality}, {entries(saved.events)}"


def _trainees(ctx: typer.Context) -> Offers:
    """Offer the files of a team's records, each with the trainee's name. A hyphen is understood as a blank."""
    names = trainee_names(store_path(ctx.params.get("store")))
    return ((path.stem.replace(" ", "-"), name) for path, name in names.items())


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
    trainee = ctx.params.get("trainee")
    return find_trainee_record(store_path(given), trainee, backups_folder(), local_time(), in_folder=is_folder(given))


complete_ids = _completion(_ids)
complete_all_ids = _completion(lambda ctx: chain(_tasks(ctx), _ids(ctx)))
complete_tasks = _completion(_tasks)
complete_tiers = _completion(lambda ctx: ((tier.id, tier.title) for role in _roles(ctx) for tier in role.tiers))
complete_roles = _completion(lambda ctx: ((role.id, role.name) for role in _catalogue(ctx).roles))
complete_backups = _completion(_backups)
complete_trainees = _completion(_trainees)
