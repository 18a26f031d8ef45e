"""Options and arguments that several commands share, and how others are declared."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from ca_ladder.cli.completion import complete_all_ids, complete_ids, complete_tasks, complete_tiers, complete_trainees
from ca_ladder.errors import BadInput


def option(name: str, value: str, help_: str, complete: Callable[..., object] | None = None, **more: Any) -> Any:
    """Return an option that takes a value. ``value`` stands for it in --help; Tab offers what ``complete`` returns."""
    return typer.Option(name, metavar=value, help=help_, autocompletion=complete, show_default=False, **more)


def argument(value: str, missing: str = "", complete: Callable[..., object] | None = None) -> Any:
    """Return an argument. ``missing`` is what an error calls it; --help shows ``value``, in the line of usage only."""
    return typer.Argument(metavar=value, help=missing, autocompletion=complete, show_default=False, hidden=True)


def refuse_blank(parameter: typer.CallbackParam, value: str | list[str] | None) -> str | list[str] | None:
    """Return the value of an option, or raise BadInput if a text in it has no words."""
    texts = [value] if isinstance(value, str) else value or []
    if not all(map(str.strip, texts)):
        raise BadInput(f"{parameter.opts[0]} is blank. Write something after it, or leave it out.")
    return value


# Options of every command.
StoreOption = Annotated[str | None, option("--store", "PATH", "The record's file, or a team's folder.")]
TraineeOption = Annotated[str | None, option("--trainee", "NAME", "Which trainee of a team.", complete_trainees)]
CatalogueOption = Annotated[str | None, option("--catalogue", "FILE", "A catalogue of your own.")]
ColorOption = Annotated[str, option("--color", "WHEN", "Colour: auto, always or never.")]
NoInputOption = Annotated[bool, typer.Option("--no-input", help="Never ask anything.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the trace of a bug.")]

# Options and arguments of several commands.
IdsArgument = Annotated[list[str] | None, argument("[ID]...", complete=complete_ids)]
IdArgument = Annotated[str, argument("ID", "The ID of an item", complete_ids)]
OptionalIdArgument = Annotated[str | None, argument("ID", complete=complete_ids)]
IdOrTaskArgument = Annotated[str, argument("ID|TASK", "The ID of an item or task", complete_all_ids)]
TierArgument = Annotated[str, argument("TIER", "The tier", complete_tiers)]
TierOption = Annotated[str | None, option("--tier", "TIER", "Only this tier: ID or title.", complete_tiers)]
TaskOption = Annotated[str | None, option("--task", "TASK", "Only this task.", complete_tasks)]
AsOfOption = Annotated[str | None, option("--as-of", "DATE", "As it was known on that day.")]
OnOption = Annotated[str | None, option("--on", "DATE", "The day it happened, when it was not today.")]
ByOption = Annotated[str | None, option("--by", "NAME", "Your name.", envvar="CA_LADDER_USER", show_envvar=False)]
BecauseOption = Annotated[str | None, option("--because", "TEXT", "The reason; it is kept.")]
NoteOption = Annotated[str | None, option("--note", "TEXT", "A note to keep with it.", callback=refuse_blank)]
EvidenceOption = Annotated[
    list[str] | None,
    option("--evidence", "LINK", "A link or path that shows it; may be repeated.", callback=refuse_blank),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]
