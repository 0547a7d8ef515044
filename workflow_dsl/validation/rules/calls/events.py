"""Events that a state puts on a bus: what EventBridge requires of each.

API reference of EventBridge, "PutEventsRequestEntry": without Detail, DetailType and Source the entry fails; AWS CDK,
`EventBridgePutEvents`: a source cannot start with "aws.".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.definition.integrations import Integration
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import did_you_mean
from workflow_dsl.validation.rules.calls.mistakes import Mistake

_REQUIRED = ("Detail", "DetailType", "Source")
_FIELDS = (*_REQUIRED, "EventBusName", "Resources", "Time", "TraceHeader")


def refused_events(call: Integration, holder: str, arguments: Mapping[str, Json]) -> Iterator[Mistake]:
    """Yield the mistakes in the entries of a call of putEvents."""
    entries = arguments.get("Entries") if (call.service, call.action) in _PUTS else None
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict) or any(name == "Ref" or name.startswith("Fn::") for name in entry):
            continue
        at = (holder, "Entries", index)
        present = {name.removesuffix(".$") for name in entry}
        for name in _REQUIRED:
            if name not in present and not did_you_mean(name, present - {*_FIELDS}):  # that one is unknown-parameter
                yield Mistake(at, f"the event has no {name}", f"add {name}")
        source = entry.get("Source")
        if isinstance(source, str) and source.startswith("aws."):
            message = f"its Source is {source}, and only AWS services may put events of a source that begins with aws."
            yield Mistake((*at, "Source"), message, "write a name of your own, such as com.example.orders")


_PUTS = (("events", "putEvents"), ("eventbridge", "putEvents"))
