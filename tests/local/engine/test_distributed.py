"""The distributed Map: its items, its batches, its tolerated failures and its written results."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_dsl.local import BotoServices, Return, Run, Throw, run

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
END = {"End": True}
Definition = dict[str, Any]


def processor(*states: tuple[str, dict[str, Any]], **config: Any) -> Definition:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD", **config}
    return {"ProcessorConfig": config, "StartAt": states[0][0], "States": dict(states)}


SAME = processor(("I", {"Type": "Pass", **END}))
WAITING = processor(("W", {"Type": "Wait", "SecondsPath": "$", **END}))
# Fails for items below zero.
NO_NEGATIVES = processor(
    ("C", {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 0, "Next": "F"}], "Default": "S"}),
    ("F", {"Type": "Fail", "Error": "E", "Cause": "c"}),
    ("S", {"Type": "Succeed"}),
)


def mapped(inside: Definition = SAME, **fields: Any) -> Definition:
    return {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inside, **END, **fields}}}


def jsonata(inside: Definition = SAME, **fields: Any) -> Definition:
    return mapped(inside, QueryLanguage="JSONata", **fields)


def ended(run_: Run) -> tuple[Any, ...]:
    return (run_.status, run_.output) if run_.status == "SUCCEEDED" else (run_.status, run_.error)


def event_links(run_: Run) -> list[tuple[str, int]]:
    return [(event["type"], event["previousEventId"]) for event in run_.history]


ITEMS: list[tuple[Definition, Any, Any]] = [
    (mapped(), [], []),
    (mapped(), [3, 1, 2], [3, 1, 2]),
    (mapped(ItemsPath="$.l"), {"l": ["a"]}, ["a"]),
    (mapped(ItemSelector={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "n.$": "$.n"}, ItemsPath="$.l"),
     {"n": 7, "l": ["a", "b"]}, [{"i": 0, "v": "a", "n": 7}, {"i": 1, "v": "b", "n": 7}]),
    (jsonata(Items="{% [1..3] %}"), {}, [1, 2, 3]),
    (jsonata(Items=[1, "{% 1 + 1 %}"], ItemSelector={"v": "{% $states.context.Map.Item.Value %}"}), {},
     [{"v": 1}, {"v": 2}]),
    (jsonata(), [1], [1]),
    (mapped(ResultPath="$.r", ItemsPath="$.l"), {"l": [1]}, {"l": [1], "r": [1]}),
    (mapped(ResultSelector={"all.$": "$"}), [1], {"all": [1]}),
    (mapped(processor(("I", {"Type": "Pass", **END}), ExecutionType="EXPRESS")), [1, 2], [1, 2]),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "value", "output"), ITEMS)
def test_a_distributed_map_returns_the_output_of_each_child(definition: Definition, value: Any, output: Any) -> None:
    assert ended(run(definition, value)) == ("SUCCEEDED", output)


def reader(action: str = "getObject", config: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
    arguments = parameters or ({"Bucket": "data", "Key": "items"} if action == "getObject" else {"Bucket": "data"})
    fields = {"Resource": f"arn:aws:states:::s3:{action}", "Parameters": arguments}
    return fields if config is None else {**fields, "ReaderConfig": config}


def services_with(**files: str) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """Services with these files in their bucket."""
    return {"aws-sdk:s3:getObject": lambda parameters: {"Body": files[parameters["Key"]]}}


FIRST_ROW = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
GIVEN_HEADERS = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"]}
FILES: list[tuple[dict[str, Any], str, Any]] = [
    ({"InputType": "JSON"}, "[1, [2], null]", [1, [2], None]),
    ({"InputType": "JSON"}, "\ufeff[1]", [1]),
    ({"InputType": "JSON"}, "[]", []),
    ({"InputType": "JSON"}, '{"x": 1, "y": [2]}', [{"Key": "x", "Value": 1}, {"Key": "y", "Value": [2]}]),
    ({"InputType": "JSON", "MaxItems": 2}, "[1, 2, 3]", [1, 2]),
    ({"InputType": "JSON", "MaxItems": 5}, "[1, 2, 3]", [1, 2, 3]),
    ({"InputType": "JSON", "MaxItemsPath": "$.most"}, "[1, 2, 3]", [1]),
    ({"InputType": "JSON", "ItemsPointer": "/a/b"}, '{"a": {"b": [5, 6]}}', [5, 6]),
    ({"InputType": "JSON", "ItemsPointer": "/a~1b/1/m~0n"}, '{"a/b": [0, {"m~n": [7]}]}', [7]),
    ({"InputType": "JSON", "ItemsPointer": "/o"}, '{"o": {"k": 1}}', [{"Key": "k", "Value": 1}]),
    ({"InputType": "JSONL"}, '{"a": 1}\n\n[2]\n', [{"a": 1}, [2]]),
    ({"InputType": "JSONL", "MaxItems": 1}, '{"a": 1}\n{"a": 2}', [{"a": 1}]),
    (FIRST_ROW, "a,b\n1,2\n3,4\n", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
    (FIRST_ROW, "a,b\n1\n1,2,3\n", [{"a": "1", "b": ""}, {"a": "1", "b": "2"}]),
    (FIRST_ROW, 'a,b\n"x, y","say ""hi"""\n', [{"a": "x, y", "b": 'say "hi"'}]),
    (FIRST_ROW, "", []),
    (GIVEN_HEADERS, "1,2\n3,4", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
    ({**GIVEN_HEADERS, "MaxItems": 1}, "1,2\n3,4", [{"a": "1", "b": "2"}]),
    ({**GIVEN_HEADERS, "CSVDelimiter": "PIPE"}, "1|2", [{"a": "1", "b": "2"}]),
    ({**GIVEN_HEADERS, "CSVDelimiter": "SEMICOLON"}, "1;2", [{"a": "1", "b": "2"}]),
    ({**GIVEN_HEADERS, "CSVDelimiter": "SPACE"}, "1 2", [{"a": "1", "b": "2"}]),
    ({**GIVEN_HEADERS, "CSVDelimiter": "TAB"}, "1\t2", [{"a": "1", "b": "2"}]),
]  # fmt: skip


@pytest.mark.parametrize(("config", "content", "items"), FILES)
def test_items_are_read_from_a_file(config: dict[str, Any], content: str, items: Any) -> None:
    definition = mapped(ItemReader=reader(config=config))
    assert ended(run(definition, {"most": 1}, services=services_with(items=content))) == ("SUCCEEDED", items)


def test_a_reader_takes_its_parameters_from_the_input() -> None:
    by_path = mapped(ItemReader=reader(config={"InputType": "JSON"}, **{"Bucket": "data", "Key.$": "$.key"}))
    by_query = jsonata(
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON", "MaxItems": "{% $states.input.most %}"},
            "Arguments": {"Bucket": "data", "Key": "{% $states.input.key %}"},
        }
    )
    value = {"key": "mine", "most": 2}
    files = services_with(mine="[1, 2, 3]")
    assert [run(definition, value, services=files).output for definition in (by_path, by_query)] == [[1, 2, 3], [1, 2]]


def test_items_are_the_rows_of_the_files_of_an_inventory_manifest() -> None:
    manifest = {
        "destinationBucket": "arn:aws:s3:::data",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "one"}, {"key": "two"}],
    }
    definition = mapped(ItemReader=reader(config={"InputType": "MANIFEST"}))
    files = services_with(items=json.dumps(manifest), one='"b","x.txt","1"\n"b","y.txt","2"\n', two='"b","z.txt","3"\n')
    assert run(definition, services=files).output == [
        {"Bucket": "b", "Key": "x.txt", "Size": "1"},
        {"Bucket": "b", "Key": "y.txt", "Size": "2"},
        {"Bucket": "b", "Key": "z.txt", "Size": "3"},
    ]


def test_items_are_the_lines_of_the_files_of_an_athena_manifest() -> None:
    config = {"InputType": "JSONL", "ManifestType": "ATHENA_DATA"}
    definition = mapped(ItemReader=reader(config={**config, "InputType": "MANIFEST"}))
    files = services_with(items="s3://data/one\ns3://data/two\n", one='{"a": 1}\n{"a": 2}', two='{"a": 3}')
    execution = run(definition, services=files)
    assert execution.output == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_the_objects_of_a_bucket_are_listed_page_by_page() -> None:
    pages = {
        None: {"Contents": [{"Key": "p/1", "Size": 1}], "NextContinuationToken": "more"},
        "more": {"Contents": [{"Key": "p/2", "Size": 2}]},
    }
    services = {"aws-sdk:s3:listObjectsV2": lambda parameters: pages[parameters.get("ContinuationToken")]}
    definition = mapped(
        ItemReader=reader("listObjectsV2", Bucket="data", Prefix="p/"),
        ItemSelector={"key.$": "$$.Map.Item.Value.Key", "size.$": "$$.Map.Item.Value.Size"},
    )
    assert run(definition, services=services).output == [{"key": "p/1", "size": 1}, {"key": "p/2", "size": 2}]


SOURCE = {"at.$": "$$.Map.Item.Source", "value.$": "$$.Map.Item.Value"}


def athena(type_: str, **config: Any) -> Definition:
    return reader(config={"ManifestType": "ATHENA_DATA", "InputType": type_, **config})


INVENTORY = json.dumps({"destinationBucket": "arn:aws:s3:::data", "fileSchema": "Key", "files": [{"key": "one"}]})
MANIFESTS: list[tuple[Definition, dict[str, str], Any]] = [
    (athena("JSONL"), {"items": "s3://data/one\ns3://data/two\n", "one": "1", "two": "2\n3"},
     [("S3://data/one", 1), ("S3://data/two", 2), ("S3://data/two", 3)]),
    (athena("CSV", CSVHeaderLocation="GIVEN", CSVHeaders=["a"]), {"items": '"s3://data/one"\n', "one": "x\ny"},
     [("S3://data/one", {"a": "x"}), ("S3://data/one", {"a": "y"})]),
    (reader(config={"ManifestType": "S3_INVENTORY"}), {"items": INVENTORY, "one": '"a.txt"\n"b.txt"\n'},
     [("S3://data/one", {"Key": "a.txt"}), ("S3://data/one", {"Key": "b.txt"})]),
    (reader(config={"InputType": "JSON"}), {"items": "[1]"}, [("S3://data/items", 1)]),
]  # fmt: skip


@pytest.mark.parametrize(("item_reader", "files", "items"), MANIFESTS)
def test_an_item_of_a_file_has_its_address_as_the_source(item_reader: Definition, files: Any, items: Any) -> None:
    definition = mapped(ItemReader=item_reader, ItemSelector=SOURCE)
    outputs = run(definition, services=services_with(**files)).output
    assert [(output["at"], output["value"]) for output in outputs] == items


def test_the_items_of_all_listed_objects_can_be_loaded_and_flattened() -> None:
    listing = {"Contents": [{"Key": "p/", "Size": 0}, {"Key": "p/1", "Size": 9}, {"Key": "p/2", "Size": 9}]}
    services = {
        "aws-sdk:s3:listObjectsV2": lambda parameters: listing,
        **services_with(**{"p/1": '{"a": 1}\n{"a": 2}', "p/2": '{"a": 3}'}),
    }
    config = {"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}
    definition = mapped(ItemReader=reader("listObjectsV2", config, Bucket="data", Prefix="p/"), ItemSelector=SOURCE)
    assert run(definition, services=services).output == [
        {"at": "S3://data/p/1", "value": {"a": 1}},
        {"at": "S3://data/p/1", "value": {"a": 2}},
        {"at": "S3://data/p/2", "value": {"a": 3}},
    ]


def test_a_listed_object_has_the_fields_that_the_guide_shows() -> None:
    entry = {
        "ChecksumAlgorithm": ["CRC32"],
        "ETag": '"e"',
        "Key": "k",
        "LastModified": "2026-11-24T12:00:00Z",
        "Size": 2,
        "StorageClass": "STANDARD",
    }
    services = {"aws-sdk:s3:listObjectsV2": lambda parameters: {"Contents": [entry]}}
    definition = mapped(ItemReader=reader("listObjectsV2"), ItemSelector=SOURCE)
    assert run(definition, services=services).output == [
        {
            "at": "S3://data",
            "value": {"Etag": '"e"', "Key": "k", "LastModified": 1795521600, "Size": 2, "StorageClass": "STANDARD"},
        }
    ]


def test_a_version_of_a_file_is_read() -> None:
    services = {"aws-sdk:s3:getObject": lambda parameters: {"Body": json.dumps([parameters])}}
    definition = mapped(ItemReader=reader(Bucket="data", Key="k", VersionId="v1"))
    assert run(definition, services=services).output == [{"Bucket": "data", "Key": "k", "VersionId": "v1"}]


OF_ITEMS: list[tuple[Definition, Any, Any]] = [
    (mapped(), {"x": 1}, [{"key": "x", "value": 1, "at": "STATE_DATA", "index": 0}]),
    (mapped(ItemReader=reader(config={"InputType": "JSON"})), {},
     [{"key": "y", "value": [2], "at": "S3://data/items", "index": 0}]),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "value", "output"), OF_ITEMS)
def test_a_field_of_an_object_has_its_name_as_the_key(definition: Definition, value: Any, output: Any) -> None:
    selector = {**SOURCE, "key.$": "$$.Map.Item.Key", "index.$": "$$.Map.Item.Index"}
    state = {**definition["States"]["M"], "ItemSelector": selector}
    files = services_with(items='{"y": [2]}')
    assert run({**definition, "States": {"M": state}}, value, services=files).output == output


def test_an_empty_bucket_has_no_items() -> None:
    services = {"aws-sdk:s3:listObjectsV2": lambda parameters: {"KeyCount": 0}}
    assert run(mapped(ItemReader=reader("listObjectsV2")), services=services).output == []


def test_items_and_results_are_read_from_and_written_to_s3() -> None:
    services = BotoServices()
    try:
        s3 = services.client("s3")
        s3.create_bucket(Bucket="data")
        s3.put_object(Bucket="data", Key="items", Body=gzip.compress(b"a,b\n1,2\n"))
        definition = mapped(
            ItemReader=reader(config=FIRST_ROW),
            ResultWriter=writer({"OutputType": "JSONL", "Transformation": "COMPACT"}, Bucket="data"),
        )
        details = run(definition, services=services).output["ResultWriterDetails"]
        manifest = json.loads(services.read_object("data", details["Key"]))
        (written,) = manifest["ResultFiles"]["SUCCEEDED"]
        assert services.read_object("data", written["Key"]) == b'{"a":"1","b":"2"}\n'
        listing = mapped(
            ItemReader=reader("listObjectsV2", Bucket="data", Prefix="items"),
            ItemSelector={"k.$": "$$.Map.Item.Value.Key"},
        )
        assert run(listing, services=services).output == [{"k": "items"}]
        missing = mapped(ItemReader=reader(config={"InputType": "JSON"}, Bucket="data", Key="none"))
        execution = run(missing, services=services)
        assert (execution.error, "The specified key does not exist." in (execution.cause or "")) == (
            "States.ItemReaderFailed", True)  # fmt: skip
    finally:
        services.close()


UNREADABLE: list[tuple[dict[str, Any], str, str]] = [
    ({"InputType": "JSON"}, "5", "ValueError: the file holds neither a list nor an object"),
    ({"InputType": "JSON"}, "{", "JSONDecodeError: Expecting property name enclosed in double quotes"),
    ({"InputType": "JSON", "ItemsPointer": "/none"}, "{}", "KeyError: 'none'"),
    ({"InputType": "JSON", "ItemsPointer": "/3"}, "[1]", "IndexError: list index out of range"),
    ({"InputType": "JSONL"}, "[1", "JSONDecodeError: Expecting ',' delimiter"),
    ({"InputType": "MANIFEST"}, "{}", "KeyError: 'destinationBucket'"),
]


@pytest.mark.parametrize(("config", "content", "cause"), UNREADABLE)
def test_a_file_that_cannot_be_read_fails_the_map(config: dict[str, Any], content: str, cause: str) -> None:
    execution = run(mapped(ItemReader=reader(config=config)), services=services_with(items=content))
    assert ended(execution) == ("FAILED", "States.ItemReaderFailed")
    assert (execution.cause or "").startswith(f"Attempting to read the items failed: {cause}")
    assert event_links(execution) == [
        ("ExecutionStarted", 0), ("MapStateEntered", 0), ("MapStateStarted", 2), ("MapRunStarted", 3),
        ("MapRunFailed", 4), ("MapStateFailed", 5), ("ExecutionFailed", 6)]  # fmt: skip


def test_a_map_that_reads_its_items_does_not_know_their_number_when_it_starts() -> None:
    execution = run(mapped(ItemReader=reader(config={"InputType": "JSON"})), services=services_with(items="[1, 2]"))
    (started,) = (event for event in execution.history if event["type"] == "MapStateStarted")
    assert started["mapStateStartedEventDetails"] == {"length": 0}


MOST: list[tuple[Any, tuple[str | None, str | None], Any]] = [
    (0, (None, None), [1, 2, 3]),
    (2, (None, None), [1, 2]),
    (10**8 + 1, (None, None), [1, 2, 3]),
    (-1, ("States.ItemReaderFailed", "field MaxItems must be positive"), None),
    (1.5, ("States.Runtime",
           "An error occurred while executing the state 'M' (entered at the event id #2). "
           'The MaxItemsPath field refers to value "1.5" which is not a valid integer: $.most'), None),
]  # fmt: skip


@pytest.mark.parametrize(("most", "failure", "output"), MOST)
def test_the_most_items_are_a_whole_number(most: Any, failure: Any, output: Any) -> None:
    config = {"InputType": "JSON", "MaxItemsPath": "$.most"}
    services = services_with(items="[1, 2, 3]")
    execution = run(mapped(ItemReader=reader(config=config)), {"most": most}, services=services)
    assert ((execution.error, execution.cause), execution.output) == (failure, output)


def test_a_reader_that_fails_can_be_caught() -> None:
    catch = [{"ErrorEquals": ["States.ItemReaderFailed"], "ResultPath": None, "Next": "H"}]
    definition = mapped(ItemReader=reader(config={"InputType": "JSON"}), Catch=catch)
    definition["States"]["H"] = {"Type": "Succeed"}
    execution = run(definition, {"in": 1}, services=services_with(items="5"))
    assert (execution.trail, execution.output) == (["M", "H"], {"in": 1})


def test_a_reader_error_that_is_not_from_s3_keeps_its_name() -> None:
    definition = mapped(ItemReader=reader(config={"InputType": "JSON"}))
    assert ended(run(definition, services={})) == ("FAILED", "States.Runtime")


NUMBERS: list[tuple[Definition, str]] = [
    (mapped(ItemReader=reader(config={"InputType": "JSON", "MaxItemsPath": "$.none"})),
     "The MaxItemsPath parameter does not reference an input value: $.none"),
    (mapped(ItemsPath="$.l", MaxConcurrencyPath="$.none"),
     "The MaxConcurrencyPath parameter does not reference an input value: $.none"),
    (mapped(ItemsPath="$.l", MaxConcurrencyPath="$.text"),
     'The MaxConcurrencyPath field refers to value "many" which is not a valid integer: $.text'),
    (mapped(ItemsPath="$.l", ToleratedFailureCountPath="$.below"), "ToleratedFailureCount cannot be negative."),
    (mapped(ItemsPath="$.l", ToleratedFailurePercentagePath="$.above"),
     "ToleratedFailurePercentage must be between 0 and 100."),
    (mapped(ItemsPath="$.l", ToleratedFailurePercentagePath="$.below"),
     "ToleratedFailurePercentage must be between 0 and 100."),
    (mapped(ItemsPath="$.l", ToleratedFailurePercentagePath="$.l"),
     'The ToleratedFailurePercentagePath field refers to value "[1]" which is not a valid float: $.l'),
    (mapped(ItemsPath="$.l", ItemBatcher={"MaxItemsPerBatchPath": "$.zero"}),
     "The MaxItemsPerBatch of the ItemBatcher must be a positive integer, not 0"),
    (mapped(ItemsPath="$.l", ItemBatcher={"MaxInputBytesPerBatchPath": "$.text"}),
     'The MaxInputBytesPerBatch of the ItemBatcher must be a positive integer, not "many"'),
    (mapped(ItemsPath="$.l", ItemBatcher={"MaxItemsPerBatchPath": "$.true"}),
     "The MaxItemsPerBatch of the ItemBatcher must be a positive integer, not true"),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "cause"), NUMBERS)
def test_a_field_with_a_wrong_number_fails_the_map(definition: Definition, cause: str) -> None:
    value = {"l": [1], "text": "many", "below": -1, "above": 101, "zero": 0, "true": True}
    execution = run(definition, value, services=services_with(items="[1]"))
    assert ended(execution) == ("FAILED", "States.Runtime")
    assert execution.cause == f"An error occurred while executing the state 'M' (entered at the event id #2). {cause}"


BATCHES: list[tuple[dict[str, Any], Any, Any]] = [
    ({"MaxItemsPerBatch": 2}, [1, 2, 3], [[1, 2], [3]]),
    ({"MaxItemsPerBatch": 5}, [1, 2, 3], [[1, 2, 3]]),
    ({"MaxItemsPerBatch": 2}, [], []),
    ({"MaxInputBytesPerBatch": 100_000}, ["x" * 60_000, "y" * 30_000, "z" * 30_000],
     [["x" * 60_000, "y" * 30_000], ["z" * 30_000]]),
    ({"MaxItemsPerBatch": 1, "MaxInputBytesPerBatch": 100_000}, [1, 2], [[1], [2]]),
]  # fmt: skip


@pytest.mark.parametrize(("batcher", "value", "batches"), BATCHES)
def test_the_children_get_the_items_in_batches(batcher: dict[str, Any], value: Any, batches: list[Any]) -> None:
    assert run(mapped(ItemBatcher=batcher), value).output == [{"Items": batch} for batch in batches]


def test_a_batch_has_its_evaluated_batch_input() -> None:
    by_path = {"MaxItemsPerBatchPath": "$.most", "BatchInput": {"run.$": "$$.Execution.Name", "n.$": "$.most"}}
    by_query = {"MaxItemsPerBatch": "{% $states.input.most %}", "BatchInput": {"n": "{% $states.input.most %}"}}
    value = {"l": [1, 2, 3], "most": 2}
    shared = {"run": "local", "n": 2}
    assert run(mapped(ItemBatcher=by_path, ItemsPath="$.l"), value).output == [
        {"BatchInput": shared, "Items": [1, 2]}, {"BatchInput": shared, "Items": [3]}]  # fmt: skip
    assert run(jsonata(ItemBatcher=by_query, Items="{% $states.input.l %}"), value).output == [
        {"BatchInput": {"n": 2}, "Items": [1, 2]}, {"BatchInput": {"n": 2}, "Items": [3]}]  # fmt: skip


def test_items_are_selected_before_they_are_batched() -> None:
    definition = mapped(ItemBatcher={"MaxItemsPerBatch": 2}, ItemSelector={"v.$": "$$.Map.Item.Value"})
    assert run(definition, [1, 2]).output == [{"Items": [{"v": 1}, {"v": 2}]}]


TOO_MANY = ("FAILED", "States.ExceedToleratedFailureThreshold")
TOLERATED: list[tuple[dict[str, Any], list[int], tuple[Any, ...]]] = [
    ({}, [1, 2], ("SUCCEEDED", [1, 2])),
    ({}, [1, -1], TOO_MANY),
    ({"ToleratedFailureCount": 0}, [1, -1], TOO_MANY),
    ({"ToleratedFailureCount": 1}, [1, -1, 2], ("SUCCEEDED", [1, 2])),
    ({"ToleratedFailureCount": 1}, [-1, -2, 2], TOO_MANY),
    ({"ToleratedFailurePercentage": 50}, [1, -1], ("SUCCEEDED", [1])),
    ({"ToleratedFailurePercentage": 49}, [1, -1], TOO_MANY),
    ({"ToleratedFailurePercentage": 100}, [-1, -1], ("SUCCEEDED", [])),
    ({"ToleratedFailurePercentage": 100, "ToleratedFailureCount": 1}, [-1, -1, 1], TOO_MANY),
    ({"ToleratedFailurePercentage": 25, "ToleratedFailureCount": 2}, [-1, -1, 1], TOO_MANY),
    ({"ToleratedFailureCount": "{% 1 %}", "QueryLanguage": "JSONata"}, [1, -1], ("SUCCEEDED", [1])),
    ({"ToleratedFailurePercentage": "{% 50 %}", "QueryLanguage": "JSONata"}, [1, -1], ("SUCCEEDED", [1])),
]


@pytest.mark.parametrize(("fields", "value", "expected"), TOLERATED)
def test_a_map_fails_when_more_items_fail_than_it_tolerates(
    fields: dict[str, Any], value: list[int], expected: tuple[Any, ...]
) -> None:
    assert ended(run(mapped(NO_NEGATIVES, **fields), value)) == expected


def test_the_tolerated_failures_can_be_read_from_the_input() -> None:
    by_count = mapped(NO_NEGATIVES, ItemsPath="$.l", ToleratedFailureCountPath="$.n")
    by_share = mapped(NO_NEGATIVES, ItemsPath="$.l", ToleratedFailurePercentagePath="$.n")
    value = {"l": [1, -1, 2, 3], "n": 25}
    assert [run(definition, value).output for definition in (by_count, by_share)] == [[1, 2, 3], [1, 2, 3]]


def test_a_failed_batch_counts_all_of_its_items() -> None:
    inside = processor(("F", {"Type": "Fail", "Error": "E"}))
    batches = {"ItemBatcher": {"MaxItemsPerBatch": 2}}
    assert ended(run(mapped(inside, ToleratedFailureCount=3, **batches), [1, 2, 3])) == ("SUCCEEDED", [])
    assert ended(run(mapped(inside, ToleratedFailureCount=1, **batches), [1, 2, 3])) == TOO_MANY


def test_a_child_that_times_out_counts_as_failed() -> None:
    express = processor(("W", {"Type": "Wait", "SecondsPath": "$", **END}), ExecutionType="EXPRESS")
    execution = run(mapped(express, ToleratedFailureCount=1), [10, 301])
    assert (execution.output, execution.duration) == ([10], 300)


def test_too_many_failures_stop_the_children_and_can_be_caught() -> None:
    inside = processor(
        ("C", {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 0, "Next": "F"}], "Default": "W"}),
        ("F", {"Type": "Fail", "Error": "E"}),
        ("W", {"Type": "Wait", "SecondsPath": "$", **END}),
    )
    catch = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "H"}]
    definition = mapped(inside, Catch=catch)
    definition["States"]["H"] = {"Type": "Pass", "Parameters": {"e.$": "$.Error"}, **END}
    execution = run(definition, [100, -1])
    assert (execution.output, execution.duration) == ({"e": "States.ExceedToleratedFailureThreshold"}, 0)
    assert [type_ for type_, _ in event_links(execution)] == [
        *("ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunFailed", "MapStateFailed"),
        *("MapStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"),
    ]


def test_a_retried_map_runs_again() -> None:
    retry = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "MaxAttempts": 1}]
    execution = run(mapped(NO_NEGATIVES, Retry=retry), [-1])
    assert [type_ for type_, _ in event_links(execution)].count("MapRunStarted") == 2
    assert (ended(execution), execution.duration) == (TOO_MANY, 1)


@pytest.mark.parametrize(("concurrency", "duration"), [(1, 6), (2, 4), (3, 3), (0, 3), (100, 3)])
def test_concurrency_shows_in_virtual_time(concurrency: int, duration: float) -> None:
    execution = run(mapped(WAITING, MaxConcurrency=concurrency), [1, 2, 3])
    assert (execution.output, execution.duration) == ([1, 2, 3], duration)


def test_concurrency_can_be_read_from_the_input_or_be_an_expression() -> None:
    by_path = mapped(WAITING, ItemsPath="$.l", MaxConcurrencyPath="$.c")
    assert run(by_path, {"l": [1, 2, 3], "c": 1}).duration == 6
    assert run(jsonata(Items=[1, 2], MaxConcurrency="{% 1 %}")).output == [1, 2]


def test_the_events_of_a_distributed_map() -> None:
    execution = run(mapped(Label="stocks"), [1, 2], seed=1)
    assert event_links(execution) == [
        ("ExecutionStarted", 0),
        ("MapStateEntered", 0),
        ("MapStateStarted", 2),
        ("MapRunStarted", 3),
        ("MapRunSucceeded", 4),
        ("MapStateSucceeded", 5),
        ("MapStateExited", 5),
        ("ExecutionSucceeded", 7),
    ]
    assert execution.history[2]["mapStateStartedEventDetails"] == {"length": 2}
    arn = execution.history[3]["mapRunStartedEventDetails"]["mapRunArn"]
    assert arn.rpartition(":")[0] == "arn:aws:states:us-east-1:111111111111:mapRun:local/stocks"


def test_the_events_of_a_distributed_map_that_fails() -> None:
    execution = run(mapped(NO_NEGATIVES), [-1])
    assert event_links(execution)[3:] == [
        ("MapRunStarted", 3), ("MapRunFailed", 4), ("MapStateFailed", 5), ("ExecutionFailed", 6)]  # fmt: skip
    assert execution.history[4]["mapRunFailedEventDetails"] == {
        "error": "States.ExceedToleratedFailureThreshold",
        "cause": "The specified tolerated failure threshold was exceeded",
    }


def test_the_children_are_executions_of_their_own() -> None:
    inside = processor(
        (
            "I",
            {
                "Type": "Pass",
                "Parameters": {
                    "x.$": "$$.Execution.Id",
                    "in.$": "$$.Execution.Input",
                    "role.$": "$$.Execution.RoleArn",
                },
                **END,
            },
        )
    )
    express = {**inside, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    standard = run(mapped(inside, Label="L"), [1, 2]).output
    prefix = "arn:aws:states:us-east-1:111111111111"
    assert [child["in"] for child in standard] == [1, 2]
    assert {child["x"].rpartition(":")[0] for child in standard} == {f"{prefix}:execution:local/L"}
    assert {child["role"] for child in standard} == {"arn:aws:iam::111111111111:role/local"}
    assert run(mapped(express, Label="L"), [1]).output[0]["x"].startswith(f"{prefix}:express:local/L:")


def test_a_whole_distributed_map_can_be_mocked() -> None:
    assert ended(run(mapped(), [1], mocks={"M": Return(["mocked"])})) == ("SUCCEEDED", ["mocked"])
    assert ended(run(mapped(), [1], mocks={"M": Throw("E")})) == ("FAILED", "E")
    assert run(mapped(), [1], mocks={"M": Return([], after=5)}).duration == 5


def writer(config: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {} if config is None else {"WriterConfig": config}
    return {**fields, "Resource": "arn:aws:states:::s3:putObject", "Parameters": parameters} if parameters else fields


def run_writing(definition: Definition, value: Any) -> tuple[Run, dict[str, str]]:
    """The ended run, and the files it wrote by name, without the folder of the map run."""
    files: dict[str, str] = {}
    services = {"aws-sdk:s3:putObject": lambda parameters: files.update({parameters["Key"]: parameters["Body"]})}
    execution = run(definition, value, services=services, start_time=NOON)
    return execution, {key.rpartition("/")[2]: body for key, body in files.items()}


def test_results_are_written_with_a_manifest() -> None:
    fields = {"ToleratedFailureCount": 1, "Label": "L"}
    execution, files = run_writing(
        mapped(NO_NEGATIVES, ResultWriter=writer(Bucket="out", Prefix="runs/"), **fields), [1, -1]
    )
    arn = execution.output["MapRunArn"]
    folder = f"runs/{arn.rpartition(':')[2]}"
    assert execution.output == {
        "MapRunArn": arn,
        "ResultWriterDetails": {"Bucket": "out", "Key": f"{folder}/manifest.json"},
    }
    assert json.loads(files["manifest.json"]) == {
        "DestinationBucket": "out",
        "MapRunArn": arn,
        "ResultFiles": {
            "FAILED": [{"Key": f"{folder}/FAILED_0.json", "Size": len(files["FAILED_0.json"])}],
            "PENDING": [],
            "SUCCEEDED": [{"Key": f"{folder}/SUCCEEDED_0.json", "Size": len(files["SUCCEEDED_0.json"])}],
        },
    }
    (good,), (bad,) = json.loads(files["SUCCEEDED_0.json"]), json.loads(files["FAILED_0.json"])
    machine = "arn:aws:states:us-east-1:111111111111:stateMachine:local/L"
    both = {"InputDetails": {"Included": True}, "StateMachineArn": machine}
    times = {"StartDate": "2026-01-31T12:00:00.000Z", "StopDate": "2026-01-31T12:00:00.000Z"}
    name = {"ExecutionArn": good["ExecutionArn"], "Name": good["ExecutionArn"].rpartition(":")[2]}
    output = {"Output": "1", "OutputDetails": {"Included": True}}
    assert good == {**both, **times, **name, **output, "Input": "1", "Status": "SUCCEEDED"}
    name = {"ExecutionArn": bad["ExecutionArn"], "Name": bad["ExecutionArn"].rpartition(":")[2]}
    assert bad == {**both, **times, **name, "Input": "-1", "Status": "FAILED", "Error": "E", "Cause": "c"}


NESTED = [[1, 2], 3]
WRITTEN: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"OutputType": "JSON", "Transformation": "COMPACT"}, {"SUCCEEDED_0.json": "[[1,2],3]"}),
    ({"OutputType": "JSON", "Transformation": "FLATTEN"}, {"SUCCEEDED_0.json": "[1,2,3]"}),
    ({"OutputType": "JSONL", "Transformation": "COMPACT"}, {"SUCCEEDED_0.jsonl": "[1,2]\n3\n"}),
    ({"OutputType": "JSONL", "Transformation": "FLATTEN"}, {"SUCCEEDED_0.jsonl": "1\n2\n3\n"}),
]


@pytest.mark.parametrize(("config", "expected"), WRITTEN)
def test_results_are_written_in_the_configured_form(config: dict[str, Any], expected: dict[str, str]) -> None:
    _, files = run_writing(mapped(ResultWriter=writer(config, Bucket="out")), NESTED)
    assert {name: text for name, text in files.items() if name != "manifest.json"} == expected


@pytest.mark.parametrize(("transformation", "output"), [("COMPACT", NESTED), ("FLATTEN", [1, 2, 3])])
def test_results_are_transformed_without_being_written(transformation: str, output: Any) -> None:
    definition = mapped(ResultWriter=writer({"OutputType": "JSON", "Transformation": transformation}))
    assert run(definition, NESTED).output == output


def test_results_without_a_transformation_describe_every_child() -> None:
    config = {"OutputType": "JSON", "Transformation": "NONE"}
    output = run(mapped(NO_NEGATIVES, ResultWriter=writer(config), ToleratedFailureCount=1), [1, -1]).output
    assert [(child["Input"], child["Status"]) for child in output] == [("1", "SUCCEEDED"), ("-1", "FAILED")]


def test_a_writer_takes_its_arguments_from_jsonata_expressions() -> None:
    arguments = {"Bucket": "{% $states.input.bucket %}", "Prefix": ""}
    definition = jsonata(
        Items=[1],
        ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Arguments": arguments},
        Output="{% $states.result %}",
    )
    execution, files = run_writing(definition, {"bucket": "mine"})
    assert execution.output["ResultWriterDetails"]["Bucket"] == "mine"
    assert not execution.output["ResultWriterDetails"]["Key"].startswith("/")
    assert sorted(files) == ["SUCCEEDED_0.json", "manifest.json"]


def test_a_map_without_items_writes_a_manifest_only() -> None:
    execution, files = run_writing(mapped(ResultWriter=writer(Bucket="out")), [])
    assert list(files) == ["manifest.json"]
    assert json.loads(files["manifest.json"])["ResultFiles"] == {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    assert execution.status == "SUCCEEDED"


def test_results_that_cannot_be_written_fail_the_map() -> None:
    execution = run(mapped(ResultWriter=writer(Bucket="out")), [1], services={})
    assert ended(execution) == ("FAILED", "States.ResultWriterFailed")
    assert [type_ for type_, _ in event_links(execution)][-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_the_exit_of_a_map_in_a_loop_links_to_the_end_of_its_run() -> None:
    definition = mapped(ItemsPath="$.l", ResultPath="$.l", Next="C")
    map_state = {name: value for name, value in definition["States"]["M"].items() if name != "End"}
    counted = {"n.$": "States.MathAdd($.n, -1)", "l.$": "$.l"}
    states = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Pass", "Parameters": counted, "Next": "M"},
        "M": map_state,
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 0, "Next": "E"}], "Default": "B"},
        "E": {"Type": "Succeed"},
    }
    execution = run({"StartAt": "A", "States": states}, {"n": 2, "l": [1, 2]})
    ends = [event["id"] for event in execution.history if event["type"] == "MapRunSucceeded"]
    assert [previous for type_, previous in event_links(execution) if type_ == "MapStateExited"] == ends
