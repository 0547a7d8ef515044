"""The input and output of a state as symbols, with the conditions under which the state does not fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from workflow_dsl.definition.integrations import Integration, integration_of, parameters_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.parameter_types import is_number_text, wrong_types
from workflow_dsl.definition.service_models import Shape
from workflow_dsl.exploration.search.flow import Flow, dynamic, exists, read, template
from workflow_dsl.exploration.search.queries import Names, names_of, query
from workflow_dsl.exploration.search.symbols import Fields, Known, Symbol, follow, get, leaves_of, reads_of, with_symbol
from workflow_dsl.exploration.search.worlds import Need, World
from workflow_dsl.expressions.intrinsics import is_intrinsic
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.timestamps import parse_timestamp
from workflow_dsl.findings import Keys
from workflow_dsl.local.engine.prepared import PreparedState

Result = tuple[Symbol, Flow, tuple[Need, ...]]  # the output, the flow with new variables, the conditions


def effective_input(state: PreparedState, flow: Flow) -> tuple[Symbol, tuple[Need, ...]]:
    """Return what a state works on: after InputPath and Parameters, or its Arguments. Raises Missing."""
    if state.is_jsonata:
        if "Arguments" not in state.fields:
            return flow.data, ()
        return query(state.fields["Arguments"], names_of(flow, state.name, input=flow.data))
    needs: tuple[Need, ...] = ()
    data = flow.data
    if state.input_path is None:
        data = Known({})
    elif state.input_path.text != "$":
        data = read(state.input_path.text, flow, state.name)
        needs = (exists(data),)
    if state.parameters is None:
        return data, needs
    data, more = template(state.parameters, flow.with_data(data), state.name)
    return data, (*needs, *more)


def output_of(state: PreparedState, flow: Flow, result: Symbol) -> Result:
    """Return the output of a state with a result. Raises Missing."""
    if state.is_jsonata:
        return outcome(state.fields, names_of(flow, state.name, input=flow.data, result=result), flow, result)
    needs: tuple[Need, ...] = ()
    if state.selector is not None:
        result, needs = template(state.selector, flow.with_data(result), state.name)
    flow, more = assigned(state, flow, state.fields.get("Assign"), result)
    combined = flow.data if state.result_path is None else with_symbol(flow.data, state.result_path.steps or (), result)
    output, last = after_output_path(state, flow, combined)
    return output, flow, (*needs, *more, *last)


def assigned(state: PreparedState, flow: Flow, values: Json, data: Symbol) -> tuple[Flow, tuple[Need, ...]]:
    """Return the flow with the variables of a JSONPath Assign. Raises Missing."""
    if values is None:
        return flow, ()
    variables = {}
    needs: tuple[Need, ...] = ()
    for name, value in values.items():
        symbol, more = template({name: value}, flow.with_data(data), state.name)
        plain = name.removesuffix(".$")
        variables[plain] = get(symbol, plain)
        needs = (*needs, *more)
    return flow.with_variables(variables), needs


def after_output_path(state: PreparedState, flow: Flow, value: Symbol) -> tuple[Symbol, tuple[Need, ...]]:
    """Return what OutputPath leaves of a value. Raises Missing."""
    if state.output_path is None:
        return Known({}), ()
    if state.output_path.text == "$":
        return value, ()
    output = read(state.output_path.text, flow.with_data(value), state.name)
    return output, (exists(output),)


def outcome(fields: Mapping[str, Any], names: Names, flow: Flow, default: Symbol) -> Result:
    """Return the output of a JSONata state, Choice rule or catcher with these fields. Raises Missing."""
    output, needs = query(fields["Output"], names) if "Output" in fields else (default, ())
    if "Assign" not in fields:
        return output, flow, needs
    variables = {}
    for name, value in fields["Assign"].items():
        variables[name], more = query(value, names)
        needs = (*needs, *more)
    return output, flow.with_variables(variables), needs


def caught(state: PreparedState, number: int, flow: Flow, error: Symbol) -> Result:
    """Return the output of a catcher. Raises Missing."""
    catcher = state.catchers[number]
    if state.is_jsonata:
        names = names_of(flow, state.name, input=flow.data, errorOutput=error)
        return outcome(catcher, names, flow, error)
    path = catcher.get("ResultPath", "$")
    flow_after, needs = assigned(state, flow, catcher.get("Assign"), error)
    if path is None:
        return flow.data, flow_after, needs
    return with_symbol(flow.data, parse_path(path).steps or (), error), flow_after, needs


_NUMBERS = (
    *("SecondsPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "MaxConcurrencyPath", "MaxItemsPath"),
    *(
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentagePath",
        "MaxItemsPerBatchPath",
        "MaxInputBytesPerBatchPath",
    ),
)
_NUMBER_FIELDS = (
    *("Seconds", "TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency", "MaxItems", "ToleratedFailureCount"),
    *("ToleratedFailurePercentage", "MaxItemsPerBatch", "MaxInputBytesPerBatch"),
)


def settings(state: PreparedState, flow: Flow) -> tuple[Need, ...]:
    """Return the conditions of the numbers and times that a state reads from its data. Raises Missing."""
    fields: dict[str, Any] = dict(state.fields)
    reader = fields.get("ItemReader", {})
    fields |= {**reader.get("ReaderConfig", {}), **fields.get("ItemBatcher", {})}
    needs = [
        _is(_is_number, read(fields[name], flow, state.name), 1)
        for name in _NUMBERS
        if isinstance(fields.get(name), str) and not is_intrinsic(fields[name])
    ]
    if isinstance(fields.get("TimestampPath"), str):
        needs.append(_is(_is_time, read(fields["TimestampPath"], flow, state.name), "2026-01-31T12:00:00Z"))
    for container in (reader, fields.get("ResultWriter", {})):
        needs += _arguments(state, flow, container)
    if state.is_jsonata:
        names = names_of(flow, state.name, input=flow.data)
        for name in (*_NUMBER_FIELDS, "Timestamp"):
            if isinstance(fields.get(name), str):
                test, sample = (_is_time, "2026-01-31T12:00:00Z") if name == "Timestamp" else (_is_number, 1)
                needs.append(_is(test, query(fields[name], names)[0], sample))
    return tuple(needs)


def _arguments(state: PreparedState, flow: Flow, container: Mapping[str, Any]) -> tuple[Need, ...]:
    """The conditions of the Parameters or Arguments of an ItemReader or ResultWriter."""
    if state.is_jsonata:
        return query(container.get("Arguments", {}), names_of(flow, state.name, input=flow.data))[1]
    return template(container.get("Parameters", {}), flow, state.name)[1]


def _is(test: Callable[[Json], bool], symbol: Symbol, sample: Json) -> Need:
    return Need(lambda world: test(world.value(symbol)), reads_of(symbol), tuple(leaves_of(symbol)), (sample,))


def _is_number(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_time(value: Json) -> bool:
    return parse_timestamp(value) is not None


_SAMPLES: tuple[Json, ...] = ("value", 1, True, [], {}, ["value"], "2026-01-31T12:00:00Z", "1")
_DEEPEST = 10  # of values that are refused, each inside one that was


def fitting(state: PreparedState, world: World, arguments: Symbol) -> Iterator[World]:
    """Yield the world with arguments that the service of a Task takes: text where it wants text, and so on.

    Nothing is yielded if it never takes them, so that the state always fails. Raises Missing for a required one.
    """
    integration = integration_of(str(state.fields.get("Resource")))
    parameters = parameters_of(integration) if integration else None
    if integration is None or not parameters:
        yield world
        return
    refused = partial(_refused, integration, parameters)
    for _ in range(_DEEPEST):
        places = refused(world.value_or_none(arguments))
        if not places:
            yield world
            return
        for place in places:
            after = next(world.assuming(_is_taken(refused, arguments, place)), None)
            if after is None:
                return
            world = after


def _refused(integration: Integration, parameters: Shape, arguments: Json) -> list[Keys]:
    """The places of arguments that a service refuses, and of DynamoDB's numbers, {"N": "5"}, whose text is none."""
    if not isinstance(arguments, dict) or not arguments.keys() <= parameters.members.keys():
        return [()]
    return [
        *((name,) for name in parameters.required if arguments.get(name) is None),
        *(wrong.keys for wrong in wrong_types(integration, arguments, parameters)),
        *(_texts_for_numbers(arguments, ()) if integration.service == "dynamodb" else ()),
    ]


def _texts_for_numbers(value: Json, keys: Keys) -> Iterator[Keys]:
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts_for_numbers(each, (*keys, index))
    elif isinstance(value, dict):
        if value.keys() == {"N"} and isinstance(value["N"], str) and not is_number_text(value["N"]):
            yield (*keys, "N")
        for name, each in value.items():
            yield from _texts_for_numbers(each, (*keys, name))


def _is_taken(refused: Callable[[Json], list[Keys]], arguments: Symbol, place: Keys) -> Need:
    """The condition that a service takes the value at a place of its arguments, whatever the others are."""
    symbol = follow(arguments, place)

    def test(world: World) -> bool:
        value = world.value(symbol)
        for key in reversed(place):
            value = {key: value} if isinstance(key, str) else [*[None] * key, value]
        return place not in refused(value)

    return Need(test, reads_of(symbol), tuple(leaves_of(symbol)), _SAMPLES)


def items_symbol(state: PreparedState, flow: Flow) -> Symbol:
    """Return the items of a Map that come from its data. Raises Missing."""
    if state.is_jsonata:
        if "Items" not in state.fields:
            return flow.data
        return query(state.fields["Items"], names_of(flow, state.name, input=flow.data))[0]
    return read(state.fields.get("ItemsPath", "$"), flow, state.name)


def iteration_input(state: PreparedState, flow: Flow, data: Symbol, value: Symbol) -> tuple[Symbol, tuple[Need, ...]]:
    """Return the input of an iteration, whose item is in the flow. Raises Missing."""
    selector = state.fields.get("ItemSelector", state.fields.get("Parameters"))
    if selector is None:
        return value, ()
    if state.is_jsonata:
        return query(selector, names_of(flow, state.name, input=data))
    return template(selector, flow.with_data(data), state.name)


def batch(state: PreparedState, flow: Flow, data: Symbol, items: Symbol) -> tuple[Symbol, tuple[Need, ...]]:
    """Return the input of a batch of items. Raises Missing."""
    fields: dict[str, Symbol] = {"Items": items}
    needs: tuple[Need, ...] = ()
    given = state.fields["ItemBatcher"].get("BatchInput")
    if given is not None and state.is_jsonata:
        fields["BatchInput"], needs = query(given, names_of(flow, state.name, input=data))
    elif given is not None:
        fields["BatchInput"], needs = template(given, flow.with_data(data), state.name)
    return Fields(fields), needs


def failure_needs(state: PreparedState, flow: Flow) -> tuple[Need, ...]:
    """Return the conditions under which a Fail state has its error and cause. Raises Missing."""
    texts = [state.fields[name] for name in ("ErrorPath", "CausePath") if name in state.fields]
    symbols = [dynamic(text, flow, state.name) for text in texts]
    if state.is_jsonata:
        names = names_of(flow, state.name, input=flow.data)
        symbols += [query(state.fields[name], names)[0] for name in ("Error", "Cause") if name in state.fields]
    return tuple(_is(_is_text, symbol, "value") for symbol in symbols)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def failure_of(state: PreparedState, flow: Flow, world: World) -> str | None:
    """Return the error name of a Fail state in a world."""
    with suppress(Exception):
        if "ErrorPath" in state.fields:
            return str(world.value(dynamic(state.fields["ErrorPath"], flow, state.name)))
        if state.is_jsonata and "Error" in state.fields:
            return str(world.value(query(state.fields["Error"], names_of(flow, state.name, input=flow.data))[0]))
    error = state.fields.get("Error")
    return None if error is None else str(error)
