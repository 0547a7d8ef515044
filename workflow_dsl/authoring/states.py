"""The states of today's ASL, as subclasses of the SDK's: every field by name and with its type.

They stand beside the SDK's own in one workflow; `next`, `add_choice`, `add_branch`, `add_retry` and `add_catch` are the
SDK's. What a field means is in the States Language (states-language.net/spec.html) and the developer guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Unpack

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.blocks import Checked
from workflow_dsl.authoring.conditions import Condition, Variable
from workflow_dsl.authoring.fields import (
    Assigning,
    FailFields,
    InOut,
    MapFields,
    ParallelFields,
    PassFields,
    TaskFields,
    WaitFields,
)
from workflow_dsl.authoring.integrations import OF_A_MAP, ServiceResource
from workflow_dsl.authoring.types import Step
from workflow_dsl.authoring.values import Jsonata, timestamp
from workflow_dsl.definition.json import Json

_NOT_GIVEN: Any = object()  # None is JSON's null


class Pass(Checked, sdk.Pass):
    """Gives its input on, or `result`, or what `parameters` make of it; in JSONata, `output`."""

    _takes = PassFields

    def __init__(self, name: str, **fields: Unpack[PassFields]) -> None:
        super().__init__(name, **self.checked(fields, name))


class Task(Checked, sdk.Task):
    """Calls a function, `resource=function("X")`, an activity, or a service, `resource=call("sns:publish", ...)`."""

    _takes = TaskFields

    def __init__(self, name: str, **fields: Unpack[TaskFields]) -> None:
        given = self.checked(fields, name)
        resource = given["resource"]
        if isinstance(resource, ServiceResource) and resource.name in OF_A_MAP:
            message, remedy = f"Task cannot use {resource.name}, which is a Map's", f"write aws-sdk:{resource.name}"
            raise sdk.mistake(message, remedy, name)
        super().__init__(name, **given)


class Wait(Checked, sdk.Wait):
    """Waits for `seconds`, or until a `timestamp`; exactly one of the two, as a value or as a path."""

    _takes = WaitFields

    def __init__(self, name: str, **fields: Unpack[WaitFields]) -> None:
        given = self.checked(fields, name)
        times = [
            each
            for each in ("seconds", "seconds_path", "timestamp", "timestamp_path")
            if given.get(each, None) is not None
        ]
        if len(times) != 1:
            message = f"Wait is given {' and '.join(times) or 'no time'}"
            raise sdk.mistake(message, 'write one of seconds=60 and timestamp="2026-01-31T12:00:00Z"', name)
        if isinstance(moment := given.get("timestamp"), datetime):
            given["timestamp"] = timestamp(moment, "Wait is given")
        super().__init__(name, **given)


class Succeed(Checked, sdk.Succeed):
    """Ends the machine, the branch or the iteration."""

    _takes = InOut

    def __init__(self, name: str, **fields: Unpack[InOut]) -> None:
        super().__init__(name, **self.checked(fields, name))


class Fail(Checked, sdk.Fail):
    """Ends the machine with an error."""

    _takes = FailFields

    def __init__(self, name: str, **fields: Unpack[FailFields]) -> None:
        super().__init__(name, **self.checked(fields, name))


class Choice(Checked, sdk.Choice):
    """Goes on by the first rule that is met, else to its default.

    `output` and `assign` are those of the default way; a rule has its own, as add_choice takes them.
    """

    _takes = Assigning

    def __init__(self, name: str, **fields: Unpack[Assigning]) -> None:
        super().__init__(name, **self.checked(fields, name))

    def add_choice(
        self,
        rule: sdk.BaseRule | Jsonata,
        next_step: Step,
        *,
        comment: str | None = None,
        output: Json = _NOT_GIVEN,
        assign: Mapping[str, Json] | None = None,
    ) -> None:
        """Goes to `next_step` when a rule is met: `var("$.price") <= 50`, `jsonata("$states.input.price <= 50")`."""
        if isinstance(rule, Variable):
            raise sdk.mistake(f"{rule!r} is no condition by itself", f"compare it: {rule!r} == True")
        given: dict[str, Any] = {} if comment is None else {"Comment": comment}
        given |= {} if output is _NOT_GIVEN else {"Output": sdk.own_copy(output)}
        given |= {} if assign is None else {"Assign": sdk.own_copy(assign)}
        if isinstance(rule, Jsonata):
            super().add_choice(Condition({"Condition": rule, **given}), next_step)
        elif given and isinstance(rule, sdk.BaseRule):
            super().add_choice(Condition({**rule.to_dict(), **given}), next_step)
        else:
            super().add_choice(rule, next_step)


class Parallel(Checked, sdk.Parallel):
    """Runs its branches side by side; its result is the list of theirs. `add_branch` adds to `branches`."""

    _takes = ParallelFields

    def __init__(self, name: str, **fields: Unpack[ParallelFields]) -> None:
        given = self.checked(fields, name)
        branches = given.pop("branches", ())
        if not isinstance(branches, (list, tuple)):
            raise sdk.mistake(f"branches is {branches!r}", "give it a list of states and Chains", name)
        super().__init__(name, **given)
        for branch in branches:
            self.add_branch(branch)


class Map(Checked, sdk.Map):
    """Does the same for each item of a list; its result is the list of the results.

    `item_processor` is a state or Chain for an inline Map, `ItemProcessor(..., mode="DISTRIBUTED")` for one whose items
    are executions of their own; only that one takes item_reader, item_batcher, result_writer, label and tolerated
    failures.
    """

    _takes = MapFields

    def __init__(self, name: str, **fields: Unpack[MapFields]) -> None:
        super().__init__(name, **self.checked(fields, name))
