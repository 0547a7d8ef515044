"""table_items.py: items that the template's tables have before a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.application.application import read_application
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import BotoServices
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.local.stand_ins.table_items import put_items
from workflow_dsl.project import Project

NAMES = {"TradeTable": "trades"}


@pytest.fixture
def client() -> Iterator[Any]:
    """A DynamoDB with a table whose key is a string and a number."""
    services = BotoServices()
    keys = {"id": "S", "at": "N"}
    services.client("dynamodb").create_table(
        TableName="trades",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": type_} for name, type_ in keys.items()],
        BillingMode="PAY_PER_REQUEST",
    )
    yield services.client("dynamodb")
    services.close()


def stored(client: Any, item: Any, table: str = "TradeTable") -> Any:
    """An item as the table has it, without its key."""
    put_items(client, {table: [item]}, NAMES, has_others=False)
    key = {name: value if isinstance(value, dict) else {"S" if name == "id" else "N": str(value)}
           for name, value in item.items() if name in ("id", "at")}  # fmt: skip
    found = client.get_item(TableName="trades", Key=key)["Item"]
    return {name: value for name, value in found.items() if name not in key}


KEY = {"id": "1", "at": 7}
ITEMS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"name": "Zoë", "n": 5, "open": True, "none": None}, {"name": {"S": "Zoë"}, "n": {"N": "5"}, "open": {"BOOL": True}, "none": {"NULL": True}}),
    ({"f": 0.1, "d": Decimal("0.30"), "big": 12345678901234567890}, {"f": {"N": "0.1"}, "d": {"N": "0.30"}, "big": {"N": "12345678901234567890"}}),
    ({"l": [1, "a", [2.5]], "m": {"a": {"b": 1}}}, {"l": {"L": [{"N": "1"}, {"S": "a"}, {"L": [{"N": "2.5"}]}]}, "m": {"M": {"a": {"M": {"b": {"N": "1"}}}}}}),
    ({"m": {"S": "an object, as the key is none"}}, {"m": {"M": {"S": {"S": "an object, as the key is none"}}}}),
]  # fmt: skip


@pytest.mark.parametrize("table", ["TradeTable", "trades"])
@pytest.mark.parametrize(("item", "expected"), ITEMS)
def test_plain_json_becomes_attribute_values(client: Any, item: Any, expected: Any, table: str) -> None:
    assert stored(client, {**KEY, **item}, table) == expected


def test_an_item_whose_key_is_an_attribute_value_is_stored_as_it_is(client: Any) -> None:
    values = {"n": {"N": "5"}, "tags": {"SS": ["a"]}}
    assert stored(client, {"id": {"S": "1"}, "at": {"N": "7"}, **values}) == values


@given(st.floats(min_value=1e-100, max_value=1e100).flatmap(lambda number: st.sampled_from([number, -number])))
def test_each_number_is_stored_exactly(number: float) -> None:
    from boto3.dynamodb.types import TypeSerializer

    from workflow_dsl.local.stand_ins.table_items import _with_decimals

    assert float(TypeSerializer().serialize(_with_decimals(number))["N"]) == number


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"TradeTabel": [KEY]}, 'cannot put items into TradeTabel: no such table in the template; did you mean "TradeTable"?'),
    ({"zzz": []}, "cannot put items into zzz: no such table in the template; the template has TradeTable"),
    ({"TradeTable": [KEY, {"at": 7}]}, 'item 1 of TradeTable lacks "id", the key of the table; add it'),
    ({"TradeTable": KEY}, "the items of TradeTable are not a list; write a list of items"),
    ({"TradeTable": ["text"]}, "item 0 of TradeTable is not an object; write an object with the table's key"),
    ({"TradeTable": [{"id": 1, "at": 7}]}, "item 0 of TradeTable is refused: One or more parameter values were invalid"),
    ({"TradeTable": [{**KEY, "n": 10**40 + 1}]}, "item 0 of TradeTable has a number that DynamoDB cannot store: of more than 38 digits"),
    ({"TradeTable": [{**KEY, "n": float("nan")}]}, "item 0 of TradeTable is refused: Infinity and NaN not supported"),
    ({"TradeTable": [{**KEY, "n": object()}]}, "item 0 of TradeTable is refused: Unsupported type"),
    ({"TradeTable": [{"id": {"S": "1"}, "at": {"N": "7"}, "n": {"Q": "1"}}]}, "item 0 of TradeTable is refused: Parameter validation failed"),
    ({"TradeTable": [{"id": {"S": "1"}, "at": 7}]}, "item 0 of TradeTable is refused: Parameter validation failed"),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "message"), REFUSED)
def test_an_unknown_table_and_an_item_that_a_table_refuses_are_reported(client: Any, tables: Any, message: str) -> None:
    with pytest.raises(FindingsError) as error:
        put_items(client, tables, NAMES, has_others=False)
    assert str(error.value).startswith(message)


def test_a_table_outside_the_template_may_exist_at_an_endpoint(client: Any) -> None:
    put_items(client, {"trades": [{**KEY, "at": 8}]}, {}, has_others=True)
    with pytest.raises(FindingsError, match="item 0 of other is refused: Requested resource not found"):
        put_items(client, {"other": [KEY]}, {}, has_others=True)
    with pytest.raises(FindingsError, match="the template has no table"):
        put_items(client, {"other": [KEY]}, {}, has_others=False)


TEMPLATE = """
    Resources:
      TradeTable:
        Type: AWS::DynamoDB::Table
        Properties:
          TableName: trades
          AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
          KeySchema: [{AttributeName: id, KeyType: HASH}]
      Simple: {Type: AWS::Serverless::SimpleTable}
"""
GET = {"TableName": "trades", "Key": {"id": {"S.$": "$.id"}}}
READ = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:getItem",
    "Parameters": GET,
    "OutputPath": "$.Item",
    "End": True,
}


def test_a_run_reads_the_items_that_its_tables_were_given(project: Project) -> None:
    (project.root / "template.yaml").write_text(dedent(TEMPLATE), "utf-8")
    Path("read.json").write_text(json.dumps({"StartAt": "Read", "States": {"Read": READ}}), "utf-8")
    runner = ProjectRunner(read_application(project))
    tables: dict[str, list[Any]] = {"TradeTable": [{"id": "1", "price": 5}, {"id": "2"}], "Simple": [{"id": "3"}]}
    execution = runner.run("read.json", {"id": "1"}, tables=tables)
    assert execution.output == {"id": {"S": "1"}, "price": {"N": "5"}}
    assert {name: len(items) for name, items in execution.tables.items()} == {"trades": 2, "Simple": 1}
    with pytest.raises(FindingsError, match='did you mean "TradeTable"'):
        runner.run("read.json", {"id": "1"}, tables={"TadeTable": [{"id": "1"}]})
