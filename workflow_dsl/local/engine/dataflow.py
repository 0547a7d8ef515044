"""What comes into a state and what goes out of it, in JSONPath and in JSONata.

JSONPath: InputPath, Parameters, ResultSelector, ResultPath, OutputPath, Assign. JSONata: Arguments, Output, Assign,
every `{% %}` string in a field. Developer guide, "Processing input and output in Step Functions".
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import Given, evaluate_call, to_json
from workflow_dsl.expressions.intrinsics import is_intrinsic, parse_call
from workflow_dsl.expressions.jsonata import expression_in
from workflow_dsl.expressions.jsonata_evaluation import FUNCTION, UNDEFINED, evaluate_jsonata
from workflow_dsl.expressions.jsonpath import Path, parse_path, replaced
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound, SyntaxProblem
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

DEEPEST = 200  # levels; our own limit, so that a value that grows with every turn of a loop has an end
DATA_LIMIT = 256 * 1024  # bytes of UTF-8; Step Functions quotas, "Quotas related to task executions"


def check_size(node: PreparedState, value: Json) -> None:
    """Raises States.DataLimitExceeded for a result that is larger than the service hands on."""
    if type(value) in (int, float, bool, type(None)):
        return
    try:
        text = to_json(value)
    except RecursionError:
        raise too_deep(node.name) from None
    if text.count("{") + text.count("[") > DEEPEST and _depth(value) > DEEPEST:
        raise too_deep(node.name)
    if len(text) > DATA_LIMIT // 4 and len(text.encode(errors="surrogatepass")) > DATA_LIMIT:
        said = f"The state/task '{node.name}' returned a result with a size exceeding the maximum number of bytes"
        raise StateError(DATA_LIMIT_EXCEEDED, f"{said} service limit.")


def too_deep(name: str) -> StateError:
    return StateError(
        RUNTIME, f"The state/task '{name}' returned a result that is nested more than {DEEPEST} levels deep."
    )


def _depth(value: Json) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        each, level = waiting.pop()
        inner = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        deepest = max(deepest, level if isinstance(each, (dict, list)) else 0)
        waiting += [(one, level + 1) for one in inner]
    return deepest


def state_input(node: PreparedState, branch: Thread, value: Json) -> Json:
    """What a JSONPath state works on: its input after InputPath and Parameters."""
    if node.input_path is None:
        value = {}
    elif node.input_path.text != "$":
        value = whole_path(node, branch, node.input_path, value)
    return value if node.parameters is None else filled(node, branch, node.parameters, value)


def given_to(node: PreparedState, branch: Thread, value: Json) -> Json:
    """What a Task or Parallel is given to work on: Arguments in JSONata, else the input after Parameters."""
    if not node.is_jsonata:
        return state_input(node, branch, value)
    if "Arguments" not in node.fields:
        return value
    return evaluated(node, branch, "Arguments", node.fields["Arguments"], {"input": value})


def state_output(node: PreparedState, branch: Thread, value: Json, result: Json) -> tuple[Json, dict[str, Json] | None]:
    """A JSONPath state's output and the variables it assigns, from its raw input and its result."""
    if node.selector is not None:
        result = filled(node, branch, node.selector, result)
    assigned = assignments(node, branch, node.fields.get("Assign"), result)
    whole = value if node.result_path is None else placed(node.result_path, value, result)
    return cut_output(node, branch, whole), assigned


def cut_output(node: PreparedState, branch: Thread, value: Json) -> Json:
    """A state's output after OutputPath."""
    if node.output_path is None:
        return {}
    return value if node.output_path.text == "$" else whole_path(node, branch, node.output_path, value)


def placed(path: Path, value: Json, result: Json) -> Json:
    """The value with the result where a ResultPath leads, a state's or a catcher's."""
    try:
        return replaced(value, path.steps or (), result)
    except PathNotFound:
        said = f"Unable to apply ReferencePath {path.text} to input {to_json(value)}"
        raise StateError(RESULT_PATH_MATCH_FAILURE, said) from None


def assignments(node: PreparedState, branch: Thread, template: Json, data: Json) -> dict[str, Json] | None:
    """The variables of an Assign field, evaluated with the values they had before."""
    if template is None:
        return None
    values: dict[str, Json] = filled(node, branch, template, data)
    return values


def whole_path(node: PreparedState, branch: Thread, path: Path, data: Json) -> Json:
    """InputPath or OutputPath."""
    try:
        return path.read(data, branch.context, branch.variables)
    except (PathNotFound, EvaluationProblem) as problem:
        raise failed(node, branch, f"Invalid path '{path.text}' : {problem}") from None


def path_field(node: PreparedState, branch: Thread, field: str, data: Json) -> Json:
    """The value that a field such as ErrorPath refers to: a path, or an intrinsic function."""
    return _dynamic(node, branch, field, node.fields[field], data)


def filled(node: PreparedState, branch: Thread, template: Json, data: Json) -> Json:
    """A payload template with every `name.$` field as `name` with the value it refers to."""
    if isinstance(template, dict):
        found = {}
        for name, each in template.items():
            if name.endswith(".$"):
                found[name[:-2]] = _dynamic(node, branch, name, each, data)
            else:
                found[name] = filled(node, branch, each, data) if isinstance(each, (dict, list)) else each
        return found
    if isinstance(template, list):
        return [filled(node, branch, each, data) for each in template]
    return template


def _dynamic(node: PreparedState, branch: Thread, field: str, text: Json, data: Json) -> Json:
    if not isinstance(text, str):
        raise failed(node, branch, f"The value for the field '{field}' must be a valid JSONPath")
    try:
        if is_intrinsic(text):
            return evaluate_call(parse_call(text), Given(data, branch.context, branch.variables, branch.random))
        return parse_path(text).read(data, branch.context, branch.variables)
    except SyntaxProblem as problem:
        raise failed(node, branch, f"The value for the field '{field}' is invalid: {problem}") from None
    except PathNotFound:
        said = f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input"
        raise failed(node, branch, f"{said} '{to_json(data)}'") from None
    except EvaluationProblem as problem:
        said = f"The function '{text}' had the following error: {problem}"
        raise failed(node, branch, said, INTRINSIC_FAILURE) from None


def failed(
    node: PreparedState, branch: Thread, cause: str, error: str = RUNTIME, location: str | None = None
) -> StateError:
    """A failure of the state itself, said as the service says it."""
    return StateError(error, f"{branch.executing(node)} {cause}", location)


def query_failed(node: PreparedState, branch: Thread, cause: str, location: str | None) -> StateError:
    """A JSONata evaluation that failed; the service notes it as an event of its own."""
    return failed(node, branch, cause, QUERY_EVALUATION_ERROR, location if location is not None else "")


def evaluated(node: PreparedState, branch: Thread, location: str, template: Json, states: Mapping[str, Json]) -> Json:
    """A field's value with every JSONata string in it evaluated; `location` names the field, as `Output/price`."""
    if isinstance(template, str):
        expression = expression_in(template)
        return template if expression is None else _queried(node, branch, location, expression, states)
    if isinstance(template, dict):
        return {name: evaluated(node, branch, f"{location}/{name}", each, states) for name, each in template.items()}
    if isinstance(template, list):
        return [evaluated(node, branch, f"{location}[{i}]", each, states) for i, each in enumerate(template)]
    return template


def _queried(node: PreparedState, branch: Thread, location: str, expression: str, states: Mapping[str, Json]) -> Json:
    said = f"The JSONata expression '{expression}' specified for the field '{location}'"
    variables = {**branch.variables, "states": {**states, "context": branch.context()}}
    try:
        value = evaluate_jsonata(expression, variables, now=branch.moment, random=branch.random)
    except (EvaluationProblem, SyntaxProblem) as problem:
        cause = f"{said} threw an error during evaluation. {problem}"
        raise query_failed(node, branch, cause, location) from None
    if value is UNDEFINED:
        raise query_failed(node, branch, f"{said} returned nothing (undefined).", location)
    if value is FUNCTION:
        raise query_failed(node, branch, f"{said} returned an unsupported result type.", location)
    return value


_TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}


def type_of(value: Json) -> str:
    """A JSON value's type as the service names it."""
    return _TYPES.get(type(value), "null")


def evaluated_as(node: PreparedState, branch: Thread, field: str, wanted: str, states: Mapping[str, Json]) -> Json:
    """A field's value, which must be of one type: `Expected 'array', but was 'object'` otherwise."""
    template = node.fields[field]
    value = evaluated(node, branch, field, template, states)
    if type_of(value) != wanted and expression_in(template) is not None:
        said = f"The JSONata expression '{expression_in(template)}' specified for the field '{field}'"
        cause = f"{said} returned an unexpected result type. Expected '{wanted}', but was '{type_of(value)}' for value:"
        raise query_failed(node, branch, f"{cause} {to_json(value)}", field)
    return value


def jsonata_output(
    node: PreparedState,
    branch: Thread,
    states: Mapping[str, Json],
    default: Json,
    fields: Mapping[str, Json] | None = None,
    where: str = "",
) -> tuple[Json, dict[str, Json] | None]:
    """The output and the assigned variables of a JSONata state, Choice rule or catcher; `where` leads to the fields."""
    fields = node.fields if fields is None else fields
    output = evaluated(node, branch, f"{where}Output", fields["Output"], states) if "Output" in fields else default
    assigned = evaluated(node, branch, f"{where}Assign", fields["Assign"], states) if "Assign" in fields else None
    return output, assigned


def note_evaluation(branch: Thread, node: PreparedState, problem: StateError) -> None:
    """Notes a JSONata evaluation that failed. What fails while a state is being entered follows what came before it."""
    if problem.location is None or problem.is_recorded:
        return
    problem.is_recorded = True
    place = {"state": node.name, **({"location": problem.location} if problem.location else {})}
    if branch.last == branch.entered_id and problem.follows_entry is False:
        branch.last = branch.before_entry
    branch.note("EvaluationFailed", with_error, "evaluationFailedEventDetails", problem.error, problem.cause, place)
