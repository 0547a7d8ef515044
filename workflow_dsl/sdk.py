"""The one door to `stepfunctions` 2.3.0, the AWS Step Functions Data Science SDK.

The SDK's last release (January 2022) imports sagemaker, pkg_resources, boto3 and yaml for things that are no part of
writing a workflow; sagemaker 3 and setuptools 82 no longer have what it looks for. So it is imported with stand-ins for
all of them, whether they are installed or not: an import of some 60 ms, the same everywhere, that leaves the logging
level, yaml and the warnings as they were. `import workflow_dsl.sdk` makes `import stepfunctions` work after it.

The door also notes what the SDK forgets: where in the author's Python each block and link was made, and which states
were made at all. Nothing of the SDK is edited; three of its methods are wrapped.
"""

from __future__ import annotations

import functools
import itertools
import logging
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from workflow_dsl.findings import Finding, FindingsError, Place, Where, authoring_error

VERSION = "2.3.0"


class _Absent:
    """What the SDK finds under any name of a module that is not loaded for it."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        name = f"{type(self).__module__}.{type(self).__name__}"
        raise NotImplementedError(
            f"{name} is not loaded: workflow_dsl imports stepfunctions without {type(self).__module__.split('.')[0]}. "
            "Write the state as a Task with its resource and parameters"
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


try:
    with _import_surroundings():
        from stepfunctions.inputs import Placeholder
        from stepfunctions.steps import Catch, Chain, Choice, Map, Parallel, Retry
        from stepfunctions.steps.choice_rule import BaseRule
        from stepfunctions.steps.states import Block, State
except ModuleNotFoundError as problem:
    _said = (f"compiling needs {problem.name}", "pip install --no-deps stepfunctions==2.3.0")
    raise FindingsError([Finding("NOT_INSTALLED", "error", Where(), *_said)]) from None

__all__ = [
    "BaseRule",
    "Block",
    "Catch",
    "Chain",
    "Choice",
    "Map",
    "Parallel",
    "Placeholder",
    "Retry",
    "State",
    "author",
    "first",
    "place_of",
    "recording",
]

_NOT_THE_AUTHOR = ("stepfunctions.", "workflow_dsl.sdk", "workflow_dsl.authoring")
_recordings: list[list[State]] = []


def author() -> Place | None:
    """The line of the nearest caller that is neither the SDK nor this package."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None:
        if not frame.f_globals.get("__name__", "").startswith(_NOT_THE_AUTHOR):
            return Place(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return None


def place_of(block: object) -> Place | None:
    """Where the author made this state, retrier, catcher or chain; None for one made before this door was opened."""
    place: Place | None = getattr(block, "__dict__", {}).get("_author")
    return place


@contextmanager
def recording() -> Iterator[list[State]]:
    """Collects every state that is made while it is open, in order."""
    made: list[State] = []
    _recordings.append(made)
    try:
        yield made
    finally:
        _recordings.remove(made)


def _noting_the_author(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        self._author = author()
        original(self, *args, **kwargs)
        if _recordings and isinstance(self, State):
            _recordings[-1].append(self)

    return make


def first(step: Any) -> Any:
    """The state that a state or Chain begins with."""
    passed: set[int] = set()
    while isinstance(step, Chain) and step.steps and id(step) not in passed:
        passed.add(id(step))
        step = step.steps[0]
    return step


def _refusing_bad_links(original: Callable[..., Any], already: str) -> Callable[..., Any]:
    """The SDK takes a link to nothing for an end, and lets a second link overwrite the first."""

    @functools.wraps(original)
    def link(self: Any, next_step: Any) -> Any:
        if not isinstance(next_step, (State, Chain)):
            raise authoring_error(
                author(),
                f"{original.__name__}() is given {next_step!r}, which is no state",
                "give a state or a Chain, or leave the call out to end here",
                self.state_id,
            )
        current = self.__dict__.get(already)
        if current is not None and first(current) is not first(next_step):
            raise authoring_error(
                author(),
                f'goes to "{current.state_id}" already, and here to "{next_step.state_id}" too',
                "a state has one way on: keep one of the two, or decide between them with a Choice",
                self.state_id,
            )
        return original(self, next_step)

    return link


def _make_chain(self: Any, steps: Any = ()) -> None:
    """The SDK's constructor in linear time; its own compares every step with every other."""
    self._author = author()
    if not isinstance(steps, (list, tuple)):
        raise authoring_error(self._author, f"Chain is given {steps!r}", "give it a list of states")
    self.steps = []
    for step in steps:
        self.steps.extend(step.steps if isinstance(step, Chain) else [step])
    seen: set[int] = set()
    for step in self.steps:
        if id(step) in seen:
            raise authoring_error(
                self._author, "stands twice in one Chain", "link a loop with .next() instead", step.state_id
            )
        seen.add(id(step))
    for step, following in itertools.pairwise(self.steps):
        step.next(following)


Block.__init__ = _noting_the_author(Block.__init__)
Chain.__init__ = _make_chain
State.next = _refusing_bad_links(State.next, "next_step")
Choice.default_choice = _refusing_bad_links(Choice.default_choice, "default")
