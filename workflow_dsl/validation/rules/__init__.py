"""The rules, in one table: each a small generator of problems, with its code and the page where AWS documents it."""

from __future__ import annotations

from workflow_dsl.validation.rules import (
    control_flow,
    dataflow,
    dead_rules,
    errors,
    expressions,
    field_values,
    fields,
    jsonata,
    literals,
    parameters,
    placeholders,
    query_language,
    resources,
    shape,
    structure,
    variables,
)
from workflow_dsl.validation.rules.calls import addresses, map_files, refused
from workflow_dsl.validation.rules.rule import REGISTERED, Rule
from workflow_dsl.validation.rules.values import comparisons, passed_values, reads

# The order of the rules in docs/rules.md; inside a module it is that of their definitions.
_MODULES = [
    *(shape, structure, fields, query_language, field_values, expressions, jsonata, variables, placeholders),
    *(resources, parameters, map_files, refused, addresses),
    *(control_flow, errors, dataflow, literals, reads, comparisons, dead_rules, passed_values),
]
_NAMES = [module.__name__ for module in _MODULES]

RULES: tuple[Rule, ...] = tuple(sorted(REGISTERED, key=lambda rule: _NAMES.index(rule.module)))
