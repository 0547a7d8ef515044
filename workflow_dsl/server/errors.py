"""The errors of the API: their codes, and their messages in the service's words (recorded answers; API reference)."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.records import Record


class _Error(Record):
    """An error of the API, to be called with what the request names, or with what is wrong with it."""

    code: str
    message: str

    def __call__(self, detail: str = "") -> ApiError:
        return ApiError(self.code, self.message.format(detail))


invalid_arn = _Error("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: {}'")
wrong_resource = _Error("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: {}'")
invalid_name = _Error("InvalidName", "Invalid Name: '{}'")
machine_missing = _Error("StateMachineDoesNotExist", "State Machine Does Not Exist: '{}'")
machine_exists = _Error("StateMachineAlreadyExists", "State Machine Already Exists: '{}'")
execution_missing = _Error("ExecutionDoesNotExist", "Execution Does Not Exist: '{}'")
execution_exists = _Error("ExecutionAlreadyExists", "Execution Already Exists: '{}'")
activity_missing = _Error("ActivityDoesNotExist", "Activity Does Not Exist: '{}'")
resource_missing = _Error("ResourceNotFound", "Resource not found: '{}'")
wrong_type = _Error("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
invalid_input = _Error("InvalidExecutionInput", "Invalid State Machine Execution Input: '{}'")
invalid_output = _Error("InvalidOutput", "Invalid Output: '{}'")
invalid_token = _Error("InvalidToken", "Invalid Token: 'Invalid token'")  # one that the service has not issued
task_gone = _Error("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
validation = _Error("ValidationException", "{}")  # members that contradict each other, or the state of the account
conflict = _Error("ConflictException", "{}")
# A version or an alias beyond the most that a state machine has. The message is that of the API reference: the
# service's own is not published.
quota_exceeded = _Error("ServiceQuotaExceededException", "The request would cause a service quota to be exceeded.")


def constraints(problems: Iterable[str]) -> ApiError:
    """Return the error for members that fail the constraints of the API's model."""
    texts = list(problems)
    noun = "validation error" if len(texts) == 1 else "validation errors"
    return validation(f"{len(texts)} {noun} detected: {'; '.join(texts)}")
