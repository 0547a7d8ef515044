"""run(): the input of an execution."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import run

SAME = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def test_an_execution_without_an_input_has_an_empty_object() -> None:
    assert run(SAME).output == {}


@pytest.mark.parametrize("value", [None, {}, [], "", 0, False, {"a": None}])
def test_an_execution_has_the_input_that_it_is_given(value: Any) -> None:
    assert run(SAME, value).output == value


LIMIT = 256 * 1024


def test_an_input_of_256_kib_is_accepted() -> None:
    assert len(run(SAME, "ä" * ((LIMIT - 2) // 2)).output) == (LIMIT - 2) // 2


def test_a_larger_input_is_refused() -> None:
    with pytest.raises(FindingsError) as refused:
        run(SAME, {"text": "ä" * (LIMIT // 2)})
    (finding,) = refused.value.findings
    assert (finding.code, finding.message, finding.remedy) == (
        "INVALID_INPUT",
        "the input has 262,155 bytes, and an execution takes at most 262,144",
        "put the data into S3, and pass its bucket and key",
    )
