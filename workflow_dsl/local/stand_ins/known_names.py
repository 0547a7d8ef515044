"""Names of stand-ins that stand in for nothing: a misspelt one would be ignored, and the real thing would run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow_dsl.application.template import Template
from workflow_dsl.application.template.resource_types import ACTIVITY, FUNCTIONS, QUALIFIERS
from workflow_dsl.definition.integrations import (
    Integration,
    integration_of,
    optimized,
    sdk_model,
    sdk_services,
    suggestion_for,
)
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.service_models import service_model
from workflow_dsl.findings import Finding, Where, did_you_mean, short_list
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.lambda_functions.functions import function_name
from workflow_dsl.local.stand_ins.services import FakeServices, Services

_SDK = "aws-sdk:"
_ANSWERED_BY_THE_ENGINE = {
    "lambda:invoke": "pass the handler in functions=",
    "states:startExecution": "pass the definition in workflows=",
    "aws-sdk:sfn:startExecution": "pass the definition in workflows=",
}


def unknown_fakes(services: Services, states: Iterable[PreparedState]) -> list[Finding]:
    """Return the fakes of actions that neither a state calls nor an API has, and those that no call can reach.

    A real action that no state calls is fine: one set of fakes serves many workflows.
    """
    if not isinstance(services, FakeServices):
        return []
    resources = (integration_of(str(state.fields.get("Resource"))) for state in states)
    called = {
        f"{_SDK if resource.is_sdk else ''}{resource.service}:{resource.action}" for resource in resources if resource
    }
    remedies = {name: _ANSWERED_BY_THE_ENGINE.get(name) for name in services.names}
    unreached = [
        _finding(f"services= has {name}, which is never called", text) for name, text in remedies.items() if text
    ]
    unknown = [name for name in services.names if name not in called and not _is_action(name)]
    return unreached + [
        _finding(f"services= has {name!r}, which is not an action of a service", _action_like(name)) for name in unknown
    ]


def _is_action(name: str) -> bool:
    """True for an action of an API, and for every SDK action where botocore is not installed."""
    service, _, action = name.removeprefix(_SDK).rpartition(":")
    if not name.startswith(_SDK):
        return name in optimized() or _describes_a_job(service, action)
    model = sdk_model(service)
    return action in model.actions if model else not sdk_services()


def _describes_a_job(service: str, action: str) -> bool:
    """True for an action that may tell the state of a job: `.sync` calls it under the name of the job's service."""
    rows = [row for name, row in optimized().items() if name.startswith(f"{service}:") and "api" in row]
    jobs = [row for row in rows if any(pattern.startswith(".sync") for pattern in row.get("patterns", ()))]
    model = service_model(jobs[0]["api"][0]) if jobs else None
    return model is not None and action in model.actions and action.startswith(("batchGet", "describe", "get"))


def _action_like(name: str) -> str:
    """The remedy for an unknown action: the nearest one, in the spelling that services= takes."""
    resource = integration_of(name)
    if resource:  # a whole ARN
        name = f"{_SDK if resource.is_sdk else ''}{resource.service}:{resource.action}"
        return f'write "{name}"' if _is_action(name) else _action_like(name)
    plain, _, pattern = name.partition(".")
    if pattern and _is_action(plain):
        return f'write "{plain}"'
    service, _, action = plain.removeprefix(_SDK).rpartition(":")
    integration = Integration(name.startswith(_SDK), service, action, "")
    nearest_service = did_you_mean(service, sdk_services()) if integration.is_sdk else ""
    suggestion = suggestion_for(integration) if service else None
    return suggestion or nearest_service or _FORMS


_FORMS = 'write "service:action", such as "dynamodb:putItem" or "aws-sdk:s3:getObject"'


def unknown_functions(
    names: Iterable[str], known: set[str], machine: Machine, others: Iterable[Machine] = ()
) -> list[Finding]:
    """Return the names of functions= that are not known, and that neither the machine nor one of the others calls.

    Silent if only the execution knows which function a state of the machine calls.
    """
    unknown = [name for name in names if name not in known and function_name(name) not in known]
    called = list(_functions_called(machine)) if unknown else []
    if not unknown or None in called:
        return []
    called += [name for other in others for name in _functions_called(other)]
    known = known | {name for call in called if call for name in (call, function_name(call))}
    plain = sorted(name for name in known if not name.startswith(("arn:", "${")))
    listed = f"the functions are {short_list(plain)}" if plain else "there is no function"
    return [
        _finding(
            f"functions= has {name!r}, which is not a function of the template or of the workflow",
            did_you_mean(name, plain) or listed,
        )
        for name in unknown
        if name not in known and function_name(name) not in known
    ]


def functions_of(template: Template, placeholders: Iterable[str]) -> set[str]:
    """Return all names of the template's functions and activities, and the placeholders that may stand for one."""
    resources = list(template.of_types(*FUNCTIONS, *QUALIFIERS, ACTIVITY))
    names = {name for resource in resources for name in (resource.logical_id, template.values.name(resource))}
    machines = (template.substitutions_of(machine.logical_id) for machine in template.state_machines())
    return names.union(placeholders, *machines)


def _functions_called(machine: Machine) -> Iterator[str | None]:
    """Yield the function or activity that each state calls, as written; None if only the execution knows it."""
    for state in machine.walk():
        resource = state.fields.get("Resource")
        if state.type != "Task" or not isinstance(resource, str):
            continue
        integration = integration_of(resource)
        if integration is None:
            yield resource
        elif (integration.service, integration.action) == ("lambda", "invoke"):
            holder = state.fields.get("Parameters", state.fields.get("Arguments"))
            name = holder.get("FunctionName") if isinstance(holder, dict) else None
            yield name if isinstance(name, str) and not name.startswith("{%") else None


def _finding(message: str, remedy: str) -> Finding:
    return Finding("MOCKS", "error", Where(), message, remedy)
