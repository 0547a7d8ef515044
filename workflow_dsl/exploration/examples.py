"""Example values of a workflow's input and of its tasks' results, from the shapes that are declared for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.lambda_functions import functions as lambdas
from workflow_dsl.local.lambda_functions.functions import Function
from workflow_dsl.local.stand_ins.samples import sample_result
from workflow_dsl.shapes import UNKNOWN, Shape, examples


class Examples(Protocol):
    """Example values, which the conditions of a path then change."""

    def input(self) -> Json:
        """Return an example of the input."""

    def result(self, state: PreparedState) -> Json:
        """Return an example of a task's result."""


class Samples:
    """Results of the shape that the API or the handler of `functions` declares; {} for what nothing is known of.

    `results` are those of the states with these names, `input_shape` is that of the input.
    """

    def __init__(
        self,
        functions: Mapping[str, Function] | None = None,
        results: Mapping[str, Json] | None = None,
        input_shape: Shape = UNKNOWN,
    ) -> None:
        self._functions, self._results, self._input = functions or {}, results or {}, input_shape

    def input(self) -> Json:
        """Return an input of the declared shape; an empty one where none is declared."""
        return examples(self._input, 1)[0]

    def result(self, state: PreparedState) -> Json:
        """Return a small result of the right shape."""
        if state.name in self._results:
            return self._results[state.name]
        integration = integration_of(str(state.fields.get("Resource", "")))
        if integration is None:
            return self._of_function(str(state.fields.get("Resource", "")))
        if (integration.service, integration.action) == ("lambda", "invoke") and not integration.pattern:
            arguments = state.fields.get("Arguments" if state.is_jsonata else "Parameters")
            name = arguments.get("FunctionName") if isinstance(arguments, dict) else None
            return {"Payload": self._of_function(str(name)), "StatusCode": 200}
        service = f"aws-sdk:{integration.service}" if integration.is_sdk else integration.service
        return sample_result(service, integration.action, integration.pattern.removeprefix("."))

    def _of_function(self, name: str) -> Json:
        function = lambdas.find(self._functions, name)
        find = getattr(function.handler, "declared_result", None) if function else None
        declared = find() if find else None
        return examples(declared.shape, 1)[0] if declared else {}
