"""template.yaml: what the state machine stands on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as the long form's value."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: {suffix: loader.construct_scalar(node)})


@pytest.fixture
def template(root: Path) -> Any:
    return yaml.load((root / "template.yaml").read_text("utf-8"), Loader)  # noqa: S506  # a safe loader


def test_the_state_machine_is_deployed_from_the_generated_file_with_a_value_for_each_placeholder(
    root: Path, template: Any
) -> None:
    properties = template["Resources"]["StockTradingStateMachine"]["Properties"]
    definition = (root / properties["DefinitionUri"]).read_text("utf-8")
    assert properties["DefinitionUri"] == "generated/stock_trader.asl.json"
    assert properties["DefinitionSubstitutions"] == {
        "StockCheckerFunctionArn": {"GetAtt": "StockCheckerFunction.Arn"},
        "StockSellerFunctionArn": {"GetAtt": "StockSellerFunction.Arn"},
        "StockBuyerFunctionArn": {"GetAtt": "StockBuyerFunction.Arn"},
        "DDBPutItem": {"Sub": "arn:${AWS::Partition}:states:::dynamodb:putItem"},
        "DDBTable": {"Ref": "TransactionTable"},
    }
    assert set(re.findall(r"\$\{(\w+)\}", definition)) == set(properties["DefinitionSubstitutions"])


def test_every_function_has_its_handler_and_its_requirements(root: Path, template: Any) -> None:
    handler = template["Globals"]["Function"]["Handler"]
    folders = [
        resource["Properties"]["CodeUri"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    assert sorted(folders) == ["functions/stock_buyer/", "functions/stock_checker/", "functions/stock_seller/"]
    for folder in folders:
        module, _, name = handler.partition(".")
        assert f"\ndef {name}(" in (root / folder / f"{module}.py").read_text("utf-8")
        assert (root / folder / "requirements.txt").is_file()


def test_the_schedule_is_hourly_and_off_until_a_parameter_turns_it_on(template: Any) -> None:
    events = template["Resources"]["StockTradingStateMachine"]["Properties"]["Events"]
    schedule = events["HourlyTradingSchedule"]["Properties"]
    assert (schedule["Schedule"], schedule["State"]) == ("rate(1 hour)", {"Ref": "ScheduleState"})
    assert template["Parameters"]["ScheduleState"]["Default"] == "DISABLED"


def test_every_parameter_has_a_default(template: Any) -> None:
    assert [name for name, parameter in template["Parameters"].items() if "Default" not in parameter] == []
