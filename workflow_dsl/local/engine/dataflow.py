"""The input and output processing of a state, in JSONPath and in JSONata.

JSONPath: InputPath, Parameters, ResultSelector, ResultPath, OutputPath, Assign. JSONata: Arguments, Output, Assign, and
every `{% %}` string in a field. Developer guide, "Processing input and output in Step Functions".
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow_dsl.definition.java_names import hash_order
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import CallInputs, evaluate_call, to_json
from workflow_dsl.expressions.intrinsics import is_intrinsic, parse_call
from workflow_dsl.expressions.jsonata import expression_in
from workflow_dsl.expressions.jsonpath import Path, parse_path, with_value
from workflow_dsl.expressions.problems import (
    ArgumentNotFound,
    EvaluationProblem,
    LimitExceeded,
    NullInput,
    PathNotFound,
    SyntaxProblem,
)
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.history import with_error
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.errors import (
    DATA_LIMIT_EXCEEDED,
    INTRINSIC_FAILURE,
    QUERY_EVALUATION_ERROR,
    RESULT_PATH_MATCH_FAILURE,
    RUNTIME,
    StateError,
)

MAX_DEPTH = 200  # levels; our own limit, which ends a loop that nests its value deeper in every round
DATA_LIMIT = 256 * 1024  # bytes of UTF-8; Step Functions quotas, "Quotas related to task executions"
_ALL_VARIABLES_LIMIT = 10 * 1024 * 1024  # bytes


def is_too_large(text: str) -> bool:
    """True for the text of a value that is larger than the service passes on."""
    return len(text) > DATA_LIMIT // 4 and len(text.encode(errors="surrogatepass")) > DATA_LIMIT


def check_size(state: PreparedState, value: Json, source: str | None = None) -> None:
    """Raise States.DataLimitExceeded for a value that is larger than the service passes on.

    `source` is what a task called, if the value is its result.
    """
    if type(value) in (int, float, bool, type(None)):
        return
    try:
        text = to_json(value)
    except RecursionError:
        raise nesting_error(state.name) from None
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise nesting_error(state.name)
    if is_too_large(text):
        subject = f"The state/task '{source or state.name}'"
        limit = "the maximum number of bytes service limit."
        failure = StateError(DATA_LIMIT_EXCEEDED, f"{subject} returned a result with a size exceeding {limit}")
        failure.is_of_task = source is not None
        raise failure


def nesting_error(name: str) -> StateError:
    """The error of a state whose result is nested too deeply."""
    return StateError(
        RUNTIME, f"The state/task '{name}' returned a result that is nested more than {MAX_DEPTH} levels deep."
    )


def _depth(value: Json) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        value, level = waiting.pop()
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        deepest = max(deepest, level if isinstance(value, (dict, list)) else 0)
        waiting += [(item, level + 1) for item in inner]
    return deepest


def state_input(state: PreparedState, thread: Thread, value: Json) -> Json:
    """Return the effective input of a JSONPath state: its raw input after InputPath and Parameters."""
    if state.input_path is None:
        value = {}
    elif state.input_path.text != "$":
        value = read_path(state, thread, state.input_path, value)
    thread.note("afterInputPath", value)
    value = value if state.parameters is None else evaluate_template(state, thread, state.parameters, value)
    thread.note("afterParameters", value)
    return value


def arguments_of(state: PreparedState, thread: Thread, value: Json) -> Json:
    """Return the arguments of a Task or Parallel: Arguments in JSONata, the effective input in JSONPath."""
    if not state.is_jsonata:
        return state_input(state, thread, value)
    if "Arguments" in state.fields:
        value = evaluate(state, thread, "Arguments", state.fields["Arguments"], {"input": value})
    thread.note("afterArguments", value)
    return value


def state_output(
    state: PreparedState, thread: Thread, value: Json, result: Json
) -> tuple[Json, dict[str, Json] | None]:
    """Return the output and the assigned variables of a JSONPath state, from its raw input and its result."""
    if state.selector is not None:
        result = evaluate_template(state, thread, state.selector, result)
    thread.note("afterResultSelector", result)
    assigned = assigned_variables(state, thread, state.fields.get("Assign"), result)
    combined = value if state.result_path is None else apply_result_path(state.result_path, value, result)
    thread.note("afterResultPath", combined)
    return apply_output_path(state, thread, combined), assigned


def apply_output_path(state: PreparedState, thread: Thread, value: Json) -> Json:
    """Return the output of a state after OutputPath."""
    if state.output_path is None:
        return {}
    return value if state.output_path.text == "$" else read_path(state, thread, state.output_path, value)


def apply_result_path(path: Path, value: Json, result: Json) -> Json:
    """Return the input with the result inserted at the ResultPath of a state or catcher."""
    try:
        return with_value(value, path.steps or (), result)
    except PathNotFound:
        cause = f"Unable to apply ReferencePath {path.text} to input {to_json(value)}"
        raise StateError(RESULT_PATH_MATCH_FAILURE, cause) from None


def assigned_variables(state: PreparedState, thread: Thread, template: Json, data: Json) -> dict[str, Json] | None:
    """Return the variables of an Assign field; its paths see the values from before the assignment."""
    if template is None:
        return None
    variables: dict[str, Json] = evaluate_template(state, thread, template, data)
    return _checked_variables(state, thread, variables)


def _checked_variables(state: PreparedState, thread: Thread, assigned: dict[str, Json]) -> dict[str, Json]:
    """Return the variables that a state assigns. Raises States.DataLimitExceeded if they or all are too large.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html, "Limits"; it does not say how
    an execution fails that exceeds one.
    """
    every = {**thread.variables, **assigned}
    try:
        is_too_much = _size(assigned) > DATA_LIMIT or (
            len(every) > _ALL_VARIABLES_LIMIT // DATA_LIMIT and _size(every) > _ALL_VARIABLES_LIMIT
        )
    except RecursionError:
        raise nesting_error(state.name) from None
    if is_too_much:
        cause = f"The variables assigned by the state '{state.name}' exceed the maximum number of bytes service limit."
        raise StateError(DATA_LIMIT_EXCEEDED, cause)
    return assigned


def _size(variables: Mapping[str, Json]) -> int:
    """The bytes of the values of variables."""
    return sum(len(to_json(value).encode(errors="surrogatepass")) for value in variables.values())


def read_path(state: PreparedState, thread: Thread, path: Path, data: Json) -> Json:
    """Return the value at an InputPath or OutputPath."""
    try:
        return path.read(data, thread.context, thread.variables)
    except (PathNotFound, EvaluationProblem) as problem:
        raise path_error(state, thread, problem, f"Invalid path '{path.text}' : {problem}") from None


def read_path_field(state: PreparedState, thread: Thread, field: str, data: Json) -> Json:
    """Return the value that a field such as ErrorPath refers to, by a path or an intrinsic function."""
    return _evaluate_dynamic(state, thread, field, state.fields[field], data)


def read_parameter(state: PreparedState, thread: Thread, field: str, path: str, data: Json) -> Json:
    """Return the value at the path of a field such as SecondsPath."""
    try:
        return thread.read(path, data)
    except (PathNotFound, EvaluationProblem) as problem:
        cause = f"The {field} parameter does not reference an input value: {path}"
        raise path_error(state, thread, problem, cause) from None


def evaluate_template(state: PreparedState, thread: Thread, template: Json, data: Json) -> Json:
    """Return a payload template with its values: every field `name.$` becomes `name` with the value it refers to.

    As recorded, these come after the other fields, in the order of a Java HashMap.
    """
    if isinstance(template, dict):
        result = {}
        dynamic = []
        for name, value in template.items():
            if name.endswith(".$"):
                dynamic.append(name[:-2])
            else:
                is_nested = isinstance(value, (dict, list))
                result[name] = evaluate_template(state, thread, value, data) if is_nested else value
        for name in hash_order(tuple(dynamic)) if len(dynamic) > 1 else dynamic:
            field = f"{name}.$"
            result[name] = _evaluate_dynamic(state, thread, field, template[field], data)
        return result
    if isinstance(template, list):
        return [evaluate_template(state, thread, item, data) for item in template]
    return template


def _evaluate_dynamic(state: PreparedState, thread: Thread, field: str, text: Json, data: Json) -> Json:
    if not isinstance(text, str):
        raise state_error(state, thread, f"The value for the field '{field}' must be a valid JSONPath")
    try:
        if is_intrinsic(text):
            inputs = CallInputs(data, thread.context, thread.variables, thread.random)
            return evaluate_call(parse_call(text), inputs)
        return parse_path(text).read(data, thread.context, thread.variables)
    except SyntaxProblem as problem:
        raise state_error(state, thread, f"The value for the field '{field}' is invalid: {problem}") from None
    except PathNotFound as problem:
        cause = f"The JSONPath '{text}' specified for the field '{field}'"
        if isinstance(problem, ArgumentNotFound):
            cause = f"The function '{text}' had the following error: The JsonPath argument for the field '{problem}'"
        cause = f"{cause} could not be found in the input '{to_json(data)}'"
        raise path_error(state, thread, problem, cause) from None
    except EvaluationProblem as problem:
        cause = f"The function '{text}' had the following error: {problem}"
        raise state_error(state, thread, cause, INTRINSIC_FAILURE) from None


def state_error(
    state: PreparedState, thread: Thread, cause: str, error: str = RUNTIME, location: str | None = None
) -> StateError:
    """The error of a state itself, with a cause that begins as the service's do."""
    return StateError(error, f"{thread.error_prefix(state)} {cause}".lstrip(), location)


def path_error(state: PreparedState, thread: Thread, problem: Exception, cause: str) -> StateError:
    """The error of a path that has no value: with its cause, or with the one of all paths into null."""
    return state_error(state, thread, str(problem) if isinstance(problem, NullInput) else cause)


def query_error(state: PreparedState, thread: Thread, cause: str, location: str | None) -> StateError:
    """The error of a failed JSONata evaluation, for which the service records an event of its own."""
    return state_error(state, thread, cause, QUERY_EVALUATION_ERROR, location if location is not None else "")


def evaluate(state: PreparedState, thread: Thread, location: str, template: Json, states: Mapping[str, Json]) -> Json:
    """Return a field's value with every JSONata string evaluated; `location` names the field, as `Output/price`."""
    if isinstance(template, str):
        expression = expression_in(template)
        return template if expression is None else _evaluate_query(state, thread, location, expression, states)
    if isinstance(template, dict):
        return {name: evaluate(state, thread, f"{location}/{name}", value, states) for name, value in template.items()}
    if isinstance(template, list):
        return [evaluate(state, thread, f"{location}[{i}]", item, states) for i, item in enumerate(template)]
    return template


def _evaluate_query(
    state: PreparedState, thread: Thread, location: str, expression: str, states: Mapping[str, Json]
) -> Json:
    from workflow_dsl.expressions.jsonata import evaluation

    subject = f"The JSONata expression '{expression}' specified for the field '{location}'"
    variables = {**thread.variables, "states": {**states, "context": thread.context()}}
    try:
        value = evaluation.evaluate_jsonata(expression, variables, now=thread.moment, random=thread.random)
    except (EvaluationProblem, SyntaxProblem) as problem:
        mark = ":" if isinstance(problem, LimitExceeded) else "."
        cause = f"{subject} threw an error during evaluation{mark} {problem}"
        raise query_error(state, thread, cause, location) from None
    if value is evaluation.UNDEFINED:
        raise query_error(state, thread, f"{subject} returned nothing (undefined).", location)
    if value is evaluation.FUNCTION:
        raise query_error(state, thread, f"{subject} returned an unsupported result type.", location)
    return value


_TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}


def json_type(value: Json) -> str:
    """Return a JSON value's type as the service names it."""
    return _TYPES.get(type(value), "null")


def evaluate_as(state: PreparedState, thread: Thread, field: str, type_: str, states: Mapping[str, Json]) -> Json:
    """Return a field's value, which must be of one type: otherwise `Expected 'array', but was 'object'`."""
    template = state.fields[field]
    value = evaluate(state, thread, field, template, states)
    if json_type(value) != type_ and expression_in(template) is not None:
        subject = f"The JSONata expression '{expression_in(template)}' specified for the field '{field}'"
        types = f"Expected '{type_}', but was '{json_type(value)}' for value: {to_json(value)}"
        raise query_error(state, thread, f"{subject} returned an unexpected result type. {types}", field)
    return value


def jsonata_output(
    state: PreparedState,
    thread: Thread,
    states: Mapping[str, Json],
    default: Json,
    fields: Mapping[str, Json] | None = None,
    location: str = "",
) -> tuple[Json, dict[str, Json] | None]:
    """Return the output and the assigned variables of a JSONata state, Choice rule or catcher.

    `fields` are those of the rule or catcher, and `location` is its place in the state, as `Catch[0]/`.
    """
    fields = state.fields if fields is None else fields
    output, assigned = default, None
    if "Output" in fields:
        output = evaluate(state, thread, f"{location}Output", fields["Output"], states)
    if "Assign" in fields:
        variables = evaluate(state, thread, f"{location}Assign", fields["Assign"], states)
        assigned = _checked_variables(state, thread, variables)
    return output, assigned


def record_evaluation_failure(thread: Thread, state: PreparedState, failure: StateError) -> None:
    """Record a failed JSONata evaluation, once. If it fails as the state is entered, it links to the event before."""
    if failure.location is None or failure.is_recorded:
        return
    failure.is_recorded = True
    details = {"state": state.name, **({"location": failure.location} if failure.location else {})}
    if thread.last_event == thread.entered_id and failure.follows_entry is False:
        thread.last_event = thread.before_entry
    thread.record("EvaluationFailed", with_error, "evaluationFailedEventDetails", failure.error, failure.cause, details)
