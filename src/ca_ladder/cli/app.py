"""The program's commands. Only the module of the command that runs is imported; errors are printed here."""

import os
from importlib import import_module
from itertools import chain
from typing import Annotated, Any

import typer
from typer.completion import get_completion_inspect_parameters

from ca_ladder import __version__
from ca_ladder.cli.context import CONTEXT_KEY, open_context
from ca_ladder.cli.parsing import CommandGroup, LadderCommand
from ca_ladder.cli.printing import fail, quiet_without_reader
from ca_ladder.errors import LadderError

# The commands of each module, in the order of --help: a person's way through the program.
_COMMANDS = {
    "enrol": ("init", "demo"),
    "views": ("status", "next", "list", "show", "log"),
    "checks": ("check", "uncheck", "note", "undo", "redo", "leave"),
    "decisions": ("signoff", "return", "revoke", "waive"),
    "reports": ("report", "agenda", "graduate", "promote"),
    "catalogues": ("catalogue",),
    "records": ("record",),
    "shell_completion": ("completion",),
}
_MODULES = {name: module for module, names in _COMMANDS.items() for name in names}
_ALIASES = {"catalog": "catalogue"}
COMPLETE_VARIABLE = "_CA_LADDER_COMPLETE"  # set by the script of `ca-ladder completion` while Tab is pressed


def _build(name: str) -> Any:
    """Build one command only. Building all of its module's commands would slow down every run."""
    registered = import_module(f"ca_ladder.cli.commands.{_MODULES[name]}").app
    only = typer.Typer(add_completion=False, rich_markup_mode=None)
    only.registered_commands = [
        command for command in registered.registered_commands if (command.name or command.callback.__name__) == name
    ]
    only.registered_groups = [group for group in registered.registered_groups if group.name == name]
    groups = [group.typer_instance for group in only.registered_groups if group.typer_instance]
    for command in chain(only.registered_commands, *(group.registered_commands for group in groups)):
        command.cls = LadderCommand
    return typer.main.get_group(only).commands[name] if groups else typer.main.get_command(only)


class LadderGroup(CommandGroup):
    """All commands, each built when it is asked for. Every error becomes one line and an exit code here."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """Return the names of the commands, in the order of --help."""
        return list(_MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of this name, or None."""
        name = _ALIASES.get(cmd_name, cmd_name)
        if name in _MODULES and name not in self.commands:
            self.add_command(_build(name), name)
        return super().get_command(ctx, name)

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the program, or answer the Tab key."""
        columns = os.environ.get("COLUMNS", "80")
        if not columns.isdecimal() or len(columns) > 4 or not int(columns):
            del os.environ["COLUMNS"]  # nonsense; whatever measures the terminal would believe it or fail
        if COMPLETE_VARIABLE in os.environ:
            get_completion_inspect_parameters()  # this registers the shells; Typer does it only for its own options
        with quiet_without_reader():
            return super().main(*args, **options)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what comes before the command: nothing but --help and --version."""
        named = next((word for word in args if word in _MODULES), None)
        if named and args[0].startswith("-"):
            raise fail([f"Options come after the command: ca-ladder {named} {args[0]} ..."], 2)
        try:
            with quiet_without_reader():
                return super().parse_args(ctx, args)
        except LadderError as problem:
            raise fail(problem.lines(), problem.exit_code) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            with quiet_without_reader():
                return super().invoke(ctx)
        except LadderError as problem:
            context = ctx.meta.get(CONTEXT_KEY)
            lines = problem.lines(context.command_line) if context else problem.lines()
            raise fail(lines, problem.exit_code) from None
        except (typer.Abort, KeyboardInterrupt):  # Ctrl-C, or the end of the input at a question
            typer.echo("\nStopped. What was already saved stays saved.", err=True)
            raise typer.Exit(130) from None


app = typer.Typer(
    cls=LadderGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="The training checklist of an insurance office: what is expected, what is signed off, who is on track.",
    epilog="\b\nTo begin:              ca-ladder init\nTo look around first:  ca-ladder demo",  # in these two lines
)


VersionOption = Annotated[bool, typer.Option("--version", help="Show the version and stop.")]


@app.callback(invoke_without_command=True)
def home(ctx: typer.Context, version: VersionOption = False) -> None:
    """Show where the trainee is and what comes next, or a welcome; before a command, nothing."""
    if version:
        typer.echo(f"ca-ladder {__version__}")
    elif not ctx.invoked_subcommand:
        from ca_ladder.cli.commands.enrol import home_screen

        home_screen(open_context(ctx))
