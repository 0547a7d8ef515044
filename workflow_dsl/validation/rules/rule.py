"""What a rule is: a small generator of problems, with its code, its severity and where AWS says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State, lazy
from workflow_dsl.findings import Finding, Severity, Where

Type = Literal["STANDARD", "EXPRESS"]
_Found = TypeVar("_Found")
FAILED = "SCHEMA_VALIDATION_FAILED"  # what the service calls most of what it refuses


def spec(section: str) -> str:
    """The address of a section of the States Language."""
    return f"https://states-language.net/spec.html#{section}"


def guide(page: str) -> str:
    """The address of a page of the Step Functions developer guide."""
    file, _, section = page.partition("#")
    return f"https://docs.aws.amazon.com/step-functions/latest/dg/{file}.html{'#' if section else ''}{section}"


class Problem(NamedTuple):
    """What a rule found: where, what is wrong, what to write instead."""

    where: Where
    message: str
    remedy: str = ""


# A definition has one of these subjects only if a mark of it stands in its text.
_MARKS = {"Placeholder": ("${",), "Expression": ("{%",), "ContextObject": ("$$", "$states.context")}


class Definition:
    """What the rules read: a machine of any shape, its type, and its states by what rules ask for."""

    def __init__(
        self,
        machine: Machine,
        type_: Type = "STANDARD",
        substitutions: Collection[str] | None = None,
        *,
        text: str | None = None,
    ) -> None:
        self.machine = machine
        self.type = type_
        self.substitutions = substitutions  # the names of those that the template has, where it is known
        self.language: Json = machine.fields.get("QueryLanguage", "JSONPath")
        self.states: list[State] = []
        self.scopes = [machine]
        self.jsonpath: list[State] = []
        self.jsonata: list[State] = []
        self._by_type: dict[str, list[State]] = {}
        self._text = text
        self._found: dict[Callable[..., object], list[Any]] = {}
        self._walk()

    def _walk(self) -> None:
        """Lists the states, nested ones right after the state that holds them, and the scopes they are in."""
        waiting = list(self.machine.states.values())[::-1]
        while waiting:
            state = waiting.pop()
            self.states.append(state)
            language, type_ = self.language_of(state), state.type
            if language == "JSONPath":
                self.jsonpath.append(state)
            elif language == "JSONata":
                self.jsonata.append(state)
            self._by_type.setdefault(type_ if isinstance(type_, str) else "", []).append(state)
            if state.nested:
                self.scopes += state.nested
                waiting += [inner for scope in state.nested for inner in scope.states.values()][::-1]

    def language_of(self, state: State) -> Json:
        """A state's own query language, or else the machine's: a Map's is not inherited by what is in it."""
        return state.fields.get("QueryLanguage", self.language)

    @lazy
    def text(self) -> str:
        """The text that is deployed: as it was read, or as it would be written."""
        return self.machine.to_text() if self._text is None else self._text

    def of(self, type_: str) -> list[State]:
        return self._by_type.get(type_, [])

    def subjects(self) -> set[str]:
        """What a rule can be about, as far as it is in the definition: types, query languages, fields of states."""
        found: set[str] = set()
        for state in self.states:
            found.update(state.fields)
        for part in ("Catch", "Choices"):
            if part in found:
                found.update(field for state in self.states for _, item in state.items_of(part) for field in item)
        present = {
            "JSONPath": self.jsonpath,
            "JSONata": self.jsonata,
            "Nested": len(self.scopes) > 1,
            "Handler": "Retry" in found or "Catch" in found,
            **{name: self._has(marks) for name, marks in _MARKS.items()},
            "Integration": any(":states:" in str(state.fields.get("Resource")) for state in self.of("Task")),
        }
        found.update(name for name, there in present.items() if there)
        found.update(self._by_type, ("", self.type))
        return found

    def _has(self, marks: tuple[str, ...]) -> bool:
        return self._text is None or any(mark in self._text for mark in marks)

    def once(self, find: Callable[[Definition], Iterable[_Found]]) -> list[_Found]:
        """What a function finds in this definition, found once for all the rules that ask."""
        found = self._found.get(find)
        if found is None:
            found = self._found[find] = list(find(self))
        return found

    @lazy
    def handlers(self) -> list[tuple[State, str, list[tuple[int, Mapping[str, Json]]]]]:
        """The retriers and the catchers of every state that has any: the state, the field, and its items."""
        return [
            (state, field, state.items_of(field))
            for state in self.states
            for field in ("Retry", "Catch")
            if field in state.fields
        ]


@dataclass(frozen=True)
class Rule:
    """One rule. `source` is the address of the page that says so; `about`, what it looks at (Definition.subjects)."""

    code: str
    severity: Severity
    source: str
    about: str
    problems: Callable[[Definition], Iterable[Problem]]

    @property
    def name(self) -> str:
        return self.problems.__name__.replace("_", "-")

    @property
    def summary(self) -> str:
        return " ".join((self.problems.__doc__ or "").partition("\n\n")[0].split())

    def finding(self, problem: Problem) -> Finding:
        """A problem that the rule found, as a finding."""
        return Finding(self.code, self.severity, *problem, self.name)


_Problems = Callable[[Definition], Iterable[Problem]]


def error(source: str, code: str = FAILED, *, about: str = "") -> Callable[[_Problems], Rule]:
    """A rule that the service itself has: a definition that breaks it is not created."""
    return lambda problems: Rule(code, "error", source, about, problems)


def warning(code: str, source: str, *, about: str = "") -> Callable[[_Problems], Rule]:
    """Advice: the service takes what it finds."""
    return lambda problems: Rule(code, "warning", source, about, problems)
