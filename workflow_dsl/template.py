"""A SAM or CloudFormation template, as far as running its state machines needs it: what placeholders stand for, which
folder and handler a function has, which tables and queues there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from workflow_dsl.aws import ACCOUNT, PARTITION, REGION
from workflow_dsl.findings import Finding, FindingsError, Place, Where

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
    definition: Path | Mapping[str, Json] | None
    substitutions: Mapping[str, str]
    type: Literal["STANDARD", "EXPRESS"]


@dataclass(frozen=True)
class Template:
    """What a template says, with every value that can be known resolved to what it is on this computer."""

    path: Path
    resources: Mapping[str, Resource]
    _parameters: Mapping[str, Json] = field(default_factory=dict)

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
        inline = properties.get("Definition")
        return StateMachine(
            resource.logical_id,
            self.name(resource),
            self.path.parent / uri if isinstance(uri, str) else inline if isinstance(inline, dict) else None,
            self._substitutions(properties.get("DefinitionSubstitutions") or {}),
            "EXPRESS" if "EXPRESS" in (properties.get("Type"), properties.get("StateMachineType")) else "STANDARD",
        )

    def _substitutions(self, given: Mapping[str, Json]) -> dict[str, str]:
        """What placeholders stand for; one whose value cannot be known here stays a placeholder."""
        values = {name: self.value(each) for name, each in given.items()}
        return {name: str(value) for name, value in values.items() if isinstance(value, (str, int, float))}

    def _function(self, resource: Resource) -> FunctionCode:
        properties = resource.properties
        variables = (properties.get("Environment") or {}).get("Variables") or {}
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
        name = resource.logical_id if own is None else str(self.value(own))
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
            return {name: self.value(each) for name, each in value.items() if each != {"Ref": "AWS::NoValue"}}
        return [self.value(each) for each in value] if isinstance(value, list) else value

    def _number(self, value: Json, default: float) -> float:
        try:
            return float(self.value(default if value is None else value))
        except (TypeError, ValueError):
            return default

    def _ref(self, name: Json) -> Json:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name in self._parameters:
            return self._parameters[name]
        resource = self.resources.get(name)
        if resource is None:
            return name
        if resource.type == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self.name(resource)}"
        return self.arn(resource) if resource.type in _REF_IS_ARN else self.name(resource)

    def _get_att(self, operand: Json) -> str:
        name, _, attribute = operand.partition(".") if isinstance(operand, str) else (operand[0], ".", str(operand[1]))
        resource = self.resources.get(name)
        if resource is None:
            return f"{name}.{attribute}"
        if attribute in ("Name", "QueueName", "TopicName"):
            return self.name(resource)
        return self.arn(resource) if attribute in ("Arn", "TopicArn") else f"{name}.{attribute}"

    def _sub(self, operand: Json) -> str:
        text, own = operand if isinstance(operand, list) and len(operand) == 2 else (operand, {})

        def part(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                return str(self.value(own[name]))
            return str(self._get_att(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", part, str(text))

    def _join(self, operand: Json) -> str:
        if not isinstance(operand, list) or len(operand) != 2 or not isinstance(operand[1], list):
            return str(operand)
        return str(operand[0]).join(str(self.value(part)) for part in operand[1])

    def _if(self, operand: Json) -> Json:
        """Without the stack's conditions, the first of the two."""
        return self.value(operand[1])


_RESOLVE = {
    "Ref": Template._ref,
    "Fn::GetAtt": Template._get_att,
    "Fn::Sub": Template._sub,
    "Fn::Join": Template._join,
    "Fn::If": Template._if,
}


class _Loader(yaml.SafeLoader):
    """Safe YAML with CloudFormation's short tags as the long form: `!Ref X` is {"Ref": "X"}."""


def _short_tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Json]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}  # type: ignore[arg-type]  # the third kind of node


_Loader.add_multi_constructor("!", _short_tag)


def read_template(path: Path) -> Template:
    """The template in a file. Raises FindingsError for one that cannot be read."""
    try:
        content = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  # a safe loader
    except FileNotFoundError:
        raise _unreadable(path, "is not there", "write it, or set template under [tool.workflow-dsl]") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        said = " ".join(str(problem).split())
        raise _unreadable(path, f"cannot be read: {said}", "mend it there") from None
    if not isinstance(content, dict) or not isinstance(content.get("Resources"), dict):
        raise _unreadable(path, "has no Resources", "give it the resources of the application")
    parameters = {
        name: each.get("Default", name) if isinstance(each, dict) else name
        for name, each in (content.get("Parameters") or {}).items()
    }
    resources = {
        name: Resource(name, str(each.get("Type")), _with_globals(content, each))
        for name, each in content["Resources"].items()
        if isinstance(each, dict)
    }
    return Template(path, resources, parameters)


def _with_globals(content: Mapping[str, Json], resource: Mapping[str, Json]) -> dict[str, Json]:
    """A resource's properties over the Globals of its kind, objects merged."""
    kind = str(resource.get("Type")).removeprefix("AWS::Serverless::")
    shared = ((content.get("Globals") or {}).get(kind)) or {}
    own = resource.get("Properties")
    return _merged(shared, own if isinstance(own, dict) else {})


def _merged(under: Mapping[str, Json], over: Mapping[str, Json]) -> dict[str, Json]:
    both = {
        name: _merged(under[name], each) if isinstance(each, dict) and isinstance(under.get(name), dict) else each
        for name, each in over.items()
    }
    return {**under, **both}


def _unreadable(path: Path, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("TEMPLATE", "error", Where(place=Place(str(path))), message, remedy)])
