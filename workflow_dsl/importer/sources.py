"""The definitions to import: those of files and of a template's state machines, with what their placeholders mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from workflow_dsl import authoring
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import attribute_of, is_intrinsic
from workflow_dsl.application.template.resource_types import (
    ACTIVITY,
    BUCKET,
    BUS,
    FUNCTIONS,
    MACHINES,
    QUEUE,
    TABLES,
    TOPIC,
)
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import Finding, FindingsError, Keys, Where
from workflow_dsl.importer.names import module_name
from workflow_dsl.records import Record, field, replace
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.validation import Type

# The resource types of authoring's references, and the attribute that each means.
KINDS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(FUNCTIONS, ("function", "Arn")),
    **dict.fromkeys(MACHINES, ("state_machine", "Ref")),
    **dict.fromkeys(TABLES, ("table", "Ref")),
    QUEUE: ("queue", "Ref"),
    TOPIC: ("topic", "Ref"),
    BUCKET: ("bucket", "Ref"),
    BUS: ("event_bus", "Ref"),
    ACTIVITY: ("activity", "Ref"),
}
_LOGICAL_ID = lazy_regex(r"(AWS::)?[A-Za-z0-9]+")
_IN_SUB = lazy_regex(r"\$\{(!?)([^{}]+)\}")


class Definition(Record):
    """A definition to import: the name of its module, its document, and the targets of its placeholders.

    `added` are the placeholders for the intrinsic functions of an inline definition, which the template has to
    substitute; `owner` is the state machine's logical ID, "" for a file that no template deploys, and `path` its file.
    """

    name: str
    source: Source
    references: Mapping[str, ReferenceTarget] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    owner: str = ""
    path: Path | None = None
    type: Type = "STANDARD"


def placeholder_of(target: ReferenceTarget) -> str:
    """Return the placeholder that a reference to a target has: `${CheckerArn}`."""
    create: Callable[..., str] = getattr(authoring, target.kind)
    has_attribute = target.kind == "resource" and target.attribute != "Ref"
    return str.__str__(create(target.logical_id, *([target.attribute] if has_attribute else [])))


def references_of(machine: TemplateMachine) -> dict[str, ReferenceTarget]:
    """Return what the substitutions of a template's state machine mean, those with a plain Ref or GetAtt."""
    written = machine.template.substitutions_of(machine.logical_id)
    targets = {name: _target(machine.template, value) for name, value in written.items()}
    return {name: target for name, target in targets.items() if target is not None}


def name_of(logical_id: str, workflow: str = "") -> str:
    """Return the name of the module for a state machine: that of its workflow, else of its logical ID."""
    return module_name(workflow or re.sub(r"(?<=.)StateMachine$", "", logical_id))


def definition_in(machine: TemplateMachine) -> Definition:
    """Return the definition of a template's state machine. Raises FindingsError for one that cannot be imported."""
    if machine.problems:
        raise FindingsError(machine.problems)
    references, name = references_of(machine), name_of(machine.logical_id, machine.workflow)
    definition = Definition(name, Source({}), references, owner=machine.logical_id, type=machine.resource.type)
    inline = machine.resource.definition
    if isinstance(inline, Path) and machine.source is not None:
        return replace(definition, source=machine.source, path=inline)
    return _inline(definition, machine)


def _inline(definition: Definition, machine: TemplateMachine) -> Definition:
    properties = (*machine.keys, "Properties")
    written = machine.properties.get("Definition"), machine.properties.get("DefinitionString")
    placeholders = _Placeholders(machine.template, dict(definition.references))
    if isinstance(written[0], dict):
        source = machine.template.source.subdocument(*properties, "Definition")
        source = replace(source, document=placeholders.document(source.document, (*properties, "Definition")))
    elif written[1] is not None:
        keys = (*properties, "DefinitionString")
        source = _parsed(placeholders.text(written[1], keys), machine)
    else:
        message = f"the definition of {machine.logical_id} is not on this computer: it is in a bucket, or missing"
        raise FindingsError([Finding("IMPORT", "error", Where(place=machine.place()), message, "pass its file")])
    added = tuple(name for name in placeholders.references if name not in definition.references)
    return replace(definition, source=source, references=placeholders.references, added=added)


def _parsed(text: str, machine: TemplateMachine) -> Source:
    try:
        return read_source(text)
    except FindingsError as problem:
        place = machine.place("Properties", "DefinitionString")
        raise FindingsError(finding.at(place) for finding in problem.findings) from None


def _target(template: Template, value: Json) -> ReferenceTarget | None:
    """The target of a plain Ref or GetAtt; None for any other value."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    [(function, operand)] = value.items()
    if function == "Ref" and isinstance(operand, str):
        name, attribute = operand, "Ref"
    elif function == "Fn::GetAtt" and (pair := attribute_of(operand)):
        name, attribute = pair
    else:
        return None
    if not _LOGICAL_ID.fullmatch(name):
        return None
    if name in template.values.parameters or name.startswith("AWS::"):
        return ReferenceTarget("parameter", name, "Ref")
    resource = template.resources.get(name)
    kind, own = KINDS.get(resource.type if resource else "", ("resource", attribute))
    return ReferenceTarget(kind if own == attribute else "resource", name, attribute)


class _Placeholders(Record):
    """Writes placeholders for the intrinsic functions of an inline definition, and collects what they mean."""

    template: Template
    references: dict[str, ReferenceTarget]

    def document(self, value: Json, keys: Keys) -> Json:
        """Return an inline definition with placeholders for its intrinsic functions."""
        if isinstance(value, dict):
            if is_intrinsic(value):
                return self.text(value, keys)
            return {name: self.document(member, (*keys, name)) for name, member in value.items()}
        if isinstance(value, list):
            return [self.document(item, (*keys, index)) for index, item in enumerate(value)]
        return value

    def text(self, value: Json, keys: Keys) -> str:
        """Return a string, or the result of Ref, GetAtt, Sub and Join, with placeholders for what the stack knows."""
        if isinstance(value, str):
            return value
        target = _target(self.template, value)
        if target is not None:
            return self.placeholder(target)
        [function, operand] = next(iter(value.items())) if isinstance(value, dict) and value else ("", None)
        write = {"Fn::Sub": self.substituted, "Fn::Join": self.joined}.get(function)
        text = write(operand, keys) if write else None
        if text is None:
            where = Where(place=self.template.place_around(*map(str, keys)))
            remedy = "move it to DefinitionSubstitutions, and write a placeholder ${Name} here"
            raise FindingsError(
                [Finding("IMPORT", "error", where, f"has {function or 'a value'} in the definition", remedy)]
            )
        return text

    def placeholder(self, target: ReferenceTarget) -> str:
        """Return the placeholder of a target."""
        text = placeholder_of(target)
        self.references.setdefault(text[2:-1], target)
        return text

    def substituted(self, operand: Json, keys: Keys) -> str | None:
        """The result of Fn::Sub."""
        text, values = operand if isinstance(operand, list) and len(operand) == 2 else (operand, {})
        if not isinstance(text, str) or not isinstance(values, dict):
            return None

        def replacement(match: re.Match[str]) -> str:
            if match[1]:
                return f"${{{match[2]}}}"
            if match[2] in values:
                return self.text(values[match[2]], keys)
            name, dot, attribute = match[2].partition(".")
            return self.text({"Fn::GetAtt": [name, attribute]} if dot else {"Ref": name}, keys)

        return _IN_SUB.sub(replacement, text)

    def joined(self, operand: Json, keys: Keys) -> str | None:
        """The result of Fn::Join."""
        if not isinstance(operand, list) or len(operand) != 2 or not isinstance(operand[1], list):
            return None
        return str(operand[0]).join(self.text(item, keys) for item in operand[1])
