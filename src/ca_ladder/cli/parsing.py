"""Commands that report what Typer could not understand as an error of this program, in plain words."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from ca_ladder.cli.paths import variable
from ca_ladder.errors import BadInput, Unknown

_USAGE_ERROR: Any = typer.BadParameter.__bases__[0]  # all of Typer's usage errors; Typer gives it no public name


class LadderCommand(TyperCommand):
    """A command."""

    allow_extra_args = True  # they are refused below, where they are still known one by one

    def make_parser(self, ctx: Any) -> Any:
        """Make the parser; it refuses an option with one value that is given twice, instead of dropping the first."""
        parser: Any = super().make_parser(ctx)
        parse = parser.parse_args

        def parse_once(args: list[str]) -> Any:
            values, extra, order = parse(args)
            for parameter, count in Counter(order).items():
                takes_one = parameter.param_type_name == "option" and not parameter.multiple and not parameter.is_flag
                if count > 1 and takes_one and not ctx.resilient_parsing:
                    raise BadInput(f"{parameter.opts[0]} can be given only once.")
            return values, extra, order

        parser.parse_args = parse_once
        return parser

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options and arguments; raises BadInput."""
        with _plain_words(ctx):
            extra = super().parse_args(ctx, args)
        if ctx.resilient_parsing:
            return extra
        for parameter in self.params:
            if isinstance(parameter.envvar, str) and ctx.get_parameter_source(parameter.name).name == "ENVIRONMENT":
                variable(parameter.envvar)
        if extra:
            raise BadInput(f"Unexpected argument: {' '.join(extra)}. See: {ctx.command_path} --help")
        return extra


class CommandGroup(TyperGroup):
    """Several commands under one name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options before the command; raises BadInput."""
        with _plain_words(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that was typed; raises Unknown."""
        if args and not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            near = get_close_matches(args[0], self.list_commands(ctx), n=1, cutoff=0.7)
            raise Unknown("command", args[0], near, f"See: {ctx.command_path} --help")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands, each with its whole line: Typer would cut it off in a narrow terminal."""
        commands: dict[str, Any] = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(1000)) for name, command in commands.items()])


@contextmanager
def _plain_words(ctx: Any) -> Iterator[None]:
    """Raise Typer's errors as BadInput."""
    try:
        yield
    except _USAGE_ERROR as problem:
        # Of Typer's error classes only two have public names. The others are told apart by what they carry.
        option = getattr(problem, "option_name", None)
        parameter = getattr(problem, "param", None)
        near: list[str] = []
        if option is not None and hasattr(problem, "possibilities"):
            sentence = f"There is no option {option}."
            near = get_close_matches(option, problem.possibilities or [], n=1, cutoff=0.7)
        elif option is not None:
            known = next((known for known in ctx.command.get_params(ctx) if option in known.opts), None)
            takes_value = not getattr(known, "is_flag", False)
            sentence = f"{option} needs a value after it." if takes_value else f"{option} takes no value."
        elif parameter is not None and not problem.message:
            sentence = f"{parameter.help} is missing."
        else:
            sentence = problem.format_message()
        hint = f"Did you mean {near[0]}?" if near else f"See: {ctx.command_path} --help"
        raise BadInput(f"{sentence} {hint}") from None
