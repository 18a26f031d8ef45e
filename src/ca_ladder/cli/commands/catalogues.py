"""The commands for authors of a catalogue: catalogue check, new, schema, import, show, diff and roles."""

from collections.abc import Iterator
from contextlib import suppress
from json import dumps
from os.path import realpath
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from ca_ladder.catalogue.files import read_catalogue_bytes, starter
from ca_ladder.catalogue.lint import KnownWording, lint
from ca_ladder.catalogue.lookup import find_role
from ca_ladder.catalogue.models import Catalogue
from ca_ladder.catalogue.schema import FILE_NAME, SCHEMA_LINES
from ca_ladder.catalogue.schema import schema as json_schema
from ca_ladder.catalogue.validation import decode_catalogue, load_catalogue
from ca_ladder.cli.completion import complete_roles
from ca_ladder.cli.context import CommandContext, command
from ca_ladder.cli.options import JsonOption
from ca_ladder.cli.output import Format, OutputOption, chosen_format, deliver, format_option, ready_to_begin
from ca_ladder.cli.parsing import CommandGroup
from ca_ladder.cli.team_records import available_records, measure_impact, report_unreadable
from ca_ladder.errors import BadInput, CatalogueFaulty, CatalogueMissing, LadderError, NoRecord, NoTrainees, quoted
from ca_ladder.renderers.json import check_json, diff_json
from ca_ladder.renderers.role_page import role_pages
from ca_ladder.renderers.screens import catalogue_check
from ca_ladder.renderers.screens.status import roles_table

catalogue = typer.Typer(cls=CommandGroup, rich_markup_mode=None)
app = typer.Typer()
app.add_typer(catalogue, name="catalogue")


@catalogue.callback(invoke_without_command=True)
def overview(ctx: typer.Context) -> None:
    """The catalogue: what is expected in which role."""
    if not ctx.invoked_subcommand:
        typer.echo(ctx.get_help())


FileArgument = Annotated[Path, typer.Argument(metavar="FILE", hidden=True, help="The name of the file")]
OptionalFileArgument = Annotated[Path | None, typer.Argument(metavar="FILE", hidden=True, show_default=False)]
GithubOption = Annotated[bool, typer.Option("--github", help="As annotations for GitHub.")]


@command(catalogue.command())
def check(
    context: CommandContext, file: OptionalFileArgument = None, json: JsonOption = False, github: GithubOption = False
) -> None:
    """Check a catalogue for faults and warnings.

    Each is shown with its line and column. Without FILE, the catalogue in use is checked. An id that has changed under
    the same words is found by comparing with the catalogue in use and with the records in the store.
    """
    if json and github:
        raise BadInput("Choose one of --json and --github.")
    path = file or context.catalogue_path
    in_use = None  # stays None if the catalogue in use is the checked file itself or has faults
    with suppress(CatalogueFaulty, CatalogueMissing):
        if realpath(path) != realpath(context.catalogue_path):
            in_use = context.catalogue
    report = lint(path, context.today, _known_wordings(context, in_use), in_use)
    if json:
        context.print_raw(check_json(path, report))
    else:
        for line in (catalogue_check.github_lines if github else catalogue_check.finding_lines)(path, report):
            (context.print_raw if github else context.print_line)(line)
    if report.faults:
        context.warn(catalogue_check.catalogue_summary(path, report))
        raise typer.Exit(1)
    if not json and not github:
        context.print_line(catalogue_check.catalogue_summary(path, report))


def _known_wordings(context: CommandContext, in_use: Catalogue | None) -> Iterator[KnownWording]:
    """Yield the wordings of each id in the catalogue in use and in the available records."""
    for role in in_use.roles if in_use else ():
        yield from (KnownWording(role.id, item.id, item.text) for item in role.items.values())
    with suppress(NoTrainees):
        for trainee, record in available_records(context):
            if isinstance(record, NoRecord):
                continue
            if isinstance(record, LadderError):
                context.warn(f"Not compared with {trainee.store.name}: {record}")
                continue
            for role_id in (record.enrolment.role, *(past.role for past in record.past_roles)):
                for event in record.events:
                    if event.item and event.wording:
                        yield KnownWording(role_id, event.item, event.wording.text)


CopyOption = Annotated[bool, typer.Option("--copy", help="Start from a copy of the catalogue in use.")]


@command(catalogue.command())
def new(context: CommandContext, file: FileArgument, copy: CopyOption = False) -> None:
    """Write a small catalogue to start from, explained line by line."""
    ready_to_begin(file)
    if copy:
        in_use = context.catalogue_path
        what, text = "A copy of the catalogue in use", decode_catalogue(read_catalogue_bytes(in_use), in_use)
    else:
        what, text = "A small catalogue to begin with", starter()
    text = SCHEMA_LINES + text.replace("\r\n", "\n").removeprefix(SCHEMA_LINES)
    _deliver_with_schema(context, what, text, file)
    context.hint(f"Next, in any editor: write your own. Then: ca-ladder catalogue check {quoted(str(file))}")


@command(catalogue.command("import"))
def import_(context: CommandContext, file: FileArgument, output: OutputOption = None) -> None:
    """Draft a catalogue from a role page.

    The page is a text or Markdown file. Lines that it was not sure about are listed. Without -o, the draft is written
    next to the page and ends with .yaml.
    """
    from ca_ladder.catalogue.importing.draft import draft_of, draft_yaml
    from ca_ladder.catalogue.importing.parser import text_of

    target = output or file.with_suffix(".yaml")
    text = text_of(file)
    ready_to_begin(target)
    draft = draft_of(text)
    _deliver_with_schema(context, "The draft", draft_yaml(draft, file), target)
    context.print_line(catalogue_check.draft_summary(load_catalogue(target).roles[0]))
    context.print_line(*catalogue_check.doubt_lines(file, draft.doubts))
    context.hint(f"Next: ca-ladder catalogue check {quoted(str(target))}")


@command(catalogue.command())
def schema(context: CommandContext, output: OutputOption = None) -> None:
    """Print the JSON Schema of a catalogue, for editors."""
    if output:
        chosen_format({"json": Format(".json")}, None, output)
    deliver(context, "The schema", _schema_text(), output)


def _deliver_with_schema(context: CommandContext, what: str, text: str, file: Path) -> None:
    """Write a new catalogue, and next to it the schema file that it refers to, unless there is one."""
    deliver(context, what, text, file)
    schema_file = file.parent / FILE_NAME
    if not schema_file.exists():
        deliver(context, "What VS Code and PyCharm need to explain its fields", _schema_text(), schema_file)


def _schema_text() -> str:
    return f"{dumps(json_schema(), indent=2)}\n"


@command(catalogue.command())
def roles(context: CommandContext) -> None:
    """List the roles in ladder order."""
    in_use = context.catalogue
    ladders = [in_use.ladder(role.id, [variant.id for variant in role.variants]) for role in in_use.roles]
    context.print_screen(roles_table(ladders, context.stdout))
    context.hint("Next: ca-ladder init --role ROLE")


OldArgument = Annotated[Path, typer.Argument(metavar="OLD", hidden=True, help="The file of the old catalogue")]
NewArgument = Annotated[Path, typer.Argument(metavar="NEW", hidden=True, help="The file of the new catalogue")]


@command(catalogue.command())
def diff(context: CommandContext, old: OldArgument, new: NewArgument, json: JsonOption = False) -> None:
    """Show what changed between two catalogues, and for whom.

    For each record in the store: what is kept, what is asked again, and what is retired with its history.
    """
    from ca_ladder.catalogue.diff import changes
    from ca_ladder.renderers.screens.catalogue_diff import diff_screen

    before, after = load_catalogue(old), load_catalogue(new)
    differences = changes(before, after)
    impact = measure_impact(replace(context, catalogue_path=new), before, after)
    if json:
        context.print_raw(diff_json(differences, impact, old, new))
    else:
        context.print_screen(diff_screen(differences, impact, old, new, context.stdout))
        if impact.trainees:
            view = "report" if context.is_team else "status"
            context.hint(f"Next, to try it: ca-ladder {view} --catalogue {quoted(str(new))}")
    report_unreadable(impact.unreadable)


LADDER_FORMATS = {
    "table": Format(".txt", "screens.ladder", "ladder_screen"),
    "markdown": Format(".md", "markdown", "ladder_markdown"),
    "html": Format(".html", "html", "ladder_html"),
}

RoleArgument = Annotated[
    str | None, typer.Argument(metavar="ROLE", hidden=True, autocompletion=complete_roles, show_default=False)
]
LadderFormatOption = Annotated[str | None, format_option(LADDER_FORMATS)]


@command(catalogue.command())
def show(
    context: CommandContext, role: RoleArgument = None, format_: LadderFormatOption = None, output: OutputOption = None
) -> None:
    """Show everything a role expects, as a page to read and print.

    Without ROLE, all roles in ladder order.
    """
    chosen = chosen_format(LADDER_FORMATS, format_, output)
    pages = role_pages(context.catalogue, find_role(context.catalogue, role) if role is not None else None)
    deliver(context, "The ladder", chosen.render(pages, to_file=output is not None, context=context), output)
    if chosen.ending == ".txt" and not output:
        context.hint("To print it, add: -o ladder.html")
