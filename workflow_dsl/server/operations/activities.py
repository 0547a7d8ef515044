"""Activities and task tokens."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar

from workflow_dsl.definition.jackson import json_problem
from workflow_dsl.local.engine.dataflow import DATA_LIMIT, is_too_large
from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.local.stand_ins import callbacks
from workflow_dsl.server.account import Account, Activity, ActivityTask
from workflow_dsl.server.arns import activity_arn, check_name, parse_arn
from workflow_dsl.server.errors import activity_missing, invalid_output, invalid_token, task_gone
from workflow_dsl.server.operations.encryption import encryption_of
from workflow_dsl.server.operations.operation import Answer, Members, Operation, present
from workflow_dsl.server.operations.tags import tags_of
from workflow_dsl.server.paging import page
from workflow_dsl.server.state_machines import now

# Asks if the client of a request has gone: a worker that does not wait any more gets no task.
is_gone: ContextVar[Callable[[], bool]] = ContextVar("is_gone", default=lambda: False)


def create(account: Account, request: Members) -> Answer:
    """Create an activity; one of the name exists already, and is returned."""
    check_name(request["name"])
    encryption = encryption_of(request)
    arn = activity_arn(request["name"])
    with account.lock:
        activity = account.activities.get(arn)
        if activity and activity.encryption != encryption:
            raise ApiError("ActivityAlreadyExists", f"Activity Already Exists: '{arn}'")
        if activity is None:
            activity = Activity(arn, request["name"], now(), tags_of(request), encryption)
            account.activities[arn] = activity
    return {"activityArn": arn, "creationDate": activity.created}


def _activity(account: Account, text: str) -> Activity:
    arn = parse_arn(text, "activity")
    activity = account.activities.get(arn.text)
    if activity is None:
        raise activity_missing(arn.text)
    return activity


def describe(account: Account, request: Members) -> Answer:
    """Return an activity."""
    activity = _activity(account, request["activityArn"])
    return present(
        activityArn=activity.arn,
        name=activity.name,
        creationDate=activity.created,
        encryptionConfiguration=activity.encryption,
    )


def delete(account: Account, request: Members) -> Answer:
    """Delete an activity. One that does not exist is deleted already."""
    arn = parse_arn(request["activityArn"], "activity")
    with account.lock:
        account.activities.pop(arn.text, None)
        account.changed.notify_all()
    return {}


def list_activities(account: Account, request: Members) -> Answer:
    """Return the activities by name."""
    activities = sorted(account.activities.values(), key=lambda activity: activity.name)
    items = [
        {"activityArn": activity.arn, "name": activity.name, "creationDate": activity.created}
        for activity in activities
    ]
    return page(items, request, "activities", lambda item: (item["name"], ""))


def get_task(account: Account, request: Members) -> Answer:
    """Return the next task of an activity, or nothing if there is none within a minute."""
    until = time.monotonic() + account.long_poll
    with account.lock:
        activity = _activity(account, request["activityArn"])
        while is_gone.get()() or (task := _next_task(activity)) is None:
            left = until - time.monotonic()
            if left <= 0 or account.is_closed or is_gone.get()():
                return {}
            account.changed.wait(left)
            activity = _activity(account, request["activityArn"])
    task.on_taken(request.get("workerName"))
    return {"taskToken": task.token, "input": task.input}


def _next_task(activity: Activity) -> ActivityTask | None:
    """Take the next task that still waits: one whose state has timed out or was stopped does not."""
    while activity.tasks:
        task = activity.tasks.popleft()
        if callbacks.is_pending(task.token):
            return task
    return None


def _answer_task(account: Account, name: str, request: Members) -> Answer:
    output = request.get("output", "{}")
    if is_too_large(output):  # API reference, SendTaskSuccess: bytes in UTF-8
        raise invalid_output(f"The output is larger than {DATA_LIMIT} bytes.")
    problem = json_problem(output)
    if problem:
        raise invalid_output(problem.message)
    try:
        callbacks.CALLBACKS[name](request)
    except LookupError:
        raise task_gone() if _looks_issued(request["taskToken"]) else invalid_token() from None
    return {}


def _looks_issued(token: str) -> bool:
    """True for a token of the form that this server issues: a task that waits no longer had it."""
    return len(token) == 36 and token.count("-") == 4


def send_success(account: Account, request: Members) -> Answer:
    """Complete a task with its result."""
    return _answer_task(account, "SendTaskSuccess", request)


def send_failure(account: Account, request: Members) -> Answer:
    """Fail a task."""
    return _answer_task(account, "SendTaskFailure", request)


def send_heartbeat(account: Account, request: Members) -> Answer:
    """Begin the heartbeat timeout of a task again."""
    return _answer_task(account, "SendTaskHeartbeat", request)


OPERATIONS: dict[str, Operation] = {
    "CreateActivity": create,
    "DescribeActivity": describe,
    "DeleteActivity": delete,
    "ListActivities": list_activities,
    "GetActivityTask": get_task,
    "SendTaskSuccess": send_success,
    "SendTaskFailure": send_failure,
    "SendTaskHeartbeat": send_heartbeat,
}
