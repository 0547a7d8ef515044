"""A SAM or CloudFormation template, as far as checking and running its state machines needs it: where definitions lie,
what placeholders stand for, which folder and handler a function has, which tables and queues there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from workflow_dsl.aws import ACCOUNT, PARTITION, REGION
from workflow_dsl.expressions.placeholders import Unquoted, is_placeholder, placeholders_in
from workflow_dsl.findings import Finding, FindingsError, Key, Place, Where
from workflow_dsl.reading import Source, read_source

Json = Any
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": "",
    "AWS::Partition": PARTITION,
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/local/local",
    "AWS::StackName": "local",
    "AWS::URLSuffix": "amazonaws.com",
}
_MACHINES = ("AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine")
_FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
_ARNS = {
    "AWS::Serverless::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Serverless::StateMachine": "states:{region}:{account}:stateMachine:{name}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
    "AWS::StepFunctions::Activity": "states:{region}:{account}:activity:{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::Serverless::SimpleTable": "dynamodb:{region}:{account}:table/{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::S3::Bucket": "s3:::{name}",
}
# The property that names a resource, and what Ref gives where that is not the name.
_NAMES = {
    "AWS::Serverless::Function": "FunctionName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Serverless::StateMachine": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::StepFunctions::Activity": "Name",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Serverless::SimpleTable": "TableName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::S3::Bucket": "BucketName",
}
_REF_IS_ARN = (*_MACHINES, "AWS::SNS::Topic", "AWS::StepFunctions::Activity")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the template, its properties with the Globals of its kind."""

    logical_id: str
    type: str
    properties: Mapping[str, Json]


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


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine: where its definition lies or what it is, and what its placeholders stand for."""

    logical_id: str
    name: str
    definition: Path | Mapping[str, Json] | str | None
    substitutions: Mapping[str, str]
    type: Literal["STANDARD", "EXPRESS"]


def _short_name(operand: Json) -> str:
    """What a reference refers to, for a placeholder's name."""
    return re.sub(r"[^\w.:]+", "", operand if isinstance(operand, str) else str(operand)) or "value"


def _object(value: Json) -> dict[str, Json]:
    """A value that should be an object; what is none reads as empty, and is for CloudFormation to refuse."""
    return value if isinstance(value, dict) else {}


_STACK = "Stack."  # what begins the placeholders that stand in a text for what only the stack has


def _marked(name: str) -> str:
    return f"${{{_STACK}{name}}}"


class _Unknown(Exception):
    """A value that only the stack has."""


@dataclass(frozen=True)
class Template:
    """What a template says, with every value that can be known resolved to what it is on this computer."""

    path: Path
    resources: Mapping[str, Resource]
    source: Source
    _parameters: Mapping[str, Json] = field(default_factory=dict)
    _unknown: Callable[[str], str] = str  # what a value that only the stack has comes to, given what it is called here

    def state_machines(self) -> list[StateMachine]:
        """The state machines, in the template's order."""
        return [self._state_machine(each) for each in self._of(*_MACHINES)]

    def functions(self) -> list[FunctionCode]:
        """The functions whose code lies beside the template, in the template's order."""
        return [
            self._function(each)
            for each in self._of(*_FUNCTIONS)
            if isinstance(each.properties.get("CodeUri", each.properties.get("Code")), str)
        ]

    def of_type(self, type_: str) -> list[tuple[str, Mapping[str, Json]]]:
        """The name and resolved properties of every resource of a type."""
        return [(self.name(each), self.value(dict(each.properties))) for each in self._of(type_)]

    def _of(self, *types: str) -> Iterator[Resource]:
        return (each for each in self.resources.values() if each.type in types)

    def _state_machine(self, resource: Resource) -> StateMachine:
        properties = resource.properties
        uri = properties.get("DefinitionUri")
        found = self.path.parent / uri if isinstance(uri, str) and not uri.startswith("s3://") else None
        type_ = self.value(properties.get("Type", properties.get("StateMachineType")))
        return StateMachine(
            resource.logical_id,
            self.name(resource),
            found or self._inline(properties),
            self._substitutions(_object(properties.get("DefinitionSubstitutions"))),
            "EXPRESS" if type_ == "EXPRESS" else "STANDARD",
        )

    def _inline(self, properties: Mapping[str, Json]) -> Mapping[str, Json] | str | None:
        """An inline definition: an object, or a text; None where there is none, or one that only the stack has."""
        inline, text = properties.get("Definition"), properties.get("DefinitionString")
        if isinstance(inline, dict):
            return None if _is_made_later(inline) else inline
        if isinstance(text, dict) and _is_made_later(text) and next(iter(text)) not in _RESOLVE:
            return None
        marked = replace(self, _unknown=_marked).value(text)
        return marked if isinstance(marked, str) and not is_placeholder(marked) else None

    def _substitutions(self, given: Mapping[str, Json]) -> dict[str, str]:
        """What placeholders stand for; one whose value cannot be known here stays a placeholder."""
        values = {name: self.value(each) for name, each in given.items()}
        return {name: str(value) for name, value in values.items() if isinstance(value, (str, int, float))}

    def known_substitutions(self, logical_id: str) -> dict[str, Json]:
        """What a state machine's placeholders stand for; None for a value that only the stack has."""
        given = _object(self.resources[logical_id].properties.get("DefinitionSubstitutions"))
        return {name: self.known(each) for name, each in given.items()}

    def known(self, value: Json) -> Json:
        """A value as it will be in the stack; None where only the stack has it."""

        def unknown(_: str) -> str:
            raise _Unknown

        try:
            return replace(self, _unknown=unknown).value(value)
        except _Unknown:
            return None

    def resolved(self, document: Json, unknown: set[str]) -> Json:
        """An inline definition with the values it will have; a placeholder stands for one that only the stack has.

        The names of these placeholders are added to `unknown`.
        """
        if isinstance(document, dict):
            if _is_made_later(document):
                [operand] = document.values()
                value = self.known(document)
                if value is not None:
                    return value
                unknown.add(_short_name(operand))
                return Unquoted(f"${{{_short_name(operand)}}}")
            return {name: self.resolved(each, unknown) for name, each in document.items()}
        return [self.resolved(each, unknown) for each in document] if isinstance(document, list) else document

    def unknown_in(self, definition: str) -> list[str]:
        """The names of the placeholders in a DefinitionString for what only the stack has."""
        return [name for name in placeholders_in(definition) if name.startswith(_STACK)]

    def place(self, *keys: Key) -> Place:
        """The line of what keys lead to, from the top of the template."""
        if keys not in self._places:
            self._places.update(self.source.places([keys]))
        return self._places.get(keys) or Place(self.source.file)

    @cached_property
    def _places(self) -> dict[tuple[Key, ...], Place]:
        """The lines that are asked for most, found in one pass: those of the state machines and their fields."""
        fields = ((), ("Properties",), *(("Properties", field) for field in _ASKED_FOR))
        machines = [each.logical_id for each in self._of(*_MACHINES)]
        return self.source.places(("Resources", name, *field) for name in machines for field in fields)

    def _function(self, resource: Resource) -> FunctionCode:
        properties = resource.properties
        variables = _object(_object(properties.get("Environment")).get("Variables"))
        return FunctionCode(
            resource.logical_id,
            self.name(resource),
            self.path.parent / (properties.get("CodeUri") or properties["Code"]),
            str(self.value(properties.get("Handler", ""))),
            int(self._number(properties.get("MemorySize"), 128)),
            self._number(properties.get("Timeout"), 3),
            {name: str(self.value(each)) for name, each in variables.items()},
            str(self.value(properties.get("Runtime", ""))),
        )

    def name(self, resource: Resource) -> str:
        """A resource's name on this computer: its own where it has one, else its logical id."""
        own = resource.properties.get(_NAMES.get(resource.type, ""))
        try:
            name = resource.logical_id if own is None else str(self.value(own))
        except RecursionError:  # a name that refers to itself
            name = resource.logical_id
        return name.lower() if resource.type == "AWS::S3::Bucket" else name

    def arn(self, resource: Resource) -> str:
        pattern = _ARNS.get(resource.type, f"local:{REGION}:{ACCOUNT}:{{name}}")
        return f"arn:{PARTITION}:{pattern.format(region=REGION, account=ACCOUNT, name=self.name(resource))}"

    def value(self, value: Json) -> Json:
        """A value with Ref, GetAtt, Sub and the like resolved; what cannot be known stays as its text."""
        if isinstance(value, dict):
            if len(value) == 1:
                [(name, operand)] = value.items()
                if name in _RESOLVE:
                    return _RESOLVE[name](self, operand)
                if name.startswith("Fn::") and self._unknown is not str:
                    return self._unknown(_short_name(operand))
            return {name: self.value(each) for name, each in value.items() if each != {"Ref": "AWS::NoValue"}}
        return [self.value(each) for each in value] if isinstance(value, list) else value

    def _number(self, value: Json, default: float) -> float:
        try:
            return float(self.value(default if value is None else value))
        except (TypeError, ValueError):
            return default

    def _ref(self, name: Json) -> Json:
        if not isinstance(name, str):
            return self._unknown(_short_name(name))
        if name in _PSEUDO:
            return _PSEUDO[name]
        if self._parameters.get(name) is not None:
            return self._parameters[name]
        resource = self.resources.get(name)
        if resource is None:
            return self._unknown(name)
        if resource.type == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self.name(resource)}"
        return self.arn(resource) if resource.type in _REF_IS_ARN else self.name(resource)

    def _get_att(self, operand: Json) -> str:
        parts = operand.split(".", 1) if isinstance(operand, str) else operand
        if not isinstance(parts, list) or len(parts) != 2 or not all(isinstance(part, str) for part in parts):
            return self._unknown(_short_name(operand))
        name, attribute = parts
        resource = self.resources.get(name)
        if resource is not None and attribute in ("Name", "QueueName", "TopicName"):
            return self.name(resource)
        if resource is not None and attribute in ("Arn", "TopicArn"):
            return self.arn(resource) if resource.type in _ARNS else self._unknown_arn(resource)
        return self._unknown(f"{name}.{attribute}")

    def _unknown_arn(self, resource: Resource) -> str:
        """The ARN of a resource whose kind of ARN is not known here: good enough to run with, not to be judged."""
        return self.arn(resource) if self._unknown is str else self._unknown(f"{resource.logical_id}.Arn")

    def _sub(self, operand: Json) -> str:
        text, own = operand if isinstance(operand, list) and len(operand) == 2 else (operand, {})
        names = _object(own)

        def part(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in names:
                return str(self.value(names[name]))
            return str(self._get_att(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", part, str(text))

    def _join(self, operand: Json) -> str:
        if not isinstance(operand, list) or len(operand) != 2 or not isinstance(operand[1], list):
            return str(operand)
        return str(operand[0]).join(str(self.value(part)) for part in operand[1])

    def _if(self, operand: Json) -> Json:
        """Without the stack's conditions, the first of the two."""
        if self._unknown is not str or not isinstance(operand, list) or len(operand) != 3:
            return self._unknown(_short_name(operand))
        return self.value(operand[1])


_RESOLVE = {
    "Ref": Template._ref,
    "Fn::GetAtt": Template._get_att,
    "Fn::Sub": Template._sub,
    "Fn::Join": Template._join,
    "Fn::If": Template._if,
}


_ASKED_FOR = ("Definition", "DefinitionString", "DefinitionUri", "DefinitionSubstitutions", "Policies")


def _is_made_later(value: Mapping[str, Json]) -> bool:
    """Whether an object is one of CloudFormation's functions rather than a value."""
    return len(value) == 1 and (next(iter(value)) in _RESOLVE or next(iter(value)).startswith("Fn::"))


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
    parameters = {
        name: each.get("Default") if isinstance(each, dict) else None
        for name, each in _object(content.get("Parameters")).items()
    }
    resources = {
        name: Resource(name, str(each.get("Type")), _with_globals(content, each))
        for name, each in content["Resources"].items()
        if isinstance(each, dict)
    }
    return Template(path, resources, source, parameters)


def _with_globals(content: Mapping[str, Json], resource: Mapping[str, Json]) -> dict[str, Json]:
    """A resource's properties over the Globals of its kind, objects merged."""
    kind = str(resource.get("Type")).removeprefix("AWS::Serverless::")
    return _merged(_object(_object(content.get("Globals")).get(kind)), _object(resource.get("Properties")))


def _merged(under: Mapping[str, Json], over: Mapping[str, Json]) -> dict[str, Json]:
    both = {
        name: _merged(under[name], each) if isinstance(each, dict) and isinstance(under.get(name), dict) else each
        for name, each in over.items()
    }
    return {**under, **both}


def _unreadable(path: Path, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("TEMPLATE", "error", Where(place=Place(str(path))), message, remedy)])
