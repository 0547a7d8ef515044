"""operations/machines.py, versions.py, aliases.py, tags.py: state machines and what belongs to them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.server.support import PASS, PREFIX, ROLE, Api, Refused, task

ARN = f"{PREFIX}:stateMachine:machine"
OTHER = {**PASS, "Comment": "another"}


def test_a_state_machine_is_described_as_it_was_created() -> None:
    api = Api()
    description = api("DescribeStateMachine", stateMachineArn=api.machine())
    assert description.pop("creationDate") > 1_700_000_000
    assert description == {
        "stateMachineArn": ARN,
        "name": "machine",
        "status": "ACTIVE",
        "definition": json.dumps(PASS),
        "roleArn": ROLE,
        "type": "STANDARD",
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
    }


def test_the_variables_that_states_read_are_listed() -> None:
    api = Api()
    states = {
        "Set": {"Type": "Pass", "Assign": {"b": 1, "a": 2}, "Next": "Read"},
        "Read": {"Type": "Pass", "Parameters": {"x.$": "States.Format('{} {}', $b, $a)"}, "End": True},
    }
    arn = api.machine({"StartAt": "Set", "States": states})
    assert api("DescribeStateMachine", stateMachineArn=arn)["variableReferences"] == {"Read": ["a", "b"]}


def test_the_same_state_machine_may_be_created_again_and_no_other_of_its_name() -> None:
    api = Api()
    assert api.machine() == api.machine() == api.machine(roleArn=f"{ROLE}-2", tags=[{"key": "k", "value": "v"}])
    described = api("DescribeStateMachine", stateMachineArn=ARN)
    assert (described["roleArn"], api("ListTagsForResource", resourceArn=ARN)) == (ROLE, {"tags": []})
    for definition, members in ((OTHER, {}), (PASS, {"type": "EXPRESS"})):
        with pytest.raises(Refused) as error:
            api.machine(definition, **members)
        assert error.value.args == ("StateMachineAlreadyExists", f"State Machine Already Exists: '{ARN}'")


REFUSED: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    (
        "CreateStateMachine",
        {"name": "a b", "definition": json.dumps(PASS), "roleArn": ROLE},
        ("InvalidName", "Invalid Name: 'a b'"),
    ),
    (
        "CreateStateMachine",
        {"name": "x", "definition": "{}", "roleArn": ROLE},
        (
            "InvalidDefinition",
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /'",
        ),
    ),
    (
        "CreateStateMachine",
        {
            "name": "x",
            "definition": json.dumps(PASS),
            "roleArn": ROLE,
            "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"},
        },
        (
            "InvalidEncryptionConfiguration",
            "Invalid Encryption Configuration: kmsKeyId must be specified when type is CUSTOMER_MANAGED_KMS_KEY.",
        ),
    ),
    (
        "CreateActivity",
        {"name": "x", "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}},
        (
            "InvalidEncryptionConfiguration",
            "Invalid Encryption Configuration: kmsKeyId must be specified when type is CUSTOMER_MANAGED_KMS_KEY.",
        ),
    ),
    (
        "CreateStateMachine",
        {"name": "x", "definition": json.dumps(PASS), "roleArn": ROLE, "versionDescription": "first"},
        ("ValidationException", "Version description can only be set when publish is true"),
    ),
    (
        "CreateStateMachine",
        {"name": "x" * 81, "roleArn": ROLE},
        (
            "ValidationException",
            "2 validation errors detected: Value null at 'definition' failed to satisfy constraint: Member must not be "
            f"null; Value '{'x' * 81}' at 'name' failed to satisfy constraint: Member must have length less than or "
            "equal to 80",
        ),
    ),
    (
        "DescribeStateMachine",
        {"stateMachineArn": "machine"},
        ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: machine'"),
    ),
    (
        "DescribeStateMachine",
        {"stateMachineArn": f"{PREFIX}:activity:machine"},
        ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: activity'"),
    ),
    (
        "DescribeStateMachine",
        {"stateMachineArn": f"{ARN}:7"},
        ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{ARN}:7'"),
    ),
    (
        "UpdateStateMachine",
        {"stateMachineArn": ARN},
        (
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration, or the "
            "TracingConfiguration must be specified",
        ),
    ),
    (
        "DescribeStateMachine",
        {"stateMachineArn": 1},
        ("SerializationException", "NUMBER_VALUE can not be converted to a String"),
    ),
    (
        "CreateStateMachineAlias",
        {"name": "live", "routingConfiguration": [{"stateMachineVersionArn": [1], "weight": 0}] * 3},
        ("SerializationException", "Start of structure or map found where not expected."),
    ),
    ("ListStateMachines", {"nextToken": "abc"}, ("InvalidToken", "Invalid Token: 'Invalid token'")),
    ("FlyToTheMoon", {}, ("UnknownOperationException", "")),
    ("TagResource", {"resourceArn": f"{ARN}:1", "tags": []}, ("ResourceNotFound", f"Resource not found: '{ARN}:1'")),
]


@pytest.mark.parametrize(("operation", "members", "error"), REFUSED)
def test_a_wrong_request_gets_the_error_of_the_service(
    operation: str, members: dict[str, Any], error: tuple[str, str]
) -> None:
    api = Api()
    api.machine()
    with pytest.raises(Refused) as refused:
        api(operation, **members)
    assert refused.value.args == error


def test_a_list_has_pages_and_their_tokens_are_for_the_same_list_only() -> None:
    api = Api()
    for number in range(5):
        api.machine(name=f"machine{number}")
    first = api("ListStateMachines", maxResults=2)
    second = api("ListStateMachines", maxResults=2, nextToken=first["nextToken"])
    last = api("ListStateMachines", maxResults=2, nextToken=second["nextToken"])
    names = [machine["name"] for page in (first, second, last) for machine in page["stateMachines"]]
    assert names == [f"machine{number}" for number in range(5)]
    assert "nextToken" not in last
    with pytest.raises(Refused):
        api("ListActivities", nextToken=first["nextToken"])


def test_a_page_goes_on_behind_the_last_item_whatever_was_added_and_deleted_since() -> None:
    api = Api()
    arns = [api.machine(name=f"{number}" + "\U0001f600" * 79) for number in range(5)]
    first = api("ListStateMachines", maxResults=2)
    assert len(first["nextToken"]) <= 1_024
    for arn in arns[:2]:
        api("DeleteStateMachine", stateMachineArn=arn)
    api.machine(name="0new")
    second = api("ListStateMachines", maxResults=2, nextToken=first["nextToken"])
    assert [machine["stateMachineArn"] for machine in second["stateMachines"]] == arns[2:4]


def test_a_page_of_executions_has_none_of_the_page_before() -> None:
    api = Api()
    machine = api.machine()
    started = [api.start(machine, name=f"execution{number}") for number in range(4)]
    first = api("ListExecutions", stateMachineArn=machine, maxResults=2)
    api.start(machine, name="latest")
    second = api("ListExecutions", stateMachineArn=machine, maxResults=2, nextToken=first["nextToken"])
    listed = [execution["executionArn"] for page in (first, second) for execution in page["executions"]]
    assert listed == started[::-1]


@pytest.mark.parametrize("content", ["1", "[]", '["a", 1, "b"]', '{"a": 1, "b": 2, "c": 3}', "[" * 9_999])
def test_a_token_that_was_not_issued_is_invalid(content: str) -> None:
    token = base64.b64encode(content.encode()).decode()[:1_024]
    with pytest.raises(Refused, match="InvalidToken"):
        Api()("ListStateMachines", nextToken=token)


def test_a_token_with_a_place_of_another_kind_is_invalid() -> None:
    api = Api()
    for number in range(2):
        api.machine(name=f"machine{number}")
    token = api("ListStateMachines", maxResults=1)["nextToken"]
    scope, _, last = json.loads(base64.b64decode(token))
    forged = base64.b64encode(json.dumps([scope, 1, last]).encode()).decode()
    with pytest.raises(Refused, match="InvalidToken"):
        api("ListStateMachines", maxResults=1, nextToken=forged)


def test_an_update_makes_a_revision_and_a_version_keeps_the_one_it_was_published_from() -> None:
    api = Api()
    arn = api.machine(publish=True, versionDescription="first")
    update = api("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(OTHER), publish=True)
    assert update["stateMachineVersionArn"] == f"{arn}:2"
    definitions = [
        json.loads(api("DescribeStateMachine", stateMachineArn=each)["definition"])
        for each in (f"{arn}:1", f"{arn}:2", arn)
    ]
    assert definitions == [PASS, OTHER, OTHER]
    assert api("DescribeStateMachine", stateMachineArn=f"{arn}:1")["description"] == "first"
    versions = api("ListStateMachineVersions", stateMachineArn=arn)["stateMachineVersions"]
    assert [version["stateMachineVersionArn"] for version in versions] == [f"{arn}:2", f"{arn}:1"]


@pytest.mark.parametrize("number", ["2", "01", "\u0661", "0", "-1"])
def test_a_version_is_named_by_its_number_only(number: str) -> None:
    api = Api()
    arn = f"{api.machine(publish=True)}:{number}"
    with pytest.raises(Refused, match="StateMachineDoesNotExist"):
        api("DescribeStateMachine", stateMachineArn=arn)


def test_publishing_an_unchanged_revision_gives_the_same_version() -> None:
    api = Api()
    arn = api.machine()
    published = [api("PublishStateMachineVersion", stateMachineArn=arn)["stateMachineVersionArn"] for _ in range(2)]
    assert published == [f"{arn}:1", f"{arn}:1"]
    revision = api("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(OTHER))["revisionId"]
    with pytest.raises(Refused) as error:
        api("PublishStateMachineVersion", stateMachineArn=arn, revisionId="old")
    assert error.value.args == (
        "ConflictException",
        "Failed to publish the State Machine version for revision old. "
        f"The current State Machine revision is {revision}.",
    )


def test_an_alias_routes_its_executions_to_a_version_which_it_keeps() -> None:
    api = Api()
    arn = api.machine(publish=True)
    routes = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    alias = api("CreateStateMachineAlias", name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    execution = api.start(alias)
    assert api.ended(execution) | {"executionArn": "", "name": ""} == {
        "executionArn": "",
        "stateMachineArn": arn,
        "name": "",
        "status": "SUCCEEDED",
        "stateMachineVersionArn": f"{arn}:1",
        "stateMachineAliasArn": alias,
        "redriveCount": 0,
        "input": "{}",
        "output": "{}",
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }
    assert len(api("ListExecutions", stateMachineArn=alias)["executions"]) == 1
    with pytest.raises(Refused) as error:
        api("DeleteStateMachineVersion", stateMachineVersionArn=f"{arn}:1")
    assert error.value.args == (
        "ConflictException",
        "Version to be deleted must not be referenced by an alias. "
        "Current list of aliases referencing this version: [live]",
    )
    api("DeleteStateMachineAlias", stateMachineAliasArn=alias)
    api("DeleteStateMachineVersion", stateMachineVersionArn=f"{arn}:1")
    assert api("ListStateMachineVersions", stateMachineArn=arn)["stateMachineVersions"] == []


QUOTA = ("ServiceQuotaExceededException", "The request would cause a service quota to be exceeded.")


def test_a_state_machine_has_a_thousand_versions_and_a_refused_update_changes_nothing() -> None:
    api = Api()
    arn = api.machine(publish=True)
    for number in range(2, 1_001):
        api("UpdateStateMachine", stateMachineArn=arn, roleArn=f"{ROLE}{number}", publish=True)
    with pytest.raises(Refused) as error:
        api("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(OTHER), publish=True)
    assert error.value.args == QUOTA
    assert json.loads(api("DescribeStateMachine", stateMachineArn=arn)["definition"]) == PASS
    again = api("PublishStateMachineVersion", stateMachineArn=arn)
    assert again["stateMachineVersionArn"] == f"{arn}:1000"
    api("DeleteStateMachineVersion", stateMachineVersionArn=f"{arn}:1")
    update = api("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(OTHER), publish=True)
    assert update["stateMachineVersionArn"] == f"{arn}:1001"


def test_a_state_machine_has_a_hundred_aliases() -> None:
    api = Api()
    routes = [{"stateMachineVersionArn": f"{api.machine(publish=True)}:1", "weight": 100}]
    aliases = [
        api("CreateStateMachineAlias", name=f"alias{number}", routingConfiguration=routes)["stateMachineAliasArn"]
        for number in range(100)
    ]
    with pytest.raises(Refused) as error:
        api("CreateStateMachineAlias", name="other", routingConfiguration=routes)
    assert error.value.args == QUOTA
    same = api("CreateStateMachineAlias", name="alias7", routingConfiguration=routes)
    assert same["stateMachineAliasArn"] == aliases[7]
    api("DeleteStateMachineAlias", stateMachineAliasArn=aliases[7])
    assert api("CreateStateMachineAlias", name="other", routingConfiguration=routes)["stateMachineAliasArn"]


def test_the_latest_alias_is_listed_first() -> None:
    api = Api()
    routes = [{"stateMachineVersionArn": f"{api.machine(publish=True)}:1", "weight": 100}]
    arns = [
        api("CreateStateMachineAlias", name=name, routingConfiguration=routes)["stateMachineAliasArn"]
        for name in ("old", "new")
    ]
    listed = api("ListStateMachineAliases", stateMachineArn=ARN)["stateMachineAliases"]
    assert [alias["stateMachineAliasArn"] for alias in listed] == arns[::-1]


def test_metadata_alone_has_no_definition() -> None:
    api = Api()
    arn = api.machine()
    described = api("DescribeStateMachine", stateMachineArn=arn, includedData="METADATA_ONLY")
    of_execution = api("DescribeStateMachineForExecution", executionArn=api.start(arn), includedData="METADATA_ONLY")
    assert (described["definition"], of_execution["definition"]) == ("{}", "{}")


@pytest.mark.parametrize("operation", ["StartExecution", "UpdateStateMachine", "DeleteStateMachine"])
def test_the_label_of_a_map_is_no_state_machine(operation: str) -> None:
    api = Api()
    with pytest.raises(Refused, match="ValidationException"):
        api(operation, stateMachineArn=f"{api.machine()}/label")


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ([("", 100)], f"Routing configuration must contain state machine version ARNs. Received: [{ARN}]"),
        (
            [(":1", 50), (":1", 50)],
            f"Routing configuration must contain distinct state machine version ARNs. Received: [{ARN}:1, {ARN}:1]",
        ),
        ([(":1", 60), (":2", 41)], "Sum of routing configuration weights must equal 100. Received: [60, 41]"),
        (
            [(":1", 101)],
            "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy "
            "constraint: Member must have value less than or equal to 100",
        ),
    ],
)
def test_a_wrong_routing_is_refused(routes: list[tuple[str, int]], message: str) -> None:
    api = Api()
    arn = api.machine(publish=True)
    configuration = [{"stateMachineVersionArn": f"{arn}{version}", "weight": weight} for version, weight in routes]
    with pytest.raises(Refused) as error:
        api("CreateStateMachineAlias", name="live", routingConfiguration=configuration)
    assert error.value.args == ("ValidationException", message)


def test_tags_are_added_changed_and_removed() -> None:
    api = Api()
    arn = api.machine(tags=[{"key": "team", "value": "a"}])
    api("TagResource", resourceArn=arn, tags=[{"key": "team", "value": "b"}, {"key": "cost", "value": "1"}])
    api("UntagResource", resourceArn=arn, tagKeys=["cost", "none"])
    assert api("ListTagsForResource", resourceArn=arn) == {"tags": [{"key": "team", "value": "b"}]}


def test_a_member_that_is_null_is_absent_at_every_depth() -> None:
    api = Api()
    arn = api.machine(loggingConfiguration={"level": None, "destinations": None}, tags=[{"key": "a", "value": None}])
    logging = api("DescribeStateMachine", stateMachineArn=arn)["loggingConfiguration"]
    assert logging == {"level": "OFF", "includeExecutionData": False}
    with pytest.raises(Refused) as error:
        api("TestState", definition=json.dumps(task(f"{PREFIX}:activity:a")["States"]["Task"]), mock={"result": None})
    problem = "A test mock should have only one of the following fields: [result, errorOutput]."
    assert error.value.args == ("ValidationException", problem)


def test_a_deleted_state_machine_is_gone_and_may_be_deleted_again() -> None:
    api = Api()
    arn = api.machine()
    assert [api("DeleteStateMachine", stateMachineArn=arn) for _ in range(2)] == [{}, {}]
    with pytest.raises(Refused) as error:
        api.start(arn)
    assert error.value.args == ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
