"""Warnings about failures on the execution paths of a state machine, each with an example.

Only possible ones: with an input that the declared shape allows, and results that the API or handler can return.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.exploration.cover import shrunk, smallest_cover
from workflow_dsl.exploration.execution_paths import Endless, ExecutionPath, Scenario, run_path
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.proofs import loops_of
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.local.engine.history import MAX_EVENTS
from workflow_dsl.local.stand_ins.mocks import Return, Throw
from workflow_dsl.records import replace
from workflow_dsl.shapes import Declared, Shape, examples
from workflow_dsl.shapes.conformity import problems

MANY = 1_000  # items of a list in place of a few
_MOST_EXAMPLES = 30
_MOST_LISTS = 10
_DATA_ERRORS = {
    "States.Runtime": "read the field only where it is, or make it a required field of the input",
    "States.QueryEvaluationError": "test with $exists before, or make it a required field of the input",
    "States.NoChoiceMatched": "add a Default",
    "States.IntrinsicFailure": "check the value before it is passed on",
    "States.ParameterPathFailure": "read the field only where it is, or make it a required field of the input",
    "States.ResultPathMatchFailure": "choose another ResultPath",
}
_TOO_LARGE = "States.DataLimitExceeded"


def mishaps(exploration: Exploration, declared: Declared) -> list[Finding]:
    """Return a finding for each state that fails or is called wrongly, with an example.

    These are errors of the data from an allowed input, calls of functions outside their declared type, data over
    256 KiB and full histories with long lists, and loops that nothing leaves.
    """
    by_state: dict[tuple[str, str | None], Finding] = {}
    allowed = list(_allowed(exploration, declared))
    for finding in (
        *loops_of(exploration),
        *(each for path in allowed for each in _in_data(exploration, path, declared)),
        *(call for path in allowed for call in _in_calls(exploration, path, declared)),
        *(each for path in _long_lists(exploration) for each in _too_much(exploration, path)),
    ):
        by_state.setdefault((finding.code, finding.where.state), finding)
    return list(by_state.values())


def _allowed(exploration: Exploration, declared: Declared) -> Iterator[ExecutionPath]:
    """Yield the paths whose input and results can be, and those of more examples of a declared input."""
    paths = list(exploration.paths)
    if not _has_unknown_parts(declared.input):
        scenarios = [path.scenario for path in smallest_cover(exploration)] or [Scenario({})]
        inputs = examples(declared.input, _MOST_EXAMPLES)
        paths += filter(None, (_run_scenario(exploration, replace(scenarios[0], input=value)) for value in inputs))
    for path in paths:
        is_allowed = not any(problems(declared.input, path.scenario.input)) and _is_known(exploration, path, declared)
        if is_allowed and _run_scenario(exploration, path.scenario, is_checked=True) is not None:
            yield path


def _has_unknown_parts(shape: Shape) -> bool:
    """True if a value may be anything somewhere, or have fields that the shape does not say."""
    records = [part for part in shape.records if part.fields or part.rest is None or part.rest.parts is not None]
    inner = [field.shape for part in records for field in part.fields.values()]
    inner += [member for part in shape.lists for member in (part.items or (part.item,))]
    return shape.parts is None or len(records) < len(shape.records) or any(map(_has_unknown_parts, inner))


def _is_known(exploration: Exploration, path: ExecutionPath, declared: Declared) -> bool:
    """True if the shapes of all results in a path are known, so that they are what real ones can be."""
    keys = {state.name: state.at().keys for state in exploration.machine.states()}
    signatures = [declared.calls.get(keys[call.state]) for call in path.run.calls if not _is_api(call.resource)]
    return not path.scenario.files and not any(
        signature is None or _has_unknown_parts(signature.gives) for signature in signatures
    )


def _is_api(resource: str) -> bool:
    integration = integration_of(resource)
    return (
        integration is not None and integration.service not in ("lambda", "states", "http") and not integration.pattern
    )


def _run_scenario(
    exploration: Exploration, scenario: Scenario, *, is_checked: bool = False, most_events: int = MAX_EVENTS
) -> ExecutionPath | None:
    try:
        defaults = exploration.defaults if not is_checked else {}
        return run_path(exploration.subject, scenario, defaults, is_checked=is_checked, most_events=most_events)
    except (Endless, FindingsError):
        return None


def _in_data(exploration: Exploration, path: ExecutionPath, declared: Declared) -> Iterator[Finding]:
    """Errors of the data: nothing is known of an input without a declared shape."""
    error = path.run.error or ""
    is_given = any(
        isinstance(response, Throw) and response.error == error
        for responses in path.scenario.responses.values()
        for response in responses
    )
    if error in _DATA_ERRORS and not is_given and declared.input.parts is not None and path.run.failed_in:
        example = shrunk(exploration, path)
        input_ = (
            example.scenario.input if not any(problems(declared.input, example.scenario.input)) else path.scenario.input
        )
        message = f"{error} with the input {short_json(input_)}, which its shape allows"
        yield Finding(
            "FAILS_ON_DATA", "warning", _place_of(exploration, path.run.failed_in), message, _DATA_ERRORS[error]
        )


def _in_calls(exploration: Exploration, path: ExecutionPath, declared: Declared) -> Iterator[Finding]:
    wheres = {state.name: state.at() for state in exploration.machine.states()}
    is_known = declared.input.parts is not None
    other = path if is_known else _run_scenario(exploration, replace(path.scenario, input={"any": "value"}))
    for number, call in enumerate(path.run.calls):
        if other is None or other.run.calls[number : number + 1] != [call]:
            return  # what is not known of the input is in the call
        signature = declared.calls.get(wheres[call.state].keys)
        if signature is None:
            continue
        is_invoke = call.resource.endswith("lambda:invoke") and isinstance(call.arguments, dict)
        value: Json = (
            call.arguments.get("Payload") if is_invoke and isinstance(call.arguments, dict) else call.arguments
        )
        for problem in problems(signature.takes, value, f"what {signature.name} is called with"):
            message = f"{problem} (its type is declared in {signature.takes_at}), on the path {_trail(path)}"
            yield Finding("OUTSIDE_TYPE", "warning", wheres[call.state], message, "change the arguments or the type")


def _too_much(exploration: Exploration, path: ExecutionPath) -> Iterator[Finding]:
    if path.run.error == _TOO_LARGE and path.run.failed_in:
        message = f"the data is over 256 KiB with a list of {MANY:,} items, on the path {_trail(path)}"
        remedy = "keep the items in S3 and read them with a distributed Map, or drop them with ResultPath: null"
        yield Finding("TOO_MUCH_DATA", "warning", _place_of(exploration, path.run.failed_in), message, remedy)
    elif len(path.run.history) >= MAX_EVENTS and exploration.subject.type == "STANDARD":
        message = f"the history of {MAX_EVENTS:,} events is full with a list of {MANY:,} items"
        remedy = "use a distributed Map, whose iterations have their own histories"
        yield Finding(
            "FULL_HISTORY", "warning", _place_of(exploration, _map_around(exploration, path)), message, remedy
        )


def _long_lists(exploration: Exploration) -> Iterator[ExecutionPath]:
    """Yield the paths that succeed, with each list in turn at MANY items."""
    tried = 0
    for path in smallest_cover(exploration):
        for scenario in _longer_scenarios(path.scenario) if path.run.status == "SUCCEEDED" else ():
            tried += 1
            if tried > _MOST_LISTS:
                return
            longer = _run_scenario(exploration, scenario, most_events=MAX_EVENTS + 1)
            if longer is not None:
                yield longer


def _longer_scenarios(scenario: Scenario) -> Iterator[Scenario]:
    for value in _longer(scenario.input):
        yield replace(scenario, input=value)
    for name, responses in scenario.responses.items():
        for number, response in enumerate(responses):
            for value in _longer(response.value) if isinstance(response, Return) else ():
                changed = (*responses[:number], Return(value, response.after), *responses[number + 1 :])
                yield replace(scenario, responses={**scenario.responses, name: changed})


def _longer(value: Any) -> Iterator[Json]:
    """Yield the value with one of its lists at MANY items."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from ({**value, name: longer} for longer in _longer(inner))
    elif isinstance(value, list) and value:
        yield [*value, *(value[-1:] * (MANY - len(value)))]
        for longer in _longer(value[0]):
            yield [longer, *value[1:]]


def _map_around(exploration: Exploration, path: ExecutionPath) -> str | None:
    """The state around the one that a path enters most often."""
    [(often, _)] = Counter(path.run.trail).most_common(1)
    states = exploration.machine.states()
    return next((state.name for state in states if any(often in scope.states for scope in state.scopes)), None)


def _place_of(exploration: Exploration, name: str | None) -> Where:
    return next((state.at() for state in exploration.machine.states() if state.name == name), Where())


def _trail(path: ExecutionPath) -> str:
    return " > ".join(dict.fromkeys(path.run.trail))
