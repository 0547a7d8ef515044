"""JSONPath as the service evaluates it: like Jayway's JsonPath, where a definite path has one value or fails.

A path begins with `$` (the state's data), `$$` (the context object) or `$name` (a variable). One of names and indexes
alone is followed here, the others in evaluation.py. The modules for those are imported when a path needs them, since
most definitions have none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.problems import NullInput, PathNotFound, SyntaxProblem
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

Step = str | int

_ROOT = lazy_regex(r"\$(?:(?P<context>\$)|(?P<variable>[^\W\d]\w*))?")
_PLAIN = lazy_regex(r"\.([\w$@-]+)|\[([0-9]{1,9})\]|\['([^'\\]*)'\]")
_PLAIN_PATH = lazy_regex(f"(?:{_PLAIN.pattern})*")
_LONGEST = 2_000
MOST_PATHS = 16_384  # about as many as fit into a definition, which has at most 1 MB: each rule goes over all


class Path(Record):
    """A parsed path. `steps` has the names and indexes of a reference path; it is None for any other."""

    text: str
    root: str  # "$", "$$", or a variable's name
    steps: tuple[Step, ...] | None
    query: Callable[[Json], Json] | None = None
    function: str | None = None  # a step that looks like a call of a function, which the service takes for a name

    def read(self, data: Json, context: Callable[[], Json], variables: Mapping[str, Json]) -> Json:
        """Return the value, or the list of values of an indefinite path. Raises PathNotFound or EvaluationProblem."""
        return self.follow(self.root_value(data, context, variables))

    def root_value(self, data: Json, context: Callable[[], Json], variables: Mapping[str, Json]) -> Json:
        """Return the state's data, the context object or a variable. Raises PathNotFound for null or no variable."""
        if self.root == "$":
            if data is None:
                raise NullInput
            return data
        if self.root == "$$":
            return context()
        if self.root not in variables:
            raise PathNotFound(f"The variable '{self.root}' referenced by '{self.text}' could not be found")
        return variables[self.root]

    def follow(self, value: Json) -> Json:
        """Return the value of the path below the value of its root. Raises PathNotFound or EvaluationProblem."""
        if self.steps is None:
            return self.query(value) if self.query else value
        root = value
        try:
            for step in self.steps:
                if isinstance(value, dict) or (isinstance(value, list) and step.__class__ is int):
                    value = value[step]  # type: ignore[index]  # mypy does not see that a list's step is an int
                else:
                    raise LookupError
        except LookupError:
            raise PathNotFound(_not_found(self.steps, root)) from None
        return value

    @property
    def is_reference(self) -> bool:
        """True for a reference path, which names exactly one node (States Language, "Reference Paths")."""
        return self.steps is not None


def _not_found(steps: tuple[Step, ...], value: Json) -> str:
    """The message of the service's JSONPath library for the first step that a value lacks."""
    for depth, step in enumerate(steps):
        before, here = _bracketed(steps[:depth]), _bracketed(steps[: depth + 1])
        if isinstance(step, int):
            if value is None:
                return f"The path {before} is null"
            if not isinstance(value, list):
                return f"Filter: {_bracketed(steps[depth:])[1:]} can only be applied to arrays"
            if not -len(value) <= step < len(value):
                return f"Index out of bounds when evaluating path {here}"
            value = value[step]
            continue
        if not isinstance(value, dict):
            return f"Property ['{step}'] not found in path {before}"
        if step not in value:
            return f"Missing property in path {here}" if depth < len(steps) - 1 else f"No results for path: {here}"
        value = value[step]
    raise AssertionError("every step has a value")


def _bracketed(steps: Iterable[Step]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f"['{step}']" for step in steps)


@lru_cache(maxsize=MOST_PATHS)
def parse_path(text: str) -> Path:
    """Parse a path. Raises SyntaxProblem."""
    root = _ROOT.match(text)
    if not root:
        raise SyntaxProblem(f"{text!r} does not begin with $")
    if len(text) > _LONGEST:
        raise SyntaxProblem(f"a path of {len(text)} characters is longer than {_LONGEST}")
    name = "$$" if root["context"] else root["variable"] or "$"
    if _PLAIN_PATH.fullmatch(text, root.end()):
        found = _PLAIN.findall(text, root.end())
        return Path(text, name, tuple(int(index) if index else field or quoted for field, index, quoted in found))
    return _parse_any(text, name, root.end())


def _parse_any(text: str, name: str, start: int) -> Path:
    from workflow_dsl.expressions.jsonpath.evaluation import Query
    from workflow_dsl.expressions.jsonpath.nodes import called_function, keys_of
    from workflow_dsl.expressions.jsonpath.parser import read_steps

    try:
        nodes = read_steps(text.rstrip(" "), start)
        steps = keys_of(nodes)
        return Path(text, name, steps, Query(text, nodes) if steps is None else None, called_function(nodes))
    except SyntaxProblem as problem:
        raise SyntaxProblem(f"{text!r} is not a JSONPath: {problem}") from None


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
