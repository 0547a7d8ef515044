"""Messages to the queues and topics of the template: what a FIFO queue requires, and what it refuses.

API reference of SQS, "SendMessage", and of SNS, "Publish".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.application.template.resource_types import QUEUE, TOPIC
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State

_CALLS = {("sqs", "sendMessage"): (QUEUE, "FifoQueue"), ("sns", "publish"): (TOPIC, "FifoTopic")}
_LONGEST_DELAY, _LONGEST_SUBJECT = 900, 100  # seconds, characters


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """The mistakes in the parameters of a message, with keys from the state on."""
    expected = _CALLS.get((site.call.service, site.call.action))
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    parameters = state.fields.get(holder)
    if expected is None or not isinstance(parameters, dict):
        return
    target = site.call.target or ""
    resource = machine.referenced(target) or machine.template.resource_at(target, site.call.service)
    is_known = resource is not None and resource.type == expected[0]
    is_fifo: Json = resource.properties.get(expected[1]) if resource is not None and is_known else None
    if target.endswith(".fifo") or str(is_fifo).lower() == "true":
        name = resource.logical_id if resource else target.rpartition("/")[2].rpartition(":")[2]
        properties = resource.properties if resource else {"ContentBasedDeduplication": True}
        yield from _of_fifo(holder, parameters, name, properties)
    yield from _limits(holder, parameters)


def _of_fifo(
    holder: str, parameters: Mapping[str, Json], name: str, properties: Mapping[str, Json]
) -> Iterator[Problem]:
    given = {key.removesuffix(".$") for key in parameters}
    deduplicates = str(properties.get("ContentBasedDeduplication")).lower() not in ("none", "false")
    required = ["MessageGroupId", *([] if deduplicates else ["MessageDeduplicationId"])]
    for field in required:
        if field not in given:
            other = f", or ContentBasedDeduplication: true to {name}" if field != "MessageGroupId" else ""
            message = f"the FIFO queue or topic {name} needs {field}"
            yield Problem((holder,), message, f"add {field}{other}", "REFUSED_CALL")
    if "DelaySeconds" in given:
        message = f"the FIFO queue {name} takes no DelaySeconds for a message"
        yield Problem((holder, "DelaySeconds"), message, "set DelaySeconds of the queue instead", "REFUSED_CALL")


def _limits(holder: str, parameters: Mapping[str, Json]) -> Iterator[Problem]:
    delay, subject = parameters.get("DelaySeconds"), parameters.get("Subject")
    if isinstance(delay, int) and not 0 <= delay <= _LONGEST_DELAY:
        message = f"DelaySeconds is {delay}, but the maximum is {_LONGEST_DELAY}"
        yield Problem((holder, "DelaySeconds"), message, "wait in a Wait state before it", "REFUSED_CALL")
    is_literal = isinstance(subject, str) and not subject.startswith("{%") and "${" not in subject
    if is_literal and len(str(subject)) > _LONGEST_SUBJECT:
        message = f"Subject has {len(str(subject))} characters, but the maximum is {_LONGEST_SUBJECT}"
        yield Problem((holder, "Subject"), message, "shorten it", "REFUSED_CALL")
    for name, attribute in dict_or_empty(parameters.get("MessageAttributes")).items():
        fields = dict_or_empty(attribute)
        at = (holder, "MessageAttributes", name)
        if fields and not {"DataType", "DataType.$"} & fields.keys():
            yield Problem(at, f"the message attribute {name} has no DataType", "add DataType: String", "REFUSED_CALL")
        kind = fields.get("DataType")
        is_fixed = isinstance(kind, str) and not kind.startswith("{%") and "${" not in kind
        if is_fixed and str(kind).partition(".")[0] not in ("String", "Number", "Binary"):
            message = f"the message attribute {name} has the DataType {kind}"
            yield Problem((*at, "DataType"), message, "write String, Number or Binary", "REFUSED_CALL")
