"""The errors of the API: their codes, and their messages in the service's words (recorded answers; API reference)."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_dsl.local.one_state.api import ApiError


def invalid_arn(text: str) -> ApiError:
    """Return the error for a malformed ARN."""
    return ApiError("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {text}'")


def wrong_resource(kind: str) -> ApiError:
    """Return the error for the ARN of another kind of resource."""
    return ApiError("InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {kind}'")


def machine_missing(arn: str) -> ApiError:
    """Return the error for a state machine, a version or an alias that does not exist."""
    return ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def machine_exists(arn: str) -> ApiError:
    """Return the error for a state machine's name that is in use."""
    return ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")


def execution_missing(arn: str) -> ApiError:
    """Return the error for an execution that does not exist."""
    return ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def execution_exists(arn: str) -> ApiError:
    """Return the error for an execution's name that is in use."""
    return ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")


def activity_missing(arn: str) -> ApiError:
    """Return the error for an activity that does not exist."""
    return ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")


def resource_missing(arn: str) -> ApiError:
    """Return the error for another resource that does not exist."""
    return ApiError("ResourceNotFound", f"Resource not found: '{arn}'")


def wrong_type() -> ApiError:
    """Return the error for an operation that the type of the state machine does not have."""
    return ApiError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")


def invalid_name(name: str) -> ApiError:
    """Return the error for a name with characters that are not allowed."""
    return ApiError("InvalidName", f"Invalid Name: '{name}'")


def invalid_input(problem: str) -> ApiError:
    """Return the error for an execution's input that is not JSON."""
    return ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{problem}'")


def invalid_output(problem: str) -> ApiError:
    """Return the error for a task's output that is not JSON, or too large."""
    return ApiError("InvalidOutput", f"Invalid Output: '{problem}'")


def invalid_token() -> ApiError:
    """Return the error for a token that the service has not issued."""
    return ApiError("InvalidToken", "Invalid Token: 'Invalid token'")


def task_gone() -> ApiError:
    """Return the error for the token of a task that no longer waits for an answer."""
    return ApiError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


def validation(message: str) -> ApiError:
    """Return the error for members that contradict each other, or the state of the account."""
    return ApiError("ValidationException", message)


def constraints(problems: Iterable[str]) -> ApiError:
    """Return the error for members that fail the constraints of the API's model."""
    texts = list(problems)
    noun = "validation error" if len(texts) == 1 else "validation errors"
    return validation(f"{len(texts)} {noun} detected: {'; '.join(texts)}")


def quota_exceeded() -> ApiError:
    """Return the error for a version or an alias beyond the most that a state machine has.

    The message is the one of the error in the API reference: the service's own is not published.
    """
    return ApiError("ServiceQuotaExceededException", "The request would cause a service quota to be exceeded.")


def conflict(message: str) -> ApiError:
    """Return the error for a change that conflicts with another one."""
    return ApiError("ConflictException", message)
