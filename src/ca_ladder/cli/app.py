"""The program's command group: loads only the module of the command that is asked for, translates errors once."""

import re
from collections.abc import Iterator, MutableMapping
from difflib import get_close_matches
from importlib import import_module
from itertools import chain
from typing import Annotated, Any

import typer

from ca_ladder import __version__
from ca_ladder.cli.as_typed import CommandGroup, LadderCommand
from ca_ladder.cli.context import CONTEXT_KEY, fail, open_context
from ca_ladder.errors import LadderError

# In the order of --help: a person's way through the program.
_HOMES = {
    "init": "enrol",
    "demo": "enrol",
    "status": "views",
    "next": "views",
    "list": "views",
    "show": "views",
    "log": "views",
    "check": "checks",
    "uncheck": "checks",
    "note": "checks",
    "undo": "checks",
    "leave": "checks",
    "signoff": "decisions",
    "return": "decisions",
    "revoke": "decisions",
    "waive": "decisions",
    "report": "reports",
    "agenda": "reports",
    "graduate": "reports",
    "promote": "reports",
    "catalogue": "catalogues",
    "record": "records",
    "completion": "shell_completion",
}
_ALIASES = {"catalog": "catalogue"}


class _Commands(MutableMapping[str, Any]):
    """The commands by name; each is built when it is first asked for."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        name = _ALIASES.get(name, name)
        if name not in self._built:
            if name not in _HOMES:
                raise KeyError(name)
            self._built[name] = _build(name)
        return self._built[name]

    def __setitem__(self, name: str, built: Any) -> None:
        self._built[name] = built

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_HOMES)

    def __len__(self) -> int:
        return len(_HOMES)


def _build(name: str) -> Any:
    """Build one command, and none of its neighbours: with all of them, every run would wait for them."""
    module = import_module(f"ca_ladder.cli.commands.{_HOMES[name]}")
    only = typer.Typer(add_completion=False, rich_markup_mode=None)
    for registered in module.app.registered_commands:
        if (registered.name or registered.callback.__name__) == name:
            only.registered_commands.append(registered)
    only.registered_groups += [group for group in module.app.registered_groups if group.name == name]
    groups = [group.typer_instance for group in only.registered_groups if group.typer_instance]
    for registered in chain(only.registered_commands, *(group.registered_commands for group in groups)):
        registered.cls = LadderCommand
    if only.registered_groups:
        return typer.main.get_group(only).commands[name]
    return typer.main.get_command(only)


_TYPERS_WORDS = (
    (r"No such option: (\S+).*", r"There is no option \1."),
    (r"No such command '(.*?)'\.(?: Did you mean '(.*)'\?)?", r'There is no command "\1".'),
    (r"Got unexpected extra arguments? ?(?:\(s\) )?\((.*)\)", r"That is more than the command takes: \1."),
    (r"Option '(.+)' requires an argument\.", r"\1 needs a value after it."),
    (r"Missing argument '(.+)'\.", r"\1 is missing."),
    (r"Option '(.+)' does not take a value\.", r"\1 takes no value."),
)


def _in_words(problem: typer.TyperException) -> str:
    """Say in plain words what Typer could not understand, and where to look."""
    said = problem.format_message()
    for pattern, words in _TYPERS_WORDS:
        if found := re.fullmatch(pattern, said):
            said = found.expand(words)
            break
    typed = getattr(problem, "option_name", "") or said
    known = getattr(problem, "possibilities", None) or []
    context = getattr(problem, "ctx", None)
    if '"' in said and "command" in said and context:
        typed, known = said.split('"')[1], list(context.command.commands)
    near = get_close_matches(typed, known, n=1, cutoff=0.7)
    path = context.command_path if context else "ca-ladder"
    return f"{said} Did you mean {near[0]}?" if near else f"{said} See: {path} --help"


class LadderGroup(CommandGroup):
    """Typer's group with lazy commands; every error becomes one line and an exit code, here and nowhere else."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command: nothing but --help and --version."""
        asked = next((each for each in args if each in _HOMES), None)
        if asked and args[0].startswith("-"):
            raise fail([f"Options stand after the command: ca-ladder {asked} {args[0]} ..."], 2)
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as problem:
            raise fail([_in_words(problem)], problem.exit_code) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LadderError as problem:
            context = ctx.meta.get(CONTEXT_KEY)
            said, *data = problem.lines()
            raise fail([context.repeated(said) if context else said, *data], problem.exit_code) from None
        except typer.TyperException as problem:
            raise fail([_in_words(problem)], problem.exit_code) from None
        except (typer.Abort, KeyboardInterrupt):  # Ctrl-C, or the end of the input at a question
            typer.echo("\nStopped. What was saved before stays saved.", err=True)
            raise typer.Exit(130) from None

    def _main_shell_completion(self, *args: Any, **options: Any) -> None:
        from typer._completion_classes import completion_init

        completion_init()
        super()._main_shell_completion(*args, **options)


app = typer.Typer(
    cls=LadderGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="The training checklist of an insurance office: what is expected, what is signed off, who is on track.",
    epilog="Begin with: ca-ladder init. To look around first: ca-ladder demo.",
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
