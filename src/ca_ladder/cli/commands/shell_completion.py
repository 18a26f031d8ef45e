"""Tab completion: prints the script for a shell; changes nobody's profile."""

import io
from contextlib import redirect_stdout
from typing import Annotated

import typer
from typer.completion import get_completion_inspect_parameters, shell_complete
from typer.core import TyperCommand

from ca_ladder.catalogue.lookup import choose
from ca_ladder.cli.context import CommandContext, command

app = typer.Typer()

SHELLS = ("bash", "zsh", "fish", "powershell")
_INTO = {
    "bash": "append it to ~/.bashrc: ca-ladder completion bash >> ~/.bashrc",
    "zsh": "append it to ~/.zshrc: ca-ladder completion zsh >> ~/.zshrc",
    "fish": "save it: ca-ladder completion fish > ~/.config/fish/completions/ca-ladder.fish",
    "powershell": "append it to your profile: ca-ladder completion powershell >> $PROFILE",
}

ShellArgument = Annotated[str, typer.Argument(metavar="bash|zsh|fish|powershell", hidden=True)]


@command(app.command())
def completion(context: CommandContext, shell: ShellArgument) -> None:
    """Print the script for Tab completion.

    With it, Tab completes commands, ids with their text, tasks and tiers in your shell.
    """
    chosen = choose("shell", shell, SHELLS)
    context.print_raw(_script(chosen))
    context.hint(f"# To keep it, {_INTO[chosen]}")


def _script(shell: str) -> str:
    """Return the script for a shell. Typer's public function prints it, so it is captured."""
    get_completion_inspect_parameters()  # this registers the shells
    printed = io.StringIO()
    with redirect_stdout(printed):
        shell_complete(TyperCommand("ca-ladder"), {}, "ca-ladder", "_CA_LADDER_COMPLETE", f"source_{shell}")
    return printed.getvalue().strip()
