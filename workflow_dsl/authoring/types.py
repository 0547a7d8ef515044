"""Types of field values: paths, numbers, strings and templates, each as a value, an expression or JSONata."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.values import Expression, Jsonata
from workflow_dsl.definition.json import Json

Path = str | Expression | sdk.Placeholder
Step = sdk.State | sdk.Chain
Number = float | Expression | Jsonata
Whole = int | Expression | Jsonata
Text = str | Expression
Template = Mapping[str, Json] | Jsonata
