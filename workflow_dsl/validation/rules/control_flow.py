"""Warnings about control flow: retries, endless waits and loops, and fields that have no effect."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, note, spec_url, warning
from workflow_dsl.validation.rules.structure import ends

_TOKENS = ("$$.Task.Token", "$states.context.Task.Token", "$$.Task", "$states.context.Task", "$$", "$states.context")
_CALLBACK = ".waitForTaskToken"


def _pattern(state: State) -> str:
    resource = state.fields.get("Resource")
    integration = integration_of(resource) if isinstance(resource, str) else None
    return integration.pattern if integration else ""


def _is_activity(state: State) -> bool:
    return ":activity:" in str(state.fields.get("Resource"))


@warning("NO_DEFAULT", spec_url("choice-state"), applies_to="Choice")
def choice_without_default(definition: Definition) -> Iterator[Problem]:
    """A Choice without Default fails with States.NoChoiceMatched if no rule matches.

    It is a note if several rules list the values that one field may have.
    """
    for state in definition.states_of_type("Choice"):
        if "Default" not in state.fields and not _always_matches(state):
            message = "fails with States.NoChoiceMatched if no rule matches"
            yield Problem(state.at(), message, "add a Default", is_note=_lists_values(state))


def _lists_values(state: State) -> bool:
    """True if several rules compare one field with the values that it may have; Conditions are taken to do so."""
    rules = [rule for _, rule in state.items_of("Choices")]
    if len(rules) < 2:
        return False
    return all("Condition" in rule for rule in rules) or len(set.intersection(*map(_fields_with_a_value, rules))) == 1


def _fields_with_a_value(rule: Mapping[str, Json]) -> set[str]:
    """The fields that a rule, or one in its Or, compares with a value for equality."""
    either = rule.get("Or")
    tests = [each for each in either if isinstance(each, dict)] if isinstance(either, list) else [rule]
    return {str(each.get("Variable")) for each in tests if not _EQUALITIES.isdisjoint(each)}


_EQUALITIES = frozenset(("StringEquals", "NumericEquals", "BooleanEquals"))


def _always_matches(state: State) -> bool:
    """True if one of the rules always matches: a Condition that is true, or a test and its opposite."""
    tests: set[tuple[str, str, Json]] = set()
    for _, rule in state.items_of("Choices"):
        if rule.get("Condition") in (True, "{% true %}"):
            return True
        inner = rule.get("Not")
        is_not, plain = (True, inner) if isinstance(inner, dict) else (False, rule)
        outcomes: list[tuple[str, Json]] = [
            (name, value != is_not) for name, value in plain.items() if isinstance(value, bool)
        ]
        outcomes += [
            (name, value) for name, value in rule.items() if name in _OPPOSITE and isinstance(value, (int, float))
        ]
        tests |= {(str(plain.get("Variable")), name, value) for name, value in outcomes}
    opposites = {(variable, _OPPOSITE.get(name, name), _opposite_value(value)) for variable, name, value in tests}
    return not opposites.isdisjoint(tests)


_OPPOSITE = {"NumericLessThan": "NumericGreaterThanEquals", "NumericLessThanEquals": "NumericGreaterThan"}
_OPPOSITE |= {opposite: name for name, opposite in _OPPOSITE.items()}


def _opposite_value(value: Json) -> Json:
    return not value if isinstance(value, bool) else value


@warning("WAITS_FOREVER", guide_url("sfn-best-practices"), applies_to="Task")
def token_without_timeout(definition: Definition) -> Iterator[Problem]:
    """A task that waits for a task token or an activity without a timeout waits up to a year for a lost answer."""
    limits = {"TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"}
    if "TimeoutSeconds" in definition.machine.fields:
        return
    for state in definition.states_of_type("Task"):
        if (_pattern(state) == _CALLBACK or _is_activity(state)) and limits.isdisjoint(state.fields):
            message = "waits up to a year if the answer is lost"
            yield Problem(state.at("Resource"), message, "add TimeoutSeconds or HeartbeatSeconds")


@warning("TOKEN_NOT_SENT", guide_url("connect-to-resource"), applies_to="Integration")
def token_is_sent(definition: Definition) -> Iterator[Problem]:
    """A task that waits for a task token sends it: $$.Task.Token, in JSONata $states.context.Task.Token."""
    for state in definition.states_of_type("Task"):
        if _pattern(state) == _CALLBACK and not _may_send_token(state):
            is_jsonata = definition.language_of(state) == "JSONata"
            remedy = '"{% $states.context.Task.Token %}"' if is_jsonata else '"TaskToken.$": "$$.Task.Token"'
            yield Problem(state.at(), "waits for a task token that it does not send", f"send it: {remedy}")


def _may_send_token(state: State) -> bool:
    """True if the parameters contain the task token, or a placeholder that may contain it."""
    if str(state.fields.get("InputPath", "$")).startswith("$$"):
        return True
    waiting: list[tuple[str, Json]] = [("", state.fields.get("Arguments", state.fields.get("Parameters")))]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.items()
        elif isinstance(value, list):
            waiting += [(name, item) for item in value]
        elif isinstance(value, str):
            is_evaluated = not name or name.endswith(".$") or "{%" in value
            if any(token in value for token in _TOKENS) or (is_evaluated and not is_known(value)):
                return True
    return False


@warning("LOOP_WITHOUT_WAIT", guide_url("sfn-best-practices"), applies_to="Task")
def loop_without_wait(definition: Definition) -> Iterator[Problem]:
    """A loop that polls a service, or that no Choice ends, contains a Wait: a history has at most 25,000 events."""
    for scope in definition.scopes:
        for loop in _loops(scope) if _may_loop(scope) else ():
            states = [scope.states[name] for name in loop]
            polls = any(_polls(state) for state in states) or not any(state.type == "Choice" for state in states)
            if polls and any(state.type == "Task" for state in states) and not any(_slows(state) for state in states):
                first = min(states, key=list(scope.states.values()).index)
                names = " -> ".join(f'"{state.name}"' for state in states[:4])
                message = f"is in a loop without a Wait: {names}{' ...' if len(states) > 4 else ''}"
                yield Problem(first.at(), message, "add a Wait to the loop, or count its iterations")


def _may_loop(scope: Machine) -> bool:
    """True if a transition targets its own state or an earlier one in the document; without one there is no loop."""
    positions = {name: position for position, name in enumerate(scope.states)}
    return any(
        isinstance(target.name, str) and positions.get(target.name, len(positions)) <= positions[state.name]
        for state in scope.states.values()
        for target in state.targets
    )


def _polls(state: State) -> bool:
    """True if a state reads the status of something from a service."""
    integration = integration_of(str(state.fields.get("Resource")))
    return integration is not None and integration.action.startswith(("describe", "get", "head", "list", "batchGet"))


@cache
def _progress() -> re.Pattern[str]:
    """Expressions that advance a loop: a count, the next item, the rest of a list, or the token of the next page."""
    return re.compile(
        r"States\.(MathAdd|ArrayGetItem)|\{%[^%]*[\w\])] *[-+] *[\w$(]"
        r"|Token\b|LastEvaluatedKey|ExclusiveStartKey|Marker|[Cc]ursor"
        r"|\[ *-?[1-9]\d* *:|\[\[[^\]]*\.\."  # the rest of a list: $.items[1:], $items[[1..9]]
    )


def _slows(state: State) -> bool:
    """True if a state slows a loop down or advances it to its end: it waits, counts, or reads the next page."""
    if any(_slows(inner) for scope in state.nested for inner in scope.states.values()):
        return True
    waits = state.type == "Wait" or _pattern(state).startswith((".sync", _CALLBACK)) or _is_activity(state)
    return waits or (state.type != "Choice" and _progress().search(json.dumps(_without_links(state))) is not None)


def _without_links(state: State) -> dict[str, Json]:
    excluded = ("Resource", "Next", "Comment", "Retry", "Catch", "Branches", "ItemProcessor", "Iterator")
    return {field: value for field, value in state.fields.items() if field not in excluded}


def _loops(scope: Machine) -> list[list[str]]:
    """The loops of a scope, as lists of state names: its strongly connected components (Tarjan's algorithm)."""
    loops: list[list[str]] = []
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
                    component = path[path.index(name) :]
                    del path[len(path) - len(component) :]
                    on_path.difference_update(component)
                    if len(component) > 1 or name in _next_names(scope, name):
                        loops.append(component)
    return loops


def _next_names(scope: Machine, name: str) -> list[str]:
    targets = (target.name for target in scope.states[name].targets)
    return [target for target in targets if isinstance(target, str) and target in scope.states]


@warning("ENDLESS_SCOPE", spec_url("transitions"), applies_to="Nested")
def nested_scope_without_end(definition: Definition) -> Iterator[Problem]:
    """A branch or item processor without a terminal state never returns to the enclosing state."""
    for scope in definition.scopes[1:]:
        if scope.states and not ends(scope):
            yield Problem(scope.at(), "has no terminal state", 'add "End": true to one state')


@note("DEPRECATED_ITERATOR", guide_url("state-map"), applies_to="Map")
def deprecated_iterator(definition: Definition) -> Iterator[Problem]:
    """Iterator is the old name of ItemProcessor, and a Map's Parameters the old name of ItemSelector."""
    for state in definition.states_of_type("Map"):
        renamed = [(old, new) for old, new in _RENAMED if old in state.fields and new not in state.fields]
        if renamed:
            verb = "is" if len(renamed) == 1 else "are"
            message = f"{' and '.join(old for old, _ in renamed)} {verb} deprecated"
            remedy = f"rename {', and '.join(f'{old} to {new}' for old, new in renamed)}"
            yield Problem(state.at(renamed[0][0]), message, remedy)


_RENAMED = (("Iterator", "ItemProcessor"), ("Parameters", "ItemSelector"))


_DISTRIBUTED_ONLY = (
    *("ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath"),
    *("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
)


@warning("DISTRIBUTED_ONLY", guide_url("state-map-distributed"), applies_to="Map")
def fields_of_a_distributed_map(definition: Definition) -> Iterator[Problem]:
    """An inline Map ignores the fields of a distributed one, such as ItemReader and ResultWriter."""
    for state in definition.states_of_type("Map"):
        modes = [value_at(state.fields, (field, "ProcessorConfig", "Mode")) for field in ("ItemProcessor", "Iterator")]
        if all(mode in (None, "INLINE") for mode in modes):
            for field in _DISTRIBUTED_ONLY:
                if field in state.fields:
                    remedy = 'write "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}'
                    yield Problem(state.at(field), f"an inline Map ignores {field}", remedy)


@warning("EMPTY_RESULT_WRITER", guide_url("input-output-resultwriter"), applies_to="ResultWriter")
def empty_result_writer(definition: Definition) -> Iterator[Problem]:
    """An empty ResultWriter is accepted, but fails when the Map writes its results."""
    for state in definition.states_of_type("Map"):
        if state.fields.get("ResultWriter") == {}:
            parameters = "Arguments" if definition.language_of(state) == "JSONata" else "Parameters"
            remedy = f"add Resource and {parameters}, or WriterConfig"
            yield Problem(state.at("ResultWriter"), "is empty, and fails when the Map writes its results", remedy)


@warning("EXPRESS_TIMEOUT", guide_url("choosing-workflow-type"), applies_to="EXPRESS")
def express_timeout(definition: Definition) -> Iterator[Problem]:
    """An EXPRESS execution ends after five minutes, even if TimeoutSeconds is larger, or a Wait has not ended."""
    seconds = definition.machine.fields.get("TimeoutSeconds")
    if definition.type == "EXPRESS" and isinstance(seconds, int) and seconds > 300:
        message = f"TimeoutSeconds is {seconds}, but an EXPRESS execution ends after 300"
        yield Problem(
            definition.machine.at("TimeoutSeconds"), message, "write at most 300, or make the state machine STANDARD"
        )

    for state in definition.states_of_type("Wait") if definition.type == "EXPRESS" else ():
        waits = state.fields.get("Seconds")
        if isinstance(waits, int) and waits > 300 and not _is_in_distributed(state):
            message = f"waits {waits} seconds, but an EXPRESS execution ends after 300"
            yield Problem(state.at("Seconds"), message, "write less, or make the state machine STANDARD")


def _is_in_distributed(state: State) -> bool:
    """True for a state in a distributed Map, whose items are executions of their own."""
    scope = state.scope
    while scope.owner is not None and not scope.is_distributed:
        scope = scope.owner.scope
    return scope.owner is not None


_WAITS = (".sync", ".waitForTaskToken", ":activity:")


@warning("EXPRESS_ITEMS", guide_url("choosing-workflow-type"), applies_to="ItemProcessor")
def express_items(definition: Definition) -> Iterator[Problem]:
    """If a distributed Map's items are EXPRESS executions, they cannot wait for a job, a task token or an activity."""
    for state in definition.states_of_type("Task"):
        scope, resource = state.scope, state.fields.get("Resource")
        while scope.owner is not None and not scope.is_distributed:
            scope = scope.owner.scope
        is_express = value_at(scope.fields, ("ProcessorConfig", "ExecutionType")) == "EXPRESS"
        if scope.owner and is_express and isinstance(resource, str) and any(mark in resource for mark in _WAITS):
            message = f'waits, but the items of "{scope.owner.name}" are EXPRESS executions, which cannot'
            yield Problem(
                state.at("Resource"), message, 'write "ExecutionType": "STANDARD" for that Map, or call without waiting'
            )
