"""The rules, in one table: each a small generator of problems, with its code and where AWS says so."""

from __future__ import annotations

from workflow_dsl.validation.rules import control_flow as advice
from workflow_dsl.validation.rules import (
    dataflow,
    expressions,
    fields,
    jsonata,
    parameters,
    placeholders,
    resources,
    structure,
    variables,
)
from workflow_dsl.validation.rules import literals as lookups
from workflow_dsl.validation.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *structure.RULES,
    *fields.RULES,
    *expressions.RULES,
    *jsonata.RULES,
    *variables.RULES,
    *placeholders.RULES,
    *resources.RULES,
    *parameters.RULES,
    *advice.RULES,
    *dataflow.RULES,
    *lookups.RULES,
)
