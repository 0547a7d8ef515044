"""The types of the options of a run, checked before it starts: a wrong one would fail deep inside, or mean nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from workflow_dsl.findings import did_you_mean
from workflow_dsl.local.lambda_functions.functions import Function


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_CHECKS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "functions": (_is_mapping, 'a mapping such as {"FunctionName": handler}'),
    "mocks": (_is_mapping, 'a mapping such as {"State": Return(value)}'),
    "services": (
        lambda value: _is_mapping(value) or hasattr(value, "call"),
        'a mapping such as {"sqs:sendMessage": f}',
    ),
    "workflows": (_is_mapping, 'a mapping such as {"name": definition}'),
    "substitutions": (_is_mapping, 'a mapping such as {"Name": "value"}'),
    "context": (_is_mapping, "a mapping of fields of the context object"),
    "objects": (_is_mapping, 'a mapping such as {"s3://Bucket/key": "content"}'),
    "tables": (_is_mapping, 'a mapping such as {"Table": [item]}'),
    "name": (_is_text, "a string"),
    "machine_name": (_is_text, "a string"),
    "seed": (lambda value: isinstance(value, (int, str)), "an integer or a string"),
    "start_time": (lambda value: isinstance(value, datetime), "a datetime"),
    "clock": (callable, "a function without arguments that returns a datetime"),
    "watch": (callable, "a function that takes an ID and an event"),
    "type": (lambda value: value in ("STANDARD", "EXPRESS"), '"STANDARD" or "EXPRESS"'),
}


def check_option_types(**options: Any) -> None:
    """Raise TypeError for an option that a run does not have or one of a wrong type; None is the default of each."""
    for option, value in options.items():
        if option not in _CHECKS:
            hint = did_you_mean(option, _CHECKS) or f"it has {', '.join(sorted(_CHECKS))}"
            raise TypeError(f"a run has no option {option!r}; {hint}")
        is_right, words = _CHECKS[option]
        if value is not None and not is_right(value):
            raise TypeError(f"{option} is {value!r}; pass {words}")
    for name, handler in (options.get("functions") or {}).items():
        if not callable(handler) and not isinstance(handler, Function):
            raise TypeError(f"the handler of {name} is {handler!r}; pass a function that takes an event and a context")
