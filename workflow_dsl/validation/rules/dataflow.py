"""Warnings about data flow: lost input, unused or undefined variables, payloads over 256 KiB."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json, leaves, value_at
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.expressions.jsonata import expression_in, function_names
from workflow_dsl.findings import Keys, did_you_mean
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.validation.rules.expressions import dynamic_fields, paths_in, paths_read
from workflow_dsl.validation.rules.jsonata import evaluated_values, expressions
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, note, warning
from workflow_dsl.validation.rules.variables import assigned_variables, is_allowed


@warning("CATCH_LOSES_INPUT", guide_url("concepts-error-handling"), applies_to="Catch")
def catch_loses_the_input(definition: Definition) -> Iterator[Problem]:
    """A catcher without ResultPath (JSONata: Output or Assign) replaces the state's input with the error."""
    for state in definition.states:
        is_jsonata = definition.language_of(state) == "JSONata"
        preserving = {"Output", "Assign"} if is_jsonata else {"ResultPath"}
        for index, item in state.items_of("Catch"):
            next_state = state.scope.states.get(item["Next"]) if isinstance(item.get("Next"), str) else None
            if next_state is not None and not preserving & item.keys() and _reads_more_than_the_error(next_state):
                output = 'add "Output": "{% $merge([$states.input, {\'error\': $states.errorOutput}]) %}"'
                remedy = output if is_jsonata else 'add "ResultPath": "$.error"'
                yield Problem(
                    state.at("Catch", index), "the error replaces the state's input", f"{remedy} to keep both"
                )


def _reads_more_than_the_error(state: State) -> bool:
    """True if a state reads a field of its input that an error does not have."""
    if state.type in ("Fail", "Succeed"):
        return False
    names = {path.removeprefix("$.").removeprefix("$states.input.").partition(".")[0] for path in input_paths(state)}
    return any(name.partition("[")[0] not in ("Error", "Cause") for name in names)


def input_paths(state: State) -> Iterator[str]:
    """Yield the paths and JSONata references with which a state reads fields of its input."""
    yield from _field_paths(state)
    for _, value in evaluated_values(state):
        for _, text in leaves(value):
            if isinstance(text, str) and text.startswith("{%"):
                yield from _OF_INPUT.findall(text)


_OF_INPUT = lazy_regex(r"\$states\.input\.\w+")


@warning("RESULT_REPLACES_INPUT", guide_url("input-output-resultpath"))
def result_replaces_the_input(definition: Definition) -> Iterator[Problem]:
    """The results of a Map or Parallel replace its input, so that the next state cannot read a field of that input."""
    for type_ in ("Map", "Parallel"):
        for state in definition.states_of_type(type_):
            next_state = state.scope.states.get(str(state.fields.get("Next")))
            if next_state is not None and _outputs_results(state, definition):
                is_jsonpath = definition.language_of(next_state) == "JSONPath"
                path = next(_field_paths(next_state), None) if is_jsonpath else None
                if path:
                    message = f'its list of results replaces the input, but "{next_state.name}" reads {path}'
                    yield Problem(state.at(), message, 'add "ResultPath": "$.results" to keep both')


def _outputs_results(state: State, definition: Definition) -> bool:
    """True if a Map's or Parallel's output is its plain list of results."""
    changed = ("ResultSelector", "OutputPath", "ResultWriter")
    plain = definition.language_of(state) == "JSONPath" and not any(field in state.fields for field in changed)
    return plain and state.fields.get("ResultPath", "$") == "$"


def _field_paths(state: State) -> Iterator[str]:
    """Yield the paths with which a state reads a field of its input by name."""
    if state.fields.get("InputPath", "$") != "$":
        texts: list[Json] = [state.fields["InputPath"]]
    else:
        texts = [text for _, text in dynamic_fields(state.fields.get("Parameters"))]
        texts += [state.fields.get(field) for field in ("ItemsPath", "SecondsPath", "TimestampPath")]
        texts += [rule.get("Variable") for _, rule in state.comparisons]
    for text in texts:
        for path in paths_in(text):
            if path.root == "$" and path.steps and isinstance(path.steps[0], str):
                yield path.text


_REFERENCE = lazy_regex(r"\$([^\W\d]\w*)")


def _names_with_a_dollar(definition: Definition) -> set[str]:
    """Every name after a $ anywhere in the text; a variable that is not among them is never read."""
    text = definition.text
    if "\\" in text:
        text = json.dumps(dict(definition.machine.fields), ensure_ascii=False)  # without escapes
    return set(_REFERENCE.findall(text))


@warning("UNUSED_VARIABLE", guide_url("workflow-variables"), applies_to="Assign", of_values=True)
def variable_never_read(definition: Definition) -> Iterator[Problem]:
    """A variable that is assigned is read somewhere; while another name is read that none has, it may be meant.

    A catcher may keep the error in a variable for the history alone.
    """
    assignments = definition.memo(assigned_variables)
    if assignments and not definition.memo(variable_never_assigned.problems):
        names = definition.memo(_names_with_a_dollar)
        for state, name, keys in assignments:
            if name not in names and is_allowed(name) and keys[0] != "Catch":
                yield Problem(state.at(*keys), f"${name} is never read", "use it, or remove it")


@warning("UNDEFINED_VARIABLE", guide_url("workflow-variables"))
def variable_never_assigned(definition: Definition) -> Iterator[Problem]:
    """A variable that is read is assigned in the same scope or an enclosing one.

    Variables of a Parallel or Map do not outlive it; the states of a distributed Map do not see those of outer scopes.
    """
    names = definition.memo(_names_with_a_dollar)
    if not names or (names == ["states"] and not definition.jsonpath_states):
        return
    assigners: dict[Keys, dict[str, list[State]]] = {}
    for state, name, _ in definition.memo(assigned_variables):
        if is_allowed(name):
            assigners.setdefault(state.scope.keys, {}).setdefault(name, []).append(state)
    anywhere: dict[str, State] = {}
    for states in assigners.values():
        for name, (first, *_) in states.items():
            anywhere.setdefault(name, first)
    order = _Order()
    for state, keys, name in variables_read(definition):
        scopes = [assigners[scope] for scope in _visible_scopes(state) if scope in assigners]
        if not any(name in scope for scope in scopes):
            elsewhere = anywhere.get(name)
            visible = {name for scope in scopes for name in scope} if elsewhere is None else ()
            top = "$states.input" if definition.language_of(state) == "JSONata" else "$"
            undefined = f"${name} is never assigned", _suggestion(name, visible, top)
            yield Problem(state.at(*keys), *(undefined if elsewhere is None else _invisible(name, elsewhere, state)))
        elif later := _later_assigner(state, name, assigners, order, is_needed=_is_needed(state, keys, name)):
            remedy = f'assign it in an earlier state, or read it after "{later.name}", which assigns it'
            yield Problem(state.at(*keys), f"${name} is read before any state assigns it", remedy)


def _is_needed(state: State, keys: Keys, name: str) -> bool:
    """True for a read that fails without the variable: a path, or an expression that is no more than that."""
    expression = expression_in(value_at(state.fields, keys))
    return expression is None or re.fullmatch(rf"\s*\${name}(\.\w+)*\s*", expression) is not None


def _later_assigner(
    reader: State, name: str, assigners: Mapping[Keys, Mapping[str, list[State]]], order: _Order, *, is_needed: bool
) -> State | None:
    """A state that assigns a variable, if all that do run only after its reader; None if one may run before.

    A read that `is_needed` has to have the variable at the first visit of a loop, other reads at one of the visits.
    """
    later: State | None = None
    state: State | None = reader
    scopes = list(_visible_scopes(reader))
    while state is not None and scopes:
        for assigner in assigners.get(scopes.pop(0), {}).get(name, []):
            if order.may_follow(assigner, state) and not (is_needed and order.is_first(state, assigner)):
                return None
            later = later or assigner
        state = state.scope.owner
    return later


class _Order:
    """The order in which states of a scope can run; what is asked for is kept."""

    def __init__(self) -> None:
        self._after: dict[State, _Followers] = {}
        self._before: dict[State, _Followers] = {}

    def may_follow(self, state: State, later: State) -> bool:
        """True if a state may run after another one."""
        if state not in self._after:
            self._after[state] = _Followers([state])
        return self._after[state].may_include(later)

    def is_first(self, state: State, other: State) -> bool:
        """True if a state runs for the first time before another one does, or is that one."""
        if state not in self._before:
            start = state.scope.states.get(str(state.scope.start_at))
            first = [start] if start is not None and start.name != state.name else []
            self._before[state] = _Followers(first, without=state)
            self._before[state].add(first)
        return not self._before[state].may_include(other)


_MOST_FOLLOWERS = 1_000  # no machine of people has so many; each assigner would take its own set of them


class _Followers:
    """The states that can run after others in their scope, searched only as far as an answer needs.

    Without one of them: those that run before it does.
    """

    def __init__(self, states: list[State], without: State | None = None) -> None:
        self._names: set[str] = set()
        self._waiting = list(states)
        self._without = without
        self._is_unknown = False

    def add(self, states: list[State]) -> None:
        """Count states among those that can run."""
        self._names.update(state.name for state in states)

    def may_include(self, reader: State) -> bool:
        """Return True for a state among them, and for any if there are too many, or a transition leads nowhere."""
        while self._waiting and not self._is_unknown and reader.name not in self._names:
            self._is_unknown = len(self._names) > _MOST_FOLLOWERS or not self._follow(self._waiting.pop())
        return self._is_unknown or reader.name in self._names

    def _follow(self, state: State) -> bool:
        for target in state.targets:
            following = state.scope.states.get(target.name) if isinstance(target.name, str) else None
            if following is None:
                return False
            if following.name not in self._names and following is not self._without:
                self._names.add(following.name)
                self._waiting.append(following)
        return True


def _visible_scopes(state: State) -> Iterator[Keys]:
    """Yield the scopes whose variables a state can read: its own and the enclosing ones, up to a distributed Map's."""
    scope = state.scope
    yield scope.keys
    while scope.owner is not None and not scope.is_distributed:
        scope = scope.owner.scope
        yield scope.keys


def _invisible(name: str, assigner: State, reader: State) -> tuple[str, str]:
    """The message and remedy for a variable that another scope assigns."""
    if _encloses(assigner.scope, reader):
        message = f"${name} is not visible: the states of a distributed Map have their own variables"
        return message, "pass it with the items, in ItemSelector"
    owner = assigner.scope.owner.name if assigner.scope.owner else ""
    message = f'${name} is not visible: "{assigner.name}" assigns it only inside "{owner}"'
    return message, f'return it from there, and assign it from the result of "{owner}"'


def _encloses(scope: Machine, state: State) -> bool:
    """True if a scope encloses a state, even across a distributed Map."""
    inner: Machine | None = state.scope
    while inner is not None and inner.keys != scope.keys:
        inner = inner.owner.scope if inner.owner else None
    return inner is not None


def _suggestion(name: str, known: Collection[str], top: str) -> str:
    if name == "states":
        return 'give the state "QueryLanguage": "JSONata", which has $states, or read the input with "$."'
    if name in ("input", "state") and top != "$":
        return "write $states.input" if name == "input" else "write $states"
    return did_you_mean(name, known) or f'assign it, or write "{top}.{name}" for a field of the input'


def variables_read(definition: Definition) -> Iterator[tuple[State, Keys, str]]:
    for state, keys, references in definition.memo(expressions):
        names = references.variables - references.called - function_names() - {"states"}
        yield from ((state, keys, name) for name in sorted(names))
    for state, keys, path in definition.memo(paths_read):
        if path.root not in ("$", "$$"):
            yield state, keys, path.root


# Actions whose response has no size limit, by service and action, with the parameter that sets one.
_UNLIMITED = {
    ("dynamodb", "scan"): "Limit",
    ("dynamodb", "query"): "Limit",
    ("athena", "getQueryResults"): "MaxResults",
    ("cloudwatchlogs", "filterLogEvents"): "Limit",
}


@warning("DATA_LIMIT", guide_url("sfn-best-practices"))
def data_limit(definition: Definition) -> Iterator[Problem]:
    """A distributed Map fails with States.DataLimitExceeded if its results exceed 256 KiB.

    Items that no ItemReader reads are in the state's input, whose own 256 KiB keep them few.
    """
    for state in definition.states_of_type("Map"):
        processor = "Iterator" if "Iterator" in state.fields else "ItemProcessor"
        mode = value_at(state.fields, (processor, "ProcessorConfig", "Mode"))
        outputs_results = state.fields.get("ResultPath", "$") is not None and "Output" not in state.fields
        is_large = mode == "DISTRIBUTED" and "ItemReader" in state.fields
        if is_large and outputs_results and not {"ResultWriter", "ResultSelector"} & state.fields.keys():
            message = "its results exceed 256 KiB if there are many items"
            yield Problem(state.at(), message, "add a ResultWriter")


@note("UNLIMITED_RESPONSE", guide_url("sfn-best-practices"), applies_to="Integration")
def unlimited_response(definition: Definition) -> Iterator[Problem]:
    """A task fails with States.DataLimitExceeded if the response of its API exceeds 256 KiB."""
    for state in definition.states_of_type("Task"):
        integration = integration_of(str(state.fields.get("Resource")))
        limit = _UNLIMITED.get((integration.service, integration.action)) if integration else None
        parameters = state.fields.get("Arguments", state.fields.get("Parameters"))
        if not limit or not isinstance(parameters, Mapping) or {limit, f"{limit}.$"} & parameters.keys():
            continue
        if parameters.get("Select") != "COUNT":  # without items in it
            message = "fails with States.DataLimitExceeded if the response exceeds 256 KiB"
            yield Problem(state.at("Resource"), message, f"add {limit}, or make the call in a function")
