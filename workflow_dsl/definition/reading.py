"""JSON or YAML text to a document with the place of each value, or to one finding about the text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable
from contextlib import suppress
from functools import cached_property
from typing import Any

from workflow_dsl.definition.embedded import Embedded, embedded
from workflow_dsl.definition.json import DEEPEST, Json, is_json_scalar, is_json_text
from workflow_dsl.definition.json_reading import parse_json, quote_placeholders, repeated_fields, unreadable
from workflow_dsl.definition.machine import to_where
from workflow_dsl.definition.spans import Spans, node_at, spans_in_json, spans_in_yaml
from workflow_dsl.definition.yaml_reading import parse_yaml
from workflow_dsl.findings import Finding, FindingsError, Key, Keys, Place, Where
from workflow_dsl.records import Record, field, replace
from workflow_dsl.regexes import lazy_regex

_LINE_END = lazy_regex(r"\r\n|[\n\r]")
_FUNCTION = lazy_regex(r"\bFn::|\bRef\b|![A-Z]")


class Source(Record, slots=False):
    """A document and its text; `file` is the file's name as messages print it."""

    document: Json
    text: str = ""
    file: str = ""
    _root: Any = field(default=None, repr=False)  # the YAML node of the whole text; None for JSON
    _prefix: Keys = ()  # the keys of the document in the text, which can contain more
    _embedded: Embedded | None = None  # the places of the text's characters, where it is a part of a file

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without line ends."""
        return _LINE_END.split(self.text)

    @property
    def is_json(self) -> bool:
        """True for JSON text, where a placeholder without quotes becomes a value of any type."""
        return self._root is None and bool(self.text)

    @property
    def repeated_fields(self) -> list[Keys]:
        """The keys of the fields that the JSON text has more than once in an object; none for a part of a text."""
        if not self.is_json or self.is_part:
            return []
        with suppress(ValueError):  # text in a template is not JSON without the values of its references
            return repeated_fields(self.text)
        return []

    @property
    def calls_functions(self) -> bool:
        """True if the text may call a function of CloudFormation."""
        return _FUNCTION.search(self.text) is not None

    @property
    def is_plain_json(self) -> bool:
        """True for JSON text in ASCII without \\u escapes and with too few brackets to be nested too deeply."""
        text = self.text
        has_few_brackets = text.count("{") + text.count("[") < DEEPEST
        return self._root is None and has_few_brackets and text.isascii() and "\\u" not in text

    def places(self, all_keys: Iterable[Keys], at_keys: Container[Keys] = ()) -> dict[Keys, Place]:
        """Return the place of each value: its own if it is a scalar, else that of its key.

        For the keys in `at_keys` it is always that of the key. Keys without a place are left out.
        """
        in_text = {keys: (*self._prefix, *keys) for keys in all_keys}
        spans = self._spans(in_text.values())
        with_spans = ((keys, spans[whole]) for keys, whole in in_text.items() if whole in spans)
        return {keys: self._place(*(key if keys in at_keys else value)) for keys, (key, value) in with_spans}

    def _spans(self, all_keys: Iterable[Keys]) -> dict[Keys, Spans]:
        if self._root is not None:
            return spans_in_yaml(self._root, all_keys)
        try:
            return spans_in_json(self._scannable, all_keys)
        except (LookupError, ValueError):
            if self._embedded is None:
                raise
            return {}  # without the values of its references the text is not JSON

    def subdocument(self, *keys: Key) -> Source:
        """Return the part of the document at these keys; its places are those in the whole text."""
        document = self.document
        for key in keys:
            document = document[key]
        return replace(self, document=document, _prefix=(*self._prefix, *keys))

    def node(self, *keys: Key) -> Any:
        """The YAML node of the value at these keys; None for JSON, and without such a value."""
        return node_at(self._root, (*self._prefix, *keys)) if self._root is not None else None

    @property
    def is_part(self) -> bool:
        """True if the text contains more than the document."""
        return bool(self._prefix)

    def embedded(self, *keys: Key) -> Embedded | None:
        """The text at these keys and the places of its lines; None for JSON, and for a value that is not a string."""
        node = self.node(*keys)
        return embedded(node, self.lines) if node is not None else None

    def with_places(self, findings: list[Finding]) -> list[Finding]:
        """Return the findings with line and column, if the text has a file name."""
        if not self.file or not findings:
            return findings
        at_keys = {finding.where.keys for finding in findings if finding.where.at_key}
        places = self.places((finding.where.keys for finding in findings), at_keys)
        return [finding.at(places.get(finding.where.keys)) for finding in findings]

    @cached_property
    def _scannable(self) -> str:
        return quote_placeholders(self.text)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def _place(self, start: int, end: int) -> Place:
        if self._embedded:
            return Place(self.file, *self._embedded.place(start), max(end - start, 1))
        line = bisect_right(self._line_starts, start)
        return Place(self.file, line, start - self._line_starts[line - 1] + 1, max(end - start, 1))


def read_embedded(document: Any, text: Embedded, file: str) -> Source:
    """Return a document whose text is a part of a file, with the places in the file."""
    return Source(document, text.text, file, _embedded=text)


def read(document: Any) -> dict[str, Json]:
    """Return the definition in a string, bytes or dict. Raises FindingsError as `read_source` does."""
    definition: dict[str, Json] = read_source(document).document
    return definition


def read_source(document: Any, file: str = "", *, strict: bool = True, only_json: bool = False) -> Source:
    """Return the document in a string, bytes (UTF-8) or dict. Raises FindingsError, placed in the file.

    Strict, it is refused if it is not an object or if YAML has a key twice. Templates are not strict, as CloudFormation
    allows both. JSON can have a field twice in an object, where the last counts. Refused in any case: what JSON cannot
    represent, and text that is nested too deeply or too large. `only_json`: YAML is refused too.
    """
    try:
        text = _decode(document) if isinstance(document, bytes) else document
        source = _parse(text, file, strict, only_json) if isinstance(text, str) else Source(text, file=file)
        if strict and not isinstance(source.document, dict):
            raise unreadable("Definition must be a valid JSON object", 'begin with {"StartAt": ..., "States": {...}}')
        if isinstance(source.document, dict) and not (source.text and source.is_plain_json):
            _refuse_what_json_cannot_represent(source.document)
    except RecursionError:
        finding = Finding("TOO_DEEPLY_NESTED", "error", Where(), *_TOO_LARGE)
        raise FindingsError([_in_file(finding, file)]) from None
    except FindingsError as problem:
        raise FindingsError(_in_file(finding, file) for finding in problem.findings) from None
    return source


def _in_file(finding: Finding, file: str) -> Finding:
    """The finding with the file's name, beside the line and column if the parser set them."""
    place = finding.where.place
    if not file:
        return replace(finding, where=replace(finding.where, place=None))
    return finding.at(Place(file, place.line, place.column) if place else Place(file))


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise unreadable(f"is not UTF-8: byte {problem.start} cannot be read", "save it as UTF-8") from None


def _parse(text: str, file: str, strict: bool, only_json: bool) -> Source:
    if text.lstrip()[:1] not in ("{", "["):
        if only_json:
            raise unreadable("is not JSON", "write it in JSON, or as an object under Definition")
        return _in_yaml(text, file, strict)
    try:
        return Source(parse_json(text, strict=strict), text, file)
    except FindingsError:
        if not only_json and file.lower().endswith((".yaml", ".yml")):
            with suppress(FindingsError):  # YAML in braces, such as JSON with comments
                return _in_yaml(text, file, strict)
        raise


def _in_yaml(text: str, file: str, strict: bool) -> Source:
    document, root = parse_yaml(text, strict=strict)
    return Source(document, text, file, root)


def is_template(document: Json) -> bool:
    """True for a SAM or CloudFormation template, False for a definition."""
    if not isinstance(document, dict) or "States" in document:
        return False
    sections = ("AWSTemplateFormatVersion", "Transform")
    return isinstance(document.get("Resources"), dict) or any(section in document for section in sections)


_MOST_VALUES = 2_000_000  # far beyond the service's 1 MB; a few lines of YAML aliases can expand to more
_SURROGATE = "an unpaired UTF-16 surrogate, which is not valid text", "write the whole character, or both surrogates"
_TOO_LARGE = ("is nested too deeply or too large", "flatten it; an alias in YAML must not contain itself")


def _refuse_what_json_cannot_represent(document: dict[str, Json]) -> None:
    """Refuse dates, sets, NaN, keys that are not strings, invalid Unicode, and documents without end."""
    waiting: list[tuple[Json, Any, int]] = [(document, None, 0)]  # with the path to it, as (key, path to the parent)
    count = 0
    while waiting:
        value, path, depth = waiting.pop()
        count += 1
        if count > _MOST_VALUES or depth > DEEPEST:
            raise FindingsError([Finding("TOO_DEEPLY_NESTED", "error", Where(), *_TOO_LARGE)])
        if isinstance(value, dict):
            _refuse_keys_that_json_cannot_represent(value, path)
        members: Iterable[tuple[Key, Json]] = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in members:
            if isinstance(member, (dict, list)):
                waiting.append((member, (key, path), depth + 1))
            elif not is_json_scalar(member):
                raise _not_a_scalar(member, (key, path))
        count += len(value)


def _refuse_keys_that_json_cannot_represent(value: dict[Any, Json], path: Any) -> None:
    for key in value:
        if not isinstance(key, str):
            raise _not_json(path, f"has the key {key!r}, which is not a string", "put the key in quotes")
        if not is_json_text(key):
            raise _not_json(path, f"has a key with {_SURROGATE[0]}", _SURROGATE[1])


def _not_a_scalar(value: Any, path: Any) -> FindingsError:
    if isinstance(value, str):
        return _not_json(path, f"has {_SURROGATE[0]}", _SURROGATE[1])
    kind = type(value).__name__
    article = "an" if kind[0] in "aeiou" else "a"
    return _not_json(path, f"is {article} {kind} that JSON cannot represent", "put it in quotes")


def _not_json(path: Any, message: str, remedy: str) -> FindingsError:
    keys: list[Key] = []
    while path is not None:
        key, path = path
        keys.append(key)
    where = to_where(tuple(reversed(keys)))
    return FindingsError([Finding("INVALID_JSON_DESCRIPTION", "error", where, message, remedy)])
