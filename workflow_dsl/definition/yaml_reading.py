"""YAML text to a document and its syntax tree, which has the place of every value."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from workflow_dsl.definition.json import DEEPEST, Json
from workflow_dsl.definition.json_reading import unreadable
from workflow_dsl.definition.placeholders import UnquotedPlaceholder, is_placeholder
from workflow_dsl.light_imports import light_imports
from workflow_dsl.regexes import lazy_regex

_LONGEST = 2_000_000  # the service takes 1 MB, and PyYAML reads 1 MB a second
_MOST_MERGED = 100_000  # fields in all objects with merges, after merges of merges
_OPENED_IN_LINE = lazy_regex(r"(?:[-?:][ \t]++)++")  # possessive: linear in the length of the text


def parse_yaml(text: str, *, strict: bool = True) -> tuple[Json, Any]:
    """Return the document of YAML text and its root node. Raises FindingsError with the place of the first mistake.

    Raises RecursionError for text that is nested too deeply. An empty text gives None for both. Not strict, a key can
    occur twice in a mapping, as CloudFormation allows.
    """
    yaml = _yaml()
    if len(text) > _LONGEST:
        raise unreadable(f"has more than {_LONGEST:,} characters of YAML", "write it as JSON, or shorten it")
    try:
        if _may_be_deep(text) and _is_deep(text):
            raise RecursionError
        loader = _yaml_loader()(text)
        loader.strict = strict
        try:
            root = loader.get_single_node()
            return (loader.construct_document(root) if root else None), root
        finally:
            loader.dispose()
    except yaml.YAMLError as problem:
        message, remedy, line, column = _explain(problem, text)
        where = f" at line {line}, column {column}" if line else ""
        raise unreadable(f"is neither JSON nor YAML: {message}{where}", remedy, line, column) from None
    except (ValueError, LookupError, AttributeError, TypeError, OverflowError) as problem:
        raise unreadable(f"is neither JSON nor YAML: {problem}", "put the value in quotes") from None


_REMEDY = "indent with spaces, put a space after each colon, and close every quote and bracket"
_ALIGN = "indent the line like the others of its block, or put the whole value in quotes"

# A part of the parser's message (that of libyaml, and that of PyYAML where it differs): what is wrong, what to write.
_MISTAKES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("mapping values are not allowed",), "a colon where none is allowed", _ALIGN),
    (("did not find expected key", "'-' indicator", "expected <block end>"), "text that does not fit there", _ALIGN),
    (("could not find expected ':'",), "a name without a colon", "write NAME: VALUE"),
    (("expected node content", "expected the node content"), "a missing value or bracket", "add it"),
    (("undefined alias",), "an alias that is not defined", "define it with &NAME, or put the value in quotes"),
    (("expected ',' or",), "a missing comma or bracket", "add it, or put the value in quotes"),
    (("another document",), "a second document", "keep one, and remove the line ---"),
    (("unknown escape character",), "an unknown escape sequence", "use single quotes, or write \\\\ for a backslash"),
    (("occurs twice in one object",), "", "keep one of the two"),
)


def _explain(problem: Any, text: str) -> tuple[str, str, int, int]:
    """The mistake, what to write instead, and the line and column, which count from 1; 0 if unknown."""
    words = getattr(problem, "problem", None) or "it cannot be parsed"
    mark = getattr(problem, "problem_mark", None)
    if mark is None:
        return words, _REMEDY, 0, 0
    opened = getattr(problem, "context_mark", None)
    if opened and "expected ':'" in words:
        mark = opened
    elif opened and _is_left_open(words, opened.line < mark.line):
        character = text[opened.index]
        kind = "quote" if character in "'\"" else "bracket"
        return f"an open {kind} {character}", "close it", opened.line + 1, opened.column + 1
    return *_explain_words(words, text[mark.index : mark.index + 1]), mark.line + 1, mark.column + 1


def _is_left_open(words: str, is_on_earlier_line: bool) -> bool:
    is_bracket = "expected ',' or" in words and is_on_earlier_line  # in one line, a comma or a quote may be missing
    return is_bracket or "unexpected end of stream" in words


def _explain_words(words: str, character: str) -> tuple[str, str]:
    if "cannot start any token" in words and character == "\t":
        return "a tab as indentation", "indent with spaces"
    if "cannot start any token" in words:
        return f"a value that begins with {character}", "put it in quotes"
    for parts, message, remedy in _MISTAKES:
        if any(part in words for part in parts):
            return message or words, remedy
    return words, _REMEDY


@cache
def _yaml() -> Any:
    """PyYAML, not needed for JSON. Half of its patterns, as that of all characters of Unicode, are never used here."""
    with light_imports("base64", "binascii"):
        import yaml
    return yaml


def _may_be_deep(text: str) -> bool:
    """True if collections could be nested so deeply that PyYAML's parser in C would crash the process."""
    in_line = max((len(match[0].split()) for match in _OPENED_IN_LINE.finditer(text)), default=0)
    return text.count("[") + text.count("{") > DEEPEST or in_line > DEEPEST


def _is_deep(text: str) -> bool:
    """True if collections are nested more deeply than JSON allows. The parser's events come without recursion."""
    yaml, depth = _yaml(), 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return True
    return False


@cache
def _yaml_loader() -> Any:
    """A safe loader: timestamps stay strings, a repeated key is an error, and unquoted placeholders are marked.

    CloudFormation's short tags become their long form: `!Ref X` becomes {"Ref": "X"}.
    """
    yaml = _yaml()
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # the base class is one of two
        strict = True
        merged = 0

        def flatten_mapping(self, node: Any) -> None:
            """Merge `<<` fields in, once for each node. Before the merge its keys are those in the text."""
            flattened = self.__dict__.setdefault("flattened", set())
            if id(node) in flattened:
                return
            flattened.add(id(node))
            if self.strict:
                _refuse_repeated_keys(node)
            else:
                _read_keys_as_text(node)
            before = len(node.value)
            super().flatten_mapping(node)
            self.merged += len(node.value) - before
            if self.merged > _MOST_MERGED:
                message = f"YAML merge keys (<<) expand to more than {_MOST_MERGED:,} fields"
                raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_constructor("tag:yaml.org,2002:str", _construct_text)
    for kind, construct in (("int", base.construct_yaml_int), ("float", base.construct_yaml_float)):
        Loader.add_constructor(f"tag:yaml.org,2002:{kind}", _construct_number(construct))
    Loader.add_multi_constructor("!", _construct_short_tag)
    return Loader


def _read_keys_as_text(node: Any) -> None:
    """Let `On:` and `64:` be names, as CloudFormation reads them, where YAML 1.1 has a boolean and a number."""
    for key, _ in node.value:
        if key.tag in _READ_AS_NAMES:
            key.tag = "tag:yaml.org,2002:str"


_READ_AS_NAMES = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "float"))


def _refuse_repeated_keys(node: Any) -> None:
    from yaml.constructor import ConstructorError

    names: set[str] = set()
    for key, _ in node.value:
        if key.tag.endswith(":str") and key.value in names:
            raise ConstructorError(None, None, f'the field "{key.value}" occurs twice in one object', key.start_mark)
        if isinstance(key.value, str):
            names.add(key.value)


def _construct_text(loader: Any, node: Any) -> str:
    text: str = loader.construct_scalar(node)
    return UnquotedPlaceholder(text) if not node.style and is_placeholder(text) else text


_MOST_DIGITS = 300


def _construct_number(construct: Callable[[Any, Any], Json]) -> Callable[[Any, Any], Json]:
    """The constructor of numbers, which takes quadratic time for parts in base 60: `1:30:00`."""

    def construct_number(loader: Any, node: Any) -> Json:
        if len(node.value) > _MOST_DIGITS:
            raise unreadable(f"has a number of {len(node.value)} characters", "put it in quotes")
        return construct(loader, node)

    return construct_number


def _construct_short_tag(loader: Any, suffix: str, node: Any) -> dict[str, Json]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if node.id == "scalar":
        return {name: loader.construct_scalar(node)}
    if node.id == "sequence":
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}
