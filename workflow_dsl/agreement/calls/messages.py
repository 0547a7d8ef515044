"""Messages to the FIFO queues and topics of the template: what these require, and what they refuse.

API reference of SQS, "SendMessage", and of SNS, "Publish". What a definition shows alone is a rule
(`validation/rules/calls/messages.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.resource_types import QUEUE, TOPIC
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.machine import State
from workflow_dsl.validation.rules.calls.messages import is_fifo

_CALLS = {("sqs", "sendMessage"): (QUEUE, "FifoQueue"), ("sns", "publish"): (TOPIC, "FifoTopic")}


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """The mistakes in the parameters of a message, with keys from the state on."""
    expected = _CALLS.get((site.call.service, site.call.action))
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    parameters = state.fields.get(holder)
    if expected is None or not isinstance(parameters, dict):
        return
    target = site.call.target or ""
    resource = machine.referenced(target) or machine.template.resource_at(target, site.call.service)
    if resource is None or resource.type != expected[0] or str(resource.properties.get(expected[1])).lower() != "true":
        return
    deduplicates = str(resource.properties.get("ContentBasedDeduplication")).lower() not in ("none", "false")
    required = ["MessageGroupId"] * (not is_fifo(target)) + ["MessageDeduplicationId"] * (not deduplicates)
    given = {key.removesuffix(".$") for key in parameters}
    for field in required:
        if field not in given:
            name = resource.logical_id
            other = f", or ContentBasedDeduplication: true to {name}" if field != "MessageGroupId" else ""
            message = f"the FIFO queue or topic {name} needs {field}"
            yield Problem((holder,), message, f"add {field}{other}", "REFUSED_CALL")
    if "DelaySeconds" in given and not is_fifo(target):
        message = f"the FIFO queue {resource.logical_id} takes no DelaySeconds for a message"
        yield Problem((holder, "DelaySeconds"), message, "set DelaySeconds of the queue instead", "REFUSED_CALL")
