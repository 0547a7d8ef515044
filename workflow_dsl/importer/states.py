"""The fields of states -> the arguments of their constructors."""

from __future__ import annotations

import keyword
from collections.abc import Mapping

from workflow_dsl import authoring
from workflow_dsl.compiler.values import ordered
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, ReferenceTarget, State, to_where
from workflow_dsl.findings import Finding, FindingsError, Keys
from workflow_dsl.importer.code import Call, Items, Node, Text
from workflow_dsl.importer.names import field_name
from workflow_dsl.importer.values import Values, expression_of
from workflow_dsl.records import Record, field
from workflow_dsl.regexes import lazy_regex

Arguments = list[tuple[str, Node]]
STATES = ("Task", "Pass", "Wait", "Succeed", "Fail", "Choice", "Parallel", "Map")

_TEMPLATES = frozenset("Parameters ResultSelector ItemSelector Assign Credentials BatchInput".split())
_TEMPLATES_OF_JSONATA = frozenset("Arguments Output Items Assign Credentials BatchInput".split())
_WITH_PATH = frozenset(
    "TimeoutSeconds HeartbeatSeconds Seconds Timestamp Error Cause MaxConcurrency ToleratedFailureCount "
    "ToleratedFailurePercentage MaxItems MaxItemsPerBatch MaxInputBytesPerBatch".split()
)
_TRANSITIONS = frozenset("Type Next End Choices Default Catch Branches Iterator ItemProcessor".split())
_BLOCKS = ("ItemReader", "ReaderConfig", "ItemBatcher", "ResultWriter", "WriterConfig")
_SERVICE = lazy_regex(r"arn:aws:states:::((?:aws-sdk:)?[\w-]+:[\w.:-]+)")


def refused(keys: Keys, problem: str, remedy: str) -> FindingsError:
    """Return the error for a part of a definition that Python cannot express."""
    return FindingsError([Finding("IMPORT", "error", to_where(keys), problem, remedy)])


class StateWriter(Record):
    """Writes the constructors of a machine's states; `language` is the query language of the whole machine."""

    language: str
    references: Mapping[str, ReferenceTarget] = field(default_factory=dict)

    def state(self, state: State) -> Arguments:
        """Return the arguments of a state but those that name other states."""
        if state.type not in STATES:
            remedy = f"write one of {', '.join(STATES)}"
            raise refused((*state.keys, "Type"), f"is {state.type!r}, which is not a state type", remedy)
        values = self.values(state.fields)
        fields = {name: value for name, value in state.fields.items() if name not in (*_TRANSITIONS, "Retry")}
        retriers = self.retriers(state, values)
        return [("", Text(state.name)), *self.fields(fields, values, state.keys), *retriers]

    def values(self, fields: Mapping[str, Json]) -> Values:
        """Return the values of a state's query language."""
        return Values(fields.get("QueryLanguage", self.language) == "JSONata", self.references)

    def fields(self, fields: Mapping[str, Json], values: Values, keys: Keys) -> Arguments:
        """Return the arguments for the fields of a state or block, in order."""
        fields = ordered(dict(fields))
        service = _service_call(fields, values)
        if service is not None:
            fields = {name: value for name, value in fields.items() if name not in ("Parameters", "Arguments")}
        arguments: Arguments = []
        for name, value in fields.items():
            if name == "Resource" and service is not None:
                arguments.append(("resource", service))
            else:
                arguments.append(self.argument(name, value, values, (*keys, name)))
        return arguments

    def argument(self, name: str, value: Json, values: Values, keys: Keys) -> tuple[str, Node]:
        """Return the argument for a field."""
        python = field_name(name)
        if python is None:
            raise refused(keys, f"is an unknown field {name!r}", "remove it")
        if name in _BLOCKS and isinstance(value, dict):
            return python, Call(name, tuple(self.fields(value, values, keys)))
        if name.endswith("Path") and name.removesuffix("Path") in _WITH_PATH:
            expression = expression_of(value)
            if expression is not None:
                return python.removesuffix("_path"), expression
        templates = _TEMPLATES_OF_JSONATA if values.is_jsonata else _TEMPLATES
        return python, values.template(value) if name in templates else values.data(value)

    def retriers(self, state: State, values: Values) -> Arguments:
        """Return the argument `retry`: a retrier or a list of them."""
        retriers = [
            self.block("Retry", item, values, (*state.keys, "Retry", at)) for at, item in state.items_of("Retry")
        ]
        if not retriers:
            return [("retry", Items(()))] if "Retry" in state.fields else []
        return [("retry", retriers[0] if len(retriers) == 1 else Items(tuple(retriers)))]

    def block(self, name: str, fields: Mapping[str, Json], values: Values, keys: Keys) -> Call:
        """Return a retrier or a catcher without its target."""
        arguments: Arguments = []
        for field_, value in ordered(dict(fields)).items():
            if field_ == "Next":
                continue
            errors = value[0] if field_ == "ErrorEquals" and isinstance(value, list) and len(value) == 1 else value
            arguments.append(self.argument(field_, errors, values, (*keys, field_)))
        return Call(name, tuple(arguments))

    def machine(self, machine: Machine) -> Arguments:
        """Return the arguments of a Workflow, a Branch or an ItemProcessor but its start."""
        values = Values(is_jsonata=False)
        fields = {name: value for name, value in machine.fields.items() if name not in ("StartAt", "States")}
        config = fields.pop("ProcessorConfig", None)
        if isinstance(config, dict):
            fields = config | fields
        return [self.argument(name, value, values, (*machine.keys, name)) for name, value in ordered(fields).items()]


def _service_call(fields: Mapping[str, Json], values: Values) -> Node | None:
    """A call of a service with its parameters; None for a resource that call() would not take as it is."""
    resource = fields.get("Resource")
    match = _SERVICE.fullmatch(resource) if isinstance(resource, str) else None
    name = "Arguments" if values.is_jsonata else "Parameters"
    parameters = fields.get(name)
    other = "Parameters" if values.is_jsonata else "Arguments"
    if match is None or parameters is None or other in fields:
        return None
    service: tuple[str, Node] = ("", Text(match[1]))
    node = values.template(parameters)
    try:
        if isinstance(parameters, str):
            authoring.call(match[1], authoring.jsonata(parameters))
            return Call("call", (service, ("", node)))
        authoring.call(match[1], parameters)
    except FindingsError:
        return None
    if not isinstance(parameters, dict):
        return None
    members = [values.member(key, value, parameters) for key, value in parameters.items()]
    if all(_is_argument(key) for key, _ in members):
        return Call("call", (service, *members))
    return Call("call", (service, ("", node)))


def _is_argument(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)
