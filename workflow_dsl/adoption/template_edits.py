"""Edits of a template's text: a state machine is pointed at a file, and every other byte stays as it is.

An edit is proved: the new text is read again, and has the same content but for the properties of this machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from workflow_dsl.application.template.intrinsics import dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json, deep_copy
from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.definition.spans import spans_in_json
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

_SUBSTITUTIONS = "DefinitionSubstitutions"
_PROPERTIES = ("DefinitionUri", "DefinitionS3Location", "Definition", "DefinitionString")
_PLAIN = lazy_regex(r"[A-Za-z0-9_.][\w./-]*", re.ASCII)
_COLON = lazy_regex(r"\s*:\s*")


class _Member(Record):
    """The positions of a member of an object: of its key, and the beginning and end of its value."""

    key: int
    start: int
    end: int
    node: Any = None


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


class Target(Record):
    """A state machine, the new path of its definition, and the substitutions to add."""

    logical_id: str
    uri: str
    added: Mapping[str, ReferenceTarget]


def with_definition_files(text: str, targets: Sequence[Target]) -> tuple[str, dict[str, Finding]]:
    """Return a template's text in which the definitions of state machines are files.

    The findings, by logical ID, are about machines that stay as they are, because it would take more than an edit of
    their own properties.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    source = read_source(text.removeprefix(mark), strict=False)
    at_once = _edited(source, targets)
    if at_once is not None:
        return mark + at_once.text, {}
    refused = {}
    for target in targets:
        edited = _edited(source, [target])
        if edited is None:
            old, new = _properties_of(source, target.logical_id)
            message = f"its {old or 'definition'} cannot be edited without changing other parts of the template"
            remedy = f"write {new}: {target.uri} there yourself, then run this again"
            refused[target.logical_id] = Finding("TEMPLATE", "error", Where(), message, remedy)
        source = edited or source
    return mark + source.text, refused


def _edited(source: Source, targets: Sequence[Target]) -> Source | None:
    """The template with its edits; None if more than the targets' own properties would change."""
    writer: _Yaml | _Json = _Json(source) if source.node() is None else _Yaml(source)
    if any(target.added and is_intrinsic(_substitutions_of(source, target.logical_id)) for target in targets):
        return None  # they are created at deployment, and take no others
    try:
        edits = [
            edit for target in targets for edit in writer.edits(target, *_properties_of(source, target.logical_id))
        ]
        edited = read_source(_applied(source.text, edits), strict=False)
        return edited if edited.document == _expected(source, targets) else None
    except (FindingsError, LookupError, ValueError, AttributeError):
        return None


def _properties_of(source: Source, logical_id: str) -> tuple[str, str]:
    """The present and the new property for the definition of a state machine."""
    resource = source.document["Resources"][logical_id]
    old = next((name for name in _PROPERTIES if name in resource["Properties"]), "")
    is_serverless = resource["Type"].startswith("AWS::Serverless::")
    return old, old if old in _PROPERTIES[:2] else _PROPERTIES[not is_serverless]


def _substitutions_of(source: Source, logical_id: str) -> dict[str, Json]:
    return dict_or_empty(source.document["Resources"][logical_id]["Properties"].get(_SUBSTITUTIONS))


def _applied(text: str, edits: list[_Edit]) -> str:
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _expected(source: Source, targets: Sequence[Target]) -> Json:
    document = deep_copy(source.document)
    is_yaml = source.node() is not None
    for target in targets:
        old, new = _properties_of(source, target.logical_id)
        properties = document["Resources"][target.logical_id]["Properties"]
        del properties[old]
        properties[new] = target.uri
        if target.added:
            values = {name: _substitution_as_read(each, is_yaml=is_yaml) for name, each in target.added.items()}
            properties[_SUBSTITUTIONS] = {**properties.get(_SUBSTITUTIONS, {}), **values}
    return document


def _substitution_as_read(target: ReferenceTarget, *, is_yaml: bool) -> Json:
    """A substitution as our readers return it: YAML's short form of GetAtt has a string with a dot."""
    if is_yaml and target.attribute != "Ref":
        return {"Fn::GetAtt": f"{target.logical_id}.{target.attribute}"}
    return target.value


class _Writer:
    """The edits of one template's text."""

    def __init__(self, source: Source) -> None:
        self.source, self.text = source, source.text
        self.line_end = "\r\n" if "\r\n" in source.text else "\n"

    def edits(self, target: Target, old: str, new: str) -> list[_Edit]:
        """Return the edits for one state machine, whose definition moves from one property to another."""
        keys = ("Resources", target.logical_id, "Properties")
        definition = self.member(*keys, old)
        if old == new:
            return [self.replaced(definition, target.uri)]
        substitutions = self.member_if_any(*keys, _SUBSTITUTIONS)
        indent = self.indent(definition)
        members, edits = [self.pair(new, target.uri)], []
        if target.added and substitutions is None:
            members.append(self.object(_SUBSTITUTIONS, target.added, indent))
        elif target.added and substitutions is not None:
            edits = [self.inserted(substitutions, target.added)]
        return [_Edit(definition.key, definition.end, self.joined(members, indent)), *edits]

    def indent(self, member: _Member) -> str | None:
        """The spaces before a member's key; None if something else stands before it in its line."""
        before = self.text[self.text.rfind("\n", 0, member.key) + 1 : member.key]
        return before if not before.strip() else None

    def joined(self, members: list[str], indent: str | None) -> str:
        """Return members one after the other: each on a line where the first one is."""
        return (", " if indent is None else f"{self.comma}{self.line_end}{indent}").join(members)

    comma = ""

    def member_if_any(self, *keys: str) -> _Member | None:
        """The positions of a member; None if the object lacks it."""
        try:
            return self.member(*keys)
        except LookupError:
            return None

    def member(self, *keys: str) -> _Member:
        """The positions of a member. Raises LookupError if the object lacks it."""
        raise NotImplementedError

    def pair(self, name: str, value: str) -> str:
        """Return a member with a string."""
        raise NotImplementedError

    def substitution(self, name: str, target: ReferenceTarget) -> str:
        """Return a member of DefinitionSubstitutions."""
        raise NotImplementedError

    def object(self, name: str, added: Mapping[str, ReferenceTarget], indent: str | None) -> str:
        """Return a member with an object of substitutions."""
        raise NotImplementedError

    def replaced(self, member: _Member, value: str) -> _Edit:
        """Return the edit that gives a member a string."""
        raise NotImplementedError

    def inserted(self, member: _Member, added: Mapping[str, ReferenceTarget]) -> _Edit:
        """Return the edit that adds substitutions to those of a member."""
        raise NotImplementedError

    def entries(self, added: Mapping[str, ReferenceTarget]) -> list[str]:
        """Return the members of DefinitionSubstitutions."""
        return [self.substitution(name, target) for name, target in added.items()]


class _Yaml(_Writer):
    def member(self, *keys: str) -> _Member:
        """The positions of a member, without the blank lines and comments that follow it."""
        parent = self.source.node(*keys[:-1])
        for key, value in parent.value:
            if key.value == keys[-1]:
                is_scalar = value.id == "scalar"
                own_column = None if is_scalar else int(key.start_mark.column)
                end = value.end_mark.index
                is_exact = not is_scalar and value.flow_style
                end = end if is_exact else self._trimmed(end, own_column)
                return _Member(key.start_mark.index, value.start_mark.index, end, value)
        raise LookupError(keys[-1])

    def _trimmed(self, end: int, column: int | None) -> int:
        """The end of a value in block style without blank lines, and without comments up to a column."""
        lines = self.text[:end].splitlines(keepends=True)
        if not self.text[:end].endswith(("\n", " ")):
            return end
        while lines and (not lines[-1].strip() or _is_comment(lines[-1], column)):
            lines.pop()
        return len("".join(lines).rstrip())

    def pair(self, name: str, value: str) -> str:
        """Return a member with a string, in quotes where YAML needs them."""
        return f"{name}: {value if _PLAIN.fullmatch(value) else json.dumps(value)}"

    def substitution(self, name: str, target: ReferenceTarget) -> str:
        """Return a member of DefinitionSubstitutions, its value in the short form."""
        return f"{name if _PLAIN.fullmatch(name) else json.dumps(name)}: {target.substitution}"

    def object(self, name: str, added: Mapping[str, ReferenceTarget], indent: str | None) -> str:
        """Return a member in block style, or in flow style where its line has other members."""
        if indent is None:
            return f"{name}: {{{', '.join(self.entries(added))}}}"
        return f"{self.line_end}{indent}  ".join([f"{name}:", *self.entries(added)])

    def replaced(self, member: _Member, value: str) -> _Edit:
        """Return the edit that gives a scalar a string in its own quotes."""
        quote = member.node.style if member.node.style in ("'", '"') else ""
        text = f"{quote}{value}{quote}" if quote and _PLAIN.fullmatch(value) else self.pair("", value)[2:]
        return _Edit(member.start, member.end, text)

    def inserted(self, member: _Member, added: Mapping[str, ReferenceTarget]) -> _Edit:
        """Return the edit that adds substitutions after the last one."""
        entries = self.entries(added)
        if not member.node.value:
            return _Edit(member.start, member.end, f"{{{', '.join(entries)}}}")
        key, value = member.node.value[-1]
        if member.node.flow_style:
            end = value.end_mark.index
            return _Edit(end, end, "".join(f", {entry}" for entry in entries))
        space = " " * key.start_mark.column
        return _Edit(member.end, member.end, "".join(f"{self.line_end}{space}{entry}" for entry in entries))


def _is_comment(line: str, column: int | None) -> bool:
    """True for a comment that begins up to a column; one further right belongs to the value before it."""
    text = line.lstrip()
    return column is not None and text.startswith("#") and len(line) - len(text) <= column


class _Json(_Writer):
    comma = ","

    def member(self, *keys: str) -> _Member:
        """The positions of a member."""
        key = spans_in_json(self.text, [keys])[keys][0]
        colon = _COLON.match(self.text, key[1])
        if colon is None:
            raise LookupError(keys[-1])
        _, end = json.JSONDecoder(strict=False).raw_decode(self.text, colon.end())
        return _Member(key[0], colon.end(), end)

    def pair(self, name: str, value: str) -> str:
        """Return a member with a string."""
        return f"{json.dumps(name)}: {json.dumps(value)}"

    def substitution(self, name: str, target: ReferenceTarget) -> str:
        """Return a member of DefinitionSubstitutions."""
        return f"{json.dumps(name)}: {json.dumps(target.value)}"

    def object(self, name: str, added: Mapping[str, ReferenceTarget], indent: str | None) -> str:
        """Return a member with an object, whose members have a line each where this one has."""
        if indent is None:
            return f"{json.dumps(name)}: {{{', '.join(self.entries(added))}}}"
        inner = f",{self.line_end}{indent}  ".join(self.entries(added))
        return f"{json.dumps(name)}: {{{self.line_end}{indent}  {inner}{self.line_end}{indent}}}"

    def replaced(self, member: _Member, value: str) -> _Edit:
        """Return the edit that gives a member a string."""
        return _Edit(member.start, member.end, json.dumps(value))

    def inserted(self, member: _Member, added: Mapping[str, ReferenceTarget]) -> _Edit:
        """Return the edit that adds substitutions after the last one."""
        inner = self.text[member.start + 1 : member.end - 1]
        end = member.start + 1 + len(inner.rstrip())
        if not inner.strip():
            return _Edit(member.start, member.end, f"{{{', '.join(self.entries(added))}}}")
        space = re.match(r"\s*", inner)
        separator = f",{space[0] if space else ''}" if "\n" in inner[: len(inner) - len(inner.lstrip())] else ", "
        return _Edit(end, end, "".join(f"{separator}{entry}" for entry in self.entries(added)))
