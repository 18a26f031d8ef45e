"""What the catalogue's author asks: catalogue check, catalogue roles."""

from pathlib import Path
from typing import Annotated

import typer

from ca_ladder.catalogue.loader import load_catalogue
from ca_ladder.catalogue.models import Ladder
from ca_ladder.cli.session import Session, command
from ca_ladder.errors import CatalogueFaulty
from ca_ladder.renderers.tables import roles_table

catalogue = typer.Typer(rich_markup_mode=None)
app = typer.Typer()
app.add_typer(catalogue, name="catalogue")


@catalogue.callback(invoke_without_command=True)
def overview(ctx: typer.Context) -> None:
    """The catalogue: what is expected in which role."""
    if not ctx.invoked_subcommand:
        typer.echo(ctx.get_help())


FileArgument = Annotated[Path | None, typer.Argument(metavar="FILE", hidden=True, show_default=False)]


@command(catalogue.command())
def check(session: Session, file: FileArgument = None) -> None:
    """Tell every fault of a catalogue, with its line.

    Without FILE, the catalogue in use is checked.
    """
    path = file or session.catalogue_path
    try:
        found = load_catalogue(path)
    except CatalogueFaulty as faulty:
        for line in faulty.lines():
            session.say(line)
        session.say_aside(f"{len(faulty.faults)} fault(s) in {path}.")
        raise typer.Exit(1) from None
    items = sum(item.counts for role in found.roles for item in role.items.values())
    session.say(f"{path} is in order: version {found.version}, {len(found.roles)} role(s), {items} items.")


@command(catalogue.command())
def roles(session: Session) -> None:
    """The roles in ladder order."""
    every = [
        Ladder(role, frozenset(variant.id for variant in role.variants), session.catalogue.version)
        for role in session.catalogue.roles
    ]
    session.show(roles_table(every, session.look))
    session.hint("Next: ca-ladder init --role ROLE")
