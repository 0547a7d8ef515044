"""The fields of one state: which go together, which belong to the other query language, and what they may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workflow_dsl.definition.json import Json, inside, short
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.expressions.jsonata import expression_in
from workflow_dsl.findings import Keys, Where
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide, spec

# By a state's type: fields of which it has one, and whether it must have one.
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


@error(spec("state-types"))
def exclusive_fields(definition: Definition) -> Iterator[Problem]:
    """Of some fields a state has only one: Seconds or SecondsPath, ItemProcessor or Iterator, Cause or CausePath."""
    for type_, groups in _ALTERNATIVES.items():
        for state in definition.of(type_):
            for fields, least in groups:
                if len(state.fields.keys() & fields) not in (1, least):
                    yield from _one_of(state.fields, fields, least, state.at())


_READER_AND_BATCHER: tuple[tuple[tuple[str, ...], tuple[str, str]], ...] = (
    (("ItemReader", "ReaderConfig"), ("MaxItems", "MaxItemsPath")),
    (("ItemBatcher",), ("MaxItemsPerBatch", "MaxItemsPerBatchPath")),
    (("ItemBatcher",), ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")),
)


@error(spec("map-state"), about="Map")
def exclusive_fields_of_a_reader(definition: Definition) -> Iterator[Problem]:
    """A reader's and a batcher's limit is a number or the path to one, not both."""
    for state in definition.of("Map"):
        for keys, fields in _READER_AND_BATCHER:
            holder = inside(state.fields, keys)
            if isinstance(holder, dict):
                yield from _one_of(holder, fields, 0, state.at(*keys))


_PREFERRED = {_ALTERNATIVES["Wait"][0][0]: "Seconds", _ALTERNATIVES["Map"][0][0]: "ItemProcessor"}


def _one_of(holder: Json, fields: tuple[str, ...], least: int, where: Where) -> Iterator[Problem]:
    given = [field for field in fields if field in holder]
    listed = f"of the following fields: [{', '.join(fields)}]"
    if len(given) > 1:
        yield Problem(where, f"There should only be one {listed}", f"it has {' and '.join(given)}; keep one of them")
    elif len(given) < least:
        yield Problem(where, f"This object should have only one {listed}", f"give it one, such as {_PREFERRED[fields]}")


_BESIDE_THE_COMPARISON = ("Variable", "Comment", "Next", "Assign", "Output")
_KINDS_OF_RULE = "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]"


@error(spec("choice-state"), about="Choice")
def one_comparison(definition: Definition) -> Iterator[Problem]:
    """A Choice rule is a Condition, a boolean operator, or a Variable and one comparison."""
    for state in definition.of("Choice"):
        for keys, rule in comparisons(state):
            operators = [name for name in rule if name not in _BESIDE_THE_COMPARISON]
            of_rules = [name for name in operators if name in ("And", "Or", "Not", "Condition")]
            where = state.at(*keys)
            if not operators:
                is_jsonata = definition.language_of(state) == "JSONata"
                remedy = 'add "Condition": "{% ... %}"' if is_jsonata else "say what it compares, such as IsPresent"
                yield Problem(where, _KINDS_OF_RULE, remedy)
            elif of_rules and (len(operators) > 1 or "Variable" in rule):
                yield Problem(where, _KINDS_OF_RULE, f"keep {of_rules[0]} alone, or join both with And")
            elif len(operators) > 1:
                listed = f"There should only be one of the following fields: [{', '.join(operators)}]"
                yield Problem(where, listed, "join two comparisons with And or Or")
            elif not of_rules and "Variable" not in rule:
                yield Problem(where, "These fields are required: [Variable]", "say what it compares")


def comparisons(state: State) -> Iterator[tuple[Keys, dict[str, Json]]]:
    """Every rule of a Choice state, those inside And, Or and Not too, with the keys to it."""
    waiting: list[tuple[Keys, Json]] = [
        (("Choices", index), rule) for index, rule in reversed(state.items_of("Choices"))
    ]
    while waiting:
        keys, rule = waiting.pop()
        if isinstance(rule, dict):
            yield keys, rule
            waiting += [((*keys, name), rule[name]) for name in ("Not", "Or", "And") if name in rule]
        elif isinstance(rule, list):
            waiting += [((*keys, index), each) for index, each in reversed(list(enumerate(rule)))]


ONLY_JSONPATH = frozenset(
    (
        *("InputPath", "Parameters", "ResultSelector", "ResultPath", "OutputPath", "Result", "ItemsPath"),
        *("SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "ErrorPath", "CausePath"),
        *("MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath"),
        *("MaxItemsPath", "MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"),
    )
)
_ONLY_JSONATA = frozenset(("Arguments", "Output", "Items"))


@error(guide("transforming-data"))
def fields_of_the_query_language(definition: Definition) -> Iterator[Problem]:
    """A state has no field of the other query language.

    A state's QueryLanguage is its own or else the machine's; a Map's or Parallel's is not inherited by what is inside.
    """
    if definition.language != "JSONata":
        yield from _of_the_other(definition.jsonpath, _ONLY_JSONATA, ("JSONPath", "JSONata"))
    yield from _of_the_other(definition.jsonata, ONLY_JSONPATH, ("JSONata", "JSONPath"))


def _of_the_other(states: list[State], wrong: frozenset[str], languages: tuple[str, str]) -> Iterator[Problem]:
    for state in states:
        for keys in _holders(state):
            holder = inside(state.fields, keys) if keys else state.fields
            if isinstance(holder, Mapping) and not wrong.isdisjoint(holder):
                for field in wrong & holder.keys():
                    message = (
                        f"The QueryLanguage is set to '{languages[0]}', but field '{field}' is only supported for the "
                        f"'{languages[1]}' QueryLanguage"
                    )
                    yield Problem(state.at_key(*keys, field), message, _counterpart(field, languages[0]))


def _counterpart(field: str, language: str) -> str:
    """What a field is called in the other query language."""
    if language == "JSONPath":
        return f'use {_IN_JSONPATH[field]}, or give the state "QueryLanguage": "JSONata"'
    if field == "InputPath":
        return "take it out, and read $states.input where it is needed"
    return f"use {_IN_JSONATA.get(field) or field.removesuffix('Path')} instead, with an expression in {{% %}}"


_IN_JSONPATH = {"Arguments": "Parameters", "Output": "ResultSelector, ResultPath or OutputPath", "Items": "ItemsPath"}
_IN_JSONATA = {
    "Parameters": "Arguments",
    "ResultSelector": "Output",
    "ResultPath": "Output or Assign",
    "OutputPath": "Output",
    "Result": "Output",
}


def _speaking(definition: Definition) -> Iterator[tuple[State, str]]:
    """The states whose query language is known, but those of the wrong one for their machine."""
    for state in definition.states:
        language = definition.language_of(state)
        if language == "JSONata" or (language == "JSONPath" and definition.language != "JSONata"):
            yield state, language


def _holders(state: State) -> tuple[Keys, ...]:
    """The keys to what has fields of a query language: the state, its reader and batcher, its rules and catchers."""
    if state.type == "Map":
        return (
            (),
            ("ItemReader",),
            ("ItemReader", "ReaderConfig"),
            ("ItemBatcher",),
            ("ResultWriter",),
            *_listed(state),
        )
    return ((), *_listed(state)) if "Catch" in state.fields or "Choices" in state.fields else _ITSELF


_ITSELF: tuple[Keys, ...] = ((),)


def _listed(state: State) -> Iterator[Keys]:
    return ((field, index) for field in ("Catch", "Choices") for index, _ in state.items_of(field))


@error(guide("transforming-data"), about="Choices")
def choice_rules_of_the_query_language(definition: Definition) -> Iterator[Problem]:
    """A Choice rule has a Condition in JSONata, and a comparison in JSONPath."""
    for state, language in _speaking(definition):
        for index, rule in state.items_of("Choices"):
            if ("Condition" in rule) != (language == "JSONata") and rule.keys() - {*_BESIDE_THE_COMPARISON[1:]}:
                other = "JSONPath" if language == "JSONata" else "JSONata"
                message = (
                    f"The QueryLanguage is set to '{language}', but the rule is one of the '{other}' QueryLanguage"
                )
                remedy = "give it a Condition" if language == "JSONata" else "give it a Variable and a comparison"
                yield Problem(state.at("Choices", index), message, remedy)


@error(guide("statemachine-structure"), about="QueryLanguage")
def no_jsonpath_in_jsonata(definition: Definition) -> Iterator[Problem]:
    """In a machine whose QueryLanguage is JSONata no state goes back to JSONPath."""
    for state in definition.states if definition.language == "JSONata" else ():
        if state.fields.get("QueryLanguage") == "JSONPath":
            message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
            remedy = "write the state in JSONata, or give each state its own QueryLanguage instead of the machine"
            yield Problem(state.at("QueryLanguage"), message, remedy)


NUMBERS: tuple[Keys, ...] = (
    *(("Seconds",), ("TimeoutSeconds",), ("HeartbeatSeconds",), ("MaxConcurrency",), ("ToleratedFailureCount",)),
    *(("ToleratedFailurePercentage",), ("ItemReader", "ReaderConfig", "MaxItems")),
    *(("ItemBatcher", "MaxItemsPerBatch"), ("ItemBatcher", "MaxInputBytesPerBatch")),
)


@error(guide("transforming-data"), about="JSONPath")
def no_expressions_in_jsonpath(definition: Definition) -> Iterator[Problem]:
    """In a JSONPath state a number is a number: a text in {% %} is no expression there."""
    for state in definition.jsonpath:
        for keys in NUMBERS:
            value = inside(state.fields, keys) if keys[0] in state.fields else None
            if expression_in(value) is not None:
                message = f"Expected value of type [INTEGER], and this is {short(value)}"
                path = f"use {keys[-1]}Path" if keys != ("Seconds",) else "use SecondsPath"
                yield Problem(state.at(*keys), message, f'{path}, or give the state "QueryLanguage": "JSONata"')


@error(spec("timeouts"), about="HeartbeatSeconds")
def heartbeat_below_timeout(definition: Definition) -> Iterator[Problem]:
    """HeartbeatSeconds is smaller than TimeoutSeconds."""
    for state in definition.of("Task"):
        heartbeat, timeout = state.fields.get("HeartbeatSeconds"), state.fields.get("TimeoutSeconds")
        if isinstance(heartbeat, int) and isinstance(timeout, int) and heartbeat >= timeout:
            message = f"HeartbeatSeconds is {heartbeat}, not below TimeoutSeconds, {timeout}"
            yield Problem(state.at("HeartbeatSeconds"), message, "write a smaller number")


@error(guide("concepts-access-cross-acct-resources"), about="Credentials")
def credentials(definition: Definition) -> Iterator[Problem]:
    """Credentials name the role that the task takes on; an activity takes none."""
    for state in definition.of("Task"):
        given, resource = state.fields.get("Credentials"), state.fields.get("Resource")
        if "Credentials" in state.fields and isinstance(resource, str) and ":activity:" in resource:
            message = "The field 'Credentials' is not supported for activities"
            yield Problem(state.at("Credentials"), message, "take it out")
        elif isinstance(given, dict):
            names = ("RoleArn", "RoleArn.$") if definition.language_of(state) == "JSONPath" else ("RoleArn",)
            if not any(name in given for name in names):
                message = "The field 'RoleArn' is required but was missing"
                yield Problem(state.at("Credentials"), message, "say which role the task takes on")


@error(guide("state-map-distributed"), about="Map")
def execution_type_of_a_map(definition: Definition) -> Iterator[Problem]:
    """A distributed Map says what its child executions are, STANDARD or EXPRESS; an inline one has none."""
    for state in definition.of("Map"):
        for field in ("ItemProcessor", "Iterator"):
            config = inside(state.fields, (field, "ProcessorConfig"))
            if isinstance(config, dict):
                where = (field, "ProcessorConfig")
                if config.get("Mode") == "DISTRIBUTED" and "ExecutionType" not in config:
                    remedy = 'add "ExecutionType": "STANDARD" or "EXPRESS"'
                    yield Problem(state.at(*where), "These fields are required: [ExecutionType]", remedy)
                if config.get("Mode", "INLINE") == "INLINE" and "ExecutionType" in config:
                    remedy = 'take it out, or write "Mode": "DISTRIBUTED"'
                    yield Problem(state.at(*where, "ExecutionType"), "Field 'ExecutionType' is not supported", remedy)


@error(guide("input-output-itemreader"), about="ItemReader")
def reader_config(definition: Definition) -> Iterator[Problem]:
    """A CSV reader says where the column names are, and gives them when they are not in the file."""
    for state in definition.of("Map"):
        config = inside(state.fields, ("ItemReader", "ReaderConfig"))
        where = ("ItemReader", "ReaderConfig")
        if not isinstance(config, dict):
            continue
        if config.get("InputType") == "CSV" and "CSVHeaderLocation" not in config:
            remedy = 'write "FIRST_ROW", or "GIVEN" and the names in CSVHeaders'
            yield Problem(state.at(*where), "The field 'CSVHeaderLocation' is required", remedy)
        if config.get("InputType") == "JSON" and "CSVHeaderLocation" in config:
            message = "Field 'CSVHeaderLocation' is not supported"
            yield Problem(state.at(*where, "CSVHeaderLocation"), message, "take it out; JSON has no header")
        if config.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in config:
            yield Problem(state.at(*where), "These fields are required: [CSVHeaders]", "list the names of the columns")


_LABEL = re.compile(r"""[^\s?*<>{}\[\]:;,\\|^~$#%&`"\x00-\x1f\x7f-\x9f]+""")


@error(guide("state-map-distributed"), "INVALID_LABEL_NAME", about="Label")
def map_labels(definition: Definition) -> Iterator[Problem]:
    """A Map's Label has 1 to 40 characters, no blanks and no special ones."""
    for state in definition.of("Map"):
        label = state.fields.get("Label")
        if not is_known(label):
            continue
        if len(label) > 40:
            message = f"Invalid label: {short(label)} exceeds the 40-character limit allowed by the service"
            yield Problem(state.at("Label"), message, "shorten it")
        elif not _LABEL.fullmatch(label):
            yield Problem(state.at("Label"), f"Invalid label: {label}", "write letters, digits, - and _")


@error(guide("state-map-distributed"), "DUPLICATE_LABEL_NAME", about="Label")
def duplicate_labels(definition: Definition) -> Iterator[Problem]:
    """A Map's Label is unique in the machine."""
    seen: dict[str, State] = {}
    for state in definition.of("Map"):
        label = state.fields.get("Label")
        if is_known(label) and seen.setdefault(label, state) is not state:
            remedy = f'"{seen[label].name}" has it already; choose another'
            yield Problem(state.at("Label"), f"Duplicate Label name: {label}", remedy)


@error(guide("service-quotas"), "INVALID_STATE_NAME")
def state_names(definition: Definition) -> Iterator[Problem]:
    """A state's name has at most 80 characters."""
    for state in definition.states:
        if len(state.name) > 80 and is_known(state.name):
            message = (
                f"Invalid State name: {short(state.name)} exceeds the 80-character limit allowed by the service: "
                f"it has {len(state.name)}"
            )
            yield Problem(state.at(), message, "shorten it, and say the rest in Comment")


@error(guide("choosing-workflow-type"), about="EXPRESS")
def express_limits(definition: Definition) -> Iterator[Problem]:
    """An EXPRESS machine neither waits for a job or a callback, nor runs activities or a distributed Map."""
    for state in definition.states:
        resource = state.fields.get("Resource")
        for part, message in _NOT_EXPRESS.items():
            if isinstance(resource, str) and part in resource:
                remedy = "make the state machine STANDARD, or call without waiting"
                yield Problem(state.at("Resource"), message, remedy)
        for field in ("ItemProcessor", "Iterator"):
            if inside(state.fields, (field, "ProcessorConfig", "Mode")) == "DISTRIBUTED":
                message = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
                where = state.at(field, "ProcessorConfig", "Mode")
                yield Problem(where, message, "make the state machine STANDARD, or the Map INLINE")


_NOT_EXPRESS = {
    ".sync": "Express state machine does not support '.sync' service integration",
    ".waitForTaskToken": "Express state machine does not support '.waitForTaskToken' service integration",
    ":activity:": "Express state machine does not support Activity ARN",
}


RULES = (
    exclusive_fields,
    exclusive_fields_of_a_reader,
    one_comparison,
    no_jsonpath_in_jsonata,
    fields_of_the_query_language,
    choice_rules_of_the_query_language,
    no_expressions_in_jsonpath,
    heartbeat_below_timeout,
    credentials,
    execution_type_of_a_map,
    reader_config,
    map_labels,
    duplicate_labels,
    state_names,
    express_limits,
)
