"""Options and arguments that several commands share."""

from typing import Annotated

import typer

from ca_ladder.cli.completion import complete_all_ids, complete_ids, complete_tasks, complete_tiers, complete_trainees

# Options of every command.
StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="PATH", help="The record's file, or a team's folder.")
]
TraineeOption = Annotated[
    str | None,
    typer.Option("--trainee", metavar="NAME", help="Which trainee of a team.", autocompletion=complete_trainees),
]
CatalogueOption = Annotated[str | None, typer.Option("--catalogue", metavar="FILE", help="A catalogue of your own.")]
ColorOption = Annotated[
    str, typer.Option("--color", metavar="WHEN", show_default=False, help="Colour: auto, always or never.")
]
NoInputOption = Annotated[bool, typer.Option("--no-input", help="Never ask anything.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the trace of a bug.")]

# Options and arguments of several commands. An argument's help is what an error calls it; no --help shows it.
IdsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", hidden=True, autocompletion=complete_ids, show_default=False)
]
IdArgument = Annotated[
    str, typer.Argument(metavar="ID", hidden=True, help="The ID of an item", autocompletion=complete_ids)
]
OptionalIdArgument = Annotated[
    str | None, typer.Argument(metavar="ID", hidden=True, autocompletion=complete_ids, show_default=False)
]
IdOrTaskArgument = Annotated[
    str,
    typer.Argument(metavar="ID|TASK", hidden=True, help="The ID of an item or task", autocompletion=complete_all_ids),
]
TierArgument = Annotated[
    str, typer.Argument(metavar="TIER", hidden=True, help="The tier", autocompletion=complete_tiers)
]
TierOption = Annotated[
    str | None,
    typer.Option("--tier", metavar="TIER", help="Only this tier: ID or title.", autocompletion=complete_tiers),
]
TaskOption = Annotated[
    str | None, typer.Option("--task", metavar="TASK", help="Only this task.", autocompletion=complete_tasks)
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="As it was known on that day.", show_default=False)
]
OnOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="The day it happened, when it was not today.")
]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", envvar="CA_LADDER_USER", show_envvar=False, help="Your name.")
]
BecauseOption = Annotated[str | None, typer.Option("--because", metavar="TEXT", help="The reason; it is kept.")]
NoteOption = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A note to keep with it.")]
EvidenceOption = Annotated[
    list[str] | None, typer.Option("--evidence", metavar="LINK", help="A link or path that shows it; may be repeated.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]
