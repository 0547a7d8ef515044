"""Messages to queues and topics: what a FIFO queue requires and refuses, the limits, and the attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.validation.rules.parameters import calls
from workflow_dsl.validation.rules.rule import Definition, Problem, error

_API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"
_TARGETS = {"sendMessage": "QueueUrl", "publish": "TopicArn"}  # of SQS and SNS
_LONGEST_DELAY, _LONGEST_SUBJECT = 900, 100  # seconds, characters


def is_fifo(target: str) -> bool:
    """True for the URL or ARN of a FIFO queue or topic, whose names all end so."""
    return target.endswith(".fifo")


@error(_API, "REFUSED_CALL", applies_to="Integration")
def messages(definition: Definition) -> Iterator[Problem]:
    """A message fits its FIFO queue or topic and the limits, and its attributes have types."""
    for state, integration, field, arguments, _ in definition.memo(calls):
        target = _TARGETS.get(integration.action) if integration.service in ("sns", "sqs") else None
        if target is None:
            continue
        queue = arguments.get(target)
        if is_known(queue) and is_fifo(queue):
            yield from _of_fifo(state, field, arguments, queue.rpartition("/")[2].rpartition(":")[2])
        yield from _over_limits(state, field, arguments)
        attributes = arguments.get("MessageAttributes")
        for name, attribute in attributes.items() if isinstance(attributes, dict) else ():
            if isinstance(attribute, dict):
                yield from _of_attribute(state, field, name, attribute)


def _of_fifo(state: State, field: str, arguments: Mapping[str, Json], name: str) -> Iterator[Problem]:
    if not {"MessageGroupId", "MessageGroupId.$"} & arguments.keys():
        yield Problem(state.at(field), f"the FIFO queue or topic {name} needs MessageGroupId", "add MessageGroupId")
    if not {"DelaySeconds", "DelaySeconds.$"}.isdisjoint(arguments):
        where = state.at(field, "DelaySeconds" if "DelaySeconds" in arguments else "DelaySeconds.$")
        message = f"the FIFO queue {name} takes no DelaySeconds for a message"
        yield Problem(where, message, "set DelaySeconds of the queue instead")


def _over_limits(state: State, field: str, arguments: Mapping[str, Json]) -> Iterator[Problem]:
    delay, subject = arguments.get("DelaySeconds"), arguments.get("Subject")
    if isinstance(delay, int) and not 0 <= delay <= _LONGEST_DELAY:
        message = f"DelaySeconds is {delay}, but the maximum is {_LONGEST_DELAY}"
        yield Problem(state.at(field, "DelaySeconds"), message, "wait in a Wait state before it")
    if _is_literal(subject) and len(str(subject)) > _LONGEST_SUBJECT:
        message = f"Subject has {len(str(subject))} characters, but the maximum is {_LONGEST_SUBJECT}"
        yield Problem(state.at(field, "Subject"), message, "shorten it")


def _is_literal(text: Json) -> bool:
    return is_known(text) and not text.startswith("{%")


def _of_attribute(state: State, field: str, name: str, attribute: Mapping[str, Json]) -> Iterator[Problem]:
    at, kind = (field, "MessageAttributes", name), attribute.get("DataType")
    if attribute and not {"DataType", "DataType.$"} & attribute.keys():
        yield Problem(state.at(*at), f"the message attribute {name} has no DataType", "add DataType: String")
    if _is_literal(kind) and str(kind).partition(".")[0] not in ("String", "Number", "Binary"):
        message = f"the message attribute {name} has the DataType {kind}"
        yield Problem(state.at(*at, "DataType"), message, "write String, Number or Binary")
