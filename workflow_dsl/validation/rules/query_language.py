"""The query language of a state: it has no fields, Choice rules or expressions of the other one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.definition.json import short_json, value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.expressions.jsonata import expression_in
from workflow_dsl.findings import Keys
from workflow_dsl.validation.rules.fields import BESIDE_THE_COMPARISON
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide_url


@error(guide_url("statemachine-structure"), applies_to="QueryLanguage")
def no_jsonpath_in_jsonata(definition: Definition) -> Iterator[Problem]:
    """If the state machine's QueryLanguage is JSONata, no state has JSONPath."""
    for state in definition.states if definition.language == "JSONata" else ():
        if state.fields.get("QueryLanguage") == "JSONPath":
            message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
            remedy = "write the state in JSONata, or give each state its own QueryLanguage instead of the state machine"
            yield Problem(state.at("QueryLanguage"), message, remedy)


ONLY_JSONPATH = frozenset(
    (
        *("InputPath", "Parameters", "ResultSelector", "ResultPath", "OutputPath", "Result", "ItemsPath"),
        *("SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "ErrorPath", "CausePath"),
        *("MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"),
        *("MaxItemsPath", "MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"),
    )
)
_ONLY_JSONATA = frozenset(("Arguments", "Output", "Items"))


@error(guide_url("transforming-data"))
def fields_of_the_query_language(definition: Definition) -> Iterator[Problem]:
    """A state has no fields of the other query language.

    A state without QueryLanguage has the machine's; nested states do not inherit that of a Map or Parallel.
    """
    if definition.language != "JSONata":
        yield from _of_the_other(definition.jsonpath_states, _ONLY_JSONATA, ("JSONPath", "JSONata"))
    yield from _of_the_other(definition.jsonata_states, ONLY_JSONPATH, ("JSONata", "JSONPath"))


def _of_the_other(states: list[State], wrong: frozenset[str], languages: tuple[str, str]) -> Iterator[Problem]:
    for state in states:
        for keys in _holders(state):
            holder = value_at(state.fields, keys) if keys else state.fields
            if isinstance(holder, Mapping) and not wrong.isdisjoint(holder):
                for field in wrong & holder.keys():
                    message = (
                        f"The QueryLanguage is set to '{languages[0]}', but field '{field}' is only supported for the "
                        f"'{languages[1]}' QueryLanguage"
                    )
                    yield Problem(state.at_key(*keys, field), message, _counterpart(field, languages[0]))


def _counterpart(field: str, language: str) -> str:
    """The remedy for a field: its name in the state's query language."""
    if language == "JSONPath":
        return f'use {_IN_JSONPATH[field]}, or give the state "QueryLanguage": "JSONata"'
    if field == "InputPath":
        return "remove it, and read $states.input where you need it"
    return f"use {_IN_JSONATA.get(field) or field.removesuffix('Path')} instead, with an expression in {{% %}}"


_IN_JSONPATH = {"Arguments": "Parameters", "Output": "ResultSelector, ResultPath or OutputPath", "Items": "ItemsPath"}
_IN_JSONATA = {
    "Parameters": "Arguments",
    "ResultSelector": "Output",
    "ResultPath": "Output or Assign",
    "OutputPath": "Output",
    "Result": "Output",
}


def _with_language(definition: Definition) -> Iterator[tuple[State, str]]:
    """Yield the states with a valid query language, except JSONPath states of a JSONata machine."""
    for state in definition.states:
        language = definition.language_of(state)
        if language == "JSONata" or (language == "JSONPath" and definition.language != "JSONata"):
            yield state, language


def _holders(state: State) -> tuple[Keys, ...]:
    """The keys to the objects with fields of a query language: state, reader, batcher, writer, rules and catchers."""
    if state.type == "Map":
        return (
            (),
            ("ItemReader",),
            ("ItemReader", "ReaderConfig"),
            ("ItemBatcher",),
            ("ResultWriter",),
            *_rules_and_catchers(state),
        )
    return ((), *_rules_and_catchers(state)) if "Catch" in state.fields or "Choices" in state.fields else _ITSELF


_ITSELF: tuple[Keys, ...] = ((),)


def _rules_and_catchers(state: State) -> Iterator[Keys]:
    return ((field, index) for field in ("Catch", "Choices") for index, _ in state.items_of(field))


@error(guide_url("transforming-data"), applies_to="Choices")
def choice_rules_of_the_query_language(definition: Definition) -> Iterator[Problem]:
    """A Choice rule has a Condition in JSONata and a comparison in JSONPath."""
    for state, language in _with_language(definition):
        for index, rule in state.items_of("Choices"):
            if ("Condition" in rule) != (language == "JSONata") and rule.keys() - {*BESIDE_THE_COMPARISON[1:]}:
                other = "JSONPath" if language == "JSONata" else "JSONata"
                message = (
                    f"The QueryLanguage is set to '{language}', but the rule is one of the '{other}' QueryLanguage"
                )
                remedy = "add a Condition" if language == "JSONata" else "add a Variable and a comparison"
                yield Problem(state.at("Choices", index), message, remedy)


NUMBERS: tuple[Keys, ...] = (
    *(("Seconds",), ("TimeoutSeconds",), ("HeartbeatSeconds",), ("MaxConcurrency",), ("ToleratedFailureCount",)),
    *(("ToleratedFailurePercentage",), ("ItemReader", "ReaderConfig", "MaxItems")),
    *(("ItemBatcher", "MaxItemsPerBatch"), ("ItemBatcher", "MaxInputBytesPerBatch")),
)


@error(guide_url("transforming-data"), applies_to="JSONPath")
def no_expressions_in_jsonpath(definition: Definition) -> Iterator[Problem]:
    """A number field of a JSONPath state is not a JSONata expression in {% %}."""
    for state in definition.jsonpath_states:
        for keys in NUMBERS:
            value = value_at(state.fields, keys) if keys[0] in state.fields else None
            if expression_in(value) is not None:
                message = f"Expected value of type [INTEGER], got {short_json(value)}"
                path = f"use {keys[-1]}Path" if keys != ("Seconds",) else "use SecondsPath"
                yield Problem(state.at(*keys), message, f'{path}, or give the state "QueryLanguage": "JSONata"')
