"""The attributes that GetAtt can return, by resource type: attributes.json, which `tox -e facts` renews."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from workflow_dsl.application.template.intrinsics import attribute_of, dict_or_empty, names_in_sub
from workflow_dsl.application.template.properties import types_with_properties
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import is_slip
from workflow_dsl.regexes import lazy_regex

# SAM turns these into a resource of the same name; it adds names such as `Function.Alias` of its own.
_OF_SAM = {
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
}
# SAM guide, "Referencing generated resources".
_SAMS_OWN = frozenset(
    "Alias ApiKey Deployment DestinationQueue DestinationTopic DomainName Stage UsagePlan UsagePlanKey Version".split()
)


@cache
def _table() -> Mapping[str, str]:
    table: dict[str, str] = json.loads(Path(__file__).with_name("attributes.json").read_bytes())
    return table


@cache
def similar_type(type_: str) -> str:
    """The type of AWS or SAM that a misspelt one means; "" for a known one, and for one that may be new.

    It differs in letter case or number, by one slip, or by another name of its service.
    """
    plain = _plain(type_)
    if type_ in _known_types() or not plain.startswith("aw::"):
        return ""
    known = _by_plain_name()
    aws, service, *name = plain.split("::")
    renamed = "::".join((aws, _OTHER_SERVICES.get(service, service), *name))
    return known.get(plain) or known.get(renamed) or next(_by_a_slip(plain), "")


# Names of services that people write in place of the one in resource types.
_OTHER_SERVICES = {
    **dict.fromkeys(("eventbridge", "cloudwatchevent", "event"), "event"),
    **dict.fromkeys(("cloudwatch", "cloudwatchlog"), "log"),
    **dict.fromkeys(("sfn", "state"), "stepfunction"),
    **dict.fromkeys(("eventbridgescheduler",), "scheduler"),
    **dict.fromkeys(("eventbridgepipe",), "pipe"),
}


def _by_a_slip(plain: str) -> Iterator[str]:
    """The types whose service or name differs by a slip; digits tell versions of a service apart."""
    parts = plain.split("::")
    for other, type_ in _by_plain_name().items():
        others = other.split("::")
        if len(parts) == len(others) == 3 and _DIGITS.findall(plain) == _DIGITS.findall(other):
            differing = [(one, two) for one, two in zip(parts, others, strict=True) if one != two]
            is_part = parts[1] == others[1] == "serverles" and others[2].endswith(parts[2])
            if len(differing) == 1 and (is_slip(*differing[0]) or is_part):
                yield type_


_DIGITS = lazy_regex(r"\d+")


@cache
def _known_types() -> frozenset[str]:
    return frozenset([*_table(), *types_with_properties()])


@cache
def _by_plain_name() -> Mapping[str, str]:
    return {_plain(type_): type_ for type_ in sorted(_known_types()) if "::" in type_}


def _plain(type_: str) -> str:
    """A type's name in small letters, without the s of a plural, and with the two colons between its parts."""
    return "::".join(part.removesuffix("s") for part in re.split(":+", type_.lower()))


def attributes_of(type_: str) -> list[str]:
    """The attributes of a resource type, a regular expression for several; [] for an unknown type."""
    return _table().get(_OF_SAM.get(type_, type_), "").split()


def has_attribute(type_: str, attribute: str) -> bool | None:
    """True if GetAtt can return an attribute of a resource type; None for an unknown type."""
    known = attributes_of(type_)
    if not known:
        return None
    is_sams = type_.startswith("AWS::Serverless::") and attribute.partition(".")[0] in _SAMS_OWN
    return is_sams or attribute in known or any(_matches(each, attribute) for each in known)


def _matches(pattern: str, attribute: str) -> bool:
    return pattern.endswith("*") and re.fullmatch(pattern, attribute) is not None


def attribute_references(value: Json) -> Iterator[tuple[str, str]]:
    """Yield the resource and the attribute of each GetAtt in a value, at any depth, those in Sub included.

    SAM's Ref of `Function.Alias` has them, too.
    """
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            yield from filter(None, (attribute_of(item.get(function)) for function in ("Fn::GetAtt", "Ref")))
            text = item.get("Fn::Sub")
            text, own = (text[0], dict_or_empty(text[1])) if isinstance(text, list) and len(text) == 2 else (text, {})
            names = names_in_sub(text) if isinstance(text, str) else ()
            yield from (attribute_of(name) or ("", "") for name in names if "." in name and name not in own)
            waiting.extend(item.values())
