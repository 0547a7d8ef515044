"""The syntax of a template: what CloudFormation refuses before it creates anything ("Template format error").

CloudFormation user guide, "Template sections", "Parameters syntax", "Resources syntax"; template reference,
"Intrinsic functions", "DependsOn attribute" and "Condition".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from workflow_dsl.agreement.common import Problem, finding_at, is_whole, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.template.intrinsics import as_list, attribute_of, dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, closest, did_you_mean

_VERSION = "2010-09-09"
_TYPES = ("String", "Number", "List<Number>", "CommaDelimitedList")


def wrong_syntax(application: Application) -> Iterator[Finding]:
    """Parts of a template that CloudFormation cannot read, whatever the resources are."""
    template = application.template
    if template_uses_macros(template):
        return
    document = template.source.document
    for problem in _problems(document, is_written=is_whole(template)):
        yield finding_at(application, problem.code, problem.keys, problem.message, problem.remedy)


def _problems(document: Mapping[str, Json], *, is_written: bool) -> Iterator[Problem]:
    version = str(document.get("AWSTemplateFormatVersion", _VERSION))
    if version != _VERSION:
        message = f"CloudFormation has no AWSTemplateFormatVersion {version}"
        yield Problem(("AWSTemplateFormatVersion",), message, f'write "{_VERSION}"')
    for name, declaration in dict_or_empty(document.get("Parameters")).items():
        yield from _of_parameter(name, declaration)
    for section in ("Parameters", "Resources", "Outputs"):
        for name in dict_or_empty(document.get(section)) if is_written else ():
            if not name.startswith("Fn::") and not re.fullmatch("[A-Za-z0-9]+", name):
                right = re.sub("[^A-Za-z0-9]", "", name)
                message = f"{name}: the name has other characters than letters and digits"
                yield Problem((section, name), message, f"write {right}" if right else "write letters and digits")
    for logical_id, resource in dict_or_empty(document.get("Resources")).items():
        keys: Keys = ("Resources", logical_id)
        if isinstance(resource, dict) and not logical_id.startswith("Fn::"):
            yield from _of_attributes(keys, logical_id, resource)
            yield from wrong_functions_in((*keys, "Properties"), logical_id, resource.get("Properties"))
    for section in ("Conditions", "Outputs"):
        for name, value in dict_or_empty(document.get(section)).items():
            yield from wrong_functions_in((section, name), name, value)


def _of_parameter(name: str, declaration: Json) -> Iterator[Problem]:
    type_ = dict_or_empty(declaration).get("Type")
    if not isinstance(declaration, dict) or name.startswith("Fn::"):
        return
    if type_ is None:
        yield Problem(("Parameters", name), f"{name}: the parameter has no Type", "add Type: String")
    elif isinstance(type_, str) and type_ not in _TYPES and not re.match(r"AWS::|List<AWS::", type_):
        near = "write Number" if type_.lower() in _NUMBERS else did_you_mean(type_, _TYPES)
        message = f"{name}: there is no parameter type {type_}"
        yield Problem(("Parameters", name, "Type"), message, near or f"write one of {', '.join(_TYPES)}")


_NUMBERS = ("integer", "int", "float", "number")


_REFUSED = "SCHEMA_VALIDATION_FAILED"  # without them there is no state machine
# CloudFormation user guide, "Resource attribute reference"; template reference, "Custom resources"; SAM guide, "Globals
# section" and "AWS::Serverless::Connector". Words for readers are in some published templates.
ATTRIBUTES = frozenset(
    "Comment Condition Connectors CreationPolicy DeletionPolicy DependsOn Description Fn::Transform IgnoreGlobals "
    "Metadata Properties Type UpdatePolicy UpdateReplacePolicy Version".split()
)


def _of_attributes(keys: Keys, name: str, resource: Mapping[str, Json]) -> Iterator[Problem]:
    """A property beside Type, and a Condition or DependsOn that is a reference: it is the name itself."""
    for field in resource.keys() - ATTRIBUTES:
        remedy = did_you_mean(field, ATTRIBUTES - {"Description"}) or f"move {field} under Properties"
        if str(resource.get("Type")).startswith("AWS::Serverless::"):  # the SAM translator takes what it knows
            code = _REFUSED if field in ("Definition", "DefinitionUri") else "IGNORED_PROPERTY"
            yield Problem((*keys, field), f"{name}: SAM ignores {field} beside Type", remedy, code)
        else:
            message = f"{name}: CloudFormation has no resource attribute {field}"
            yield Problem((*keys, field), message, remedy)
    condition = resource.get("Condition")
    if isinstance(condition, dict):
        yield Problem((*keys, "Condition"), f"{name}: its Condition is not a name", _as_name(condition))
    for each in as_list(resource.get("DependsOn")):
        if isinstance(each, dict) and is_intrinsic(each):
            yield Problem((*keys, "DependsOn"), f"{name}: its DependsOn is not a name", _as_name(each))


def _as_name(value: Mapping[str, Json]) -> str:
    operand = next(iter(value.values()), None)
    attribute = attribute_of(operand)
    named = attribute[0] if attribute else operand
    return f"write {named}" if isinstance(named, str) else "write the name"


def wrong_functions_in(keys: Keys, user: str, value: Json) -> Iterator[Problem]:
    """The intrinsic functions in a value with another form than CloudFormation takes."""
    waiting: list[tuple[Keys, Json]] = [(keys, value)]
    while waiting:
        at, item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(((*at, index), each) for index, each in enumerate(item))
        elif isinstance(item, dict) and not any(name.startswith(("Fn::ForEach", "Fn::Transform")) for name in item):
            for name in item if is_intrinsic(item) else ():
                near = closest(name, _FUNCTIONS, least=0.8) if name not in (*_FUNCTIONS, "Ref") else None
                if near:
                    yield Problem(at, f"{user}: CloudFormation has no function {name}", f"write {near}")
            for name, check in _FORMS.items() if is_intrinsic(item) else ():
                complaint = check(item[name]) if name in item else None
                if complaint:
                    function = f"!{name.removeprefix('Fn::')}"
                    yield Problem(at, f"{user}: {function} {complaint[0]}", complaint[1])
            waiting.extend(((*at, name), each) for name, each in item.items())


# Template reference, "Intrinsic functions".
_FUNCTIONS = tuple(
    f"Fn::{name}"
    for name in (
        "And Base64 Cidr Contains EachMemberEquals EachMemberIn Equals FindInMap ForEach GetAtt GetAZs GetStackOutput "
        "If ImportValue Join Length Not Or RefAll Select Split Sub ToJsonString Transform ValueOf ValueOfAll"
    ).split()
)


def _of_get_att(operand: Json) -> tuple[str, str] | None:
    is_plain = isinstance(operand, str) and "." not in operand and "$" not in operand
    name = operand if is_plain else operand[0] if isinstance(operand, list) and len(operand) == 1 else None
    return (f"of {name} names no attribute", f"write !GetAtt {name}.Arn, or !Ref {name}") if name else None


def _of_if(operand: Json) -> tuple[str, str] | None:
    count = len(operand) if isinstance(operand, list) else 0
    if count == 3 or isinstance(operand, dict):
        return None
    remedy = "add the value for else; !Ref AWS::NoValue removes the property" if count == 2 else "write those three"
    return f"has {count} parts, but takes a condition and two values", remedy


def _of_join(operand: Json) -> tuple[str, str] | None:
    if isinstance(operand, dict):
        return None
    is_pair = isinstance(operand, list) and len(operand) == 2
    if is_pair and isinstance(operand[1], (list, dict)):
        return None
    return "does not have a separator and one list of values", 'write !Join ["SEPARATOR", [VALUE, VALUE]]'


def _of_sub(operand: Json) -> tuple[str, str] | None:
    """Each value of the names is "a string or a function that returns a string"."""
    if isinstance(operand, (str, dict)):
        return None
    values = operand[1] if isinstance(operand, list) and len(operand) == 2 else None
    if not isinstance(values, dict) or not isinstance(operand[0], str):
        return "has no string, or a string and its values", "write !Sub STRING, or [STRING, {NAME: VALUE}]"
    for name, value in values.items() if not any(each.startswith("Fn::") for each in values) else ():
        if isinstance(value, list) or (isinstance(value, dict) and not is_intrinsic(value)):
            kind = "a list" if isinstance(value, list) else "an object"
            return f"has {kind} for ${{{name}}}, but takes a string", "write a string, or a function that gives one"
    return None


_FORMS: Mapping[str, Callable[[Json], tuple[str, str] | None]] = {
    "Fn::GetAtt": _of_get_att,
    "Fn::If": _of_if,
    "Fn::Join": _of_join,
    "Fn::Sub": _of_sub,
}
