"""JSONPath as the service evaluates it: like Jayway's JsonPath, where a definite path has one value or fails.

Definite paths are evaluated here. Indefinite ones (wildcards, slices, filters, deep scans) have a list of values and
are evaluated by `python-jsonpath`, imported when first needed. A path begins with `$` (the state's data), `$$` (the
context object) or `$name` (a variable).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound, SyntaxProblem

Step = str | int

_ROOT = re.compile(r"\$(?:(?P<context>\$)|(?P<variable>[^\W\d]\w*))?")
_STEP = re.compile(
    r"""\.(?P<name>@?[^\s.\[\]()*,'"?@]+)
    | \.?\[\s*(?:'(?P<single>(?:[^'\\]|\\.)*)' | "(?P<double>(?:[^"\\]|\\.)*)" | (?P<index>-?[0-9]{1,9}))\s*\]""",
    re.VERBOSE,
)
_FROM_THE_END = re.compile(r"\[\(\s*@\.length(?:\(\))?\s*-\s*([0-9]{1,9})\s*\)\]")
_FUNCTION = re.compile(r"\.(length|min|max|avg|sum|stddev|keys|first|last)\(\)$")
# Jayway's operators in filters and its functions with arguments: valid paths, but not supported here.
_UNSUPPORTED = r"\?\(.*\s(?:nin|subsetof|anyof|noneof|size|empty)\s|\.(?:concat|append|index)\([^()]*\)$"
# Syntax that the service accepts and python-jsonpath does not: `.[`, names after a dot that are not identifiers, and a
# word without quotes after a comparison (aws-samples, step-functions-workflows-collection, parallel-translate). Strings
# and regular expressions match first and stay as they are. Compiled for the first indefinite path.
_JAYWAY = r"""(?x)(?P<literal>'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | =~\s*/(?:[^/\\]|\\.)*/\w*)
    | (?P<bracket>(?<!\.)\.(?=\[))
    | (?P<compared>[=!<>]=?\s*)(?P<word>(?!(?:true|false|null)\b)[A-Za-z_]\w*)(?=\s*[)&|])
    | (?P<dots>\.{1,2})(?P<name>[^\s.\[\]()*,'"?@=<>!&|]*[^\w\s.\[\]()*,'"?@=<>!&|][^\s.\[\]()*,'"?@=<>!&|]*)"""
_OWN_FUNCTION = r"\b(?:search|match|count|value|isinstance|is|typeof|startswith)\s*\("
_LONGEST = 2_000
REGEX_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path. `steps` has the keys and indices of a definite path; it is None for an indefinite one."""

    text: str
    root: str  # "$", "$$", or a variable's name
    steps: tuple[Step, ...] | None
    query: Callable[[Json], Json] | None = None

    def read(self, data: Json, context: Callable[[], Json], variables: Mapping[str, Json]) -> Json:
        """Return the value, or the list of values of an indefinite path. Raises PathNotFound or EvaluationProblem."""
        return self.follow(self.root_value(data, context, variables))

    def root_value(self, data: Json, context: Callable[[], Json], variables: Mapping[str, Json]) -> Json:
        """Return the state's data, the context object or a variable. Raises PathNotFound for an unknown variable."""
        if self.root == "$":
            return data
        if self.root == "$$":
            return context()
        if self.root not in variables:
            raise PathNotFound(f"The variable '{self.root}' referenced by '{self.text}' could not be found")
        return variables[self.root]

    def follow(self, value: Json) -> Json:
        """Return the value of the path below the value of its root. Raises PathNotFound or EvaluationProblem."""
        if self.query is not None:
            return self.query(value)
        for depth, step in enumerate(self.steps or ()):
            try:
                value = _child(value, step)
            except (LookupError, TypeError):
                raise PathNotFound(_not_found(self.steps or (), depth, value)) from None
        return value

    @property
    def is_reference(self) -> bool:
        """True for a reference path, which names exactly one node (States Language, "Reference Paths")."""
        return self.steps is not None


def _child(value: Json, step: Step) -> Json:
    if isinstance(value, dict):
        return value[step]
    if isinstance(value, list) and isinstance(step, int):
        return value[step]
    raise TypeError


def _not_found(steps: tuple[Step, ...], depth: int, value: Json) -> str:
    """The message of the service's JSONPath library."""
    if isinstance(steps[depth], int) and isinstance(value, list):
        return f"Index out of bounds when evaluating path {_bracketed(steps[: depth + 1])}"
    if depth < len(steps) - 1 and isinstance(value, dict):
        return f"Missing property in path {_bracketed(steps[: depth + 1])}"
    return f"No results for path: {_bracketed(steps[: depth + 1])}"


def _bracketed(steps: Iterable[Step]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f"['{step}']" for step in steps)


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Parse a path. Raises SyntaxProblem."""
    plain = _FROM_THE_END.sub(r"[-\1]", text)
    root = _ROOT.match(plain)
    if not root:
        raise SyntaxProblem(f"{text!r} does not begin with $")
    name = "$$" if root["context"] else root["variable"] or "$"
    steps = _definite(plain, root.end())
    if steps is not None:
        return Path(text, name, steps)
    return Path(text, name, None, _query("$" + plain[root.end() :]))


def _definite(text: str, start: int) -> tuple[Step, ...] | None:
    steps: list[Step] = []
    while start < len(text):
        match = _STEP.match(text, start)
        if not match:
            return None
        start = match.end()
        if match["index"] is not None:
            steps.append(int(match["index"]))
        else:
            quoted = match["single"] if match["single"] is not None else match["double"]
            steps.append(match["name"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
    return tuple(steps)


def _query(text: str) -> Callable[[Json], Json]:
    """An indefinite path as a function; a function at its end is applied to the value of the path before it."""
    if len(text) > _LONGEST:
        raise SyntaxProblem(f"a path of {len(text)} characters is longer than {_LONGEST}")
    function = _FUNCTION.search(text)
    if function:
        inner = parse_path(text[: function.start()])
        return lambda value: _apply(function[1], inner.follow(value))
    if re.search(_UNSUPPORTED, text):
        return _refuse_unsupported
    compiled = _compile(text)

    def find(value: Json) -> Json:
        try:
            return compiled.findall(value) if isinstance(value, (dict, list)) else []
        except (RecursionError, TimeoutError) as problem:
            raise EvaluationProblem(f"The path {text} cannot be evaluated: {problem}") from None

    return find


def _refuse_unsupported(_: Json) -> Json:
    raise EvaluationProblem("the path has an operator or a function that is not supported locally")


def _compile(text: str) -> Any:
    from jsonpath import JSONPathError  # lazy import: 40 ms, not needed by most workflows

    if re.search(_OWN_FUNCTION, re.sub(r"'[^']*'|\"[^\"]*\"|/[^/]*/", "", text)):
        raise SyntaxProblem(f"{text!r} calls a function that the service does not have")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # re warns about some regular expressions in paths
            return _environment().compile(re.sub(_JAYWAY, _to_python_jsonpath, text))
    except (JSONPathError, RecursionError, re.error) as problem:
        raise SyntaxProblem(f"{text!r} is not a JSONPath: {str(problem).partition(chr(10))[0]}") from None


def _to_python_jsonpath(match: re.Match[str]) -> str:
    if match["literal"] is not None:
        return match[0]
    if match["bracket"] is not None:
        return ""
    if match["word"] is not None:
        return f"{match['compared']}'{match['word']}'"
    return f"{match['dots'] if len(match['dots']) == 2 else ''}['{match['name']}']"


@cache
def _environment() -> Any:
    import regex
    from jsonpath import JSONPathEnvironment

    class Environment(JSONPathEnvironment):
        """JSONPath in which a regular expression from a definition or its data has a second, then the path fails."""

        def compare(self, left: object, operator: str, right: object) -> bool:
            if operator == "=~" and isinstance(right, re.Pattern) and isinstance(left, str):
                pattern = regex.compile(right.pattern, right.flags & (re.IGNORECASE | re.MULTILINE | re.DOTALL))
                return bool(pattern.fullmatch(left, timeout=REGEX_SECONDS))
            return super().compare(left, operator, right)

    return Environment()


def _apply(name: str, value: Json) -> Json:
    if name == "length":
        return len(value) if isinstance(value, (list, dict, str)) else 0
    if name in ("first", "last"):
        if not isinstance(value, list) or not value:
            raise EvaluationProblem(f"{name}() needs an array that is not empty")
        return value[0 if name == "first" else -1]
    if name == "keys":
        if not isinstance(value, dict):
            raise EvaluationProblem("keys() needs an object")
        return list(value)
    items = value if isinstance(value, list) else []
    numbers = [item for item in items if isinstance(item, (int, float)) and not isinstance(item, bool)]
    if not numbers:
        raise EvaluationProblem(f"{name}() was attempted on an empty array")
    try:
        return _AGGREGATES[name](numbers)
    except OverflowError as problem:
        raise EvaluationProblem(f"{name}(): {problem}") from None


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def _deviation(numbers: list[float]) -> float:
    mean = _mean(numbers)
    return float(_mean([(number - mean) ** 2 for number in numbers]) ** 0.5)


_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "avg": _mean,
    "max": max,
    "min": min,
    "stddev": _deviation,
    "sum": sum,
}


def with_value(document: Json, steps: tuple[Step, ...], value: Json) -> Json:
    """Return a copy of the document with the value at a reference path, whose missing objects are created.

    Raises PathNotFound if the path goes through a value that is not an object, or past the end of a list.
    """
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        if not isinstance(document, list) or not -len(document) <= step < len(document):
            raise PathNotFound(f"Index {step} is not in the input")
        return [
            *document[:step],
            with_value(document[step], rest, value),
            *document[step + 1 if step != -1 else len(document) :],
        ]
    if not isinstance(document, dict):
        raise PathNotFound(f"{step!r} cannot be set in a value that is not an object")
    return {**document, step: with_value(document.get(step, {}), rest, value)}
