"""What the template has: `function("StockCheckerFunction")` is the placeholder that the template substitutes for it.

A reference names a resource by its logical id. In the definition it is a text, `${StockCheckerFunctionArn}`, and goes
wherever a text goes, in states of the SDK too. The template has to say under DefinitionSubstitutions what it stands
for, `StockCheckerFunctionArn: !GetAtt StockCheckerFunction.Arn`; `generate` checks that it does.
"""

from __future__ import annotations

import re
from typing import Any

from workflow_dsl.authoring import sdk
from workflow_dsl.definition.machine import ReferenceTarget

_NAME = re.compile(r"[A-Za-z0-9]+")
_PLACEHOLDER = re.compile(r"[A-Za-z0-9_.:-]+")


_OF_AWS = ("AccountId", "Partition", "Region", "StackId", "StackName", "URLSuffix")


class Reference(str):
    """A placeholder, and what it is to stand for."""

    __slots__ = ("target",)
    target: ReferenceTarget

    def __new__(cls, placeholder: str, target: ReferenceTarget) -> Reference:
        made = super().__new__(cls, f"${{{placeholder}}}")
        made.target = target
        return made

    def __deepcopy__(self, _: object) -> Reference:
        return self

    def __reduce__(self) -> tuple[type[Reference], tuple[str, ReferenceTarget]]:
        return Reference, (self.placeholder, self.target)

    @property
    def placeholder(self) -> str:
        """The placeholder's name."""
        return self[2:-1]


def function(logical_id: str, *, placeholder: str | None = None) -> Reference:
    """The ARN of a Lambda function, its alias or version: `${<logical id>Arn}`."""
    return _reference("function", logical_id, "Arn", "Arn", placeholder)


def activity(logical_id: str, *, placeholder: str | None = None) -> Reference:
    """The ARN of an activity: `${<logical id>Arn}`."""
    return _reference("activity", logical_id, "Ref", "Arn", placeholder)


def state_machine(logical_id: str, *, placeholder: str | None = None) -> Reference:
    """The ARN of a state machine: `${<logical id>Arn}`."""
    return _reference("state_machine", logical_id, "Ref", "Arn", placeholder)


def table(logical_id: str, *, placeholder: str | None = None) -> Reference:
    """The name of a DynamoDB table: `${<logical id>Name}`."""
    return _reference("table", logical_id, "Ref", "Name", placeholder)


def queue(logical_id: str, *, placeholder: str | None = None) -> Reference:
    """The URL of an SQS queue: `${<logical id>Url}`."""
    return _reference("queue", logical_id, "Ref", "Url", placeholder)


def topic(logical_id: str, *, placeholder: str | None = None) -> Reference:
    """The ARN of an SNS topic: `${<logical id>Arn}`."""
    return _reference("topic", logical_id, "Ref", "Arn", placeholder)


def bucket(logical_id: str, *, placeholder: str | None = None) -> Reference:
    """The name of an S3 bucket: `${<logical id>Name}`."""
    return _reference("bucket", logical_id, "Ref", "Name", placeholder)


def event_bus(logical_id: str, *, placeholder: str | None = None) -> Reference:
    """The name of an EventBridge bus: `${<logical id>Name}`."""
    return _reference("event_bus", logical_id, "Ref", "Name", placeholder)


def parameter(name: str, *, placeholder: str | None = None) -> Reference:
    """A parameter of the template, or one of AWS's own, such as AWS::Region: `${<its name>}`."""
    return _reference("parameter", name, "Ref", "", placeholder)


def resource(logical_id: str, attribute: str = "Ref", *, placeholder: str | None = None) -> Reference:
    """An attribute of any resource, or what Ref gives for it: `${<logical id><attribute>}`."""
    return _reference("resource", logical_id, attribute, attribute.replace(".", ""), placeholder)


def _reference(kind: str, logical_id: Any, attribute: str, suffix: str, placeholder: Any) -> Reference:
    own = kind == "parameter" and isinstance(logical_id, str) and logical_id.startswith("AWS::")
    if not isinstance(logical_id, str) or not _NAME.fullmatch(logical_id.removeprefix("AWS::") if own else logical_id):
        remedy = f'name it as the template does: {kind}("{_example(logical_id, kind)}")'
        raise sdk.mistake(f"{kind}() is given {logical_id!r}, which is no name in a template", remedy)
    if placeholder is not None and not (isinstance(placeholder, str) and _PLACEHOLDER.fullmatch(placeholder)):
        raise sdk.mistake(
            f"{kind}() is given the placeholder {placeholder!r}", "write its name alone, without ${ and }"
        )
    plain = logical_id.removeprefix("AWS::")
    if own and plain not in _OF_AWS:
        raise sdk.mistake(
            f"AWS has no parameter {logical_id}", f"it has {', '.join(f'AWS::{name}' for name in _OF_AWS)}"
        )
    return Reference(placeholder or f"{plain}{suffix}", ReferenceTarget(kind, logical_id, attribute))


def _example(given: object, kind: str) -> str:
    """The logical id that is probably target by an ARN, a placeholder or a name with other marks."""
    words = re.findall(r"[A-Za-z0-9]+", given) if isinstance(given, str) else []
    return words[-1] if words else f"My{kind.title().replace('_', '')}"
