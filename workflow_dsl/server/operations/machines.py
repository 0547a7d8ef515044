"""State machines: created, described, listed, updated and deleted."""

from __future__ import annotations

from typing import Any

from workflow_dsl.local.engine.execution import Outcome
from workflow_dsl.local.errors import RUNTIME
from workflow_dsl.local.one_state.api import ApiError, check_role
from workflow_dsl.records import replace
from workflow_dsl.server.account import Account
from workflow_dsl.server.arns import check_name, check_unlabelled, machine_arn, parse_arn
from workflow_dsl.server.errors import machine_exists, machine_missing, validation
from workflow_dsl.server.operations.encryption import encryption_of
from workflow_dsl.server.operations.operation import Answer, Members, Operation, present
from workflow_dsl.server.operations.tags import tags_of
from workflow_dsl.server.operations.variable_references import variable_references
from workflow_dsl.server.paging import page
from workflow_dsl.server.state_machines import NO_LOGGING, NO_TRACING, Revision, StateMachine, new_id, now
from workflow_dsl.validation import Type
from workflow_dsl.validation.diagnostics import definition_message, diagnostics


def create(account: Account, request: Members) -> Answer:
    """Create a state machine; one that is the same in all but its role and tags exists already, and is returned.

    API reference, CreateStateMachine: the role and the tags of such a request are ignored.
    """
    check_name(request["name"])
    _check_publish(request)
    type_ = request.get("type", "STANDARD")
    _check_definition(request["definition"], type_)
    check_role(request["roleArn"])
    revision = Revision(
        request["definition"],
        request["roleArn"],
        type_,
        _logging(request),
        request.get("tracingConfiguration", NO_TRACING),
        encryption_of(request),
    )
    with account.lock:
        arn = machine_arn(request["name"])
        machine = account.machines.get(arn)
        if machine and not _is_same(machine.revision, revision):
            raise machine_exists(arn)
        if machine is None:
            machine = StateMachine(arn, request["name"], revision, revision.date, tags_of(request))
            account.machines[arn] = machine
        version = machine.publish(request.get("versionDescription")) if request.get("publish") else None
    return present(
        stateMachineArn=arn, creationDate=machine.created, stateMachineVersionArn=version.arn if version else None
    )


def _is_same(old: Revision, new: Revision) -> bool:
    return replace(old, date=new.date, id=None, role_arn=new.role_arn) == new


def _check_publish(request: Members) -> None:
    if "versionDescription" in request and not request.get("publish"):
        raise validation("Version description can only be set when publish is true")


def _check_definition(text: str, type_: Type) -> None:
    """Raise ApiError for a definition that the service refuses."""
    errors = [problem for problem in diagnostics(text, type_) if problem.severity == "ERROR"]
    if errors:
        raise ApiError("InvalidDefinition", definition_message(errors))


def _logging(request: Members) -> dict[str, Any]:
    """The logging of a request. Raises ApiError for a level without a destination."""
    logging = {**NO_LOGGING, **request.get("loggingConfiguration", {})}
    destinations = logging.get("destinations", [])
    if len(destinations) > 1 or (logging["level"] != "OFF" and not destinations):
        message = "Must specify exactly one Log Destination in Logging Configuration"
        raise ApiError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {message}.")
    return logging


def describe(account: Account, request: Members) -> Answer:
    """Return a state machine, or a version of it, or what an alias leads to."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    with account.lock:
        machine, revision, version = account.resolve(arn)
    return _description(machine, revision, request) | present(
        stateMachineArn=arn.text,
        status="ACTIVE",
        type=machine.type,
        creationDate=version.created if version else machine.created,
        description=version.description if version else None,
    )


def _description(machine: StateMachine, revision: Revision, request: Members) -> Answer:
    has_data = request.get("includedData", "ALL_DATA") == "ALL_DATA"
    references = variable_references(revision.definition)
    return present(
        stateMachineArn=machine.arn,
        name=machine.name,
        definition=revision.definition if has_data else "{}",  # API reference, DescribeStateMachine
        roleArn=revision.role_arn,
        loggingConfiguration=dict(revision.logging),
        tracingConfiguration=dict(revision.tracing),
        encryptionConfiguration=revision.encryption,
        revisionId=revision.id,
        variableReferences=references or None,
    )


def describe_for_execution(account: Account, request: Members) -> Answer:
    """Return the state machine of an execution, as it was when the execution started."""
    record = account.execution(request["executionArn"])
    name = record.machine_arn.rpartition(":")[2]
    machine = StateMachine(record.machine_arn, name.partition("/")[0], record.revision, record.started)
    description = _description(machine, record.revision, request) | {"updateDate": record.revision.date}
    if record.map_run_arn:
        description |= {"mapRunArn": record.map_run_arn, "label": name.rpartition("/")[2]}
    return description


def list_machines(account: Account, request: Members) -> Answer:
    """Return the state machines by name."""
    machines = sorted(account.machines.values(), key=lambda machine: machine.name)
    items = [
        {
            "stateMachineArn": machine.arn,
            "name": machine.name,
            "type": machine.type,
            "creationDate": machine.created,
        }
        for machine in machines
    ]
    return page(items, request, "stateMachines", lambda item: (item["name"], ""))


_CHANGEABLE = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")


def update(account: Account, request: Members) -> Answer:
    """Change a state machine: each field that the request has. Executions go on with what they started with."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    check_unlabelled(arn)
    with account.lock:
        machine = account.machine(arn)
        if arn.qualifier:
            raise machine_missing(arn.text)
    if not request.keys() & {*_CHANGEABLE, "publish"}:
        fields = "the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration"
        raise ApiError("MissingRequiredParameter", f"Either {fields}, or the TracingConfiguration must be specified")
    _check_publish(request)
    if "definition" in request:
        _check_definition(request["definition"], machine.type)
    if "roleArn" in request:
        check_role(request["roleArn"])
    with account.lock:
        old = machine.revision
        _revise(machine, request)
        try:
            version = machine.publish(request.get("versionDescription")) if request.get("publish") else None
        except ApiError:
            machine.revision = old
            raise
        revision = machine.revision
    return present(updateDate=now(), revisionId=revision.id, stateMachineVersionArn=version.arn if version else None)


def _revise(machine: StateMachine, request: Members) -> None:
    old = machine.revision
    new = replace(
        old,
        definition=request.get("definition", old.definition),
        role_arn=request.get("roleArn", old.role_arn),
        logging=_logging(request) if "loggingConfiguration" in request else old.logging,
        tracing=request.get("tracingConfiguration", old.tracing),
        encryption=encryption_of(request) if "encryptionConfiguration" in request else old.encryption,
    )
    if new != old:
        machine.revision = replace(new, id=new_id(), date=now())


def delete(account: Account, request: Members) -> Answer:
    """Delete a state machine with its versions and aliases.

    Its executions fail at once, those of the service at their next transition, with the same error. AWS re:Post, "Why
    is my Step Functions state machine stuck in the DELETING status?".
    """
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    check_unlabelled(arn)
    with account.lock:
        account.machines.pop(arn.text, None)
        records = [record for record in account.executions.values() if record.machine_arn == arn.text]
        for record in records:
            record.is_orphan = True
    failure = Outcome("FAILED", None, RUNTIME, f"State machine {arn.name} has been deleted.")
    for record in records:
        if account.world and record.status == "RUNNING" and not record.is_express:
            account.world.stop(record, failure)
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateStateMachine": create,
    "DescribeStateMachine": describe,
    "DescribeStateMachineForExecution": describe_for_execution,
    "ListStateMachines": list_machines,
    "UpdateStateMachine": update,
    "DeleteStateMachine": delete,
}
