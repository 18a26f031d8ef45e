"""Questions at a terminal, on stderr. Each can be answered beforehand by an option."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import typer

from ca_ladder.cli.context import CommandContext
from ca_ladder.errors import BadInput, LadderError, Missing
from ca_ladder.progress.results import ItemProgress
from ca_ladder.renderers.display import STATE_LABELS

Answer = TypeVar("Answer")


def ask(
    context: CommandContext,
    question: str,
    parse: Callable[[str], Answer],
    default: str | None = None,
    missing: Missing | None = None,
) -> Answer:
    """Ask until the answer can be parsed. Enter gives the default. Raises ``missing`` if nothing may be asked."""
    if missing and not context.interactive:
        raise missing
    while True:
        suffix = " " if question.endswith("?") and default is None else ": "
        typed = typer.prompt(
            context.stderr.text(question), default=default, show_default=bool(default), prompt_suffix=suffix, err=True
        )
        try:
            return parse(typed)
        except LadderError as problem:
            context.warn(str(problem))


def confirmed(context: CommandContext, question: str, would: str, *, yes: bool, instead: str = "") -> bool:
    """Ask whether to go on, unless --yes was given; say so if nothing is changed.

    Raises BadInput if nobody can be asked: ``would`` is what would be done, ``instead`` another option than --yes.
    """
    if not yes and not context.interactive:
        raise BadInput(f"This would {would}. Add --yes to do it{instead}.")
    if yes or agreed(context, question):
        return True
    context.print_line("Nothing was changed.")
    return False


def agreed(context: CommandContext, question: str) -> bool:
    """Ask a yes-or-no question; Enter means no."""
    return ask(context, f"{question} [y/N]", _is_yes, default="")


def _is_yes(typed: str) -> bool:
    if typed.strip().casefold() not in {"", "y", "yes", "n", "no"}:
        raise BadInput("Type y for yes, or n for no.")
    return typed.strip().casefold() in {"y", "yes"}


def pick(context: CommandContext, question: str, items: Sequence[ItemProgress]) -> list[str]:
    """Let the user choose items from a list, and return their ids. A dumb terminal gets a numbered list."""
    if os.environ.get("TERM") == "dumb":
        return _pick_by_number(context, question, items)
    import questionary
    from prompt_toolkit.output import create_output

    choices = [
        questionary.Choice(title=context.stderr.text(f"{entry.item.id}  {entry.item.text}"), value=entry.item.id)
        for entry in items
    ]
    picked = questionary.checkbox(
        context.stderr.text(question),
        choices=choices,
        instruction="(type to narrow, arrows to move, space to choose, Enter when done)",
        use_search_filter=True,
        use_jk_keys=False,
        output=create_output(stdout=sys.stderr),
    ).ask()
    if picked is None:
        raise typer.Exit(130)
    return list(picked)


def _pick_by_number(context: CommandContext, question: str, items: Sequence[ItemProgress]) -> list[str]:
    for number, entry in enumerate(items, start=1):
        context.warn(f"{number:>3}  {entry.item.id}  {STATE_LABELS[entry.state]}  {entry.item.text}")

    def parse(typed: str) -> list[str]:
        chosen: dict[str, None] = {}
        for part in typed.replace(",", " ").split():
            span = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", part)
            if not span:
                raise BadInput(f'"{part}" is not a number from 1 to {len(items)}, or a span such as 2-4.')
            first, last = int(span[1]), int(span[2] or span[1])
            if last > len(items) or first < 1:
                raise BadInput(f"The numbers go from 1 to {len(items)}.")
            chosen |= dict.fromkeys(entry.item.id for entry in items[first - 1 : last])
        return list(chosen)

    return ask(context, f"{question} Numbers such as 1 3-5, or Enter", parse, default="")
