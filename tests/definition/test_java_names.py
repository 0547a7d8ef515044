"""java_names.py: the names of members, services, errors and the order of fields in the Java SDKs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.definition.java_names import exception_class, hash_order, member_name, pascal_case, service_class

MEMBERS = [
    (("Anything", "MD5OfBody"), "MD5OfBody", "Md5OfBody"),
    (("Anything", "taskArn"), "TaskArn", "TaskArn"),
    (("Anything", "DBName"), "DBName", "DbName"),
    (("Anything", "equals"), "Equals", "EqualsValue"),
    (("AttributeValue", "S"), "S", "S"),
    (("AttributeValue", "SS"), "SS", "Ss"),
    (("AttributeValue", "BOOL"), "BOOL", "Bool"),
    (("AttributeValue", "NULL"), "NULL", "Nul"),
    (("Other", "NULL"), "NULL", "NullValue"),
]


@pytest.mark.parametrize(("member", "optimized", "sdk"), MEMBERS)
def test_a_member_has_its_name_in_each_kind_of_integration(member: tuple[str, str], optimized: str, sdk: str) -> None:
    assert member_name(*member, is_sdk=False) == optimized
    assert member_name(*member, is_sdk=True) == sdk


SERVICES = [
    ("DynamoDB", "DynamoDb"),
    ("SFN", "Sfn"),
    ("S3", "S3"),
    ("CloudWatch Logs", "CloudWatchLogs"),
    ("ElastiCache", "ElastiCache"),
    ("Database Migration Service", "DatabaseMigration"),
    ("Elastic Load Balancing v2", "ElasticLoadBalancingV2"),
    ("Lex Models V2", "LexModelsV2"),
    ("API Gateway", "ApiGateway"),
]


@pytest.mark.parametrize(("service_id", "name"), SERVICES)
def test_a_service_has_its_name_in_the_sdk(service_id: str, name: str) -> None:
    assert service_class(service_id) == name


EXCEPTIONS = [
    ("ConditionalCheckFailedException", "ConditionalCheckFailedException", "ConditionalCheckFailedException"),
    ("QueueDoesNotExist", "QueueDoesNotExistException", "QueueDoesNotExistException"),
    ("DBInstanceNotFoundFault", "DBInstanceNotFoundException", "DbInstanceNotFoundException"),
    ("KMSThrottlingException", "KMSThrottlingException", "KmsThrottlingException"),
]


@pytest.mark.parametrize(("shape", "optimized", "sdk"), EXCEPTIONS)
def test_an_error_is_an_exception(shape: str, optimized: str, sdk: str) -> None:
    assert (exception_class(shape, is_sdk=False), exception_class(shape, is_sdk=True)) == (optimized, sdk)


def test_a_name_without_words_stays_empty() -> None:
    assert pascal_case(" ") == ""


# The order of java.util.HashMap: by String.hashCode(), and as added where two names share a place.
ORDERS: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    ((), ()),
    (("b", "a", "c"), ("a", "b", "c")),
    (("Aa", "BB"), ("Aa", "BB")),
    (("BB", "Aa"), ("BB", "Aa")),
    (("price", "symbol", "quantity"), ("symbol", "quantity", "price")),
]


@pytest.mark.parametrize(("names", "ordered"), ORDERS)
def test_names_are_in_the_order_of_a_java_map(names: tuple[str, ...], ordered: tuple[str, ...]) -> None:
    assert hash_order(names) == ordered


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(), unique=True))
def test_every_name_has_its_place_whatever_the_order_it_came_in(names: list[str]) -> None:
    ordered = hash_order(tuple(names))
    assert sorted(ordered) == sorted(names)
    assert hash_order(ordered) == ordered


def test_a_java_map_that_is_three_quarters_full_has_twice_the_places() -> None:
    twelve = tuple(chr(ord("a") + index) for index in range(12))
    # "p" and "a" share the place 0 and 1 of 16 places; of 32 places "p" (112) has 16 and "a" (97) has 1.
    assert hash_order(("p", "a"))[0] == "p"
    assert hash_order((*twelve, "p"))[0] == "a"
