"""Run workflows locally as Step Functions runs them, with their real handlers and a virtual clock.

from workflow_dsl.local import run

execution = run(definition, {"symbol": "ACME"}, functions={"StockChecker": handler})
assert execution.status == "SUCCEEDED"
"""

from workflow_dsl.local.lambda_functions.endpoint import LambdaEndpoint
from workflow_dsl.local.lambda_functions.functions import Function, LambdaContext
from workflow_dsl.local.one_state.inspection import InspectionData, StateTest
from workflow_dsl.local.one_state.testing import StateTestOptions, test_state
from workflow_dsl.local.project_run import ProjectRunner, RunOptions, RunWorkflow
from workflow_dsl.local.replay.recorded_mocks import mocks_of
from workflow_dsl.local.replay.recording import Recording, read_recording
from workflow_dsl.local.runner import Run, run
from workflow_dsl.local.stand_ins.callbacks import send_task_failure, send_task_heartbeat, send_task_success
from workflow_dsl.local.stand_ins.mocks import InTurn, Mock, Return, Throw, read_mock_config
from workflow_dsl.local.stand_ins.services import BotoServices, FakeServices

__all__ = [
    "BotoServices",
    "FakeServices",
    "Function",
    "InTurn",
    "InspectionData",
    "LambdaContext",
    "LambdaEndpoint",
    "Mock",
    "ProjectRunner",
    "Recording",
    "Return",
    "Run",
    "RunOptions",
    "RunWorkflow",
    "StateTest",
    "StateTestOptions",
    "Throw",
    "mocks_of",
    "read_mock_config",
    "read_recording",
    "run",
    "send_task_failure",
    "send_task_heartbeat",
    "send_task_success",
    "test_state",
]
