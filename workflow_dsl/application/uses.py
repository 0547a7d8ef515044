"""The calls of every state machine: from the state, through its placeholder, to the resource and its code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflow_dsl.application.application import Application
from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import FunctionCode
from workflow_dsl.application.template.resource_types import FUNCTIONS
from workflow_dsl.definition.calls import ServiceCall, call_sites, short_name
from workflow_dsl.definition.json import value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import placeholders_in
from workflow_dsl.findings import Keys, Place
from workflow_dsl.records import Record, replace


class Use(Record):
    """A state's call.

    `resource` is the logical ID of the resource called, "" where the template lacks it; `target` its name as far as it
    is known; `placeholders` those in the action and the target; `code` the file and line of the handler.
    """

    machine: str
    state: str
    call: ServiceCall
    placeholders: tuple[str, ...]
    resource: str
    target: str
    code: Place | None = None

    @property
    def is_of_function(self) -> bool:
        """True if it calls a Lambda function, as far as the definition shows."""
        return self.call.service in ("lambda", "") and bool(self.target)

    @property
    def calls(self) -> str:
        """The service and the action: `Lambda`, `DynamoDB putItem`."""
        return str(replace(self.call, target=None))

    def as_json(self) -> dict[str, object]:
        """The use as a JSON object, keys always present."""
        return {
            "stateMachine": self.machine,
            "state": self.state,
            "service": self.call.service or None,
            "action": f"{self.call.action}{self.call.pattern}" or None,
            "through": list(self.placeholders),
            "resource": self.resource or None,
            "target": self.target or None,
            "file": self.code.file if self.code else None,
            "line": self.code.line if self.code else None,
        }


def uses_of(application: Application, machines: Iterable[TemplateMachine] | None = None) -> list[Use]:
    """Every call of the state machines, in their order; by default of all that the template deploys."""
    codes = {code.logical_id: code for code in application.template.functions()}
    chosen = application.machines if machines is None else machines
    return [use for machine in chosen for use in _uses_of_machine(application, machine, codes)]


def _uses_of_machine(
    application: Application, machine: TemplateMachine, codes: Mapping[str, FunctionCode]
) -> Iterator[Use]:
    for written, local in machine.states():
        for site in [*call_sites(local)] or call_sites(written):
            call = site.call
            resource = application.template.resource_at(call.target or "", call.service or "lambda")
            logical_id = resource.logical_id if resource else ""
            code = codes.get(logical_id) if resource and resource.type in FUNCTIONS else None
            yield Use(
                machine.logical_id,
                local.name,
                call,
                _placeholders(written, site.resource, site.target),
                logical_id,
                logical_id or short_name(call.target),
                _place(application, code) if code else None,
            )


def _placeholders(state: State, *keys: Keys | None) -> tuple[str, ...]:
    """The placeholders in the values at some keys of a state."""
    texts = [value_at(state.fields, each) for each in dict.fromkeys(keys) if each]
    return tuple(dict.fromkeys(name for text in texts if isinstance(text, str) for name in placeholders_in(text)))


def _place(application: Application, code: FunctionCode) -> Place:
    """The file and line of a function's handler; its folder where the file is unknown."""
    handler = find_handler(code)
    if handler.file is None or handler.problem:
        return Place(application.shown(code.folder))
    return Place(application.shown(handler.file), handler.line)


def functions_not_called(application: Application, uses: Iterable[Use]) -> list[str]:
    """The logical IDs of the functions that no state calls."""
    called = {use.resource for use in uses}
    functions = application.template.of_types(*FUNCTIONS)
    return [function.logical_id for function in functions if function.logical_id not in called]
