"""A state machine of the application with its definition: as written, as it runs locally, and as deployed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from workflow_dsl.application.definition_files import NamesIn, is_misspelled, missing_file, names_in_folder
from workflow_dsl.application.template import Resource, StateMachine, Template, references
from workflow_dsl.application.template.resource_types import (
    LOCAL_ACCOUNT,
    LOCAL_PARTITION,
    LOCAL_REGION,
    definition_property,
)
from workflow_dsl.definition.embedded import Embedded
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import Machine, ReferenceTarget, State
from workflow_dsl.definition.placeholders import is_placeholder, placeholders_in, substitute
from workflow_dsl.definition.reading import Source, read_embedded, read_source
from workflow_dsl.findings import Finding, FindingsError, Place
from workflow_dsl.records import Record, replace

Read = Callable[[Path], Source]
_Result = TypeVar("_Result")


class TemplateMachine(Record, slots=False):
    """A state machine with its definition and what the template says of it.

    `source` is None where the definition is in a bucket, is created at deployment, or cannot be read: `problems` says
    why. `compiled` is the machine of the workflow that generates the definition; it takes the place of the file.
    A workflow or a file that no state machine of the template deploys has `is_in_template` False.
    """

    template: Template
    resource: StateMachine
    source: Source | None = None
    compiled: Machine | None = None
    unknown: tuple[str, ...] = ()  # placeholders that stand in for values that only the stack has
    problems: tuple[Finding, ...] = ()
    is_in_template: bool = True

    @cached_property
    def _results(self) -> dict[object, Any]:
        return {}

    def once(self, compute: Callable[[TemplateMachine], _Result]) -> _Result:
        """Return what a function computes of this machine, which it does once."""
        if compute not in self._results:
            self._results[compute] = compute(self)
        result: _Result = self._results[compute]
        return result

    @property
    def logical_id(self) -> str:
        """Its logical ID; the name of the workflow or file for one that the template does not deploy."""
        return self.resource.logical_id

    @property
    def keys(self) -> tuple[str, str]:
        """The keys to it in the template."""
        return "Resources", self.logical_id

    @property
    def properties(self) -> Mapping[str, Json]:
        """Its properties in the template; none where the template does not deploy it."""
        return self.template.resources[self.logical_id].properties if self.is_in_template else MappingProxyType({})

    @property
    def has_definition(self) -> bool:
        """True if its definition is available."""
        return self.compiled is not None or (self.source is not None and isinstance(self.source.document, dict))

    @property
    def workflow(self) -> str:
        """The name of its definition's file, and so of the workflow that generates it; "" for an inline definition."""
        path = self.resource.definition
        return definition_name(path) if isinstance(path, Path) else ""

    @cached_property
    def definition(self) -> Machine:
        """The definition with its placeholders; an empty one where it is not available."""
        if self.compiled is not None:
            return self.compiled
        return Machine(self.source.document if self.source and self.has_definition else {})

    @property
    def reference_targets(self) -> Mapping[str, ReferenceTarget]:
        """The resources that the workflow's references mean, by placeholder."""
        return self.definition.reference_targets

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """The names of all placeholders in the definition."""
        return frozenset(placeholders_in(json.dumps(self.definition.document(), ensure_ascii=False)))

    @cached_property
    def substitutions(self) -> dict[str, Json] | None:
        """The values that its placeholders will have in the stack, None for a value that only the stack has.

        None where they cannot be listed: a macro creates them, or the template does not deploy it.
        """
        if not self.is_in_template or not self.template.substitutions_are_static(self.logical_id):
            return None
        return {**dict.fromkeys(self.unknown), **self.template.known_substitutions(self.logical_id)}

    @cached_property
    def local_substitutions(self) -> dict[str, str]:
        """The values that its placeholders have on this computer; an invented one where only the stack has it.

        A reference that the template does not substitute yet has the value that its resource gives; one to a resource
        that the template lacks has none.
        """
        invented = {name: name.rpartition("Stack.")[2] for name in self.unknown}
        known = {*self.template.resources, *self.template.values.parameters}
        values = {
            name: self.template.value(target.value)
            for name, target in self.reference_targets.items()
            if target.logical_id in known or target.logical_id.startswith("AWS::")
        }
        referenced = {name: value for name, value in values.items() if isinstance(value, str)}
        local = {**invented, **referenced, **self.resource.substitutions}
        called = {str(state.fields.get("Resource")) for state in self.definition.walk()}
        return {
            name: self._as_called(name, value) if f"${{{name}}}" in called else value for name, value in local.items()
        }

    def _as_called(self, name: str, value: str) -> str:
        """An invented ARN for what a task calls and only the stack knows, such as a parameter without a default."""
        if value.startswith("arn:") or (self.substitutions or {}).get(name, value) is not None:
            return value
        service, type_ = ("states", "activity") if "activity" in value.lower() else ("lambda", "function")
        own = re.sub("[^A-Za-z0-9_-]", "-", value)
        return f"arn:{LOCAL_PARTITION}:{service}:{LOCAL_REGION}:{LOCAL_ACCOUNT}:{type_}:{own}"

    def _with_called(self, document: Json) -> Json:
        """An inline definition with ARNs for what its tasks call and only the stack knows."""
        for state in self.definition.walk():
            resource = str(state.fields.get("Resource"))
            fields = value_at(document, state.keys)
            if is_placeholder(resource) and isinstance(fields, dict) and "Resource" in fields:
                fields["Resource"] = self._as_called(placeholders_in(resource)[0], str(fields["Resource"]))
        return document

    @cached_property
    def with_local_values(self) -> Machine:
        """The definition as it runs on this computer, every placeholder with its local value."""
        document = self.definition.document()
        if self.compiled is None and isinstance(self.resource.definition, Mapping):
            keys = (*self.keys, "Properties", "Definition")
            document = self._with_called(self.template.value(self.template.source.subdocument(*keys).document))
        document = substitute(document, self.local_substitutions)
        return Machine(document, self.definition.places, self.reference_targets)

    @cached_property
    def with_known_values(self) -> Machine:
        """The definition with the values that are known before deployment."""
        targets = {name: self.template.known(target.value) for name, target in self.reference_targets.items()}
        return Machine(substitute(self.definition.document(), {**targets, **(self.substitutions or {})}))

    def referenced(self, text: str) -> Resource | None:
        """The template's resource that a string's one placeholder stands for; None if it has none or is longer."""
        if not is_placeholder(text):
            return None
        [name] = placeholders_in(text)
        reference = self.reference_targets.get(name)
        substitutions = self.template.substitutions_of(self.logical_id) if self.is_in_template else {}
        value = reference.value if reference else substitutions.get(name)
        names = [name] if value is None and name in self.unknown else [*dict.fromkeys(references(value))]
        return self._named_in(names[0].removeprefix("Stack.")) if len(names) == 1 else None

    def _named_in(self, reference: str) -> Resource | None:
        """The resource of a reference such as `Table.Arn`; an address of Terraform has dots of its own."""
        parts = reference.split(".")
        ids = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
        return next((self.template.resources[each] for each in ids if each in self.template.resources), None)

    def states(self) -> Iterator[tuple[State, State]]:
        """Every state as it is written, and the same state with local values."""
        written, local = list(self.definition.walk()), list(self.with_local_values.walk())
        if len(written) == len(local):  # by their order, for a placeholder may stand in a name
            return zip(written, local, strict=True)
        by_keys = {state.keys: state for state in local}
        return ((state, by_keys[state.keys]) for state in written if state.keys in by_keys)

    def place(self, *keys: str) -> Place:
        """The line of one of its properties in the template, or its first line where it lacks the property."""
        return self.template.place_around(*self.keys, *keys)


def definition_name(path: Path) -> str:
    """The name of a definition's or a workflow's file without its ending."""
    name = path.name.removesuffix(".py")
    return name.removesuffix(path.suffix).removesuffix(".asl") if path.suffix in (".json", ".yaml", ".yml") else name


def template_machines(template: Template, read: Read, shown: Callable[[Path], str] = str) -> list[TemplateMachine]:
    """The state machines of a template, in its order, their files read by `read` and named in findings by `shown`.

    `read` raises OSError, ValueError or FindingsError for a file that cannot be read.
    """
    names_in = cache(lambda folder: frozenset(names_in_folder(folder)))  # each folder is listed once
    machines = template.state_machines()
    return [machine_in_template(template, resource, read, shown, names_in) for resource in machines]


def machine_outside(
    template: Template, path: Path, source: Source | None = None, compiled: Machine | None = None
) -> TemplateMachine:
    """A workflow or a definition's file that the template does not deploy.

    It goes by its name without ending, or with it where a resource of the template has that name.
    """
    name = definition_name(path)
    name = path.name if name in template.resources else name
    resource = StateMachine(name, name, path, {}, "STANDARD")
    return TemplateMachine(template, resource, source, compiled, is_in_template=False)


def machine_in_template(
    template: Template,
    resource: StateMachine,
    read: Read,
    shown: Callable[[Path], str] = str,
    names_in: NamesIn = names_in_folder,
) -> TemplateMachine:
    """One state machine of a template with its definition; `read` and `shown` as in template_machines()."""
    machine, definition = TemplateMachine(template, resource), resource.definition
    try:
        if isinstance(definition, Path):
            return replace(machine, source=_read(machine, definition, read, shown, names_in))
        if isinstance(definition, str):
            return replace(machine, source=_parsed(machine, definition), unknown=tuple(template.unknown_in(definition)))
        if definition is None:
            return machine
        source = template.source.subdocument(*machine.keys, "Properties", "Definition")
        unknown: set[str] = set()
        source = replace(source, document=template.resolved(source.document, unknown))
        return replace(machine, source=source, unknown=tuple(sorted(unknown)))
    except FindingsError as problem:
        return replace(machine, problems=problem.findings)


def _parsed(machine: TemplateMachine, text: str) -> Source:
    """The definition in a DefinitionString, with the places of its values where the template is YAML."""
    template = machine.template.source
    embedded = template.embedded(*machine.keys, "Properties", "DefinitionString")
    try:
        # "The state machine definition must be in JSON" (CloudFormation, AWS::StepFunctions::StateMachine)
        document = read_source(text, template.file or machine.template.path.name, only_json=True).document
    except FindingsError as problem:
        place = machine.place("Properties", "DefinitionString")
        raise FindingsError(_placed(finding, embedded, text, place) for finding in problem.findings) from None
    return read_embedded(document, embedded, template.file) if embedded else Source(document)


def _placed(finding: Finding, embedded: Embedded | None, text: str, place: Place) -> Finding:
    """A finding about the text at its line of the template, if the text has the template's lines."""
    own = finding.where.place
    if own is None or own.line is None or not embedded or embedded.text.count("\n") != text.count("\n"):
        return finding.at(place)
    before = sum(len(line) + 1 for line in embedded.text.split("\n")[: own.line - 1])
    return finding.at(Place(place.file, *embedded.place(before + (own.column or 1) - 1)))


def _read(machine: TemplateMachine, path: Path, read: Read, shown: Callable[[Path], str], names_in: NamesIn) -> Source:
    folder = machine.template.path.parent
    try:
        source = read(path)
        if path.exists() and is_misspelled(path, folder, names_in):
            raise FileNotFoundError  # it is found on this computer, and not where letter case counts
        return source
    except (OSError, ValueError) as problem:
        field = definition_property(machine.properties)
        finding = missing_file(machine.resource, path, folder, shown(path), problem, field)
        raise FindingsError([finding.at(machine.place("Properties", field))]) from None
