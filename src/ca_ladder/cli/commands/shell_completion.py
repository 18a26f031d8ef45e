"""Tab completion: prints the script for a shell; changes nobody's profile."""

import io
from contextlib import redirect_stdout
from typing import Annotated

import typer
from typer.completion import get_completion_inspect_parameters, shell_complete
from typer.core import TyperCommand

from ca_ladder.catalogue.lookup import choose
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.options import argument

app = typer.Typer()

HOW_TO_KEEP_IT = {
    "bash": "append it to ~/.bashrc: ca-ladder completion bash >> ~/.bashrc",
    "zsh": "append it to ~/.zshrc: ca-ladder completion zsh >> ~/.zshrc",
    "fish": "save it: ca-ladder completion fish > ~/.config/fish/completions/ca-ladder.fish",
    "powershell": "append it to your profile: ca-ladder completion powershell >> $PROFILE",
}

ShellArgument = Annotated[str, argument("bash|zsh|fish|powershell", "The name of your shell")]


@command(app.command())
def completion(context: CommandContext, shell: ShellArgument) -> None:
    """Print the script for Tab completion.

    With it, Tab completes commands, ids with their text, tasks and tiers in your shell.
    """
    chosen = choose("shell", shell, tuple(HOW_TO_KEEP_IT))
    get_completion_inspect_parameters()  # this registers the shells
    script = io.StringIO()
    with redirect_stdout(script):  # Typer's public function prints it
        shell_complete(TyperCommand("ca-ladder"), {}, "ca-ladder", "_CA_LADDER_COMPLETE", f"source_{chosen}")
    context.print_raw(script.getvalue().strip())
    context.hint(f"# To keep it, {HOW_TO_KEEP_IT[chosen]}")
