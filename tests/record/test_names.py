"""Names: kept as given, compared as people compare them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca_ladder.errors import BadInput
from ca_ladder.record.names import LONGEST, clean_name, same_person

names = st.text(max_size=40)


@pytest.mark.parametrize(
    "twin",
    [
        "zoë ünal",
        "ZOË ÜNAL",
        unicodedata.normalize("NFD", "Zoë Ünal"),
        "  Zoë\t Ünal ",
        "Zoë\u00a0Ünal",
        "Zoë\u200b \u200dÜnal\ufeff",
        "\u202eZoë Ünal\u202c",
        "Zoe\u200b\u0308 Ünal",
        "Zoë Ünal\x07",
        "Zoë Ünal\x7f",
        "Zoë\ufe0f Ünal",
        "Zoë Ünal\u3164",
        "Zoë\u034f \u2800 Ünal",
        "Ｚｏë Ünal",
        *(f"Zoë{unseen} Ünal" for unseen in ("\u2065", "\ufff0", "\U000e0fff", "\U0001d159")),
    ],
    ids=ascii,
)
def test_one_person_in_many_spellings(twin: str) -> None:
    """A name that looks the same is the same person's: nobody signs for themself by an unseen difference."""
    assert same_person("Zoë Ünal", twin)
    assert same_person(twin, "Zoë Ünal")


@pytest.mark.parametrize("other", ["Zoe Ünal", "Zoë Ünal Jr", "ZoëÜnal", "", "Ünal Zoë"])
def test_other_names_are_other_people(other: str) -> None:
    """What people see as two names are two people."""
    assert not same_person("Zoë Ünal", other)


def test_case_is_folded_as_languages_do() -> None:
    """A name in capitals is the same name, also where the capitals are longer."""
    assert same_person("Weiß", "WEISS")
    assert same_person("Σίσυφος", "ΣΊΣΥΦΟΣ")


def test_a_clean_name_keeps_what_was_given() -> None:
    """Case, accents and order stay as the person writes them; only white space is put in order."""
    assert clean_name("  ann-Marie \t O'Neill\n") == "ann-Marie O'Neill"


@pytest.mark.parametrize(
    "typed", ["", "   ", "\t\n", "\u200b", " \u200d \u00a0", "\x07", "\ufe0f", "\u3164"], ids=ascii
)
def test_a_name_without_anything_visible_is_refused_as_empty(typed: str) -> None:
    """Nobody is enrolled, and nobody signs, under a name that cannot be seen."""
    with pytest.raises(BadInput, match="is empty"):
        clean_name(typed)


def test_the_longest_name_is_accepted_and_one_more_refused() -> None:
    """A name may be as long as any name is; a pasted text is told to be too long."""
    assert clean_name("x" * LONGEST + "  ") == "x" * LONGEST
    with pytest.raises(BadInput, match="longer than 200"):
        clean_name("x" * (LONGEST + 1))


@given(names)
def test_cleaning_is_done_once_and_never_makes_another_person(typed: str) -> None:
    """A clean name stays as it is, and is still the same person's."""
    try:
        clean = clean_name(typed)
    except BadInput:
        return
    assert clean_name(clean) == clean
    assert same_person(clean, typed)


@given(names)
def test_composition_never_makes_another_person(name: str) -> None:
    """A name from a Mac and the same name from Windows are one person's."""
    assert same_person(name, unicodedata.normalize("NFD", name))
    assert same_person(unicodedata.normalize("NFC", name), name)
