"""The stacks nested in a stack, each with the local template that it was created from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workflow_dsl.account.access import Account
from workflow_dsl.account.stack import NESTED_STACK, DeployedStack, read_stack
from workflow_dsl.application.machines import Read, TemplateMachine, template_machines
from workflow_dsl.application.template import Template, read_template
from workflow_dsl.definition.files import DEFINITION_SUFFIXES
from workflow_dsl.findings import FindingsError
from workflow_dsl.records import Record

# The property that names the template's file: CloudFormation template reference, and SAM's for an application.
_FILE = {NESTED_STACK: "TemplateURL", "AWS::Serverless::Application": "Location"}


class NestedStack(Record):
    """A nested stack and the state machines of its template; `prefix` begins their printed names: `Orders/`.

    `problem` says why they cannot be compared; "" if they can.
    """

    prefix: str
    stack: DeployedStack | None
    machines: Sequence[TemplateMachine] = ()
    problem: str = ""


def nested_stacks(
    account: Account,
    stack: DeployedStack,
    template: Template,
    read: Read,
    shown: Callable[[Path], str],
    prefix: str = "",
) -> Iterator[NestedStack]:
    """Yield the stacks nested in a stack at any depth, in its order; those without state machines are left out.

    `read` and `shown` are those of template_machines().
    """
    for logical_id, type_ in stack.types.items():
        if type_ != NESTED_STACK:
            continue
        name = f"{prefix}{logical_id}/"
        try:
            nested = read_stack(account, stack.physical_ids[logical_id])
        except FindingsError as problem:
            yield NestedStack(name, None, problem=f"cannot be read: {problem.findings[0].message}")
            continue
        if nested is None:
            yield NestedStack(name, None, problem="was deleted outside CloudFormation")
            continue
        yield from _in_nested(account, nested, _local_template(template, logical_id, shown), read, shown, name)


def _in_nested(
    account: Account,
    nested: DeployedStack,
    template: Template | None,
    read: Read,
    shown: Callable[[Path], str],
    name: str,
) -> Iterator[NestedStack]:
    if template is None:
        problem = "has state machines, and its template is not on this computer"
        yield from [NestedStack(name, nested, problem=problem)] if nested.machine_arns else ()
        if not nested.machine_arns and NESTED_STACK in nested.types.values():
            yield NestedStack(name, nested, problem="has nested stacks, and its template is not on this computer")
        return
    machines = template_machines(template, read, shown)
    if machines or nested.machine_arns:
        yield NestedStack(name, nested, machines)
    yield from nested_stacks(account, nested, template, read, shown, name)


def _local_template(template: Template, logical_id: str, shown: Callable[[Path], str]) -> Template | None:
    """The template of a nested stack; None if it is in a bucket or an application repository, or cannot be read."""
    resource = template.resources.get(logical_id)
    file = resource.properties.get(_FILE.get(resource.type, "")) if resource else None
    if not isinstance(file, str) or not file.endswith((*DEFINITION_SUFFIXES, ".template")) or "://" in file:
        return None
    path = template.path.parent / file
    try:
        return read_template(path, shown(path))
    except (FindingsError, OSError, ValueError):
        return None
