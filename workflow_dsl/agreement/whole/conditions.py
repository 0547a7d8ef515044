"""References to resources that exist only under a Condition, from where that Condition may not hold.

CloudFormation refuses a stack with such a reference: "Unresolved resource dependencies" (user guide, "Conditions").
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from workflow_dsl.agreement.common import finding_at, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Template, references
from workflow_dsl.application.template.intrinsics import as_list, as_string, dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys

_Assumed = tuple[tuple[str, bool], ...]  # conditions by name, and whether each holds
_World = Mapping[str, Json]  # the values of the parameters and of other comparisons
_ANY_OTHER = object()  # a value that no condition names
_MOST_WORLDS = 4096


def conditional_references(application: Application) -> Iterator[Finding]:
    """References of resources and outputs to a resource that a stack may lack while it has what refers to it."""
    template = application.template
    conditions = _Conditions(template)
    if template_uses_macros(template) or not conditions.by_name:
        return
    for logical_id, keys, own, value in _holders(template):
        judged = set()
        for name, assumed in _conditioned(value, ((own, True),) if own else ()):
            condition = conditions.of_resource(name)
            if condition is None or name in judged or name == logical_id or conditions.imply(assumed, condition):
                continue
            judged.add(name)
            message = f"{logical_id}: it refers to {name}, which exists only if {condition} holds"
            remedy = f"add Condition: {condition} to {logical_id}, or choose the reference by Fn::If"
            yield finding_at(application, "CONDITIONAL_REFERENCE", keys, message, remedy)


def _holders(template: Template) -> Iterator[tuple[str, Keys, str, Json]]:
    """The resources and outputs: a name, the keys, the name of its own Condition or "", and what it has."""
    document = template.source.document
    for resource in template.resources.values():
        own = dict_or_empty(document["Resources"].get(resource.logical_id)).get("Condition")
        keys: Keys = ("Resources", resource.logical_id)
        yield resource.logical_id, keys, own if isinstance(own, str) else "", dict(resource.properties)
    for name, output in dict_or_empty(document.get("Outputs")).items():
        own = dict_or_empty(output).get("Condition")
        value = dict_or_empty(output).get("Value")
        yield f"output {name}", ("Outputs", name), own if isinstance(own, str) else "", value


def _conditioned(value: Json, assumed: _Assumed) -> Iterator[tuple[str, _Assumed]]:
    """The names that a value refers to, each with the conditions under which it does."""
    waiting = [(value, assumed)]
    while waiting:
        item, under = waiting.pop()
        if isinstance(item, list):
            waiting.extend((each, under) for each in item)
        elif isinstance(item, dict):
            branches = item.get("Fn::If")
            if isinstance(branches, list) and len(branches) == 3 and isinstance(branches[0], str):
                waiting += [(branches[1], (*under, (branches[0], True))), (branches[2], (*under, (branches[0], False)))]
            elif item.keys() & {"Ref", "Fn::GetAtt", "Fn::Sub"}:
                yield from ((name, under) for name in references(item))
            else:
                waiting.extend((each, under) for each in item.values())


class _Conditions:
    """The conditions of a template, each as a formula over comparisons of parameters with texts."""

    def __init__(self, template: Template) -> None:
        document = template.source.document
        self.by_name = dict_or_empty(document.get("Conditions"))
        self._parameters = dict_or_empty(document.get("Parameters"))
        self._of_resources = {
            name: dict_or_empty(resource).get("Condition") for name, resource in document["Resources"].items()
        }
        self._answers: dict[tuple[_Assumed, str], bool] = {}

    def of_resource(self, name: str) -> str | None:
        """The name of a resource's Condition; None without one."""
        condition = self._of_resources.get(name)
        return condition if isinstance(condition, str) and condition in self.by_name else None

    def imply(self, assumed: _Assumed, condition: str) -> bool:
        """True if a condition holds wherever the assumed ones do, or if that cannot be tried out."""
        if (condition, True) in assumed:
            return True
        key = (assumed, condition)
        if key not in self._answers:
            self._answers[key] = self._imply(assumed, condition)
        return self._answers[key]

    def _imply(self, assumed: _Assumed, condition: str) -> bool:
        names = [*(name for name, _ in assumed), condition]
        values: dict[str, list[Json]] = {}
        try:
            for name in names:
                self._collect({"Condition": name}, values)
            worlds = 1
            for choices in values.values():
                worlds *= len(choices)
            if worlds > _MOST_WORLDS:
                return True
            return all(
                self._holds({"Condition": condition}, world)
                for world in self._worlds(values)
                if all(self._holds({"Condition": name}, world) is holds for name, holds in assumed)
            )
        except (RecursionError, LookupError, TypeError):  # a condition in terms of itself, or one that is malformed
            return True

    def _worlds(self, values: Mapping[str, Sequence[Json]]) -> Iterator[_World]:
        return (dict(zip(values, chosen, strict=True)) for chosen in product(*values.values()))

    def _collect(self, condition: Json, values: dict[str, list[Json]]) -> None:
        """Add the values that each compared thing can have, as far as they make a difference."""
        [(function, operands)] = condition.items()
        if function == "Condition":
            self._collect(self.by_name[operands], values)
        elif function == "Fn::Equals":
            parameter, text = _comparison(operands)
            if parameter is None:
                values[_key(operands)] = [True, False]
                return
            declared = dict_or_empty(self._parameters.get(parameter)).get("AllowedValues")
            allowed = [as_string(each) for each in as_list(declared)]
            choices = values.setdefault(parameter, allowed or [_ANY_OTHER])
            if text not in choices and not allowed:
                choices.append(text)
        else:
            for operand in as_list(operands):
                self._collect(operand, values)

    def _holds(self, condition: Json, world: _World) -> bool:
        [(function, operands)] = condition.items()
        if function == "Condition":
            return self._holds(self.by_name[operands], world)
        if function == "Fn::Equals":
            parameter, text = _comparison(operands)
            return bool(world[_key(operands)]) if parameter is None else world[parameter] == text
        answers = [self._holds(operand, world) for operand in as_list(operands)]
        return _COMBINED[function](answers)


_COMBINED: Mapping[str, Callable[[list[bool]], bool]] = {
    "Fn::And": all,
    "Fn::Or": any,
    "Fn::Not": lambda answers: not answers[0],
}


def _comparison(operands: Json) -> tuple[str | None, str]:
    """The parameter and the text that Fn::Equals compares; None and "" for anything else."""
    if isinstance(operands, list) and len(operands) == 2:
        for one, other in (operands, operands[::-1]):
            if isinstance(one, dict) and isinstance(one.get("Ref"), str) and not isinstance(other, (dict, list)):
                return one["Ref"], as_string(other)
    return None, ""


def _key(operands: Json) -> str:
    return json.dumps(operands, sort_keys=True, default=str)
