"""Parameters of a template: defaults and comparisons that their own constraints exclude.

CloudFormation user guide, "Parameters section": a default "must adhere to those constraints".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import finding_at, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.template.intrinsics import as_list, as_string, dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean, short_list


def wrong_parameters(application: Application) -> Iterator[Finding]:
    """Defaults that the constraints of their parameter exclude, and comparisons with values that they exclude."""
    template = application.template
    document = template.source.document
    parameters = dict_or_empty(document.get("Parameters"))
    if template_uses_macros(template):
        return
    for name, declaration in parameters.items():
        default = dict_or_empty(declaration).get("Default")
        problem = refusal(dict_or_empty(declaration), default)
        if problem:
            keys: Keys = ("Parameters", name, "Default")
            message = f"{name}: its Default {as_string(default)} {problem}"
            remedy = did_you_mean(as_string(default), _allowed(declaration)) or "write a value that the parameter takes"
            yield finding_at(application, "SCHEMA_VALIDATION_FAILED", keys, message, remedy)
    for name, condition in dict_or_empty(document.get("Conditions")).items():
        for parameter, text in _compared(condition):
            allowed = _allowed(parameters.get(parameter))
            if allowed and text and text not in allowed:
                message = f"{name}: {parameter} is never {text}, but one of {short_list(allowed)}"
                remedy = did_you_mean(text, allowed) or f"add {text} to AllowedValues of {parameter}"
                yield finding_at(application, "CONDITIONAL_REFERENCE", ("Conditions", name), message, remedy)


def refusal(declaration: Mapping[str, Json], value: Json) -> str:
    """Why a parameter does not take a value that is written in a template; "" if it does, or may.

    Patterns are not tried: they are regular expressions of Java.
    """
    type_ = str(declaration.get("Type"))
    if isinstance(value, (dict, list)) or value is None or type_.startswith("AWS::SSM::"):
        return ""
    text = as_string(value)
    texts = [each.strip() for each in text.split(",")] if "List" in type_ else [text]
    allowed = _allowed(declaration)
    if allowed and not {*texts} <= {*allowed}:
        return f"is not one of {short_list(allowed)}"
    return _out_of_range(declaration, texts) if "Number" in type_ else _too_long_or_short(declaration, text, type_)


def _out_of_range(declaration: Mapping[str, Json], texts: list[str]) -> str:
    numbers = [_number(each) for each in texts]
    known = [number for number in numbers if number is not None]
    least, most = _number(declaration.get("MinValue")), _number(declaration.get("MaxValue"))
    if len(known) < len(numbers):
        return "is not a number"
    if least is not None and any(number < least for number in known):
        return f"is less than {declaration['MinValue']}"
    return f"is more than {declaration['MaxValue']}" if most is not None and any(each > most for each in known) else ""


def _too_long_or_short(declaration: Mapping[str, Json], text: str, type_: str) -> str:
    shortest, longest = _number(declaration.get("MinLength")), _number(declaration.get("MaxLength"))
    if type_ == "String" and shortest is not None and len(text) < shortest:
        return f"has less than {declaration['MinLength']} characters"
    is_too_long = type_ == "String" and longest is not None and len(text) > longest
    return f"has more than {declaration['MaxLength']} characters" if is_too_long else ""


def _allowed(declaration: Json) -> list[str]:
    values = as_list(dict_or_empty(declaration).get("AllowedValues"))
    return [] if any(isinstance(each, dict) for each in values) else [as_string(each) for each in values]


def _number(value: Json) -> float | None:
    try:
        return None if isinstance(value, bool) or not isinstance(value, (int, float, str)) else float(value)
    except ValueError:
        return None


def _compared(condition: Json) -> Iterator[tuple[str, str]]:
    """The parameters that a condition compares with a string, each with the string."""
    waiting = [condition]
    while waiting:
        item = waiting.pop()
        operands = item.get("Fn::Equals") if isinstance(item, dict) else None
        if isinstance(operands, list) and len(operands) == 2:
            for one, other in (operands, operands[::-1]):
                if isinstance(one, dict) and isinstance(one.get("Ref"), str) and isinstance(other, (str, int)):
                    yield one["Ref"], as_string(other)
        waiting.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
