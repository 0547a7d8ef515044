"""What fields take: paths, numbers, texts and templates, each as a value, an expression or JSONata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_dsl import sdk
from workflow_dsl.authoring.values import Expression, Jsonata

Json = Any  # what JSON holds, with path objects and references in it
Path = str | Expression | sdk.Placeholder
Step = sdk.State | sdk.Chain
Number = float | Expression | Jsonata
Whole = int | Expression | Jsonata
Text = str | Expression
Template = Mapping[str, Json] | Jsonata
