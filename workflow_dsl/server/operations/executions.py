"""Executions: started, described, listed, stopped and redriven."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from workflow_dsl.definition.jackson import read_json
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.engine.dataflow import DATA_LIMIT, is_too_large
from workflow_dsl.local.engine.execution import Outcome
from workflow_dsl.local.engine.history import History
from workflow_dsl.local.engine.prepared import PreparedMachine
from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.server.account import Account
from workflow_dsl.server.arns import Arn, check_name, check_unlabelled, parse_arn
from workflow_dsl.server.errors import execution_exists, invalid_input, validation, wrong_type
from workflow_dsl.server.operations.operation import Answer, Members, Operation, present, valued
from workflow_dsl.server.paging import page
from workflow_dsl.server.records import ExecutionRecord
from workflow_dsl.server.state_machines import new_id, now

# API reference, RedriveExecution: how long an execution can be redriven, and the events that it may have at most.
_REDRIVABLE_DAYS = 14
_MOST_EVENTS = 24_998
_SYNC_SECONDS = 300.0


def start(account: Account, request: Members) -> Answer:
    """Start an execution. The same request again, while it runs, is answered with the same execution."""
    value, (arn, case) = _input(request), _machine_and_case(request)
    check_unlabelled(arn)
    with account.lock:
        record, machine = _new_record(account, request, arn, case)
        same = account.executions.get(record.arn)
        known = None if same is None or same.is_orphan else same
        if known is None:
            account.add(record)
    if known is not None:
        if known.status == "RUNNING" and known.input == record.input:
            return {"executionArn": known.arn, "startDate": known.started}
        raise execution_exists(known.arn)
    _begin(account, record, machine, value)
    return {"executionArn": record.arn, "startDate": record.started}


def start_sync(account: Account, request: Members) -> Answer:
    """Run an Express execution, and return its result."""
    value, (arn, case) = _input(request), _machine_and_case(request)
    with account.lock:
        record, machine = _new_record(account, request, arn, case)
        if not record.is_express:
            raise wrong_type()
        account.add(record)
    _begin(account, record, machine, value, is_awaited=True)
    record.wait(_SYNC_SECONDS)
    stopped = record.stopped or now()
    milliseconds = (stopped - record.started) / timedelta(milliseconds=1)
    return present(
        **_result(record, request),
        executionArn=record.arn,
        stateMachineArn=record.machine_arn,
        name=record.name,
        startDate=record.started,
        stopDate=stopped,
        status=record.status,
        traceHeader=record.trace_header,
        billingDetails={
            "billedMemoryUsedInMB": 64,
            "billedDurationInMilliseconds": int(-(-milliseconds // 100) * 100) or 100,
        },
    )


def _input(request: Members) -> Json:
    """The input of a request. Raises ApiError for one that is not JSON, or too large."""
    text = request.get("input", "{}")
    if is_too_large(text):
        raise invalid_input(f"The input is larger than {DATA_LIMIT} bytes.")
    if not text.strip():
        raise invalid_input("Invalid execution input.")
    value, problem = read_json(text)
    if problem:
        raise invalid_input(problem.message)
    return value


def _machine_and_case(request: Members) -> tuple[Arn, str | None]:
    """The ARN of a request's state machine, and the test case of the mock configuration behind its `#`."""
    text, _, case = request["stateMachineArn"].partition("#")
    return parse_arn(text, "stateMachine"), case or None


def _new_record(
    account: Account, request: Members, arn: Arn, case: str | None
) -> tuple[ExecutionRecord, PreparedMachine]:
    """The record of an execution that a request starts, and its definition. Raises ApiError."""
    name = request.get("name") or new_id()
    check_name(name)
    machine, revision, version = account.resolve(arn)
    try:
        prepared = revision.prepared()
    except FindingsError as problem:
        raise validation(str(problem)) from None  # the model has no error of definitions for a start
    kind = (
        f"express:{machine.name}:{name}:{new_id()}" if machine.type == "EXPRESS" else f"execution:{machine.name}:{name}"
    )
    moment = now()
    record = ExecutionRecord(
        arn=f"{machine.arn.rpartition(':stateMachine:')[0]}:{kind}",
        name=name,
        machine_arn=machine.arn,
        revision=revision,
        input=request.get("input", "{}"),
        started=moment,
        clock_start=moment,
        history=History(float),
        version_arn=version.arn if version else None,
        alias_arn=arn.text if arn.qualifier in machine.aliases else None,
        trace_header=request.get("traceHeader"),
        test_case=case,
    )
    return record, prepared


def _begin(
    account: Account, record: ExecutionRecord, machine: PreparedMachine, value: Json, *, is_awaited: bool = False
) -> None:
    if account.world is None:
        raise ApiError("ServiceUnavailable", "nothing runs executions")
    account.world.start(record, machine, value, is_awaited=is_awaited)


def describe(account: Account, request: Members) -> Answer:
    """Return an execution."""
    record = account.execution(request["executionArn"])
    parts = _summary(record) | _result(record, request) | _redrive_status(record)
    parts["traceHeader"] = record.trace_header
    return valued(parts)


def _summary(record: ExecutionRecord) -> Answer:
    """The members that a list has too, None for one that is left out."""
    return {
        "executionArn": record.arn,
        "stateMachineArn": record.machine_arn,
        "name": record.name,
        "status": record.status,
        "startDate": record.started,
        "stopDate": record.stopped,
        "mapRunArn": record.map_run_arn,
        "stateMachineVersionArn": record.version_arn,
        "stateMachineAliasArn": record.alias_arn,
        "redriveCount": record.redrive_count,
        "redriveDate": record.redriven,
    }


def _result(record: ExecutionRecord, request: Members) -> Answer:
    """The input, and the output or the error; without the data if only metadata is asked for, None for what is not."""
    has_data = request.get("includedData", "ALL_DATA") == "ALL_DATA"
    details = {"included": has_data}
    return {
        "input": record.input if has_data else None,
        "inputDetails": details,
        "output": record.output if has_data else None,
        "outputDetails": None if record.output is None else details,
        "error": record.error,
        "cause": record.cause,
    }


def _redrive_status(record: ExecutionRecord) -> Answer:
    if record.map_run_arn and record.status not in ("RUNNING", "SUCCEEDED"):
        return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN"}
    reason = _not_redrivable(record)
    return {"redriveStatus": "NOT_REDRIVABLE" if reason else "REDRIVABLE", "redriveStatusReason": reason}


def _not_redrivable(record: ExecutionRecord) -> str | None:
    """The reason why an execution cannot be redriven, in the words of DescribeExecution."""
    if record.status == "RUNNING":
        return "Execution is RUNNING and cannot be redriven"
    if record.status == "SUCCEEDED":
        return "Execution is SUCCEEDED and cannot be redriven"
    if record.resume is None:
        return "Execution has no state to be redriven from"
    if record.stopped and (now() - record.stopped) > timedelta(days=_REDRIVABLE_DAYS):
        return "Execution redrivable period exceeded"
    if len(record.history.events) > _MOST_EVENTS:
        return "Execution history event limit exceeded"
    return None


def list_executions(account: Account, request: Members) -> Answer:
    """Return the executions of a state machine, a version, an alias or a Map Run, the latest first."""
    if ("stateMachineArn" in request) == ("mapRunArn" in request):
        raise validation("Must provide a StateMachine ARN or MapRun ARN")
    if request.get("statusFilter") == "PENDING_REDRIVE" and "mapRunArn" not in request:
        raise validation("The statusFilter PENDING_REDRIVE needs a mapRunArn")
    with account.lock:
        records = (
            list(account.map_run(request["mapRunArn"]).children)
            if "mapRunArn" in request
            else _of_machine(account, request)
        )
    status, redrive = request.get("statusFilter"), request.get("redriveFilter")
    by_time = sorted(records, key=_latest_moment)
    chosen = [
        record
        for record in reversed(by_time)
        if (status in (None, record.status))
        and (redrive is None or (redrive == "REDRIVEN") == (record.redrive_count > 0))
    ]
    answer = page(chosen, request, "executions", lambda record: (-_latest_moment(record).timestamp(), record.arn))
    answer["executions"] = [_listed_execution(record) for record in answer["executions"]]
    return answer


def _latest_moment(record: ExecutionRecord) -> datetime:
    """The time that a list is sorted by. API reference, ListExecutions: of the start, the redrive or the end."""
    return record.stopped or record.redriven or record.started


def _listed_execution(record: ExecutionRecord) -> Answer:
    counts = {"redriveCount": record.redrive_count or None, "itemCount": record.item_count or None}
    return present(**_summary(record) | counts)


def _of_machine(account: Account, request: Members) -> list[ExecutionRecord]:
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    machine, _, _ = account.resolve(arn)
    if machine.type == "EXPRESS":
        raise wrong_type()
    field = "alias_arn" if arn.qualifier in machine.aliases else "version_arn" if arn.qualifier else "machine_arn"
    records: Any = account.executions.values()
    return [record for record in records if getattr(record, field) == arn.text and not record.is_orphan]


def stop(account: Account, request: Members) -> Answer:
    """Stop an execution. One that has ended stays as it is."""
    record = account.execution(request["executionArn"])
    if account.world is not None:
        account.world.stop(record, Outcome("ABORTED", None, request.get("error"), request.get("cause")))
    return {"stopDate": record.stopped or now()}


def redrive(account: Account, request: Members) -> Answer:
    """Run an execution on from the state that it failed in. The same request again gets the same answer."""
    record = account.execution(request["executionArn"])
    token = request.get("clientToken")
    with account.lock:
        known = record.redriven_by(token, now()) if token else None
        if known:
            return {"redriveDate": known}
        reason = _not_redrivable(record)
        if reason or record.map_run_arn or record.resume is None:
            message = reason or "Execution is a child of a Map Run and cannot be redriven"
            raise ApiError("ExecutionNotRedrivable", message)
        record.begin_again(now(), token)
    if account.world is not None:
        account.world.redrive(record, record.revision.prepared(), json.loads(record.input))
    return {"redriveDate": record.redriven}


OPERATIONS: dict[str, Operation] = {
    "StartExecution": start,
    "StartSyncExecution": start_sync,
    "DescribeExecution": describe,
    "ListExecutions": list_executions,
    "StopExecution": stop,
    "RedriveExecution": redrive,
}
