"""A SAM or CloudFormation template, as far as checking and running its state machines needs it: where definitions lie,
what placeholders stand for, which folder and handler a function has, which tables and queues there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES, QUALIFIERS, service_of
from workflow_dsl.application.template.values import (
    Resource,
    TemplateValues,
    Unknown,
    contains_macro,
    dict_or_empty,
    is_intrinsic,
    is_resolved,
    placeholder_name,
)
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import UnquotedPlaceholder, is_placeholder, placeholders_in
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import Finding, FindingsError, Key, Keys, Place, Where


@dataclass(frozen=True, slots=True)
class FunctionCode:
    """A Lambda function: the folder its code lies in, the handler in it, and what it is run with."""

    logical_id: str
    name: str
    folder: Path
    handler: str
    memory: int
    timeout: float
    environment: Mapping[str, str]
    runtime: str = ""
    is_whole: bool = True  # whether nothing else adds to the code: no layer, no build of another kind


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine: where its definition lies or what it is, and what its placeholders stand for."""

    logical_id: str
    name: str
    definition: Path | Mapping[str, Json] | str | None
    substitutions: Mapping[str, str]
    type: Literal["STANDARD", "EXPRESS"]


_STACK = "Stack."  # what begins the placeholders that stand in a text for what only the stack has


def _marked(name: str) -> str:
    return f"${{{_STACK}{name}}}"


@dataclass(frozen=True)
class Template:
    """What a template says, with every value that can be known resolved to what it is on this computer."""

    path: Path
    resources: Mapping[str, Resource]
    source: Source
    values: TemplateValues

    def state_machines(self) -> list[StateMachine]:
        """The state machines, in the template's order."""
        return [self._state_machine(each) for each in self.of_types(*MACHINES)]

    def functions(self) -> list[FunctionCode]:
        """The functions whose code lies beside the template, in the template's order."""
        found = ((each, _code_of(each)) for each in self.of_types(*FUNCTIONS))
        return [self._function(each, code) for each, code in found if code]

    def of_type(self, type_: str) -> list[tuple[str, Mapping[str, Json]]]:
        """The name and resolved properties of every resource of a type."""
        return [(self.values.name(each), self.value(dict(each.properties))) for each in self.of_types(type_)]

    def of_types(self, *types: str) -> Iterator[Resource]:
        """The resources of some types, in the template's order."""
        return (each for each in self.resources.values() if each.type in types)

    def _state_machine(self, resource: Resource) -> StateMachine:
        properties = resource.properties
        uri = properties.get("DefinitionUri")
        found = self.path.parent / uri if isinstance(uri, str) and not uri.startswith("s3://") else None
        type_ = self.value(properties.get("Type", properties.get("StateMachineType")))
        return StateMachine(
            resource.logical_id,
            self.values.name(resource),
            found or self._inline(properties),
            self._substitutions(dict_or_empty(properties.get("DefinitionSubstitutions"))),
            "EXPRESS" if type_ == "EXPRESS" else "STANDARD",
        )

    def _inline(self, properties: Mapping[str, Json]) -> Mapping[str, Json] | str | None:
        """An inline definition: an object, or a text; None where there is none, or one that only the stack has."""
        inline, text = properties.get("Definition"), properties.get("DefinitionString")
        if isinstance(inline, dict):
            return None if contains_macro(inline) else inline
        if isinstance(text, dict) and is_intrinsic(text) and not is_resolved(text):
            return None
        marked = self.values.with_unknown(_marked).of(text)
        return marked if isinstance(marked, str) and not is_placeholder(marked) else None

    def _substitutions(self, given: Mapping[str, Json]) -> dict[str, str]:
        """What placeholders stand for; one whose value cannot be known here stays a placeholder."""
        values = {name: self.value(each) for name, each in given.items()}
        return {name: str(value) for name, value in values.items() if isinstance(value, (str, int, float))}

    def substitutions_of(self, logical_id: str) -> dict[str, Json]:
        """What a state machine's placeholders stand for, as it stands in the template."""
        given = dict_or_empty(self.resources[logical_id].properties.get("DefinitionSubstitutions"))
        return {} if is_intrinsic(given) else given

    def substitutions_are_static(self, logical_id: str) -> bool:
        """Whether a state machine's substitutions stand in the template, and no macro or condition makes them."""
        given = dict_or_empty(self.resources[logical_id].properties.get("DefinitionSubstitutions"))
        return not any(name.startswith("Fn::") for name in given)

    def known_substitutions(self, logical_id: str) -> dict[str, Json]:
        """What a state machine's placeholders stand for; None for a value that only the stack has."""
        return {name: self.known(each) for name, each in self.substitutions_of(logical_id).items()}

    def in_stack(self, physical: Mapping[str, str], parameters: Mapping[str, str | None], stack_arn: str) -> Template:
        """The template with the values of a stack: what Ref gives for its resources, and its parameters."""
        partition, region, account, name = (stack_arn.split(":")[at] for at in (1, 3, 4, 5))
        pseudo = {
            **self.values.pseudo,
            "AWS::AccountId": account,
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::StackId": stack_arn,
            "AWS::StackName": name.split("/")[1],
        }
        given = {**self.values.parameters, **parameters}
        return replace(self, values=replace(self.values, physical=physical, parameters=given, pseudo=pseudo))

    def is_made(self, logical_id: str) -> bool:
        """Whether a resource's condition, where it has one, holds by the parameters; one that is not known does."""
        condition = dict_or_empty(self.source.document["Resources"].get(logical_id)).get("Condition")
        return condition is None or self.values.holds(condition) is not False

    def value(self, value: Json) -> Json:
        """A value with Ref, GetAtt, Sub and the like resolved; what cannot be known stays as its text."""
        return self.values.of(value)

    def known(self, value: Json) -> Json:
        """A value as it will be in the stack; None where only the stack has it."""

        def unknown(_: str) -> str:
            raise Unknown

        try:
            found = self.values.with_unknown(unknown).of(value)
        except Unknown:
            return None
        return None if isinstance(found, str) and "{{resolve:" in found else found

    def resolved(self, document: Json, unknown: set[str]) -> Json:
        """An inline definition with the values it will have; a placeholder stands for one that only the stack has.

        The names of these placeholders are added to `unknown`.
        """
        if isinstance(document, dict):
            if is_intrinsic(document):
                [operand] = document.values()
                value = self.known(document)
                if value is not None:
                    return value
                unknown.add(placeholder_name(operand))
                return UnquotedPlaceholder(f"${{{placeholder_name(operand)}}}")
            return {name: self.resolved(each, unknown) for name, each in document.items()}
        if isinstance(document, str) and "{{resolve:" in document:
            unknown.add(placeholder_name(document))
            return UnquotedPlaceholder(f"${{{placeholder_name(document)}}}")
        return [self.resolved(each, unknown) for each in document] if isinstance(document, list) else document

    def unknown_in(self, definition: str) -> list[str]:
        """The names of the placeholders in a DefinitionString for what only the stack has."""
        return [name for name in placeholders_in(definition) if name.startswith(_STACK)]

    def resource_at(self, target: str, service: str = "") -> Resource | None:
        """The resource that an ARN, URL or name on this computer leads to; a name is looked for within a service."""
        if "arn:" in target or "://" in target:
            found = self._by_address.get(target)
            unqualified = target.rpartition(":")[0] if ":function:" in target or ":stateMachine:" in target else ""
            return found or self._by_address.get(unqualified)
        named = self._by_name.get(target.partition(":")[0], [])
        return next((each for each in named if service_of(each.type) == service), None)

    @cached_property
    def _by_address(self) -> dict[str, Resource]:
        found: dict[str, Resource] = {}
        for each in self.resources.values():
            if each.type in QUALIFIERS:
                continue
            reference = self.values.ref(each.logical_id)
            found[self.values.arn(each)] = each
            if isinstance(reference, str) and ("://" in reference or reference.startswith("arn:")):
                found.setdefault(reference, each)
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for each in self.resources.values():
            for name in dict.fromkeys((self.values.name(each), each.logical_id)):
                found.setdefault(name, []).append(each)
        return found

    def place(self, *keys: Key) -> Place:
        """The line of what keys lead to, from the top of the template."""
        if keys not in self._places:
            self._places.update(self.source.places([keys]))
        return self._places.get(keys) or Place(self.source.file)

    def place_around(self, *keys: Key) -> Place:
        """The line of what keys lead to, or of the innermost thing around it that is there."""
        place = self.place(*keys)
        return place if place.line is not None or not keys else self.place_around(*keys[:-1])

    @cached_property
    def _places(self) -> dict[Keys, Place]:
        """The lines that are asked for most, found in one pass: those of the state machines and their fields."""
        fields = ((), ("Properties",), *(("Properties", field) for field in _ASKED_FOR))
        machines = [each.logical_id for each in self.of_types(*MACHINES)]
        return self.source.places(("Resources", name, *field) for name in machines for field in fields)

    def _function(self, resource: Resource, code: str) -> FunctionCode:
        properties = resource.properties
        variables = dict_or_empty(dict_or_empty(properties.get("Environment")).get("Variables"))
        return FunctionCode(
            resource.logical_id,
            self.values.name(resource),
            self.path.parent / code,
            str(self.value(properties.get("Handler", ""))),
            int(self._number(properties.get("MemorySize"), 128)),
            self._number(properties.get("Timeout"), 3),
            {name: str(self.value(each)) for name, each in variables.items()},
            str(self.value(properties.get("Runtime", ""))),
            not properties.get("Layers") and self._build_method(resource.logical_id) not in _MAKES_CODE,
        )

    def _build_method(self, logical_id: str) -> Json:
        return dict_or_empty(self.source.document["Resources"][logical_id].get("Metadata")).get("BuildMethod")

    def _number(self, value: Json, default: float) -> float:
        try:
            return float(self.value(default if value is None else value))
        except (TypeError, ValueError):
            return default


_MAKES_CODE = ("makefile", "esbuild", "rust-cargolambda", "go1.x", "dotnet7")  # what is deployed is not what lies there
_ASKED_FOR = ("Definition", "DefinitionString", "DefinitionUri", "DefinitionSubstitutions", "Policies")


def read_template(path: Path, shown: str | None = None) -> Template:
    """The template in a file, named in findings as `shown`. Raises FindingsError for one that cannot be read."""
    try:
        source = read_source(path.read_bytes(), shown or str(path), strict=False)
    except FileNotFoundError:
        raise _unreadable(path, "is not there", "write it, or set template under [tool.workflow-dsl]") from None
    except FindingsError as problem:
        raise FindingsError(
            replace(finding, code="TEMPLATE", message=f"cannot be read: {finding.message}")
            for finding in problem.findings
        ) from None
    return template_of(source, path)


def template_of(source: Source, path: Path) -> Template:
    """The template in a text that was read from a file. Raises FindingsError for one that is none."""
    content = source.document
    if not isinstance(content, dict) or not isinstance(content.get("Resources"), dict):
        raise _unreadable(path, "has no Resources", "give it the resources of the application")
    parameters = {name: _default(each) for name, each in dict_or_empty(content.get("Parameters")).items()}
    resources = {
        name: Resource(name, str(each.get("Type")), _with_globals(content, each))
        for name, each in content["Resources"].items()
        if isinstance(each, dict)
    }
    mappings, conditions = (dict_or_empty(content.get(section)) for section in ("Mappings", "Conditions"))
    return Template(path, resources, source, TemplateValues(resources, parameters, mappings, conditions))


def _default(parameter: Json) -> Json:
    """What a parameter is by default; None where that is to be given, or names a parameter of Systems Manager."""
    default = dict_or_empty(parameter).get("Default")
    is_name = str(dict_or_empty(parameter).get("Type")).startswith("AWS::SSM::Parameter::Value")
    return None if is_name or default == "" else default


def _code_of(resource: Resource) -> str | None:
    """The folder or file of a function's code; None where it is elsewhere."""
    code = resource.properties.get("CodeUri") or resource.properties.get("Code")
    return code if isinstance(code, str) and not code.startswith("s3://") else None


def _with_globals(content: Mapping[str, Json], resource: Mapping[str, Json]) -> dict[str, Json]:
    """A resource's properties over the Globals of its kind, objects merged."""
    kind = str(resource.get("Type")).removeprefix("AWS::Serverless::")
    return _merged(
        dict_or_empty(dict_or_empty(content.get("Globals")).get(kind)), dict_or_empty(resource.get("Properties"))
    )


def _merged(under: Mapping[str, Json], over: Mapping[str, Json]) -> dict[str, Json]:
    both = {
        name: _merged(under[name], each) if isinstance(each, dict) and isinstance(under.get(name), dict) else each
        for name, each in over.items()
    }
    return {**under, **both}


def _unreadable(path: Path, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("TEMPLATE", "error", Where(place=Place(str(path))), message, remedy)])
