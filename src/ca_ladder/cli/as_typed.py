"""Commands that take their options as they were typed, and say themselves what is wrong with them.

Typer has pydantic turn each into what it is declared as, also a text into a text. Loading pydantic takes longer than
all that a short command does, and what it says is not for people who never opened a terminal.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from typer._click import Command
from typer._click.exceptions import UsageError
from typer._coercion import RuntimeParam
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

if TYPE_CHECKING:
    from typer._click import Context
    from typer._click.core import Parameter


class _AsTyped(RuntimeParam):
    """What stands where Typer would ask pydantic."""

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ARG002 - as Typer calls it
        made = (get_args(self.annotation) or (self.annotation,))[0]
        return [made(each) for each in value] if isinstance(value, list | tuple) else made(value)


class _TakesAsTyped(Command):
    def get_params(self, ctx: "Context") -> "list[Parameter]":
        """Return the options and arguments, --help among them."""
        parameters = super().get_params(ctx)
        for each in parameters:
            if isinstance(each, TyperOption | TyperArgument):
                declared = each.type_descriptor
                if declared.annotation in (str, bool, Path, list[str]):
                    each._runtime_param = _AsTyped(declared.parameter_info, declared.annotation)
        return parameters

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """Parse what was typed; what cannot be understood is this command's, whose help explains it."""
        try:
            return super().parse_args(ctx, args)
        except UsageError as problem:
            problem.ctx = problem.ctx or ctx
            raise


class LadderCommand(_TakesAsTyped, TyperCommand):
    """A command."""


class CommandGroup(_TakesAsTyped, TyperGroup):
    """Several commands under one name."""
