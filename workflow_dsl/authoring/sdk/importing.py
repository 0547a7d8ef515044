"""The import of the SDK, and its classes as types.

The SDK's last release (January 2022) imports sagemaker, pkg_resources, boto3 and yaml, none of which is needed to write
a workflow; sagemaker 3 and setuptools 82 lack names that it imports. So it is imported with stand-ins for all of them,
installed or not. The import takes about 60 ms and leaves the logging level, yaml and the warnings unchanged.
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.light_imports import light_imports
from workflow_dsl.sdk_files import VERSION, serve_imports

with light_imports():
    import logging


class _Unavailable:
    """Any class of a module that is not imported for the SDK."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        library = type(self).__module__.split(".")[0]
        alternative = {
            "boto3": "Return a Workflow of workflow_dsl: `generate` compiles it, and SAM deploys it",
            "IPython": "`workflow-dsl diagram` draws it",
        }.get(library, "Write the state as a Task with its resource and parameters")
        raise NotImplementedError(
            f"{type(self).__module__}.{type(self).__name__} is not available: workflow_dsl imports stepfunctions "
            f"without {library}. {alternative}"
        )


class _StandIn(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (_Unavailable,), {"__module__": self.__name__})


class _FixedRegionSession:
    """A boto3 session that is always in the partition `aws`: generated ARNs must not depend on the author's region."""

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
    modules["boto3"].session = types.SimpleNamespace(Session=_FixedRegionSession)
    modules["yaml"].SafeDumper = type("SafeDumper", (), {"represent_str": None})
    modules["yaml"].add_representer = lambda *args, **kwargs: None
    return modules


@contextmanager
def _import_surroundings() -> Iterator[None]:
    """Install the stand-ins during the import; restore modules, root logger and warnings afterwards."""
    stand_ins, root = _stand_ins(), logging.getLogger()
    level, originals = root.level, {name: sys.modules[name] for name in stand_ins if name in sys.modules}
    sys.modules.update(stand_ins)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SyntaxWarning: the SDK compares strings by `is`
            yield
    finally:
        root.setLevel(level)
        for name in stand_ins:
            del sys.modules[name]
        sys.modules.update(originals)


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

# Types for mypy and editors of the SDK's classes that this package and authors use; the SDK itself has none.
if TYPE_CHECKING:
    NextStep = TypeVar("NextStep", bound="State | Chain")

    class Placeholder:
        """A value from the execution's input or from a state's output."""

        def to_jsonpath(self) -> str: ...

    class StepInput(Placeholder):
        """A value from a state's output."""

        parent: StepInput | None

    class BaseRule:
        """A Choice rule."""

        def to_dict(self) -> dict[str, Any]: ...

    class Field(Enum):
        """The SDK's field names."""

        Retry = "retry"

    class Block:
        """A state, retrier or catcher."""

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
        choices: list[tuple[BaseRule, State | Chain]] | None
        default: State | Chain | None
        branches: list[object]
        iterator: State | Chain | None

        def __init__(self, state_id: str, state_type: str, **fields: Any) -> None: ...
        def next(self, next_step: NextStep) -> NextStep:
            """Set the transition to a state or Chain, and return that state or Chain."""

        def add_retry(self, retry: Retry | list[Retry]) -> None:
            """Append retriers."""

        def add_catch(self, catch: Catch | list[Catch]) -> None:
            """Append catchers."""

    class _TypedState(State):
        def __init__(self, state_id: str, **fields: Any) -> None: ...

    class Pass(_TypedState): ...

    class Task(_TypedState): ...

    class Wait(_TypedState): ...

    class Succeed(_TypedState): ...

    class Fail(_TypedState): ...

    class Choice(_TypedState):
        def add_choice(self, rule: BaseRule, next_step: State | Chain) -> None: ...
        def default_choice(self, next_step: State | Chain) -> None:
            """Set the transition for when no rule matches."""

    class Parallel(_TypedState):
        def add_branch(self, branch: State | Chain) -> None: ...

    class Map(_TypedState):
        def attach_iterator(self, iterator: State | Chain) -> None: ...

    class Chain:
        """A sequence of states, each linked to the next."""

        steps: list[State | Chain]

        def __init__(self, steps: Sequence[State | Chain] = ()) -> None: ...
        def append(self, step: State | Chain) -> None:
            """Append a state or Chain."""

        @property
        def state_id(self) -> str: ...

else:
    try:
        serve_imports()
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
        _texts = (f"compiling needs {problem.name}", "run `workflow-dsl install-sdk`, once for all projects")
        raise FindingsError([Finding("NOT_INSTALLED", "error", Where(), *_texts)]) from None
