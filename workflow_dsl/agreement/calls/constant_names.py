"""Names that a service takes once, and that a state gives to everything it starts.

API references: Step Functions, "StartExecution" (unique for 90 days); SageMaker, "CreateTrainingJob" and others (unique
in an account and region); Transcribe, "StartTranscriptionJob".
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, machine_type
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known

_NAMES = {
    ("sagemaker", "createHyperParameterTuningJob"): "HyperParameterTuningJobName",
    ("sagemaker", "createLabelingJob"): "LabelingJobName",
    ("sagemaker", "createProcessingJob"): "ProcessingJobName",
    ("sagemaker", "createTrainingJob"): "TrainingJobName",
    ("sagemaker", "createTransformJob"): "TransformJobName",
    ("sfn", "startExecution"): "Name",
    ("states", "startExecution"): "Name",
    ("transcribe", "startTranscriptionJob"): "TranscriptionJobName",
}


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """A name that is the same in every execution, with keys from the state on."""
    parameter = _NAMES.get((site.call.service, site.call.action), "")
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    name = dict_or_empty(state.fields.get(holder)).get(parameter)
    if not is_known(name) or name.startswith("{%"):
        return
    nested = machine.template.resource_at(site.call.target or "", site.call.service)
    if nested is not None and nested.type in MACHINES and machine_type(machine.template, nested) != "STANDARD":
        return  # an Express execution may have the name of another
    own = f'"{parameter}.$": "$$.Execution.Name"'
    own = own if holder == "Parameters" else f'"{parameter}": "{{% $states.context.Execution.Name %}}"'
    message = f"{parameter} is {name} each time, but {site.call.title} accepts a name only once"
    yield Problem((holder, parameter), message, f"write a new one: {own}", "SAME_NAME")
