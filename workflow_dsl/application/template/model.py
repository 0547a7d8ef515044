"""A SAM or CloudFormation template: its state machines, functions and resources, with their values resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from math import isfinite
from pathlib import Path

from workflow_dsl.application.template.includes import with_included_documents
from workflow_dsl.application.template.infrastructure import as_template, run_first
from workflow_dsl.application.template.intrinsics import (
    contains_macro,
    dict_or_empty,
    is_intrinsic,
    loop_outputs,
    merged,
    placeholder_name,
    references,
    text_here,
)
from workflow_dsl.application.template.parts import Connector, FunctionCode, StateMachine, connectors_in
from workflow_dsl.application.template.resource_types import (
    FUNCTIONS,
    MACHINES,
    QUALIFIERS,
    definition_property,
    service_of,
)
from workflow_dsl.application.template.values import Resource, TemplateValues, Unknown
from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.json import Json, every_key
from workflow_dsl.definition.placeholders import UnquotedPlaceholder, placeholders_in
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import Finding, FindingsError, Key, Keys, Place, Where, closest
from workflow_dsl.records import Record, replace

_STACK = "Stack."  # the prefix of placeholders for values that only the stack has


def _stack_placeholder(name: str) -> str:
    return f"${{{_STACK}{name}}}"


class Template(Record, slots=False):
    """A template. Its values are resolved as they are on this computer, unless a method says otherwise."""

    path: Path
    resources: Mapping[str, Resource]
    source: Source
    values: TemplateValues
    loops: tuple[Resource, ...] = ()  # what Fn::ForEach repeats; `${Name}` stands in their logical IDs and properties

    def state_machines(self) -> list[StateMachine]:
        """The state machines, in the template's order."""
        return [self._state_machine(resource) for resource in self.of_types(*MACHINES)]

    def functions(self) -> list[FunctionCode]:
        """The functions whose code is beside the template, in the template's order."""
        resources = ((resource, _code_of(resource)) for resource in self.of_types(*FUNCTIONS))
        return [self._function(resource, code) for resource, code in resources if code]

    def of_type(self, type_: str) -> list[tuple[str, Mapping[str, Json]]]:
        """The name and resolved properties of every resource of a type."""
        resources = self.of_types(type_)
        return [(self.values.name(resource), self.value(dict(resource.properties))) for resource in resources]

    def of_types(self, *types: str) -> Iterator[Resource]:
        """The resources of some types, in the template's order."""
        found = [resource for type_ in dict.fromkeys(types) for resource in self._by_type.get(type_, ())]
        return iter(sorted(found, key=lambda resource: self._positions[resource.logical_id]))

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        resources: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            resources.setdefault(resource.type, []).append(resource)
        return resources

    @cached_property
    def connectors(self) -> list[Connector]:
        """The connectors of SAM: resources of their own, and those of their source."""
        return list(connectors_in(self.source.document["Resources"]))

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.resources)}

    def referrers(self, name: str) -> list[Resource]:
        """The resources whose properties refer to a resource or parameter, in the template's order."""
        return self._referrers.get(name, [])

    @cached_property
    def _referrers(self) -> dict[str, list[Resource]]:
        referrers: dict[str, list[Resource]] = {}
        for resource in (*self.resources.values(), *self.loops):
            for name in dict.fromkeys(references(resource.properties)):
                referrers.setdefault(name, []).append(resource)
        return referrers

    def _state_machine(self, resource: Resource) -> StateMachine:
        properties = resource.properties
        uri = properties.get(definition_property(properties))
        file = self.path.parent / uri if isinstance(uri, str) and not uri.startswith("s3://") else None
        type_ = self.value(properties.get("Type", properties.get("StateMachineType")))
        return StateMachine(
            resource.logical_id,
            self.values.name(resource),
            file or self._inline(properties),
            self._substitutions(dict_or_empty(properties.get("DefinitionSubstitutions"))),
            "EXPRESS" if type_ == "EXPRESS" else "STANDARD",
        )

    def _inline(self, properties: Mapping[str, Json]) -> Mapping[str, Json] | str | None:
        """An inline definition, an object or a string; None if there is none, or if only the stack has it."""
        inline, text = properties.get("Definition"), properties.get("DefinitionString")
        if isinstance(inline, dict):
            return None if contains_macro(inline) else inline
        return text_here(self.values.without_invented(_stack_placeholder).of(text))

    def _substitutions(self, substitutions: Mapping[str, Json]) -> dict[str, str]:
        """The values of placeholders; one without a known value stays a placeholder."""
        values = {name: self.value(value) for name, value in substitutions.items()}
        return {name: str(value) for name, value in values.items() if isinstance(value, (str, int, float))}

    def substitutions_of(self, logical_id: str) -> dict[str, Json]:
        """A state machine's substitutions as they are written in the template."""
        substitutions = dict_or_empty(self.resources[logical_id].properties.get("DefinitionSubstitutions"))
        return {} if is_intrinsic(substitutions) else substitutions

    def substitutions_are_static(self, logical_id: str) -> bool:
        """True if a state machine's substitutions are listed in the template, not created by a macro or a condition.

        False for a misspelt DefinitionSubstitutions: that is one mistake, and not one for each placeholder.
        """
        name, properties = "DefinitionSubstitutions", self.resources[logical_id].properties
        if name in properties:
            return not any(key.startswith("Fn::") for key in dict_or_empty(properties[name]))
        return not any("Subs" in each and closest(each, [name]) for each in properties)

    def known_substitutions(self, logical_id: str) -> dict[str, Json]:
        """A state machine's substitutions with their values; None for a value that only the stack has."""
        return {name: self.known(value) for name, value in self.substitutions_of(logical_id).items()}

    def in_stack(self, physical: Mapping[str, str], parameters: Mapping[str, str | None], stack_arn: str) -> Template:
        """The template with the values of a stack: the physical IDs of its resources, and its parameters."""
        return replace(self, values=self.values.in_stack(physical, parameters, stack_arn))

    def is_created(self, logical_id: str) -> bool:
        """True if the stack has a resource: it has no condition, or one that holds, or an unknown one."""
        condition = dict_or_empty(self.source.document["Resources"].get(logical_id)).get("Condition")
        return condition is None or self.values.holds(condition) is not False

    def value(self, value: Json) -> Json:
        """Return a value with its intrinsic functions resolved; an unknown reference becomes its name."""
        return self.values.of(value)

    def known(self, value: Json) -> Json:
        """Return a value as it will be in the stack; None if only the stack has it."""
        try:
            known = self.values.without_invented().of(value)
        except Unknown:
            return None
        return None if isinstance(known, str) and "{{resolve:" in known else known

    def resolved(self, document: Json, unknown: set[str]) -> Json:
        """Return an inline definition with the values that it will have, and placeholders for those of the stack.

        Adds the names of these placeholders to `unknown`.
        """
        if isinstance(document, dict):
            if is_intrinsic(document):
                [operand] = document.values()
                value = self.known(document)
                if value is not None:
                    return value
                unknown.add(placeholder_name(operand))
                return UnquotedPlaceholder(f"${{{placeholder_name(operand)}}}")
            return {name: self.resolved(value, unknown) for name, value in document.items()}
        if isinstance(document, str) and "{{resolve:" in document:
            unknown.add(placeholder_name(document))
            return UnquotedPlaceholder(f"${{{placeholder_name(document)}}}")
        if isinstance(document, UnquotedPlaceholder):
            return str(document)  # CloudFormation reads the YAML before anything is filled in, and so it stays a string
        return [self.resolved(item, unknown) for item in document] if isinstance(document, list) else document

    def unknown_in(self, definition: str) -> list[str]:
        """The names of a DefinitionString's placeholders for values that only the stack has."""
        return [name for name in placeholders_in(definition) if name.startswith(_STACK)]

    def resource_at(self, target: str, service: str = "") -> Resource | None:
        """The resource with a local ARN or URL, or with a name within a service; None if there is none."""
        if "arn:" in target or "://" in target:
            unqualified = target.rpartition(":")[0] if ":function:" in target or ":stateMachine:" in target else ""
            return self._by_address.get(target) or self._by_address.get(unqualified)
        namesakes = self._by_name.get(target.partition(":")[0], [])
        return next((resource for resource in namesakes if service_of(resource.type) == service), None)

    @cached_property
    def _by_address(self) -> dict[str, Resource]:
        resources: dict[str, Resource] = {}
        for resource in self.resources.values():
            if resource.type in QUALIFIERS:
                continue
            reference = self.values.ref(resource.logical_id)
            resources[self.values.arn(resource)] = resource
            if isinstance(reference, str) and ("://" in reference or reference.startswith("arn:")):
                resources.setdefault(reference, resource)
        return resources

    @cached_property
    def _by_name(self) -> dict[str, list[Resource]]:
        resources: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            for name in dict.fromkeys((self.values.name(resource), resource.logical_id)):
                resources.setdefault(name, []).append(resource)
        return resources

    def place(self, *keys: Key) -> Place:
        """The line of a value, by its keys from the top of the template; no line for keys without a value."""
        return self._places.get(keys) or Place(self.source.file)

    def place_around(self, *keys: Key) -> Place:
        """The line of a value, or of the innermost existing value around it."""
        place = self.place(*keys)
        return place if place.line is not None or not keys else self.place_around(*keys[:-1])

    @cached_property
    def _places(self) -> dict[Keys, Place]:
        """The places of all values, in one pass at the first finding: a large template can have thousands."""
        return self.source.places(every_key(self.source.document))

    def _function(self, resource: Resource, code: str) -> FunctionCode:
        properties, metadata = resource.properties, self._metadata(resource.logical_id)
        variables = dict_or_empty(dict_or_empty(properties.get("Environment")).get("Variables"))
        return FunctionCode(
            resource.logical_id,
            self.values.name(resource),
            self.path.parent / code,
            str(self.value(properties.get("Handler", ""))),
            int(self._number(properties.get("MemorySize"), 128)),
            self._number(properties.get("Timeout"), 3),
            {name: str(self.value(value)) for name, value in variables.items()},
            str(self.value(properties.get("Runtime", ""))),
            not properties.get("Layers") and metadata.get("BuildMethod") not in _COMPILING_BUILDS,
            metadata,
        )

    def _metadata(self, logical_id: str) -> dict[str, Json]:
        return dict_or_empty(self.source.document["Resources"][logical_id].get("Metadata"))

    def _number(self, value: Json, default: float) -> float:
        try:
            number = float(self.value(default if value is None else value))
        except (TypeError, ValueError, OverflowError):
            return default
        return number if isfinite(number) else default


_COMPILING_BUILDS = ("makefile", "esbuild", "rust-cargolambda", "go1.x", "dotnet7")  # they deploy other code


def read_template(path: Path, shown: str | None = None) -> Template:
    """Read a template from a file, named `shown` in findings. Raises FindingsError if it cannot be read."""
    try:
        source = as_template(read_source(read_file(path), shown or str(path), strict=False), path)
    except FileNotFoundError:
        raise _unreadable(path, "does not exist", "write it, or set template under [tool.workflow-dsl]") from None
    except FindingsError as problem:
        if remedy := run_first(path):
            raise _unreadable(path, "is not a template", remedy) from None
        raise FindingsError(replace(finding, code="TEMPLATE") for finding in problem.findings) from None
    return template_of(source, path)


def empty_template(path: Path) -> Template:
    """A template without resources, for a project that has none."""
    return template_of(Source({"Resources": {}}), path)


def template_of(source: Source, path: Path) -> Template:
    """Return the template with this source. Raises FindingsError if it has no Resources."""
    content = source.document
    if not isinstance(content, dict) or not isinstance(content.get("Resources"), dict):
        raise _unreadable(path, "has no Resources", run_first(path) or "add the resources of the application")
    parameters = {name: _default(value) for name, value in dict_or_empty(content.get("Parameters")).items()}
    resources = {
        name: Resource(name, str(resource.get("Type")), _properties(content, resource, path.parent))
        for name, resource in content["Resources"].items()
        if isinstance(resource, dict)
    }
    mappings, conditions = (dict_or_empty(content.get(section)) for section in ("Mappings", "Conditions"))
    loops = tuple(
        Resource(key, str(output.get("Type")), dict_or_empty(output.get("Properties")))
        for key, output in loop_outputs(content["Resources"])
        if isinstance(output, dict)
    )
    return Template(path, resources, source, TemplateValues(resources, parameters, mappings, conditions), loops)


def _default(parameter: Json) -> Json:
    """A parameter's default; None if it has none, or only the name of a parameter in Systems Manager."""
    default = dict_or_empty(parameter).get("Default")
    is_name = str(dict_or_empty(parameter).get("Type")).startswith("AWS::SSM::Parameter::Value")
    return None if is_name or default == "" else default


def _code_of(resource: Resource) -> str | None:
    """The folder or file of a function's code; None if it is not beside the template."""
    code = resource.properties.get("CodeUri") or resource.properties.get("Code")
    return code if isinstance(code, str) and not code.startswith("s3://") else None


def _properties(content: Mapping[str, Json], resource: Mapping[str, Json], folder: Path) -> dict[str, Json]:
    """A resource's properties merged into the Globals of its type, with the documents that they include."""
    type_ = str(resource.get("Type"))
    defaults = dict_or_empty(dict_or_empty(content.get("Globals")).get(type_.removeprefix("AWS::Serverless::")))
    return with_included_documents(merged(defaults, dict_or_empty(resource.get("Properties"))), type_, folder)


def _unreadable(path: Path, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("TEMPLATE", "error", Where(place=Place(str(path))), message, remedy)])
