"""Results of stand-ins for AWS services: could the API have given them?

Types, values and required fields are compared as TestState's validation mode STRICT does (API reference, "MockInput").
TestState ignores a field that the API does not have. Here it is a problem, as it is a slip in most cases.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from workflow_dsl.definition.integrations import optimized
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean, short_list
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.stand_ins.mocks import Return, Throw
from workflow_dsl.local.stand_ins.result_shapes import ResultShape, result_shape

# Fields of the HTTP response that Step Functions adds to the result of an optimized integration.
_ADDED = ("SdkHttpMetadata", "SdkResponseMetadata")
_REMEDY = "correct it, or return Return(value, unchecked=True) if it is meant"


def api_problems(service: str, action: str, result: Json, *, other_fields: bool = False) -> list[str]:
    """Return why an action cannot have a result; [] if it can. The action may have a pattern: `runTask.sync`.

    Fields that the API does not have are a problem unless there may be `other_fields`. Silent about an API that
    botocore does not know, and about what a callback sends. Of a job's result no field is required.
    """
    shape = result_shape(service, action)
    if shape is None:
        return []
    is_job = ".sync" in action and service != "states"
    problems = shape.problems(result, is_strict=not is_job)
    return problems if problems or other_fields else list(_unknown_fields(shape, result))


def _unknown_fields(shape: ResultShape, result: Json) -> Iterator[str]:
    if not isinstance(result, dict):
        return
    answer = {name: value for name, value in result.items() if name not in (*_ADDED, *shape.others)}
    if shape.field:
        yield from (f"it has no field '{name}'; {_hint(name, [shape.field])}" for name in answer if name != shape.field)
        answer = answer.get(shape.field, {})
    if shape.name:
        yield from _unknown_in(shape, shape.name, answer)
    else:
        yield from (f"it has no field '{name}'; {_hint(name, [])}" for name in answer)


def _unknown_in(of: ResultShape, shape_name: str, value: Json) -> Iterator[str]:
    """Yield the fields of a value that its shape does not have. A field may be spelt as in Java or as in the API."""
    model, shape = of.model, of.model.shapes[shape_name]
    if shape.get("document") or (shape["type"] == "blob" and of.is_optimized):
        return
    if shape["type"] == "structure" and isinstance(value, dict):
        members = {name: details["shape"] for name, details in shape.get("members", {}).items()}
        known = {**members, **model.structure(shape_name).members}
        for name, member in value.items():
            if name in of.free:
                continue
            if known.get(name) is not None:
                yield from _unknown_in(of, known[name], member)
            else:
                # DynamoDB's attribute values keep the API's names: SS, BOOL.
                names = members if shape_name == "AttributeValue" else model.structure(shape_name).members
                yield f"it has no field '{name}'; {_hint(name, list(names))}"
    elif shape["type"] in ("list", "map") and isinstance(value, (list, dict)):
        inner = shape["member" if shape["type"] == "list" else "value"]["shape"]
        for item in value if isinstance(value, list) else value.values():
            yield from _unknown_in(of, inner, item)


def _hint(name: str, fields: Sequence[str]) -> str:
    return did_you_mean(name, fields) or (f"its fields are {short_list(fields)}" if fields else "it has none")


def fake_result(service: str, action: str, function: Callable[[dict[str, Json]], Json], parameters: Json) -> Json:
    """Return the result of a fake of an action as JSON; {} if the function returns None.

    Raises StateError if it returns a Throw, and FindingsError for a result that the API cannot give.
    """
    response = function(parameters)
    name = f"{service}:{action}"
    if isinstance(response, (Return, Throw)) and response.after:
        raise _refused(name, "answers at once, so it cannot have `after`", "mock the state in mocks= to delay it")
    if isinstance(response, Throw):
        raise StateError(response.error, response.cause)
    is_unchecked = isinstance(response, Return) and response.unchecked
    value = response.value if isinstance(response, Return) else {} if response is None else response
    try:
        result: Json = json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError) as problem:
        raise _refused(name, f"returns a value that is not JSON: {problem}", "return JSON") from None
    problems = [] if is_unchecked else _problems_of_fake(service, action, result)
    if problems:
        raise _refused(name, f"returns a result that the action cannot have: {'; '.join(problems)}", _REMEDY)
    return result


def _problems_of_fake(service: str, action: str, result: Json) -> list[str]:
    """The problems of a fake's result; one of a job may be the answer of its start or of its end."""
    patterns: list[str] = optimized().get(f"{service}:{action}", {}).get("patterns", [])
    jobs = [pattern for pattern in patterns if pattern.startswith(".sync")]
    if any(not api_problems(service, f"{action}{pattern}", result) for pattern in jobs):
        return []
    return api_problems(service, action, result)


def _refused(name: str, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("MOCKS", "error", Where(), f"the fake of {name} {message}", remedy)])
