"""Calls that their service refuses whenever they run, by what the definition alone shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.definition.integrations import Integration
from workflow_dsl.definition.json import Json
from workflow_dsl.validation.rules.calls.events import refused_events
from workflow_dsl.validation.rules.calls.messages import refused_messages
from workflow_dsl.validation.rules.calls.mistakes import Mistake
from workflow_dsl.validation.rules.calls.table_expressions import refused_expressions
from workflow_dsl.validation.rules.parameters import calls
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, warning


def mistakes(call: Integration, holder: str, arguments: Mapping[str, Json]) -> Iterator[Mistake]:
    """Yield the mistakes in expressions of a table, a message or an event; `holder` is the field of the parameters."""
    yield from refused_expressions(call, holder, arguments)
    yield from refused_messages(call, holder, arguments)
    yield from refused_events(call, holder, arguments)


@warning("REFUSED_CALL", guide_url("connect-parameters"), applies_to="Integration")
def refused_calls(definition: Definition) -> Iterator[Problem]:
    """DynamoDB's expressions fit each other, a message its queue, and an event its bus: an error in a template."""
    if definition.substitutions is not None:
        return  # the checks of the template report it, with the values of its placeholders
    for state, integration, field, arguments, _ in definition.memo(calls):
        for each in mistakes(integration, field, arguments):
            yield Problem(state.at_key(*each.keys), each.message, each.remedy)
