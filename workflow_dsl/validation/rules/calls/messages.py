"""Messages to queues and topics: what a FIFO queue requires and refuses, the limits, and the attributes.

API reference of SQS, "SendMessage", and of SNS, "Publish".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.definition.integrations import Integration
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.validation.rules.calls.mistakes import Mistake

_TARGETS = {"sendMessage": "QueueUrl", "publish": "TopicArn"}  # of SQS and SNS
_LONGEST_DELAY, _LONGEST_SUBJECT = 900, 100  # seconds, characters


def is_fifo(target: str) -> bool:
    """True for the URL or ARN of a FIFO queue or topic, whose names all end so."""
    return target.endswith(".fifo")


def refused_messages(call: Integration, holder: str, arguments: Mapping[str, Json]) -> Iterator[Mistake]:
    """Yield what does not fit in a message: its FIFO queue or topic, the limits, and the types of its attributes."""
    target = _TARGETS.get(call.action) if call.service in ("sns", "sqs") else None
    if target is None:
        return
    queue = arguments.get(target)
    if is_known(queue) and is_fifo(queue):
        yield from _of_fifo(holder, arguments, queue.rpartition("/")[2].rpartition(":")[2])
    yield from _over_limits(holder, arguments)
    attributes = arguments.get("MessageAttributes")
    for name, attribute in attributes.items() if isinstance(attributes, dict) else ():
        if isinstance(attribute, dict):
            yield from _of_attribute(holder, name, attribute)


def _of_fifo(holder: str, arguments: Mapping[str, Json], name: str) -> Iterator[Mistake]:
    if not {"MessageGroupId", "MessageGroupId.$"} & arguments.keys():
        yield Mistake((holder,), f"the FIFO queue or topic {name} needs MessageGroupId", "add MessageGroupId")
    if not {"DelaySeconds", "DelaySeconds.$"}.isdisjoint(arguments):
        where = (holder, "DelaySeconds" if "DelaySeconds" in arguments else "DelaySeconds.$")
        message = f"the FIFO queue {name} takes no DelaySeconds for a message"
        yield Mistake(where, message, "set DelaySeconds of the queue instead")


def _over_limits(holder: str, arguments: Mapping[str, Json]) -> Iterator[Mistake]:
    delay, subject = arguments.get("DelaySeconds"), arguments.get("Subject")
    if isinstance(delay, int) and not 0 <= delay <= _LONGEST_DELAY:
        message = f"DelaySeconds is {delay}, but the maximum is {_LONGEST_DELAY}"
        yield Mistake((holder, "DelaySeconds"), message, "wait in a Wait state before it")
    if _is_literal(subject) and len(str(subject)) > _LONGEST_SUBJECT:
        message = f"Subject has {len(str(subject))} characters, but the maximum is {_LONGEST_SUBJECT}"
        yield Mistake((holder, "Subject"), message, "shorten it")


def _is_literal(text: Json) -> bool:
    return is_known(text) and not text.startswith("{%")


def _of_attribute(holder: str, name: str, attribute: Mapping[str, Json]) -> Iterator[Mistake]:
    at, kind = (holder, "MessageAttributes", name), attribute.get("DataType")
    if attribute and "datatype" not in {key.removesuffix(".$").lower() for key in attribute}:
        yield Mistake(at, f"the message attribute {name} has no DataType", "add DataType: String")
    if _is_literal(kind) and str(kind).partition(".")[0] not in ("String", "Number", "Binary"):
        message = f"the message attribute {name} has the DataType {kind}"
        yield Mistake((*at, "DataType"), message, "write String, Number or Binary")
