"""Service integrations: names in a Resource, names of parameters, and the findings about tasks that call them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.definition.integrations import (
    Integration,
    botocore_name,
    integration_of,
    optimized,
    optimized_parameters,
    sdk_model,
    sdk_name,
    sdk_services,
)
from workflow_dsl.definition.java_names import java_name
from workflow_dsl.definition.service_models import service_model
from workflow_dsl.validation import check

ARNS: list[tuple[str, Integration | None]] = [
    ("arn:aws:states:::lambda:invoke", Integration(False, "lambda", "invoke", "")),
    ("arn:aws-cn:states:::lambda:invoke", Integration(False, "lambda", "invoke", "")),
    ("arn:aws-us-gov:states:::lambda:invoke.waitForTaskToken", Integration(False, "lambda", "invoke", ".waitForTaskToken")),
    ("arn:aws:states:::glue:startJobRun.sync", Integration(False, "glue", "startJobRun", ".sync")),
    ("arn:aws:states:::states:startExecution.sync:2", Integration(False, "states", "startExecution", ".sync:2")),
    ("arn:aws:states:::emr-containers:startJobRun.sync", Integration(False, "emr-containers", "startJobRun", ".sync")),
    ("arn:aws:states:us-east-1:123456789012:sqs:sendMessage", Integration(False, "sqs", "sendMessage", "")),
    ("arn:aws:states:us-east-1::aws-sdk:sqs:sendMessage", Integration(True, "sqs", "sendMessage", "")),
    ("arn:aws:states:::aws-sdk:rds:describeDBInstances", Integration(True, "rds", "describeDBInstances", "")),
    ("arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken", Integration(True, "sfn", "startExecution", ".waitForTaskToken")),
    ("arn:aws:states:::aws-sdk:sfn:startExecution.sync:2", Integration(True, "sfn", "startExecution", ".sync:2")),
    ("arn:${AWS::Partition}:states:::sns:publish", Integration(False, "sns", "publish", "")),
    ("arn:${P}:states:${AWS::Region}:${AWS::AccountId}:sns:publish", Integration(False, "sns", "publish", "")),
    ("arn:aws:states:${Region}:1:aws-sdk:s3:getObject", Integration(True, "s3", "getObject", "")),
    ("arn:aws:states:::${Service}:putItem", Integration(False, "${Service}", "putItem", "")),
    ("arn:aws:states:::dynamodb:${Action}", Integration(False, "dynamodb", "${Action}", "")),
    ("arn:aws:states:::dynamodb:putItem.${Pattern}", Integration(False, "dynamodb", "putItem", ".${Pattern}")),
    ("arn:aws:states:::nothing:atAll.ever", Integration(False, "nothing", "atAll", ".ever")),
    ("arn:aws:states:us-east-1:123456789012:activity:approve", None),
    ("arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:activity:approve", None),
    ("arn:aws:states:us-east-1:123456789012:activity:${Name}", None),
    ("arn:aws:states:us-east-1:123456789012:stateMachine:trade", None),
    ("arn:aws:states:us-east-1:123456789012:stateMachine:trade:3", None),
    ("arn:aws:states:us-east-1:123456789012:express:trade:a:b", None),
    ("arn:aws:states:us-east-1:123456789012:execution:trade:a", None),
    ("arn:aws:lambda:us-east-1:123456789012:function:f", None),
    ("arn:aws:lambda:us-east-1:123456789012:function:states:::f", None),
    ("arn:aws:swf:us-east-1:123456789012:activity:f", None),
    ("arn:aws:dynamodb:us-east-1:123456789012:table/t", None),
    ("${FunctionArn}", None),
    ("${Arn}:states:::lambda:invoke", None),
    ("arn:aws:states:::lambda", None),
    ("lambda:invoke", None),
    (" arn:aws:states:::lambda:invoke", None),
    ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "integration"), ARNS)
def test_a_resource_is_an_integration_or_something_else(resource: str, integration: Integration | None) -> None:
    assert integration_of(resource) == integration


parts = st.sampled_from(["", "aws", "us-east-1", "123456789012", "${P}", "${AWS::Region}"])
words = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789-", min_size=1, max_size=8)
services = words.filter(lambda word: word not in ("activity", "task", "stateMachine", "express", "execution"))
patterns = st.sampled_from(["", ".sync", ".sync:2", ".waitForTaskToken", ".other"])


@given(parts, parts, parts, st.booleans(), services, words, patterns)
def test_partition_region_and_account_do_not_change_the_integration(
    partition: str, region: str, account: str, is_sdk: bool, service: str, action: str, pattern: str
) -> None:
    prefix = "aws-sdk:" if is_sdk else ""
    resource = f"arn:{partition}:states:{region}:{account}:{prefix}{service}:{action}{pattern}"
    assert integration_of(resource) == Integration(is_sdk, service, action, pattern)


JAVA_NAMES: list[tuple[str, str]] = [
    ("TableName", "TableName"),
    ("jobName", "JobName"),
    ("DBInstanceIdentifier", "DbInstanceIdentifier"),
    ("DBName", "DbName"),
    ("ACL", "Acl"),
    ("KMSKeyId", "KmsKeyId"),
    ("SSEKMSKeyId", "SsekmsKeyId"),
    ("SSECustomerKeyMD5", "SseCustomerKeyMD5"),
    ("ContentMD5", "ContentMD5"),
    ("MD5OfBody", "Md5OfBody"),
    ("ETag", "ETag"),
    ("EC2Specification", "Ec2Specification"),
    ("HTTPCode5XXCount", "HttpCode5XXCount"),
    ("IPV4Range", "Ipv4Range"),
    ("S3Bucket", "S3Bucket"),
    ("HITs", "HiTs"),
    ("OSReleaseLabel", "OsReleaseLabel"),
    ("VolumeSizeInGB", "VolumeSizeInGB"),
    ("vCpuInfo", "VCpuInfo"),
    ("A", "A"),
    ("a", "A"),
    ("ID", "Id"),
    ("Equals", "EqualsValue"),
    ("equals", "EqualsValue"),
    ("return", "ReturnValue"),
    ("Return", "ReturnValue"),
    ("default", "DefaultValue"),
    ("Public", "PublicValue"),
    ("Returns", "Returns"),
]


@pytest.mark.parametrize(("member", "name"), JAVA_NAMES)
def test_a_parameter_has_its_name_in_the_java_sdk(member: str, name: str) -> None:
    assert java_name(member) == name


# Developer guide, "Learning to use AWS service SDK integrations": the names of the services in a Resource.
OF_THE_GUIDE = """
accessanalyzer account acm acmpca amp amplify amplifybackend amplifyuibuilder apigateway apigatewayv2 appconfig
appconfigdata appfabric appflow appintegrations applicationautoscaling applicationcostprofiler applicationdiscovery
applicationinsights applicationsignals appmesh apprunner appstream appsync apptest arczonalshift athena auditmanager
autoscaling autoscalingplans b2bi backup backupgateway backupsearch batch bcmdataexports bcmpricingcalculator
bedrock bedrockagent bedrockagentruntime bedrockdataautomation bedrockdataautomationruntime bedrockruntime billing
billingconductor braket budgets chime chimesdkidentity chimesdkmediapipelines chimesdkmeetings chimesdkmessaging
chimesdkvoice cleanrooms cleanroomsml cloud9 cloudcontrol clouddirectory cloudformation cloudfront
cloudfrontkeyvaluestore cloudhsm cloudhsmv2 cloudsearch cloudtrail cloudtraildata cloudwatch cloudwatchlogs
codeartifact codebuild codecatalyst codecommit codeconnections codedeploy codeguruprofiler codegurureviewer
codegurusecurity codepipeline codestarconnections codestarnotifications cognitoidentity cognitoidentityprovider
cognitosync comprehend comprehendmedical computeoptimizer config connect connectcampaigns connectcampaignsv2
connectcases connectcontactlens connectparticipant controlcatalog controltower costandusagereport costexplorer
costoptimizationhub customerprofiles databasemigration databrew dataexchange datapipeline datasync datazone dax
deadline detective devicefarm devopsguru directconnect directory directoryservicedata dlm docdb docdbelastic drs
dsql dynamodb dynamodbstreams ebs ec2 ec2instanceconnect ecr ecrpublic ecs efs eks eksauth elasticache
elasticbeanstalk elasticinference elasticloadbalancing elasticloadbalancingv2 elasticsearch elastictranscoder emr
emrcontainers emrserverless entityresolution eventbridge evidently finspace finspacedata firehose fis fms forecast
forecastquery frauddetector freetier fsx gamelift geomaps geoplaces georoutes glacier glue grafana greengrass
greengrassv2 groundstation guardduty health healthlake honeycode iam identitystore imagebuilder inspector inspector2
inspectorscan internetmonitor invoicing iot iotanalytics iotdeviceadvisor iotevents ioteventsdata iotfleethub
iotfleetwise iotjobsdataplane iotsecuretunneling iotsitewise iotthingsgraph iottwinmaker iotwireless ivs ivschat
ivsrealtime kafka kafkaconnect kendra kendraranking keyspaces kinesis kinesisanalytics kinesisanalyticsv2
kinesisvideo kinesisvideoarchivedmedia kinesisvideomedia kinesisvideosignaling kinesisvideowebrtcstorage kms
lakeformation lambda launchwizard lexmodelbuilding lexmodelsv2 lexruntime lexruntimev2 licensemanager
licensemanagerlinuxsubscriptions licensemanagerusersubscriptions lightsail location lookoutequipment lookoutmetrics
lookoutvision m2 macie2 mailmanager managedblockchain managedblockchainquery marketplacecatalog
marketplacecommerceanalytics marketplaceentitlement marketplacemetering marketplacereporting mediaconnect
mediaconvert medialive mediapackage mediapackagev2 mediapackagevod mediastore mediatailor medicalimaging memorydb
mgn migrationhub migrationhubconfig migrationhuborchestrator migrationhubrefactorspaces migrationhubstrategy mq
mturk mwaa neptune neptunegraph networkfirewall networkflowmonitor networkmanager networkmonitor
notificationscontacts oam observabilityadmin omics opensearch opensearchserverless opsworks opsworkscm organizations
osis outposts panorama partnercentralselling paymentcryptography paymentcryptographydata pcaconnectorad
pcaconnectorscep pcs personalize personalizeevents personalizeruntime pi pinpoint pinpointemail pinpointsmsvoice
pinpointsmsvoicev2 pipes polly pricing privatenetworks proton qapps qbusiness qconnect qldb qldbsession quicksight
ram rbin rds rdsdata redshift redshiftdata redshiftserverless rekognition repostspace resiliencehub
resourceexplorer2 resourcegroups resourcegroupstaggingapi robomaker rolesanywhere route53 route53domains
route53profiles route53recoverycluster route53recoverycontrolconfig route53recoveryreadiness route53resolver rum s3
s3control s3outposts s3tables sagemaker sagemakera2iruntime sagemakeredge sagemakerfeaturestoreruntime
sagemakergeospatial sagemakermetrics sagemakerruntime savingsplans scheduler schemas secretsmanager securityhub
securityir securitylake serverlessapplicationrepository servicecatalog servicecatalogappregistry servicediscovery
servicequotas ses sesv2 sfn shield signer simspaceweaver sms snowball snowdevicemanagement sns socialmessaging sqs
ssm ssmcontacts ssmincidents ssmquicksetup ssmsap sso ssoadmin ssooidc storagegateway sts supplychain support
supportapp swf synthetics taxsettings textract timestreaminfluxdb timestreamquery timestreamwrite tnb transcribe
transfer translate trustedadvisor verifiedpermissions voiceid vpclattice waf wafregional wafv2 wellarchitected
wisdom workdocs workmail workmailmessageflow workspaces workspacesthinclient workspacesweb xray
""".split()
# Services of the guide that botocore does not have, because AWS closed them or has not opened them yet.
CLOSED = """
apptest elasticinference elastictranscoder evidently finspace finspacedata honeycode iotanalytics iotevents ioteventsdata
iotfleethub lookoutmetrics lookoutvision opsworks opsworkscm panorama privatenetworks qldb qldbsession robomaker
simspaceweaver sms tnb
""".split()


def test_every_service_in_the_guide_is_known_by_its_name_in_the_guide() -> None:
    assert [name for name in OF_THE_GUIDE if name not in sdk_services() and name not in CLOSED] == []


RENAMED = {
    "applicationdiscovery": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntime": "lex-runtime",
    "lexruntimev2": "lexv2-runtime",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "bedrockruntime": "bedrock-runtime",
    "cognitoidentity": "cognito-identity",
    "wafregional": "waf-regional",
}


@pytest.mark.parametrize(("name", "folder"), RENAMED.items())
def test_a_service_with_another_name_in_botocore_is_found(name: str, folder: str) -> None:
    assert (sdk_services()[name], sdk_name(folder), sdk_name(name)) == (folder, name, None)
    assert folder == name or folder not in sdk_services()


def test_the_services_are_those_of_botocore_each_with_one_lowercase_name() -> None:
    assert sorted(sdk_services().values()) == sorted(Session().get_available_services())
    assert [name for name in sdk_services() if not (name.isalnum() and name.islower())] == []
    assert [name for name in sdk_services() if sdk_model(name) is None] == []


def test_an_unknown_service_has_neither_a_model_nor_an_sdk_name() -> None:
    assert (
        sdk_model("logs"),
        sdk_model("nothing"),
        service_model("nothing"),
        sdk_name("nothing"),
        sdk_name("dynamodb"),
    ) == (None,) * 5


@pytest.mark.parametrize("called", optimized())
def test_every_optimized_integration_agrees_with_botocore(called: str) -> None:
    row = optimized()[called]
    service, action = called.split(":")
    assert row.keys() <= {"api", "also", "parameters", "required", "enums", "patterns", "disputed", "page"}
    assert (("api" in row) != ("parameters" in row), row["page"].startswith(("connect-", "call-"))) == (True, True)
    listed = [*row.get("patterns", []), *row.get("disputed", [])]
    assert (len(listed), set(listed) - {".sync", ".sync:2", ".waitForTaskToken"}) == (len({*listed}), set())
    parameters = optimized_parameters(service, action)
    assert parameters is not None
    assert len(parameters.members) > 0
    assert set(parameters.required) <= parameters.members.keys()
    if "api" in row:
        folder, operation = row["api"]
        model = service_model(folder)
        assert model is not None
        assert model.actions[action] == operation
        # A harness returns an event stream; only this integration turns one into a single result.
        assert model.streams(operation) == (called == "bedrockagentcore:invokeHarness")
        assert botocore_name(service, action, is_sdk=False) == folder
        assert not {*row.get("also", ())} & {java_name(name) for name in _members(folder, operation)}
    else:
        assert set(row["required"]) <= {*row["parameters"]}
        assert set(row.get("enums", {})) <= {*row["parameters"]}
        assert len({*row["parameters"]}) == len(row["parameters"])


def _members(folder: str, operation: str) -> list[str]:
    shape = Session().get_service_model(folder).operation_model(operation).input_shape
    return list(shape.members) if shape else []


BOTOCORE_NAMES: list[tuple[str, str, bool, str]] = [
    ("states", "startExecution", False, "stepfunctions"),
    ("events", "putEvents", False, "events"),
    ("lambda", "invoke", False, "lambda"),
    ("bedrock", "invokeModel", False, "bedrock-runtime"),
    ("databrew", "startJobRun", False, "databrew"),
    ("nothing", "atAll", False, "nothing"),
    ("sfn", "startExecution", True, "stepfunctions"),
    ("eventbridge", "putEvents", True, "events"),
    ("cloudwatchlogs", "putLogEvents", True, "logs"),
    ("bedrockruntime", "converse", True, "bedrock-runtime"),
    ("dynamodb", "query", True, "dynamodb"),
    ("nothing", "atAll", True, "nothing"),
]


@pytest.mark.parametrize(("service", "action", "is_sdk", "name"), BOTOCORE_NAMES)
def test_an_integration_has_the_name_of_its_service_in_boto3(
    service: str, action: str, is_sdk: bool, name: str
) -> None:
    assert botocore_name(service, action, is_sdk=is_sdk) == name


def test_actions_are_operations_with_a_lowercase_first_letter() -> None:
    rds, s3 = sdk_model("rds"), sdk_model("s3")
    assert rds is not None
    assert s3 is not None
    assert (rds.actions["describeDBInstances"], s3.actions["listObjectsV2"]) == ("DescribeDBInstances", "ListObjectsV2")
    assert [name for name in (*rds.actions, *s3.actions) if not name[0].islower()] == []


def test_the_parameters_of_an_operation_are_followed_by_the_extra_ones_of_an_integration() -> None:
    model = service_model("bedrock-runtime")
    assert model is not None
    plain, more = model.parameters("InvokeModel"), model.parameters("InvokeModel", ("Input", "Output"))
    assert plain is not None
    assert more is not None
    assert [*more.members] == [*plain.members, "Input", "Output"]
    assert (plain.required, more.required) == (("ModelId",), ("ModelId",))
    assert (more.member("Input"), more.member("nothing")) == ({}, {})
    assert model.parameters("Nothing") is None
    assert optimized_parameters("nothing", "atAll") is None


def test_an_operation_without_input_has_no_parameters() -> None:
    model = sdk_model("sts")
    assert model is not None
    parameters = model.parameters("GetCallerIdentity")
    assert parameters is not None
    assert ([*parameters.members], parameters.required) == ([], ())


REQUIRED: list[tuple[str, str, tuple[str, ...]]] = [
    ("dynamodb", "PutItem", ("TableName", "Item")),
    ("sqs", "SendMessage", ("QueueUrl", "MessageBody")),
    ("rds", "CreateDBInstance", ("DbInstanceIdentifier", "DbInstanceClass", "Engine")),
    ("ec2", "CreateNetworkInsightsPath", ("Source", "Protocol")),  # not ClientToken, which the SDK fills in
    ("efs", "CreateFileSystem", ()),  # not CreationToken
    ("braket", "CancelQuantumTask", ("QuantumTaskArn",)),
]


@pytest.mark.parametrize(("service", "operation", "required"), REQUIRED)
def test_a_parameter_that_the_sdk_fills_in_is_not_required(
    service: str, operation: str, required: tuple[str, ...]
) -> None:
    model = sdk_model(service)
    parameters = model.parameters(operation) if model else None
    assert parameters is not None
    assert parameters.required == required


# From here on: whole tasks. Findings are compared without the name of the state, which is always T.

STATES = "arn:aws:states:::"


def definition(resource: str, **fields: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": resource, "TimeoutSeconds": 60, "End": True, **fields}
    return {"StartAt": "T", "States": {"T": task}}


def findings(document: dict[str, Any]) -> list[str]:
    ignore = ("NO_LAMBDA_RETRY", "UNLIMITED_RESPONSE", "TOKEN_NOT_SENT")
    return [f"{finding.severity} {finding.where.field}: {finding.text}" for finding in check(document, ignore=ignore)]


def errors(document: dict[str, Any]) -> list[str]:
    return [finding for finding in findings(document) if finding.startswith("error ")]


ECS_NETWORK = {"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "ENABLED"}}
GOOD: list[tuple[str, Any]] = [
    ("dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "x"}, "n": {"N": "1"}, "m": {"M": {"a": {"BOOL": True}}}}}),
    ("dynamodb:getItem", {"TableName": "t", "Key": {"id": {"S.$": "$.id"}}, "ConsistentRead": True}),
    ("dynamodb:updateItem", {"TableName": "t", "Key.$": "$.key", "UpdateExpression": "SET a = :a", "ReturnValues": "ALL_NEW",
                             "ExpressionAttributeValues": {":a": {"L": [{"NULL": True}, {"SS": ["a"]}]}}}),
    ("lambda:invoke", {"FunctionName": "${FunctionArn}", "Payload.$": "$"}),
    ("lambda:invoke", {"FunctionName": "f:PROD", "Payload": {"anything": {"Goes": [1]}}, "InvocationType": "Event"}),
    ("lambda:invoke.waitForTaskToken", {"FunctionName.$": "$.f", "Payload": {"token.$": "$$.Task.Token"}}),
    ("sqs:sendMessage", {"QueueUrl": "https://u", "MessageBody": {"an": "object"}, "MessageAttributes": {"k": {"DataType": "String", "StringValue.$": "$.v"}}}),
    ("sns:publish", {"TopicArn": "arn:t", "Message.$": "States.Format('{}', $.m)", "MessageAttributes.$": "$.all"}),
    ("events:putEvents", {"Entries": [{"Source": "s", "DetailType": "d", "Detail": {"a": 1}, "EventBusName": "${Bus}"}]}),
    ("ecs:runTask.sync", {"Cluster": "c", "TaskDefinition": "t", "LaunchType": "FARGATE", "NetworkConfiguration": ECS_NETWORK,
                          "Overrides": {"ContainerOverrides": [{"Name": "n", "Command.$": "$.c", "Environment": [{"Name": "a", "Value": "b"}]}]}}),
    ("batch:submitJob.sync", {"JobName": "j", "JobQueue": "q", "JobDefinition": "d", "Parameters": {"my own": "x"}}),
    ("glue:startJobRun.sync", {"JobName": "j", "Arguments": {"--key.$": "$.x"}}),
    ("athena:startQueryExecution.sync", {"QueryString": "q", "ResultConfiguration": {"OutputLocation": "s3://b"}}),
    ("athena:getQueryResults", {"QueryExecutionId.$": "$.id", "MaxResults": 10}),
    ("states:startExecution.sync:2", {"StateMachineArn": "arn:a", "Input": {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"}}),
    ("apigateway:invoke", {"ApiEndpoint": "e", "Method": "GET", "AuthType": "IAM_ROLE", "Headers": {"any": ["b"]}}),
    ("http:invoke", {"ApiEndpoint.$": "$.url", "Method": "PATCH", "InvocationConfig": {"ConnectionArn": "c"}}),
    ("bedrock:invokeModel", {"ModelId": "m", "Body": {"prompt": "x"}, "ContentType": "application/json"}),
    ("bedrock:invokeModel", {"ModelId": "m", "Input": {"S3Uri": "s"}, "Output": {"S3Uri": "s"}}),
    ("codebuild:startBuild.sync", {"ProjectName": "p", "EnvironmentVariablesOverride": [{"Name": "A", "Value": "b", "Type": "PLAINTEXT"}]}),
    ("eks:call", {"ClusterName": "c", "CertificateAuthority": "a", "Endpoint": "e", "Method": "DELETE", "Path": "/"}),
    ("elasticmapreduce:addStep.sync", {"ClusterId": "c", "Step": {"Name": "n", "HadoopJarStep": {"Jar": "j", "Any": 1}}}),
    ("athena:stopQueryExecution", {"QueryExecutionId": "${Unknown}"}),
    ("aws-sdk:rds:describeDBInstances", {}),
    ("aws-sdk:rds:describeDBInstances", {"DbInstanceIdentifier": "d", "Filters": [{"Name": "n", "Values": ["v"]}]}),
    ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": {"an": "object"}, "Acl": "private", "SsekmsKeyId": "k", "ContentMD5": "m"}),
    ("aws-sdk:s3:listObjectsV2", {"Bucket.$": "$.b", "MaxKeys": 5}),
    ("aws-sdk:ec2:describeInstances", {"Filters": [{"Name": "tag:x", "Values.$": "$.v"}], "InstanceIds": ["${Id}"]}),
    ("aws-sdk:ssm:getParameter", {"Name": "n", "WithDecryption": True}),
    ("aws-sdk:cloudwatch:putMetricData", {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1, "Unit": "Count", "Dimensions": [{"Name": "a", "Value": "b"}]}]}),
    ("aws-sdk:cloudwatchlogs:putLogEvents", {"LogGroupName": "g", "LogStreamName": "s", "LogEvents.$": "$.events"}),
    ("aws-sdk:bedrockruntime:converse", {"ModelId": "m", "Messages": [{"Role": "user", "Content": [{"Text": "hi"}]}], "AdditionalModelRequestFields": {"top_k": 1}}),
    ("aws-sdk:dynamodb:query", {"TableName": "t", "KeyConditionExpression": "id = :a AND price > :b", "ExpressionAttributeValues": {":a": {"S.$": "$.x"}, ":b": "${B}"}}),
    ("aws-sdk:sfn:sendTaskSuccess", {"TaskToken.$": "$.t", "Output": "{}"}),
    ("aws-sdk:sfn:startExecution.waitForTaskToken", {"StateMachineArn": "arn:s", "Input": {"t.$": "$$.Task.Token"}}),
    ("aws-sdk:sts:getCallerIdentity", {}),
    ("aws-sdk:cognitoidentityprovider:adminGetUser", {"UserPoolId": "p", "Username.$": "$.u"}),
    ("aws-sdk:lambda:invoke", {"FunctionName": "f", "Payload": {"any": "thing"}}),
    ("aws-sdk:efs:createFileSystem", {"Tags": [{"Key": "Name", "Value": "n"}]}),
    ("sqs:sendMessage", "${Parameters}"),
    ("aws-sdk:${Service}:putItem", {"any": "thing"}),
    ("dynamodb:${Action}", {"any": "thing"}),
    ("dynamodb:putItem.${Pattern}", {"any": "thing"}),
    ("ecs:runTask", {"TaskDefinition": "t", "LaunchType": "${Type}", "${Name}": 1, "NetworkConfiguration": "${Network}"}),
    ("ecs:runTask", {"TaskDefinition.$": "$.t", "LaunchType.$": "$.type", "NetworkConfiguration.$": "$.network"}),
]  # fmt: skip


@pytest.mark.parametrize(("called", "parameters"), GOOD)
def test_a_task_that_the_service_accepts_has_no_finding(called: str, parameters: Any) -> None:
    assert findings(definition(f"{STATES}{called}", Parameters=parameters)) == []


GOOD_IN_JSONATA: list[tuple[str, Any]] = [
    ("sqs:sendMessage", {"QueueUrl": "{% $states.input.url %}", "MessageBody": "{% $states.input %}"}),
    ("sqs:sendMessage", "{% $states.input %}"),
    ("ecs:runTask.sync", {"TaskDefinition": "t", "LaunchType": "{% $states.input.type %}", "NetworkConfiguration": "{% $states.input.net %}"}),
    ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "{% $uuid() %}", "Body": "{% $states.input %}", "Acl": "{% 'private' %}"}),
    ("aws-sdk:ec2:describeInstances", {"Filters": "{% [{'Name': 'n'}] %}"}),
    ("lambda:invoke.waitForTaskToken", {"FunctionName": "f", "Payload": "{% $states.context.Task.Token %}"}),
]  # fmt: skip


@pytest.mark.parametrize(("called", "arguments"), GOOD_IN_JSONATA)
def test_an_expression_satisfies_every_parameter(called: str, arguments: Any) -> None:
    document = definition(f"{STATES}{called}", QueryLanguage="JSONata", Arguments=arguments)
    assert findings(document) == []


UNKNOWN_RESOURCES: list[tuple[str, str]] = [
    ("dynamodb:putItems", 'did you mean "putItem"?'),
    ("dynamodb:query", "write aws-sdk:dynamodb:query"),
    ("dynamo:putItem", 'did you mean "dynamodb"?'),
    ("Lambda:invoke", 'did you mean "lambda"?'),
    ("lambda:Invoke", 'did you mean "invoke"?'),
    ("s3:getObject", "write aws-sdk:s3:getObject"),
    ("logs:putLogEvents", "write aws-sdk:cloudwatchlogs:putLogEvents"),
    ("stepfunctions:startExecution", "write aws-sdk:sfn:startExecution"),
    ("nothing:atAll", "see the list of optimized integrations in the developer guide"),
    ("lambda:invoke.sync", "use .waitForTaskToken, or none"),
    ("sns:publish.sync", "use .waitForTaskToken, or none"),
    ("dynamodb:putItem.sync", "remove .sync"),
    ("glue:startJobRun.sync:2", "only states:startExecution has .sync:2; write .sync"),
    ("states:startExecution.sync2", "use .sync or .sync:2 or .waitForTaskToken, or none"),
    ("ecs:runTask.waitForCallback", "use .sync or .waitForTaskToken, or none"),
    ("aws-sdk:dynamodb:qery", 'did you mean "query"?'),
    ("aws-sdk:s3:PutObject", 'did you mean "putObject"?'),
    ("aws-sdk:rds:describeDbInstances", 'did you mean "describeDBInstances"?'),
    ("aws-sdk:sts:zzz", "botocore has no zzz in sts; if it is new, upgrade botocore"),
    ("aws-sdk:logs:putLogEvents", 'its name in Step Functions is "aws-sdk:cloudwatchlogs"'),
    ("aws-sdk:events:putEvents", 'its name in Step Functions is "aws-sdk:eventbridge"'),
    ("aws-sdk:stepfunctions:startExecution", 'its name in Step Functions is "aws-sdk:sfn"'),
    ("aws-sdk:cognito-idp:adminGetUser", 'its name in Step Functions is "aws-sdk:cognitoidentityprovider"'),
    ("aws-sdk:bedrock-runtime:converse", 'its name in Step Functions is "aws-sdk:bedrockruntime"'),
    ("aws-sdk:elbv2:describeLoadBalancers", 'its name in Step Functions is "aws-sdk:elasticloadbalancingv2"'),
    ("aws-sdk:dynamodb:query.sync", "SDK integrations have no .sync: remove it, and poll for the result in a loop"),
    ("aws-sdk:glue:startJobRun.sync:2", "SDK integrations have no .sync:2: remove it, and poll for the result in a loop"),
    ("aws-sdk:bedrockruntime:converseStream", "Step Functions cannot call an action with an event stream"),
    ("aws-sdk:s3:selectObjectContent", "Step Functions cannot call an action with an event stream"),
    ("aws-sdk:dynamodb", "see the list of optimized integrations in the developer guide"),
]  # fmt: skip


@pytest.mark.parametrize(("called", "remedy"), UNKNOWN_RESOURCES)
def test_an_unknown_integration_is_one_error_with_a_suggestion(called: str, remedy: str) -> None:
    resource = f"{STATES}{called}"
    message = f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region"
    assert findings(definition(resource, Parameters="${Parameters}")) == [f"error Resource: {message}; {remedy}"]


@pytest.mark.parametrize(
    "called", ["dynamodb:putItem:sync", "states:startExecution:sync:2", "lambda", "lambda:invoke:$LATEST"]
)
def test_a_resource_with_too_many_or_too_few_parts_is_not_an_integration(called: str) -> None:
    [finding] = errors(definition(f"{STATES}{called}", Parameters={}))
    assert finding.startswith("error Resource:")


# Developer guide, "Learning to use AWS service SDK integrations", under each service: "Unsupported operations".
UNSUPPORTED = """
applicationdiscovery:describeExportConfigurations applicationdiscovery:exportConfigurations
bedrockagentruntime:invokeAgent bedrockagentruntime:invokeFlow bedrockagentruntime:invokeInlineAgent
bedrockagentruntime:optimizePrompt bedrockagentruntime:retrieveAndGenerateStream
bedrockruntime:converseStream bedrockruntime:invokeModelWithResponseStream cloudwatchlogs:startLiveTail
codedeploy:batchGetDeploymentInstances codedeploy:getDeploymentInstance codedeploy:listDeploymentInstances
codedeploy:skipWaitTimeForInstanceTermination comprehendmedical:detectEntities dataexchange:sendApiAsset
directconnect:allocateConnectionOnInterconnect directconnect:describeConnectionLoa
directconnect:describeConnectionsOnInterconnect directconnect:describeInterconnectLoa efs:createTags
emr:describeJobFlows iot:attachPrincipalPolicy iot:detachPrincipalPolicy iot:listPolicyPrincipals
iot:listPrincipalPolicies iotsitewise:invokeAssistant kinesis:subscribeToShard lambda:invokeAsync
lambda:invokeWithResponseStream lexruntimev2:startConversation mediapackage:rotateChannelCredentials qbusiness:chat
rdsdata:executeSql s3:selectObjectContent sagemakerruntime:invokeEndpointWithResponseStream shield:deleteSubscription
sts:assumeRole sts:assumeRoleWithSAML sts:assumeRoleWithWebIdentity
""".split()


def test_an_action_that_the_guide_calls_unsupported_is_an_error() -> None:
    tasks = [definition(f"{STATES}aws-sdk:{called}", Parameters="${Parameters}") for called in UNSUPPORTED]
    assert [called for called, task in zip(UNSUPPORTED, tasks, strict=True) if not errors(task)] == []


UNCERTAIN: list[tuple[str, str]] = [
    ("aws-sdk:dynamo:query", 'warning Resource: botocore has no service dynamo; did you mean "dynamodb"?'),
    ("aws-sdk:cognitoidp:adminGetUser", 'warning Resource: botocore has no service cognitoidp; did you mean "cognitoidentityprovider"?'),
    ("aws-sdk:zzzzzzzz:query", "note Resource: botocore has no service zzzzzzzz; check that the service still exists"),
    ("batch:submitJob.waitForTaskToken", "note Resource: AWS's pages disagree on whether batch:submitJob supports .waitForTaskToken; try it before you rely on it"),
]  # fmt: skip


@pytest.mark.parametrize(("called", "message"), UNCERTAIN)
def test_an_integration_that_may_exist_is_a_warning_or_a_note(called: str, message: str) -> None:
    parameters = {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"} if "batch" in called else {}
    assert findings(definition(f"{STATES}{called}", Parameters=parameters)) == [message]


BAD: list[tuple[str, Any, list[str]]] = [
    # unknown names
    ("lambda:invoke", {"FunctionName": "f", "Paylod": {}}, [
        'error Parameters.Paylod: The field "Paylod" is not supported by Step Functions; did you mean "Payload"?']),
    ("lambda:invoke", {"FunctionName": "f", "Paylod.$": "$"}, [
        'error Parameters.Paylod.$: The field "Paylod" is not supported by Step Functions; did you mean "Payload"?']),
    ("sqs:sendMessage", {"QueueUrl": "https://u", "MessageBody": "m", "messageGroupId": "g"}, [
        'error Parameters.messageGroupId: The field "messageGroupId" is not supported by Step Functions; did you mean "MessageGroupId"?']),
    ("http:invoke", {"ApiEndpoint": "e", "Method": "GET", "Authentication": {"ConnectionArn": "c"}, "zzz": 1}, [
        'error Parameters.zzz: The field "zzz" is not supported by Step Functions; it takes ApiEndpoint, Authentication, Headers, InvocationConfig, Method, QueryParameters, RequestBody, Transform']),
    ("aws-sdk:rds:describeDBInstances", {"DBInstanceIdentifier": "d"}, [
        'error Parameters.DBInstanceIdentifier: The field "DBInstanceIdentifier" is not supported by Step Functions; did you mean "DbInstanceIdentifier"?']),
    ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "ACL": "private"}, [
        'error Parameters.ACL: The field "ACL" is not supported by Step Functions; did you mean "Acl"?']),
    ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "SSEKMSKeyId.$": "$.k"}, [
        'error Parameters.SSEKMSKeyId.$: The field "SSEKMSKeyId" is not supported by Step Functions; did you mean "SsekmsKeyId"?']),
    ("aws-sdk:sts:getCallerIdentity", {"X": 1}, [
        'error Parameters.X: The field "X" is not supported by Step Functions; remove it']),
    ("batch:submitJob", {"jobName": "j", "JobQueue": "q", "JobDefinition": "d"}, [
        'error Parameters.jobName: The field "jobName" is not supported by Step Functions; did you mean "JobName"?']),
    # unknown names inside: an SDK integration's are errors, an optimized one's most likely mistakes
    ("aws-sdk:ec2:describeInstances", {"Filters": [{"Name": "n", "Values": []}, {"Key": "n", "Values": ["v"]}]}, [
        'error Parameters.Filters[1].Key: The field "Key" is not supported by Step Functions; it takes Name, Values']),
    ("aws-sdk:bedrockruntime:converse", {"ModelId": "m", "Messages": [{"Role": "user", "Content": [{"text": "hi"}]}]}, [
        'error Parameters.Messages[0].Content[0].text: The field "text" is not supported by Step Functions; did you mean "Text"?']),
    ("aws-sdk:sqs:sendMessage", {"QueueUrl": "https://u", "MessageBody": "m", "MessageAttributes": {"any name": {"dataType": "String"}}}, [
        'error Parameters.MessageAttributes.any name.dataType: The field "dataType" is not supported by Step Functions; did you mean "DataType"?']),
    ("ecs:runTask", {"TaskDefinition": "t", "NetworkConfiguration": {"awsvpcConfiguration": {}}}, [
        'warning Parameters.NetworkConfiguration.awsvpcConfiguration: The field "awsvpcConfiguration" is not supported by Step Functions; did you mean "AwsvpcConfiguration"?']),
    # missing ones
    ("sqs:sendMessage", {"QueueUrl": "https://u"}, [
        "error Parameters: The field 'MessageBody' is required but was missing; add \"MessageBody\""]),
    ("dynamodb:putItem", {}, [
        "error Parameters: The field 'TableName' is required but was missing; add \"TableName\"",
        "error Parameters: The field 'Item' is required but was missing; add \"Item\""]),
    ("apigateway:invoke", {"ApiEndpoint": "e"}, [
        "error Parameters: The field 'Method' is required but was missing; add \"Method\""]),
    ("aws-sdk:secretsmanager:getSecretValue", {}, [
        "error Parameters: The field 'SecretId' is required but was missing; add \"SecretId\""]),
    # values
    ("lambda:invoke", {"FunctionName": "f", "InvocationType": "Async"}, [
        "error Parameters.InvocationType: Value should be one of the following: [Event, RequestResponse, DryRun]; write one of them"]),
    ("apigateway:invoke", {"ApiEndpoint": "e", "Method": "get"}, [
        'error Parameters.Method: Value should be one of the following: [GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS]; did you mean "GET"?']),
    ("eks:call", {"ClusterName": "c", "CertificateAuthority": "a", "Endpoint": "e", "Method": "OPTIONS", "Path": "/"}, [
        "error Parameters.Method: Value should be one of the following: [GET, POST, PUT, DELETE, PATCH, HEAD]; write one of them"]),
    ("dynamodb:updateItem", {"TableName": "t", "Key": {}, "ReturnValues": "ALL"}, [
        'error Parameters.ReturnValues: Value should be one of the following: [NONE, ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATED_NEW]; did you mean "ALL_OLD"?']),
    ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Acl": "Private"}, [
        'error Parameters.Acl: Value should be one of the following: [private, public-read, public-read-write, authenticated-read, aws-exec-read, bucket-owner-read, bucket-owner-full-control]; did you mean "private"?']),
    ("aws-sdk:s3:getObjectAttributes", {"Bucket": "b", "Key": "k", "ObjectAttributes": ["ETag", "Size"]}, [
        "error Parameters.ObjectAttributes[1]: Value should be one of the following: [ETag, Checksum, ObjectParts, StorageClass, ObjectSize]; write one of them"]),
    ("ecs:runTask", {"TaskDefinition": "t", "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [], "AssignPublicIp": "Enabled"}}}, [
        'warning Parameters.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp: Value should be one of the following: [ENABLED, DISABLED]; did you mean "ENABLED"?']),
    # DynamoDB's own names for types
    ("dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "x"}, "price": {"Number": "1"}}}, [
        'warning Parameters.Item.price.Number: "Number" is not a type of an attribute value; write one of S, N, B, SS, NS, BS, M, L, NULL, BOOL']),
    ("dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "x"}, "tags": {"SS": "a,b"}}}, [
        'warning Parameters.Item.tags.SS: SS is a string, but it takes a list; write {"SS": [...]}']),
    ("aws-sdk:dynamodb:getItem", {"TableName": "t", "Key": {"id": {"string": "x"}}}, [
        'warning Parameters.Key.id.string: "string" is not a type of an attribute value; write one of S, N, B, SS, NS, BS, M, L, NULL, BOOL']),
    # kinds
    ("aws-sdk:ssm:getParameter", {"Name": "n", "WithDecryption": "true"}, [
        'note Parameters.WithDecryption: is the string "true", but the service expects true or false; write true or false, without quotes']),
    ("ecs:runTask", {"TaskDefinition": "t", "NetworkConfiguration": "{}", "Tags": "none"}, [
        'warning Parameters.NetworkConfiguration: is the string "{}", but the service expects an object; write an object: {...}',
        'warning Parameters.Tags: is the string "none", but the service expects a list; write a list: [...]']),
]  # fmt: skip


@pytest.mark.parametrize(("called", "parameters", "expected"), BAD)
def test_a_task_that_the_service_refuses_has_exactly_these_findings(
    called: str, parameters: Any, expected: list[str]
) -> None:
    assert findings(definition(f"{STATES}{called}", Parameters=parameters)) == expected
    in_jsonata = definition(f"{STATES}{called}", QueryLanguage="JSONata", Arguments=parameters)
    if ".$" not in json.dumps(parameters):
        assert findings(in_jsonata) == [finding.replace(" Parameters", " Arguments", 1) for finding in expected]


WITHOUT_PARAMETERS: list[tuple[str, str]] = [
    ("lambda:invoke", 'add "Parameters": {"FunctionName": ...}'),
    ("sqs:sendMessage", 'add "Parameters": {"QueueUrl": ..., "MessageBody": ...}'),
    ("aws-sdk:sts:getCallerIdentity", 'add "Parameters": {}'),
    ("aws-sdk:efs:createFileSystem", 'add "Parameters": {}'),
]


@pytest.mark.parametrize(("called", "remedy"), WITHOUT_PARAMETERS)
def test_a_task_that_calls_a_service_without_parameters_is_an_error(called: str, remedy: str) -> None:
    message = f"field is required for resource ARN: {STATES}{called}; "
    assert findings(definition(f"{STATES}{called}")) == [f"error : Parameters {message}{remedy}"]
    in_jsonata = findings(definition(f"{STATES}{called}", QueryLanguage="JSONata"))
    assert in_jsonata == [f"error : Arguments {message}{remedy.replace('Parameters', 'Arguments')}"]


OTHER_RESOURCES: list[tuple[str, list[str]]] = [
    ("arn:aws:lambda:us-east-1:123456789012:function:f", []),
    ("arn:aws:states:us-east-1:123456789012:activity:a", []),
    ("${FunctionArn}", []),
    ("arn:${AWS::Partition}:lambda:${AWS::Region}:1:function:${Name}", []),
    ("my-function", ['error Resource: Value is not a valid resource ARN, got "my-function"; write the ARN of a function, an activity or an integration, or a ${Placeholder} for it']),
    ("arn:aws:states:us-east-1:123456789012:stateMachine:s", [
        "error Resource: The resource provided arn:aws:states:us-east-1:123456789012:stateMachine:s is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; "
        "call arn:aws:states:::states:startExecution.sync:2, with this as StateMachineArn in Parameters"]),
    ("arn:aws:sqs:us-east-1:123456789012:queue", [
        "error Resource: The resource provided arn:aws:sqs:us-east-1:123456789012:queue is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; "
        "call an action of the service, such as arn:aws:states:::sqs:sendMessage, and pass this in Parameters"]),
    ("arn:aws:s3:::bucket", [
        "error Resource: The resource provided arn:aws:s3:::bucket is not recognized. The value is not a valid resource ARN, or the resource is not available in this region; "
        "call an action of the service, such as arn:aws:states:::aws-sdk:s3:..., and pass this in Parameters"]),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "expected"), OTHER_RESOURCES)
def test_a_resource_that_is_not_an_integration_is_a_function_or_an_activity(resource: str, expected: list[str]) -> None:
    assert findings(definition(resource)) == expected


NAMES_OF_PARAMETERS = ["TableName", "Item", "ReturnValues", "ConditionExpression"]
WITH_PLACEHOLDERS = ["${P}", "a${P}"]


@given(st.dictionaries(st.sampled_from(NAMES_OF_PARAMETERS), st.sampled_from(WITH_PLACEHOLDERS)))
def test_a_value_with_a_placeholder_is_never_an_error_only_a_missing_parameter_is(parameters: dict[str, str]) -> None:
    missing = [name for name in ("TableName", "Item") if name not in parameters]
    assert errors(definition(f"{STATES}dynamodb:putItem", Parameters=parameters)) == [
        f"error Parameters: The field '{name}' is required but was missing; add \"{name}\"" for name in missing
    ]


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "${AWS::Partition}"])
@pytest.mark.parametrize("where", [":", "us-east-1:1", "${R}:${A}"])
def test_a_task_has_the_same_findings_in_every_partition_region_and_account(partition: str, where: str) -> None:
    resource = f"arn:{partition}:states:{where}:sqs:sendMessage"
    assert findings(definition(resource, Parameters={"QueueUrl": "https://u"})) == [
        "error Parameters: The field 'MessageBody' is required but was missing; add \"MessageBody\""
    ]


def test_a_map_reads_items_and_writes_results_only_with_s3() -> None:
    inner = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "End": True}},
    }
    parameters = {"Bucket": "b", "Key": "k"}
    reader = {"Resource": f"{STATES}s3:getObjects", "Parameters": parameters, "ReaderConfig": {"InputType": "JSON"}}
    writer = {"Resource": "arn:aws-cn:states:::s3:putObject", "Parameters": {"Bucket": "b"}}
    state = {"Type": "Map", "ItemReader": reader, "ResultWriter": writer, "ItemProcessor": inner, "End": True}
    assert findings({"StartAt": "T", "States": {"T": state}}) == [
        "error ItemReader.Resource: The field 'Resource' does not match any of the allowed values. "
        "Examples: [arn:<partition>:states:::s3:getObject, arn:<partition>:states:::s3:listObjectsV2]; "
        'did you mean "arn:aws:states:::s3:getObject"?'
    ]
