"""Values that states pass on: to functions and state machines that declare their input, and to the APIs of services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from workflow_dsl.definition.integrations import Integration, integration_of, parameters_of
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.parameter_types import JSON_FIELDS, accepted_kinds, shape_inside, shape_of_items
from workflow_dsl.definition.service_models import ServiceModel
from workflow_dsl.expressions.jsonata import expression_in
from workflow_dsl.findings import Keys, closest, short_list
from workflow_dsl.shapes.arguments import Mismatch, mismatches
from workflow_dsl.shapes.conformity import words_of
from workflow_dsl.shapes.declared import Signature
from workflow_dsl.shapes.passing import StateFlow
from workflow_dsl.shapes.reading import read
from workflow_dsl.shapes.shape import Record, Shape, record
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide_url, warning
from workflow_dsl.validation.rules.values.reads import given_by, passing_states

_LAMBDA = guide_url("connect-lambda")


@error(_LAMBDA, "WRONG_ARGUMENT", of_values=True)
def argument_does_not_fit(definition: Definition) -> Iterator[Problem]:
    """A function is called with the fields that its annotation requires, of their types."""
    for passing, signature, keys, each in definition.memo(_misfits):
        if each.is_sure and not _is_of_api(each):
            yield _problem(passing.state, signature, keys, each)


@warning("POSSIBLY_WRONG_ARGUMENT", _LAMBDA, of_values=True)
def argument_may_not_fit(definition: Definition) -> Iterator[Problem]:
    """A function is called with the fields that its annotation requires, whichever transitions lead to the state."""
    for passing, signature, keys, each in definition.memo(_misfits):
        if not each.is_sure or _is_of_api(each):
            yield _problem(passing.state, signature, keys, each)


_Misfit = tuple[StateFlow, Signature, Keys, Mismatch]


def _misfits(definition: Definition) -> Iterator[_Misfit]:
    """Yield what does not fit, with the function and the keys of the field that passes it."""
    calls = definition.declared.calls
    for passing in passing_states(definition) if calls else ():
        signature = calls.get(passing.state.keys)
        if signature is not None and signature.takes.parts is not None:
            keys, passed = _passed(passing)
            for each in mismatches(passed, signature.takes):
                yield passing, signature, keys, each


def _passed(passing: StateFlow) -> tuple[Keys, Shape]:
    """The field that is passed to a function or state machine, and its shape."""
    state = passing.state
    field = next((name for name in ("Parameters", "Arguments") if name in state.fields), "")
    integration = integration_of(str(state.fields.get("Resource")))
    if integration is None:
        return (field,) if field else (), passing.arguments
    name = "Input" if integration.service in ("states", "sfn") else "Payload"
    given = state.fields.get(field)
    written = next((each for each in (name, f"{name}.$") if isinstance(given, dict) and each in given), None)
    if written is None:  # a function without a Payload gets an empty object (Lambda API reference, "Invoke")
        return (), record({}) if integration.service == "lambda" and not integration.is_sdk else Shape(None)
    return (field, written), read(passing.arguments, (name,)).shape


def _is_of_api(each: Mismatch) -> bool:
    """True if what does not fit comes from an API, of which no field is declared."""
    origins = [origin for part in each.lacking if isinstance(part, Record) for origin in part.origins]
    return any(not origin.is_declared for origin in origins)


def _problem(state: State, signature: Signature, keys: Keys, each: Mismatch) -> Problem:
    inside = tuple(each.path.replace("[]", "").split(".")) if each.path else ()
    where = next(
        (at for at in (_written(state, (*keys, *inside, each.name)), _written(state, (*keys, *inside))) if at), keys
    )
    taker = f"{signature.name}{f' ({signature.takes_at})' if signature.takes_at else ''}"
    if not each.name:
        subject = f'its "{each.path}"' if each.path else "the value"
        message = f"{subject} is {each.passed}, but {taker} takes {each.taken}"
        return Problem(state.at(*where), message, "pass another value")
    names = list(dict.fromkeys(name for part in each.lacking if isinstance(part, Record) for name in part.fields))
    near = closest(each.name, names)
    passed = f'"{each.path}"' if each.path else "its input"
    has = f"has only {short_list(names, most=8)}" if names else "has no fields"
    message = f'{taker} takes "{each.name}", but {passed} {has if each.is_sure else has.replace("has", "may have", 1)}'
    remedy = f'pass it; did you mean "{near}"?' if near else f'pass "{each.name}"'
    return Problem(state.at(*where), f"{message}{given_by(each.lacking)}", remedy)


def _written(state: State, keys: Keys) -> Keys | None:
    """The keys of a value in a state, with the `.$` of a path after the last one."""
    options = (keys, (*keys[:-1], f"{keys[-1]}.$")) if keys else ()
    return next((each for each in options if each[-1] and value_at(state.fields, each) is not None), None)


@warning("WRONG_PARAMETER", guide_url("connect-parameters"), applies_to="Integration", of_values=True)
def parameter_of_another_kind(definition: Definition) -> Iterator[Problem]:
    """A path or expression in a task's parameters gives a value of the type that the service's API takes."""
    for passing in passing_states(definition, "Task"):
        field = next((name for name in ("Parameters", "Arguments") if name in passing.state.fields), "")
        integration = integration_of(str(passing.state.fields.get("Resource"))) if field else None
        if not integration or _fits(integration, passing.arguments):
            continue
        parameters = parameters_of(integration)
        if not parameters or not parameters.model:
            continue
        for keys, shape in _known_values(passing.state.fields[field], passing.arguments):
            if _name_in(keys) not in JSON_FIELDS.get(integration.service, ()):
                type_ = _type_at(keys, passing.state.fields[field], integration, parameters.model)
                if type_ is not None:
                    yield from _wrong_parameter(passing.state, (field, *keys), integration, shape, type_)


@lru_cache(maxsize=4096)
def _fits(integration: Integration, arguments: Shape) -> bool:
    """True if no part of the arguments has values of another kind only than the parameter of its name."""
    parameters = parameters_of(integration)
    if not parameters or not parameters.model:
        return True
    members = _types_of(integration)
    return all(_members_fit(integration, parameters.model, part, members) for part in arguments.records)


def _members_fit(
    integration: Integration, model: ServiceModel, part: Record, members: Mapping[str, str | None]
) -> bool:
    return all(
        _fits_type(integration, model, name, members.get(name.lower()), field.shape)
        for name, field in part.fields.items()
        if name not in JSON_FIELDS.get(integration.service, ())
    )


def _fits_type(integration: Integration, model: ServiceModel, name: str, type_: str | None, shape: Shape) -> bool:
    if type_ is None:
        return True
    _, kinds = accepted_kinds(integration, name, model, type_)
    if kinds and shape.parts and shape.kinds.isdisjoint(kinds):
        return False
    item_type = shape_of_items(model, type_)
    items = [item for part in shape.lists for item in part.items or (part.item,)]
    return all(_fits_type(integration, model, name, item_type, item) for item in items) and all(
        _members_fit(integration, model, each, shape_inside(model, type_, each.fields)) for each in shape.records
    )


def _known_values(template: Json, shape: Shape) -> Iterator[tuple[Keys, Shape]]:
    """Yield the paths and expressions in a value whose kind of value is known, with their keys and shapes."""
    if shape.parts is None:
        return
    if expression_in(template) is not None:
        yield (), shape
    elif isinstance(template, list):
        items = shape.lists[0].items if shape.lists else None
        for index, (value, here) in enumerate(zip(template, items or (), strict=False)):
            yield from (((index, *keys), inner) for keys, inner in _known_values(value, here))
    elif isinstance(template, dict):
        for written, value in template.items():
            here = read(shape, (written.removesuffix(".$"),)).shape
            if here.parts is not None:
                inside = [((), here)] if written.endswith(".$") else _known_values(value, here)
                yield from (((written, *keys), inner) for keys, inner in inside)


def _type_at(keys: Keys, template: Json, integration: Integration, model: ServiceModel) -> str | None:
    """The name of a parameter's type in the model of the API; None if it has none."""
    members = _types_of(integration)
    type_: str | None = None
    for key in keys:
        template = template[key]
        if isinstance(key, int):
            type_ = shape_of_items(model, type_) if type_ else None
        else:
            type_ = members.get(key.removesuffix(".$").lower())
        if type_ is None:
            return None
        members = shape_inside(model, type_, template) if isinstance(template, dict) else {}
    return type_


@lru_cache(maxsize=512)
def _types_of(integration: Integration) -> Mapping[str, str | None]:
    """The names of the types of parameters, by the parameters' names in lower case."""
    parameters = parameters_of(integration)
    return {name.lower(): type_ for name, type_ in parameters.members.items()} if parameters else {}


def _wrong_parameter(state: State, keys: Keys, integration: Integration, shape: Shape, type_: str) -> Iterator[Problem]:
    parameters = parameters_of(integration)
    model = parameters.model if parameters else None
    field = _name_in(keys)
    if model is None or not shape.parts:
        return
    expected, kinds = accepted_kinds(integration, field, model, type_)
    if kinds and shape.kinds.isdisjoint(kinds):
        remedy = _conversion(value_at(state.fields, keys), shape, kinds)
        yield Problem(state.at(*keys), f"{field} must be {expected}, and the value is {words_of(shape)}", remedy)


def _name_in(keys: Keys) -> str:
    """The name of the field that a value is in, itself or in a list."""
    return next((key.removesuffix(".$") for key in reversed(keys) if isinstance(key, str)), "")


def _conversion(text: Json, shape: Shape, kinds: frozenset[str]) -> str:
    """The way to write a value of another kind as one that the API takes."""
    if "string" in kinds and isinstance(text, str):
        expression = expression_in(text)
        if expression is not None:
            return f"write {{% $string({expression}) %}}"
        return (
            f"write States.Format('{{}}', {text})"
            if shape.kinds <= {"number"}
            else f"write States.JsonToString({text})"
        )
    return "pass another value"
