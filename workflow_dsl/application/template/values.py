"""What a template's values come to: Ref, GetAtt, Sub and the like, as far as they can be known without the stack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from workflow_dsl.application.template.resource_types import (
    BUCKET,
    KINDS,
    LOCAL_ACCOUNT,
    LOCAL_PARTITION,
    LOCAL_REGION,
    QUALIFIERS,
)
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_known

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
_IN_SUB = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the template, its properties with the Globals of its kind."""

    logical_id: str
    type: str
    properties: Mapping[str, Json]


class Unknown(Exception):
    """A value that only the stack has."""


def _refuse(_: str) -> str:
    raise Unknown


def dict_or_empty(value: Json) -> dict[str, Json]:
    """A value that should be an object; what is none reads as empty, and is for CloudFormation to refuse."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """A list, or what stands for a list of one; nothing for null."""
    return value if isinstance(value, list) else [] if value is None else [value]


def attribute_of(operand: Json) -> tuple[str, str] | None:
    """The resource and the attribute that GetAtt is given, as `Name.Attribute` or a list; None for what is neither."""
    parts = operand.split(".", 1) if isinstance(operand, str) else operand
    is_pair = isinstance(parts, list) and len(parts) == 2 and all(isinstance(part, str) for part in parts)
    return (parts[0], parts[1]) if is_pair else None


def placeholder_name(operand: Json) -> str:
    """What a reference refers to, for a placeholder's name."""
    return re.sub(r"[^\w.:]+", "", operand if isinstance(operand, str) else str(operand)) or "value"


def _absent(resource: Resource) -> str:
    """What stands for a resource that a stack does not have."""
    return f"<{resource.logical_id}, not in the stack>"


@dataclass(frozen=True)
class TemplateValues:
    """The values of a template; `unknown` says what one that only the stack has comes to, given what it is called."""

    resources: Mapping[str, Resource]
    parameters: Mapping[str, Json] = field(default_factory=dict)
    mappings: Mapping[str, Json] = field(default_factory=dict)
    conditions: Mapping[str, Json] = field(default_factory=dict)
    unknown: Callable[[str], str] = str
    pseudo: Mapping[str, str] = field(default_factory=lambda: PSEUDO)
    physical: Mapping[str, str] = field(default_factory=dict)  # of a stack: what Ref gives for its resources

    def with_unknown(self, unknown: Callable[[str], str]) -> TemplateValues:
        return replace(self, unknown=unknown)

    @property
    def is_local(self) -> bool:
        """Whether what only the stack has is made up, as running on this computer needs it."""
        return self.unknown is str

    def of(self, value: Json) -> Json:
        """A value with Ref, GetAtt, Sub and the like resolved; what cannot be known stays as its text."""
        if isinstance(value, dict):
            if len(value) == 1:
                [(name, operand)] = value.items()
                if name in _RESOLVE:
                    return _RESOLVE[name](self, operand)
                if name.startswith("Fn::") and not self.is_local:
                    return self.unknown(placeholder_name(operand))
            return {name: self.of(each) for name, each in value.items() if each != {"Ref": "AWS::NoValue"}}
        return [self.of(each) for each in value] if isinstance(value, list) else value

    def name(self, resource: Resource) -> str:
        """A resource's name: in a stack its own; on this computer what it is named, else its logical id."""
        if resource.logical_id in self.physical:
            return re.split("[:/]", self.physical[resource.logical_id])[-1]
        kind = KINDS.get(resource.type)
        own = resource.properties.get(kind.named_by) if kind else None
        try:
            name = resource.logical_id if own is None else str(self.with_unknown(_refuse).of(own))
        except (Unknown, RecursionError):  # or one that refers to itself
            name = resource.logical_id
        return name.lower() if resource.type == BUCKET else name

    def arn(self, resource: Resource) -> str:
        kind = KINDS.get(resource.type)
        pattern = kind.arn if kind else "local:{region}:{account}:{name}"
        region, account = self.pseudo["AWS::Region"], self.pseudo["AWS::AccountId"]
        named = pattern.format(region=region, account=account, name=self.name(resource))
        return f"arn:{self.pseudo['AWS::Partition']}:{named}"

    def ref(self, name: Json) -> Json:
        """What Ref gives for a name, dots and all: SAM has `Function.Alias`."""
        if not isinstance(name, str):
            return self.unknown(placeholder_name(name))
        for known in (self.pseudo, self.parameters, self.physical):
            if known.get(name) is not None:
                return known[name]
        resource = self.resources.get(name)
        if resource is None:
            return self._of_a_function(name) or self.unknown(name)
        return _absent(resource) if self._is_absent(resource) else self._ref_of(resource)

    def _ref_of(self, resource: Resource) -> str:
        """What Ref will give for a resource of the template."""
        if resource.type in QUALIFIERS:
            return self._qualified(resource)
        kind = KINDS.get(resource.type)
        if kind and kind.ref == "url":
            return f"https://sqs.{LOCAL_REGION}.amazonaws.com/{LOCAL_ACCOUNT}/{self.name(resource)}"
        return self.arn(resource) if kind and kind.ref == "arn" else self.name(resource)

    def _is_absent(self, resource: Resource) -> bool:
        """Whether there is a stack, and it does not have this resource yet."""
        return bool(self.physical) and resource.logical_id not in self.physical

    def _of_a_function(self, name: str) -> str | None:
        """What SAM makes beside a function with AutoPublishAlias: `Function.Alias`, `Function.Version`.

        SAM names an alias by the function and itself, a version by the function and a hash of its code (SAM guide,
        "Generated CloudFormation resources for AWS::Serverless::Function"); what Ref gives for either is its ARN.
        """
        function, _, made = name.partition(".")
        resource = self.resources.get(function)
        if resource is None or made not in ("Alias", "Version"):
            return None
        if not self.physical:
            return f"{self.arn(resource)}:{made}"
        begins = f"{function}{made}{self.of(resource.properties.get('AutoPublishAlias')) if made == 'Alias' else ''}"
        found = next((arn for logical_id, arn in self.physical.items() if logical_id.startswith(begins)), None)
        return found or _absent(resource)

    def _qualified(self, resource: Resource) -> str:
        """The ARN of a function's alias or version."""
        of = resource.properties.get("FunctionName")
        function = next((self.resources[name] for name in references(of) if name in self.resources), None)
        if function is None:
            return self.unknown(resource.logical_id)
        return f"{self.arn(function)}:{self.of(resource.properties.get('Name', '1'))}"

    def _get_att(self, operand: Json) -> Json:
        named = attribute_of(operand)
        if named is None:
            return self.unknown(placeholder_name(operand))
        name, attribute = named
        resource = self.resources.get(name)
        if resource is not None and self._is_absent(resource):
            return _absent(resource)
        if resource is not None and attribute in ("Name", "QueueName", "TopicName"):
            return self.name(resource)
        if resource is not None and attribute in ("QueueUrl", "AliasArn", "FunctionArn"):
            return self.ref(name)
        if resource is not None and attribute in ("Arn", "TopicArn"):
            return self.arn(resource) if resource.type in KINDS else self._unknown_arn(resource)
        return self.unknown(f"{name}.{attribute}")

    def _unknown_arn(self, resource: Resource) -> str:
        """The ARN of a resource whose kind of ARN is not known here: good enough to run with, not to be judged."""
        return self.arn(resource) if self.is_local else self.unknown(f"{resource.logical_id}.Arn")

    def _sub(self, operand: Json) -> str:
        text, own = operand if isinstance(operand, list) and len(operand) == 2 else (operand, {})
        names = dict_or_empty(own)

        def part(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in names:
                return str(self.of(names[name]))
            is_made = "." in name and self._of_a_function(name)
            return is_made or str(self._get_att(name) if "." in name else self.ref(name))

        return _IN_SUB.sub(part, str(text))

    def _join(self, operand: Json) -> str:
        parts = operand[1] if isinstance(operand, list) and len(operand) == 2 else None
        if isinstance(parts, dict):  # a parameter that is a list
            parts = self.of(parts)
            parts = [part.strip() for part in parts.split(",")] if is_known(parts) else None
        if not isinstance(parts, list):
            return self.unknown(placeholder_name(operand))
        return str(operand[0]).join(_written(self.of(part)) for part in parts)

    def _if(self, operand: Json) -> Json:
        """The one that the parameters choose; the first of the two where they do not."""
        is_decided = self.is_local or self.physical
        if not is_decided or not isinstance(operand, list) or len(operand) != 3:
            return self.unknown(placeholder_name(operand))
        return self.of(operand[2 if self.holds(operand[0]) is False else 1])

    def holds(self, condition: Json, deep: int = 0) -> bool | None:
        """Whether a condition holds by the parameters; None where they do not say."""
        if isinstance(condition, str) and deep < 100:
            return self.holds(self.conditions.get(condition), deep + 1)
        if not isinstance(condition, dict) or len(condition) != 1 or deep >= 100:
            return None
        [(name, operands)] = condition.items()
        if name == "Condition":
            return self.holds(operands, deep + 1)
        if name == "Fn::Equals" and isinstance(operands, list) and len(operands) == 2:
            return self._are_equal(*operands)
        each = [self.holds(operand, deep + 1) for operand in as_list(operands)]
        if name in ("Fn::And", "Fn::Or") and each:
            decides = name == "Fn::Or"
            return decides if decides in each else None if None in each else not decides
        return not each[0] if name == "Fn::Not" and each and each[0] is not None else None

    def _are_equal(self, *operands: Json) -> bool | None:
        """Whether two values are the same text; None where one is not known."""
        known = self.with_unknown(_refuse)
        try:
            one, other = (known.of(operand) for operand in operands)
        except Unknown:
            return None
        texts = [each for each in (one, other) if isinstance(each, (str, int, float))]
        return _written(one) == _written(other) if len(texts) == len(operands) else None

    def _find_in_map(self, operand: Json) -> Json:
        """What stands in a mapping, where the keys to it are known."""
        found: Json = self.mappings
        for key in as_list(operand)[:3]:
            found = dict_or_empty(found).get(str(self.of(key)))
        return self.unknown(placeholder_name(operand)) if found is None else self.of(found)

    def _select(self, operand: Json) -> Json:
        """One of a list that stands in the template."""
        if isinstance(operand, list) and len(operand) == 2 and isinstance(operand[1], list):
            place = self.of(operand[0])
            if str(place).isdecimal() and int(place) < len(operand[1]):
                return self.of(operand[1][int(place)])
        return self.unknown(placeholder_name(operand))


def _written(value: Json) -> str:
    """A value as CloudFormation writes it into a text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


_RESOLVE: Mapping[str, Callable[[TemplateValues, Json], Json]] = {
    "Ref": TemplateValues.ref,
    "Fn::GetAtt": TemplateValues._get_att,
    "Fn::Sub": TemplateValues._sub,
    "Fn::Join": TemplateValues._join,
    "Fn::If": TemplateValues._if,
    "Fn::FindInMap": TemplateValues._find_in_map,
    "Fn::Select": TemplateValues._select,
}


def is_intrinsic(value: Mapping[str, Json]) -> bool:
    """Whether an object is one of CloudFormation's functions rather than a value."""
    return len(value) == 1 and (next(iter(value)) in _RESOLVE or next(iter(value)).startswith("Fn::"))


def contains_macro(value: Json) -> bool:
    """Whether a value is made by one of CloudFormation's functions, or has a macro or a loop in it at any depth."""
    if isinstance(value, dict) and is_intrinsic(value):
        return True
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if any(name.startswith(("Fn::ForEach", "Fn::Transform")) for name in each):
                return True
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return False


def is_resolved(value: Mapping[str, Json]) -> bool:
    """Whether an object is a function of CloudFormation that is known here."""
    return len(value) == 1 and next(iter(value)) in _RESOLVE


def references(value: Json) -> Iterator[str]:
    """The names that a value refers to by Ref, GetAtt and Sub, at any depth: resources, parameters, and AWS's own."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(reversed(each))
        elif isinstance(each, dict):
            for name, operand in each.items():
                if name == "Ref" and isinstance(operand, str):
                    yield operand.partition(".")[0]
                elif name == "Fn::GetAtt" and as_list(operand) and isinstance(as_list(operand)[0], str):
                    yield as_list(operand)[0].partition(".")[0]
                elif name == "Fn::Sub":
                    text, *own = as_list(operand) or [""]
                    names = dict_or_empty(own[0]) if own else {}
                    found = (name.partition(".")[0] for name in _IN_SUB.findall(str(text)) if not name.startswith("!"))
                    yield from (name for name in found if name not in names)
                    waiting.extend(names.values())
                else:
                    waiting.append(operand)
