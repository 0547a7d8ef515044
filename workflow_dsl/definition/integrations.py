"""The service integrations that a Task can call, and the parameters of each, from botocore's service models.

Optimized integrations are in integrations.json: their patterns besides request response, and either the operation of
an API or their own parameters (developer guide, "Integrating optimized services", and its page for each service). SDK
integrations are all services and operations that botocore has (developer guide, "Learning to use AWS service SDK
integrations").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.service_models import ServiceModel, Shape, data_folder, service_model
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
    data = data_folder()
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
