"""The import of the SDK, and its classes as types.

The SDK's last release (January 2022) imports sagemaker, pkg_resources, boto3 and yaml for things that are no part of
writing a workflow; sagemaker 3 and setuptools 82 no longer have what it looks for. So it is imported with stand-ins for
all of them, whether they are installed or not: an import of some 60 ms, the same everywhere, that leaves the logging
level, yaml and the warnings as they were.
"""

from __future__ import annotations

import logging
import sys
import types
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from workflow_dsl.findings import Finding, FindingsError, Where

VERSION = "2.3.0"


class _Absent:
    """What the SDK finds under any name of a module that is not loaded for it."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        library = type(self).__module__.split(".")[0]
        instead = {
            "boto3": "Return a Workflow of workflow_dsl: `generate` compiles it, and SAM deploys it",
            "IPython": "`workflow-dsl diagram` draws it",
        }.get(library, "Write the state as a Task with its resource and parameters")
        raise NotImplementedError(
            f"{type(self).__module__}.{type(self).__name__} is not loaded: workflow_dsl imports stepfunctions without "
            f"{library}. {instead}"
        )


class _StandIn(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (_Absent,), {"__module__": self.__name__})


class _HomeSession:
    """A boto3 session that is always in the partition `aws`: what is generated must not follow the author's region."""

    region_name = "us-east-1"

    def get_available_partitions(self) -> list[str]:
        return ["aws"]

    def get_available_regions(self, service: str, partition: str) -> list[str]:
        return [self.region_name]


def _stand_ins() -> dict[str, types.ModuleType]:
    names = (
        *("sagemaker", "sagemaker.model", "sagemaker.model_monitor", "sagemaker.pipeline"),
        *("sagemaker.sklearn.estimator", "sagemaker.utils", "sagemaker.workflow.airflow"),
        *("pkg_resources", "boto3", "yaml", "IPython.core.display"),
    )
    modules: dict[str, Any] = {name: _StandIn(name) for name in names}
    modules["pkg_resources"].require = lambda name: [types.SimpleNamespace(version=VERSION)]
    modules["boto3"].session = types.SimpleNamespace(Session=_HomeSession)
    modules["yaml"].SafeDumper = type("SafeDumper", (), {"represent_str": None})
    modules["yaml"].add_representer = lambda *args, **kwargs: None
    return modules


@contextmanager
def _import_surroundings() -> Iterator[None]:
    """Stand-ins during the import; afterwards the modules, the root logger and the warnings as they were."""
    stand_ins, root = _stand_ins(), logging.getLogger()
    level, real = root.level, {name: sys.modules[name] for name in stand_ins if name in sys.modules}
    sys.modules.update(stand_ins)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SyntaxWarning: the SDK compares strings by `is`
            yield
    finally:
        root.setLevel(level)
        for name in stand_ins:
            del sys.modules[name]
        sys.modules.update(real)


__all__ = [
    "VERSION",
    "BaseRule",
    "Block",
    "Catch",
    "Chain",
    "Choice",
    "Fail",
    "Field",
    "Map",
    "Parallel",
    "Pass",
    "Placeholder",
    "Retry",
    "State",
    "StepInput",
    "Succeed",
    "Task",
    "Wait",
]

# What of the SDK's classes is used here and by authors, for mypy and editors; it has no types of its own.
if TYPE_CHECKING:
    Following = TypeVar("Following", bound="State | Chain")

    class Placeholder:
        """A value of the execution's input, or of what a state gives."""

        def to_jsonpath(self) -> str: ...

    class StepInput(Placeholder):
        """A value of what a state puts out."""

        parent: StepInput | None

    class BaseRule:
        """A Choice rule."""

        def to_dict(self) -> dict[str, Any]: ...

    class Field(Enum):
        """The names of the SDK's fields."""

        Retry = "retry"

    class Block:
        """What has fields: a state, a retrier, a catcher."""

        fields: dict[str, Any]

        def __init__(self, **fields: Any) -> None: ...
        def is_field_allowed(self, field_name: str) -> bool: ...

    class Retry(Block): ...

    class Catch(Block):
        next_step: State | Chain

        def __init__(self, next_step: State | Chain, **fields: Any) -> None: ...

    class State(Block):
        state_id: str
        state_type: str
        step_output: StepInput
        retries: list[Retry]
        catches: list[Catch]
        next_step: State | Chain | None

        def __init__(self, state_id: str, state_type: str, **fields: Any) -> None: ...
        def next(self, next_step: Following) -> Following:
            """Goes on to a state or a Chain, and gives it back."""

        def add_retry(self, retry: Retry | list[Retry]) -> None:
            """Adds to the end of the retriers."""

        def add_catch(self, catch: Catch | list[Catch]) -> None:
            """Adds to the end of the catchers."""

    class _OfItsType(State):
        def __init__(self, state_id: str, **fields: Any) -> None: ...

    class Pass(_OfItsType): ...

    class Task(_OfItsType): ...

    class Wait(_OfItsType): ...

    class Succeed(_OfItsType): ...

    class Fail(_OfItsType): ...

    class Choice(_OfItsType):
        choices: list[list[Any]]
        default: State | Chain | None

        def add_choice(self, rule: BaseRule, next_step: State | Chain) -> None: ...
        def default_choice(self, next_step: State | Chain) -> None:
            """Where it goes when no rule is met."""

    class Parallel(_OfItsType):
        branches: list[Any]

        def add_branch(self, branch: State | Chain) -> None: ...

    class Map(_OfItsType):
        iterator: State | Chain | None

        def attach_iterator(self, iterator: State | Chain) -> None: ...

    class Chain:
        """States one after another, each linked to the next."""

        steps: list[Any]

        def __init__(self, steps: Sequence[State | Chain] = ()) -> None: ...
        def append(self, step: State | Chain) -> None:
            """Adds a state to the end."""

        @property
        def state_id(self) -> str: ...

else:
    try:
        with _import_surroundings():
            from stepfunctions.inputs import Placeholder, StepInput
            from stepfunctions.steps import (
                Catch,
                Chain,
                Choice,
                Fail,
                Map,
                Parallel,
                Pass,
                Retry,
                Succeed,
                Task,
                Wait,
            )
            from stepfunctions.steps.choice_rule import BaseRule
            from stepfunctions.steps.fields import Field
            from stepfunctions.steps.states import Block, State
    except ModuleNotFoundError as problem:
        _said = (f"compiling needs {problem.name}", "pip install --no-deps stepfunctions==2.3.0")
        raise FindingsError([Finding("NOT_INSTALLED", "error", Where(), *_said)]) from None
