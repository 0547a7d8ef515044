"""The exploration of an application's state machine, with what its template and workflows declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_dsl.application.application import Application
from workflow_dsl.application.declarations import Declarations
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.examples import Samples
from workflow_dsl.exploration.exploring import Exploration, explore
from workflow_dsl.local.lambda_functions.template_functions import TemplateFunctions


def explore_machine(
    application: Application,
    machine: TemplateMachine,
    results: Mapping[str, Json] | None = None,
    **limits: Any,
) -> Exploration:
    """Return the execution paths of a state machine, whose values have the declared shapes.

    `results` are examples of the results of its states; `limits` are those of `explore`: its seed, its most runs and
    seconds, its progress. Raises FindingsError for a definition that cannot run.
    """
    definition = machine.with_local_values
    functions = TemplateFunctions(application.template).called_by(definition)
    examples = Samples(functions, results, Declarations(application).of(machine).input)
    return explore(definition, functions=functions, examples=examples, type_=machine.resource.type, **limits)
