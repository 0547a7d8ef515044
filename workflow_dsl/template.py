"""A SAM or CloudFormation template, as far as checking and running its state machines needs it: where definitions lie,
what placeholders stand for, which folder and handler a function has, which tables and queues there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from workflow_dsl.aws import ACCOUNT, PARTITION, REGION
from workflow_dsl.expressions.placeholders import Unquoted
from workflow_dsl.findings import Finding, FindingsError, Key, Place, Where
from workflow_dsl.reading import Source, is_template, read_source

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


class _Unknown(Exception):
    """A value that only the stack has."""


@dataclass(frozen=True)
class Template:
    """What a template says, with every value that can be known resolved to what it is on this computer."""

    path: Path
    resources: Mapping[str, Resource]
    source: Source
    _parameters: Mapping[str, Json] = field(default_factory=dict)
    _guesses: bool = True  # whether a value that only the stack has is taken for the text it has in the template

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
        inline, text = properties.get("Definition"), self.known(properties.get("DefinitionString"))
        found = self.path.parent / uri if isinstance(uri, str) and not uri.startswith("s3://") else None
        return StateMachine(
            resource.logical_id,
            self.name(resource),
            found or (inline if isinstance(inline, dict) else text if isinstance(text, str) else None),
            self._substitutions(properties.get("DefinitionSubstitutions") or {}),
            "EXPRESS" if "EXPRESS" in (properties.get("Type"), properties.get("StateMachineType")) else "STANDARD",
        )

    def _substitutions(self, given: Mapping[str, Json]) -> dict[str, str]:
        """What placeholders stand for; one whose value cannot be known here stays a placeholder."""
        values = {name: self.value(each) for name, each in given.items()}
        return {name: str(value) for name, value in values.items() if isinstance(value, (str, int, float))}

    def known_substitutions(self, logical_id: str) -> dict[str, Json]:
        """What a state machine's placeholders stand for; None for a value that only the stack has."""
        given = self.resources[logical_id].properties.get("DefinitionSubstitutions")
        return {name: self.known(each) for name, each in given.items()} if isinstance(given, dict) else {}

    def known(self, value: Json) -> Json:
        """A value as it will be in the stack; None where only the stack has it."""
        try:
            return replace(self, _guesses=False).value(value)
        except _Unknown:
            return None

    def resolved(self, document: Json) -> Json:
        """An inline definition with the values it will have; a placeholder stands for one that only the stack has."""
        if isinstance(document, dict):
            if len(document) == 1:
                [(name, operand)] = document.items()
                if name in _RESOLVE or name.startswith("Fn::"):
                    value = self.known(document)
                    return Unquoted(f"${{{_short_name(operand)}}}") if value is None else value
            return {name: self.resolved(each) for name, each in document.items()}
        return [self.resolved(each) for each in document] if isinstance(document, list) else document

    def place(self, *keys: Key) -> Place:
        """The line of what keys lead to, from the top of the template."""
        return self.source.places([keys]).get(keys) or Place(self.source.file)

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
                if name.startswith("Fn::") and not self._guesses:
                    raise _Unknown
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
        if self._parameters.get(name) is not None:
            return self._parameters[name]
        resource = self.resources.get(name)
        if resource is None:
            return self._guess(str(name))
        if resource.type == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self.name(resource)}"
        return self.arn(resource) if resource.type in _REF_IS_ARN else self.name(resource)

    def _get_att(self, operand: Json) -> str:
        name, _, attribute = operand.partition(".") if isinstance(operand, str) else (operand[0], ".", str(operand[1]))
        resource = self.resources.get(name)
        if resource is None:
            return self._guess(f"{name}.{attribute}")
        if attribute in ("Name", "QueueName", "TopicName"):
            return self.name(resource)
        if attribute in ("Arn", "TopicArn") and (self._guesses or resource.type in _ARNS):
            return self.arn(resource)
        return self._guess(f"{name}.{attribute}")

    def _guess(self, text: str) -> str:
        if not self._guesses:
            raise _Unknown
        return text

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
        if not self._guesses:
            raise _Unknown
        return self.value(operand[1])


_RESOLVE = {
    "Ref": Template._ref,
    "Fn::GetAtt": Template._get_att,
    "Fn::Sub": Template._sub,
    "Fn::Join": Template._join,
    "Fn::If": Template._if,
}


def read_template(path: Path, shown: str | None = None) -> Template:
    """The template in a file, named in findings as `shown`. Raises FindingsError for one that cannot be read."""
    try:
        source = read_source(path.read_bytes(), shown or str(path), strict=False)
    except FileNotFoundError:
        raise _unreadable(path, "is not there", "write it, or set template under [tool.workflow-dsl]") from None
    except FindingsError as problem:
        [finding] = problem.findings
        raise _unreadable(path, f"cannot be read: {finding.message}", "mend it there") from None
    return template_of(source, path)


def template_of(source: Source, path: Path) -> Template:
    """The template in a text that was read from a file. Raises FindingsError for one that is none."""
    content = source.document
    if not is_template(content):
        raise _unreadable(path, "has no Resources", "give it the resources of the application")
    parameters = {
        name: each.get("Default") if isinstance(each, dict) else None
        for name, each in (content.get("Parameters") or {}).items()
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
