"""The fields of one state that exclude each other, and the comparison of a Choice rule."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.findings import Where
from workflow_dsl.validation.rules.rule import Definition, Problem, error, spec_url

# By state type: alternative fields, of which a state has at most one, and how many it must have.
_ALTERNATIVES: dict[str, tuple[tuple[tuple[str, ...], int], ...]] = {
    "Wait": ((("SecondsPath", "Seconds", "TimestampPath", "Timestamp"), 1),),
    "Task": ((("TimeoutSeconds", "TimeoutSecondsPath"), 0), (("HeartbeatSeconds", "HeartbeatSecondsPath"), 0)),
    "Fail": ((("Error", "ErrorPath"), 0), (("Cause", "CausePath"), 0)),
    "Map": (
        (("ItemProcessor", "Iterator"), 1),
        (("MaxConcurrency", "MaxConcurrencyPath"), 0),
        (("ToleratedFailureCount", "ToleratedFailureCountPath"), 0),
        (("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"), 0),
    ),
}


@error(spec_url("state-types"))
def exclusive_fields(definition: Definition) -> Iterator[Problem]:
    """A state has only one of several alternatives, such as Seconds and SecondsPath, or Cause and CausePath."""
    for type_, groups in _ALTERNATIVES.items():
        for state in definition.states_of_type(type_):
            for fields, least in groups:
                if len(state.fields.keys() & fields) not in (1, least):
                    yield from _one_of(state.fields, fields, least, state.at())


_READER_AND_BATCHER: tuple[tuple[tuple[str, ...], tuple[str, str]], ...] = (
    (("ItemReader", "ReaderConfig"), ("MaxItems", "MaxItemsPath")),
    (("ItemBatcher",), ("MaxItemsPerBatch", "MaxItemsPerBatchPath")),
    (("ItemBatcher",), ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")),
)


@error(spec_url("map-state"), applies_to="Map")
def exclusive_fields_of_a_reader(definition: Definition) -> Iterator[Problem]:
    """A limit in an ItemReader or ItemBatcher is a number or a path, not both."""
    for state in definition.states_of_type("Map"):
        for keys, fields in _READER_AND_BATCHER:
            holder = value_at(state.fields, keys)
            if isinstance(holder, dict):
                yield from _one_of(holder, fields, 0, state.at(*keys))


_PREFERRED = {_ALTERNATIVES["Wait"][0][0]: "Seconds", _ALTERNATIVES["Map"][0][0]: "ItemProcessor"}


def _one_of(holder: Json, fields: tuple[str, ...], least: int, where: Where) -> Iterator[Problem]:
    present = [field for field in fields if field in holder]
    listed = f"of the following fields: [{', '.join(fields)}]"
    if len(present) > 1:
        yield Problem(where, f"There should only be one {listed}", f"keep only one of {' and '.join(present)}")
    elif len(present) < least:
        yield Problem(where, f"This object should have only one {listed}", f"add one, such as {_PREFERRED[fields]}")


BESIDE_THE_COMPARISON = ("Variable", "Comment", "Next", "Assign", "Output")
_KINDS_OF_RULE = "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]"


@error(spec_url("choice-state"), applies_to="Choice")
def one_comparison(definition: Definition) -> Iterator[Problem]:
    """A Choice rule has a Condition, a boolean operator (And, Or, Not), or a Variable and one comparison."""
    for state in definition.states_of_type("Choice"):
        for keys, rule in state.comparisons:
            operators = [name for name in rule if name not in BESIDE_THE_COMPARISON]
            of_rules = [name for name in operators if name in ("And", "Or", "Not", "Condition")]
            where = state.at(*keys)
            if not operators:
                is_jsonata = definition.language_of(state) == "JSONata"
                remedy = 'add "Condition": "{% ... %}"' if is_jsonata else "add a comparison, such as IsPresent"
                yield Problem(where, _KINDS_OF_RULE, remedy)
            elif of_rules and (len(operators) > 1 or "Variable" in rule):
                yield Problem(where, _KINDS_OF_RULE, f"keep only {of_rules[0]}, or join both with And")
            elif len(operators) > 1:
                listed = f"There should only be one of the following fields: [{', '.join(operators)}]"
                yield Problem(where, listed, "join two comparisons with And or Or")
            elif not of_rules and "Variable" not in rule:
                yield Problem(where, "These fields are required: [Variable]", 'add "Variable"')
