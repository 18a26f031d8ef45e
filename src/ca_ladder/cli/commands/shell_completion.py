"""The completion command: print a script for Tab completion. It changes no profile itself."""

from typing import Annotated

import typer
from typer._completion_shared import get_completion_script

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
    script = get_completion_script(prog_name="ca-ladder", complete_var="_CA_LADDER_COMPLETE", shell=chosen)
    context.tell(script)
    context.hint(f"# To keep it, {_INTO[chosen]}")
