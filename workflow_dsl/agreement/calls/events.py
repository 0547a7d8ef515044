"""Events that a state puts on a bus: what EventBridge requires of each.

API reference of EventBridge, "PutEventsRequestEntry": without Detail, DetailType and Source the entry fails; AWS CDK,
`EventBridgePutEvents`: a source cannot start with "aws.".
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import is_intrinsic
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.machine import State

_REQUIRED = ("Detail", "DetailType", "Source")


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """The mistakes in the entries of a call of putEvents, with keys from the state on."""
    is_put = site.call.action == "putEvents" and site.call.service in ("events", "eventbridge")
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    parameters = state.fields.get(holder) if is_put else None
    entries = parameters.get("Entries") if isinstance(parameters, dict) else None
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict) or is_intrinsic(entry):
            continue
        at = (holder, "Entries", index)
        present = {name.removesuffix(".$") for name in entry}
        for name in _REQUIRED:
            if name not in present:
                yield Problem(at, f"the event has no {name}", f"add {name}", "REFUSED_CALL")
        source = entry.get("Source")
        if isinstance(source, str) and source.startswith("aws."):
            message = f"its Source is {source}, and only AWS services may put events of a source that begins with aws."
            remedy = "write a name of your own, such as com.example.orders"
            yield Problem((*at, "Source"), message, remedy, "REFUSED_CALL")
