"""Subclasses of the SDK's states with every field of ASL, each with its type.

They can be mixed with the SDK's own in one workflow, and have its methods `next`, `add_choice`, `add_branch`,
`add_retry` and `add_catch`. For each field see the States Language (states-language.net/spec.html) and the developer
guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self, Unpack

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
from workflow_dsl.authoring.integrations import MAP_ONLY, ServiceResource, call
from workflow_dsl.authoring.types import Step
from workflow_dsl.authoring.values import Jsonata, timestamp
from workflow_dsl.definition.json import Json

_NOT_SET: Any = object()  # None is JSON's null


class Pass(Checked, sdk.Pass):
    """Pass on the input, `result`, or the value of `parameters`; in JSONata, `output`."""

    _takes = PassFields

    def __init__(self, name: str, **fields: Unpack[PassFields]) -> None:
        super().__init__(name, **self.checked(fields, name))


class Task(Checked, sdk.Task):
    """Call a function, `resource=function("X")`, an activity, or a service, `resource=call("sns:publish", ...)`.

    `Task("Tell", retry=BUSY).call("sns:publish", ...)` is the same as `Task("Tell", resource=call(...), retry=BUSY)`.
    """

    _takes = TaskFields

    def __init__(self, name: str, **fields: Unpack[TaskFields]) -> None:
        options = self.checked(fields, name)
        _refuse_of_map(options.get("resource"), name)
        super().__init__(name, **options)
        self.keep_empty_lists(options)

    def call(self, name: str, values: Mapping[str, Any] | Jsonata | None = None, /, **parameters: Any) -> Self:
        """Call a service, with the arguments of the function call(); return the Task. Raises as that does."""
        if "resource" in self.fields:
            message = f"already calls {self.fields['resource']}"
            raise sdk.mistake(message, "write either resource=... or .call(...)", self.state_id)
        resource = call(name, values, **parameters)
        _refuse_of_map(resource, self.state_id)
        self.fields["resource"] = resource
        return self


def _refuse_of_map(resource: object, state: str) -> None:
    if isinstance(resource, ServiceResource) and resource.name in MAP_ONLY:
        message = f"a Task cannot call {resource.name}, which only a Map can"
        raise sdk.mistake(message, f"write aws-sdk:{resource.name}", state)


class Wait(Checked, sdk.Wait):
    """Wait for `seconds`, or until a `timestamp`; exactly one of the two, as a value or as a path."""

    _takes = WaitFields

    def __init__(self, name: str, **fields: Unpack[WaitFields]) -> None:
        options = self.checked(fields, name)
        alternatives = ("seconds", "seconds_path", "timestamp", "timestamp_path")
        times = [field for field in alternatives if options.get(field) is not None]
        if len(times) != 1:
            message = f"Wait has {' and '.join(times) or 'no time'}"
            raise sdk.mistake(message, 'write either seconds=60 or timestamp="2026-01-31T12:00:00Z"', name)
        if isinstance(moment := options.get("timestamp"), datetime):
            options["timestamp"] = timestamp(moment, "the timestamp is")
        super().__init__(name, **options)


class Succeed(Checked, sdk.Succeed):
    """End the execution, branch or iteration."""

    _takes = InOut

    def __init__(self, name: str, **fields: Unpack[InOut]) -> None:
        super().__init__(name, **self.checked(fields, name))


class Fail(Checked, sdk.Fail):
    """End the execution with an error."""

    _takes = FailFields

    def __init__(self, name: str, **fields: Unpack[FailFields]) -> None:
        super().__init__(name, **self.checked(fields, name))


class Choice(Checked, sdk.Choice):
    """Go to the next state of the first rule that matches, otherwise to the default.

    `output` and `assign` apply to the default; add_choice takes those of a rule.
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
        output: Json = _NOT_SET,
        assign: Mapping[str, Json] | None = None,
    ) -> None:
        """Go to `next_step` if a rule matches: `var("$.price") <= 50`, `jsonata("$states.input.price <= 50")`."""
        if isinstance(rule, Variable):
            raise sdk.mistake(f"{rule!r} is not a condition", f"compare it, or write {rule!r}.is_true()")
        options: dict[str, Any] = {} if comment is None else {"Comment": comment}
        options |= {} if output is _NOT_SET else {"Output": sdk.copy_containers(output)}
        options |= {} if assign is None else {"Assign": sdk.copy_containers(assign)}
        if isinstance(rule, Jsonata):
            super().add_choice(Condition({"Condition": rule, **options}), next_step)
        elif options and isinstance(rule, sdk.BaseRule):
            super().add_choice(Condition({**rule.to_dict(), **options}), next_step)
        else:
            super().add_choice(rule, next_step)


class Parallel(Checked, sdk.Parallel):
    """Run branches in parallel; the result is the list of their outputs. `add_branch` appends to `branches`."""

    _takes = ParallelFields

    def __init__(self, name: str, **fields: Unpack[ParallelFields]) -> None:
        options = self.checked(fields, name)
        branches = options.pop("branches", ())
        if not isinstance(branches, (list, tuple)):
            raise sdk.mistake(
                f"branches is {branches!r}, not a list", "write branches=[...] of states and Chains", name
            )
        super().__init__(name, **options)
        self.keep_empty_lists(options)
        for branch in branches:
            self.add_branch(branch)


class Map(Checked, sdk.Map):
    """Run an item processor for each item of an array; the result is the list of the outputs.

    `item_processor` is a state or Chain for an inline Map, and `ItemProcessor(..., mode="DISTRIBUTED")` for one that
    runs its items as child executions; only a distributed Map takes item_reader, item_batcher, result_writer, label and
    tolerated failures.
    """

    _takes = MapFields

    def __init__(self, name: str, **fields: Unpack[MapFields]) -> None:
        super().__init__(name, **self.checked(fields, name))
        self.keep_empty_lists(fields)
