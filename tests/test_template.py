"""template.yaml of this repository: state machines, functions, schedules, releases and alarms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml


class Loader(yaml.SafeLoader):
    """Read a short tag such as !Ref as an object with its name."""


def construct_tag(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    assert isinstance(node, yaml.SequenceNode)
    return {suffix: loader.construct_sequence(node, deep=True)}


Loader.add_multi_constructor("!", construct_tag)


@pytest.fixture
def template(root: Path) -> Any:
    return yaml.load((root / "template.yaml").read_text("utf-8"), Loader)  # noqa: S506  # a safe loader


SUBSTITUTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "StockTradingStateMachine": (
        "generated/stock_trader.asl.json",
        {
            "StockCheckerFunctionArn": {"GetAtt": "StockCheckerFunction.Arn"},
            "StockSellerFunctionArn": {"GetAtt": "StockSellerFunction.Arn"},
            "StockBuyerFunctionArn": {"GetAtt": "StockBuyerFunction.Arn"},
            "DDBPutItem": {"Sub": "arn:${AWS::Partition}:states:::dynamodb:putItem"},
            "DDBTable": {"Ref": "TransactionTable"},
        },
    ),
    "PortfolioRebalanceStateMachine": (
        "generated/portfolio_rebalance.asl.json",
        {
            "PortfolioReaderFunctionArn": {"GetAtt": "PortfolioReaderFunction.Arn"},
            "StockCheckerFunctionArn": {"GetAtt": "StockCheckerFunction.Arn"},
            "StockTradingStateMachineArn": {"Ref": "StockTradingStateMachine"},
            "TradeReverserFunctionArn": {"GetAtt": "TradeReverserFunction.Arn"},
            "PortfolioTopicArn": {"Ref": "PortfolioTopic"},
        },
    ),
    "MarketImportStateMachine": (
        "generated/market_import.asl.json",
        {
            "MarketBucketName": {"Ref": "MarketBucket"},
            "PriceImporterFunctionArn": {"GetAtt": "PriceImporterFunction.Arn"},
            "PriceTableName": {"Ref": "PriceTable"},
        },
    ),
}


@pytest.mark.parametrize("name", SUBSTITUTIONS)
def test_each_state_machine_deploys_its_generated_file_with_a_value_for_each_placeholder(
    name: str, root: Path, template: Any
) -> None:
    properties = template["Resources"][name]["Properties"]
    definition = (root / properties["DefinitionUri"]).read_text("utf-8")
    assert (properties["DefinitionUri"], properties["DefinitionSubstitutions"]) == SUBSTITUTIONS[name]
    assert set(re.findall(r"\$\{(\w+)\}", definition)) == set(properties["DefinitionSubstitutions"])


def test_every_function_has_a_handler_and_requirements(root: Path, template: Any) -> None:
    handler = template["Globals"]["Function"]["Handler"]
    folders = [
        resource["Properties"]["CodeUri"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    assert sorted(folders) == sorted(
        f"{file.parent.relative_to(root).as_posix()}/" for file in root.glob("functions/*/app.py")
    )
    for folder in folders:
        module, _, name = handler.partition(".")
        assert f"\ndef {name}(" in (root / folder / f"{module}.py").read_text("utf-8")
        assert (root / folder / "requirements.txt").is_file()


SCHEDULES = [
    ("StockTradingStateMachine", "HourlyTradingSchedule", "rate(1 hour)"),
    ("PortfolioRebalanceStateMachine", "WeeklyRebalanceSchedule", "rate(7 days)"),
]


@pytest.mark.parametrize(("machine", "event", "rate"), SCHEDULES)
def test_a_schedule_is_disabled_by_default(machine: str, event: str, rate: str, template: Any) -> None:
    schedule = template["Resources"][machine]["Properties"]["Events"][event]["Properties"]
    assert (schedule["Schedule"], schedule["State"]) == (rate, {"Ref": "ScheduleState"})
    assert template["Parameters"]["ScheduleState"]["Default"] == "DISABLED"


RELEASED = ["StockTrading", "PortfolioRebalance", "MarketImport"]


@pytest.mark.parametrize("name", RELEASED)
def test_a_release_shifts_traffic_gradually_and_an_alarm_rolls_it_back(name: str, template: Any) -> None:
    properties = template["Resources"][f"{name}StateMachine"]["Properties"]
    assert (properties["AutoPublishAlias"], properties["UseAliasAsEventTarget"]) == ("live", True)
    no_value = {"Ref": "AWS::NoValue"}
    assert properties["DeploymentPreference"] == {
        "Type": {"If": ["HasSafeReleases", "LINEAR", "ALL_AT_ONCE"]},
        "Percentage": {"If": ["HasSafeReleases", 20, no_value]},
        "Interval": {"If": ["HasSafeReleases", {"Ref": "ReleaseStepInMinutes"}, no_value]},
        "Alarms": {"If": ["HasSafeReleases", [{"Ref": f"{name}Alarm"}], no_value]},
    }
    metrics = template["Resources"][f"{name}Alarm"]["Properties"]["Metrics"]
    watched = [metric["MetricStat"]["Metric"] for metric in metrics if "MetricStat" in metric]
    assert [metric["MetricName"] for metric in watched] == [
        "ExecutionsFailed",
        "ExecutionsTimedOut",
        "ExecutionThrottled",
    ]
    assert all(metric["Dimensions"][0]["Value"] == {"Ref": f"{name}StateMachine"} for metric in watched)


def test_one_parameter_disables_safe_releases_alarms_and_dashboard(template: Any) -> None:
    conditioned = {
        name for name, resource in template["Resources"].items() if resource.get("Condition") == "HasSafeReleases"
    }
    assert conditioned == {"Dashboard", "UndeliveredEventsAlarm", *(f"{name}Alarm" for name in RELEASED)}
    assert template["Conditions"] == {"HasSafeReleases": {"Equals": [{"Ref": "SafeReleases"}, "ENABLED"]}}


def test_an_undelivered_event_is_retried_and_then_stored_in_a_queue(template: Any) -> None:
    for name in RELEASED:
        for event in template["Resources"][f"{name}StateMachine"]["Properties"]["Events"].values():
            assert event["Properties"]["DeadLetterConfig"] == {"Arn": {"GetAtt": "UndeliveredEvents.Arn"}}
            assert event["Properties"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 5}


def test_every_parameter_has_a_default(template: Any) -> None:
    assert [name for name, parameter in template["Parameters"].items() if "Default" not in parameter] == []
