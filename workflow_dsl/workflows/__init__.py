"""The authors' room: one file is one state machine is one generated file."""

import workflow_dsl.sdk  # noqa: F401  # a workflow's `from stepfunctions.steps import ...` works only behind the door
