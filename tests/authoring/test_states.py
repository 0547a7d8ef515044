"""Every field of ASL by its Python name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl import Workflow, validation
from workflow_dsl.authoring import (
    Branch,
    Catch,
    Chain,
    Choice,
    Condition,
    Fail,
    ItemBatcher,
    ItemProcessor,
    ItemReader,
    Map,
    Parallel,
    Pass,
    ReaderConfig,
    ResultWriter,
    Retry,
    Succeed,
    Task,
    Wait,
    WriterConfig,
    call,
    format_,
    function,
    jsonata,
    path,
    table,
    var,
)
from workflow_dsl.compiler import compile_workflow

Factory = Callable[..., Any]
Fields = dict[str, Any]
IN = jsonata("$states.input")
IS = "{% $states.input %}"
FUNCTION = {"resource": "${Function}"}
INNER = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, **INNER}


def inner() -> Pass:
    return Pass("I")


def distributed() -> dict[str, Any]:
    return {"item_processor": ItemProcessor(inner(), mode="DISTRIBUTED", execution_type="EXPRESS")}


# The required fields of each state type: in Python, and in ASL.
BASES: dict[Factory, tuple[Callable[[], Fields], Fields]] = {
    Pass: (dict, {"End": True}),
    Task: (lambda: dict(FUNCTION), {"Resource": "${Function}", "End": True}),
    Wait: (dict, {"End": True}),
    Succeed: (dict, {}),
    Fail: (dict, {}),
    Parallel: (lambda: {"branches": [inner()]}, {"Branches": [INNER], "End": True}),
    Map: (lambda: {"item_processor": inner()}, {"ItemProcessor": INNER, "End": True}),
}
NOON = "2026-11-24T12:00:00Z"
KINDS: list[tuple[Any, str, Any]] = [("text", "String", "x"), ("number", "Numeric", 5), ("time", "Timestamp", NOON)]
ORDERINGS = (
    ("__eq__", "Equals"),
    ("__lt__", "LessThan"),
    ("__gt__", "GreaterThan"),
    ("__le__", "LessThanEquals"),
    ("__ge__", "GreaterThanEquals"),
)
LANGUAGES = {"query_language": "JSONata"}
IN_OUT: list[tuple[Fields, Fields]] = [
    ({"comment": "c"}, {"Comment": "c"}),
    ({"query_language": "JSONPath"}, {"QueryLanguage": "JSONPath"}),
    ({"query_language": "JSONata"}, {"QueryLanguage": "JSONata"}),
    ({"input_path": "$.a"}, {"InputPath": "$.a"}),
    ({"input_path": path("$.a")}, {"InputPath": "$.a"}),
    ({"input_path": None}, {"InputPath": None}),
    ({"output_path": "$.a"}, {"OutputPath": "$.a"}),
    ({"output_path": None}, {"OutputPath": None}),
    ({"query_language": "JSONata", "output": {"a": IN}}, {"QueryLanguage": "JSONata", "Output": {"a": IS}}),
]
ASSIGNING: list[tuple[Fields, Fields]] = [
    *IN_OUT,
    ({"assign": {"a": path("$.a"), "b": 1}}, {"Assign": {"a.$": "$.a", "b": 1}}),
]
WORKING: list[tuple[Fields, Fields]] = [
    *ASSIGNING,
    ({"parameters": {"a": path("$.a")}}, {"Parameters": {"a.$": "$.a"}}),
    ({"result_selector": {"a": path("$.a")}}, {"ResultSelector": {"a.$": "$.a"}}),
    ({"result_path": "$.a"}, {"ResultPath": "$.a"}),
    ({"result_path": None}, {"ResultPath": None}),
    ({"retry": Retry(error_equals=["E"])}, {"Retry": [{"ErrorEquals": ["E"]}]}),
    ({"retry": [Retry(error_equals="E", comment="c")]}, {"Retry": [{"Comment": "c", "ErrorEquals": ["E"]}]}),
    (
        {"retry": Retry(error_equals="E", interval_seconds=2, max_attempts=3, backoff_rate=1.5)},
        {"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 1.5}]},
    ),
    (
        {"retry": Retry(error_equals="E", max_delay_seconds=60, jitter_strategy="FULL")},
        {"Retry": [{"ErrorEquals": ["E"], "MaxDelaySeconds": 60, "JitterStrategy": "FULL"}]},
    ),
]


ARGUMENTS: list[tuple[Fields, Fields]] = [
    ({"query_language": "JSONata", "arguments": {"a": IN}}, {"QueryLanguage": "JSONata", "Arguments": {"a": IS}}),
    ({"query_language": "JSONata", "arguments": IN}, {"QueryLanguage": "JSONata", "Arguments": IS}),
]


def catching(**fields: Any) -> Callable[[], Fields]:
    return lambda: {"catch": Catch(Succeed("C"), error_equals="E", **fields)}


def catch(**fields: Any) -> Fields:
    return {"Catch": [{"ErrorEquals": ["E"], **fields, "Next": "C"}]}


CATCHES: list[tuple[Callable[[], Fields], Fields]] = [
    (catching(), catch()),
    (catching(comment="c"), catch(Comment="c")),
    (catching(result_path="$.error"), catch(ResultPath="$.error")),
    (catching(result_path=path("$.error")), catch(ResultPath="$.error")),
    (catching(result_path=None), catch(ResultPath=None)),
    (catching(assign={"e": path("$.Cause")}), catch(Assign={"e.$": "$.Cause"})),
    (
        lambda: {**LANGUAGES, **catching(output={"e": jsonata("$states.errorOutput")})()},
        {"QueryLanguage": "JSONata", **catch(Output={"e": "{% $states.errorOutput %}"})},
    ),
]
READ = call("s3:getObject", Bucket="b", Key="k")
READS: Fields = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}


def reading(**config: Any) -> Callable[[], Fields]:
    return lambda: {**distributed(), "item_reader": ItemReader(resource=READ, reader_config=ReaderConfig(**config))}


def reads(**config: Any) -> Fields:
    return {"ItemReader": {**READS, "ReaderConfig": config}, "ItemProcessor": DISTRIBUTED}


def batching(**fields: Any) -> Callable[[], Fields]:
    return lambda: {**distributed(), "item_batcher": ItemBatcher(**fields)}


def batches(**fields: Any) -> Fields:
    return {"ItemBatcher": fields, "ItemProcessor": DISTRIBUTED}


def writing(**fields: Any) -> Callable[[], Fields]:
    return lambda: {**distributed(), "result_writer": ResultWriter(**fields)}


WRITES: Fields = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}}
WRITE = call("s3:putObject", Bucket="b", Prefix="p")


def also(**fields: Any) -> Callable[[], Fields]:
    return lambda: {**distributed(), **fields}


def maps(**fields: Any) -> Fields:
    return {**fields, "ItemProcessor": DISTRIBUTED}


def of_a_map() -> list[tuple[Callable[[], Fields], Fields]]:
    return [
        (lambda: {"item_processor": Chain([inner()])}, {}),
        (lambda: {"item_processor": ItemProcessor(inner())}, {}),
        (lambda: {"item_processor": ItemProcessor(inner(), comment="c")}, {"ItemProcessor": {"Comment": "c", **INNER}}),
        (
            lambda: {"item_processor": ItemProcessor(inner(), mode="INLINE")},
            {"ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **INNER}},
        ),
        (distributed, {"ItemProcessor": DISTRIBUTED}),
        (lambda: {"items_path": "$.a"}, {"ItemsPath": "$.a"}),
        (lambda: {"items": path("$.a")}, {"ItemsPath": "$.a"}),
        (lambda: {**LANGUAGES, "items": IN}, {"QueryLanguage": "JSONata", "Items": IS}),
        (lambda: {**LANGUAGES, "items": [1, IN]}, {"QueryLanguage": "JSONata", "Items": [1, IS]}),
        (
            lambda: {"item_selector": {"i": path("$$.Map.Item.Value")}},
            {"ItemSelector": {"i.$": "$$.Map.Item.Value"}},
        ),
        (also(label="L"), maps(Label="L")),
        (lambda: {"max_concurrency": 2}, {"MaxConcurrency": 2}),
        (lambda: {"max_concurrency": path("$.n")}, {"MaxConcurrencyPath": "$.n"}),
        (lambda: {"max_concurrency_path": "$.n"}, {"MaxConcurrencyPath": "$.n"}),
        (also(tolerated_failure_count=2), maps(ToleratedFailureCount=2)),
        (also(tolerated_failure_count=path("$.n")), maps(ToleratedFailureCountPath="$.n")),
        (also(tolerated_failure_count_path="$.n"), maps(ToleratedFailureCountPath="$.n")),
        (also(tolerated_failure_percentage=2.5), maps(ToleratedFailurePercentage=2.5)),
        (also(tolerated_failure_percentage_path="$.n"), maps(ToleratedFailurePercentagePath="$.n")),
        (also(item_reader=ItemReader(resource=READ)), maps(ItemReader=READS)),
        (
            also(item_reader=ItemReader(resource=READS["Resource"], parameters={"Bucket": "b", "Key": path("$.k")})),
            maps(ItemReader={**READS, "Parameters": {"Bucket": "b", "Key.$": "$.k"}}),
        ),
        (
            also(**LANGUAGES, item_reader=ItemReader(resource=READ)),
            maps(QueryLanguage="JSONata", ItemReader={"Resource": READS["Resource"], "Arguments": READS["Parameters"]}),
        ),
        (
            reading(input_type="CSV", csv_header_location="FIRST_ROW"),
            reads(InputType="CSV", CSVHeaderLocation="FIRST_ROW"),
        ),
        (
            reading(input_type="CSV", csv_header_location="GIVEN", csv_headers=["a"], csv_delimiter="TAB"),
            reads(InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=["a"], CSVDelimiter="TAB"),
        ),
        (reading(input_type="JSON", items_pointer="/a"), reads(InputType="JSON", ItemsPointer="/a")),
        (reading(input_type="JSON", max_items=9), reads(InputType="JSON", MaxItems=9)),
        (reading(input_type="JSON", max_items=path("$.n")), reads(InputType="JSON", MaxItemsPath="$.n")),
        (
            reading(manifest_type="S3_INVENTORY"),
            reads(ManifestType="S3_INVENTORY"),
        ),
        (reading(input_type="JSONL", transformation="NONE"), reads(InputType="JSONL", Transformation="NONE")),
        (batching(max_items_per_batch=9), batches(MaxItemsPerBatch=9)),
        (batching(max_items_per_batch_path="$.n"), batches(MaxItemsPerBatchPath="$.n")),
        (batching(max_input_bytes_per_batch=9), batches(MaxInputBytesPerBatch=9)),
        (batching(max_input_bytes_per_batch=path("$.n")), batches(MaxInputBytesPerBatchPath="$.n")),
        (
            batching(max_items_per_batch=9, batch_input={"a": path("$.a")}),
            batches(BatchInput={"a.$": "$.a"}, MaxItemsPerBatch=9),
        ),
        (writing(resource=WRITE), maps(ResultWriter=WRITES)),
        (
            lambda: {**LANGUAGES, **writing(resource=WRITES["Resource"], arguments={"Bucket": IN})()},
            maps(QueryLanguage="JSONata", ResultWriter={"Resource": WRITES["Resource"], "Arguments": {"Bucket": IS}}),
        ),
        (
            writing(resource=WRITE, writer_config=WriterConfig(output_type="JSONL", transformation="COMPACT")),
            maps(ResultWriter={**WRITES, "WriterConfig": {"OutputType": "JSONL", "Transformation": "COMPACT"}}),
        ),
    ]


OWN: dict[Factory, list[tuple[Any, Fields]]] = {
    Pass: [
        *ASSIGNING,
        ({"result": [1]}, {"Result": [1]}),
        ({"result": None}, {"Result": None}),
        ({"query_language": "JSONata", "output": None}, {"QueryLanguage": "JSONata", "Output": None}),
        ({"parameters": {"a": path("$.a")}}, {"Parameters": {"a.$": "$.a"}}),
        ({"result_path": "$.a"}, {"ResultPath": "$.a"}),
    ],
    Task: [
        *WORKING,
        *ARGUMENTS,
        *CATCHES,
        ({"credentials": {"RoleArn": path("$.r")}}, {"Credentials": {"RoleArn.$": "$.r"}}),
        ({"timeout_seconds": 9}, {"TimeoutSeconds": 9}),
        ({"timeout_seconds": path("$.t")}, {"TimeoutSecondsPath": "$.t"}),
        ({"timeout_seconds_path": "$.t"}, {"TimeoutSecondsPath": "$.t"}),
        ({"timeout_seconds": 9, "heartbeat_seconds": 3}, {"TimeoutSeconds": 9, "HeartbeatSeconds": 3}),
        ({"heartbeat_seconds_path": "$.t"}, {"HeartbeatSecondsPath": "$.t"}),
        ({"query_language": "JSONata", "timeout_seconds": IN}, {"QueryLanguage": "JSONata", "TimeoutSeconds": IS}),
        ({"resource": function("Checker")}, {"Resource": "${CheckerArn}"}),
        (
            {"resource": call("dynamodb:getItem", TableName=table("Trades"), Key={"Id": {"S": path("$.id")}})},
            {
                "Resource": "arn:aws:states:::dynamodb:getItem",
                "Parameters": {"TableName": "${TradesName}", "Key": {"Id": {"S.$": "$.id"}}},
            },
        ),
        (
            {"query_language": "JSONata", "resource": call("dynamodb:getItem", IN)},
            {"QueryLanguage": "JSONata", "Resource": "arn:aws:states:::dynamodb:getItem", "Arguments": IS},
        ),
    ],
    Wait: [
        *(({"seconds": 5, **options}, {"Seconds": 5, **fields}) for options, fields in ASSIGNING),
        ({"seconds": path("$.s")}, {"SecondsPath": "$.s"}),
        ({"seconds_path": "$.s"}, {"SecondsPath": "$.s"}),
        ({"timestamp": "2026-11-24T12:00:00Z"}, {"Timestamp": "2026-11-24T12:00:00Z"}),
        ({"timestamp": datetime(2026, 11, 24, 12, tzinfo=UTC)}, {"Timestamp": "2026-11-24T12:00:00Z"}),
        ({"timestamp_path": "$.t"}, {"TimestampPath": "$.t"}),
    ],
    Succeed: list(IN_OUT),
    Fail: [
        ({"comment": "c"}, {"Comment": "c"}),
        ({"query_language": "JSONata", "error": IN}, {"QueryLanguage": "JSONata", "Error": IS}),
        ({"error": "E", "cause": "C"}, {"Error": "E", "Cause": "C"}),
        ({"error_path": "$.e", "cause_path": path("$.c")}, {"ErrorPath": "$.e", "CausePath": "$.c"}),
        ({"cause": format_("no {}", path("$.x"))}, {"CausePath": "States.Format('no {}', $.x)"}),
    ],
    Parallel: [
        *WORKING,
        *ARGUMENTS,
        *CATCHES,
        (lambda: {"branches": [Branch(inner(), comment="c")]}, {"Branches": [{"Comment": "c", **INNER}]}),
    ],
    Map: [*WORKING, *CATCHES, *of_a_map()],
}


def rows() -> Iterator[tuple[Factory, Callable[[], Fields], Fields]]:
    for kind, own in OWN.items():
        base, asl = BASES[kind]
        for options, fields in own:
            make = options if callable(options) else dict(options).copy
            yield kind, partial(_both, base, make), {"Type": kind.__name__, **asl, **fields}


def _both(base: Callable[[], Fields], own: Callable[[], Fields]) -> Fields:
    return {**base(), **own()}


ROWS = list(rows())


def compiled(start: Any, **fields: Any) -> Fields:
    return compile_workflow(Workflow(start, **fields)).document()


def errors(document: Fields) -> list[str]:
    return [str(finding) for finding in validation.check(document) if finding.severity == "error"]


@pytest.mark.parametrize(("kind", "options", "expected"), ROWS)
def test_every_field_of_a_state_compiles_to_its_asl_field(
    kind: Factory, options: Callable[[], Fields], expected: Fields
) -> None:
    document = compiled(kind("S", **options()))
    assert document["States"]["S"] == expected
    assert errors(document) == []


OPERATORS: list[tuple[Condition, Fields]] = [
    *(
        (getattr(var("$.a", kind), method)(var("$.b")), {"Variable": "$.a", f"{asl}{operator}Path": "$.b"})
        for kind, asl, _ in KINDS
        for method, operator in ORDERINGS
    ),
    *(
        (getattr(var("$.a", kind), method)(value), {"Variable": "$.a", f"{asl}{operator}": value})
        for kind, asl, value in KINDS
        for method, operator in ORDERINGS
    ),
    (var("$.a") == True, {"Variable": "$.a", "BooleanEquals": True}),  # noqa: E712  # it builds a rule
    (var("$.a", "boolean") == var("$.b"), {"Variable": "$.a", "BooleanEqualsPath": "$.b"}),
    (var("$.a").matches("x*"), {"Variable": "$.a", "StringMatches": "x*"}),
    (var("$.a").is_null(), {"Variable": "$.a", "IsNull": True}),
    (var("$.a").is_present(), {"Variable": "$.a", "IsPresent": True}),
    (var("$.a").is_text(), {"Variable": "$.a", "IsString": True}),
    (var("$.a").is_number(), {"Variable": "$.a", "IsNumeric": True}),
    (var("$.a").is_time(), {"Variable": "$.a", "IsTimestamp": True}),
    (var("$.a").is_boolean(), {"Variable": "$.a", "IsBoolean": True}),
]
PRESENT = {"Variable": "$.a", "IsPresent": True}
RULES: list[tuple[Any, Fields, Fields]] = [
    *((rule, {}, asl) for rule, asl in OPERATORS),
    *((~rule, {}, {"Not": asl}) for rule, asl in OPERATORS),
    (var("$.a").is_present() & ~var("$.a").is_present(), {}, {"And": [PRESENT, {"Not": PRESENT}]}),
    (var("$.a").is_present() | ~var("$.a").is_present(), {}, {"Or": [PRESENT, {"Not": PRESENT}]}),
    (
        ~(var("$.a").is_present() & ~~var("$.a").is_present()),
        {},
        {"Not": {"And": [PRESENT, {"Not": {"Not": PRESENT}}]}},
    ),
    (~(var("$.a").is_present() | ~~var("$.a").is_present()), {}, {"Not": {"Or": [PRESENT, {"Not": {"Not": PRESENT}}]}}),
    (var("$.a").is_present(), {"comment": "c"}, {**PRESENT, "Comment": "c"}),
    (Condition({"Not": {**PRESENT, "Comment": "c"}}), {}, {"Not": {**PRESENT, "Comment": "c"}}),
    (var("$.a").is_present(), {"assign": {"x": path("$.a")}}, {**PRESENT, "Assign": {"x.$": "$.a"}}),
    (jsonata("$states.input"), {}, {"Condition": IS}),
    (jsonata("$states.input"), {"output": None}, {"Condition": IS, "Output": None}),
    (
        jsonata("$states.input"),
        {"output": {"a": IN}, "assign": {"b": IN}},
        {"Condition": IS, "Output": {"a": IS}, "Assign": {"b": IS}},
    ),
]


def choice(rule: Any, extra: Fields) -> Fields:
    state = Choice("S", query_language="JSONata" if isinstance(rule, str) else "JSONPath")
    state.add_choice(rule, Succeed("Then"), **extra)
    state.default_choice(Succeed("Else"))
    return compiled(state)


@pytest.mark.parametrize(("rule", "extra", "expected"), RULES)
def test_every_choice_rule_compiles_from_python(rule: Any, extra: Fields, expected: Fields) -> None:
    document = choice(rule, extra)
    assert document["States"]["S"]["Choices"] == [{**expected, "Next": "Then"}]
    assert errors(document) == []


@pytest.mark.parametrize(("options", "expected"), ASSIGNING)
def test_every_field_of_a_choice_compiles_to_its_asl_field(options: Fields, expected: Fields) -> None:
    is_jsonata = options.get("query_language") == "JSONata"
    state = Choice("S", **options)
    state.add_choice(IN if is_jsonata else var("$.a").is_present(), Succeed("Then"))
    fields = compiled(state)["States"]["S"]
    rule = {"Condition": IS} if is_jsonata else PRESENT
    assert fields == {"Type": "Choice", **expected, "Choices": [{**rule, "Next": "Then"}]}


MACHINES: list[Fields] = [
    {"comment": "c", "query_language": "JSONata", "version": "1.0", "timeout_seconds": 9},
]


@pytest.mark.parametrize("options", MACHINES)
def test_every_field_of_a_machine_compiles_to_its_asl_field(options: Fields) -> None:
    names = {
        "comment": "Comment",
        "query_language": "QueryLanguage",
        "version": "Version",
        "timeout_seconds": "TimeoutSeconds",
    }
    expected = {names[name]: value for name, value in options.items()}
    assert compiled(Succeed("S"), **options) == {**expected, "StartAt": "S", "States": {"S": {"Type": "Succeed"}}}


def test_the_older_iterator_field_compiles() -> None:
    document = compiled(Map("S", iterator=Pass("I", comment="c")))
    body = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Comment": "c", "End": True}}}
    assert document["States"]["S"] == {"Type": "Map", "Iterator": body, "End": True}


def test_every_state_with_a_next_state_has_next_and_no_end() -> None:
    for kind, (base, _) in BASES.items():
        if kind not in (Succeed, Fail):
            options = {"seconds": 1} if kind is Wait else base()
            states = compiled(Chain([kind("S", **options), Succeed("After")]))["States"]
            assert (states["S"]["Next"], "End" in states["S"]) == ("After", False)


# Fields of the schema that no row has: a machine's states and their transitions, tested above.
LINKS = {("", "StartAt"), ("", "States"), *((kind.__name__, "Next") for kind in BASES if kind not in (Succeed, Fail))}
MACHINE = {("", name) for name in ("Comment", "QueryLanguage", "Version", "TimeoutSeconds")}
ITERATOR = {("Map", "Iterator")}


def test_these_rows_cover_all_fields_of_the_schema() -> None:
    schema = json.loads(Path(validation.__file__).with_name("asl.schema.json").read_text("utf-8"))
    wanted = {(name, field) for name, each in definitions(schema) for field in each.get("properties", {})} - {
        ("state", "Type")
    }
    seen: set[tuple[str, str]] = set(LINKS | MACHINE | ITERATOR)
    for *_, fields in ROWS:
        read(schema, schema["$defs"][fields["Type"]], fields["Type"], fields, seen)
    for rule, extra, _ in RULES:
        state = choice(rule, extra)["States"]["S"]
        read(schema, schema["$defs"]["Choice"], "Choice", state, seen)
    for options, _ in ASSIGNING:
        read(schema, schema["$defs"]["Choice"], "Choice", {_pascal(name): 0 for name in options}, seen)
    assert wanted - seen == set()
    assert seen - wanted == set()


def _pascal(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def definitions(schema: Fields) -> Iterator[tuple[str, Fields]]:
    """Yield the schema's objects by name, the machine's as "" and an object inside a property by its name."""
    yield "", schema
    for name, each in schema["$defs"].items():
        yield name, each
        for field, inner in each.get("properties", {}).items():
            if isinstance(inner, dict) and "properties" in inner:
                yield field, inner


def read(schema: Fields, known: Fields, name: str, value: Any, seen: set[tuple[str, str]]) -> None:
    """Add the fields of the schema that a value has to `seen`."""
    if "$ref" in known:
        name = known["$ref"].removeprefix("#/$defs/")
        read(schema, schema["$defs"][name], name, value, seen)
    elif isinstance(value, list):
        for each in value:
            read(schema, known.get("items", {}), name, each, seen)
    elif isinstance(value, dict) and name == "state":
        read(schema, schema["$defs"][value["Type"]], value["Type"], value, seen)
    elif isinstance(value, dict):
        for field, each in value.items():
            inner = known.get("properties", {}).get(field, known.get("additionalProperties"))
            if field in known.get("properties", {}):
                seen.add((name, field))
            if isinstance(inner, dict):
                read(schema, inner, field, each, seen)
