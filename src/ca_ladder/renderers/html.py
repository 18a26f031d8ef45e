"""HTML: self-contained pages with charts as inline SVG and their numbers in tables; no script, nothing to load.

Every value goes through `visible` and then through autoescape: data is never markup.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ca_ladder.progress.agenda import Agenda
from ca_ladder.progress.results import OWNERS, Counts, TierProgress, TraineeProgress
from ca_ladder.progress.team import TeamProgress
from ca_ladder.renderers import charts, phrases
from ca_ladder.renderers.agenda_sections import agenda_sections, changes_section
from ca_ladder.renderers.display import OWNER_HEADINGS, OWNER_LABELS, visible
from ca_ladder.renderers.role_page import RolePage


def report_html(team: TeamProgress) -> str:
    """Return the report of a team, or of one trainee as a team of one, as a whole page."""
    anchors = {id(trainee): f"t{number}" for number, trainee in enumerate(team.trainees, start=1)}
    return page(
        "report.html.j2",
        team=team,
        anchor=lambda trainee: anchors[id(trainee)],
        longest=max((trainee.pace.total for trainee in team.trainees), default=0),
        months=charts.horizon(team.trainees),
    )


def agenda_html(agenda: Agenda) -> str:
    """Return the agenda for a one-to-one, with boxes to tick and room to write."""
    sections = [*agenda_sections(agenda), changes_section(agenda)]
    return page("agenda.html.j2", agenda=agenda, sections=sections)


def card_html(progress: TraineeProgress, tier: TierProgress) -> str:
    """Return the card of a tier's final sign-off, with the numbers frozen in it."""
    return page("card.html.j2", progress=progress, tier=tier)


def ladder_html(pages: Sequence[RolePage]) -> str:
    """Return the ladder of a role, or of all roles; in print, each role begins on a new sheet."""
    return page("ladder.html.j2", pages=pages)


def page(template: str, **content: Any) -> str:
    """Render a template with this content."""
    return _templates().get_template(template).render(content)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(charts=charts, phrases=phrases, counts_fields=Counts._fields)
    templates.globals.update(moves=OWNER_LABELS, owners=OWNERS, owner_headings=OWNER_HEADINGS)
    return templates


def _shown(value: object) -> object:
    """Escape hidden characters in text. Only templates contain markup."""
    return visible(value) if type(value) is str else value
