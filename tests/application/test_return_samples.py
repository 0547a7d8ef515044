"""Examples of the results that handlers declare: they conform to the annotation."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.application.return_samples import declared_sample
from workflow_dsl.application.return_types import declared_result
from workflow_dsl.definition.json import Json

MODULE = """\
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NotRequired, TypedDict


class Kind(StrEnum):
    BUY = "buy"
    SELL = "sell"


@dataclass
class Part:
    size: float
    is_new: bool


class Trade(TypedDict):
    symbol: str
    kind: Kind
    parts: list[Part]
    note: NotRequired[str]


Mode = Literal["fast", "slow"]


def handler(event, context) -> RESULT:
    return event
"""
SAMPLES: list[tuple[str, Json]] = [
    ("int", 1),
    ("str | None", "value"),
    ("'list[str]'", ["value"]),
    ("Mode", "fast"),
    ("Kind", "buy"),
    ("Trade", {"symbol": "symbol", "kind": "buy", "parts": [{"size": 1.5, "is_new": True}]}),
    ("dict[str, int]", {}),
    ("SomethingElse", {}),
    ("None", None),
]


@pytest.mark.parametrize(("annotation", "sample"), SAMPLES)
def test_an_example_has_the_required_fields_of_the_annotation(tmp_path: Path, annotation: str, sample: Json) -> None:
    file = tmp_path / "app.py"
    file.write_text(MODULE.replace("RESULT", annotation), "utf-8")
    declared = declared_result(file, "handler")
    assert declared is not None
    assert (declared_sample(declared), declared.problems(sample)) == (sample, [])
