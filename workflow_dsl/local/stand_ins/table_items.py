"""Items that a table has before a run: plain JSON, or DynamoDB's attribute values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, DecimalException
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean, short_list

Items = Mapping[str, Sequence[Mapping[str, Any]]]


def put_items(client: Any, tables: Items, names: Mapping[str, str], *, has_others: bool) -> None:
    """Put items into tables; `client` is boto3's for DynamoDB, `names` has the name of each table by logical ID.

    An item is plain JSON with exact numbers. If its key is an attribute value such as {"S": "1"}, all of its values
    are: a key is a string, number or bytes, never an object. `has_others`: tables that `names` lacks may exist.
    Raises FindingsError for an unknown table, and for an item that its table refuses.
    """
    for table, items in tables.items():
        name = names.get(table, table)
        if name not in names.values() and not has_others:
            known = list(dict.fromkeys((*names, *names.values())))
            choices = f"the template has {short_list(list(names))}" if names else "the template has no table"
            raise _error(
                f"cannot put items into {table}: no such table in the template", did_you_mean(table, known) or choices
            )
        if isinstance(items, (str, Mapping)) or not isinstance(items, Sequence):
            raise _error(f"the items of {table} are not a list", "write a list of items")
        for index, item in enumerate(items):
            _put(client, name, item, f"item {index} of {table}")


def _put(client: Any, table: str, item: Mapping[str, Any], place: str) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    if not isinstance(item, Mapping):
        raise _error(f"{place} is not an object", "write an object with the table's key")
    try:
        keys = [key["AttributeName"] for key in client.describe_table(TableName=table)["Table"]["KeySchema"]]
        missing = [key for key in keys if key not in item]
        if missing:
            raise _error(f"{place} lacks {short_list(missing, quoted=True)}, the key of the table", "add it")
        is_typed = isinstance(item[keys[0]], Mapping)
        client.put_item(TableName=table, Item=dict(item) if is_typed else _attribute_values(item))
    except DecimalException:
        message = f"{place} has a number that DynamoDB cannot store: of more than 38 digits, or too large or small"
        raise _error(message, "write it as a string") from None
    except ClientError as problem:
        raise _error(f"{place} is refused: {problem.response['Error']['Message']}", "correct it") from None
    except (BotoCoreError, TypeError, ValueError) as problem:
        raise _error(f"{place} is refused: {' '.join(str(problem).split())}", "correct it") from None


def _attribute_values(item: Mapping[str, Any]) -> dict[str, Json]:
    from boto3.dynamodb.types import TypeSerializer

    serializer = TypeSerializer()
    return {name: serializer.serialize(_with_decimals(value)) for name, value in item.items()}


def _with_decimals(value: Any) -> Any:
    """A value with Decimals, which boto3 takes, in place of floats: 0.1 is exactly 0.1."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {name: _with_decimals(member) for name, member in value.items()}
    return [_with_decimals(item) for item in value] if isinstance(value, (list, tuple)) else value


def _error(message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("NO_TABLE", "error", Where(), message, remedy)])
