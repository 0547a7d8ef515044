"""Rules: small generators of problems, each registered with its code, its severity and AWS's page about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal, TypeVar

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State, lazy
from workflow_dsl.findings import Finding, Severity, Where
from workflow_dsl.records import Record
from workflow_dsl.shapes.declared import NOTHING_DECLARED, Declared

Type = Literal["STANDARD", "EXPRESS"]
_Result = TypeVar("_Result")
SCHEMA_VALIDATION_FAILED = "SCHEMA_VALIDATION_FAILED"  # the service's code for most definitions that it refuses


def spec_url(section: str) -> str:
    """The address of a section of the States Language."""
    return f"https://states-language.net/spec.html#{section}"


def guide_url(page: str) -> str:
    """The address of a page of the Step Functions developer guide."""
    file, _, section = page.partition("#")
    return f"https://docs.aws.amazon.com/step-functions/latest/dg/{file}.html{'#' if section else ''}{section}"


class Problem(Record):
    """A problem that a rule finds: its place, what is wrong, and what to write instead; `is_note` makes it a note."""

    where: Where
    message: str
    remedy: str = ""
    is_note: bool = False


def _misplaced_language(machine: Machine) -> Json:
    """The QueryLanguage that stands among the states by mistake: one finding says so, and not one for each state."""
    states = machine.fields.get("States")
    language = states.get("QueryLanguage") if isinstance(states, dict) else None
    return language if isinstance(language, str) else None


# A definition has one of these features only if its text contains one of the marks.
_MARKS = {"Placeholder": ("${",), "ContextObject": ("$$", "$states.context")}


class Definition:
    """The input of the rules: a machine of any shape, its type, and its states by type and query language.

    `substitutions` holds the names of the template's substitutions; None if the template is unknown. `declared` is what
    handlers and others declare of the values that pass the states.
    """

    def __init__(
        self,
        machine: Machine,
        type_: Type = "STANDARD",
        substitutions: Collection[str] | None = None,
        *,
        text: str | None = None,
        declared: Declared = NOTHING_DECLARED,
    ) -> None:
        self.declared = declared
        self.machine = machine
        self.type = type_
        self.substitutions = substitutions
        self.language: Json = machine.fields.get("QueryLanguage", _misplaced_language(machine) or "JSONPath")
        self.states: list[State] = []
        self.scopes = [machine]
        self.jsonpath_states: list[State] = []
        self.jsonata_states: list[State] = []
        self._by_type: dict[str, list[State]] = {}
        self._text = text
        self._results: dict[Callable[..., object], list[Any]] = {}
        self._walk()

    def _walk(self) -> None:
        """List the states, nested ones right after the state that contains them, and their scopes."""
        waiting = list(self.machine.states.values())[::-1]
        while waiting:
            state = waiting.pop()
            self.states.append(state)
            language, type_ = self.language_of(state), state.type
            if language == "JSONPath":
                self.jsonpath_states.append(state)
            elif language == "JSONata":
                self.jsonata_states.append(state)
            self._by_type.setdefault(type_ if isinstance(type_, str) else "", []).append(state)
            if state.nested:
                self.scopes += state.nested
                waiting += [inner for scope in state.nested for inner in scope.states.values()][::-1]

    def language_of(self, state: State) -> Json:
        """A state's own query language, or else the machine's; nested states do not inherit that of the outer state."""
        return state.fields.get("QueryLanguage", self.language)

    @lazy
    def text(self) -> str:
        """The deployed text: as it was read, or as it would be written."""
        return self.machine.to_text() if self._text is None else self._text

    def states_of_type(self, type_: str) -> list[State]:
        """Return the states of one type, in document order."""
        return self._by_type.get(type_, [])

    def features(self) -> set[str]:
        """The features that rules apply to: state types, query languages, fields of states, and a few of their own."""
        names: set[str] = set()
        for state in self.states:
            names.update(state.fields)
        for field in ("Catch", "Choices"):
            if field in names:
                names.update(name for state in self.states for _, item in state.items_of(field) for name in item)
        present = {
            "JSONPath": self.jsonpath_states,
            "JSONata": self.jsonata_states,
            "Expression": self.jsonata_states or self._contains(("{%",)),
            "Nested": len(self.scopes) > 1,
            "Handler": "Retry" in names or "Catch" in names,
            "Error": not names.isdisjoint(("Retry", "Catch", "Error")),
            **{name: self._contains(marks) for name, marks in _MARKS.items()},
            "Integration": any(
                ":states:" in str(state.fields.get("Resource")) for state in self.states_of_type("Task")
            ),
        }
        names.update(name for name, is_present in present.items() if is_present)
        names.update(self._by_type, ("", self.type))
        return names

    def _contains(self, marks: tuple[str, ...]) -> bool:
        return self._text is None or any(mark in self._text for mark in marks)

    def memo(self, function: Callable[[Definition], Iterable[_Result]]) -> list[_Result]:
        """Return a function's results for this definition, computed once for all rules."""
        results = self._results.get(function)
        if results is None:
            results = self._results[function] = list(function(self))
        return results

    @lazy
    def handlers(self) -> list[tuple[State, str, list[tuple[int, Mapping[str, Json]]]]]:
        """The retriers and catchers of every state that has any: the state, the field, and its items."""
        return [
            (state, field, state.items_of(field))
            for state in self.states
            for field in ("Retry", "Catch")
            if field in state.fields
        ]


class Rule(Record):
    """One rule. `source` is the address of AWS's page; `applies_to` the feature without which it is not run."""

    code: str
    severity: Severity
    source: str
    applies_to: str
    problems: Callable[[Definition], Iterable[Problem]]
    of_values: bool = False  # about the values that pass the states; only where no other rule finds an error

    @property
    def name(self) -> str:
        """The name in findings and on the command line: that of the function, with hyphens."""
        return self.problems.__name__.replace("_", "-")

    @property
    def module(self) -> str:
        """The name of the module that defines the rule."""
        return self.problems.__module__

    @property
    def summary(self) -> str:
        """The first paragraph of the function's docstring, in one line."""
        return " ".join((self.problems.__doc__ or "").partition("\n\n")[0].split())

    def finding(self, problem: Problem) -> Finding:
        """Return one of the rule's problems as a finding."""
        severity = "note" if problem.is_note else self.severity
        return Finding(self.code, severity, problem.where, problem.message, problem.remedy, self.name)


REGISTERED: list[Rule] = []  # by `error` and `warning`, module by module as they are imported
_Problems = Callable[[Definition], Iterable[Problem]]


def error(
    source: str, code: str = SCHEMA_VALIDATION_FAILED, *, applies_to: str = "", of_values: bool = False
) -> Callable[[_Problems], Rule]:
    """Register an error: AWS does not create a state machine that breaks the rule.

    A rule `of_values` is about declarations, which AWS does not see: each execution that comes there fails.
    """
    return lambda problems: _registered(Rule(code, "error", source, applies_to, problems, of_values))


def warning(code: str, source: str, *, applies_to: str = "", of_values: bool = False) -> Callable[[_Problems], Rule]:
    """Register a warning: AWS creates a state machine that breaks the rule."""
    return lambda problems: _registered(Rule(code, "warning", source, applies_to, problems, of_values))


def note(code: str, source: str, *, applies_to: str = "") -> Callable[[_Problems], Rule]:
    """Register a note: a state machine that breaks the rule works, and could be better."""
    return lambda problems: _registered(Rule(code, "note", source, applies_to, problems))


def _registered(rule: Rule) -> Rule:
    REGISTERED.append(rule)
    return rule
