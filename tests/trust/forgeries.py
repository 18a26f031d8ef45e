"""The forgeries that are tried, each with what its forger wants: a good record's events go in, forged ones come out.

The good record is `GOOD` in test_forgeries.py. In it `open` is signed off and `burn` waived, `find`, `send` and `file`
wait for Pat, `stamp` was returned, `sort` is open, and `advise` is checked but needs the license first.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from tests.trust.forger import (
    KIM,
    MARIA,
    PAT,
    Event,
    Events,
    altered,
    enrolment,
    fingerprint,
    index_of,
    last,
    relinked,
    resealed,
    rewritten,
    sealed,
    then,
    without,
)


class Seen(NamedTuple):
    """What the program counts: the state of each item, and the trainee as in the report."""

    states: dict[str, str]
    trainee: dict[str, Any]


Gain = Callable[[Seen], bool]


class Forgery(NamedTuple):
    """A forgery, and whether its gain is there in what the program counts. Without a gain nothing is to be won.

    What is ``known`` counts all the same, by design: nothing in the file can tell what a missing entry said. A
    ``doubtful`` one counts in the record that has it, because an earlier version has accepted such entries.
    """

    forge: Callable[[Events], Events]
    gain: Gain | None = None
    known: bool = False
    doubtful: bool = False


# --- what forgers want --------------------------------------------------------------------------------------------


def signed(item: str) -> Gain:
    """The item is signed off."""
    return lambda seen: seen.states[item] == "signed"


def waived(item: str) -> Gain:
    """The item is waived."""
    return lambda seen: seen.states[item] == "waived"


def checked(item: str) -> Gain:
    """The item is checked."""
    return lambda seen: seen.states[item] == "checked"


def not_waiting(item: str) -> Gain:
    """The item no longer waits for the mentor."""
    return lambda seen: seen.states[item] != "checked"


def lost(item: str) -> Gain:
    """The item's sign-off or waiver is gone."""
    return lambda seen: seen.states[item] not in {"signed", "waived"}


def called(name: str) -> Gain:
    """The record is that of somebody of this name."""
    return lambda seen: seen.trainee["name"] == name


def signer(name: str) -> Gain:
    """Somebody of this name signs off."""
    return lambda seen: name in [*seen.trainee["mentors"], seen.trainee["manager"]]


def no_longer_signer(name: str) -> Gain:
    """Nobody of this name signs off."""
    return lambda seen: name not in [*seen.trainee["mentors"], seen.trainee["manager"]]


def role(name: str) -> Gain:
    """The trainee has this role."""
    return lambda seen: seen.trainee["role"] == name


def graduated(tier: str) -> Gain:
    """The tier has its final sign-off."""
    return lambda seen: any(row["tier"] == tier and row["final_sign_off"] for row in seen.trainee["tiers"])


def leave_until(day: str) -> Gain:
    """There is a leave up to this day."""
    return lambda seen: any(leave["last"] == day for leave in seen.trainee["leave"])


# --- what they write ----------------------------------------------------------------------------------------------


def by(name: str, role: str = "mentor") -> dict[str, str]:
    """Return a person who acts under this name and role."""
    return {"name": name, "role": role}


def about(item: str | None, revision: int = 1, **fields: Any) -> Event:
    """Return the fields of a check or sign-off of this item."""
    return {"item": item, "wording": {"text": "Do it", "revision": revision, "catalogue": "7"}, **fields}


def sign_off(events: Events, person: dict[str, str], item: str | None = "find", **fields: Any) -> Events:
    """Return the events with a sign-off by this person."""
    return then(events, "sign-off", person, **about(item) | fields)


def renamed(events: Events, name: str = "Maria Stone") -> Events:
    """Return the events after Kim gave the trainee this name: that is no forgery."""
    return then(events, "enrol", KIM, enrolment=enrolment(events, name=name))


def enrolled(events: Events, person: dict[str, str], /, **fields: Any) -> Events:
    """Return the events with a changed enrolment by this person."""
    return then(events, "enrol", person, enrolment=enrolment(events, **fields))


def graduation(events: Events, person: dict[str, str] = KIM, /, **fields: Any) -> Events:
    """Return the events with a final sign-off of the first tier, which only these fields make untrue."""
    truth = {
        "role": "clerk",
        "tier": "first",
        "title": "First month",
        "total": 1,
        "waived": 1,
        "fingerprint": fingerprint(events),
        "catalogue": "7",
    }
    return then(events, "graduate", person, graduation=truth | fields)


def undone(events: Events, person: dict[str, str], kind: str, item: str | None = None, /, **fields: Any) -> Events:
    """Return the events with an undo of the last event of this kind, from the account that wrote that."""
    target = last(events, kind, item)
    details = {"of": target["id"], "item": target.get("item"), "account": target["account"]}
    return then(events, "undo", person, **details | fields)


def doubled(events: Events, kind: str, item: str | None = None) -> Events:
    """Return the events with the last of this kind there a second time, at the end."""
    return [*events, last(events, kind, item)]


def swapped(events: Events, kind: str, item: str | None = None) -> Events:
    """Return the events with the last of this kind before the one that it follows."""
    index = index_of(events, kind, item)
    return [*events[: index - 1], events[index], events[index - 1], *events[index + 1 :]]


def with_parents(events: Events, *parents: str) -> Events:
    """Return the events with a sign-off by Pat that was written on these."""
    return sign_off(events, PAT, parents=list(parents))


def second_root(events: Events, at: str | None = None) -> Events:
    """Return the events with a second beginning, by which Friend signs, and a sign-off by Friend."""
    moment = {"at": at, "on": at[:10]} if at else {}
    root = then(events, "enrol", MARIA, parents=None, enrolment=enrolment(events, mentors=["Friend"]), **moment)[-1]
    return [*events, root, sign_off([root], by("Friend"), observed=True)[-1]]


def second_root_in_front(events: Events) -> Events:
    """Return the events behind a beginning of the trainee's own, by which Friend signs."""
    *rest, root, signature = second_root(events, "2026-01-02T09:00:00Z")
    return [root, *rest, signature]


def of_another_record(events: Events) -> Events:
    """Return the events followed by those of another record of the same trainee, in which Friend signs."""
    *_, root, signature = second_root(events)
    numbered = {**root, "enrolment": root["enrolment"] | {"record": "00000000-0000-4000-8000-000000000000"}}
    return [*events, *relinked([numbered, signature])]


def sign_off_from_another_record(events: Events) -> Events:
    """Return the events followed by a sign-off whose own record is not here."""
    return [*events, of_another_record(events)[-1]]


def ids_exchanged(events: Events) -> Events:
    """Return the events with the ids of two sign-offs exchanged."""
    one, two = index_of(events, "sign-off", "open"), index_of(events, "sign-off", "send")
    ids = {one: events[two]["id"], two: events[one]["id"]}
    return [{**event, "id": ids.get(index, event["id"])} for index, event in enumerate(events)]


def signed_off_all(events: Events) -> Events:
    """Return the events with a sign-off by the trainee of all that is checked."""
    for item in ("find", "file", "send"):
        events = sign_off(events, MARIA, item, wording={"text": "Do it", "revision": 2, "catalogue": "7"})
    return events


# Each of these looks like Maria Lopez, or like nothing was added to it.
SPELLINGS = {
    "in small letters": "maria lopez",
    "with more spaces": "  Maria   Lopez ",
    "with a tab": "Maria\tLopez",
    "full-width": "Ｍａｒｉａ　Ｌｏｐｅｚ",
    "in mathematical letters": "𝐌𝐚𝐫𝐢𝐚 𝐋𝐨𝐩𝐞𝐳",
    "with a no-break space": "Maria\u00a0Lopez",
    "with a space of no width": "Maria\u200b Lopez",
    "with a soft hyphen": "Ma\u00adria Lopez",
    "with a mark of direction": "Maria Lopez\u200e",
    "with an isolate": "\u2068Maria Lopez\u2069",
    "with a joiner": "Mari\u034fa Lopez",
    "with a selector": "Maria\ufe0f Lopez",
    "with a reserved character": "Maria Lopez\u2065",
    "with a special nobody sees": "Maria Lopez\ufff0",
    "with a tag": "Maria Lopez\U000e0fff",
    "with a sign of music nobody sees": "Maria Lopez\U0001d159",
    "with a byte order mark": "\ufeffMaria Lopez",
    "with a filler": "Maria\u3164Lopez",
}

TEN_YEARS = {"first": "2026-03-23", "last": "2036-03-22"}

FORGERIES: dict[str, Forgery] = {
    # In the trainee's own name, whatever that looks like.
    "the trainee signs off": Forgery(lambda good: sign_off(good, MARIA), signed("find")),
    "the trainee signs off as mentor": Forgery(lambda good: sign_off(good, by("Maria Lopez")), signed("find")),
    "the trainee signs off as manager": Forgery(
        lambda good: sign_off(good, by("Maria Lopez", "manager")), signed("find")
    ),
    "the trainee signs off what was seen": Forgery(
        lambda good: sign_off(good, MARIA, "sort", observed=True), signed("sort")
    ),
    "the trainee signs off all": Forgery(signed_off_all, signed("send")),
    "the trainee signs off under the former name": Forgery(
        lambda good: sign_off(renamed(good), by("Maria Lopez")), signed("find")
    ),
    "the trainee signs off under the new name": Forgery(
        lambda good: sign_off(renamed(good), by("Maria Stone")), signed("find")
    ),
    "the trainee signs off under a name given up": Forgery(
        lambda good: sign_off(renamed(renamed(good), "Maria Poe"), by("maria stone")), signed("find")
    ),
    **{
        f"the trainee signs off {how}": Forgery(partial(sign_off, person=by(name)), signed("find"))
        for how, name in SPELLINGS.items()
    },
    "the trainee waives": Forgery(lambda good: then(good, "waive", MARIA, item="sort", because="why"), waived("sort")),
    "the trainee waives as manager": Forgery(
        lambda good: then(good, "waive", by("Maria Lopez", "manager"), item="sort", because="why"), waived("sort")
    ),
    "the trainee returns": Forgery(
        lambda good: then(good, "return", by("Maria Lopez"), item="find", because="why"), not_waiting("find")
    ),
    "the trainee revokes": Forgery(
        lambda good: then(
            good, "revoke", by("Maria Lopez"), item="open", because="x", of=last(good, "sign-off", "open")["id"]
        ),
        lost("open"),
    ),
    # By who does not sign, or not any more, or not as that.
    "a stranger signs off": Forgery(lambda good: sign_off(good, by("Sam Roe")), signed("find")),
    "a stranger signs off as manager": Forgery(lambda good: sign_off(good, by("Sam Roe", "manager")), signed("find")),
    "a name that only looks like the mentor's signs off": Forgery(
        lambda good: sign_off(good, by("P\u0430t Lee")), signed("find")
    ),
    "nobody signs off": Forgery(lambda good: sign_off(good, by("")), signed("find")),
    "a name of blanks signs off": Forgery(lambda good: sign_off(good, by(" \t")), signed("find")),
    "a name nobody sees signs off": Forgery(lambda good: sign_off(good, by("\u200b\u2060")), signed("find")),
    "a mentor of before signs off": Forgery(lambda good: sign_off(good, by("Lee Mason")), signed("find")),
    "a mentor of before waives": Forgery(
        lambda good: then(good, "waive", by("Lee Mason"), item="sort", because="why"), waived("sort")
    ),
    "a stranger waives": Forgery(
        lambda good: then(good, "waive", by("Sam Roe"), item="sort", because="why"), waived("sort")
    ),
    "a stranger returns": Forgery(
        lambda good: then(good, "return", by("Sam Roe"), item="find", because="why"), not_waiting("find")
    ),
    "the mentor signs off as trainee": Forgery(lambda good: sign_off(good, by("Pat Lee", "trainee")), signed("find")),
    "the mentor signs off as manager": Forgery(lambda good: sign_off(good, by("Pat Lee", "manager")), signed("find")),
    "the manager signs off as mentor": Forgery(lambda good: sign_off(good, by("Kim Novak")), signed("find")),
    "the trainee checks as mentor": Forgery(
        lambda good: then(good, "check", by("Maria Lopez"), **about("sort")), checked("sort")
    ),
    "the mentor checks": Forgery(lambda good: then(good, "check", PAT, **about("sort")), checked("sort")),
    "the mentor unchecks": Forgery(lambda good: then(good, "uncheck", PAT, item="find"), not_waiting("find")),
    "a stranger checks as trainee": Forgery(
        lambda good: then(good, "check", by("Sam Roe", "trainee"), **about("sort")), checked("sort")
    ),
    # What cannot be signed off.
    "a sign-off of what was not checked": Forgery(lambda good: sign_off(good, PAT, "sort"), signed("sort")),
    "a sign-off of what was returned": Forgery(lambda good: sign_off(good, PAT, "stamp"), signed("stamp")),
    "a sign-off of what is waived": Forgery(lambda good: sign_off(good, PAT, "burn", observed=True), signed("burn")),
    "a second sign-off": Forgery(lambda good: sign_off(good, PAT, "open", observed=True)),
    "a sign-off before its gate": Forgery(lambda good: sign_off(good, PAT, "advise"), signed("advise")),
    "a sign-off of what was seen before its gate": Forgery(
        lambda good: sign_off(good, PAT, "advise", observed=True), signed("advise")
    ),
    "a sign-off of a revision that was not checked": Forgery(
        lambda good: sign_off(good, PAT, **about("find", 99)), signed("find")
    ),
    "a sign-off of revision 0": Forgery(lambda good: sign_off(good, PAT, **about("find", 0)), signed("find")),
    "a sign-off of revision -5": Forgery(lambda good: sign_off(good, PAT, **about("find", -5)), signed("find")),
    "a sign-off of revision 2**31": Forgery(lambda good: sign_off(good, PAT, **about("find", 2**31)), signed("find")),
    "a sign-off of revision 10**30": Forgery(lambda good: sign_off(good, PAT, **about("find", 10**30)), signed("find")),
    "a check of revision 10**9 and its sign-off": Forgery(
        lambda good: sign_off(then(good, "check", MARIA, **about("sort", 10**9)), MARIA, **about("sort", 10**9)),
        signed("sort"),
    ),
    "a sign-off without words": Forgery(lambda good: sign_off(good, PAT, wording=None), signed("find")),
    "a sign-off of blank words": Forgery(
        lambda good: sign_off(good, PAT, wording={"text": " ", "revision": 1, "catalogue": "7"}), signed("find")
    ),
    'a sign-off of an item ""': Forgery(lambda good: sign_off(good, PAT, "", observed=True)),
    "a sign-off of a blank item": Forgery(lambda good: sign_off(good, PAT, " ", observed=True)),
    "a sign-off of nothing": Forgery(lambda good: sign_off(good, PAT, item=None, observed=True)),
    "a waiver without a reason": Forgery(lambda good: then(good, "waive", KIM, item="sort"), waived("sort")),
    "a waiver with a blank reason": Forgery(
        lambda good: then(good, "waive", KIM, item="sort", because=" \n"), waived("sort")
    ),
    "a return without a reason": Forgery(lambda good: then(good, "return", PAT, item="find"), not_waiting("find")),
    "a return of what was not checked": Forgery(
        lambda good: then(good, "return", PAT, item="sort", because="why"), lambda seen: seen.states["sort"] != "open"
    ),
    # Fields that do not belong there.
    "a sign-off that says what it takes back": Forgery(
        lambda good: sign_off(good, PAT, of=last(good, "check", "find")["id"]), signed("find")
    ),
    "a sign-off with a reason": Forgery(lambda good: sign_off(good, PAT, because="why"), signed("find")),
    "a sign-off with evidence": Forgery(lambda good: sign_off(good, PAT, evidence=["a.pdf"]), signed("find")),
    "a sign-off that also enrols": Forgery(
        lambda good: sign_off(good, PAT, enrolment=enrolment(good, mentors=["Friend"])), signed("find")
    ),
    "a sign-off with an unknown field": Forgery(lambda good: sign_off(good, PAT, approved=True), signed("find")),
    "a sign-off that says what goes without saying": Forgery(
        lambda good: sign_off(good, PAT, observed=False), signed("find")
    ),
    "a sign-off that was seen, as a text": Forgery(lambda good: sign_off(good, PAT, observed="yes"), signed("find")),
    "a check that was observed": Forgery(
        lambda good: then(good, "check", MARIA, **about("sort", observed=True)), checked("sort")
    ),
    "a note with leave": Forgery(
        lambda good: then(good, "note", MARIA, item="sort", note="x", leave=TEN_YEARS),
        leave_until("2036-03-22"),
    ),
    "an entry of an unknown kind": Forgery(lambda good: then(good, "approve", PAT, item="find"), signed("find")),
    "a note without words": Forgery(lambda good: then(good, "note", PAT, item="find", note="")),
    "a note about nothing": Forgery(lambda good: then(good, "note", PAT, note="x")),
    "a note by nobody": Forgery(lambda good: then(good, "note", by(" "), item="find", note="x")),
    "a note by a name nobody sees": Forgery(lambda good: then(good, "note", by("\u200b"), item="find", note="x")),
    # Altered where it stands.
    "another author, under the old id": Forgery(
        lambda good: altered(good, "sign-off", "open", by=by("Kim Novak", "manager"))
    ),
    "another item, under the old id": Forgery(
        lambda good: altered(good, "sign-off", "open", item="sort"), signed("sort")
    ),
    "another item, under an id that fits": Forgery(
        lambda good: resealed(altered(good, "sign-off", "open", item="find"), index_of(good, "sign-off", "open")),
        signed("find"),
    ),
    "a sign-off becomes observed, under the old id": Forgery(
        lambda good: altered(good, "sign-off", "open", observed=True)
    ),
    "another day, under the old id": Forgery(lambda good: altered(good, "sign-off", "open", on="2026-02-01")),
    "other words of a return, under the old id": Forgery(
        lambda good: altered(good, "return", "stamp", because="well done")
    ),
    "a check of before becomes one of today, under the old id": Forgery(
        lambda good: altered(good, "check", "find", at="2026-01-06T09:00:00Z", on="2026-01-06")
    ),
    "a revoke becomes a note, under the old id": Forgery(
        lambda good: altered(good, "revoke", "send", kind="note", because=None, of=None, note="seen"),
        signed("send"),
        known=True,
    ),
    "a revoke of something else, all ids anew": Forgery(
        lambda good: rewritten(good, "revoke", "send", item="open"), signed("send"), known=True
    ),
    "the mentors of the first entry, under the old id": Forgery(
        lambda good: [{**good[0], "enrolment": good[0]["enrolment"] | {"mentors": ["Friend"]}}, *good[1:]],
        signer("Friend"),
    ),
    "another start, under the old id": Forgery(
        lambda good: altered(good, "enrol", None, enrolment=enrolment(good, start="2026-03-16")),
        lambda seen: seen.trainee["start"] == "2026-03-16",
    ),
    "the trainee signed off, all ids anew": Forgery(
        lambda good: rewritten(good, "sign-off", "open", by=by("maria lopez"))
    ),
    "a stranger signed off, all ids anew": Forgery(lambda good: rewritten(good, "sign-off", "open", by=by("Sam Roe"))),
    "an undo of something else, all ids anew": Forgery(
        lambda good: rewritten(good, "undo", None, of=last(good, "waive")["id"]), signed("file"), known=True
    ),
    "the manager's change becomes the trainee's, all ids anew": Forgery(
        lambda good: rewritten(good, "enrol", None, by=MARIA), signer("Lee Mason"), known=True
    ),
    "an id of other digits": Forgery(lambda good: altered(good, "sign-off", "open", id="0" * 64)),
    "an id in capitals": Forgery(lambda good: altered(good, "check", "advise", id=good[-1]["id"].upper())),
    "a short id": Forgery(lambda good: altered(good, "sign-off", "open", id=good[0]["id"][:63])),
    "two ids exchanged": Forgery(ids_exchanged),
    # Cut out of the middle: what is before the gap still counts, what follows it does not.
    "a revoke is cut out": Forgery(lambda good: without(good, "revoke"), signed("send"), known=True),
    "a return is cut out": Forgery(lambda good: without(good, "return"), checked("stamp"), known=True),
    "an uncheck is cut out": Forgery(lambda good: without(good, "uncheck"), checked("sort"), known=True),
    "an undo is cut out": Forgery(lambda good: without(good, "undo"), signed("file"), known=True),
    "the change of mentors is cut out": Forgery(lambda good: without(good, "enrol"), signer("Lee Mason"), known=True),
    "a note between a check and its return is cut out": Forgery(
        lambda good: without(good, "note"), checked("stamp"), known=True
    ),
    "a check is cut out": Forgery(lambda good: without(good, "check", "open")),
    "a sign-off is cut out": Forgery(lambda good: without(good, "sign-off", "open")),
    "a waiver is cut out": Forgery(lambda good: without(good, "waive")),
    "the leave is cut out": Forgery(lambda good: without(good, "leave")),
    "the first entry is cut out": Forgery(lambda good: good[1:]),
    # There twice, or in another place.
    "a sign-off is there twice": Forgery(lambda good: doubled(good, "sign-off", "send"), signed("send")),
    "a check is there twice": Forgery(lambda good: doubled(good, "check", "sort"), checked("sort")),
    "a check is there twice, under another item": Forgery(
        lambda good: [*good, {**last(good, "check", "find"), "item": "sort"}], checked("sort")
    ),
    "a sign-off is there twice, under another item": Forgery(
        lambda good: [*good, {**last(good, "sign-off", "open"), "item": "find"}], signed("find")
    ),
    "a revoke is there twice": Forgery(lambda good: doubled(good, "revoke")),
    "the enrolment is there twice": Forgery(lambda good: [*good, good[0]], signer("Lee Mason")),
    "a return before its check": Forgery(lambda good: swapped(good, "return"), checked("stamp"), known=True),
    "an uncheck before its check": Forgery(lambda good: swapped(good, "uncheck"), checked("sort"), known=True),
    "an undo before its sign-off": Forgery(lambda good: swapped(good, "undo"), signed("file"), known=True),
    "all but the first turned round": Forgery(lambda good: [good[0], *reversed(good[1:])]),
    # Written on what is not there, on nothing, or on the same twice.
    "a sign-off written on nothing": Forgery(lambda good: sign_off(good, PAT, parents=None), signed("find")),
    "a sign-off written on no entry in words": Forgery(lambda good: sign_off(good, PAT, parents=[]), signed("find")),
    "a sign-off written on what is not there": Forgery(lambda good: with_parents(good, "f" * 64), signed("find")),
    "a sign-off written on the same twice": Forgery(
        lambda good: with_parents(good, good[-1]["id"], good[-1]["id"]), signed("find")
    ),
    "a sign-off written on the last and on what is not there": Forgery(
        lambda good: with_parents(good, good[-1]["id"], "f" * 64), signed("find")
    ),
    "a sign-off written before the check was": Forgery(lambda good: with_parents(good, good[1]["id"]), signed("find")),
    "a second beginning": Forgery(second_root, signer("Friend")),
    "a second beginning, dated before the first": Forgery(
        lambda good: second_root(good, "2026-01-02T09:00:00Z"), signer("Friend")
    ),
    # A file whose beginning was written anew is another record; only what lies elsewhere tells which is the true one.
    "a second beginning in front": Forgery(second_root_in_front, signer("Friend"), known=True),
    "the entries of another record": Forgery(of_another_record, signer("Friend")),
    "a sign-off from another record": Forgery(sign_off_from_another_record, signed("find")),
    # Enrolments.
    "the trainee takes another name": Forgery(lambda good: enrolled(good, MARIA, name="Jane Doe"), called("Jane Doe")),
    "the trainee takes the mentor's name": Forgery(
        lambda good: enrolled(good, MARIA, name="Pat Lee"), called("Pat Lee")
    ),
    "the manager gives the trainee the mentor's name": Forgery(
        lambda good: enrolled(good, KIM, name="pat  lee"), called("pat  lee")
    ),
    "a stranger renames the trainee": Forgery(
        lambda good: enrolled(good, by("Sam Roe"), name="Jane Doe"), called("Jane Doe")
    ),
    "the trainee names a mentor": Forgery(lambda good: enrolled(good, MARIA, mentors=["Friend"]), signer("Friend")),
    "the trainee adds a mentor": Forgery(
        lambda good: enrolled(good, MARIA, mentors=["Pat Lee", "Friend"]), signer("Friend")
    ),
    "the trainee names a mentor, as mentor": Forgery(
        lambda good: enrolled(good, by("Maria Lopez"), mentors=["Friend"]), signer("Friend")
    ),
    "the trainee names a mentor, who signs off": Forgery(
        lambda good: sign_off(enrolled(good, MARIA, mentors=["Friend"]), by("Friend")), signed("find")
    ),
    "the trainee names a manager": Forgery(lambda good: enrolled(good, MARIA, manager="Friend"), signer("Friend")),
    "the trainee names nobody": Forgery(
        lambda good: enrolled(good, MARIA, mentors=[], manager=None), no_longer_signer("Pat Lee")
    ),
    "the trainee becomes a mentor": Forgery(
        lambda good: enrolled(good, MARIA, mentors=["Pat Lee", "Maria Lopez"]), signer("Maria Lopez")
    ),
    "the manager makes the trainee a mentor": Forgery(
        lambda good: enrolled(good, KIM, mentors=["Pat Lee", "MARIA\u200b LOPEZ"]), signer("MARIA\u200b LOPEZ")
    ),
    "the manager makes the trainee of before a manager": Forgery(
        lambda good: enrolled(renamed(good), KIM, manager="Ｍaria Lopez"),
        signer("Ｍaria Lopez"),
    ),
    "a stranger changes who signs off": Forgery(
        lambda good: enrolled(good, by("Sam Roe"), mentors=["Friend"]), signer("Friend")
    ),
    "a mentor of before comes back": Forgery(
        lambda good: enrolled(good, by("Lee Mason"), mentors=["Pat Lee", "Lee Mason"]), signer("Lee Mason")
    ),
    "a mentor of before signs first, and is named after": Forgery(
        lambda good: enrolled(sign_off(good, by("Lee Mason")), KIM, mentors=["Pat Lee", "Lee Mason"]), signed("find")
    ),
    "the trainee promotes": Forgery(lambda good: enrolled(good, MARIA, role="senior"), role("senior")),
    "the mentor promotes": Forgery(lambda good: enrolled(good, PAT, role="senior"), role("senior")),
    "an enrolment of another number": Forgery(
        lambda good: enrolled(good, KIM, record="00000000-0000-4000-8000-000000000000", mentors=["Friend"]),
        signer("Friend"),
    ),
    "an enrolment about an item": Forgery(
        lambda good: then(good, "enrol", KIM, item="find", enrolment=enrolment(good, mentors=["Friend"])),
        signer("Friend"),
    ),
    "an enrolment with leave": Forgery(
        lambda good: then(good, "enrol", KIM, enrolment=enrolment(good), leave=TEN_YEARS),
        leave_until("2036-03-22"),
    ),
    "an enrolment of nothing": Forgery(lambda good: then(good, "enrol", KIM)),
    "a blank name": Forgery(lambda good: enrolled(good, KIM, name=" "), called(" ")),
    "a name nobody sees": Forgery(lambda good: enrolled(good, KIM, name="\u2060"), called("\u2060")),
    "a blank mentor": Forgery(lambda good: enrolled(good, KIM, mentors=["Pat Lee", ""]), signer("")),
    "a mentor nobody sees": Forgery(lambda good: enrolled(good, KIM, mentors=["Pat Lee", "\u3164"]), signer("\u3164")),
    "a blank role": Forgery(lambda good: enrolled(good, KIM, role=""), role("")),
    "a blank variant": Forgery(
        lambda good: enrolled(good, KIM, variants=[" "]), lambda seen: seen.trainee["variants"] == [" "]
    ),
    # Undos and revokes.
    "the trainee brings a revoked sign-off back": Forgery(lambda good: undone(good, MARIA, "revoke"), signed("send")),
    "the trainee brings it back from another account": Forgery(
        lambda good: undone(good, MARIA, "revoke", account="maria"), signed("send")
    ),
    "the trainee brings an undone sign-off back": Forgery(lambda good: undone(good, MARIA, "undo"), signed("file")),
    "the trainee brings a mentor back": Forgery(lambda good: undone(good, MARIA, "enrol"), signer("Lee Mason")),
    "the trainee takes a sign-off back from another account": Forgery(
        lambda good: undone(good, MARIA, "sign-off", "open", account="maria"), lost("open")
    ),
    "the mentor takes a check back from another account": Forgery(
        lambda good: undone(good, PAT, "check", "find", account="pat"), not_waiting("find")
    ),
    "a stranger takes a return back": Forgery(
        lambda good: undone(good, by("Sam Roe"), "return", account="someone"), checked("stamp")
    ),
    "an undo of the first entry": Forgery(
        lambda good: then(good, "undo", MARIA, of=good[0]["id"], account=good[0]["account"])
    ),
    "an undo of what is not there": Forgery(lambda good: then(good, "undo", MARIA, item="sort", of="f" * 64)),
    "an undo of nothing": Forgery(lambda good: then(good, "undo", PAT, item="send"), signed("send")),
    "an undo under another item": Forgery(lambda good: undone(good, PAT, "revoke", item="sort"), signed("send")),
    "a revoke of a check": Forgery(
        lambda good: then(good, "revoke", PAT, item="find", because="x", of=last(good, "check", "find")["id"]),
        not_waiting("find"),
    ),
    "a revoke of another item's sign-off": Forgery(
        lambda good: then(good, "revoke", PAT, item="find", because="x", of=last(good, "sign-off", "open")["id"]),
        lost("open"),
    ),
    "a revoke of what is not there": Forgery(
        lambda good: then(good, "revoke", PAT, item="open", because="x", of="f" * 64), lost("open")
    ),
    "a revoke of nothing": Forgery(lambda good: then(good, "revoke", PAT, item="open", because="x"), lost("open")),
    "a revoke without a reason": Forgery(
        lambda good: then(good, "revoke", PAT, item="open", of=last(good, "sign-off", "open")["id"]), lost("open")
    ),
    "a stranger revokes": Forgery(
        lambda good: then(
            good, "revoke", by("Sam Roe"), item="burn", because="x", of=last(good, "waive", "burn")["id"]
        ),
        lost("burn"),
    ),
    # Leave.
    "a leave by nobody": Forgery(
        lambda good: then(good, "leave", by("Sam Roe"), leave={"first": "2026-04-01", "last": "2026-04-05"}),
        leave_until("2026-04-05"),
        doubtful=True,
    ),
    "a leave by a mentor of before": Forgery(
        lambda good: then(good, "leave", by("Lee Mason"), leave={"first": "2026-04-01", "last": "2026-04-05"}),
        leave_until("2026-04-05"),
        doubtful=True,
    ),
    "a leave of ten years": Forgery(
        lambda good: then(good, "leave", MARIA, leave=TEN_YEARS), leave_until("2036-03-22")
    ),
    "a leave that ends before it begins": Forgery(
        lambda good: then(good, "leave", MARIA, leave={"first": "2026-04-05", "last": "2026-04-01"}),
        leave_until("2026-04-01"),
    ),
    "a leave of nothing": Forgery(lambda good: then(good, "leave", MARIA)),
    "a leave about an item": Forgery(
        lambda good: then(good, "leave", MARIA, item="find", leave={"first": "2026-04-01", "last": "2026-04-05"}),
        leave_until("2026-04-05"),
    ),
    # Final sign-offs.
    "the trainee concludes a tier": Forgery(lambda good: graduation(good, MARIA), graduated("first")),
    "the trainee concludes a tier as manager": Forgery(
        lambda good: graduation(good, by("Maria Lopez", "manager")), graduated("first")
    ),
    "the mentor concludes a tier": Forgery(lambda good: graduation(good, PAT), graduated("first")),
    "the mentor concludes a tier as manager": Forgery(
        lambda good: graduation(good, by("Pat Lee", "manager")), graduated("first")
    ),
    "a stranger concludes a tier": Forgery(lambda good: graduation(good, by("Sam Roe", "manager")), graduated("first")),
    "a final sign-off of more than there is": Forgery(lambda good: graduation(good, total=39), graduated("first")),
    "a final sign-off that waives more": Forgery(lambda good: graduation(good, waived=2), graduated("first")),
    "a final sign-off of more, under another catalogue": Forgery(
        lambda good: graduation(good, total=39, waived=0, catalogue="6"), graduated("first")
    ),
    "a final sign-off of less than nothing, under another catalogue": Forgery(
        lambda good: graduation(good, waived=-1, catalogue="6"), graduated("first")
    ),
    "a final sign-off of less than nothing": Forgery(lambda good: graduation(good, total=-1), graduated("first")),
    "a final sign-off of what is missing": Forgery(
        lambda good: graduation(good, tier="1-3", title="New", total=6, waived=0), graduated("1-3")
    ),
    "a final sign-off of a tier that is none": Forgery(lambda good: graduation(good, tier="0-99")),
    "a final sign-off in another role": Forgery(
        lambda good: graduation(good, role="senior", tier="0-12"), graduated("0-12")
    ),
    "a final sign-off of another state": Forgery(
        lambda good: graduation(good, fingerprint=fingerprint(good[:-1])), graduated("first")
    ),
    "a final sign-off of no state": Forgery(lambda good: graduation(good, fingerprint=""), graduated("first")),
    "a final sign-off about an item": Forgery(
        lambda good: (lambda event: [*good, sealed({**event, "item": "find"})])(graduation(good)[-1]),
        graduated("first"),
    ),
    # Days and moments that cannot be.
    "a moment in the year 2099": Forgery(
        lambda good: then(good, "note", PAT, item="find", note="x", at="2099-01-01T09:00:00Z", on="2099-01-01"),
        doubtful=True,
    ),
    "a moment in the year 1": Forgery(
        lambda good: then(good, "note", PAT, item="find", note="x", at="0001-06-01T09:00:00Z", on="0001-06-01"),
        doubtful=True,
    ),
    "a moment before time begins": Forgery(lambda good: sign_off(good, PAT, at="0001-01-01T00:00:00Z"), signed("find")),
    "a moment that is none": Forgery(lambda good: sign_off(good, PAT, at="2026-02-30T00:00:00Z"), signed("find")),
    "a day after it was written": Forgery(lambda good: sign_off(good, PAT, on="2026-04-15"), doubtful=True),
    "a day in the year 26": Forgery(lambda good: sign_off(good, PAT, on="0026-03-16"), doubtful=True),
    "a sign-off dated before its check": Forgery(lambda good: sign_off(good, PAT, on="2026-03-01"), doubtful=True),
    "a start in the year 26": Forgery(lambda good: enrolled(good, KIM, start="0026-01-05"), doubtful=True),
    "a blank note on a check": Forgery(
        lambda good: then(good, "check", MARIA, **about("sort", note="   ")), doubtful=True
    ),
    "blank evidence": Forgery(lambda good: then(good, "check", MARIA, **about("sort", evidence=[""])), doubtful=True),
    "a blank note": Forgery(lambda good: then(good, "note", PAT, item="find", note="\t"), doubtful=True),
}

# These are in order by themselves, and are only tried as packets and copies: what they begin with is not our beginning.
PACKETS: dict[str, Forgery] = {
    "another beginning": Forgery(lambda good: second_root(good)[-2:-1]),
    "another beginning, with a sign-off": Forgery(lambda good: second_root(good)[-2:]),
    "another beginning, dated before ours, with a sign-off": Forgery(
        lambda good: second_root(good, "2026-01-02T09:00:00Z")[-2:]
    ),
}

# What the same hands write without breaking a rule. It counts, so the forgeries above fail for what they say.
HONEST: dict[str, Forgery] = {
    "the mentor signs off": Forgery(lambda good: sign_off(good, PAT), signed("find")),
    "the mentor signs off in small letters": Forgery(lambda good: sign_off(good, by("pat lee")), signed("find")),
    "the mentor signs off what was seen": Forgery(
        lambda good: sign_off(good, PAT, "sort", observed=True), signed("sort")
    ),
    "the mentor signs off after the gate": Forgery(
        lambda good: sign_off(sign_off(good, PAT, "license", observed=True), PAT, "advise"), signed("advise")
    ),
    "the manager waives": Forgery(lambda good: then(good, "waive", KIM, item="sort", because="why"), waived("sort")),
    "the trainee checks": Forgery(lambda good: then(good, "check", MARIA, **about("sort")), checked("sort")),
    "the mentor returns": Forgery(
        lambda good: then(good, "return", PAT, item="find", because="why"), not_waiting("find")
    ),
    "the manager revokes": Forgery(
        lambda good: then(good, "revoke", KIM, item="open", because="x", of=last(good, "sign-off", "open")["id"]),
        lost("open"),
    ),
    "the mentor takes the revoke back": Forgery(lambda good: undone(good, PAT, "revoke"), signed("send")),
    "the manager renames the trainee": Forgery(renamed, called("Maria Stone")),
    "the manager names a mentor": Forgery(lambda good: enrolled(good, KIM, mentors=["Friend"]), signer("Friend")),
    "the manager names one mentor only": Forgery(
        lambda good: enrolled(good, KIM, mentors=["Friend"]), no_longer_signer("Pat Lee")
    ),
    "the manager promotes": Forgery(
        lambda good: enrolled(good, KIM, role="senior", start="2026-03-17"), role("senior")
    ),
    "the manager concludes a tier": Forgery(graduation, graduated("first")),
    "the trainee goes on leave": Forgery(
        lambda good: then(good, "leave", MARIA, leave={"first": "2026-04-01", "last": "2026-04-05"}),
        leave_until("2026-04-05"),
    ),
}
