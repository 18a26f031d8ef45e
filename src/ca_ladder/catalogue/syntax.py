"""What YAML cannot read: said in an author's words, and the line as it was most likely meant, so that reading goes on.

YAML's own sentences speak of tokens and mappings, and it stops at its first fault. An author makes a handful of
mistakes (a colon inside a text, a quote too many or too few, a line indented wrongly), and wants to hear of all of them
at once.
"""

import json
import re
from typing import NamedTuple

import yaml

from ca_ladder.catalogue.models import SHAPES
from ca_ladder.errors import Fault

_LEAD = re.compile(r"^[ \t]*(?:- +)*")
_LEAD_AND_KEY = re.compile(r"^[ \t]*(?:- +)*(?:[A-Za-z_][\w.+-]*:(?: +|$))?")
_FIELDS = "|".join(sorted({name for shape in SHAPES for name in shape.__struct_encode_fields__}, key=len, reverse=True))
_WITHOUT_COLON = re.compile(rf"(?P<lead>[ \t]*(?:- *)*)(?P<key>{_FIELDS})(?P<sign>\s*[:=;：]|\s|$)\s*(?P<rest>.*)")
_ANY_FIELD = re.compile(rf"\s*(?:- +)*(?:{_FIELDS}):(?:\s|$)")
# What no sentence looks like: a field with nothing, or with a bracket, after its colon; an id.
SWALLOWED = re.compile(rf"\s*(?:- +)*(?P<key>(?:{_FIELDS})(?=: *(?:$|[\[{{]))|id(?=: *[a-z0-9][a-z0-9+.-]*$)):")
# The fields that hold sentences. After an id or a number, a # begins a remark that its author meant.
_PROSE = {"text", "why", "name", "title", "note", "notes", "disclaimer", "responsibilities", "parts"}
_PAIRS = {"“": "”", "„": "“", "‘": "’", "‚": "‘", "«": "»", "»": "«"}
_BRACKETS = {"{": "}", "[": "]"}
_PARTING = re.compile(r"(?:[,{\[]|\w:)\s*")
_NO_BREAK = re.compile(r"(?:^ *|[:-] *)(\xa0)")
_BULLET = re.compile(r"([ \t]*)([–—•·▪‣◦]|\*(?= ))\s*")
SMART = "“”„‟‘’‚«»"
_STRAIGHT = "smart quotes hold no text together; use straight ones"
_QUOTES = "put the text between quotes"
MOST_INDENT = 1_000


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
    mark = problem.problem_mark
    assert mark is not None  # noqa: S101 - the scanner and the parser always know where they are
    found = _tab(rows, mark.line) or _found(problem, rows, mark)
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
    around = len(value) > 1 and (_PAIRS.get(value[0]) == value[-1] or (value[0] in _PAIRS and value[-1] == '"'))
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


def _tab(rows: list[str], row: int) -> _Spotted | None:
    line = rows[row]
    if found := re.match(r" *-( *\t\s*)", line):
        sentence = "a tab cannot stand between the dash and what follows it; use a blank"
        return _Spotted(row, found.start(1), sentence, f"{line[: found.start(1)]} {line[found.end() :].rstrip()}")
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" not in indent:
        return None
    before = _before(rows, row)
    if before is None:
        meant = line.strip()
    else:
        meant = _aligned(rows, row, line.rstrip()) or line.strip()
        meant = f"  {meant}" if rows[before].rstrip().endswith(":") else meant
    return _Spotted(row, indent.index("\t"), "a tab cannot indent; use spaces", meant)


def _found(problem: yaml.MarkedYAMLError, rows: list[str], mark: yaml.Mark) -> _Spotted:
    said, began = str(problem.problem), problem.context_mark
    row, column = mark.line, mark.column
    line = rows[row].rstrip()
    if began and "end of stream" in said and "quoted" in str(problem.context):
        return _never_closed(rows, began.line, began.column)
    if found := _from_a_word_processor(rows, row):
        return found
    if "flow" in str(problem.context):
        return _in_brackets(rows, row, column)
    if began and "scanning" in str(problem.context) and _starts_a_text(line, began.column):
        return _sign(row, began.column, line)
    if "escape" in said or "hexdecimal" in said:
        sentence = r"a \ between double quotes has a meaning of its own; write \\ for it"
        return _Spotted(row, column, sentence, line.replace("\\", "\\\\"))
    if began and "could not find expected ':'" in said:
        return _neither(rows, began.line, began.column)
    if "mapping values are not allowed" in said:
        return _colon(rows, row, column)
    if line[:column].rstrip().endswith(('"', "'")) and "expected" in said:
        return _closed_early(rows, row, column)
    if line[column : column + 1] in {"}", "]"} and "expected '-'" in said:
        return _too_many(row, column, line)
    start = len(line) - len(_value(line))
    if _starts_a_text(line, start) or line[:column].rstrip()[-1:] in {"]", "}"}:
        return _sign(row, start, line)
    if "did not find expected" in said:
        return _misplaced(rows, row, column)
    return _Spotted(row, column, f"YAML cannot read on: {said}; look at indentation and quotes here and above")


def _in_brackets(rows: list[str], row: int, column: int) -> _Spotted:
    """Look back from where YAML was lost for the bracket that it was in."""
    opened, at = _bracket_around(rows, row, column)
    sign, line = rows[opened][at : at + 1], rows[row].rstrip()
    if sign not in _BRACKETS:
        return _misplaced(rows, row, column)
    if row != opened:
        whole, cut, _ = rows[opened].rstrip().partition(" #")
        after = " (a # after a blank hides the rest of the line)" if cut else ""
        sentence = f"a {sign} opens here and is never closed; close it with {_BRACKETS[sign]}{after}"
        return _Spotted(opened, at, sentence, whole + _BRACKETS[sign])
    if line[:column].rstrip().endswith(('"', "'")):
        return _closed_early(rows, row, column)
    here, start = line[column : column + 1], _start_of_text(line, column)
    if _starts_a_text(line, start) or (line[start] in _BRACKETS and line[start:column].rstrip()[-1:] in {"]", "}"}):
        return _sign(row, start, line)
    if here in {"]", "}"} and here != _BRACKETS[sign]:
        missing = f"a {_BRACKETS[sign]} is missing before this {here}"
        return _Spotted(row, column, missing, line[:column] + _BRACKETS[sign] + line[column:])
    if here in {",", "]", "}"}:
        return _too_many(row, column, line)
    between = f'between {sign} and {_BRACKETS[sign]}, a text with a comma, a bracket or a ": " stands between quotes'
    if line[start] in SMART:
        between = f"{_STRAIGHT}; {between}"
    id_ = re.search(r"\bid: *[\w.+-]+", line)
    meant = f"{line[: _indent(line)]}- {{{id_[0]}}}" if id_ and line.lstrip().startswith(f"- {sign}") else None
    return _Spotted(row, column, f"{between}, and a comma between two fields", meant)


def _bracket_around(rows: list[str], row: int, column: int) -> tuple[int, int]:
    """Return where the innermost bracket opens that is not closed before this place."""
    closed = 0
    opened = [(row, 0)]
    for at in range(row, -1, -1):
        line = (rows[at][:column] if at == row else rows[at]).partition(" #")[0]
        for place in range(len(line) - 1, -1, -1):
            closed += (line[place] in _BRACKETS.values()) - (line[place] in _BRACKETS)
            if line[place] in _BRACKETS:
                opened.append((at, place))
            if closed < 0:
                return at, place
    return opened[min(1, len(opened) - 1)]  # a bracket inside quotes has confused the count


def _never_closed(rows: list[str], row: int, column: int) -> _Spotted:
    line = rows[row].rstrip()
    return _Spotted(row, column, "a quote opens here and is never closed; close it", line + line[column])


def _from_a_word_processor(rows: list[str], row: int) -> _Spotted | None:
    """Find what a word processor makes of blanks and dashes, on the line or on the one above it."""
    for at in (row, _before(rows, row)):
        line = rows[at].rstrip() if at is not None else ""
        if at is not None and (blank := _NO_BREAK.search(line)):
            sentence = "this blank is a no-break space, which is none for YAML; type a plain one"
            return _Spotted(at, blank.start(1), sentence, line.replace("\xa0", " "))
        bullet = _BULLET.match(line)
        if at is not None and bullet and (at == row or _ANY_FIELD.match(line[bullet.end() :])):
            sentence = f"an entry begins with a plain - and a blank, not with {bullet[2]}"
            return _Spotted(at, bullet.start(2), sentence, f"{bullet[1]}- {line[bullet.end() :]}")
    return None


def _before(rows: list[str], row: int) -> int | None:
    """Return the nearest line above that is not empty."""
    return next((at for at in range(row - 1, -1, -1) if rows[at].strip()), None)


def _too_many(row: int, column: int, line: str) -> _Spotted:
    meant = line[:column] + line[column + 1 :]
    return _Spotted(row, column, f"there is a {line[column]} too many; delete it", meant)


def _colon(rows: list[str], row: int, column: int) -> _Spotted:
    """Tell a colon inside a text from a field that is indented too far: there, it is the first of its line."""
    line = rows[row].rstrip()
    before = _before(rows, row)
    found = None if before is None else _without_colon(rows, before, signed=True)
    if found:
        return found
    if before is not None and re.fullmatch(r"[ \t]*(?:- +)*[\w.+-]+", line[:column]):
        key = line[:column].split()[-1]
        sentence = (
            f"`{key}` is indented deeper than the line above allows; align it with the field it stands beside, or put "
            "the text that it goes on with between quotes"
        )
        return _Spotted(row, column - len(key), sentence, _aligned(rows, row, line))
    entry = line.lstrip().startswith("- ") and before is not None and not rows[before].rstrip().endswith(":")
    if entry and _indent(line) > _indent(rows[before or 0]):
        sentence = "this entry is indented deeper than the line above allows; align it with the dashes of its list"
        return _Spotted(row, _indent(line), sentence)
    value = _value(line)
    start = len(line) - len(value)
    if value and value[0] in SMART:
        return _Spotted(row, start, _STRAIGHT, _quoted(line, start, len(line)))
    if line.endswith("}") and "{" not in line:
        lead = len(next(_LEAD.finditer(line))[0])
        return _Spotted(
            row,
            lead,
            "a { is missing here, or the } at the end of the line is too many",
            f"{line[:lead]}{{{line[lead:]}",
        )
    return _Spotted(
        row, column, f'there is a ": " inside a text; {_QUOTES}', _quoted(line, start, len(line)) if value else None
    )


def _neither(rows: list[str], row: int, column: int) -> _Spotted:
    if found := _without_colon(rows, row):
        return found
    line = rows[row].rstrip()
    sentence = (
        "this is neither a field (`name: text`) nor an entry (`- text`); if it goes on with the text above, indent it"
    )
    return _Spotted(row, column, sentence, f"{' ' * _indent(line)}#{line.strip()}")


def _without_colon(rows: list[str], row: int, *, signed: bool = False) -> _Spotted | None:
    """Find a field whose colon is missing, or does not stand between its name and a blank.

    ``signed``: only one with some sign after its name; without, it may be a word of the text above.
    """
    line = rows[row].rstrip()
    found = _WITHOUT_COLON.fullmatch(line)
    if (
        not found
        or (signed and not found["sign"].strip())
        or re.fullmatch(rf"(?:- +)*{found['key']}:(?: .*)?", line.lstrip())
    ):
        return None
    key, sign, after = found["key"], found["sign"], found.start("sign")
    sentence = f"a colon is missing after `{key}`: write `{key}: ...`"
    if sign == ":":
        sentence = f"a blank is missing after the colon of `{key}`"
        after += 1
    elif sign.strip() == ":":
        sentence = f"the colon stands right after the field: write `{key}: ...`"
    return _Spotted(row, after, sentence, f"{found['lead']}{key}: {found['rest']}".rstrip())


def _closed_early(rows: list[str], row: int, column: int) -> _Spotted:
    line = rows[row].rstrip()
    quote = line[:column].rstrip()[-1]
    if (above := _left_open(rows, row, quote)) is not None:
        return _never_closed(rows, above, rows[above].index(quote))
    # Commas and colons between the quotes look like the ends of texts.
    starts = [len(line) - len(_value(line)), *(found.end() for found in _PARTING.finditer(line[:column]))]
    start = next((at for at in reversed(starts) if line[at : at + 1] in {'"', "'"}), None)
    if start is None:
        odd = [at for at in range(row) if rows[at].count(quote) % 2]
        if odd:
            return _never_closed(rows, odd[-1], rows[odd[-1]].rindex(quote))
        return _Spotted(row, column, f"the text goes on after a quote; {_QUOTES}")
    if line[start] == "'" and line[column - 1] == "'":
        sentence = "an apostrophe ends a text between single quotes; put double quotes around it"
    else:
        sentence = "the text goes on after its closing quote; put all of it between quotes"
    return _Spotted(row, column, sentence, _quoted(line, start, _end_of_text(line, start, quote)))


def _left_open(rows: list[str], row: int, quote: str) -> int | None:
    """Return the line above whose text opens with a quote, and goes on into what are other fields."""
    for at in range(row):
        value = _value(rows[at].rstrip())
        if value.startswith(quote) and value.count(quote) == 1 and _ANY_FIELD.match(rows[at + 1]):
            return at
    return None


def _starts_a_text(line: str, column: int) -> bool:
    """Whether a text would begin here, and cannot, since its first sign has a meaning of its own."""
    return line[column:].startswith(("- ", *"*&!%@`,?|>}]")) and column == _start_of_text(line, column)


def _start_of_text(line: str, column: int) -> int:
    """Return where the text that holds this column begins: after its field, its dash, or what parts it from others."""
    return max(len(line) - len(_value(line)), *(found.end() for found in _PARTING.finditer(line[:column])), 0)


def _end_of_text(line: str, start: int, quote: str) -> int:
    """Return where a text ends that cannot be read: with its line, or between braces with its field."""
    if "{" not in line[:start]:
        return len(line)
    last = line.rfind(quote, start + 1)
    ending = re.compile(r",\s+[a-z_]+: |[}\]]").search(line, last + 1 if last > start else start)
    return ending.start() if ending else len(line)


def _sign(row: int, start: int, line: str) -> _Spotted:
    sentence = f"a text cannot begin with {line[start]}; {_QUOTES}"
    if line[start:].startswith("- "):
        sentence = f"an entry of a list stands on a line of its own; if the dash is part of the text, {_QUOTES}"
    return _Spotted(row, start, sentence, _quoted(line, start, _end_of_text(line, start, line[start])))


def _misplaced(rows: list[str], row: int, column: int) -> _Spotted:
    line = rows[row].rstrip()
    dash = line.lstrip().startswith("- ")
    what = "this entry" if dash else "this line"
    beside = "the dashes of its list" if dash else "the fields it stands beside"
    meant = _aligned(rows, row, line) if line.strip() else None
    return _Spotted(row, column, f"the indentation of {what} fits nothing above it; align it with {beside}", meant)


def _aligned(rows: list[str], row: int, line: str) -> str | None:
    """Return the line moved to where the fields, or the dashes, stand that it can belong to: those nearest to it."""
    own, dash = _indent(line), line.lstrip().startswith("- ")
    least = len(line) + MOST_INDENT
    columns: list[int] = []
    for at in range(row - 1, -1, -1):
        if not rows[at].strip() or rows[at].lstrip().startswith("#"):
            continue
        indent, lead = _indent(rows[at]), len(next(_LEAD.finditer(rows[at]))[0])
        if dash and rows[at].lstrip().startswith("- ") and indent <= least:
            columns.append(indent)
        elif not dash and lead <= least:
            columns.append(lead)
        least = min(least, indent)
    if not columns:
        return None
    nearest = min(columns, key=lambda column: abs(column - own)) if "\t" not in line[: own + 1] else columns[0]
    return " " * nearest + line.lstrip()


def _quoted(line: str, start: int, end: int) -> str:
    """Return the line with this part of it between quotes that hold."""
    inner = line[start:end].strip().strip(f"'\"{SMART}")
    return line[:start] + json.dumps(inner, ensure_ascii=False) + line[end:]


def _value(line: str) -> str:
    """Return what stands after a line's indent, dash and field."""
    return line[next(_LEAD_AND_KEY.finditer(line)).end() :]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
