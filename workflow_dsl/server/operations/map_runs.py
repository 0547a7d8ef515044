"""Map Runs: described, listed, and their limits changed."""

from __future__ import annotations

from collections import Counter

from workflow_dsl.server.account import Account
from workflow_dsl.server.errors import validation
from workflow_dsl.server.operations.operation import Answer, Members, Operation, present
from workflow_dsl.server.paging import by_date, page
from workflow_dsl.server.records import MapRunRecord

_COUNTED = {
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timedOut",
    "ABORTED": "aborted",
}


def describe(account: Account, request: Members) -> Answer:
    """Return a Map Run with the numbers of its items and of its child executions."""
    run = account.map_run(request["mapRunArn"])
    return present(
        mapRunArn=run.arn,
        executionArn=run.execution_arn,
        status=run.status,
        startDate=run.started,
        stopDate=run.stopped,
        maxConcurrency=run.max_concurrency,
        toleratedFailureCount=run.tolerated_count,
        toleratedFailurePercentage=run.tolerated_percentage,
        itemCounts=_counts(run, is_of_items=True),
        executionCounts=_counts(run, is_of_items=False),
        redriveCount=run.redrive_count,
        redriveDate=run.redriven,
    )


def _counts(run: MapRunRecord, *, is_of_items: bool) -> Answer:
    numbers: Counter[str] = Counter()
    children = list(run.children)
    for child in children:
        numbers[_COUNTED[child.status]] += child.item_count if is_of_items else 1
    started = sum(numbers.values())
    pending = max(0, run.items - started) if is_of_items and run.status == "RUNNING" else 0
    counts = {name: numbers[name] for name in _COUNTED.values()}
    written = numbers["succeeded"] + numbers["failed"] if run.status == "SUCCEEDED" else 0
    return {"pending": pending, **counts, "total": started + pending, "resultsWritten": written}


def list_map_runs(account: Account, request: Members) -> Answer:
    """Return the Map Runs of an execution, the newest first."""
    record = account.execution(request["executionArn"])
    runs = [run for run in reversed(list(account.map_runs.values())) if run.execution_arn == record.arn]
    items = [
        present(
            executionArn=run.execution_arn,
            mapRunArn=run.arn,
            stateMachineArn=run.machine_arn,
            startDate=run.started,
            stopDate=run.stopped,
        )
        for run in runs
    ]
    return page(items, request, "mapRuns", lambda item: by_date(item, "mapRunArn", "startDate"))


def update(account: Account, request: Members) -> Answer:
    """Change the limits of a Map Run that is running."""
    run = account.map_run(request["mapRunArn"])
    if run.status != "RUNNING":
        raise validation(f"Map Run cannot be updated because it is in a terminal state: {run.status}")
    run.change(
        request.get("maxConcurrency"), request.get("toleratedFailureCount"), request.get("toleratedFailurePercentage")
    )
    return {}


OPERATIONS: dict[str, Operation] = {
    "DescribeMapRun": describe,
    "ListMapRuns": list_map_runs,
    "UpdateMapRun": update,
}
