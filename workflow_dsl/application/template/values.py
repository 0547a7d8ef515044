"""Resolve a template's values: Ref, GetAtt, Sub and other intrinsic functions, as far as they are known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal

from workflow_dsl.application.template.intrinsics import (
    as_list,
    as_string,
    attribute_of,
    dict_or_empty,
    joined,
    limited,
    placeholder_name,
    references,
    substitute_names,
)
from workflow_dsl.application.template.resource_types import (
    BUCKET,
    KINDS,
    LOCAL_ACCOUNT,
    LOCAL_PARTITION,
    LOCAL_REGION,
    QUALIFIERS,
    ROLE,
)
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.records import Record, field, replace

PSEUDO = {
    "AWS::AccountId": LOCAL_ACCOUNT,
    "AWS::NoValue": "",
    "AWS::NotificationARNs": "",
    "AWS::Partition": LOCAL_PARTITION,
    "AWS::Region": LOCAL_REGION,
    "AWS::StackId": f"arn:{LOCAL_PARTITION}:cloudformation:{LOCAL_REGION}:{LOCAL_ACCOUNT}:stack/local/local",
    "AWS::StackName": "local",
    "AWS::URLSuffix": "amazonaws.com",
}
# "local": as on this computer, with invented values for those that only the stack has. "known": as in any stack of the
# template, without those values. "stack": as in one stack, with the physical IDs of its resources.
Mode = Literal["local", "known", "stack"]


class Resource(Record):
    """A resource of the template. Its properties include the Globals of its type."""

    logical_id: str
    type: str
    properties: Mapping[str, Json]


class Unknown(Exception):
    """A value that only the stack has."""


def refuse(_: str) -> str:
    """Raise Unknown for a value that only the stack has."""
    raise Unknown


def _absent(resource: Resource) -> str:
    """The value of a reference to a resource that the stack lacks."""
    return f"<{resource.logical_id}, not in the stack>"


class TemplateValues(Record):
    """The values of a template, in one mode.

    `unknown` gets the name of a value that only the stack has. It returns a string to use instead, or raises Unknown.
    """

    resources: Mapping[str, Resource]
    parameters: Mapping[str, Json] = field(default_factory=dict)
    mappings: Mapping[str, Json] = field(default_factory=dict)
    conditions: Mapping[str, Json] = field(default_factory=dict)
    mode: Mode = "local"
    unknown: Callable[[str], str] = str
    pseudo: Mapping[str, str] = field(default_factory=lambda: PSEUDO)
    physical: Mapping[str, str] = field(default_factory=dict)  # the IDs of the stack's resources, which Ref returns
    # Found once each: names and conditions that refer to others twice would take time that doubles with each of them.
    _names: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _qualified_arns: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _mapped: dict[tuple[str, ...], Json] = field(default_factory=dict, repr=False, compare=False)
    _held: dict[str, bool | None] = field(default_factory=dict, repr=False, compare=False)

    def without_invented(self, unknown: Callable[[str], str] = refuse) -> TemplateValues:
        """Return the values without invented ones; `unknown` decides what replaces them."""
        mode: Mode = "known" if self.mode == "local" else self.mode
        return replace(self, mode=mode, unknown=unknown, _qualified_arns={}, _mapped={})

    def in_stack(
        self, physical: Mapping[str, str], parameters: Mapping[str, str | None], stack_arn: str
    ) -> TemplateValues:
        """The values in a stack with these physical IDs and parameters."""
        _, partition, _, region, account, name = stack_arn.split(":", 5)
        pseudo = {
            **self.pseudo,
            "AWS::AccountId": account,
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::StackId": stack_arn,
            "AWS::StackName": name.split("/")[1],
        }
        parameters = {**self.parameters, **parameters}
        in_stack = replace(self, mode="stack", physical=physical, parameters=parameters, pseudo=pseudo)
        return replace(in_stack, _names={}, _qualified_arns={}, _mapped={}, _held={})

    def of(self, value: Json) -> Json:
        """Return a value with its intrinsic functions resolved, at any depth."""
        if isinstance(value, dict):
            if len(value) == 1:
                [(name, operand)] = value.items()
                if name in _RESOLVE:
                    return _RESOLVE[name](self, operand)
                if name.startswith("Fn::") and self.mode != "local":
                    return self.unknown(placeholder_name(operand))
            return {name: self.of(item) for name, item in value.items() if item != {"Ref": "AWS::NoValue"}}
        return [self.of(item) for item in value] if isinstance(value, list) else value

    def name(self, resource: Resource) -> str:
        """A resource's name: its own in a stack; elsewhere the one in its properties, or one from its logical ID."""
        if resource.logical_id in self.physical:
            return re.split("[:/]", self.physical[resource.logical_id])[-1]
        if resource.logical_id not in self._names:
            self._names[resource.logical_id] = resource.logical_id  # for a name that refers to itself
            self._names[resource.logical_id] = self._own_name(resource) or _made_up_name(resource)
        name = self._names[resource.logical_id]
        return name.lower() if resource.type == BUCKET else name

    def _own_name(self, resource: Resource) -> str | None:
        """The name in a resource's properties; None if there is none, or if only the stack has it."""
        kind = KINDS.get(resource.type)
        own_name = resource.properties.get(kind.named_by) if kind else None
        try:
            return None if own_name is None else limited(str(self.without_invented().of(own_name)))
        except (Unknown, RecursionError):
            return None

    def arn(self, resource: Resource) -> str:
        """A resource's ARN; an invented one for a type whose ARNs are unknown."""
        kind = KINDS.get(resource.type)
        pattern = kind.arn if kind else "local:{region}:{account}:{name}"
        region, account = self.pseudo["AWS::Region"], self.pseudo["AWS::AccountId"]
        after_partition = pattern.format(region=region, account=account, name=self.name(resource))
        return f"arn:{self.pseudo['AWS::Partition']}:{after_partition}"

    def ref(self, name: Json) -> Json:
        """The value of Ref for a name. SAM's names can have a dot: `Function.Alias`."""
        if not isinstance(name, str):
            return self.unknown(placeholder_name(name))
        for values in (self.pseudo, self.parameters, self.physical):
            if values.get(name) is not None:
                return values[name]
        resource = self.resources.get(name)
        if resource is None:
            return self._alias_or_version(name) or self.unknown(name)
        return _absent(resource) if self._is_absent(resource) else self._ref_of(resource)

    def _ref_of(self, resource: Resource) -> str:
        """The value of Ref for a resource of the template."""
        if resource.type in QUALIFIERS:
            return self._qualified(resource)
        kind = KINDS.get(resource.type)
        if kind and kind.ref == "url":
            return f"https://sqs.{LOCAL_REGION}.amazonaws.com/{LOCAL_ACCOUNT}/{self.name(resource)}"
        return self.arn(resource) if kind and kind.ref == "arn" else self.name(resource)

    def _is_absent(self, resource: Resource) -> bool:
        """True if there is a stack, and it lacks this resource."""
        return self.mode == "stack" and resource.logical_id not in self.physical

    def _alias_or_version(self, name: str) -> str | None:
        """The ARN of what SAM creates for a function with AutoPublishAlias: `Function.Alias`, `Function.Version`.

        SAM names an alias by the function and the alias, a version by the function and a hash of its code (SAM guide,
        "Generated CloudFormation resources for AWS::Serverless::Function").
        """
        function, _, qualifier = name.partition(".")
        resource = self.resources.get(function)
        if resource is None or qualifier not in ("Alias", "Version"):
            return None
        if self.mode != "stack":
            return f"{self.arn(resource)}:{qualifier}"
        alias = self.of(resource.properties.get("AutoPublishAlias")) if qualifier == "Alias" else ""
        prefix = f"{function}{qualifier}{alias}"
        arn = next((arn for logical_id, arn in self.physical.items() if logical_id.startswith(prefix)), None)
        return arn or _absent(resource)

    def _qualified(self, resource: Resource) -> str:
        """The ARN of a function's alias or version."""
        if resource.logical_id not in self._qualified_arns:
            self._qualified_arns[resource.logical_id] = resource.logical_id  # for one that refers to itself
            self._qualified_arns[resource.logical_id] = self._arn_of_qualified(resource)
        return self._qualified_arns[resource.logical_id]

    def _arn_of_qualified(self, resource: Resource) -> str:
        name = resource.properties.get("FunctionName")
        function = next((self.resources[name] for name in references(name) if name in self.resources), None)
        if function is None:
            return self.unknown(resource.logical_id)
        return f"{self.arn(function)}:{limited(str(self.of(resource.properties.get('Name', '1'))))}"

    def _get_att(self, operand: Json) -> Json:
        pair = attribute_of(operand)
        if pair is None:
            return self.unknown(placeholder_name(operand))
        name, attribute = pair
        resource = self.resources.get(name)
        if resource is not None and self._is_absent(resource):
            return _absent(resource)
        if resource is not None and attribute in ("Name", "QueueName", "TopicName"):
            return self.name(resource)
        if resource is not None and attribute in ("QueueUrl", "AliasArn", "FunctionArn"):
            return self.ref(name)
        if resource is not None and attribute in ("Arn", "TopicArn"):
            has_arn = resource.type in KINDS and not (resource.type == ROLE and self.mode == "stack")  # it has a path
            return self.arn(resource) if has_arn else self._unknown_arn(resource)
        return self.unknown(f"{name}.{attribute}")

    def _unknown_arn(self, resource: Resource) -> str:
        """The ARN of a resource of a type whose ARNs are unknown: an invented one is good enough for a local run."""
        return self.arn(resource) if self.mode == "local" else self.unknown(f"{resource.logical_id}.Arn")

    def _sub(self, operand: Json) -> str:
        text, own = operand if isinstance(operand, list) and len(operand) == 2 else (operand, {})
        own_values = {name: limited(str(self.of(value))) for name, value in dict_or_empty(own).items()}

        def value(name: str) -> str:
            if name in own_values:
                return own_values[name]
            qualified = self._alias_or_version(name)
            return qualified or str(self._get_att(name) if "." in name else self.ref(name))

        return limited(substitute_names(str(text), value))

    def _join(self, operand: Json) -> str:
        parts = operand[1] if isinstance(operand, list) and len(operand) == 2 else None
        parts = self.of(parts) if isinstance(parts, dict) else parts
        if isinstance(parts, str):  # a parameter of a list type
            parts = [part.strip() for part in parts.split(",")] if is_known(parts) else None
        if not isinstance(parts, list):
            return self.unknown(placeholder_name(operand))
        return joined(str(operand[0]), (as_string(self.of(part)) for part in parts))

    def _if(self, operand: Json) -> Json:
        """The value that the condition selects; the first one for an unknown condition."""
        if self.mode == "known" or not isinstance(operand, list) or len(operand) != 3:
            return self.unknown(placeholder_name(operand))
        return self.of(operand[2 if self.holds(operand[0]) is False else 1])

    def holds(self, condition: Json) -> bool | None:
        """True if a condition holds with the parameters' values; None if that is unknown."""
        if isinstance(condition, str):
            return self._holds_by_name(condition)
        if not isinstance(condition, dict) or len(condition) != 1:
            return None
        [(name, operands)] = condition.items()
        if name == "Condition":
            return self.holds(operands)
        if name == "Fn::Equals" and isinstance(operands, list) and len(operands) == 2:
            return self._are_equal(*operands)
        answers = [self.holds(operand) for operand in as_list(operands)]
        if name in ("Fn::And", "Fn::Or") and answers:
            decisive = name == "Fn::Or"
            return decisive if decisive in answers else None if None in answers else not decisive
        return not answers[0] if name == "Fn::Not" and answers and answers[0] is not None else None

    def _holds_by_name(self, name: str) -> bool | None:
        if name not in self._held:
            self._held[name] = None  # for a condition that refers to itself
            with suppress(RecursionError):
                self._held[name] = self.holds(self.conditions.get(name))
        return self._held[name]

    def _are_equal(self, *operands: Json) -> bool | None:
        """True if two values are the same string; None if one is unknown."""
        known = self.without_invented()
        try:
            left, right = (known.of(operand) for operand in operands)
        except Unknown:
            return None
        are_scalars = all(isinstance(value, (str, int, float)) for value in (left, right))
        return as_string(left) == as_string(right) if are_scalars else None

    def _find_in_map(self, operand: Json) -> Json:
        """The value in a mapping, if its keys are known: a string or number, or a list of them."""
        keys = tuple(str(self.of(key)) for key in as_list(operand)[:3])
        if keys not in self._mapped:
            self._mapped[keys] = None  # for a value that refers to itself
            value = self.of(value_at(self.mappings, keys))
            items = value if isinstance(value, list) else [value]
            self._mapped[keys] = None if any(isinstance(item, (dict, list)) for item in items) else value
        value = self._mapped[keys]
        return self.unknown(placeholder_name(operand)) if value is None else value

    def _json_string(self, operand: Json) -> str:
        """The JSON text of a value (CloudFormation user guide, "Fn::ToJsonString")."""
        return limited(json.dumps(self.of(operand), separators=(",", ":"), ensure_ascii=False))

    def _length(self, operand: Json) -> Json:
        """The number of items of a list that is written in the template."""
        items = self.of(operand) if isinstance(operand, (list, dict)) else None
        return len(items) if isinstance(items, list) else self.unknown(placeholder_name(operand))

    def _select(self, operand: Json) -> Json:
        """An item of a list that is written in the template, or of a string that Fn::Split splits."""
        if isinstance(operand, list) and len(operand) == 2:
            index, items = str(self.of(operand[0])), operand[1]
            items = self.of(items) if isinstance(items, dict) and "Fn::Split" in items else items
            if isinstance(items, list) and index.isdecimal() and len(index) < 10 and int(index) < len(items):
                return self.of(items[int(index)])
        return self.unknown(placeholder_name(operand))

    def _split(self, operand: Json) -> Json:
        """The parts of a string (CloudFormation user guide, "Fn::Split")."""
        separator, text = self.of(operand) if isinstance(operand, list) and len(operand) == 2 else ("", "")
        if isinstance(separator, str) and separator and isinstance(text, str) and "{{resolve:" not in text:
            return text.split(separator)
        return self.unknown(placeholder_name(operand))


def _made_up_name(resource: Resource) -> str:
    """A name that the service takes: that of a FIFO queue or topic ends in .fifo, a bucket's has 3 characters."""
    is_fifo = any(str(resource.properties.get(name)).lower() == "true" for name in ("FifoQueue", "FifoTopic"))
    if resource.type == BUCKET:
        return resource.logical_id.ljust(3, "0")[:63]
    return f"{resource.logical_id}.fifo" if is_fifo else resource.logical_id


_RESOLVE: Mapping[str, Callable[[TemplateValues, Json], Json]] = {
    "Ref": TemplateValues.ref,
    "Fn::GetAtt": TemplateValues._get_att,
    "Fn::Sub": TemplateValues._sub,
    "Fn::Join": TemplateValues._join,
    "Fn::If": TemplateValues._if,
    "Fn::FindInMap": TemplateValues._find_in_map,
    "Fn::Select": TemplateValues._select,
    "Fn::Split": TemplateValues._split,
    "Fn::ToJsonString": TemplateValues._json_string,
    "Fn::Length": TemplateValues._length,
}
