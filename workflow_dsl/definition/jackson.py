"""Problems of a JSON text in the words of the service's parser, Jackson (its class ReaderBasedJsonParser)."""

from __future__ import annotations

import json

from workflow_dsl.definition.json import Json, json_reader
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_ESCAPE = lazy_regex(r"\\(u[0-9A-Fa-f]{0,3})?")
_WORD = lazy_regex(r"[A-Za-z_$][\w$]*")
# The words of Python's parser -> what Jackson expected in that place.
_EXPECTED = (
    ("Expecting property name", "was expecting double-quote to start field name"),
    ("Illegal trailing comma before end of object", "was expecting double-quote to start field name"),
    ("Expecting ':' delimiter", "was expecting a colon to separate field name and value"),
    ("Expecting ',' delimiter", "was expecting comma to separate {} entries"),
)
_SHOWN = 500  # characters of the text that Jackson repeats


class JsonProblem(Record):
    """A problem of a string: Jackson's message, and the place as it prints it."""

    message: str
    source: str


def read_json(text: str) -> tuple[Json, JsonProblem | None]:
    """Return the value of a JSON text, and None; of a string that is not JSON None, and its first problem."""
    try:
        return _read(text), None
    except json.JSONDecodeError as problem:
        return None, _problem(text, problem)
    except _Constant as problem:
        return None, _at(text, text.find(str(problem)) + len(str(problem)), _unrecognized(str(problem)))
    except RecursionError:
        return None, _at(text, 0, "Document nesting depth exceeds the maximum allowed")
    except ValueError:  # Python reads integers of 4,300 digits, Jackson numbers of 1,000
        return None, _at(text, 0, "Number value length exceeds the maximum allowed")


def json_problem(text: str) -> JsonProblem | None:
    """Return the first problem of a string that is not JSON, None for one that is."""
    return read_json(text)[1]


class _Constant(ValueError):
    """NaN or Infinity, which Python reads and JSON does not have."""


def _refuse(name: str) -> None:
    raise _Constant(name)


_read = json_reader(json.JSONDecoder(parse_constant=_refuse))


def _problem(text: str, problem: json.JSONDecodeError) -> JsonProblem:
    place = problem.pos
    if problem.msg.startswith("Invalid "):
        return _problem_in_string(text, problem)
    while place < len(text) and text[place].isspace():
        place += 1
    if place >= len(text) or problem.msg.startswith("Unterminated string"):
        return _at(text, len(text), "Unexpected end-of-input")
    word = _WORD.match(text, place)
    if word and problem.msg.startswith(("Expecting value", "Extra data")):
        return _at(text, word.end(), _unrecognized(word[0]))
    if text[place] < " ":
        allowed = r"only regular white space (\r, \n, \t) is allowed between tokens"
        return _at(text, place + 1, f"Illegal character ({_described(text[place])}): {allowed}")
    character = f"Unexpected character ({_described(text[place])})"
    expected = next((words for start, words in _EXPECTED if problem.msg.startswith(start)), "")
    if not expected:
        return _at(text, place + 1, f"{character}: expected a valid value {_VALUES}")
    return _at(text, place + 1, f"{character}: {expected.format(_container(text, place))}")


def _problem_in_string(text: str, problem: json.JSONDecodeError) -> JsonProblem:
    """The problem of a control character in a string, or of an unknown escape."""
    place = problem.pos
    if problem.msg.startswith("Invalid control character"):
        remedy = "has to be escaped using backslash to be included in string value"
        return _at(text, place + 1, f"Illegal unquoted character ({_described(text[place])}): {remedy}")
    escape = _ESCAPE.match(text, text.rfind("\\", 0, place + 1))
    place = escape.end() if escape else place
    if place >= len(text):
        return _at(text, len(text), "Unexpected end-of-input")
    shown = _described(text[place])
    if escape and escape[0] == "\\":
        return _at(text, place + 1, f"Unrecognized character escape {shown}")
    remedy = "expected a hex-digit for character escape sequence"
    return _at(text, place + 1, f"Unexpected character ({shown}): {remedy}")


def _described(character: str) -> str:
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return f"(CTRL-CHAR, code {code})"
    return f"'{character}' (code {code}{f' / {code:#x}' if code > 255 else ''})"


def _unrecognized(word: str) -> str:
    return f"Unrecognized token '{word}': was expecting {_VALUES}"


def _container(text: str, place: int) -> str:
    """The kind of the innermost object or array that is open in a place."""
    open_, in_string, is_escaped = [], False, False
    for character in text[:place]:
        if in_string:
            in_string = is_escaped or character != '"'
            is_escaped = not is_escaped and character == "\\"
        elif character == '"':
            in_string = True
        elif character in "{[":
            open_.append(character)
        elif character in "}]" and open_:
            open_.pop()
    return "Array" if open_ and open_[-1] == "[" else "Object"


def _at(text: str, place: int, message: str) -> JsonProblem:
    """A problem found after reading so many characters."""
    line, column = text.count("\n", 0, place) + 1, place - (text.rfind("\n", 0, place) + 1) + 1
    more = len(text) - _SHOWN
    shown = f'"{text[:_SHOWN]}"' + (f"[truncated {more} chars]" if more > 0 else "")
    return JsonProblem(message, f"[Source: (String){shown}; line: {line}, column: {column}]")
