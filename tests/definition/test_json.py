"""json.py: values as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from workflow_dsl.definition.json import json_reader, json_writer

VALUES: list[Any] = [
    {}, [], None, True, "é\ud800\"\\\n\x7f", 10**400, 0.1, 1e22, -0.0, float("nan"), float("-inf"),
    {"b": [1, {"a": ()}], "a": {"é": None}, 1: 2.0, None: False},
]  # fmt: skip


@pytest.mark.parametrize("ensure_ascii", [True, False])
@pytest.mark.parametrize("value", VALUES)
def test_a_writer_writes_as_json_dumps_without_spaces(value: Any, ensure_ascii: bool) -> None:
    written = json_writer(ensure_ascii=ensure_ascii)(value)
    assert written == json.dumps(value, ensure_ascii=ensure_ascii, separators=(",", ":"))


TEXTS = [
    "{}",
    ' {"a": [1, 2.0e5, null]} ',
    '"\\ud800"',
    "1\n",
    "-0.0",
    "NaN",
    "",
    " ",
    "{} {}",
    "[1,]",
    '{"a" 1}',
    "\ufeff1",
]


def read(decode: Callable[[str], Any], text: str) -> str:
    try:
        return repr(decode(text))
    except json.JSONDecodeError as problem:
        return repr((problem.msg, problem.pos))


@pytest.mark.parametrize("text", TEXTS)
def test_a_reader_reads_as_its_decoder(text: str) -> None:
    decoder = json.JSONDecoder()
    assert read(json_reader(decoder), text) == read(decoder.decode, text)


def test_a_writer_asks_for_what_json_does_not_have() -> None:
    assert json_writer(ensure_ascii=True, default=sorted)([{2, 1}]) == "[[1,2]]"
    with pytest.raises(TypeError):
        json_writer(ensure_ascii=True)({1, 2})
