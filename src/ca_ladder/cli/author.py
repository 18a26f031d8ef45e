"""What the catalogue's author asks: catalogue check, new, schema, import, show, diff and roles."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ca_ladder.catalogue.loader import load_catalogue
from ca_ladder.catalogue.lookup import find_role
from ca_ladder.catalogue.models import Catalogue, Ladder
from ca_ladder.cli.as_typed import CommandGroup
from ca_ladder.cli.complete import complete_roles
from ca_ladder.cli.options import JsonOption
from ca_ladder.cli.output import PAGE, OutputOption, deliver, format_of, ready_to_begin, ready_to_write
from ca_ladder.cli.session import Session, command
from ca_ladder.cli.team import at_hand, foretold, report_unreadable
from ca_ladder.errors import BadInput, CatalogueFaulty, CatalogueMissing, LadderError, NoRecord, NoTrainees
from ca_ladder.renderers.look import Look
from ca_ladder.renderers.role_page import RolePage, role_pages
from ca_ladder.renderers.tables import roles_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ca_ladder.catalogue.review import Worded

catalogue = typer.Typer(cls=CommandGroup, rich_markup_mode=None)
app = typer.Typer()
app.add_typer(catalogue, name="catalogue")


@catalogue.callback(invoke_without_command=True)
def overview(ctx: typer.Context) -> None:
    """The catalogue: what is expected in which role."""
    if not ctx.invoked_subcommand:
        typer.echo(ctx.get_help())


FileArgument = Annotated[Path | None, typer.Argument(metavar="FILE", hidden=True, show_default=False)]


GithubOption = Annotated[bool, typer.Option("--github", help="In the lines with which GitHub marks a file.")]


@command(catalogue.command())
def check(session: Session, file: FileArgument = None, json: JsonOption = False, github: GithubOption = False) -> None:
    """Tell every fault of a catalogue, and what may be one.

    Each is told with its line and column. Without FILE, the catalogue in use is checked. An id that has changed under
    the same words is found by comparing with the catalogue in use and with the records in the store.
    """
    from ca_ladder.catalogue.review import review
    from ca_ladder.renderers.as_json import check_json
    from ca_ladder.renderers.findings import finding_lines, github_lines, in_brief

    if json and github:
        raise BadInput("Choose one of --json and --github.")
    path = file or session.catalogue_path
    in_use = _in_use(session, path)
    found = review(path, session.today, _words_before(session, in_use), in_use)
    if json:
        session.tell(check_json(path, found))
    else:
        for line in (github_lines if github else finding_lines)(path, found):
            (session.tell if github else session.say)(line)
    if found.faults:
        session.say_aside(in_brief(path, found))
        raise typer.Exit(1)
    if not json and not github:
        session.say(in_brief(path, found))


def _in_use(session: Session, path: Path) -> Catalogue | None:
    """Return the catalogue in use, if that is another file and in order."""
    with suppress(CatalogueFaulty, CatalogueMissing):
        return session.catalogue if realpath(path) != realpath(session.catalogue_path) else None
    return None


def _words_before(session: Session, in_use: Catalogue | None) -> "Iterator[Worded]":
    """Yield the words that each id has had: in the catalogue in use, and in the records of the store."""
    from ca_ladder.catalogue.review import Worded

    for role in in_use.roles if in_use else ():
        yield from (Worded(role.id, item.id, item.text) for item in role.items.values())
    with suppress(NoTrainees):
        for own, record in at_hand(session):
            if isinstance(record, NoRecord):
                continue
            if isinstance(record, LadderError):
                session.say_aside(f"Not compared with {own.store.name}: {record}")
                continue
            roles = [record.enrolment.role, *(each.role for each in record.former)]
            told = [event for event in record.events if event.item and event.wording]
            yield from (Worded(role, e.item or "", e.wording.text) for role in roles for e in told if e.wording)


NewFileArgument = Annotated[Path, typer.Argument(metavar="FILE", hidden=True)]


CopyOption = Annotated[bool, typer.Option("--copy", help="Begin with a copy of the catalogue in use.")]


@command(catalogue.command())
def new(session: Session, file: NewFileArgument, copy: CopyOption = False) -> None:
    """Write a small catalogue to begin with, explained line by line."""
    from ca_ladder.catalogue.loader import text_in
    from ca_ladder.catalogue.schema import SCHEMA_LINES
    from ca_ladder.catalogue.shelf import data_of, starter

    ready_to_begin(file)
    if copy:
        text = text_in(data_of(session.catalogue_path), session.catalogue_path).replace("\r\n", "\n")
        text = text if text.startswith(SCHEMA_LINES) else SCHEMA_LINES + text
        deliver(session, "A copy of the catalogue in use", text, file, open_=False)
    else:
        deliver(session, "A small catalogue to begin with", SCHEMA_LINES + starter(), file, open_=False)
    _write_schema_beside(session, file)
    named = shlex.quote(str(file))
    session.hint(f"Next, in any editor: write your own. Then: ca-ladder catalogue check {named}")


PageArgument = Annotated[Path, typer.Argument(metavar="FILE", hidden=True)]


@command(catalogue.command("import"))
def import_(session: Session, file: PageArgument, output: OutputOption = None) -> None:
    """Make the draft of a catalogue from a role page.

    The page is a text or Markdown file. Each line that it was not sure about is told. Without -o, the draft is written
    beside the page and ends with .yaml.
    """
    from ca_ladder.catalogue.draft import draft_of, draft_yaml
    from ca_ladder.catalogue.page import text_of
    from ca_ladder.renderers.findings import doubt_lines, draft_in_brief

    target = output or file.with_suffix(".yaml")
    text = text_of(file)
    ready_to_begin(target)
    draft = draft_of(text)
    deliver(session, "The draft", draft_yaml(draft, file), target, open_=False)
    _write_schema_beside(session, target)
    session.say(draft_in_brief(load_catalogue(target).roles[0]))
    for line in doubt_lines(file, draft.doubts):
        session.say(line)
    session.hint(f"Next: ca-ladder catalogue check {shlex.quote(str(target))}")


@command(catalogue.command())
def schema(session: Session, output: OutputOption = None) -> None:
    """The fields of a catalogue, for editors, as JSON Schema."""
    if output:
        format_of(output, None, {".json": "json"})
    ready_to_write(output, "json", open_=False)
    deliver(session, "The schema", _schema_text(), output, open_=False)


def _write_schema_beside(session: Session, file: Path) -> None:
    """Write the schema that a new catalogue names, unless one is there."""
    from ca_ladder.catalogue.schema import FILE_NAME

    beside = file.parent / FILE_NAME
    if not beside.exists():
        deliver(session, "What VS Code and PyCharm need to explain its fields", _schema_text(), beside, open_=False)


def _schema_text() -> str:
    import json

    from ca_ladder.catalogue.schema import schema

    return f"{json.dumps(schema(), indent=2)}\n"


@command(catalogue.command())
def roles(session: Session) -> None:
    """The roles in ladder order."""
    every = [
        Ladder(role, frozenset(variant.id for variant in role.variants), session.catalogue.version)
        for role in session.catalogue.roles
    ]
    session.show(roles_table(every, session.look))
    session.hint("Next: ca-ladder init --role ROLE")


OldArgument = Annotated[Path, typer.Argument(metavar="OLD", hidden=True)]
NewArgument = Annotated[Path, typer.Argument(metavar="NEW", hidden=True)]


@command(catalogue.command())
def diff(session: Session, old: OldArgument, new: NewArgument, json: JsonOption = False) -> None:
    """What changed from one catalogue to the next, for whom.

    To those whose records are in the store: what is kept, asked again, or retired with its history.
    """
    from ca_ladder.catalogue.changes import changes
    from ca_ladder.renderers.as_json import diff_json
    from ca_ladder.renderers.changes import diff_screen

    before, after = load_catalogue(old), load_catalogue(new)
    found = changes(before, after)
    effects = foretold(replace(session, catalogue_path=new), before, after)
    if json:
        session.tell(diff_json(found, effects, old, new))
    else:
        session.show(diff_screen(found, effects, old, new, session.look))
        if effects.trainees:
            view = "report" if session.of_team else "status"
            session.hint(f"Next, to try it: ca-ladder {view} --catalogue {shlex.quote(str(new))}")
    report_unreadable(effects.unreadable)


LADDER_ENDINGS = {".txt": "table", ".md": "markdown", ".html": "html"}

RoleArgument = Annotated[
    str | None, typer.Argument(metavar="ROLE", hidden=True, autocompletion=complete_roles, show_default=False)
]
LadderFormatOption = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help=f"One of {', '.join(LADDER_ENDINGS.values())}.", show_default=False
    ),
]


@command(catalogue.command())
def show(
    session: Session, role: RoleArgument = None, format_: LadderFormatOption = None, output: OutputOption = None
) -> None:
    """The whole ladder of a role, as a page to read and print.

    Without ROLE, all roles in ladder order.
    """
    chosen = format_of(output, format_, LADDER_ENDINGS)
    ready_to_write(output, chosen, open_=False)
    pages = role_pages(session.catalogue, find_role(session.catalogue, role) if role is not None else None)
    look = PAGE if output else session.look
    deliver(session, "The ladder", _ladder(pages, chosen, look), output, open_=False)
    if chosen == "table" and not output:
        session.hint("To print it, add: -o ladder.html")


def _ladder(pages: Sequence[RolePage], chosen: str, look: Look) -> "str | RenderableType":
    """Return the ladder in the format chosen."""
    if chosen == "html":
        from ca_ladder.renderers.as_html import ladder_html

        return ladder_html(pages)
    if chosen == "markdown":
        from ca_ladder.renderers.ladder_markdown import ladder_markdown

        return ladder_markdown(pages)
    from ca_ladder.renderers.ladder import ladder_screen

    return ladder_screen(pages, look)
