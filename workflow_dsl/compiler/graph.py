"""The graph of an author's states -> the states of a Machine.

Work lists walk the graph, so that a chain can have any length; the SDK's own Graph recurses. Each state is read once.
Mistakes that the SDK ignores (two states of one name, a state in two scopes or machines, an unreached state) are errors
at the author's line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from workflow_dsl.authoring import Task, Workflow, sdk
from workflow_dsl.authoring.blocks import EXAMPLES, Checked, ItemReader, Part
from workflow_dsl.authoring.integrations import ServiceResource
from workflow_dsl.authoring.references import Reference
from workflow_dsl.compiler.links import NESTED_FIELDS, asl_name, head, nested, targets, unreached
from workflow_dsl.compiler.outputs import misplaced_outputs
from workflow_dsl.compiler.values import ValueCompiler, ordered
from workflow_dsl.definition.json import DEEPEST, Json, is_json_text
from workflow_dsl.definition.machine import Machine, ReferenceTarget
from workflow_dsl.findings import FindingsError, Keys, Place, authoring_error
from workflow_dsl.records import Record, replace

_NULL_IN_SDK = ("input_path", "output_path", "result_path")  # None in any other field means that it is not set
_NULL_IN_OURS = (*_NULL_IN_SDK, "result", "output")


class _Scope(Record):
    """A machine to be filled in: its start, its document, its keys from the top, and the author's line."""

    start: object
    document: dict[str, Json]
    keys: Keys
    place: Place | None

    def __str__(self) -> str:
        return f'{self.part} of "{self.owner}"' if self.keys else "the top level of the workflow"

    @property
    def owner(self) -> str:
        """The state that contains the machine; "" for the top level."""
        names = [str(name) for key, name in zip(self.keys, self.keys[1:], strict=False) if key == "States"]
        return names[-1] if names else ""

    @property
    def part(self) -> str:
        """The machine inside its state: `branch 2`."""
        last = self.keys[-1] if self.keys else ""
        return f"branch {last + 1}" if isinstance(last, int) else "the item processor"


def compile_workflow(workflow: Workflow, created: Iterable[sdk.State] = ()) -> Machine:
    """Return the machine of a Workflow, with the author's places.

    `created` are the states that the author created for it; one that the workflow does not reach is an error. Raises
    FindingsError.
    """
    compilation = _Compilation(workflow)
    fields = {
        "Comment": workflow.comment,
        "QueryLanguage": workflow.query_language,
        "Version": workflow.version,
        "TimeoutSeconds": workflow.timeout_seconds,
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    document = compilation.values(workflow.start, None, compilation.language).fields(fields)
    compilation.fill(_Scope(workflow.start, document, (), workflow.place))
    problems = [*compilation.problems(created)]
    if problems:
        raise FindingsError(finding for problem in problems for finding in problem.findings)
    return Machine(document, compilation.places, compilation.reference_targets, workflow.input_type)


class _Compilation:
    """One pass over one graph."""

    def __init__(self, workflow: Workflow) -> None:
        self.language: str = workflow.query_language or "JSONPath"
        self.partition = workflow.partition
        self.start = workflow.start
        self.reference_targets: dict[str, ReferenceTarget] = {}
        self.places: dict[Keys, Place] = {}
        self.scope_of: dict[int, _Scope] = {}
        self.by_name: dict[str, sdk.State] = {}
        self.output_uses: list[tuple[sdk.Block, sdk.StepInput]] = []
        self.predecessors: dict[int, list[sdk.State]] = {}
        self.waiting: deque[_Scope] = deque()

    def fill(self, top: _Scope) -> None:
        """Fill in a machine and all machines nested in it, outer ones first."""
        self.waiting.append(top)
        while self.waiting:
            self.walk(self.waiting.popleft())

    def problems(self, created: Iterable[sdk.State]) -> Iterator[FindingsError]:
        """Yield the errors of the whole graph."""
        missing = [state for state in created if id(state) not in self.scope_of]
        yield from unreached(missing, head(self.start, None, "the start"))
        yield from misplaced_outputs(self.output_uses, self.by_name.values(), self.predecessors)

    def walk(self, scope: _Scope) -> None:
        """Fill in one scope's states, breadth first."""
        start = head(scope.start, scope.place, f"the first state of {scope}")
        if len(scope.keys) > DEEPEST:
            remedy = "move the inner states to a workflow of their own"
            raise authoring_error(scope.place, "is nested too deeply", remedy)
        states: dict[str, Json] = {}
        scope.document.update({"StartAt": start.state_id, "States": states})
        waiting = deque([start])
        while waiting:
            state = waiting.popleft()
            if self.is_new(state, scope):
                states[state.state_id] = self.state(state, (*scope.keys, "States", state.state_id))
                waiting.extend(targets(state))
                if state.next_step is not None:
                    self.predecessors.setdefault(id(sdk.first_state(state.next_step)), []).append(state)

    def is_new(self, state: sdk.State, scope: _Scope) -> bool:
        """True at the first visit. Raises FindingsError for a state of another scope, or a duplicate name."""
        name: object = state.state_id  # any type, if the author runs no type checker
        place = sdk.place_of(state)
        if not isinstance(name, str) or not is_json_text(name):
            remedy = "write a string" if not isinstance(name, str) else "remove the unpaired surrogate"
            raise authoring_error(place, f"a state's name is {name!a}", remedy)
        owner = self.scope_of.get(id(state))
        if owner is None:
            self.scope_of[id(state)] = scope
            self.check_name(name, state)
            self.check_workflow(state)
        elif owner is not scope:
            message = f"is reached from {owner.part if owner.owner == scope.owner else owner} and {scope}"
            remedy = (
                "create a second state; a branch or iteration ends inside itself, so link after the Parallel or Map"
            )
            raise authoring_error(place, message, remedy, name)
        return owner is None

    def check_workflow(self, state: sdk.State) -> None:
        """Refuse a state that is part of another compiled workflow."""
        start = head(self.start, None, "the start")
        first = sdk.mark_compiled(state, start)
        if first is not start:
            message = f'is already part of another state machine, which starts with "{first.state_id}"'
            remedy = "create it anew for each, with a function that returns it"
            raise authoring_error(sdk.place_of(self.start) or sdk.place_of(state), message, remedy, state.state_id)

    def check_name(self, name: str, state: sdk.State) -> None:
        """Refuse a second state of one name."""
        other = self.by_name.setdefault(name, state)
        if other is state:
            return
        first, place = sdk.place_of(other), sdk.place_of(state)
        second_use = sdk.second_use_site(state, other)
        if second_use and place:
            is_same_file = place.file == second_use.file
            line = f"line {place.line}" if is_same_file else f"line {place.line} of {PurePath(place.file).name}"
            remedy = 'put each use into a prefix: with prefix("First: "):'
            raise authoring_error(second_use, f"{line} creates it a second time", remedy, name)
        line = f"in line {first.line}" if first and place and first.file == place.file else f"at {first}"
        message = f"duplicate state name{f', first used {line}' if first else ''}"
        remedy = "rename one; names must be unique in the whole workflow, branches included"
        raise authoring_error(place, message, remedy, name)

    def state(self, state: sdk.State, keys: Keys) -> dict[str, Json]:
        """Return one state's fields in order. Machines nested in it are still empty, and added to the waiting list."""
        own_language = state.fields.get("query_language")
        language = self.language if own_language is None else own_language
        document = self.block(state, keys, language)
        for name, kind, blocks in (("Retry", sdk.Retry, state.retries), ("Catch", sdk.Catch, state.catches)):
            items = list(sdk.flatten(blocks))
            _refuse_other_blocks(state, kind, items)
            listed = [self.block(item, (*keys, name, at), language, state.state_id) for at, item in enumerate(items)]
            is_empty = name.lower() in state.__dict__.get("_empty_lists", ())
            document |= {name: listed} if listed or is_empty else {}
        document |= self.transitions(state, keys, language)
        for inner_keys, start, settings in nested(state):
            inner = self.values(state, state.state_id, language).fields(settings)
            if len(inner_keys) == 1:
                document[str(inner_keys[0])] = inner
            else:
                document.setdefault(str(inner_keys[0]), []).append(inner)
            self.waiting.append(_Scope(start, inner, (*keys, *inner_keys), sdk.place_of(state)))
        return ordered(document)

    def block(self, block: sdk.Block, keys: Keys, language: str, state: str | None = None) -> dict[str, Json]:
        """Return the plain fields of a state, retrier, catcher or part of a Map, and record its place."""
        state = block.state_id if isinstance(block, sdk.State) else state
        place = sdk.place_of(block)
        if place:
            self.places[keys] = place
        _refuse_mutated(block, state)
        values, fields = self.values(block, state, language), self.fields(block, keys, language, state)
        parts = {name: fields.pop(name) for name, value in list(fields.items()) if isinstance(value, Part)}
        document = values.fields(fields)
        document |= {name: self.block(part, (*keys, name), language, state) for name, part in parts.items()}
        if isinstance(block, sdk.Catch):
            document["Next"] = head(block.next_step, place, "the target of a Catch").state_id
        return ordered(document)

    def fields(self, block: sdk.Block, keys: Keys, language: str, state: str | None) -> dict[str, Any]:
        """Return a block's fields by their names in ASL, with the resource and parameters of a call()."""
        nullable = _NULL_IN_OURS if isinstance(block, Checked) else _NULL_IN_SDK
        fields = {
            asl_name(name): value
            for name, value in block.fields.items()
            if name not in NESTED_FIELDS and (value is not None or name in nullable)
        }
        resource = fields.get("Resource")
        if isinstance(resource, ServiceResource):
            name = "Arguments" if language == "JSONata" else "Parameters"
            if not {"Arguments", "Parameters"}.isdisjoint(fields):
                message = f"has parameters in addition to those of {resource!r}"
                raise authoring_error(sdk.place_of(block), message, "pass all of them to call()", state)
            partition = self.values(block, None, language).data(self.partition, ("Resource",))
            fields |= {"Resource": resource.arn(partition), name: resource.parameters}
            if resource.place:
                self.places[*keys, name] = resource.place
        elif isinstance(resource, Reference):
            _refuse_uncallable(resource, block, state)
        elif resource is None and isinstance(block, Task):
            raise authoring_error(sdk.place_of(block), "Task needs resource", EXAMPLES["resource"], state)
        return fields

    def values(self, block: object, state: str | None, language: str) -> ValueCompiler:
        """Return the compiler of a block's values."""

        def record_use(output: sdk.StepInput) -> None:
            if isinstance(block, sdk.Block):
                self.output_uses.append((block, output))

        return ValueCompiler(sdk.place_of(block), state, language, self.reference_targets, record_use)

    def transitions(self, state: sdk.State, keys: Keys, language: str) -> dict[str, Json]:
        """Return the fields of a state's transitions."""
        place = sdk.place_of(state)
        if isinstance(state, sdk.Choice):
            rules = enumerate(state.choices or ())
            choices = [
                self.rule(state, rule, step, (*keys, "Choices", index), language) for index, (rule, step) in rules
            ]
            default = {} if state.default is None else {"Default": head(state.default, place, "the default").state_id}
            return {"Choices": choices, **default}
        if state.next_step is not None:
            return {"Next": head(state.next_step, place, "the next state").state_id}
        return {} if state.state_type in ("Succeed", "Fail") else {"End": True}

    def rule(self, choice: sdk.Choice, rule: sdk.BaseRule, step: object, keys: Keys, language: str) -> dict[str, Json]:
        """Return a Choice rule with its Next, and record the line that added it."""
        places, index = choice.__dict__.get("_rule_places", []), int(keys[-1])
        place = places[index] if index < len(places) else sdk.place_of(choice)
        if place:
            self.places[keys] = place
        values = replace(self.values(choice, choice.state_id, language), place=place)
        fields = rule.to_dict()
        if language == "JSONata" and "Condition" not in fields:
            remedy = 'write jsonata("..."), or add query_language="JSONPath" to the state'
            raise values.mistake("a rule compares a path, but the state uses JSONata", remedy)
        if language != "JSONata" and "Condition" in fields:
            remedy = 'write var("$.price") <= 50, or add query_language="JSONata" to the state'
            raise values.mistake("a rule is JSONata, but the state uses JSONPath", remedy)
        document: dict[str, Json] = values.rule(fields)
        return document | {"Next": head(step, place, "the target of a rule").state_id}


def _refuse_mutated(block: sdk.Block, state: str | None) -> None:
    field, resource = sdk.mutated_field(block), block.fields.get("resource")
    if field is None and isinstance(resource, ServiceResource) and resource.passed != resource.parameters:
        field = "an argument of call()"
    if field is not None:
        message = f"{field} was modified after it was passed in"
        raise authoring_error(sdk.place_of(block), message, "pass the final value instead", state)


def _refuse_other_blocks(state: sdk.State, kind: type, blocks: list[object]) -> None:
    """Refuse other values in a list of retriers or catchers, to which an author can append anything."""
    for index, block in enumerate(blocks):
        if not isinstance(block, kind):
            raise authoring_error(sdk.place_of(state), *sdk.wrong_block(kind, index, block), state.state_id)


# A Task calls a function, an activity or a service; a parameter or any resource's attribute may be the ARN of one.
_CALLABLE = ("function", "activity", "parameter", "resource")
_CALLS = {
    "table": 'call("dynamodb:putItem", TableName={}, Item=...)',
    "queue": 'call("sqs:sendMessage", QueueUrl={}, MessageBody=...)',
    "topic": 'call("sns:publish", TopicArn={}, Message=...)',
    "bucket": 'call("aws-sdk:s3:getObject", Bucket={}, Key=...)',
    "event_bus": 'call("events:putEvents", Entries=[...])',
    "state_machine": 'call("states:startExecution.sync:2", StateMachineArn={})',
}


def _refuse_uncallable(reference: Reference, block: sdk.Block, state: str | None) -> None:
    kind = reference.target.kind
    if kind in _CALLABLE:
        return
    text = f'{kind}("{reference.target.logical_id}")'
    if isinstance(block, sdk.Task):
        message = f"resource is {text}, but a Task calls a function, an activity or a service"
        remedy = f'write resource=function("MyFunction"), or resource={_CALLS[kind].format(text)}'
    else:
        message = f"resource is {text}, but {type(block).__name__} calls S3"
        remedy = f'write resource=call("s3:{"getObject" if isinstance(block, ItemReader) else "putObject"}", ...)'
    raise authoring_error(reference.place, message, remedy, state)
