"""Step Functions on this computer: its API over HTTP, an account behind it, and the engine that runs the executions.

from workflow_dsl.server import Server

with Server.of("my-project") as server:
    server.client("stepfunctions").list_state_machines()
"""

from workflow_dsl.server.behind_moto import mock_step_functions
from workflow_dsl.server.settings import Settings
from workflow_dsl.server.start import Server

__all__ = ["Server", "Settings", "mock_step_functions"]
