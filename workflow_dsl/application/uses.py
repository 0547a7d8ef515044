"""Which state of which state machine calls what, through which placeholder, and where the code of it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.machines import Stack, TemplateMachine
from workflow_dsl.application.template import FunctionCode
from workflow_dsl.application.template.resource_types import FUNCTIONS
from workflow_dsl.definition.calls import ServiceCall, short_name, sites
from workflow_dsl.definition.json import inside
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import placeholders_in
from workflow_dsl.findings import Place


@dataclass(frozen=True, slots=True)
class Use:
    """A state that calls something.

    `resource` is the logical id of what is called, where the template has it, else "" ; `target` is its name as far as
    it is known, `through` the placeholders that lead to it, `code` the handler's file and line.
    """

    machine: str
    state: str
    call: ServiceCall
    through: tuple[str, ...]
    resource: str
    target: str
    code: Place | None = None

    @property
    def is_of_function(self) -> bool:
        """Whether it calls a Lambda function, as far as can be told."""
        return self.call.service in ("lambda", "") and bool(self.target)

    @property
    def calls(self) -> str:
        """The service and the action: `Lambda`, `DynamoDB putItem`."""
        return str(self.call._replace(target=None))

    def as_json(self) -> dict[str, object]:
        """The use as a JSON object, keys always present."""
        return {
            "stateMachine": self.machine,
            "state": self.state,
            "service": self.call.service or None,
            "action": f"{self.call.action}{self.call.pattern}" or None,
            "through": list(self.through),
            "resource": self.resource or None,
            "target": self.target or None,
            "file": self.code.file if self.code else None,
            "line": self.code.line if self.code else None,
        }


def uses_of(stack: Stack) -> list[Use]:
    """Every call of every state machine, in the order of the template and of the definitions."""
    codes = {code.logical_id: code for code in stack.template.functions()}
    return [use for each in stack.machines for use in _of_machine(stack, each, codes)]


def _of_machine(stack: Stack, deployed: TemplateMachine, codes: dict[str, FunctionCode]) -> Iterator[Use]:
    for written, local in deployed.states():
        for found in [*sites(local)] or sites(written):
            call = found.call
            resource = stack.template.resource_at(call.target or "", call.service or "lambda")
            logical_id = resource.logical_id if resource else ""
            code = codes.get(logical_id) if resource and resource.type in FUNCTIONS else None
            yield Use(
                deployed.resource.logical_id,
                local.name,
                call,
                _through(written, found.resource, found.target),
                logical_id,
                logical_id or short_name(call.target),
                _place(stack, code) if code else None,
            )


def _through(state: State, *keys: tuple[str | int, ...] | None) -> tuple[str, ...]:
    """The placeholders in what names the action and the target."""
    texts = [inside(state.fields, each) for each in dict.fromkeys(keys) if each]
    return tuple(dict.fromkeys(name for text in texts if isinstance(text, str) for name in placeholders_in(text)))


def _place(stack: Stack, code: FunctionCode) -> Place:
    """Where a function's handler stands, from the project's root on; its folder where the file is not known."""
    found = find_handler(code)
    path = found.file if found.file and not found.problem else code.folder
    root = stack.project.root if stack.project else stack.template.path.parent
    return Place(path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path), found.line)


def functions_not_called(stack: Stack, uses: list[Use]) -> list[str]:
    """The functions that no state calls, by logical id."""
    used = {use.resource for use in uses}
    return [each.logical_id for each in stack.template.of_types(*FUNCTIONS) if each.logical_id not in used]
