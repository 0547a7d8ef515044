"""inline.py: placeholders without quotes in a definition of JSON, and the values that can stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

DEFINITION = """\
N:
  Type: AWS::Serverless::StateMachine
  Properties:
    DefinitionString: |
      {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"limit": LIMIT}, "End": true}}}
    DefinitionSubstitutions: {Limit: VALUE}
"""


def remedies(tmp_path: Path, value: str, limit: str = "${Limit}") -> list[str]:
    more = DEFINITION.replace("LIMIT", limit).replace("VALUE", value)
    return [remedy for _, _, remedy in reports(application_of(tmp_path, more=more), "INVALID_JSON_DESCRIPTION")]


@pytest.mark.parametrize("value", ["ten", "'10 s'", "!GetAtt Checker.Arn", "!Sub 'x-${AWS::Region}'", "''"])
def test_a_string_that_is_not_json_is_reported(tmp_path: Path, value: str) -> None:
    assert remedies(tmp_path, value) == ['write "${Limit}"']


@pytest.mark.parametrize(
    "value", ["10", "'10'", "true", "'null'", """'{"a": 1}'""", """'"ten"'""", "!ImportValue Limit"]
)
def test_a_value_that_is_or_may_be_json_is_not_reported(tmp_path: Path, value: str) -> None:
    assert remedies(tmp_path, value) == []


@pytest.mark.parametrize("limit", ['"${Limit}"', '"at most ${Limit}"'])
def test_a_placeholder_in_quotes_takes_any_string(tmp_path: Path, limit: str) -> None:
    assert remedies(tmp_path, "ten", limit) == []
