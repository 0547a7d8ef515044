"""The content of the page as JSON: state machines with diagrams and states, functions, calls and findings."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from workflow_dsl.application.application import Application
from workflow_dsl.application.declarations import Declarations
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.triggers import triggers_of
from workflow_dsl.application.uses import Use, functions_not_called, uses_of
from workflow_dsl.definition.files import read_text
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.state_diff import diff
from workflow_dsl.findings import Finding, Place
from workflow_dsl.local.coverage import Coverage, Element, describe
from workflow_dsl.local.saved_coverage import Tested, digest_of, read_saved
from workflow_dsl.permissions.needs import needs_of
from workflow_dsl.permissions.statements import resource_of
from workflow_dsl.records import Record
from workflow_dsl.views.changes import Report, as_text, effects_of
from workflow_dsl.views.changes.retries import catchers_in_words, retries_in_words
from workflow_dsl.views.diagram import containers_of, to_svg_diff_of_page, to_svg_of_page
from workflow_dsl.views.types import sides_of

_MOST_LINES = 80  # of a function's or a state's source


def content_of(application: Application, findings: Iterable[tuple[str, Finding]]) -> dict[str, Json]:
    """The content of the page: every state machine of an application, and the findings, each after its machine."""
    content = _Content(application)
    machines = [machine for machine in (*application.machines, *application.undeployed) if machine.has_definition]
    return {
        "name": application.root.resolve().name,
        "machines": [content.machine(machine) for machine in machines],
        "uses": [use.as_json() for use in content.uses],
        "notCalled": functions_not_called(application, content.uses),
        "findings": [
            {"machine": machine, "field": finding.where.field, **finding.as_json()} for machine, finding in findings
        ],
    }


class _Content(Record, slots=False):
    application: Application

    @cached_property
    def uses(self) -> list[Use]:
        return uses_of(self.application, [*self.application.machines, *self.application.undeployed])

    @cached_property
    def _declarations(self) -> Declarations:
        return Declarations(self.application)

    @cached_property
    def _tested(self) -> dict[str, Tested]:
        return read_saved(self.application.root)

    @cached_property
    def _triggers(self) -> dict[str, list[str]]:
        triggers: dict[str, list[str]] = {}
        for trigger in triggers_of(self.application.template):
            triggers.setdefault(trigger.target, []).append(str(trigger))
        return triggers

    def machine(self, machine: TemplateMachine) -> dict[str, Json]:
        """A state machine: its diagram, its states by name, and its triggers."""
        local = machine.with_local_values
        return {
            "id": machine.logical_id,
            "workflow": machine.workflow,
            "type": machine.resource.type,
            "comment": str(local.fields.get("Comment", "")),
            "isDeployed": machine.is_in_template,
            "triggers": self._triggers.get(machine.logical_id, []),
            "start": str(local.start_at),
            "picture": to_svg_of_page(local, machine.logical_id),
            "containers": containers_of(local),
            "tests": _tests(local, self._tested.get(machine.workflow or machine.logical_id)),
            "states": {state.name: each for state, each in self._states(machine)},
        }

    def _states(self, machine: TemplateMachine) -> Iterator[tuple[State, dict[str, Json]]]:
        permissions: dict[str, list[list[str]]] = {}
        for need in needs_of(machine).needs:
            permissions.setdefault(need.state, []).append([need.action, resource_of(machine, need), need.level])
        uses: dict[str, list[Use]] = {}
        for use in self.uses:
            if use.machine == machine.logical_id:
                uses.setdefault(use.state, []).append(use)
        written = {state.name: state for state in machine.definition.walk()}
        types = sides_of(machine.with_known_values, self._declarations.of(machine))
        for state in machine.with_local_values.walk():
            place = machine.definition.place(state.keys)
            yield (
                state,
                {
                    "type": str(state.type),
                    "definition": dict(written.get(state.name, state).fields),
                    "inside": state.scope.owner.name if state.scope.owner else "",
                    "source": self._excerpt(place, is_statement=True),
                    "calls": [self._call(use) for use in uses.get(state.name, [])],
                    "permissions": permissions.get(state.name, []),
                    "retries": retries_in_words(state.fields.get("Retry")),
                    "catches": catchers_in_words(state.fields.get("Catch")),
                    **types.get(state.name, {}),
                },
            )

    def _call(self, use: Use) -> dict[str, Json]:
        source = self._excerpt(use.code, is_statement=False)
        return {"calls": use.calls, "target": use.target, "resource": use.resource, "source": source}

    def _excerpt(self, place: Place | None, *, is_statement: bool) -> dict[str, Json] | None:
        """The lines of a file from a place on: to the end of the statement or function there."""
        if place is None or place.line is None:
            return None
        lines = self._lines_of_file(place.file)
        last = _end(lines, place.line) if lines and place.file.endswith(".py") else place.line + 20
        if is_statement and not place.file.endswith(".py"):
            last = place.line
        last = min(last, place.line + _MOST_LINES, len(lines))
        return {"file": place.file, "line": place.line, "text": "\n".join(lines[place.line - 1 : last])}

    def _lines_of_file(self, file: str) -> list[str]:
        path = self.application.root / file
        if not path.resolve().is_relative_to(self.application.root.resolve()):
            return []  # outside the project: its place is shown, not its text
        try:
            return read_text(path).split("\n")
        except (OSError, ValueError):
            return []


def _tests(machine: Machine, tested: Tested | None) -> dict[str, Json] | None:
    """The coverage of the last tests: the percentage, and for each state what they did not run, in words."""
    if tested is None:
        return None
    coverage = Coverage()
    coverage.expect("", machine)
    coverage.add("", tested.covered)
    missing: dict[str, list[str]] = {}
    for element in coverage.missing(""):
        missing.setdefault(_state_of(element), []).append(describe(element))
    return {
        "percent": round(coverage.percent()),
        "time": tested.time,
        "isOld": tested.digest != digest_of(machine),
        "missing": missing,
        "notEntered": [str(element[1]) for element in coverage.missing("") if element[0] == "state"],
    }


def _state_of(element: Element) -> str:
    """The state that an element belongs to; the start belongs to the state that it leads to."""
    return str(element[1] or element[2])


def _end(lines: list[str], line: int) -> int:
    """The last line of the innermost Python statement that begins at a line; the line itself without one."""
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return line
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt))
    around = [node for node in statements if node.lineno <= line <= (node.end_lineno or node.lineno)]
    exact = [node for node in around if node.lineno == line] or around[-1:]
    return max((node.end_lineno or line for node in exact), default=line)


def comparison(old: str, new: str, before: TemplateMachine, after: TemplateMachine) -> dict[str, Json]:
    """Two definitions by their printed names: one diagram of both, and the changes in words."""
    differing = diff(before.definition, after.definition)
    title, *words = as_text(Report(old, new, differing, effects_of(before, after)))
    values = {**before.local_substitutions, **after.local_substitutions}
    return {"title": title, "words": words, "picture": to_svg_diff_of_page(differing, f"{old} and {new}", values)}


def as_script(content: Mapping[str, Json]) -> str:
    """The content as JSON for an element of a page, escaped so that it cannot close the element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
