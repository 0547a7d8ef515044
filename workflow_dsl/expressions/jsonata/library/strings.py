"""Functions of strings. A place in a string counts characters, as in the reference."""

from __future__ import annotations

import base64
import binascii
import math
import re
from itertools import islice
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import invoke
from workflow_dsl.expressions.jsonata.limits import LONGEST_STRING, Run, within
from workflow_dsl.expressions.jsonata.patterns import matches
from workflow_dsl.expressions.jsonata.text import to_text
from workflow_dsl.expressions.jsonata.values import UNDEFINED, Sequence
from workflow_dsl.regexes import lazy_regex

_SPACES = lazy_regex(r"[ \t\n\r]+")
_BASE64 = lazy_regex(r"[A-Za-z0-9+/]*={0,2}")


def string(value: Any, pretty: Any) -> Any:
    """$string"""
    return value if value is UNDEFINED else to_text(value, pretty is True)


def substring(text: Any, start: Any, length: Any) -> Any:
    """$substring"""
    if text is UNDEFINED:
        return text
    count = len(text)
    start = 0 if start is UNDEFINED or count + start < 0 else start
    if length is UNDEFINED:
        return text[_place(start, count) :]
    if length <= 0:
        return ""
    end = start + length if start >= 0 else count + start + length
    return text[_place(start, count) : _place(end, count)]


def _place(place: int | float, count: int) -> int:
    """A place as JavaScript's slice has it: truncated, and from the end if it is negative."""
    place = math.trunc(max(-count, min(place, count)))
    return place if place >= 0 else count + place


def substring_before(text: Any, part: Any) -> Any:
    """$substringBefore"""
    if text is UNDEFINED:
        return text
    return text.partition(part)[0] if part and part is not UNDEFINED else "" if part == "" else text


def substring_after(text: Any, part: Any) -> Any:
    """$substringAfter"""
    if text is UNDEFINED or part is UNDEFINED or part not in text:
        return text
    return text.partition(part)[2] if part else text


def lowercase(text: Any) -> Any:
    """$lowercase"""
    return text if text is UNDEFINED else text.lower()


def uppercase(text: Any) -> Any:
    """$uppercase"""
    return text if text is UNDEFINED else text.upper()


def length(text: Any) -> Any:
    """$length"""
    return text if text is UNDEFINED else len(text)


def trim(text: Any) -> Any:
    """$trim"""
    if text is UNDEFINED:
        return text
    return _SPACES.sub(" ", text).removeprefix(" ").removesuffix(" ")


def pad(text: Any, width: Any, filling: Any) -> Any:
    """$pad"""
    if text is UNDEFINED:
        return text
    unit = " " if filling is UNDEFINED or filling == "" else filling
    missing = -1 if width is UNDEFINED else abs(width) - len(text)
    if missing <= 0:
        return text
    if missing > LONGEST_STRING:
        raise Failure("memory")
    missing = math.trunc(missing)
    padding = (unit * (missing // len(unit) + 1))[:missing]
    return text + padding if width > 0 else padding + text


def contains(run: Run, text: Any, token: Any) -> Any:
    """$contains"""
    if text is UNDEFINED:
        return text
    if type(token) is str:
        return token in text
    return next(matches(run, token, text), None) is not None


def match(run: Run, text: Any, pattern: Any, limit: Any) -> Any:
    """$match"""
    if text is UNDEFINED:
        return text
    result = Sequence()
    for _, _, found in _limited(run, pattern, text, limit, "D3040", 3):
        result.append({"match": found["match"], "index": found["start"], "groups": found["groups"]})
    return within(result)


def _limited(run: Run, pattern: Any, text: str, limit: Any, code: str, index: int) -> Any:
    """The matches up to a limit. The one after the last is searched too: an empty one is an error."""
    if limit is not UNDEFINED and limit < 0:
        raise Failure(code, value=limit, index=index)
    if limit is UNDEFINED:
        yield from matches(run, pattern, text)
        return
    if limit > 0:
        found = matches(run, pattern, text)
        yield from islice(found, math.ceil(limit))
        next(found, None)


def replace(run: Run, text: Any, pattern: Any, replacement: Any, limit: Any) -> Any:
    """$replace"""
    if text is UNDEFINED:
        return text
    if pattern == "":
        raise Failure("D3010", value=pattern, index=2)
    if type(pattern) is str:
        return _replaced_text(text, pattern, replacement, limit)
    pieces, at, total = [], 0, 0
    for start, end, found in _limited(run, pattern, text, limit, "D3011", 4):
        new = _expanded(replacement, found) if type(replacement) is str else invoke(replacement, run, [found], None)
        if type(new) is not str:
            raise Failure("D3012", value=new)
        pieces += [text[at:start], new]
        total += len(new) + start - at
        if total > LONGEST_STRING:
            raise Failure("memory")
        at = end
    return "".join([*pieces, text[at:]])


def _replaced_text(text: str, pattern: str, replacement: Any, limit: Any) -> str:
    if limit is not UNDEFINED and limit < 0:
        raise Failure("D3011", value=limit, index=4)
    if type(replacement) is not str:
        replacement = to_text(replacement)
    count = text.count(pattern) if limit is UNDEFINED else min(math.ceil(limit), text.count(pattern))
    if len(text) + count * (len(replacement) - len(pattern)) > LONGEST_STRING:
        raise Failure("memory")
    return text.replace(pattern, replacement, count)


def _expanded(template: str, found: dict[str, Any]) -> str:
    """A replacement with its $0, $1 and $$: a group's number has no more digits than there are groups."""
    groups, pieces, at = found["groups"], [], 0
    digits = len(str(len(groups))) if groups else 1
    while (dollar := template.find("$", at)) >= 0:
        pieces.append(template[at:dollar])
        at = dollar + 1
        following = template[at : at + 1]
        if following in ("$", "0"):
            pieces.append("$" if following == "$" else found["match"])
            at += 1
            continue
        number = re.match(r"[0-9]+", template[at : at + digits])
        if number is None:
            pieces.append("$")
            continue
        group = number[0] if int(number[0]) <= len(groups) or digits == 1 else number[0][: digits - 1]
        if 0 < int(group) <= len(groups) and groups[int(group) - 1] is not UNDEFINED:
            pieces.append(groups[int(group) - 1])
        at += len(str(int(group)))
    return "".join([*pieces, template[at:]])


def split(run: Run, text: Any, separator: Any, limit: Any) -> Any:
    """$split"""
    if text is UNDEFINED:
        return text
    if limit is not UNDEFINED and limit < 0:
        raise Failure("D3020", value=limit, index=3)
    most = None if limit is UNDEFINED else limit
    if type(separator) is str:
        run.reserve(text.count(separator) if separator else len(text))
        parts = text.split(separator) if separator else _units(text)
        return parts if most is None else parts[: math.trunc(most)]
    return _split_by_pattern(run, text, separator, limit)


def _units(text: str) -> list[str]:
    """The UTF-16 units of a string, by which the empty separator splits."""
    if text.isascii():
        return list(text)
    encoded = text.encode("utf-16-le", "surrogatepass")
    return [encoded[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(encoded), 2)]


def _split_by_pattern(run: Run, text: str, pattern: Any, limit: Any) -> list[str]:
    result, at = [], 0
    for start, end, _ in _limited(run, pattern, text, limit, "D3020", 3):
        result.append(text[at:start])
        at = end
    if limit is UNDEFINED or len(result) < limit:
        result.append(text[at:])
    within(result)
    return result


def join(strings: Any, separator: Any) -> Any:
    """$join"""
    if strings is UNDEFINED:
        return strings
    between = "" if separator is UNDEFINED else separator
    if sum(map(len, strings)) + len(between) * len(strings) > LONGEST_STRING:
        raise Failure("memory")
    return between.join(strings)


def base64encode(text: Any) -> Any:
    """$base64encode: a byte for each UTF-16 unit, which is the character up to U+00FF, as in the reference."""
    return text if text is UNDEFINED else base64.b64encode(text.encode("utf-16-le", "surrogatepass")[::2]).decode()


def base64decode(text: Any) -> Any:
    """$base64decode: padding may be missing, other characters are an error, as in the service."""
    if text is UNDEFINED:
        return text
    stripped = text.rstrip("=")
    if not _BASE64.fullmatch(text) or len(stripped) % 4 == 1:
        raise Failure("base64", value=text)
    try:
        return base64.b64decode(stripped + "=" * (-len(stripped) % 4)).decode("latin-1")
    except binascii.Error:
        raise Failure("base64", value=text) from None
