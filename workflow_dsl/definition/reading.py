"""JSON or YAML text -> a document and where in the text its parts stand, or the one finding that says why not."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from workflow_dsl.definition.json import DEEPEST, Json, is_json_scalar, is_json_text
from workflow_dsl.definition.machine import where_of
from workflow_dsl.definition.placeholders import UnquotedPlaceholder, is_placeholder
from workflow_dsl.definition.spans import spans_in_json, spans_in_yaml
from workflow_dsl.findings import Finding, FindingsError, Key, Keys, Place, Where

_LINE_END = re.compile(r"\r\n|[\n\r]")


@dataclass(frozen=True)
class Source:
    """A document and the text it was read from; `file` is the text's name as it should be printed."""

    document: Json
    text: str = ""
    file: str = ""
    _root: Any = field(default=None, repr=False)  # the YAML node of the whole; None for JSON
    _around: Keys = ()  # the keys that lead to the document in the text, which may hold more

    @cached_property
    def lines(self) -> list[str]:
        return _LINE_END.split(self.text)

    @property
    def is_plain_json(self) -> bool:
        """Whether it is JSON text with too few brackets to be too deep, and nothing but ASCII in it."""
        text = self.text
        few = text.count("{") + text.count("[") < DEEPEST
        return self._root is None and few and text.isascii() and "\\u" not in text

    def places(self, wanted: Iterable[Keys], of_keys: Container[Keys] = ()) -> dict[Keys, Place]:
        """The line and column of what keys lead to: of a value that is a scalar, else of the key it stands under.

        For those in `of_keys` it is the key, whatever the value.
        """
        each = {keys: (*self._around, *keys) for keys in wanted}
        read = spans_in_yaml if self._root is not None else spans_in_json
        spans = read(self._root or self._scanned, each.values())
        found = ((keys, spans[whole]) for keys, whole in each.items() if whole in spans)
        return {keys: self._place(*(key if keys in of_keys else value)) for keys, (key, value) in found}

    def subdocument(self, *keys: Key) -> Source:
        """The part of the document that keys lead to, with its places in the whole text."""
        document = self.document
        for key in keys:
            document = document[key]
        return replace(self, document=document, _around=(*self._around, *keys))

    def with_places(self, findings: list[Finding]) -> list[Finding]:
        """The findings with line and column, where the text has a file's name."""
        if not self.file or not findings:
            return findings
        of_keys = {finding.where.keys for finding in findings if finding.where.of_key}
        places = self.places((finding.where.keys for finding in findings), of_keys)
        return [finding.at(places.get(finding.where.keys)) for finding in findings]

    @cached_property
    def _scanned(self) -> str:
        return _quoted(self.text)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self.text))]

    def _place(self, start: int, end: int) -> Place:
        line = bisect_right(self._line_starts, start)
        return Place(self.file, line, start - self._line_starts[line - 1] + 1, max(end - start, 1))


def read(document: Any) -> dict[str, Json]:
    """The document as a dict. Raises FindingsError for text that cannot be read, and for what is no object."""
    found: dict[str, Json] = read_source(document).document
    return found


def read_source(document: Any, file: str = "", *, strict: bool = True) -> Source:
    """The document of a text (as bytes: UTF-8), or of a dict. Raises FindingsError, placed in the file.

    With `strict` off it need be no object, and a key may stand twice in YAML, as CloudFormation takes it.
    """
    try:
        text = _decode(document) if isinstance(document, bytes) else document
        source = _parse(text, file, strict) if isinstance(text, str) else Source(text, file=file)
        if strict and not isinstance(source.document, dict):
            raise _unreadable("Definition must be a valid JSON object", 'begin with {"StartAt": ..., "States": {...}}')
        if isinstance(source.document, dict) and not (source.text and source.is_plain_json):
            _refuse_what_is_no_json(source.document)
    except RecursionError:
        finding = Finding("TOO_DEEPLY_NESTED", "error", Where(), *_TOO_LARGE)
        raise FindingsError([_placed(finding, file)]) from None
    except FindingsError as problem:
        raise FindingsError(_placed(finding, file) for finding in problem.findings) from None
    return source


def _placed(finding: Finding, file: str) -> Finding:
    """A finding with its place in the file; the line and column are there already where the parser said them."""
    at = finding.where.place
    if not file:
        return replace(finding, where=replace(finding.where, place=None))
    return finding.at(Place(file, at.line, at.column) if at else Place(file))


def is_template(document: Json) -> bool:
    """Whether a document is a SAM or CloudFormation template rather than a definition."""
    if not isinstance(document, dict) or "States" in document:
        return False
    heads = ("AWSTemplateFormatVersion", "Transform")
    return isinstance(document.get("Resources"), dict) or any(head in document for head in heads)


_MOST_VALUES = 2_000_000  # far beyond the service's 1 MB; aliases of YAML can say more in a few lines


def _refuse_what_is_no_json(document: dict[str, Json]) -> None:
    """Refuses dates, sets, NaN, keys that are no strings, text that is no Unicode, and what never ends."""
    waiting: list[tuple[Json, Any]] = [(document, None)]  # with the way to it, as (its key, the way to its holder)
    depths = [0]
    seen = 0
    while waiting:
        value, way = waiting.pop()
        depth = depths.pop()
        seen += 1
        if seen > _MOST_VALUES or depth > DEEPEST:
            raise FindingsError([Finding("TOO_DEEPLY_NESTED", "error", where_of(()), *_TOO_LARGE)])
        if isinstance(value, dict):
            _refuse_keys_that_are_no_json(value, way)
            members: Iterable[tuple[Key, Json]] = value.items()
        else:
            members = enumerate(value)
        for key, each in members:
            if isinstance(each, (dict, list)):
                waiting.append((each, (key, way)))
                depths.append(depth + 1)
            elif not is_json_scalar(each):
                raise _no_scalar(each, (key, way))
        seen += len(value)


def _refuse_keys_that_are_no_json(value: dict[Any, Json], way: Any) -> None:
    for key in value:
        if not isinstance(key, str):
            raise _not_json(way, f"has the key {key!r}, which is no JSON string", "put the key in quotes")
        if not is_json_text(key):
            raise _not_json(way, f"has a key with {_HALF}", _WHOLE)


def _no_scalar(value: Any, way: Any) -> FindingsError:
    if isinstance(value, str):
        return _not_json(way, f"has {_HALF}", _WHOLE)
    kind = type(value).__name__
    article = "an" if kind[0] in "aeiou" else "a"
    return _not_json(way, f"is {article} {kind} that JSON does not have", "put it in quotes")


_HALF, _WHOLE = "half of a surrogate pair, which is no text", "write the whole character, or both halves"
_TOO_LARGE = ("is nested too deeply or too large", "flatten it; an alias in YAML must not contain itself")


def _not_json(way: Any, message: str, remedy: str) -> FindingsError:
    keys: list[Key] = []
    while way is not None:
        key, way = way
        keys.append(key)
    where = where_of(tuple(reversed(keys)))
    return FindingsError([Finding("INVALID_JSON_DESCRIPTION", "error", where, message, remedy)])


def _decode(text: bytes) -> str:
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _unreadable(f"is not UTF-8: byte {problem.start} cannot be read", "save it as UTF-8") from None


def _parse(text: str, file: str, strict: bool) -> Source:
    return _parse_json(text, file, strict) if text.lstrip()[:1] in ("{", "[") else _parse_yaml(text, file, strict)


def _parse_json(text: str, file: str, strict: bool) -> Source:
    try:
        return Source(_json(text, strict), text, file)
    except json.JSONDecodeError as problem:
        quoted = _quoted(text)
        if quoted == text:
            raise _no_json(text, problem) from None
    try:
        return Source(_with_placeholders(_json(quoted)), text, file)
    except json.JSONDecodeError as problem:
        raise _no_json(text, problem) from None


def _no_json(text: str, problem: json.JSONDecodeError) -> FindingsError:
    where = f"line {problem.lineno}, column {problem.colno}"
    said = f"is not JSON: {problem.msg.removesuffix(' at')} at {where}"
    return _unreadable(said, _mend_json(text, problem), problem.lineno, problem.colno)


def _mend_json(text: str, problem: json.JSONDecodeError) -> str:
    rest, before = text[problem.pos :].lstrip(), text[: problem.pos].rstrip()
    if rest[:1] in ("}", "]") and before.endswith(","):
        return "take the comma before it away"
    if rest.startswith(("//", "/*", "#")):
        return "take the comment away: JSON has none; Comment is a field of the States Language"
    return "use double quotes" if rest.startswith("'") else _MEND.get(problem.msg, "mend it there")


_MEND = {
    "Expecting ',' delimiter": "put a comma before it",
    "Expecting ':' delimiter": "put a colon after the name",
    "Expecting property name enclosed in double quotes": "write the name in double quotes",
    "Expecting value": "write a value",
    "Extra data": "take away what follows the last bracket",
    "Unterminated string starting at": "close it with a double quote, on the same line",
}


def _json(text: str, strict: bool = True) -> Json:
    """The value of a JSON text; a template's strings may go over several lines, as CloudFormation takes them."""
    hooks: dict[str, Any] = {"parse_constant": _no_number, "parse_float": _float, "parse_int": _int}
    return json.loads(text, object_pairs_hook=_object, strict=strict, **hooks)


_MARK = "\ue000"  # of Unicode's private use: no definition has it for itself
_QUOTED_OR_PLACEHOLDER = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|\$\{(?P<name>[^"{}\s]+)\}')


def _quoted(text: str) -> str:
    """The text with `${Name}` outside of quotes as a marked string of the same length."""
    if "${" not in text:
        return text
    return _QUOTED_OR_PLACEHOLDER.sub(lambda found: f'"{_MARK}{found["name"]}"' if found["name"] else found[0], text)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _unreadable(f'has the field "{twice}" twice in one object', "keep one of the two")
    return found


def _with_placeholders(value: Json) -> Json:
    """The document with its marked strings as placeholders."""
    if isinstance(value, dict):
        for name in value:
            if name.startswith(_MARK):
                raise _unreadable(f"has the placeholder ${{{name[1:]}}} as a key", "put it in quotes")
        return {name: _with_placeholders(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_placeholders(each) for each in value]
    marked = isinstance(value, str) and value.startswith(_MARK)
    return UnquotedPlaceholder(f"${{{value[1:]}}}") if marked else value


def _no_number(name: str) -> Any:
    raise _unreadable(f"has {name}, which is no JSON value", "write a number")


def _int(digits: str) -> int:
    if len(digits) > 300:
        raise _unreadable(f"is not JSON: has a number of {len(digits)} digits", "write a smaller number")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _unreadable(f"is not JSON: has the number {digits}", "write a smaller number")
    return number


def _parse_yaml(text: str, file: str, strict: bool) -> Source:
    import yaml  # 30 ms that JSON need not wait for

    try:
        loader = _yaml_loader(_may_be_deep(text))(text)
        loader.strict = strict
        try:
            root = loader.get_single_node()
            return Source(loader.construct_document(root) if root else None, text, file, root)
        finally:
            loader.dispose()
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        said = getattr(problem, "problem", None) or "it cannot be read"
        place = (mark.line + 1, mark.column + 1) if mark else ()
        raise _unreadable(f"is neither JSON nor YAML: {said}{where}", _MEND_YAML, *place) from None
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError) as problem:
        raise _unreadable(f"is neither JSON nor YAML: {problem}", "put the value in quotes") from None


_MEND_YAML = "indent with blanks, put a blank after each colon, and close every quote and bracket"
_MOST_OPENED = 2_000
_MOST_MERGED = 100_000  # fields of one object, after merges of merges


def _may_be_deep(text: str) -> bool:
    """Whether collections could be so deep within each other that the parser in C would end Python with them."""
    in_line = re.search(rf"(?:[-?:][ \t]+){{{_MOST_OPENED // 4},}}", text)
    return text.count("[") + text.count("{") > _MOST_OPENED or in_line is not None


@cache
def _yaml_loader(in_python: bool) -> Any:
    """Safe YAML that reads timestamps as the text they are, takes no key twice, and marks unquoted placeholders.

    CloudFormation's short tags are read as their long form: `!Ref X` as {"Ref": "X"}.
    """
    import yaml

    base: Any = yaml.SafeLoader if in_python else getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # either of the two
        strict = True

        def flatten_mapping(self, node: Any) -> None:
            """Takes merges in; before that, the keys are those that stand in the text."""
            flat = self.__dict__.setdefault("flat", set())
            if id(node) in flat:
                return
            flat.add(id(node))
            seen = set()
            for key, _ in node.value if self.strict else ():
                if key.tag.endswith(":str") and key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f'the field "{key.value}" stands twice in one object', key.start_mark
                    )
                seen.add(key.value if isinstance(key.value, str) else id(key))
            super().flatten_mapping(node)
            if len(node.value) > _MOST_MERGED:
                raise yaml.constructor.ConstructorError(None, None, "merges come to too much", node.start_mark)

    Loader.yaml_implicit_resolvers = {
        mark: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for mark, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_constructor("tag:yaml.org,2002:str", _construct_text)
    Loader.add_multi_constructor("!", _construct_short_tag)
    return Loader


def _construct_text(loader: Any, node: Any) -> str:
    text: str = loader.construct_scalar(node)
    return UnquotedPlaceholder(text) if not node.style and is_placeholder(text) else text


def _construct_short_tag(loader: Any, suffix: str, node: Any) -> dict[str, Json]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if node.id == "scalar":
        return {name: loader.construct_scalar(node)}
    if node.id == "sequence":
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


def _unreadable(message: str, remedy: str, line: int | None = None, column: int | None = None) -> FindingsError:
    where = Where(place=Place("", line, column) if line else None)
    return FindingsError([Finding("INVALID_JSON_DESCRIPTION", "error", where, message, remedy)])
