"""References to template resources by logical ID: `function("StockCheckerFunction")`.

A reference is a string, the placeholder `${StockCheckerFunctionArn}`, and goes wherever a string goes, in states of the
SDK too. The template defines it under DefinitionSubstitutions: `StockCheckerFunctionArn: !GetAtt
StockCheckerFunction.Arn`; `generate` checks that it does.
"""

from __future__ import annotations

import re
from typing import Any

from workflow_dsl.authoring import sdk
from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.findings import Place
from workflow_dsl.regexes import lazy_regex

_LOGICAL_ID = lazy_regex(r"[A-Za-z0-9]+")
_PLACEHOLDER = lazy_regex(r"[A-Za-z0-9_.:-]+")
_PSEUDO_PARAMETERS = ("AccountId", "Partition", "Region", "StackId", "StackName", "URLSuffix")


class Reference(str):
    """A placeholder with its target in the template, and the place of the call that created it."""

    __slots__ = ("_site", "target")
    target: ReferenceTarget
    _site: sdk.CallSite | Place | None

    def __new__(cls, placeholder: str, target: ReferenceTarget, site: sdk.CallSite | Place | None = None) -> Reference:
        reference = super().__new__(cls, f"${{{placeholder}}}")
        reference.target, reference._site = target, site
        return reference

    def __deepcopy__(self, _: object) -> Reference:
        return self

    def __reduce__(self) -> tuple[type[Reference], tuple[str, ReferenceTarget, Place | None]]:
        return Reference, (self.placeholder, self.target, self.place)

    @property
    def placeholder(self) -> str:
        """The placeholder's name."""
        return self[2:-1]

    @property
    def place(self) -> Place | None:
        """The call that created the reference: file, line and columns."""
        return self._site.place if isinstance(self._site, sdk.CallSite) else self._site


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
    """A parameter of the template, or a pseudo parameter such as AWS::Region: `${<its name>}`."""
    return _reference("parameter", name, "Ref", "", placeholder)


def resource(logical_id: str, attribute: str = "Ref", *, placeholder: str | None = None) -> Reference:
    """An attribute of any resource, or its Ref: `${<logical id><attribute>}`."""
    return _reference("resource", logical_id, attribute, attribute.replace(".", ""), placeholder)


def _reference(kind: str, logical_id: Any, attribute: str, suffix: str, placeholder: Any) -> Reference:
    is_pseudo = kind == "parameter" and isinstance(logical_id, str) and logical_id.startswith("AWS::")
    if not isinstance(logical_id, str) or not _LOGICAL_ID.fullmatch(
        logical_id.removeprefix("AWS::") if is_pseudo else logical_id
    ):
        remedy = f'write the name from the template: {kind}("{_example(logical_id, kind)}")'
        raise sdk.mistake(f"{kind}() is called with {logical_id!r}, which is not a logical ID", remedy)
    if placeholder is not None and not (isinstance(placeholder, str) and _PLACEHOLDER.fullmatch(placeholder)):
        message = f"{kind}() is called with the placeholder {placeholder!r}"
        raise sdk.mistake(message, "write only its name, without ${ and }")
    name = logical_id.removeprefix("AWS::")
    if is_pseudo and name not in _PSEUDO_PARAMETERS:
        remedy = f"write one of {', '.join(f'AWS::{parameter}' for parameter in _PSEUDO_PARAMETERS)}"
        raise sdk.mistake(f"{logical_id} is not a pseudo parameter", remedy)
    target = ReferenceTarget(kind, logical_id, attribute)
    return Reference(placeholder or f"{name}{suffix}", target, sdk.call_site())


def _example(text: object, kind: str) -> str:
    """The probable logical ID in an ARN, a placeholder or a name with other characters."""
    words = re.findall(r"[A-Za-z0-9]+", text) if isinstance(text, str) else []
    return words[-1] if words else f"My{kind.title().replace('_', '')}"
