"""The meaning of a definition: what the schema of one object cannot say. A rule is a small generator, a row in RULES.

Rules take any document, however misshapen; what they cannot read they leave to shape.py. Codes and wording are those of
the service's ValidateStateMachineDefinition where it has them; sections are those of the States Language
(states-language.net/spec.html) and of the Step Functions developer guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from workflow_dsl.asl import Machine, State
from workflow_dsl.findings import Finding, Key, Where, closest

Type = Literal["STANDARD", "EXPRESS"]
Rule = Callable[[Machine, Type], Iterator[Finding]]

_FAILED = "SCHEMA_VALIDATION_FAILED"
_ENDS = ("Succeed", "Fail")


def _error(code: str, where: Where, message: str, remedy: str = "") -> Finding:
    return Finding(code, "error", where, message, remedy)


def start_exists(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Top-level fields": StartAt names one of the States."""
    for scope in machine.scopes():
        if isinstance(scope.start_at, str) and scope.start_at not in scope:
            message = f"Missing 'StartAt' target: {scope.start_at}"
            remedy = closest(scope.start_at, scope.states) or f"start at {_one_of(scope.states)}"
            yield _error("MISSING_TRANSITION_TARGET", scope.at("StartAt"), message, remedy)


def dangling_transitions(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Transitions": every target is a state of the same scope."""
    names = {state.name for state in machine.walk()}
    for state in machine.walk():
        for target in state.targets:
            if isinstance(target.name, str) and target.name not in state.scope:
                field = "Default" if target.keys == ("Default",) else "Next"
                yield _error(
                    "MISSING_TRANSITION_TARGET",
                    state.at(*target.keys),
                    f"Missing '{field}' target: {target.name}",
                    _where_is(target.name, state.scope, names),
                )


def _where_is(name: str, scope: Machine, names: set[str]) -> str:
    if name in names:
        return "that state is in another scope, and a transition stays in its own"
    return closest(name, scope.states) or f"go to {_one_of(scope.states)}"


def unreachable_states(machine: Machine, _: Type) -> Iterator[Finding]:
    """Every state is reached from StartAt. As in the service, a scope that never ends is not walked."""
    for scope in machine.scopes():
        if isinstance(scope.start_at, str) and scope.start_at in scope.states and _ends(scope):
            reached = _reached(scope)
            for state in scope.states.values():
                if state.name not in reached:
                    message = f'State "{state.name}" is not reachable'
                    yield _error("MISSING_TRANSITION_TARGET", state.at(), message, "link it, or delete it")


def _reached(scope: Machine) -> set[str]:
    reached: set[str] = set()
    waiting = [scope.start_at]
    while waiting:
        name = waiting.pop()
        if name in scope.states and name not in reached:
            reached.add(name)
            waiting.extend(target.name for target in scope.states[name].targets if isinstance(target.name, str))
    return reached


def terminal_state(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Transitions": an execution can end."""
    for scope in machine.scopes():
        if scope.states and not _ends(scope):
            yield _error(
                "MISSING_END_STATE", scope.at(), "Workflow has no terminal state", 'give one state "End": true'
            )


def _ends(scope: Machine) -> bool:
    return any(state.type in _ENDS or state.fields.get("End") is True for state in scope.states.values())


def next_or_end(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Transitions": every state but Choice, Succeed and Fail has one of Next and End."""
    for state in machine.walk():
        if state.type in ("Task", "Pass", "Wait", "Parallel", "Map"):
            given = [field for field in ("Next", "End") if state.fields.get(field) not in (None, False)]
            if len(given) != 1:
                has = "has both 'Next' and 'End'" if given else "has neither 'Next' nor 'End'"
                yield _error(_FAILED, state.at(), has, "give it exactly one of the two")


def duplicate_names(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "States": a state's name is unique within the whole machine."""
    seen: dict[str, State] = {}
    for state in machine.walk():
        first = seen.setdefault(state.name, state)
        if first is not state:
            message = f"Duplicate State name: {state.name}"
            yield _error(
                "DUPLICATE_STATE_NAME", state.at(), message, f"rename it; the first is at {first.at().pointer}"
            )


def catch_all_alone_and_last(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Errors": States.ALL stands alone in ErrorEquals, in the last retrier or catcher."""
    for state in machine.walk():
        for field in ("Retry", "Catch"):
            items = state.items_of(field)
            for index, item in items:
                names = item.get("ErrorEquals")
                if isinstance(names, list) and "States.ALL" in names and (len(names) > 1 or index < items[-1][0]):
                    yield _error(
                        _FAILED,
                        state.at(field, index, "ErrorEquals"),
                        "States.ALL must appear alone and at end of list",
                        "take the other names out of it, and move it last",
                    )


_ONE_OF = {
    "Wait": (("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),),
    "Map": (("ItemProcessor", "Iterator"),),
}
_AT_MOST_ONE_OF = {
    "Task": (("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath")),
    "Fail": (("Error", "ErrorPath"), ("Cause", "CausePath")),
    "Map": (
        ("MaxConcurrency", "MaxConcurrencyPath"),
        ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ),
}


def exclusive_fields(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Wait State", "Map State", "Timeouts", "Fail State": fields of which a state has only one."""
    for state in machine.walk():
        for table, least in ((_ONE_OF, 1), (_AT_MOST_ONE_OF, 0)):
            for fields in table.get(state.type, ()) if isinstance(state.type, str) else ():
                given = [field for field in fields if field in state.fields]
                if not least <= len(given) <= 1:
                    has = f"has {' and '.join(given)}" if given else f"has none of {', '.join(fields)}"
                    amount = "exactly" if least else "at most"
                    yield _error(_FAILED, state.at(), has, f"give it {amount} one of {', '.join(fields)}")


_READER_AND_BATCHER = (
    (("ItemReader", "ReaderConfig"), ("MaxItems", "MaxItemsPath")),
    (("ItemBatcher",), ("MaxItemsPerBatch", "MaxItemsPerBatchPath")),
    (("ItemBatcher",), ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")),
)


def exclusive_fields_of_a_reader(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Map State", "Reading items", "Batching input": a limit or the path to it, not both."""
    for state in machine.walk():
        for keys, fields in _READER_AND_BATCHER:
            holder = state.fields.get(keys[0])
            for key in keys[1:]:
                holder = holder.get(key) if isinstance(holder, dict) else None
            if isinstance(holder, dict) and all(field in holder for field in fields):
                message = f"has {' and '.join(fields)}"
                yield _error(_FAILED, state.at(*keys), message, f"give it at most one of {', '.join(fields)}")


_BESIDE_THE_COMPARISON = ("Variable", "Comment", "Next", "Assign", "Output")


def one_comparison(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Choice State": a rule is a Condition, a boolean operator, or a Variable and one comparison."""
    for state in machine.walk():
        waiting: list[tuple[tuple[Key, ...], object]] = [
            (("Choices", index), rule) for index, rule in state.items_of("Choices")
        ]
        while waiting:
            keys, rule = waiting.pop()
            if not isinstance(rule, dict):
                continue
            operators = [name for name in rule if name not in _BESIDE_THE_COMPARISON]
            if len(operators) != 1:
                has = f"has {' and '.join(operators)}" if operators else "compares nothing"
                yield _error(_FAILED, state.at(*keys), has, "give it exactly one comparison, And, Or, Not or Condition")
            elif operators[0] in ("And", "Or", "Not", "Condition"):
                nested = rule[operators[0]]
                each = list(enumerate(nested)) if isinstance(nested, list) else []
                waiting += [((*keys, operators[0], index), inner) for index, inner in each]
                waiting += [((*keys, "Not"), nested)] if operators[0] == "Not" else []
            elif "Variable" not in rule:
                yield _error(_FAILED, state.at(*keys), "These fields are required: [Variable]", "say what it compares")


_ONLY_JSONPATH = (
    *("InputPath", "Parameters", "ResultSelector", "ResultPath", "OutputPath", "ItemsPath", "SecondsPath"),
    *("TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "ErrorPath", "CausePath", "MaxConcurrencyPath"),
    *("ToleratedFailureCountPath", "ToleratedFailurePercentagePath"),
)
_ONLY_JSONATA = ("Arguments", "Output", "Items")


def fields_of_the_query_language(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Query languages": the fields of one are not taken in the other.

    A state's QueryLanguage is its own or else the machine's; a Map's or Parallel's is not inherited by what is inside.
    """
    default = machine.fields.get("QueryLanguage", "JSONPath")
    for state in machine.walk():
        language = state.fields.get("QueryLanguage", default)
        wrong, other = (_ONLY_JSONATA, "JSONata") if language == "JSONPath" else (_ONLY_JSONPATH, "JSONPath")
        for field in state.fields:
            if field in wrong:
                yield _error(
                    _FAILED,
                    state.at(field),
                    f"The QueryLanguage is set to '{language}', but field '{field}' is only supported for the "
                    f"'{other}' QueryLanguage",
                    f'take the field out, or give the state "QueryLanguage": "{other}"',
                )


def choice_rules_of_the_query_language(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Choice State": a rule has a Condition in JSONata, and a comparison in JSONPath."""
    default = machine.fields.get("QueryLanguage", "JSONPath")
    for state in machine.walk():
        language = state.fields.get("QueryLanguage", default)
        for index, rule in state.items_of("Choices"):
            if ("Condition" in rule) != (language == "JSONata") and rule.keys() - {*_BESIDE_THE_COMPARISON[1:]}:
                other = "JSONPath" if language == "JSONata" else "JSONata"
                message = (
                    f"The QueryLanguage is set to '{language}', but the rule is one of the '{other}' QueryLanguage"
                )
                remedy = "give it a Condition" if language == "JSONata" else "give it a Variable and a comparison"
                yield _error(_FAILED, state.at("Choices", index), message, remedy)


def heartbeat_below_timeout(machine: Machine, _: Type) -> Iterator[Finding]:
    """States Language, "Timeouts": HeartbeatSeconds is smaller than TimeoutSeconds."""
    for state in machine.walk():
        heartbeat, timeout = state.fields.get("HeartbeatSeconds"), state.fields.get("TimeoutSeconds")
        if isinstance(heartbeat, int) and isinstance(timeout, int) and heartbeat >= timeout:
            message = f"HeartbeatSeconds is {heartbeat}, not below TimeoutSeconds, {timeout}"
            yield _error(_FAILED, state.at("HeartbeatSeconds"), message, "write a smaller number")


_NOT_EXPRESS = {
    ".sync": "Express state machine does not support '.sync' service integration",
    ".waitForTaskToken": "Express state machine does not support '.waitForTaskToken' service integration",
    ":activity:": "Express state machine does not support Activity ARN",
}


def express_limits(machine: Machine, type_: Type) -> Iterator[Finding]:
    """Developer guide, "Choosing workflow type": Express workflows neither wait for a callback nor run activities."""
    for state in machine.walk() if type_ == "EXPRESS" else ():
        resource = state.fields.get("Resource")
        for part, message in _NOT_EXPRESS.items():
            if isinstance(resource, str) and part in resource:
                remedy = "make the state machine STANDARD, or call without waiting"
                yield _error(_FAILED, state.at("Resource"), message, remedy)


def _one_of(names: Iterable[str]) -> str:
    known = list(names)
    quoted = [f'"{name}"' for name in known[:6]]
    listed = ", ".join(quoted if len(known) <= 6 else [*quoted[:5], f"{len(known) - 5} others"])
    return f"one of {listed}" if listed else "a state, once there is one"


RULES: tuple[Rule, ...] = (
    start_exists,
    terminal_state,
    duplicate_names,
    unreachable_states,
    next_or_end,
    dangling_transitions,
    exclusive_fields,
    exclusive_fields_of_a_reader,
    fields_of_the_query_language,
    one_comparison,
    choice_rules_of_the_query_language,
    catch_all_alone_and_last,
    heartbeat_below_timeout,
    express_limits,
)
