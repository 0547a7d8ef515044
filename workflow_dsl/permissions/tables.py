"""The facts about AWS in the JSON files of this folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from workflow_dsl.definition.json import Json


@cache
def words_of(part: str, prefix: str) -> frozenset[str]:
    """The words of a part of actions.json about a service, by its prefix in IAM actions."""
    return frozenset(table("actions").get(part, {}).get(prefix, "").split())


@cache
def arn_of_name(action: str) -> str:
    """The resource in the ARNs that an action is on, as `job/${JobName}`; "" if that is not known."""
    prefix, _, name = action.partition(":")
    for key, names in table("actions").get("on", {}).items():
        service, _, resource = key.partition(" ")
        if service == prefix and name in names.split():
            return str(resource)
    return ""


@cache
def table(name: str) -> Mapping[str, Json]:
    """The content of a file, by its name without `.json`."""
    content: Mapping[str, Json] = json.loads(Path(__file__).with_name(f"{name}.json").read_bytes())
    return content


def actions_of_operation(folder: str, prefix: str, operation: str) -> tuple[str, ...] | None:
    """The IAM actions of an operation of a service, by its folder and prefix in botocore; None if they are unknown."""
    exceptions = table("sdk")["operations"].get(folder, {})
    if operation in exceptions or "*" in exceptions:
        actions = exceptions.get(operation)
        return tuple(actions) if actions is not None else None
    return (f"{table('sdk')['prefixes'].get(folder, prefix)}:{operation}",)
