"""The errors that a person can cause. Each has its sentence, its exit code and often a command to type next.

Exit codes: 1 problems found or not possible now, 2 usage or bad input, 3 store unreadable, 4 store locked,
5 cannot write, 6 written by a newer version, 7 verification failed.
"""

import re
import shlex
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

MOST_NAMES = 12


class Command(NamedTuple):
    """A command that an error offers, without the program's name in front.

    ``about`` says whether it reads one trainee's record, the whole store or neither: a run adds its own --store and
    --trainee accordingly. The line may hold placeholders such as ID, so it is not split into words.
    """

    line: str
    about: Literal["trainee", "store", "neither"] = "trainee"

    def __str__(self) -> str:
        return f"ca-ladder {self.line}"


def either(names: Sequence[str]) -> str:
    """Return the names as alternatives: "Pat, Jo or Kim"."""
    *others, last = names or [""]
    return f"{', '.join(others)} or {last}" if others else last


def shortened(names: Sequence[str]) -> str:
    """Return the names with commas; of more than twelve, only the first: "a, b and 3 more"."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def plural(count: int, noun: str) -> str:
    """Return a number with its noun: "1 item", "2 items"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def quoted(word: str) -> str:
    """Return a text as one word of a command to paste. It runs nothing; in double quotes it fits every shell."""
    if re.fullmatch(r"[\w.:/+-]+", word):
        return word
    # Inside double quotes, sh or PowerShell give these a meaning. A single backslash before a letter has none.
    special = re.search(r'[$`!"“”„\x00-\x1f\x7f]|\\(?![\w. ])', word)
    return shlex.quote(word) if special else f'"{word}"'


def entries(count: int) -> str:
    """Return a number of entries of a record: "1 entry", "2 entries"."""
    return "1 entry" if count == 1 else f"{count} entries"


class LadderError(Exception):
    """Something a person can cause and put right: a sentence, and often the command to type next.

    ``path`` is the file that the sentence names, if it names one, and ``details`` are lines to print below it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self, sentence: str, command: Command | None = None, *, path: Path | None = None, details: Sequence[str] = ()
    ) -> None:
        super().__init__(sentence)
        self.command = command
        self.path = path
        self.details = details

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self, command_line: Callable[[Command], str] = str) -> str:
        """Return the sentence, ending in the command as ``command_line`` writes it."""
        return f"{self.args[0]}: {command_line(self.command)}" if self.command else str(self.args[0])

    def lines(self, command_line: Callable[[Command], str] = str) -> list[str]:
        """Return the sentence and its details, one entry for each line of the screen."""
        return [self.sentence(command_line), *self.details]

    def __reduce__(self) -> tuple[object, ...]:
        # A pickled error is made of its sentence: the arguments of the subclass are not kept.
        return LadderError.__new__, (type(self), *self.args), self.__dict__


# --- 2: bad input ---------------------------------------------------------------------------------------------


class BadInput(LadderError):
    """What was typed cannot be understood."""

    exit_code = 2


class Unknown(BadInput):
    """A name or id that does not exist. The nearest ones are offered, or else ``where`` and the command."""

    def __init__(
        self, what: str, typed: str, near: Sequence[str] = (), where: str = "", command: Command | None = None
    ) -> None:
        offer = f"Did you mean {either(near)}?" if near else where
        super().__init__(f'There is no {what} "{typed}". {offer}'.rstrip(), None if near else command)


class FutureDate(BadInput):
    """Nothing is dated in the future."""

    def __init__(self, on: date, today: date) -> None:
        super().__init__(f"{on} is in the future (today is {today}). Give the day it happened.")


class Missing(BadInput):
    """Something has to be given and was not. ``how`` and the command say how to give it."""

    def __init__(self, what: str, how: str, command: Command | None = None) -> None:
        super().__init__(f"{what} is missing. Add {how}", command)


class CatalogueMissing(BadInput):
    """The catalogue file cannot be read."""

    def __init__(self, path: Path, why: str) -> None:
        where = "Check its name after the command, or in CA_LADDER_CATALOGUE."
        super().__init__(f"The catalogue {path} cannot be read: {why}. {where}")


class PageUnreadable(BadInput):
    """A role page whose file cannot be read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The page {path} cannot be read: {why}. Name a text or Markdown file, such as role.md.")


def system_words(problem: Exception) -> str:
    """Return the operating system's message, for use inside a sentence."""
    message = getattr(problem, "strerror", None) or "it is not a name for a file"
    return str(message[:1].lower() + message[1:])


class Fault(NamedTuple):
    """One fault in a catalogue, with its line and column, both from 1."""

    line: int
    column: int
    sentence: str

    def within(self, path: Path, level: str = "") -> str:
        """Return the fault as editors read it: ``file:line:column: sentence``."""
        return f"{path}:{self.line}:{self.column}: {level}{self.sentence}"


class CatalogueFaulty(BadInput):
    """A catalogue with all its faults, in the order of their lines."""

    path: Path

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__(f"The catalogue {path} has {plural(len(self.faults), 'fault')}", path=path)

    def lines(self, _command_line: Callable[[Command], str] = str) -> list[str]:
        """Return one line for each fault."""
        return [fault.within(self.path) for fault in self.faults]


# --- 1: not possible now ----------------------------------------------------------------------------------------


class NotPossible(LadderError):
    """The record does not allow it now."""


class NoRecord(NotPossible):
    """There is no record yet."""

    path: Path

    def __init__(self, path: Path, restore_hint: str = "") -> None:
        if restore_hint:
            super().__init__(f"The record {path} is gone. {restore_hint}", path=path)
        else:
            sentence = (
                f"There is no record yet at {path}. If one was sent to you, add its file: --store FILE. To start one"
            )
            super().__init__(sentence, Command("init", about="store"), path=path)


class BeforeFirstEvent(NotPossible):
    """A view was asked for as of a day before the record began."""

    def __init__(self, asked: date, first: date) -> None:
        self.first = first
        super().__init__(f"Nothing had been recorded on {asked}: the record begins on {first}.")


class NoTrainees(NotPossible):
    """A folder that has no record or does not exist."""

    def __init__(self, folder: Path) -> None:
        begin = f"ca-ladder init --store {quoted(f'{folder}/')}"
        super().__init__(f"There is no record in the folder {folder}. Look at its name, or begin one: {begin}")


class OtherTrainee(NotPossible):
    """The file is the record of another trainee than the one who is meant. ``instead`` says what to do."""

    def __init__(self, name: str, path: Path, instead: str = "Use another file for someone else: --store PATH") -> None:
        super().__init__(f"{path} is the record of {name}. {instead}")


class SelfSignOff(NotPossible):
    """A trainee cannot sign off their own items."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the trainee and cannot decide on their own items. A mentor or the manager does.")


class NotAMentor(NotPossible):
    """The record names its mentors, and this person is not one of them."""

    def __init__(self, name: str, trainee: str, named: Sequence[str]) -> None:
        super().__init__(f"{name} does not sign for {trainee}: the record names {either(named)}.")


class NotComplete(NotPossible):
    """A tier cannot get its final sign-off before every item in it and below it is signed off."""

    def __init__(self, tier: str, missing: Sequence[str]) -> None:
        self.missing = missing
        items = f"Still to be signed off: {shortened(missing)}"
        reason = items if missing else "There is nothing to sign off in it"
        super().__init__(f"Tier {tier} cannot get its final sign-off yet. {reason}.")


class Blocked(NotPossible):
    """Another item has to be signed off first."""

    def __init__(self, item: str, by: Sequence[str]) -> None:
        super().__init__(f"{item} cannot be signed off before {' and '.join(by)}. See", Command(f"show {by[0]}"))


class InvalidState(NotPossible):
    """The item's state does not allow the change."""

    def __init__(self, item: str, state: str, instead: str, command: Command | None = None) -> None:
        super().__init__(f"{item} is {'signed off' if state == 'signed' else state}. {instead}", command)


class ChangedMeanwhile(NotPossible):
    """Somebody else changed the item after the person saw it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} has changed meanwhile. Look again", Command("log"))


class RoleGone(NotPossible):
    """The catalogue no longer has the role that the record is for."""

    def __init__(self, role: str, version: str) -> None:
        super().__init__(
            f'The record is for the role "{role}", which the catalogue (version {version}) does not have. '
            "Name a catalogue that has it: --catalogue FILE. What was signed",
            Command("log"),
        )


class NothingToUndo(NotPossible):
    """The account has written nothing that can be undone."""

    verb = "undo"

    def __init__(self, why: str, command: Command | None = None) -> None:
        super().__init__(f"Nothing to {self.verb}: {why}{'' if command else '.'}", command)


class NothingToRedo(NothingToUndo):
    """The account has undone nothing that can be brought back."""

    verb = "redo"


# --- 3 to 7: the store ---------------------------------------------------------------------------------------------


class StoreUnreadable(LadderError):
    """The record file exists but cannot be read. It is never overwritten."""

    exit_code = 3
    path: Path

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The record {path} cannot be read: {why}. It was not changed.", path=path)


class StoreDamaged(StoreUnreadable):
    """The file is not a whole record. ``restore_hint`` says how to restore it."""

    def __init__(self, path: Path, why: str, restore_hint: str = "") -> None:
        super().__init__(path, why)
        self.why = why
        self.restore_hint = restore_hint

    def lines(self, command_line: Callable[[Command], str] = str) -> list[str]:
        """Return what is wrong, and what to do."""
        return [f"{self.sentence(command_line)} {self.restore_hint}".rstrip()]


class StoreLocked(LadderError):
    """Another run holds the lock."""

    exit_code = 4

    def __init__(self, path: Path, seconds: float) -> None:
        used = f"The record {path} is in use by another ca-ladder (waited {seconds:g} s)."
        super().__init__(f"{used} Nothing was changed: try again.", path=path)


class WriteFailed(LadderError):
    """A file or stream could not be written."""

    exit_code = 5


class StoreWriteFailed(WriteFailed):
    """A file could not be written; an old one is unchanged. ``cause`` is the sentence without the advice."""

    def __init__(self, path: Path, why: str, advice: str = "Nothing was changed.") -> None:
        self.why = why
        self.cause = f"Cannot write {path}: {why}."
        super().__init__(f"{self.cause} {advice}", path=path)


class StoreNewer(LadderError):
    """The record was written by a newer version of the program."""

    exit_code = 6

    def __init__(self, path: Path, schema: int) -> None:
        newer = f"The record {path} was written by a newer ca-ladder (schema {schema})."
        super().__init__(f"{newer} Update ca-ladder to open it; it was not changed.", path=path)


class VerificationFailed(LadderError):
    """A record breaks its own ids or rules."""

    exit_code = 7
