"""The page of a project's state machines, as Markdown: picture, states, functions, permissions and what starts each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from workflow_dsl.application.machines import Stack, TemplateMachine
from workflow_dsl.application.template.triggers import Trigger, triggers_of
from workflow_dsl.application.uses import Use, functions_not_called, uses_of
from workflow_dsl.permissions import least_privilege
from workflow_dsl.project import Project
from workflow_dsl.views.tables import markdown

_HEAD = """\
# State machines

Which state machine uses which function, what starts it, and what its role needs. `workflow-dsl generate` makes this
page from the template, the workflows and the functions, and `generate --check` says when it is no longer true.
"""


def page_of(project: Project, stack: Stack, at: Path) -> str:
    """The page, for a file at `at`, from the project's root on: its links lead from there."""
    page = _Page(project, stack, at, uses_of(stack), triggers_of(stack.template))
    chapters = ["\n".join(page.chapter(deployed)) for deployed in stack.machines]
    return "\n".join([_HEAD, markdown(("Function", "Called by", "Code"), page.functions()), *chapters])


@dataclass(frozen=True, slots=True)
class _Page:
    project: Project
    stack: Stack
    at: Path
    uses: list[Use]
    triggers: list[Trigger]

    def functions(self) -> list[tuple[str, str, str]]:
        """A row for each function: those that a state calls, then the others."""
        called = dict.fromkeys(use.target for use in self.uses if use.is_of_function)
        return [
            *((name, self._states(name), self._code(name)) for name in called),
            *((name, self._started(name) or "nothing", "") for name in functions_not_called(self.stack, self.uses)),
        ]

    def _states(self, function: str) -> str:
        return "; ".join(f"{use.machine}: {use.state}" for use in self.uses if use.target == function)

    def _started(self, name: str) -> str:
        return "; ".join(str(each) for each in self.triggers if each.target == name)

    def _code(self, function: str) -> str:
        """A link to a function's file, without the line, which every edit of the file would move."""
        file = next((use.code.file for use in self.uses if use.target == function and use.code), "")
        return self._linked(Path(file)) if file else ""

    def _linked(self, path: Path) -> str:
        return f"[{path.as_posix()}]({self._link(path)})"

    def _link(self, path: Path) -> str:
        return quote(Path(os.path.relpath(path, self.at.parent)).as_posix())

    def chapter(self, deployed: TemplateMachine) -> Iterator[str]:
        """What there is to say of a state machine, paragraph by paragraph."""
        logical_id = deployed.resource.logical_id
        yield f"## {logical_id}\n"
        if deployed.written.fields.get("Comment"):
            yield f"{deployed.written.fields['Comment']}\n"
        yield from self._files(deployed)
        yield f"Started by: {self._started(logical_id) or 'no event of the template'}.\n"
        rows = [
            (use.state, use.calls, ", ".join(use.through), use.target) for use in self.uses if use.machine == logical_id
        ]
        if rows:
            yield markdown(("State", "Calls", "Through", "Function or resource"), rows)
        needed = [(_as_code(actions), _as_code(resources)) for actions, resources in least_privilege(deployed)]
        yield f"Its role needs{':' if needed else ' nothing.'}\n"
        if needed:
            yield markdown(("Actions", "Resources"), needed)

    def _files(self, deployed: TemplateMachine) -> Iterator[str]:
        """The workflow that makes a state machine, its definition, and its picture."""
        source = self.project.workflows / f"{deployed.workflow}.py"
        if not deployed.workflow or not (self.project.root / source).is_file():
            return
        definition = self.project.generated / f"{deployed.workflow}.asl.json"
        yield f"{self._linked(source)}, deployed as {self._linked(definition)}\n"
        if self.stack.deploying(deployed.workflow) is deployed:  # the one that the picture is of
            picture = self.project.generated / f"{deployed.workflow}.svg"
            yield f"![{deployed.resource.logical_id}]({self._link(picture)})\n"


def _as_code(texts: list[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)
