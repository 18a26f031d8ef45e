"""What YAML cannot read: said in an author's words, and the line as it was most likely meant, so that reading goes on.

YAML's own sentences speak of tokens and mappings, and it stops at its first fault. An author makes a handful of
mistakes (a colon inside a text, a quote too many or too few, a line indented wrongly), and wants to hear of all of them
at once.
"""

import json
import re
from typing import NamedTuple

import yaml

from ca_ladder.errors import Fault

_LEAD = re.compile(r"^[ \t]*(?:- +)*")
_LEAD_AND_KEY = re.compile(r"^[ \t]*(?:- +)*(?:[A-Za-z_][\w.+-]*:(?: +|$))?")
_GLUED = re.compile(r"[ \t]*(?:- +)*(?P<key>[a-z_]+):(?=[^\s/])")
# The fields that hold sentences. After an id or a number, a # begins a remark that its author meant.
_PROSE = {"text", "why", "name", "title", "note", "notes", "disclaimer", "responsibilities", "parts"}
_PAIRS = {"“": "”", "„": "“", "‘": "’", "‚": "‘", "«": "»", "»": "«"}
_BRACKETS = {"{": "}", "[": "]"}
_SMART = "“”„‟‘’‚«»"
QUOTES = "put the text between quotes"


class _Spotted(NamedTuple):
    """A mistake: its line (from 0) and column (from 0), its sentence, and the line as it was meant, if one can tell."""

    row: int
    column: int
    sentence: str
    meant: str | None = None


def explained(problem: yaml.MarkedYAMLError, text: str) -> tuple[Fault, str | None]:
    """Return what is wrong, and the text with that mended; None where nobody can tell what was meant."""
    rows = text.splitlines(keepends=True) or [""]
    rows += [""] * 2  # the end of the file is a line too
    found = _tab(problem, rows) or _found(problem, rows)
    fault = Fault(found.row + 1, found.column + 1, found.sentence)
    if found.meant is None:
        return fault, None
    end = rows[found.row][len(rows[found.row].rstrip("\r\n\x85\u2028\u2029")) :]
    return fault, "".join([*rows[: found.row], found.meant, end, *_followed(rows, found)])


def hidden_rest(value: str, place: tuple[str | int, ...], following: str) -> str | None:
    """Say that a # has cut a sentence that stands without quotes; None where it has not."""
    names = [part for part in place if isinstance(part, str)]
    if following != " #" or not names or names[-1] not in _PROSE:
        return None
    kept = value if len(value) <= 40 else f"... {value[-36:]}"
    return (
        f'a # after a blank hides the rest: the text is only "{kept}"; put it between quotes '
        "(or, if a remark was meant, two blanks before the #)"
    )


def without_smart_quotes(value: str) -> str:
    """Return a text without the smart quotes around the whole of it; they are no quotes in YAML."""
    inner = value[1:-1]
    around = len(value) > 1 and _PAIRS.get(value[0]) == value[-1]
    return inner if around and not any(sign in inner for sign in (value[0], value[-1])) else value


def _followed(rows: list[str], found: _Spotted) -> list[str]:
    """Return the lines after a mended one: if it was moved, those that belong to it are moved as well."""
    line, meant = rows[found.row], found.meant or ""
    was, now = _indent(line), _indent(meant)
    after = rows[found.row + 1 :]
    lines_below = [_indent(row) for row in after if row.strip()]
    first = lines_below[0] if lines_below else 0
    dash = meant.lstrip().startswith("- ")
    fits = first == now + 2 if dash else first > now or not meant.endswith(":")
    if now == was or line.lstrip(" ").startswith("\t") or (now > was and (fits or first <= was)):
        return after
    least = was + 1 if now > was else was
    belong = next((at for at, row in enumerate(after) if row.strip() and _indent(row) < least), len(after))
    return [*(_moved(row, now - was) for row in after[:belong]), *after[belong:]]


def _moved(row: str, by: int) -> str:
    return " " * (_indent(row) + by) + row.lstrip(" ") if row.strip() else row


def _tab(problem: yaml.MarkedYAMLError, rows: list[str]) -> _Spotted | None:
    mark = problem.problem_mark
    assert mark is not None  # noqa: S101 - the scanner and the parser always know where they are
    line = rows[mark.line]
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" not in indent:
        return None
    before = next((at for at in range(mark.line - 1, -1, -1) if rows[at].strip()), None)
    if before is None:
        meant = line.strip()
    else:
        meant = _aligned(rows, before, line.rstrip())
        meant = f"  {meant}" if rows[before].rstrip().endswith(":") else meant
    return _Spotted(mark.line, indent.index("\t"), "a tab cannot indent; use spaces", meant)


def _found(problem: yaml.MarkedYAMLError, rows: list[str]) -> _Spotted:
    said = str(problem.problem)
    mark, began = problem.problem_mark, problem.context_mark
    assert mark is not None  # noqa: S101
    row, column = mark.line, mark.column
    line = rows[row].rstrip()
    if began and "end of stream" in said and "quoted" in str(problem.context):
        first = rows[began.line].rstrip()
        sentence = "a quote opens here and is never closed; close it"
        return _Spotted(began.line, began.column, sentence, first + first[began.column])
    if "flow" in str(problem.context):
        return _in_brackets(rows, row, column)
    if "escape" in said or "hexdecimal" in said:
        sentence = r"a \ between double quotes has a meaning of its own; write \\ for it"
        return _Spotted(row, column, sentence, line.replace("\\", "\\\\"))
    if began and "could not find expected ':'" in said:
        return _neither(rows, began.line, began.column)
    if "mapping values are not allowed" in said:
        return _colon(rows, row, column)
    if line[:column].rstrip().endswith(('"', "'")) and "expected" in said:
        return _closed_early(row, column, line)
    if line[column : column + 1] in {"}", "]"} and "expected '-'" in said:
        return _too_many(row, column, line)
    if _begins_with_a_sign(_value(line)):
        return _sign(row, line)
    if "did not find expected" in said:
        return _misplaced(rows, row, column)
    return _Spotted(row, column, f"YAML cannot read on: {said}; look at indentation and quotes here and above")


def _in_brackets(rows: list[str], row: int, column: int) -> _Spotted:
    """Look back from where YAML was lost for the bracket that it was in."""
    opened, at = next(
        (at, place)
        for at in range(row, -1, -1)
        for place in range(len(rows[at]) - 1, -1, -1)
        if rows[at][place] in _BRACKETS and (at, place) < (row, column)
    )
    sign, line = rows[opened][at], rows[row].rstrip()
    if row != opened:
        whole, cut, _ = rows[opened].rstrip().partition(" #")
        after = " (a # after a blank hides the rest of the line)" if cut else ""
        sentence = f"a {sign} opens here and is never closed; close it with {_BRACKETS[sign]}{after}"
        return _Spotted(opened, at, sentence, whole + _BRACKETS[sign])
    if line[:column].rstrip().endswith(('"', "'")):
        return _closed_early(row, column, line)
    if line[column : column + 1] in {",", "]", "}"}:
        return _too_many(row, column, line)
    sentence = f'between {sign} and {_BRACKETS[sign]}, a text with a comma or a ": " stands between quotes'
    meant = line[: _indent(line)] if line.lstrip().startswith(f"- {sign}") else None
    return _Spotted(row, column, f"{sentence}, and a comma between two fields", meant)


def _too_many(row: int, column: int, line: str) -> _Spotted:
    meant = line[:column] + line[column + 1 :]
    return _Spotted(row, column, f"there is a {line[column]} too many; delete it", meant)


def _colon(rows: list[str], row: int, column: int) -> _Spotted:
    """Tell a colon inside a text from a field that is indented too far: there, it is the first of its line."""
    line = rows[row].rstrip()
    before = next((at for at in range(row - 1, -1, -1) if rows[at].strip()), None)
    glued = None if before is None else _GLUED.match(rows[before])
    if before is not None and glued:
        return _missing_blank(rows, before, glued)
    if before is not None and re.fullmatch(r"[ \t]*(?:- +)*[\w.+-]+", line[:column]):
        key = line[:column].split()[-1]
        sentence = (
            f"`{key}` is indented deeper than the line above allows; align it with the field it stands beside, or put "
            "the text that it goes on with between quotes"
        )
        return _Spotted(row, column - len(key), sentence, _aligned(rows, before, line))
    entry = line.lstrip().startswith("- ") and before is not None and not rows[before].rstrip().endswith(":")
    if entry and _indent(line) > _indent(rows[before or 0]):
        sentence = "this entry is indented deeper than the line above allows; align it with the dashes of its list"
        return _Spotted(row, _indent(line), sentence)
    value = _value(line)
    sentence = f'there is a ": " inside a text; {QUOTES}'
    if value[:1] in _SMART and value:
        sentence = "smart quotes hold no text together; use straight ones"
        return _Spotted(row, len(line) - len(value), sentence, _quoted(line, value.strip(_SMART)))
    return _Spotted(row, column, sentence, _quoted(line, value) if value else None)


def _neither(rows: list[str], row: int, column: int) -> _Spotted:
    if glued := _GLUED.match(rows[row]):
        return _missing_blank(rows, row, glued)
    line = rows[row].rstrip()
    sentence = (
        "this is neither a field (`name: text`) nor an entry (`- text`); if it goes on with the text above, indent it"
    )
    return _Spotted(row, column, sentence, f"{' ' * _indent(line)}#{line.strip()}")


def _missing_blank(rows: list[str], row: int, glued: re.Match[str]) -> _Spotted:
    line = rows[row].rstrip()
    after = glued.end()
    sentence = f"a blank is missing after the colon of `{glued['key']}`"
    return _Spotted(row, after, sentence, f"{line[:after]} {line[after:]}")


def _closed_early(row: int, column: int, line: str) -> _Spotted:
    value = _value(line)
    sentence = "the text goes on after its closing quote; put all of it between quotes"
    if value.startswith("'"):
        sentence += " (for an apostrophe use double quotes around the text)"
    return _Spotted(row, column, sentence, _quoted(line, value) if value[:1] in {'"', "'"} else None)


def _begins_with_a_sign(value: str) -> bool:
    return value.startswith(("- ", *"*&!%@`,?|>}]"))


def _sign(row: int, line: str) -> _Spotted:
    value = _value(line)
    sentence = f"a text cannot begin with {value[0]}; {QUOTES}"
    if value.startswith("- "):
        sentence = f"an entry of a list stands on a line of its own; if the dash is part of the text, {QUOTES}"
    return _Spotted(row, len(line) - len(value), sentence, _quoted(line, value))


def _misplaced(rows: list[str], row: int, column: int) -> _Spotted:
    line = rows[row].rstrip()
    dash = line.lstrip().startswith("- ")
    before = [at for at in range(row) if rows[at].strip() and (not dash or rows[at].lstrip().startswith("- "))]
    what = "this entry" if dash else "this line"
    beside = "the dashes of its list" if dash else "the fields it stands beside"
    meant = _aligned(rows, before[-1], line) if before and line.strip() else None
    return _Spotted(row, column, f"the indentation of {what} fits nothing above it; align it with {beside}", meant)


def _aligned(rows: list[str], before: int, line: str) -> str:
    """Return the line moved to where the fields, or the dash, of the earlier line stand."""
    own = line.lstrip()
    lead = len(next(_LEAD.finditer(rows[before]))[0]) if not own.startswith("- ") else _indent(rows[before])
    return " " * lead + own


def _quoted(line: str, value: str) -> str:
    return line[: len(line) - len(_value(line))] + json.dumps(value.strip("'\""), ensure_ascii=False)


def _value(line: str) -> str:
    """Return what stands after a line's indent, dash and field."""
    return line[next(_LEAD_AND_KEY.finditer(line)).end() :]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
