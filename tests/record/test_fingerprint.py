"""The fingerprint: what was written down on paper shows later whether all of that is still in the record."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_ladder.errors import BadInput
from ca_ladder.record.events import new_event
from ca_ladder.record.fingerprint import events_since, fingerprint, parse_fingerprint
from ca_ladder.record.merging import union
from ca_ladder.record.record import Record
from tests.record.builders import A, ann, mo, new_record

NEW = new_record()
SIGNED = mo(2).sign_off(ann(1).check(NEW, [A]), [A])
APART = union(ann(3).note(SIGNED, A, "home"), mo(3).note(SIGNED, A, "away"))


def head(record: Record, index: int = -1) -> str:
    """Return how the id of an event reads in a fingerprint."""
    id_ = record.events[index].id
    return "-".join((id_[:4], id_[4:8], id_[8:12], id_[12:16], id_[16:20]))


def test_a_fingerprint_is_short_enough_to_write_down() -> None:
    """The count of entries, and five groups of four letters and digits for the last one."""
    assert fingerprint(NEW) == f"1-{head(NEW)}"
    assert fingerprint(SIGNED) == f"3-{head(SIGNED)}"
    assert len(fingerprint(SIGNED)) == len("3-9f3a-77c2-e041-b6d8-5a10")


def test_a_record_that_was_united_and_not_written_on_has_two_heads() -> None:
    """Both ends of a united record are in its fingerprint, the same from either side, until one entry joins them."""
    assert fingerprint(APART) == "5-" + "+".join(sorted([head(APART), head(APART, -2)]))
    turned = Record((*APART.events[:3], APART.events[4], APART.events[3]))
    assert fingerprint(turned) == fingerprint(APART)
    joined = ann(4).note(APART, A, "joined")
    assert fingerprint(joined) == f"6-{head(joined)}"


@pytest.mark.parametrize("record", [NEW, SIGNED, APART])
def test_a_fingerprint_is_typed_back_as_people_type(record: Record) -> None:
    """Capitals, blanks, other or no dashes between the groups: it is the same fingerprint."""
    printed = fingerprint(record)
    count, _, heads = printed.partition("-")
    for typed in (
        printed,
        printed.upper(),
        f"  {printed}\n",
        printed.replace("-", " - "),
        printed.replace("+", " + "),
        f"{count}-{heads.replace('-', '')}",
        f"00{count}-{heads.replace('-', ' ')}",
        f"{count}-{'+'.join(reversed(heads.split('+')))}",
    ):
        assert parse_fingerprint(typed) == printed


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "42",
        "9f3a-77c2-e041-b6d8-5a10",  # the count is missing
        "42-9f3a-77c2-e041-b6d8",  # a group is missing
        "42-9f3a-77c2-e041-b6d8-5a1",
        "42-9f3a-77c2-e041-b6d8-5a100",
        "42-9f3a-77c2-e041-b6d8-5a1o",  # a letter o, for a zero
        "-42-9f3a-77c2-e041-b6d8-5a10",
        "42-9f3a-77c2-e041-b6d8-5a10+",
        "42-+9f3a-77c2-e041-b6d8-5a10",
        "1234567890-9f3a-77c2-e041-b6d8-5a10",
        "none",
    ],
)
def test_what_is_no_fingerprint_is_told(typed: str) -> None:
    """A slip of the pen is told as one, with what a fingerprint looks like, and never as an altered record."""
    with pytest.raises(BadInput, match="It looks like 42-9f3a-77c2-e041-b6d8-5a10") as refusal:
        parse_fingerprint(typed)
    assert refusal.value.exit_code == 2
    assert f'"{typed}" is not a fingerprint' in str(refusal.value)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_fingerprint_or_told(typed: str) -> None:
    """Any text is understood, in the one form that is printed, or refused as bad input."""
    try:
        form = parse_fingerprint(typed)
    except BadInput:
        return
    assert parse_fingerprint(form) == form


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["home", "away", "home takes over", "away takes over"]), max_size=14))
def test_every_state_of_every_copy_is_in_their_union(steps: list[str]) -> None:
    """What a copy was at any time is in the record once it is merged, and not in a copy that has not heard of it."""
    copies = {"home": NEW, "away": NEW}
    states = [NEW]
    for hour, step in enumerate(steps, start=1):
        copy_name, _, takes = step.partition(" ")
        other = copies["away" if copy_name == "home" else "home"]
        copies[copy_name] = (
            union(copies[copy_name], other) if takes else ann(hour).note(copies[copy_name], A, copy_name)
        )
        states.append(copies[copy_name])
    record = union(copies["home"], copies["away"])
    for state in states:
        printed = parse_fingerprint(fingerprint(state))
        assert events_since(record, printed) == len(record.events) - len(state.events)
        for copy in copies.values():
            assert (events_since(copy, printed) is not None) == (state.by_id.keys() <= copy.by_id.keys())


def test_a_cut_off_tail_is_seen() -> None:
    """What was written last and removed is missed, though nothing else in the file misses it."""
    assert events_since(Record(SIGNED.events[:2]), fingerprint(SIGNED)) is None
    assert events_since(union(SIGNED, NEW), fingerprint(APART)) is None
    assert events_since(Record(APART.events[:4]), fingerprint(APART)) is None  # one of two ends


def test_replaced_entries_are_seen() -> None:
    """A history written anew, with right ids and as many entries, is another one."""
    printed = fingerprint(SIGNED)
    content = SIGNED.events[1].content()
    check = new_event(**{**content, "note": "made up later"})
    signed = new_event(**{**SIGNED.events[2].content(), "parents": (check.id,)})
    anew = Record((NEW.events[0], check, signed))
    assert anew.status(A).state == SIGNED.status(A).state
    assert events_since(anew, printed) is None
    assert events_since(ann(9).note(anew, A, "x"), printed) is None


def test_an_entry_dropped_from_the_middle_is_seen() -> None:
    """The last entry alone does not stand for what it was written on: the count has to be there too."""
    dropped = Record((SIGNED.events[0], SIGNED.events[2]))
    assert events_since(dropped, fingerprint(SIGNED)) is None


def test_more_entries_than_there_are_were_never_there() -> None:
    """A count that the record has not reached below that entry is no state of it."""
    assert events_since(SIGNED, f"4-{head(SIGNED)}") is None
    longer = ann(5).note(SIGNED, A, "x")
    assert events_since(longer, f"4-{head(SIGNED)}") is None
