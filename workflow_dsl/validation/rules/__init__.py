"""The rules, in one table: each a small generator of problems, with its code and where AWS says so."""

from __future__ import annotations

from workflow_dsl.validation.rules import (
    advice,
    dataflow,
    expressions,
    fields,
    integrations,
    jsonata,
    placeholders,
    structure,
    variables,
)
from workflow_dsl.validation.rules.table import Rule

RULES: tuple[Rule, ...] = (
    *structure.RULES,
    *fields.RULES,
    *expressions.RULES,
    *jsonata.RULES,
    *variables.RULES,
    *placeholders.RULES,
    *integrations.RULES,
    *advice.RULES,
    *dataflow.RULES,
)
