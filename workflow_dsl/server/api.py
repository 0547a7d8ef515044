"""The API as one function: an operation and a request's body in, the status and the body of the answer out."""

from __future__ import annotations

import json

from workflow_dsl.findings import FindingsError
from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.server import model
from workflow_dsl.server.account import Account
from workflow_dsl.server.operations import OPERATIONS

# Operations that see what has changed in the project's files.
_OF_DEFINITIONS = frozenset(
    (
        *("StartExecution", "StartSyncExecution", "TestState", "ListStateMachines", "DescribeStateMachine"),
        *("UpdateStateMachine", "PublishStateMachineVersion", "ListActivities", "DescribeActivity"),
    )
)
_READING = ("Describe", "GetExecution", "List", "Test", "Validate")


def call(account: Account, operation: str, body: bytes) -> tuple[int, bytes, str]:
    """Return the status and the body of the answer to a request, and the code of its error, or "".

    Whatever goes wrong is an error of the API: nothing is raised, and no client sees a traceback.
    """
    try:
        function = OPERATIONS.get(operation)
        if function is None:
            raise ApiError("UnknownOperationException", "")
        members = model.parse(operation, body)
        if operation in _OF_DEFINITIONS:
            account.refresh()
        answer = function(account, members)
        account.changes += not operation.startswith(_READING)
        return 200, model.to_json(answer), ""
    except ApiError as problem:
        return error(problem.code, problem.message)
    except FindingsError as problem:
        return error("ValidationException", "; ".join(finding.text for finding in problem.findings))
    except RecursionError:
        return error("ValidationException", "a value is nested too deeply")
    except Exception as problem:  # a defect of this server: the client is told which, and not where
        return error("InternalFailure", f"{type(problem).__name__}: {problem}", status=500)


def error(code: str, message: str, *, status: int = 400) -> tuple[int, bytes, str]:
    """Return an error of the API as `call` does."""
    return status, json.dumps({"__type": code, "message": message}).encode(), code
