"""Versions of state machines: published, listed and deleted."""

from __future__ import annotations

from workflow_dsl.server.account import Account
from workflow_dsl.server.arns import parse_arn
from workflow_dsl.server.errors import conflict, machine_missing, validation
from workflow_dsl.server.operations.operation import Answer, Members, Operation
from workflow_dsl.server.paging import page


def publish(account: Account, request: Members) -> Answer:
    """Publish the present revision as a version."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    with account.lock:
        machine = account.machine(arn)
        if arn.qualifier:
            raise machine_missing(arn.text)
        present = machine.revision.id or "INITIAL"
        wanted = request.get("revisionId", present)
        if wanted != present:
            raise conflict(
                f"Failed to publish the State Machine version for revision {wanted}. "
                f"The current State Machine revision is {present}."
            )
        version = machine.publish(request.get("description"))
    return {"creationDate": version.created, "stateMachineVersionArn": version.arn}


def list_versions(account: Account, request: Members) -> Answer:
    """Return the versions, the newest first."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    with account.lock:
        machine = account.machines.get(arn.text)
        versions = sorted(machine.versions.values(), key=lambda version: -version.number) if machine else []
    key = "stateMachineVersions"
    answer = page(versions, request, key, lambda version: (-version.number, ""))
    answer[key] = [{"stateMachineVersionArn": version.arn, "creationDate": version.created} for version in answer[key]]
    return answer


def delete(account: Account, request: Members) -> Answer:
    """Delete a version, unless an alias routes to it. One that does not exist is deleted already."""
    arn = parse_arn(request["stateMachineVersionArn"], "stateMachine")
    if not arn.version:
        raise validation(f"Value '{arn.text}' at 'stateMachineVersionArn' must be the ARN of a state machine version")
    with account.lock:
        machine = account.machines.get(arn.text.rpartition(":")[0])
        aliases = machine.aliases.values() if machine else ()
        names = [
            alias.name
            for alias in aliases
            if any(route["stateMachineVersionArn"] == arn.text for route in alias.routes)
        ]
        if names:
            raise conflict(
                "Version to be deleted must not be referenced by an alias. "
                f"Current list of aliases referencing this version: [{', '.join(names)}]"
            )
        if machine:
            machine.versions.pop(arn.version, None)
    return {}


OPERATIONS: dict[str, Operation] = {
    "PublishStateMachineVersion": publish,
    "ListStateMachineVersions": list_versions,
    "DeleteStateMachineVersion": delete,
}
