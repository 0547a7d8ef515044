"""Advice about the way an execution takes: what the service creates, and what then goes wrong at night."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json, inside
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import closest
from workflow_dsl.validation.rules.rule import Definition, Problem, guide, spec, warning
from workflow_dsl.validation.rules.structure import ends

_TRANSIENT = (
    *("Lambda.ClientExecutionTimeoutException", "Lambda.ServiceException", "Lambda.AWSLambdaException"),
    *("Lambda.SdkClientException", "Lambda.TooManyRequestsException"),
)
_TOKENS = ("$$.Task.Token", "$states.context.Task.Token", "$$.Task", "$states.context.Task", "$$", "$states.context")
_CALLBACK = ".waitForTaskToken"


def _pattern(state: State) -> str:
    resource = state.fields.get("Resource")
    called = integration_of(resource) if isinstance(resource, str) else None
    return called.pattern if called else ""


def _is_activity(state: State) -> bool:
    return ":activity:" in str(state.fields.get("Resource"))


def _calls_lambda(state: State) -> bool:
    resource = state.fields.get("Resource")
    if not isinstance(resource, str):
        return False
    called = integration_of(resource)
    if called:
        return (called.service, called.action) == ("lambda", "invoke")
    return resource.startswith("arn:") and ":lambda:" in resource


@warning("NO_LAMBDA_RETRY", guide("bp-lambda-serviceexception"), about="Task")
def lambda_without_retry(definition: Definition) -> Iterator[Problem]:
    """A call of Lambda fails now and then without a fault of the function, and wants a Retry for that."""
    for state in definition.of("Task"):
        if _calls_lambda(state):
            caught = {name for _, item in state.items_of("Retry") for name in _names(item.get("ErrorEquals"))}
            if not caught & {"States.ALL", "States.TaskFailed", *_TRANSIENT}:
                remedy = f"add a retrier for {', '.join(_TRANSIENT[1:])}"
                yield Problem(state.at(), "does not retry the transient errors of Lambda", remedy)


def _names(value: Json) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


@warning("NO_DEFAULT", spec("choice-state"), about="Choice")
def choice_without_default(definition: Definition) -> Iterator[Problem]:
    """A Choice without Default fails with States.NoChoiceMatched when no rule holds."""
    for state in definition.of("Choice"):
        if "Default" not in state.fields and not _leaves_nothing_out(state):
            yield Problem(state.at(), "fails with States.NoChoiceMatched when no rule holds", "give it a Default")


def _leaves_nothing_out(state: State) -> bool:
    """Whether one of the rules always holds: a Condition that is true, or a test for true and one for false."""
    tests: set[tuple[str, str, bool]] = set()
    for _, rule in state.items_of("Choices"):
        if rule.get("Condition") in (True, "{% true %}"):
            return True
        inner = rule.get("Not")
        is_not, plain = (True, inner) if isinstance(inner, dict) else (False, rule)
        given = ((name, value != is_not) for name, value in plain.items() if isinstance(value, bool))
        tests |= {(str(plain.get("Variable")), name, value) for name, value in given}
    return any((variable, name, not value) in tests for variable, name, value in tests)


@warning("WAITS_FOREVER", guide("sfn-best-practices"), about="Task")
def token_without_timeout(definition: Definition) -> Iterator[Problem]:
    """A task that waits for a token or a worker, and has no timeout, waits for a year when the answer is lost."""
    limits = ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath")
    for state in definition.of("Task"):
        if (_pattern(state) == _CALLBACK or _is_activity(state)) and not any(each in state.fields for each in limits):
            message = "waits for a year when the answer is lost"
            yield Problem(state.at("Resource"), message, "give it TimeoutSeconds or HeartbeatSeconds")


@warning("TOKEN_NOT_SENT", guide("connect-to-resource"), about="Integration")
def token_is_sent(definition: Definition) -> Iterator[Problem]:
    """A task that waits for a token sends it along: $$.Task.Token, in JSONata $states.context.Task.Token."""
    for state in definition.of("Task"):
        if _pattern(state) == _CALLBACK and not _may_send_token(state):
            is_jsonata = definition.language_of(state) == "JSONata"
            remedy = '"{% $states.context.Task.Token %}"' if is_jsonata else '"TaskToken.$": "$$.Task.Token"'
            yield Problem(state.at(), "waits for a token that it does not send", f"send it: {remedy}")


def _may_send_token(state: State) -> bool:
    """Whether the token is in the parameters, or in what a placeholder in them may stand for."""
    if str(state.fields.get("InputPath", "$")).startswith("$$"):
        return True
    waiting: list[tuple[str, Json]] = [("", state.fields.get("Arguments", state.fields.get("Parameters")))]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.items()
        elif isinstance(value, list):
            waiting += [(name, each) for each in value]
        elif isinstance(value, str):
            is_evaluated = not name or name.endswith(".$") or "{%" in value
            if any(token in value for token in _TOKENS) or (is_evaluated and not is_known(value)):
                return True
    return False


@warning("LOOP_WITHOUT_WAIT", guide("sfn-best-practices"), about="Task")
def loop_without_wait(definition: Definition) -> Iterator[Problem]:
    """A loop that polls a service, or that no Choice ends, has a Wait in it: a history has at most 25,000 events."""
    for scope in definition.scopes:
        for loop in _loops(scope) if _goes_back(scope) else ():
            states = [scope.states[name] for name in loop]
            asks = any(_asks(state) for state in states) or not any(state.type == "Choice" for state in states)
            if asks and any(state.type == "Task" for state in states) and not any(_slows(state) for state in states):
                first = min(states, key=list(scope.states.values()).index)
                way = " -> ".join(f'"{state.name}"' for state in states[:4])
                message = f"is in a loop that does not wait: {way}{' ...' if len(states) > 4 else ''}"
                yield Problem(first.at(), message, "put a Wait into it, or count its rounds")


def _goes_back(scope: Machine) -> bool:
    """Whether any transition leads to the same state or one before it in the document: without one there is no loop."""
    positions = {name: position for position, name in enumerate(scope.states)}
    return any(
        isinstance(target.name, str) and positions.get(target.name, len(positions)) <= positions[state.name]
        for state in scope.states.values()
        for target in state.targets
    )


def _asks(state: State) -> bool:
    """Whether a state asks a service how things stand."""
    called = integration_of(str(state.fields.get("Resource")))
    return called is not None and called.action.startswith(("describe", "get", "head", "list", "batchGet"))


@cache
def _progress() -> re.Pattern[str]:
    """What a state says that brings a loop on: a count, the next item, or the token of the next page."""
    return re.compile(
        r"States\.(MathAdd|ArrayGetItem)|\{%[^%]*[\w\])] *[-+] *[\w$(]"
        r"|Token\b|LastEvaluatedKey|ExclusiveStartKey|Marker|[Cc]ursor"
    )


def _slows(state: State) -> bool:
    """Whether a state takes time, or brings the loop to an end: it waits, counts, or asks for the next page."""
    if any(_slows(inner) for scope in state.nested for inner in scope.states.values()):
        return True
    waits = state.type == "Wait" or _pattern(state).startswith((".sync", _CALLBACK)) or _is_activity(state)
    return waits or (state.type != "Choice" and _progress().search(json.dumps(_without_links(state))) is not None)


def _without_links(state: State) -> dict[str, Json]:
    left_out = ("Resource", "Next", "Comment", "Retry", "Catch", "Branches", "ItemProcessor", "Iterator")
    return {field: value for field, value in state.fields.items() if field not in left_out}


def _loops(scope: Machine) -> list[list[str]]:
    """The states that lead back to themselves, loop by loop: the strongly connected parts (Tarjan's algorithm)."""
    found: list[list[str]] = []
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for start in scope.states:
        working = [(start, iter(_next_names(scope, start)))] if start not in numbers else []
        while working:
            name, following = working[-1]
            if name not in numbers:
                numbers[name] = lowest[name] = len(numbers)
                path.append(name)
                on_path.add(name)
            for other in following:
                if other not in numbers:
                    working.append((other, iter(_next_names(scope, other))))
                    break
                if other in on_path:
                    lowest[name] = min(lowest[name], numbers[other])
            else:
                working.pop()
                if working:
                    lowest[working[-1][0]] = min(lowest[working[-1][0]], lowest[name])
                if lowest[name] == numbers[name]:
                    part = path[path.index(name) :]
                    del path[len(path) - len(part) :]
                    on_path.difference_update(part)
                    if len(part) > 1 or name in _next_names(scope, name):
                        found.append(part)
    return found


def _next_names(scope: Machine, name: str) -> list[str]:
    targets = (target.name for target in scope.states[name].targets)
    return [target for target in targets if isinstance(target, str) and target in scope.states]


@warning("ENDLESS_SCOPE", spec("transitions"), about="Nested")
def nested_scope_without_end(definition: Definition) -> Iterator[Problem]:
    """A branch or an item processor without a state that ends it never comes back to the state around it."""
    for scope in definition.scopes[1:]:
        if scope.states and not ends(scope):
            yield Problem(scope.at(), "has no state that ends it", 'give one state "End": true')


@warning("DEPRECATED_ITERATOR", guide("state-map"), about="Map")
def deprecated_iterator(definition: Definition) -> Iterator[Problem]:
    """Iterator is the old name of ItemProcessor, and a Map's Parameters the old name of ItemSelector."""
    for state in definition.of("Map"):
        for old, new in (("Iterator", "ItemProcessor"), ("Parameters", "ItemSelector")):
            if old in state.fields and new not in state.fields:
                yield Problem(state.at(old), f"{old} is deprecated", f"call it {new}")


_DISTRIBUTED_ONLY = (
    *("ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath"),
    *("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
)


@warning("DISTRIBUTED_ONLY", guide("state-map-distributed"), about="Map")
def fields_of_a_distributed_map(definition: Definition) -> Iterator[Problem]:
    """An inline Map takes no notice of the fields of a distributed one, such as ItemReader and ResultWriter."""
    for state in definition.of("Map"):
        modes = [inside(state.fields, (field, "ProcessorConfig", "Mode")) for field in ("ItemProcessor", "Iterator")]
        if all(mode in (None, "INLINE") for mode in modes):
            for field in _DISTRIBUTED_ONLY:
                if field in state.fields:
                    remedy = 'write "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}'
                    yield Problem(state.at(field), f"an inline Map has no {field}", remedy)


@warning("EMPTY_RESULT_WRITER", guide("input-output-resultwriter"), about="ResultWriter")
def empty_result_writer(definition: Definition) -> Iterator[Problem]:
    """A ResultWriter without anything in it is created, and fails when it is to write."""
    for state in definition.of("Map"):
        if state.fields.get("ResultWriter") == {}:
            given = "Arguments" if definition.language_of(state) == "JSONata" else "Parameters"
            remedy = f"give it Resource and {given}, or WriterConfig"
            yield Problem(state.at("ResultWriter"), "says nothing, and fails when it is to write", remedy)


_ERRORS = (
    *("States.ALL", "States.BranchFailed", "States.DataLimitExceeded", "States.ExceedToleratedFailureThreshold"),
    *("States.HeartbeatTimeout", "States.Http.Socket", "States.IntrinsicFailure", "States.ItemReaderFailed"),
    *("States.NoChoiceMatched", "States.ParameterPathFailure", "States.Permissions", "States.QueryEvaluationError"),
    *("States.ResultPathMatchFailure", "States.ResultWriterFailed", "States.Runtime", "States.TaskFailed"),
    "States.Timeout",
)


@warning("UNKNOWN_ERROR", guide("concepts-error-handling"), about="Handler")
def unknown_error_names(definition: Definition) -> Iterator[Problem]:
    """An error whose name begins with States. is one of the service's own, or it is never thrown."""
    for state, field, items in definition.handlers:
        for index, item in items:
            for position, name in _listed(item.get("ErrorEquals")):
                own = name.startswith("States.") and not name.startswith("States.Http.StatusCode.")
                if own and name not in _ERRORS:
                    where = state.at(field, index, "ErrorEquals", position)
                    remedy = closest(name, _ERRORS) or "see the list of error names in the developer guide"
                    yield Problem(where, f"the service has no error {name}", remedy)


def _listed(value: Json) -> Iterable[tuple[int, str]]:
    return [(i, name) for i, name in enumerate(value) if is_known(name)] if isinstance(value, list) else []


@warning("EXPRESS_TIMEOUT", guide("choosing-workflow-type"), about="EXPRESS")
def express_timeout(definition: Definition) -> Iterator[Problem]:
    """An EXPRESS execution ends after five minutes, whatever TimeoutSeconds says."""
    seconds = definition.machine.fields.get("TimeoutSeconds")
    if definition.type == "EXPRESS" and isinstance(seconds, int) and seconds > 300:
        message = f"TimeoutSeconds is {seconds}, and an EXPRESS execution ends after 300"
        yield Problem(definition.machine.at("TimeoutSeconds"), message, "write at most 300, or make it STANDARD")


_WAITS = (".sync", ".waitForTaskToken", ":activity:")


@warning("EXPRESS_ITEMS", guide("choosing-workflow-type"), about="ItemProcessor")
def express_items(definition: Definition) -> Iterator[Problem]:
    """A distributed Map's items that are EXPRESS executions wait for no job, no task token and no activity."""
    for state in definition.of("Task"):
        scope, resource = state.scope, state.fields.get("Resource")
        while scope.owner is not None and not scope.is_distributed:
            scope = scope.owner.scope
        is_express = inside(scope.fields, ("ProcessorConfig", "ExecutionType")) == "EXPRESS"
        if scope.owner and is_express and isinstance(resource, str) and any(each in resource for each in _WAITS):
            message = f'waits, and the items of "{scope.owner.name}" are EXPRESS executions, which cannot'
            yield Problem(
                state.at("Resource"), message, 'write "ExecutionType": "STANDARD" there, or call without waiting'
            )


RULES = (
    lambda_without_retry,
    choice_without_default,
    token_without_timeout,
    token_is_sent,
    loop_without_wait,
    nested_scope_without_end,
    deprecated_iterator,
    fields_of_a_distributed_map,
    empty_result_writer,
    unknown_error_names,
    express_timeout,
    express_items,
)
