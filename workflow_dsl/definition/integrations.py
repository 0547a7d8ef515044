"""What a Task's Resource may call: the service integrations, and the API behind each as botocore describes it.

Optimized integrations are in integrations.json: their patterns beside request and response, and either the operation of
an API or their own parameters (developer guide, "Integrating optimized services", and its page for each service). SDK
integrations are every service and operation that botocore has (developer guide, "Learning to use AWS service SDK
integrations"); its models are read as files, one service at a time and when first needed, without importing it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from functools import cache, cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import closest

_INTEGRATION = re.compile(
    r"arn:(?P<partition>[^:]*|\$\{[^}]*\}):states:(?P<region>[^:]*|\$\{[^}]*\}):(?P<account>[^:]*|\$\{[^}]*\}):"
    r"(?P<sdk>aws-sdk:)?(?P<service>[^:.]*):(?P<action>[^:.]*)(?P<pattern>\..*)?"
)


class Integration(NamedTuple):
    """A Resource that calls a service: `dynamodb`, `putItem`, and the pattern after it, such as `.sync:2`."""

    is_sdk: bool
    service: str
    action: str
    pattern: str


@lru_cache(maxsize=4096)
def integration_of(resource: str) -> Integration | None:
    """The integration that a Resource names, known or not; None for functions, activities and what is no ARN of one."""
    found = _INTEGRATION.fullmatch(resource)
    if not found or found["service"] in ("activity", "task", "stateMachine", "express", "execution"):
        return None
    return Integration(bool(found["sdk"]), found["service"], found["action"], found["pattern"] or "")


@cache
def optimized() -> Mapping[str, Mapping[str, Json]]:
    """The rows of integrations.json by `service:action`."""
    rows: dict[str, Mapping[str, Json]] = json.loads(Path(__file__).with_name("integrations.json").read_bytes())
    return rows


@cache
def optimized_parameters(service: str, action: str) -> Parameters | None:
    """The parameters of an optimized integration; None where there is no such integration, or no botocore."""
    row = optimized().get(f"{service}:{action}")
    if row is None:
        return None
    if "api" not in row:
        return Parameters(None, dict.fromkeys(row["parameters"]), tuple(row["required"]), row.get("enums"))
    folder, operation = row["api"]
    model = api(folder)
    return model.parameters(operation, row.get("also", ())) if model else None


# Services whose name in a Resource is not botocore's folder without hyphens: the service's id, as the Java SDK has it.
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


# Operations that the guide says SDK integrations do not have ("Supported AWS SDK service integrations").
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
    """The services of SDK integrations: the name in a Resource, and botocore's folder. Empty without botocore."""
    data = _data()
    folders = sorted(path.name for path in data.iterdir() if path.is_dir()) if data else []
    return {_SDK_NAMES.get(folder, folder.replace("-", "")): folder for folder in folders}


def sdk_name(called: str) -> str | None:
    """The name a Resource has for a service that goes by another one elsewhere: `logs` is `cloudwatchlogs`."""
    name = _SDK_NAMES.get(called) or called.replace("-", "")
    return name if name != called and name in sdk_services() else None


def sdk_api(service: str) -> Api | None:
    """The API of an SDK integration's service."""
    folder = sdk_services().get(service)
    return api(folder) if folder else None


def instead_of(called: Integration) -> str | None:
    """What to write instead of an integration that there is not, or has no such pattern; None for one that there is."""
    return _instead_of_sdk(called) if called.is_sdk else _instead_of_optimized(called)


def _instead_of_optimized(called: Integration) -> str | None:
    names = optimized()
    known = names.get(f"{called.service}:{called.action}")
    if known is not None:
        patterns = known.get("patterns", [])
        if called.pattern in ("", *patterns, *known.get("disputed", [])):
            return None
        if called.pattern == ".sync:2" and ".sync" in patterns:
            return "only states:startExecution has .sync:2; write .sync"
        return f"it takes {' or '.join(patterns)}" if patterns else f"call it without {called.pattern}"
    actions = [name.partition(":")[2] for name in names if name.startswith(f"{called.service}:")]
    services = {name.partition(":")[0] for name in names}
    return _as_sdk(called) or closest(called.action, actions) or closest(called.service, services) or _NO_SUCH


_NO_SUCH = "see the list of optimized integrations in the developer guide"


def _as_sdk(called: Integration) -> str | None:
    """The SDK integration of an action that has no optimized one."""
    name = called.service if called.service in sdk_services() else sdk_name(called.service)
    model = sdk_api(name) if name else None
    return f"write aws-sdk:{name}:{called.action}" if model and called.action in model.actions else None


def _instead_of_sdk(called: Integration) -> str | None:
    model = sdk_api(called.service)
    if called.service not in sdk_services():
        name = sdk_name(called.service)
        return f'its name here is "aws-sdk:{name}"' if name else None
    if model is not None and called.action not in model.actions:
        newer = f"botocore has no {called.action} in {called.service}; if it is new, upgrade botocore"
        return closest(called.action, model.actions) or newer
    if model is not None and model.streams(model.actions[called.action]):
        return "an action that answers with a stream of events cannot be called from Step Functions"
    if model is not None and model.actions[called.action] in UNSUPPORTED.get(called.service, ()):
        return "the developer guide lists it among those that cannot be called from Step Functions"
    has_it = called.pattern in ("", ".waitForTaskToken")
    return None if has_it else f"SDK integrations have no {called.pattern}: call it, and ask for the end in a loop"


def parameters_of(called: Integration) -> Parameters | None:
    """The parameters of an integration; None where there is no such integration, or no botocore."""
    if not called.is_sdk:
        return optimized_parameters(called.service, called.action)
    model = sdk_api(called.service)
    return model.parameters(model.actions[called.action]) if model and called.action in model.actions else None


def botocore_name(service: str, action: str, *, is_sdk: bool) -> str:
    """The service that boto3 has for an integration: `stepfunctions` for `states`, and for `aws-sdk:sfn`."""
    if is_sdk:
        return sdk_services().get(service, service)
    row = optimized().get(f"{service}:{action}", {})
    return str(row["api"][0]) if "api" in row else service


@cache
def _data() -> Path | None:
    spec = find_spec("botocore")
    return Path(spec.submodule_search_locations[0], "data") if spec and spec.submodule_search_locations else None


@cache
def api(folder: str) -> Api | None:
    """The API in a folder of botocore's data, its newest version; None without botocore, or where it has none."""
    data = _data()
    if data is None or not (data / folder).is_dir():
        return None
    for version in sorted((data / folder).iterdir(), reverse=True):
        packed, plain = version / "service-2.json.gz", version / "service-2.json"
        if packed.is_file():
            return Api(json.loads(gzip.decompress(packed.read_bytes())))
        if plain.is_file():
            return Api(json.loads(plain.read_bytes()))
    return None


class Api:
    """An API: its operations, and their parameters under the names that Step Functions has for them."""

    def __init__(self, model: Mapping[str, Json]) -> None:
        metadata = model["metadata"]
        self.prefix: str = metadata.get("signingName") or metadata["endpointPrefix"]  # of the service's IAM actions
        self._operations: Mapping[str, Json] = model["operations"]
        self.shapes: Mapping[str, Json] = model["shapes"]
        self._parameters: dict[str, Parameters] = {}

    @cached_property
    def actions(self) -> Mapping[str, str]:
        """The operations by the name they have in a Resource: `describeDBInstances`."""
        return {name[0].lower() + name[1:]: name for name in self._operations}

    def streams(self, operation: str) -> bool:
        """Whether an operation answers, or is asked, by a stream of events, which no integration can."""
        sides = (self._operations[operation].get(side, {}).get("shape") for side in ("input", "output"))
        members = [member for side in sides if side for member in self.shapes[side].get("members", {}).values()]
        return any(self.shapes[member["shape"]].get("eventstream") for member in members)

    def parameters(self, operation: str, also: tuple[str, ...] = ()) -> Parameters | None:
        """The parameters of an operation, with what the integration has beside them; None for an unknown operation."""
        if operation not in self._operations:
            return None
        shape = self._operations[operation].get("input", {}).get("shape")
        found = self.of_shape(shape) if shape else Parameters(self, {}, ())
        return Parameters(self, {**found.members, **dict.fromkeys(also)}, found.required) if also else found

    def of_shape(self, name: str) -> Parameters:
        """The members of a structure."""
        if name not in self._parameters:
            shape = self.shapes[name]
            members = {java_name(each): member["shape"] for each, member in shape.get("members", {}).items()}
            filled_in = {each for each, member in shape.get("members", {}).items() if member.get("idempotencyToken")}
            required = tuple(java_name(each) for each in shape.get("required", ()) if each not in filled_in)
            self._parameters[name] = Parameters(self, members, required)
        return self._parameters[name]


class Parameters:
    """The members of a structure, by Step Functions' name for each, with the name of its shape in the API."""

    def __init__(
        self,
        model: Api | None,
        members: Mapping[str, str | None],
        required: tuple[str, ...],
        enums: Mapping[str, list[str]] | None = None,
    ) -> None:
        self.api = model
        self.members = members
        self.required = required
        self._enums = enums or {}

    def shape(self, name: str) -> Mapping[str, Json]:
        """The shape of a member, as botocore has it; an empty one where nothing is known."""
        shape = self.members.get(name)
        if shape is None or self.api is None:
            return {"type": "string", "enum": self._enums[name]} if name in self._enums else {}
        found: Mapping[str, Json] = self.api.shapes[shape]
        return found


_RESERVED = frozenset(
    "abstract assert boolean break byte case catch char class const continue default do double else enum extends final "
    "finally float for goto if implements import instanceof int interface long native new package private protected "
    "public return short static strictfp super switch synchronized this throw throws transient try void volatile while "
    "true false null equals finalize getclass hashcode notify notifyall tostring wait builder sdkfields tobuilder "
    "overrideconfiguration sdkhttpresponse".split()
)


@cache
def java_name(member: str) -> str:
    """A member's name as the Java SDK v2 and so Step Functions has it: DBInstanceIdentifier is DbInstanceIdentifier.

    Only capitals at the beginning are lowered; a word that Java keeps for itself gets `Value` (codegen's
    `Utils.unCapitalize` and `DefaultNamingStrategy`).
    """
    end = 1
    while end < len(member) and member[end].isupper() and not (end + 1 < len(member) and member[end + 1].islower()):
        end += 1
    name = member[:end].lower() + member[end:]
    name = f"{name}Value" if name.lower() in _RESERVED else name
    return name[0].upper() + name[1:]
