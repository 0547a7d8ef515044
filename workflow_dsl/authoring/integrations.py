"""Service integrations by name: `call("dynamodb:putItem", TableName=table("TransactionTable"), Item={...})`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.values import Jsonata
from workflow_dsl.definition.integrations import (
    Integration,
    Parameters,
    instead_of,
    integration_of,
    parameters_of,
    sdk_api,
)
from workflow_dsl.findings import Place, closest, some_of

# What a Map reads its items with and writes its results with, and only a Map (guide, ItemReader and ResultWriter).
OF_A_MAP = ("s3:getObject", "s3:listObjectsV2", "s3:putObject")


class ServiceResource:
    """A call of a service with its parameters: the `resource` of a Task, an ItemReader or a ResultWriter.

    The parameters become the Task's Parameters, or its Arguments where it is JSONata.
    """

    __slots__ = ("given", "name", "parameters", "place")

    def __init__(self, name: str, given: Any, place: Place | None) -> None:
        self.name, self.place = name, place
        self.given, self.parameters = given, sdk.own_copy(given)

    def __repr__(self) -> str:
        return f'call("{self.name}", ...)'

    def arn(self, partition: str) -> str:
        """The Resource: the same whatever region it is written or deployed in."""
        return f"arn:{partition}:states:::{self.name}"


def call(name: str, given: Mapping[str, Any] | Jsonata | None = None, /, **parameters: Any) -> ServiceResource:
    """A call of a service, `service:action` with the pattern after it, and its parameters, checked at once.

    `call("sqs:sendMessage.waitForTaskToken", QueueUrl=..., MessageBody=...)` waits for a callback,
    `call("states:startExecution.sync:2", ...)` for the end; `call("aws-sdk:s3:listBuckets")` is one of the SDK
    integrations. Names of parameters are those of the Java SDK, as Step Functions has them; `given` takes them as a
    mapping, or all of them as one JSONata expression.
    """
    called = _integration(name)
    known = parameters_of(called)
    if name in OF_A_MAP and (model := sdk_api("s3")):
        known = model.parameters(model.actions[called.action], ("Prefix",))
        known = Parameters(known.api, known.members, ("Bucket",)) if known and called.action == "putObject" else known
    if isinstance(given, Jsonata):
        if parameters:
            raise sdk.mistake(
                "call() is given JSONata for all parameters, and some beside it", "put them into the expression"
            )
        return ServiceResource(name, given, sdk.author())
    if given is not None and not (isinstance(given, Mapping) and all(isinstance(each, str) for each in given)):
        raise sdk.mistake(
            f"call() is given {given!r}", "give it parameters by name, a mapping of them, or jsonata(...)"
        )
    everything = {**(given or {}), **parameters}
    _check(name, everything, known)
    return ServiceResource(name, everything, sdk.author())


def _integration(name: str) -> Integration:
    example = 'write service:action, as in call("dynamodb:putItem", ...)'
    if not isinstance(name, str) or name.startswith("arn:") or name.removeprefix("aws-sdk:").count(":") not in (1, 2):
        raise sdk.mistake(f"call() is given {name!r}", example)
    called = integration_of(f"arn:aws:states:::{name}")
    if called is None:
        raise sdk.mistake(f"call() is given {name!r}", example)
    instead = instead_of(called) if name not in OF_A_MAP else None
    if instead is not None:
        raise sdk.mistake(f"Step Functions has no call {name}", instead)
    return called


def _check(name: str, given: Mapping[str, Any], known: Parameters | None) -> None:
    if known is None:
        return
    for each in given:
        if each.removesuffix(".$") not in known.members:
            remedy = closest(each, known.members) or f"it takes {some_of(sorted(known.members))}"
            raise sdk.mistake(f"{name} has no parameter {each}", remedy)
    missing = [each for each in known.required if each not in given and f"{each}.$" not in given]
    if missing:
        raise sdk.mistake(
            f"{name} lacks {', '.join(missing)}", f"give it: {', '.join(f'{each}=...' for each in missing)}"
        )
