"""The overview page of a project in Markdown: each state machine's diagram, triggers, calls and permissions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.triggers import Trigger, triggers_of
from workflow_dsl.application.uses import Use, functions_not_called, uses_of
from workflow_dsl.permissions import least_privilege
from workflow_dsl.project import Project
from workflow_dsl.records import Record
from workflow_dsl.views.inert import as_markdown_code, for_markdown
from workflow_dsl.views.tables import markdown

PAGE_MARK = "`workflow-dsl generate` writes this page"
_HEAD = f"""\
# State machines

The functions that each state machine uses, the events that start it, and the permissions that its role needs.
{PAGE_MARK} from the template, the workflows and the functions; `generate --check` fails
if it is out of date.
"""


def page_of(project: Project, application: Application, at: Path) -> str:
    """The content of the overview page at `at`, a path from the project's root; links are relative to it."""
    page = _Page(project, application, at, uses_of(application), triggers_of(application.template))
    chapters = ["\n".join(page.chapter(machine)) for machine in application.machines]
    return "\n".join([_HEAD, markdown(("Function", "Called by", "Code"), page.functions()), *chapters])


class _Page(Record):
    project: Project
    application: Application
    at: Path
    uses: list[Use]
    triggers: list[Trigger]

    def functions(self) -> list[tuple[str, str, str]]:
        """A row for each function: those that a state calls, then the others."""
        called = dict.fromkeys(use.target for use in self.uses if use.is_of_function)
        others = functions_not_called(self.application, self.uses)
        return [
            *((for_markdown(name), self._states(name), self._code(name)) for name in called),
            *((for_markdown(name), self._triggers(name) or "nothing", "") for name in others),
        ]

    def _states(self, function: str) -> str:
        return for_markdown("; ".join(f"{use.machine}: {use.state}" for use in self.uses if use.target == function))

    def _triggers(self, name: str) -> str:
        return for_markdown("; ".join(str(trigger) for trigger in self.triggers if trigger.target == name))

    def _code(self, function: str) -> str:
        """A link to a function's file, without its line, which changes with every edit of the file."""
        file = next((use.code.file for use in self.uses if use.target == function and use.code), "")
        return self._link(Path(file)) if file else ""

    def _link(self, path: Path) -> str:
        return f"[{for_markdown(path.as_posix())}]({self._url(path)})"

    def _url(self, path: Path) -> str:
        return quote(Path(os.path.relpath(path, self.at.parent)).as_posix())

    def chapter(self, machine: TemplateMachine) -> Iterator[str]:
        """The paragraphs about a state machine."""
        logical_id = machine.logical_id
        yield f"## {for_markdown(logical_id)}\n"
        if machine.definition.fields.get("Comment"):
            yield f"{for_markdown(str(machine.definition.fields['Comment']))}\n"
        yield from self._files(machine)
        yield f"Started by: {self._triggers(logical_id) or 'no event of the template'}.\n"
        uses = [use for use in self.uses if use.machine == logical_id]
        cells = [(use.state, use.calls, ", ".join(use.placeholders), use.target) for use in uses]
        rows = [tuple(map(for_markdown, row)) for row in cells]
        if rows:
            yield markdown(("State", "Calls", "Placeholder", "Function or resource"), rows)
        permissions = [(_as_code(actions), _as_code(resources)) for actions, resources in least_privilege(machine)]
        yield f"Its role needs{':' if permissions else ' no permissions.'}\n"
        if permissions:
            yield markdown(("Actions", "Resources"), permissions)

    def _files(self, machine: TemplateMachine) -> Iterator[str]:
        """Links to a state machine's workflow, definition and diagram."""
        source = self.project.workflows / f"{machine.workflow}.py"
        if not machine.workflow or not (self.project.root / source).is_file():
            return
        definition = self.project.generated / f"{machine.workflow}.asl.json"
        yield f"{self._link(source)}, deployed as {self._link(definition)}\n"
        if self.application.machine_of_workflow(machine.workflow) is machine:  # the one that the diagram shows
            diagram = self.project.generated / f"{machine.workflow}.svg"
            yield f"![{for_markdown(machine.logical_id)}]({self._url(diagram)})\n"


def _as_code(names: list[str]) -> str:
    return ", ".join(map(as_markdown_code, names))
