"""The parts of a template, other than definitions, that a deployment would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import attribute_of, dict_or_empty
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.definition.diff import changes_between
from workflow_dsl.definition.json import Json

_DEFINITIONS = ("Definition", "DefinitionString", "DefinitionUri", "DefinitionS3Location")
# Paths of local files, for which `aws cloudformation package` and `sam package` write the addresses of uploads.
_UPLOADED = frozenset(
    "CodeUri ImageUri ContentUri DefinitionUri TemplateURL Location Code Content BodyS3Location "
    "DefinitionS3Location SchemaUri ScriptLocation SourceBundle".split()
)
_WITHOUT_EFFECT = ("AWSTemplateFormatVersion", "Description", "Metadata", "Resources")


def changed_parts(last: Template, local: Template) -> list[str]:
    """Return the names of what differs between the template of the last deployment and the local one.

    Definitions of state machines are left out, and the code of functions, which is in no template: SAM writes the
    address of the upload in the place of a local path.
    """
    old, new = last.source.document, local.source.document
    sections = [name for name in {**old, **new} if name not in _WITHOUT_EFFECT]
    changed = [name for name in sections if _differ(old.get(name), new.get(name))]
    return [*changed, *_resources(dict_or_empty(old.get("Resources")), dict_or_empty(new.get("Resources")))]


def _resources(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[str]:
    for name in {**old, **new}:
        if name not in old or name not in new:
            yield f"{name} ({'removed' if name in old else 'new'})"
            continue
        before, after = dict_or_empty(old[name]), dict_or_empty(new[name])
        properties = dict_or_empty(before.get("Properties")), dict_or_empty(after.get("Properties"))
        ignored = _DEFINITIONS if after.get("Type") in MACHINES else ()
        yield from (f"{name} {field}" for field in _fields(before, after, ("Metadata", "Properties")))
        yield from (f"{name} {field}" for field in _fields(*properties, ignored))


def _fields(old: Mapping[str, Json], new: Mapping[str, Json], ignored: tuple[str, ...]) -> Iterator[str]:
    for name in {**old, **new}:
        if name not in ignored and _differ({name: old.get(name)}, {name: new.get(name)}):
            yield name


def _differ(old: Json, new: Json) -> bool:
    return any(changes_between(*_comparable(old, new)))


def _comparable(old: Json, new: Json) -> tuple[Json, Json]:
    """Both values, with one form of Fn::GetAtt and without the paths that are uploaded."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in {**old, **new} if not (name in _UPLOADED and name in old and _is_path(new.get(name)))]
        pairs = {
            name: _comparable(old[name], new[name]) if name in old and name in new else (old.get(name), new.get(name))
            for name in names
        }
        if names == ["Fn::GetAtt"]:
            return attribute_of(old["Fn::GetAtt"]), attribute_of(new["Fn::GetAtt"])
        return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        items = [_comparable(*pair) for pair in zip(old, new, strict=True)]
        return [pair[0] for pair in items], [pair[1] for pair in items]
    return old, new


def _is_path(value: Json) -> bool:
    return isinstance(value, str) and not value.startswith(("s3://", "https://", "http://"))
