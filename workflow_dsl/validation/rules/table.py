"""What a rule is: a small generator of problems, with its code, its severity and where AWS says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from workflow_dsl.asl import Json, Machine, State
from workflow_dsl.findings import Finding, Severity, Where

Type = Literal["STANDARD", "EXPRESS"]
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


class Definition:
    """What the rules read: a machine of any shape, its type, and its states by what rules ask for."""

    def __init__(
        self, machine: Machine, type_: Type = "STANDARD", substitutions: Collection[str] | None = None
    ) -> None:
        self.machine = machine
        self.type = type_
        self.substitutions = substitutions  # the names of those that the template has, where it is known
        self.language: Json = machine.fields.get("QueryLanguage", "JSONPath")
        self.scopes = list(machine.scopes())
        self.states = list(machine.walk())

    def language_of(self, state: State) -> Json:
        """A state's own query language, or else the machine's: a Map's is not inherited by what is in it."""
        return state.fields.get("QueryLanguage", self.language)

    @cached_property
    def _by_type(self) -> dict[Any, list[State]]:
        found: dict[Any, list[State]] = {}
        for state in self.states:
            found.setdefault(state.type if isinstance(state.type, str) else "", []).append(state)
        return found

    def of(self, type_: str) -> list[State]:
        return self._by_type.get(type_, [])

    @cached_property
    def jsonpath(self) -> list[State]:
        return [state for state in self.states if self.language_of(state) == "JSONPath"]

    @cached_property
    def jsonata(self) -> list[State]:
        return [state for state in self.states if self.language_of(state) == "JSONata"]


@dataclass(frozen=True)
class Rule:
    """One rule. `source` is the address of the page that says so."""

    code: str
    severity: Severity
    source: str
    problems: Callable[[Definition], Iterable[Problem]]

    @property
    def name(self) -> str:
        return self.problems.__name__.replace("_", "-")

    @property
    def summary(self) -> str:
        return " ".join((self.problems.__doc__ or "").split())

    def __call__(self, definition: Definition) -> Iterable[Finding]:
        for where, message, remedy in self.problems(definition):
            yield Finding(self.code, self.severity, where, message, remedy, self.name)


_Problems = Callable[[Definition], Iterable[Problem]]


def error(source: str, code: str = FAILED) -> Callable[[_Problems], Rule]:
    """A rule that the service itself has: a definition that breaks it is not created."""
    return lambda problems: Rule(code, "error", source, problems)


def warning(code: str, source: str) -> Callable[[_Problems], Rule]:
    """Advice: the service takes what it finds."""
    return lambda problems: Rule(code, "warning", source, problems)
