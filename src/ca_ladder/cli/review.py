"""The interactive review of `signoff`: all that waits for one mentor, one question for each item."""

from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from ca_ladder.cli.context import CommandContext
from ca_ladder.cli.prompts import ask
from ca_ladder.cli.record_args import account_note, blocked_line, ids_of, signer, write_decision
from ca_ladder.cli.team_records import explain, records, report_unreadable
from ca_ladder.errors import BadInput, LadderError, NotAMentor, NotPossible, SelfSignOff, either
from ca_ladder.progress.results import ItemProgress
from ca_ladder.progress.team import Unreadable
from ca_ladder.record.actor import Actor, reason
from ca_ladder.record.events import Event, Person
from ca_ladder.record.names import clean_name
from ca_ladder.record.record import Record
from ca_ladder.record.rules import deciders, identify, may_decide, signable
from ca_ladder.renderers.screens.items import review_screen


class WaitingItem(NamedTuple):
    """An item to decide on: the context of its trainee, the record as it was read, and the mentor."""

    context: CommandContext
    record: Record
    actor: Actor
    progress: ItemProgress


def review(context: CommandContext, by: str | None, day: date | None, note: str | None) -> None:
    """Ask about every item that waits for this mentor, and save each answer at once.

    Ends with exit code 1 if records of the team could not be read. Raises NotPossible if this mentor signs off for
    nobody.
    """
    unreadable: list[Unreadable] = []
    if context.is_team:
        queue, unreadable = _team_queue(context, by, day)
    else:
        record = context.record_to_change()
        queue = _waiting_items(context, record, signer(context, record, by), day)
    queue.sort(key=_turn)
    saved: dict[CommandContext, list[Event]] = {waiting.context: [] for waiting in queue}
    for position, waiting in enumerate(queue, start=1):
        name = waiting.record.enrolment.name if context.is_team else ""
        context.print_screen_to_stderr(review_screen(waiting.progress, position, len(queue), name, context.stderr))
        answer = ask(context, "[s]ign, [r]eturn, s[k]ip or [q]uit?", _answer, default="skip")
        if answer == "quit":
            break
        if answer != "skip":
            saved[waiting.context] += _save(waiting, answer, note)
    if queue:
        _print_summary(context, queue, saved)
    else:
        whose = "your trainees" if context.is_team else context.record().enrolment.name
        context.print_line(f"There is nothing to sign off for {whose}.")
    report_unreadable(unreadable)


def _team_queue(
    context: CommandContext, by: str | None, day: date | None
) -> tuple[list[WaitingItem], list[Unreadable]]:
    """Return what waits for the mentor in all records of the team, and why records could not be read."""
    mentor = clean_name(by) if by is not None else ask(context, "Your name (the mentor's)", clean_name)
    queue: list[WaitingItem] = []
    unreadable: list[Unreadable] = []
    signers: set[str] = set()
    may_sign = False
    for trainee, record in records(context):
        try:
            if isinstance(record, LadderError):
                raise record
            signers.update(deciders(record))
            queue += _waiting_items(trainee, record, identify(record, mentor), day)
            may_sign = True
        except (SelfSignOff, NotAMentor):  # somebody else signs for this trainee
            continue
        except LadderError as problem:
            unreadable.append(Unreadable(trainee.store.name, explain(trainee.store, problem)))
    if not may_sign and signers and not unreadable:
        near = _similar_names(mentor, signers)
        offer = f"Did you mean {either(near)}?" if near else f"Those who do: {', '.join(sorted(signers))}."
        raise NotPossible(f"{mentor} signs off for nobody in this folder. {offer}")
    return queue, unreadable


def _similar_names(typed: str, names: set[str]) -> list[str]:
    """Return the names that have a word beginning with what was typed, or else those spelt nearly the same."""
    typed = typed.casefold()
    folded = {name.casefold(): name for name in names}
    near = [name for name in folded if f" {typed}" in f" {name}"]
    return [folded[name] for name in near or get_close_matches(typed, folded, n=2, cutoff=0.75)]


def _waiting_items(context: CommandContext, record: Record, by: Person, day: date | None) -> list[WaitingItem]:
    """Return the checked items of one trainee that can be signed off now; print those that are blocked."""
    actor = Actor(context.ladder(record), context.stamp, by, day)
    may_decide(record, by)
    checked = [item for item in context.progress(record).items if item.state == "checked"]
    ready, blocked = signable(record, actor.ladder, [item.item for item in checked])
    if blocked:
        whose = f"{record.enrolment.name}: " if context.in_folder else ""
        context.warn(f"{whose}{blocked_line(record, actor.ladder, blocked)}")
    return [WaitingItem(context, record, actor, item) for item in checked if item.item in ready]


def _turn(waiting: WaitingItem) -> tuple[bool, date, date]:
    """Sort key: items without open prerequisites first, then the longest waiting."""
    since = waiting.progress.waiting_since or date.max
    return bool(waiting.progress.blocked_by), since, waiting.progress.done_on or since


def _answer(typed: str) -> str:
    word = typed.strip().casefold()
    for key, answer in (("s", "sign"), ("r", "return"), ("k", "skip"), ("q", "quit")):
        if word in {key, answer}:
            return answer
    raise BadInput("Type s to sign, r to return, k to skip or q to quit.")


def _save(waiting: WaitingItem, answer: str, note: str | None) -> tuple[Event, ...]:
    """Save one answer and return its events; if it is refused, print why and go on."""
    context, record, actor, item = waiting.context, waiting.record, waiting.actor, waiting.progress.item
    because = ask(context, "What is missing?", reason) if answer == "return" else ""
    actor = replace(actor, stamp=context.stamp)  # the answer may come days after the review was begun

    def decide(now: Record) -> Record:
        return actor.decide("return", now, [item], because) if because else actor.sign_off(now, [item], note)

    try:
        _, events = write_decision(context, record, [item], decide)
    except NotPossible as problem:
        context.warn(*problem.lines(context.command_line))
        return ()
    context.warn(f"{'Returned' if because else 'Signed off'} {item.id}{account_note(actor, record)}.")
    return events


def _print_summary(context: CommandContext, queue: list[WaitingItem], saved: dict[CommandContext, list[Event]]) -> None:
    """Print what was decided for each trainee, and what still waits."""
    names = {waiting.context: f"{waiting.record.enrolment.name}: " if context.is_team else "" for waiting in queue}
    left = f"Still waiting: {len(queue) - sum(map(len, saved.values()))}."
    for trainee, events in saved.items():
        signed = ids_of([event for event in events if event.kind == "sign-off"])
        returned = ids_of([event for event in events if event.kind == "return"])
        summary = f"{names[trainee]}Signed off: {signed or 'none'}. Returned: {returned or 'none'}."
        if not context.is_team:
            context.print_line(f"{summary} {left}")
        elif events:
            context.print_line(summary)
    if context.is_team:
        context.print_line(left)
    for trainee, events in saved.items():
        if events:
            trainee.hint(f"Undo ({names[trainee]}the whole review): ca-ladder undo")
            context.remind_to_send_back()
