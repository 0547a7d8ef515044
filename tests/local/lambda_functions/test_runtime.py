"""runtime.py: the payloads that Lambda's Python runtime makes of results and exceptions."""

from __future__ import annotations

import enum
import json
import sys
from collections import OrderedDict, namedtuple
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.local.lambda_functions.runtime import RuntimeFault, error_payload, exit_payload, logged, marshal

Point = namedtuple("Point", "x y")  # what handlers have
Color = enum.IntEnum("Color", "RED BLUE")
Side = enum.StrEnum("Side", "BUY SELL")

RESULTS: list[tuple[Any, Any]] = [
    (None, None),
    ("zoë", "zoë"),
    ({"a": (1, 2.5)}, {"a": [1, 2.5]}),
    (Decimal("12.50"), 12.5),
    ([Decimal(3), Decimal("1E+2")], [3, 100.0]),
    ({"text": b"bytes"}, {"text": "bytes"}),
    (b"bytes", "bytes"),
    (b'{"a": 1}', {"a": 1}),
    (b"\xff", "�"),
    (b'{"a": NaN}', '{"a": NaN}'),
    (Point(1, b"y"), {"x": 1, "y": "y"}),
    ({"color": Color.BLUE, "side": Side.BUY}, {"color": 2, "side": "buy"}),
    (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    ({7: "a", 2.5: "b", None: "c", True: "d", b"e": "e"}, {"7": "a", "2.5": "b", "null": "c", "true": "d", "e": "e"}),
    (10**30, 10**30),
]


@pytest.mark.parametrize(("result", "payload"), RESULTS)
def test_a_result_becomes_a_payload(result: Any, payload: Any) -> None:
    value, text = marshal(result)
    assert (value, type(value)) == (payload, type(payload))
    assert text == (payload if isinstance(result, bytes) and isinstance(payload, str) else text)
    assert isinstance(result, bytes) or json.loads(text) == payload


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_a_value_of_json_is_its_own_payload(value: Any) -> None:
    payload, text = marshal(value)
    assert (payload, json.loads(text)) == (value, value)


def loop() -> list[Any]:
    inner: list[Any] = []
    inner.append(inner)
    return inner


class Odd(dict[str, int]):
    """An object that cannot be read."""

    def items(self) -> Any:
        raise LookupError("odd")


REFUSED: list[tuple[Any, str]] = [
    (Odd(a=1), "odd"),
    ({1, 2}, "Object of type set is not JSON serializable"),
    ({"at": datetime(2026, 1, 31, tzinfo=UTC)}, "Object of type datetime is not JSON serializable"),
    ({"a": [object()]}, "Object of type object is not JSON serializable"),
    ((number for number in (1, 2)), "Object of type generator is not JSON serializable"),
    (float("nan"), "Out of range float values are not JSON compliant: nan"),
    ([float("-inf")], "Out of range float values are not JSON compliant: -inf"),
    (Decimal("NaN"), "Out of range float values are not JSON compliant: nan"),
    ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple"),
    (loop(), "Circular reference detected"),
    ({"a": b"\xff"}, "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
]  # fmt: skip


@pytest.mark.parametrize(("result", "problem"), REFUSED)
def test_a_result_that_is_not_json_cannot_be_marshalled(result: Any, problem: str) -> None:
    with pytest.raises(RuntimeFault) as fault:
        marshal(result)
    assert error_payload(fault.value, "r-1", None) == {
        "errorMessage": f"Unable to marshal response: {problem}",
        "errorType": "Runtime.MarshalError",
        "requestId": "r-1",
        "stackTrace": [],
    }


HANDLER = """
import json

def refuse(text):
    return json.loads(text)

def handler(event, context):
    return refuse("no JSON")
"""


def raised(folder: Path, source: str = HANDLER) -> BaseException:
    """The exception of a handler in a file."""
    file = folder / "app.py"
    file.write_text(source)
    scope: dict[str, Any] = {}
    exec(compile(source, str(file), "exec"), scope)  # noqa: S102  # as a function's module is
    try:
        scope["handler"]({}, None)
    except Exception as problem:
        problem.__traceback__ = problem.__traceback__ and problem.__traceback__.tb_next
        return problem
    raise AssertionError


@pytest.mark.parametrize("is_known", [True, False])
def test_a_stack_trace_says_where_the_code_is_in_lambda(tmp_path: Path, is_known: bool) -> None:
    payload = error_payload(raised(tmp_path), "r-1", tmp_path if is_known else None)
    python = f"/var/lang/lib/python{sys.version_info[0]}.{sys.version_info[1]}"
    own, inner, *library = payload["stackTrace"]
    assert own == '  File "/var/task/app.py", line 8, in handler\n    return refuse("no JSON")\n'
    assert inner == '  File "/var/task/app.py", line 5, in refuse\n    return json.loads(text)\n'
    assert library
    assert all(frame.startswith(f'  File "{python}/json/') for frame in library)
    assert {name: payload[name] for name in ("errorMessage", "errorType", "requestId")} == {
        "errorMessage": "Expecting value: line 1 column 1 (char 0)",
        "errorType": "JSONDecodeError",
        "requestId": "r-1",
    }


def test_code_of_a_package_lies_below_the_folder_of_the_function(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    problem = raised(tmp_path / "pkg", "def handler(event, context):\n    raise ValueError\n")
    (frame,) = error_payload(problem, "r-1", tmp_path)["stackTrace"]
    assert frame == '  File "/var/task/pkg/app.py", line 2, in handler\n    raise ValueError\n'


EXITS = [
    (SystemExit(3), "exited with error: exit status 3"),
    (SystemExit("text"), "exited with error: exit status 1"),
    (SystemExit(0), "exited without providing a reason"),
    (SystemExit(), "exited without providing a reason"),
]


@pytest.mark.parametrize(("problem", "reason"), EXITS)
def test_a_handler_that_exits_ends_the_runtime(problem: SystemExit, reason: str) -> None:
    message = f"RequestId: r-1 Error: Runtime {reason}"
    assert exit_payload(problem, "r-1") == {"errorType": "Runtime.ExitError", "errorMessage": message}


def printed(log: StringIO) -> list[str]:
    """The lines of a log between those of Lambda."""
    return log.getvalue().splitlines()[1:-2]


def test_two_handlers_that_wait_for_each_other_have_a_log_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = StringIO(), StringIO()
    begun, ended = Event(), Event()

    def other() -> None:
        assert begun.wait(10)
        with logged(second, "2", "$LATEST", 128):
            print("second")
        ended.set()

    thread = Thread(target=other)
    thread.start()
    with logged(first, "1", "$LATEST", 128):
        begun.set()
        assert ended.wait(10)
        print("first")
    thread.join()
    assert (printed(first), printed(second)) == (["first"], ["second"])
    assert capsys.readouterr().out == "second\nfirst\n"


def test_the_output_of_a_nested_handler_is_in_its_own_log() -> None:
    outer, inner = StringIO(), StringIO()
    with logged(outer, "1", "$LATEST", 128):
        with logged(inner, "2", "$LATEST", 128):
            print("inner")
        print("outer")
    assert (printed(outer), printed(inner)) == (["outer"], ["inner"])


def test_a_thread_that_a_handler_starts_prints_to_its_log() -> None:
    log = StringIO()
    with logged(log, "1", "$LATEST", 128):
        thread = Thread(target=lambda: print("from a thread", flush=True))
        thread.start()
        thread.join()
    assert printed(log) == ["from a thread"]


def test_standard_output_is_as_before_also_after_an_error() -> None:
    before = sys.stdout
    with pytest.raises(ZeroDivisionError), logged(StringIO(), "1", "$LATEST", 128):
        raise ZeroDivisionError
    assert sys.stdout is before


def test_a_log_that_outlives_the_output_it_copied_can_be_flushed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO()))
    with logged(StringIO(), "1", "$LATEST", 128):
        copying = sys.stdout
    sys.stdout.close()
    copying.flush()  # as Python does at its end
    assert sys.stdout.closed


def test_without_a_log_nothing_is_copied() -> None:
    before = sys.stdout
    with logged(None, "1", "$LATEST", 128):
        assert sys.stdout is before
