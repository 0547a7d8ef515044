"""The service integrations that a Task can call, and the parameters of each, from botocore's service models.

Optimized integrations are in integrations.json: their patterns besides request response, and either the operation of
an API or their own parameters (developer guide, "Integrating optimized services", and its page for each service). SDK
integrations are all services and operations that botocore has (developer guide, "Learning to use AWS service SDK
integrations"). Its models are read as files, each when first needed, without importing botocore.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.definition.java_names import java_name, member_name
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import did_you_mean
from workflow_dsl.regexes import lazy_regex

_INTEGRATION = lazy_regex(
    r"arn:(?P<partition>[^:]*|\$\{[^}]*\}):states:(?P<region>[^:]*|\$\{[^}]*\}):(?P<account>[^:]*|\$\{[^}]*\}):"
    r"(?P<sdk>aws-sdk:)?(?P<service>[^:.]*):(?P<action>[^:.]*)(?P<pattern>\..*)?"
)


class Integration(NamedTuple):
    """The service, action and pattern in a Resource: `dynamodb`, `putItem`, and "" or a suffix such as `.sync:2`."""

    is_sdk: bool
    service: str
    action: str
    pattern: str


@lru_cache(maxsize=4096)
def integration_of(resource: str) -> Integration | None:
    """Return the integration in a Resource, whether AWS has it or not; None for a function, activity or other text."""
    match = _INTEGRATION.fullmatch(resource)
    if not match or match["service"] in ("activity", "task", "stateMachine", "express", "execution"):
        return None
    return Integration(bool(match["sdk"]), match["service"], match["action"], match["pattern"] or "")


def has_task_token(resource: str) -> bool:
    """True for a Resource whose context object has a task token: an activity, a callback or a job.

    A job (`.sync`) has one too, so that it can be answered before its end: developer guide, "Run a Job (.sync)".
    """
    integration = integration_of(resource)
    return ":activity:" in resource if integration is None else bool(integration.pattern)


@cache
def optimized() -> Mapping[str, Mapping[str, Json]]:
    """Return the rows of integrations.json by `service:action`."""
    rows: dict[str, Mapping[str, Json]] = json.loads(Path(__file__).with_name("integrations.json").read_bytes())
    return rows


@cache
def optimized_parameters(service: str, action: str) -> Shape | None:
    """Return the parameters of an optimized integration; None if it does not exist or botocore is not installed."""
    row = optimized().get(f"{service}:{action}")
    if row is None:
        return None
    if "api" not in row:
        return Shape(None, dict.fromkeys(row["parameters"]), tuple(row["required"]), row.get("enums"))
    folder, operation = row["api"]
    model = service_model(folder)
    return model.parameters(operation, row.get("also", ())) if model else None


# Botocore's folder -> name in a Resource, if that is not the folder without hyphens: the service ID of the Java SDK.
_SDK_NAMES = {
    "ce": "costexplorer",
    "cognito-idp": "cognitoidentityprovider",
    "cur": "costandusagereport",
    "discovery": "applicationdiscovery",
    "dms": "databasemigration",
    "ds": "directory",
    "ds-data": "directoryservicedata",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancingv2",
    "es": "elasticsearch",
    "events": "eventbridge",
    "iot-data": "iotdataplane",
    "iot-jobs-data": "iotjobsdataplane",
    "lex-models": "lexmodelbuilding",
    "lexv2-models": "lexmodelsv2",
    "lexv2-runtime": "lexruntimev2",
    "logs": "cloudwatchlogs",
    "meteringmarketplace": "marketplacemetering",
    "mgh": "migrationhub",
    "sdb": "simpledb",
    "serverlessrepo": "serverlessapplicationrepository",
    "stepfunctions": "sfn",
}


# Operations that SDK integrations do not support (developer guide, "Supported AWS SDK service integrations").
UNSUPPORTED: Mapping[str, list[str]] = {
    "applicationdiscovery": "DescribeExportConfigurations ExportConfigurations".split(),
    "bedrockagentruntime": (
        "InvokeAgent InvokeFlow InvokeInlineAgent OptimizePrompt RetrieveAndGenerateStream"
    ).split(),
    "bedrockruntime": "InvokeModelWithResponseStream ConverseStream".split(),
    "cloudwatchlogs": "StartLiveTail".split(),
    "codedeploy": (
        "BatchGetDeploymentInstances GetDeploymentInstance ListDeploymentInstances SkipWaitTimeForInstanceTermination"
    ).split(),
    "comprehendmedical": "DetectEntities".split(),
    "dataexchange": "SendApiAsset".split(),
    "directconnect": (
        "AllocateConnectionOnInterconnect DescribeConnectionLoa DescribeConnectionsOnInterconnect "
        "DescribeInterconnectLoa"
    ).split(),
    "efs": "CreateTags".split(),
    "elastictranscoder": "TestRole".split(),
    "emr": "DescribeJobFlows".split(),
    "iot": "AttachPrincipalPolicy ListPrincipalPolicies DetachPrincipalPolicy ListPolicyPrincipals".split(),
    "iotdeviceadvisor": "ListTestCases".split(),
    "iotsitewise": "InvokeAssistant".split(),
    "kinesis": "SubscribeToShard".split(),
    "lambda": "InvokeAsync InvokeWithResponseStream".split(),
    "lexruntimev2": "StartConversation".split(),
    "mediapackage": "RotateChannelCredentials".split(),
    "qbusiness": "Chat".split(),
    "rdsdata": "ExecuteSql".split(),
    "s3": "SelectObjectContent".split(),
    "s3control": "SelectObjectContent".split(),
    "sagemakerruntime": "InvokeEndpointWithResponseStream".split(),
    "securitylake": (
        "GetDatalake GetDatalakeAutoEnable GetDatalakeExceptionsExpiry GetDatalakeExceptionsSubscription "
        "GetDatalakeStatus CreateSubscriptionNotificationConfiguration CreateDatalake "
        "CreateDatalakeAutoEnable CreateDatalakeDelegatedAdmin CreateDatalakeExceptionsSubscription "
        "DeleteDatalake UpdateDatalake UpdateSubscriptionNotificationConfiguration "
        "UpdateDatalakeExceptionsExpiry UpdateDatalakeExceptionsSubscription DeleteDatalakeAutoEnable "
        "DeleteDatalakeDelegatedAdmin DeleteDatalakeExceptionsSubscription "
        "DeleteSubscriptionNotificationConfiguration ListDatalakeExceptions"
    ).split(),
    "shield": "DeleteSubscription".split(),
    "sts": "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity".split(),
}


@cache
def sdk_services() -> Mapping[str, str]:
    """Return botocore's folder for each service name of SDK integrations; empty if botocore is not installed."""
    data = _data()
    folders = sorted(path.name for path in data.iterdir() if path.is_dir()) if data else []
    return {_SDK_NAMES.get(folder, folder.replace("-", "")): folder for folder in folders}


def sdk_name(botocore_folder: str) -> str | None:
    """Return the name in a Resource of a service that botocore names differently: `cloudwatchlogs` for `logs`."""
    name = _SDK_NAMES.get(botocore_folder) or botocore_folder.replace("-", "")
    return name if name != botocore_folder and name in sdk_services() else None


def sdk_model(service: str) -> ServiceModel | None:
    """Return the model of an SDK integration's service; None if botocore does not have it."""
    folder = sdk_services().get(service)
    return service_model(folder) if folder else None


def suggestion_for(integration: Integration) -> str | None:
    """Return what to write instead of an integration or pattern that AWS does not have; None if it has it."""
    return _sdk_suggestion(integration) if integration.is_sdk else _optimized_suggestion(integration)


def _optimized_suggestion(integration: Integration) -> str | None:
    _, service, action, pattern = integration
    rows = optimized()
    row = rows.get(f"{service}:{action}")
    if row is not None:
        patterns = row.get("patterns", [])
        if pattern in ("", *patterns, *row.get("disputed", [])):
            return None
        if pattern == ".sync:2" and ".sync" in patterns:
            return "only states:startExecution has .sync:2; write .sync"
        return f"use {' or '.join(patterns)}, or none" if patterns else f"remove {pattern}"
    actions = [name.partition(":")[2] for name in rows if name.startswith(f"{service}:")]
    services = {name.partition(":")[0] for name in rows}
    return (
        _sdk_equivalent(integration) or did_you_mean(action, actions) or did_you_mean(service, services) or _SEE_GUIDE
    )


_SEE_GUIDE = "see the list of optimized integrations in the developer guide"


def _sdk_equivalent(integration: Integration) -> str | None:
    """The SDK integration for an action without an optimized one."""
    service, action = integration.service, integration.action
    name = service if service in sdk_services() else sdk_name(service)
    model = sdk_model(name) if name else None
    return f"write aws-sdk:{name}:{action}" if model and action in model.actions else None


def _sdk_suggestion(integration: Integration) -> str | None:
    _, service, action, pattern = integration
    model = sdk_model(service)
    if service not in sdk_services():
        name = sdk_name(service)
        return f'its name in Step Functions is "aws-sdk:{name}"' if name else None
    if model is not None and action not in model.actions:
        newer = f"botocore has no {action} in {service}; if it is new, upgrade botocore"
        return did_you_mean(action, model.actions) or newer
    if model is not None and model.streams(model.actions[action]):
        return "Step Functions cannot call an action with an event stream"
    if model is not None and model.actions[action] in UNSUPPORTED.get(service, ()):
        return "Step Functions cannot call this action (developer guide, unsupported operations)"
    is_supported = pattern in ("", ".waitForTaskToken")
    return None if is_supported else f"SDK integrations have no {pattern}: remove it, and poll for the result in a loop"


def parameters_of(integration: Integration) -> Shape | None:
    """Return the parameters of an integration; None if it does not exist or botocore is not installed."""
    service, action = integration.service, integration.action
    if not integration.is_sdk:
        return optimized_parameters(service, action)
    model = sdk_model(service)
    return model.parameters(model.actions[action]) if model and action in model.actions else None


def botocore_name(service: str, action: str, *, is_sdk: bool) -> str:
    """Return boto3's name for an integration's service: `stepfunctions` for `states` and for `aws-sdk:sfn`."""
    if is_sdk:
        return sdk_services().get(service, service)
    row = optimized().get(f"{service}:{action}", {})
    return str(row["api"][0]) if "api" in row else service


@cache
def _data() -> Path | None:
    spec = find_spec("botocore")
    return Path(spec.submodule_search_locations[0], "data") if spec and spec.submodule_search_locations else None


@cache
def service_model(folder: str) -> ServiceModel | None:
    """Return the newest version of an API in botocore's data, by its folder; None if there is none."""
    data = _data()
    if data is None or not (data / folder).is_dir():
        return None
    for version in sorted((data / folder).iterdir(), reverse=True):
        packed, plain = version / "service-2.json.gz", version / "service-2.json"
        if packed.is_file():
            return ServiceModel(json.loads(_unpacked(packed.read_bytes())))
        if plain.is_file():
            return ServiceModel(json.loads(plain.read_bytes()))
    return None


def _unpacked(content: bytes) -> bytes:
    import zlib

    return zlib.decompress(content, wbits=31)  # of gzip, whose module takes a millisecond more to import


class ServiceModel:
    """The API of a service: its operations, and their parameters under the names that Step Functions uses.

    `shapes` has every shape as botocore has it; `prefix` is the service in IAM actions, as `s3` in `s3:GetObject`.
    """

    def __init__(self, model: Mapping[str, Json]) -> None:
        metadata = model["metadata"]
        self.prefix: str = metadata.get("signingName") or metadata["endpointPrefix"]
        self._operations: Mapping[str, Json] = model["operations"]
        self.shapes: Mapping[str, Json] = model["shapes"]
        self._structures: dict[str, Shape] = {}
        self._member_shapes: dict[str, Mapping[str, str | None]] = {}

    @cached_property
    def actions(self) -> Mapping[str, str]:
        """The operations by their name in a Resource: `describeDBInstances`."""
        return {name[0].lower() + name[1:]: name for name in self._operations}

    def streams(self, operation: str) -> bool:
        """True if an operation's input or output is an event stream, which no integration supports."""
        sides = (self._operations[operation].get(side, {}).get("shape") for side in ("input", "output"))
        members = [member for side in sides if side for member in self.shapes[side].get("members", {}).values()]
        return any(self.shapes[member["shape"]].get("eventstream") for member in members)

    def parameters(self, operation: str, extra: tuple[str, ...] = ()) -> Shape | None:
        """Return the parameters of an operation, and `extra` ones of an integration; None for an unknown operation."""
        if operation not in self._operations:
            return None
        name = self._operations[operation].get("input", {}).get("shape")
        shape = self.structure(name) if name else Shape(self, {}, ())
        return Shape(self, {**shape.members, **dict.fromkeys(extra)}, shape.required) if extra else shape

    def output(self, operation: str) -> str | None:
        """Return the name of the shape of an operation's result; None if it has none or does not exist."""
        name: str | None = self._operations.get(operation, {}).get("output", {}).get("shape")
        return name

    def structure(self, name: str) -> Shape:
        """Return the structure of this name. A member that the SDK fills in (idempotency token) is not required."""
        if name not in self._structures:
            shape = self.shapes[name]
            members = shape.get("members", {})
            filled_in = {member for member, details in members.items() if details.get("idempotencyToken")}
            required = tuple(java_name(member) for member in shape.get("required", ()) if member not in filled_in)
            # A member that is JSON in a header takes any value: botocore's trait "jsonvalue".
            shapes = {
                java_name(member): None if details.get("jsonvalue") else details["shape"]
                for member, details in members.items()
            }
            self._structures[name] = Shape(self, shapes, required)
        return self._structures[name]

    def member_shapes(self, structure: str) -> Mapping[str, str | None]:
        """Return the names of the shapes of a structure's members, by their names in small letters."""
        if structure not in self._member_shapes:
            self._member_shapes[structure] = {
                member_name(structure, member, is_sdk=is_sdk).lower(): None
                if details.get("jsonvalue")
                else details["shape"]
                for member, details in self.shapes[structure].get("members", {}).items()
                for is_sdk in (False, True)
            }
        return self._member_shapes[structure]


class Shape:
    """A structure: its members under the names that Step Functions uses, and the name of each member's shape.

    A member's shape is None if it is unknown; `model` is None for parameters that are not those of an API.
    """

    def __init__(
        self,
        model: ServiceModel | None,
        members: Mapping[str, str | None],
        required: tuple[str, ...],
        enums: Mapping[str, list[str]] | None = None,
    ) -> None:
        self.model = model
        self.members = members
        self.required = required
        self._enums = enums or {}

    def member(self, name: str) -> Mapping[str, Json]:
        """Return the shape of a member as botocore has it; {} if it is unknown."""
        shape_name = self.members.get(name)
        if shape_name is None or self.model is None:
            return {"type": "string", "enum": self._enums[name]} if name in self._enums else {}
        shape: Mapping[str, Json] = self.model.shapes[shape_name]
        return shape
