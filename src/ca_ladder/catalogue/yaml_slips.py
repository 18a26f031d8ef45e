"""What is wrong with a file that is not YAML, in an author's words.

YAML's own messages speak of tokens and mappings, and it stops at its first error. So the author gets that error at its
line, and every other line that shows one of the usual slips. Nothing is repaired: the file is read when it is YAML.
"""

import re
from collections.abc import Container, Iterator
from itertools import islice

import yaml

from ca_ladder.catalogue.schema import FIELDS
from ca_ladder.errors import Fault

MOST_SLIPS = 20
SMART_QUOTES = "“”„‟‘’‚«»"
LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")  # those of YAML 1.1

_FIELDS = "|".join(sorted({name for fields in FIELDS.values() for name in fields}, key=len, reverse=True))
_LEAD = r"[ \t]*(?:- +)*"
_FIELD_LINE = re.compile(rf"{_LEAD}(?:{_FIELDS}):(?:\s|$)")
_ANY_KEY = re.compile(rf"{_LEAD}([\w.+-]+) *:")
_LEAD_AND_FIELD = re.compile(rf"{_LEAD}(?:\w[\w.+-]*:(?: +|$))?")
_ODD_COLON = re.compile(rf"{_LEAD}(?P<field>{_FIELDS})(?:(?P<sign>:(?=\S)|\s*[=;：]|\s+:)|(?=\s|$))")
# A field with no text after its colon, or an id. No sentence looks like this.
_SWALLOWED = re.compile(rf"\s*(?:- +)*(?P<key>(?:{_FIELDS})(?=: *(?:$|[\[{{]))|id(?=: *[a-z0-9][a-z0-9+.-]*$)):")
# The fields that hold sentences. After an id or a number, a # begins a comment that the author meant.
_PROSE = {"text", "why", "name", "title", "note", "notes", "disclaimer", "responsibilities", "parts"}
_QUOTE_PAIRS = {"“": "”", "„": "“", "‘": "’", "‚": "‘", "«": "»", "»": "«"}
_BRACKETS = {"{": "}", "[": "]"}
_QUOTES = ('"', "'")
_BLOCK_TEXT = re.compile(r"[|>][-+0-9]{0,2}(?:\s+#.*)?")
_COMMENT = re.compile(r"\s*(?:#.*)?")
_CLOSED = re.compile(r"""  "(?:[^"\\]|\\.)*"  |  '(?:[^']|'')*'  |  \[[^\]]*\]  |  \{[^}]*\}  """, re.VERBOSE)
_NO_BEGINNING = re.compile(r"[@`%*&!|>,]|(?<=: )-(?= )")
# Slips in the indentation or the dash of a line: the group is what is wrong.
_LAYOUT_SLIPS = [
    (re.compile(r"^ *-( *\t\s*)"), "use a blank, not a tab, after the dash"),
    (re.compile(r"^ *(\t)"), "a tab cannot indent; use spaces"),
    (re.compile(r"(?:^ *|[:-] *)(\xa0)"), "this blank is a no-break space, which is none for YAML; type a plain one"),
    (
        re.compile(rf"^ *([–—•·▪‣◦]|\*(?= ))\s*(?:\{{|(?:{_FIELDS}):\s)"),
        "an entry begins with a plain - and a blank, not with {}",
    ),
    (re.compile(r"^ *-()(?=[A-Za-z{\[\"'“])"), "a blank is missing after the dash"),
]

_NEITHER = (
    "this is neither a field (`name: text`) nor an entry (`- text`); if it goes on with the text above, indent it"
)
_NEVER_CLOSED = "a quote opens here and is never closed; close it"


def syntax_faults(error: yaml.MarkedYAMLError, text: str) -> list[Fault]:
    """Return the parser's first error and every line with a usual slip.

    The error itself is left out where a slip explains it: on its line, the line above, or where its text began.
    """
    lines = [*LINE_BREAK.split(text), ""]
    marks = [(mark.line, mark.column) for mark in (error.problem_mark, error.context_mark) if mark] or [(0, 0)]
    row = marks[0][0]
    above = next((number for number in range(row - 1, -1, -1) if lines[number].strip()), 0)
    near = {above, *(line for line, _ in marks)}
    slips = list(islice(_slips(lines, near), MOST_SLIPS + 1))
    if len(slips) > MOST_SLIPS:
        slips[-1] = Fault(slips[-1].line, 1, f"{MOST_SLIPS} such faults up to here; there may be more below")
    explained = any(slip.line - 1 in near for slip in slips)
    return slips if explained else [_first_error(lines, *marks[0], marks[-1]), *slips]


def text_faults(node: yaml.ScalarNode, field: str, text: str) -> Iterator[Fault]:
    """Yield what YAML reads without complaint and the author did not mean; ``field`` is the text's field."""
    start, end = node.start_mark, node.end_mark
    if not node.style:
        if text[end.index : end.index + 2] == " #" and field in _PROSE:
            yield Fault(end.line + 1, end.column + 2, _hidden_rest(node.value))
        elif without_smart_quotes(node.value) != node.value:
            sentence = "smart quotes become part of the text; use straight ones, or none"
            yield Fault(start.line + 1, start.column + 1, sentence)
    elif end.line > start.line:
        rows = LINE_BREAK.split(text[start.index : end.index])[1:]
        for line, row in enumerate(rows, start=start.line + 2):
            if match := _SWALLOWED.match(row):
                sentence = f"`{match['key']}` has become part of the text that begins on line {start.line + 1}"
                yield Fault(line, match.start("key") + 1, f"{sentence}; look at indentation and quotes there")
                return


def without_smart_quotes(value: str) -> str:
    """Return a text without smart quotes around the whole of it."""
    first, inner, last = value[:1], value[1:-1], value[-1:]
    quoted = first in _QUOTE_PAIRS and last in {_QUOTE_PAIRS[first], '"'}
    return inner if quoted and first not in inner and last not in inner else value


def _hidden_rest(value: str) -> str:
    kept = value if len(value) <= 40 else f"... {value[-36:]}"
    return (
        f'a # after a blank hides the rest: the text is only "{kept}"; put it between quotes '
        "(or, if a remark was meant, two blanks before the #)"
    )


def _first_error(lines: list[str], row: int, column: int, began: tuple[int, int]) -> Fault:
    """Return the parser's error in an author's words, by the characters that it points at."""
    line, (began_row, began_column) = lines[row], began
    above = max((number for number in range(row + 1) if lines[number].strip()), default=0)
    at_end = not any(rest.strip() for rest in [line[column:], *lines[row + 1 :]])
    if at_end and (bracket := re.search(r"[\[{][^\]}]*$", lines[above])):
        began_row, began_column = above, bracket.start()
    began_line = lines[began_row]
    sign = began_line[began_column : began_column + 1]
    if sign in _QUOTES and not at_end and "\\" in line:
        return Fault(row + 1, column + 1, r"a \ between double quotes has a meaning of its own; write \\ for it")
    if sign in _QUOTES:
        return Fault(began_row + 1, began_column + 1, _NEVER_CLOSED)
    if sign in _BRACKETS and row == began_row:
        needs = 'a text with a comma, a bracket or a ": " needs quotes, and two fields need a comma between them'
        return Fault(row + 1, column + 1, f"between {sign} and {_BRACKETS[sign]}, {needs}")
    if sign in _BRACKETS and not _CLOSED.match(began_line.partition(" #")[0], began_column):
        hint = " (a # after a blank hides the rest of the line)" if " #" in began_line else ""
        sentence = f"a {sign} opens here and is never closed; close it with {_BRACKETS[sign]}{hint}"
        return Fault(began_row + 1, began_column + 1, sentence)
    start = lead.end() if (lead := _LEAD_AND_FIELD.match(line)) else 0
    for at_row, at in (began, (row, column), (row, min(start, column))):
        if wrong := _NO_BEGINNING.match(lines[at_row], at):
            return Fault(at_row + 1, at + 1, f"a text cannot begin with {wrong[0]}; put the text between quotes")
    if line.startswith(("}", "]"), column):
        return Fault(row + 1, column + 1, f"there is a {line[column]} too many; delete it")
    if (closed := _CLOSED.match(line, start)) and closed.end() <= column:
        sentence = "the text goes on after its closing quote or bracket; put all of it between double quotes"
        return Fault(row + 1, column + 1, sentence)
    if began_row < row and not _ANY_KEY.match(began_line) and not began_line.lstrip().startswith("- "):
        return Fault(began_row + 1, began_column + 1, _NEITHER)
    indent = len(line) - len(line.lstrip())
    sentence = _NEITHER
    if line.startswith("- ", indent):
        sentence = "the indentation of this entry fits nothing above it; align it with the dashes of its list"
    elif field := _ANY_KEY.match(line):
        sentence = "the indentation of this line fits nothing above it; align it with the fields of the same part"
        if column > indent:
            sentence = (
                f"`{field[1]}` is indented deeper than the line above allows; align it with the fields of the "
                "same part, or put the text that it continues between quotes"
            )
    return Fault(row + 1, indent + 1, sentence)


def _slips(lines: list[str], near: Container[int]) -> Iterator[Fault]:
    """Yield the first slip of each line. The text of blocks and of quotes over several lines is passed over.

    ``near`` are the lines that the parser points at: only there, a line without any colon is taken for a field.
    """
    block_indent: int | None = None
    open_quote = ""
    for row, line in enumerate(lines):
        indent = len(line) - len(line.lstrip(" "))
        if open_quote:
            open_quote = "" if open_quote in line else open_quote
            continue
        if _COMMENT.fullmatch(line) or (block_indent is not None and indent > block_indent):
            continue
        block_indent = None
        start = lead.end() if (lead := _LEAD_AND_FIELD.match(line)) else 0
        value = line[start:].rstrip()
        if _BLOCK_TEXT.fullmatch(value):
            block_indent = indent
        elif value[:1] in _QUOTES and not _CLOSED.match(value):
            if _FIELD_LINE.match(lines[row + 1]):
                yield Fault(row + 1, start + 1, _NEVER_CLOSED)
            else:
                open_quote = value[0]
        elif slip := _slip(line, start, certain=row in near):
            column, sentence = slip
            yield Fault(row + 1, column + 1, sentence)


def _slip(line: str, start: int, *, certain: bool) -> tuple[int, str] | None:
    """Return the column (from 0) and sentence of the first slip in a line whose text begins at ``start``."""
    for pattern, sentence in _LAYOUT_SLIPS:
        if match := pattern.search(line):
            return match.start(1), sentence.format(match[1])
    if (match := _ODD_COLON.match(line)) and (match["sign"] or certain):
        return match.end("field"), f"after a field comes a colon and a blank: write `{match['field']}: ...`"
    value = line[start:].rstrip()
    if value.startswith((*_QUOTES, *_BRACKETS)):
        return None
    if value.startswith(tuple(SMART_QUOTES)) and (": " in value or without_smart_quotes(value) != value):
        return start, "smart quotes do not work here; use straight ones"
    if value.endswith("}") and "{" not in line:
        return start, "a { is missing in this line, or the } at its end is too many"
    if colon := re.search(r":(?: |$)", value.partition(" #")[0]):
        return start + colon.start(), 'there is a ": " inside a text; put the text between quotes'
    field = line[:start].strip("- \t:")
    if (hidden := re.search(r"(?<! ) #", value)) and field in _PROSE:
        return start + hidden.start() + 1, _hidden_rest(value[: hidden.start()])
    return None
