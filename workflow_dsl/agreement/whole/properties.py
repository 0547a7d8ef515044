"""The names and kinds of properties, by the schemas of resource types and by SAM: CloudFormation refuses others.

CloudFormation template reference, "Resource type schema"; SAM guide, "AWS SAM resources and properties".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import isfinite

from workflow_dsl.agreement.common import Problem, found, is_whole, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.properties import Member, members_of
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, closest, did_you_mean
from workflow_dsl.regexes import lazy_regex

# SAM hands properties to the resource that it creates under the same name, with the same objects but for these.
_CREATED = {"AWS::Serverless::Function": "AWS::Lambda::Function"}
_OF_ANOTHER_FORM = ("CapacityProviderConfig",)  # SAM guide, "CapacityProviderConfig"
# SAM's names of properties, by those of CloudFormation.
_IN_SAM = {"Code": "CodeUri", "DeadLetterConfig": "DeadLetterQueue", "TracingConfig": "Tracing"}
_IN_CLOUDFORMATION = {sams: own for own, sams in _IN_SAM.items()}
# CloudFormation user guide, "Resource attribute reference".
_BESIDE_PROPERTIES = "Condition CreationPolicy DeletionPolicy DependsOn UpdatePolicy UpdateReplacePolicy".split()
# AWS CLI command reference, "cloudformation package": these take a path, too.
_PACKAGED = ("BodyS3Location", "Code", "Content", "DefinitionS3Location")
_FEW = 6  # values; a longer list may well have got another one
_LEAST = 0.8  # a new property may well be named like another


class _Lack(Problem):
    """A property that is not there; what a fragment lacks may be in the file that it is merged into."""


def wrong_properties(application: Application) -> Iterator[Finding]:
    """Properties that a resource type does not have, those that it lacks, and those of another kind."""
    template = application.template
    if template_uses_macros(template):
        return
    for logical_id, resource in template.source.document["Resources"].items():
        fields = dict_or_empty(resource)
        type_, properties = fields.get("Type"), fields.get("Properties", {})
        if isinstance(type_, str) and type_ not in MACHINES and not logical_id.startswith("Fn::"):
            keys: Keys = ("Resources", logical_id, "Properties")
            for problem in _of_object(type_, "", keys, properties):
                if is_whole(template) or not isinstance(problem, _Lack):
                    yield found(application, logical_id, problem)


def _of_object(type_: str, object_: str, keys: Keys, value: Json) -> Iterator[Problem]:
    """The problems of an object in a resource, and of those in it."""
    members = members_of(type_, object_)
    if not isinstance(value, dict) or not members or any(name.startswith("Fn::") or name == "Ref" for name in value):
        return
    remedies = {name: _remedy(type_, object_, name, members) for name in value if name not in members}
    for name, remedy in remedies.items():
        if remedy:
            owner = f"{type_} has" if not object_ else f"{keys[-1]} has" if isinstance(keys[-1], str) else "it has"
            yield Problem((*keys, name), f"{owner} no property {name}", remedy)
    for name, member in members.items():
        if member.is_required and name not in value and not any(name in remedy for remedy in remedies.values()):
            inside = f" in {keys[-1]}" if object_ and isinstance(keys[-1], str) else ""
            yield _Lack(keys, f"it lacks {name}{inside}", f"add {name}")
        elif name in value:
            yield from _of_member(type_, member, (*keys, name), value[name])


def _of_member(type_: str, member: Member, keys: Keys, value: Json) -> Iterator[Problem]:
    if value is None or (isinstance(value, dict) and is_intrinsic(value)):
        return
    wrong = _wrong_kind(member, value)
    if wrong:
        yield Problem(keys, f"{member.name} {wrong[0]}", wrong[1])
    elif member.values:
        yield from wrong_values(member, keys, value)
    elif isinstance(value, int) and not isinstance(value, bool) and not member.least <= value <= member.most:
        yield _out_of_limits(member, keys, value)
    for index, item in enumerate(value) if isinstance(value, list) else ():
        yield from _of_object(type_, member.inner, (*keys, index), item) if member.inner else ()
    if member.inner and member.kind != "l":
        yield from _of_object(type_, member.inner, keys, value)
    elif not member.inner and type_ in _CREATED and member.name in members_of(_CREATED[type_]):
        yield from _of_created(_CREATED[type_], member.name, keys, value)


def _out_of_limits(member: Member, keys: Keys, value: int) -> Problem:
    least, most = (f"{limit:.0f}" if isfinite(limit) else "" for limit in (member.least, member.most))
    takes = f"{least} to {most}" if least and most else f"at least {least}" if least else f"at most {most}"
    message = f"{member.name} is {value}, but it takes {takes}"
    return Problem(keys, message, f"write {least if value < member.least else most}", "UNKNOWN_VALUE")


def wrong_values(member: Member, keys: Keys, value: Json) -> Iterator[Problem]:
    """Values that a property does not take, of its own or as an item: a warning unless one that it takes is similar."""
    for index, each in enumerate(as_list(value)):
        if isinstance(each, str) and each not in member.values and not each.startswith("{{"):
            at = (*keys, index) if isinstance(value, list) else keys
            near = closest(each, member.values, least=0.7)
            message = f"{member.name} is {each}, which it does not take"
            if near:
                yield Problem(at, message, f"write {near}")
            elif len(member.values) <= _FEW:
                yield Problem(at, message, f"write one of {', '.join(member.values)}", "UNKNOWN_VALUE")


def _of_created(type_: str, name: str, keys: Keys, value: Json) -> Iterator[Problem]:
    """The problems of an object that SAM hands on."""
    member = members_of(type_)[name]
    if member.kind == "o" and member.inner and name not in _OF_ANOTHER_FORM:
        yield from _of_member(type_, member, keys, value)


def _wrong_kind(member: Member, value: Json) -> tuple[str, str] | None:
    """The mistake in a value of another kind than a property takes, and the remedy."""
    if member.kind == "l" and not isinstance(value, list):
        is_macro = isinstance(value, dict) and any(name.startswith("Fn::") for name in value)
        return None if is_macro else ("is not a list", "write a list: put - before it")
    if member.kind == "p" and isinstance(value, (dict, list)):
        kind = "a list" if isinstance(value, list) else "an object"
        return f"is {kind}, but it takes one value", "write a string or a number"
    if member.kind == "o" and isinstance(value, list):
        return "is a list, but it takes an object", "write its fields without -"
    is_text = member.kind == "o" and member.inner and isinstance(value, (str, int)) and member.name not in _PACKAGED
    if is_text and not str(value).lstrip().startswith("{"):
        return f"is {value}, but it takes an object", "write its fields below it"
    return None


def _remedy(type_: str, object_: str, name: str, members: Collection[str]) -> str:
    """The remedy: what to write in place of a name that an object does not have; "" for one that may be new."""
    if name in _BESIDE_PROPERTIES and not object_:
        return f"move {name} out of Properties, beside Type"
    other = (_IN_SAM if type_.startswith("AWS::Serverless::") else _IN_CLOUDFORMATION).get(name)
    if other in members:
        return f"write {other}"
    full = f"{type_.rpartition('::')[2]}{name}"
    if full in members or (near := closest(name, members, least=_LEAST)):
        return f"write {full}" if full in members else f'did you mean "{near}"?'
    longer = [each for each in members if len(name) > 3 and _has_words(each, name)]
    if len(longer) == 1:
        return did_you_mean(longer[0], longer)
    holders = [each for each in members if name in members_of(type_, members_of(type_, object_)[each].inner)]
    return f"write it below {holders[0]}" if len(holders) == 1 else ""


_WORD = lazy_regex(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")


def _has_words(name: str, shorter: str) -> bool:
    """True if a name has the words of a shorter one in their order: KmsMasterKeyId has those of KmsKeyId."""
    words = iter(_WORD.findall(name))
    return all(word in words for word in _WORD.findall(shorter))
