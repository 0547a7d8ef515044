"""Aliases of state machines: each routes to one or two versions."""

from __future__ import annotations

import json
from typing import Any

from workflow_dsl.server.account import Account
from workflow_dsl.server.arns import Arn, parse_arn
from workflow_dsl.server.errors import conflict, quota_exceeded, resource_missing, validation
from workflow_dsl.server.operations.operation import Answer, Members, Operation, present
from workflow_dsl.server.paging import by_date, page
from workflow_dsl.server.state_machines import Alias, StateMachine, now

Routes = list[dict[str, Any]]
_MOST = 100  # API reference, CreateStateMachineAlias: aliases of a state machine


def create(account: Account, request: Members) -> Answer:
    """Create an alias; one that is the same exists already, and is returned."""
    routes, name, description = request["routingConfiguration"], request["name"], request.get("description")
    with account.lock:
        machine = _routed_machine(account, routes)
        alias = machine.aliases.get(name)
        if alias and (alias.routes, alias.description) != (routes, description):
            raise conflict(
                "Failed to create alias because an alias with the same name and a different routing configuration "
                "already exists."
            )
        if alias is None and len(machine.aliases) >= _MOST:
            raise quota_exceeded()
        moment = now()
        alias = alias or Alias(f"{machine.arn}:{name}", name, routes, description, moment, moment)
        machine.aliases[name] = alias
    return {"stateMachineAliasArn": alias.arn, "creationDate": alias.created}


def _routed_machine(account: Account, routes: Routes) -> StateMachine:
    """Return the state machine whose versions are routed to. Raises ApiError for a routing that is refused."""
    arns, weights = [route["stateMachineVersionArn"] for route in routes], [route["weight"] for route in routes]
    received = f"Received: [{', '.join(arns)}]"
    if len(set(arns)) < len(arns):
        raise validation(f"Routing configuration must contain distinct state machine version ARNs. {received}")
    parsed = [parse_arn(arn, "stateMachine") for arn in arns]
    if not all(arn.version for arn in parsed):
        raise validation(f"Routing configuration must contain state machine version ARNs. {received}")
    if sum(weights) != 100:
        raise validation(f"Sum of routing configuration weights must equal 100. Received: {json.dumps(weights)}")
    if len({arn.name for arn in parsed}) > 1:
        raise validation(f"Routing configuration must contain versions of the same state machine. {received}")
    return _machine_of_versions(account, parsed)


def _machine_of_versions(account: Account, arns: list[Arn]) -> StateMachine:
    machine = account.machines.get(arns[0].text.rpartition(":")[0])
    for arn in arns:
        if machine is None or arn.version not in machine.versions:
            raise resource_missing(arn.text)
    assert machine is not None  # noqa: S101  # there is at least one ARN
    return machine


def _alias(account: Account, text: str) -> tuple[StateMachine, Alias]:
    arn = parse_arn(text, "stateMachine")
    machine = account.machines.get(arn.text.rpartition(":")[0])
    alias = machine.aliases.get(arn.qualifier) if machine else None
    if machine is None or alias is None:
        raise resource_missing(arn.text)
    return machine, alias


def describe(account: Account, request: Members) -> Answer:
    """Return an alias."""
    with account.lock:
        _, alias = _alias(account, request["stateMachineAliasArn"])
    return present(
        stateMachineAliasArn=alias.arn,
        name=alias.name,
        description=alias.description,
        routingConfiguration=alias.routes,
        creationDate=alias.created,
        updateDate=alias.updated,
    )


def update(account: Account, request: Members) -> Answer:
    """Change the description or the routes of an alias."""
    with account.lock:
        machine, alias = _alias(account, request["stateMachineAliasArn"])
        if not request.keys() & {"description", "routingConfiguration"}:
            raise validation("Either description or routingConfiguration must be specified")
        if "routingConfiguration" in request:
            routes = request["routingConfiguration"]
            if _routed_machine(account, routes) is not machine:
                raise validation("Routing configuration must contain versions of the alias's state machine.")
            alias.routes = routes
        alias.description = request.get("description", alias.description)
        alias.updated = now()
    return {"updateDate": alias.updated}


def delete(account: Account, request: Members) -> Answer:
    """Delete an alias."""
    with account.lock:
        machine, alias = _alias(account, request["stateMachineAliasArn"])
        del machine.aliases[alias.name]
    return {}


def list_aliases(account: Account, request: Members) -> Answer:
    """Return the aliases of a state machine, or those that route to a version, the latest first."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    with account.lock:
        machine = account.machine(arn)
        aliases = [
            alias
            for alias in reversed(machine.aliases.values())
            if not arn.qualifier or any(route["stateMachineVersionArn"] == arn.text for route in alias.routes)
        ]
    items = [{"stateMachineAliasArn": alias.arn, "creationDate": alias.created} for alias in aliases]
    return page(
        items, request, "stateMachineAliases", lambda item: by_date(item, "stateMachineAliasArn", "creationDate")
    )


OPERATIONS: dict[str, Operation] = {
    "CreateStateMachineAlias": create,
    "DescribeStateMachineAlias": describe,
    "UpdateStateMachineAlias": update,
    "DeleteStateMachineAlias": delete,
    "ListStateMachineAliases": list_aliases,
}
