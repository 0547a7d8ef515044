"""Templates that other tools write: cdk synth, terraform show -json, serverless package; and their sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workflow_dsl.application.template.terraform import template_of_plan
from workflow_dsl.cli import main

FUNCTION_ARN = "arn:aws:lambda:eu-west-1:111111111111:function:checker"


def definition(resource: str) -> str:
    retry = [{"ErrorEquals": ["States.TaskFailed"]}]
    states = {
        "Check": {"Type": "Task", "Resource": resource, "Retry": retry, "Next": "Doen"},
        "Done": {"Type": "Succeed"},
    }
    return json.dumps({"StartAt": "Check", "States": states})


def policy(action: str | list[str]) -> str:
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


TRUST = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
)


def row(address: str, **values: Any) -> dict[str, Any]:
    type_ = address.rpartition("module.")[2].partition(".")[2] if "module." in address else address
    type_ = type_.partition(".")[0]
    return {"address": address, "mode": "managed", "type": type_, "values": values}


def plan(action: str = "lambda:InvokeFunction", **machine: Any) -> dict[str, Any]:
    """A plan whose role and function have no ARN yet, in a module of its own."""
    module = "module.trade."
    values = {"name": "trade", "type": "STANDARD", "definition": definition(FUNCTION_ARN), **machine}
    resources = [
        row(f"{module}aws_sfn_state_machine.trade", **values),
        row(f"{module}aws_lambda_function.checker", function_name="checker", runtime="python3.13", arn=FUNCTION_ARN),
        row(f"{module}aws_iam_role.trade", name="trade-role", assume_role_policy=TRUST),
        row(f"{module}aws_iam_role_policy.trade", policy=policy(action)),
    ]
    references = {
        "aws_sfn_state_machine.trade": {"role_arn": {"references": ["aws_iam_role.trade.arn", "aws_iam_role.trade"]}},
        "aws_iam_role_policy.trade": {"role": {"references": ["aws_iam_role.trade.id", "aws_iam_role.trade"]}},
    }
    configured = [{"address": address, "expressions": each} for address, each in references.items()]
    calls = {"trade": {"module": {"resources": configured}}}
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"child_modules": [{"address": "module.trade", "resources": resources}]}},
        "configuration": {"root_module": {"module_calls": calls}},
    }


def cdk(folder: Path) -> Path:
    """A stack with one definition of its own and one in a file of its assets."""
    text = definition("FUNCTION").partition("FUNCTION")
    own = {"Fn::Join": ["", [text[0], {"Fn::GetAtt": ["Checker", "Arn"]}, text[2]]]}
    stack: dict[str, Any] = {
        "Trade": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": own}},
        "Filed": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"DefinitionS3Location": {"Bucket": {"Fn::Sub": "cdk-assets"}, "Key": "a1.json"}},
        },
        "Checker": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "Code": {"S3Bucket": "b", "S3Key": "b2.zip"},
            },
        },
    }
    files = {"a1": {"source": {"path": "asset.a1.json"}}, "b2": {"source": {"path": "asset.b2", "packaging": "zip"}}}
    (folder / "S.assets.json").write_text(json.dumps({"version": "36.0.0", "files": files}))
    (folder / "asset.a1.json").write_text(definition(FUNCTION_ARN))
    (folder / "asset.b2").mkdir()
    (folder / "asset.b2" / "app.py").write_text("def handlr(event, context): ...\n")
    file = folder / "S.template.json"
    file.write_text(json.dumps({"Resources": stack}))
    return file


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def codes(result: Result) -> list[tuple[str, str | None]]:
    return [(finding["code"], finding["state"]) for finding in json.loads(result.stdout)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, name: str, content: Any) -> Path:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def by_parameters(stack: Path) -> Path:
    """The stack as CDK 1 writes it, with parameters for its assets and without a manifest."""
    document = json.loads(stack.read_text())
    resources, hashes = document["Resources"], {"Filed": ("a1", "DefinitionS3Location"), "Checker": ("b2", "Code")}
    for name, (hash_, field) in hashes.items():
        version = {"Fn::Split": ["||", {"Ref": f"AssetParameters{hash_}S3VersionKey7D"}]}
        key = {"Fn::Join": ["", [{"Fn::Select": [0, version]}, {"Fn::Select": [1, version]}]]}
        fields = {"Bucket": "Key", "S3Bucket": "S3Key"}
        bucket = "Bucket" if name == "Filed" else "S3Bucket"
        resources[name]["Properties"][field] = {
            bucket: {"Ref": f"AssetParameters{hash_}S3Bucket9C"},
            fields[bucket]: key,
        }
    names = [f"AssetParameters{hash_}S3{part}" for hash_, _ in hashes.values() for part in ("Bucket9C", "VersionKey7D")]
    stack.write_text(json.dumps({**document, "Parameters": {name: {"Type": "String"} for name in names}}))
    stack.with_name("S.assets.json").unlink()
    return stack


@pytest.mark.parametrize("synthesized", [lambda stack: stack, by_parameters], ids=["manifest", "parameters"])
def test_a_cdk_stack_is_checked_with_the_files_of_its_assets(folder: Path, synthesized: Any) -> None:
    result = run("validate", "--format", "json", synthesized(cdk(folder)))
    wrong = ("MISSING_TRANSITION_TARGET", "Check")
    assert [code for code in codes(result) if code[0] != "UNUSED_SUBSTITUTION"] == [("NO_HANDLER", None), wrong, wrong]


WRONG_PLANS = [
    (plan(), ["MISSING_TRANSITION_TARGET"]),
    (plan(definition=definition(FUNCTION_ARN).replace("Doen", "Done")), []),
    (plan("lambda:ListFunctions", definition=definition(FUNCTION_ARN).replace("Doen", "Done")), [
        "MISSING_PERMISSION", "UNNEEDED_PERMISSION"
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), WRONG_PLANS)
def test_a_terraform_plan_is_checked_with_its_roles(folder: Path, content: Any, expected: list[str]) -> None:
    result = run("validate", "--format", "json", write(folder, "plan.json", content))
    assert [code for code, _ in codes(result)] == expected


TOPIC_ARN, MACHINE_ARN = "arn:aws:sns:eu-west-1:111111111111:t", "arn:aws:states:eu-west-1:111111111111:stateMachine:m"
SEND: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True}
SEND["Parameters"] = {"TopicArn": TOPIC_ARN, "Message": "x"}
PUT: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Next": "Send"}
PUT["Parameters"] = {"TableName": "rows", "Item": {"id": {"S": "1"}}}
ROLE_ARN, START_ARN = "arn:aws:iam::111111111111:role/m", "arn:aws:iam::111111111111:role/start"
PATTERN = {"source": ["aws.s3"], "detail-type": ["Object Created"]}
STARTED: dict[str, dict[str, Any]] = {
    "aws_sns_topic.t": {"name": "t", "arn": TOPIC_ARN},
    "aws_dynamodb_table.rows": {"name": "rows", "hash_key": "id", "attribute": [{"name": "id", "type": "S"}]},
    "aws_sqs_queue.q": {"name": "q", "fifo_queue": False},
    "aws_iam_role.m": {"name": "m", "arn": ROLE_ARN, "assume_role_policy": TRUST},
    "aws_iam_role_policy.m": {"role": "m", "policy": policy(["sns:Publish", "dynamodb:PutItem"])},
    "aws_sfn_state_machine.m": {
        "name": "m",
        "arn": MACHINE_ARN,
        "role_arn": ROLE_ARN,
        "definition": json.dumps({"StartAt": "Put", "States": {"Put": PUT, "Send": SEND}}),
    },
    "aws_iam_role.start": {
        "name": "start",
        "arn": START_ARN,
        "assume_role_policy": TRUST.replace('"states.', '["events.amazonaws.com", "scheduler.').replace(
            'com"}', 'com"]}'
        ),
    },
    "aws_iam_role_policy.start": {"role": "start", "policy": policy("states:StartExecution")},
    "aws_cloudwatch_event_rule.r": {"name": "r", "event_pattern": json.dumps(PATTERN)},
    "aws_cloudwatch_event_target.r": {"rule": "r", "arn": MACHINE_ARN, "role_arn": START_ARN},
    "aws_scheduler_schedule.s": {
        "name": "s",
        "schedule_expression": "rate(1 day)",
        "flexible_time_window": [{"mode": "OFF"}],
        "target": [{"arn": MACHINE_ARN, "role_arn": START_ARN, "input": "{}"}],
    },
}
TRIGGERS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("aws_sns_topic.t", {}, []),
    ("aws_dynamodb_table.rows", {"range_key": "at"}, ["SCHEMA_VALIDATION_FAILED"]),
    ("aws_dynamodb_table.rows", {"hash_key": "key", "attribute": [{"name": "key", "type": "S"}]}, ["REFUSED_CALL"]),
    ("aws_sqs_queue.q", {"fifo_queue": True}, ["SCHEMA_VALIDATION_FAILED"]),
    ("aws_cloudwatch_event_target.r", {"role_arn": None}, ["NO_ROLE"]),
    ("aws_cloudwatch_event_rule.r", {"event_pattern": '{"source": "aws.s3"}'}, ["SCHEMA_VALIDATION_FAILED"]),
    ("aws_scheduler_schedule.s", {"schedule_expression": "cron(0 3 * * *)"}, ["SCHEMA_VALIDATION_FAILED"]),
    ("aws_scheduler_schedule.s", {"target": [{"arn": MACHINE_ARN}]}, ["NO_ROLE"]),
    ("aws_iam_role.start", {"assume_role_policy": TRUST}, ["UNTRUSTED_ROLE", "UNTRUSTED_ROLE"]),
    ("aws_iam_role_policy.start", {"policy": policy("states:StopExecution")}, ["MISSING_PERMISSION"] * 2),
]


@pytest.mark.parametrize(("address", "values", "expected"), TRIGGERS)
def test_what_starts_a_machine_in_a_terraform_plan_is_checked(
    folder: Path, address: str, values: dict[str, Any], expected: list[str]
) -> None:
    rows = {**STARTED, address: {**STARTED[address], **values}}
    resources = [row(name, **each) for name, each in rows.items()]
    content = {"format_version": "1.2", "planned_values": {"root_module": {"resources": resources}}}
    result = run("validate", "--format", "json", write(folder, "plan.json", content))
    assert sorted(code for code, _ in codes(result)) == sorted(expected)


def test_a_definition_that_terraform_knows_after_apply_is_skipped_with_the_reason(folder: Path) -> None:
    content = plan()
    del content["planned_values"]["root_module"]["child_modules"][0]["resources"][0]["values"]["definition"]
    result = run("validate", write(folder, "plan.json", content))
    assert result.exit_code == 0
    assert "module.trade.aws_sfn_state_machine.trade is not checked" in result.stderr


def test_uses_and_diagram_take_what_other_tools_write(folder: Path) -> None:
    file = write(folder, "plan.json", plan())
    uses = run("uses", "--template", file)
    assert (uses.exit_code, "module.trade.aws_lambda_function.checker" in uses.stdout) == (0, True)
    diagram = run("diagram", "module.trade.aws_sfn_state_machine.trade", "--template", file)
    assert (diagram.exit_code, "Check" in diagram.stdout) == (0, True)
    drawn = run("diagram", "Filed", "--template", cdk(folder))
    assert (drawn.exit_code, "Check" in drawn.stdout) == (0, True)


def test_the_packaged_template_of_the_serverless_framework_is_checked(folder: Path) -> None:
    text = definition("${checker}")
    machine = {"DefinitionString": {"Fn::Sub": [text, {"checker": {"Fn::GetAtt": ["CheckerLambdaFunction", "Arn"]}}]}}
    resources = {
        "Trade": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
        "CheckerLambdaFunction": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "Code": {"S3Bucket": {"Ref": "Bucket"}, "S3Key": "serverless/x.zip"},
            },
        },
        "Bucket": {"Type": "AWS::S3::Bucket"},
    }
    file = write(folder, ".serverless/cloudformation-template-update-stack.json", {"Resources": resources})
    assert codes(run("validate", "--format", "json", file)) == [("MISSING_TRANSITION_TARGET", "Check")]
    assert "CheckerLambdaFunction" in run("uses", "--template", file).stdout
    (folder / "app.py").write_text("def handle(event, context):\n    return event\n")
    assert codes(run("validate", "--format", "json", file)) == [
        ("NO_HANDLER", None),
        ("MISSING_TRANSITION_TARGET", "Check"),
    ]


SOURCES = [
    ("main.tf", 'resource "aws_sfn_state_machine" "m" {}\n', "terraform show -json"),
    ("plan.tfplan", "PK", "terraform show -json"),
    ("serverless.yml", "service: trade\nprovider: {name: aws}\n", "serverless package"),
    (
        "serverless.yaml",
        "service: trade\nstepFunctions: {stateMachines: {m: {definition: {StartAt: A, States: {}}}}}\nresources: {}\n",
        "serverless package",
    ),
    ("serverless.ts", "export default {};\n", "serverless package"),
    ("cdk.json", '{"app": "node app.js"}', "cdk synth"),
]


@pytest.mark.parametrize(("name", "content", "command"), SOURCES)
def test_for_a_source_one_line_says_what_to_run_first(folder: Path, name: str, content: str, command: str) -> None:
    file = write(folder, name, content)
    named = [("validate", name), ("uses", "--template", name), ("diagram", name)]
    for arguments in (*named, ("validate", "."), ("validate",), ("uses",)):
        result = run(*arguments)
        assert (arguments, command in result.stderr, len(result.stderr.splitlines()) < 5) == (arguments, True, True)
    assert file.read_text() == content


MACHINE = {"type": "aws_sfn_state_machine", "address": "aws_sfn_state_machine.m", "values": {"definition": {"a": 1}}}
ATTACHED = {"address": "aws_iam_role_policy.p", "type": "aws_iam_role_policy", "values": {}}
QUEUE = {"address": "aws_sqs_queue.q", "type": "aws_sqs_queue", "values": {"name": ["q"]}}
REFERRING = {"address": "aws_iam_role_policy.p", "expressions": {"role": {"references": ["aws_sqs_queue.q", 5]}}}
ODD_PLANS: list[tuple[Any, Any]] = [
    ({"resources": [None, 5, {"type": 5, "address": ["x"], "values": [1]}, MACHINE]}, None),
    ({"resources": {"a": 1}, "child_modules": [5, {"address": 5, "resources": "x"}]}, {"module_calls": [1]}),
    ({"resources": [MACHINE]}, {"resources": [None, {"address": ["x"]}, {"address": {}, "expressions": 5}]}),
    ({"resources": [ATTACHED, QUEUE]}, {"resources": [REFERRING]}),
    ({"resources": [{**ATTACHED, "values": {"role": {"a": 1}, "policy": "[" * 100_000}}]}, {}),
]


@pytest.mark.parametrize(("module", "configuration"), ODD_PLANS)
def test_a_plan_of_odd_shapes_gives_no_traceback(folder: Path, module: Any, configuration: Any) -> None:
    values = {"planned_values": {"root_module": module}, "configuration": {"root_module": configuration}}
    (folder / "plan.json").write_text(json.dumps({"format_version": "1.2", **values}))
    for command in ("validate", "uses"):
        arguments = ["plan.json"] if command == "validate" else ["--template", "plan.json"]
        assert CliRunner().invoke(main, [command, *arguments], catch_exceptions=False).exit_code in (0, 1, 2)


def test_a_large_plan_is_looked_up_once() -> None:
    count = 5_000
    references = {"role": {"references": [f"aws_sqs_queue.q{n}" for n in range(200)]}}
    rows = [{**ATTACHED, "address": f"aws_iam_role_policy.p{n}"} for n in range(count)]
    configured = [{"address": row["address"], "expressions": references} for row in rows]
    plan = {
        "planned_values": {"root_module": {"resources": rows}},
        "configuration": {"root_module": {"resources": configured}},
    }
    assert template_of_plan(plan) == {"Resources": {}}


ACCOUNT = "eu-west-1:111111111111"
MACHINE_ARN = f"arn:aws:states:{ACCOUNT}:stateMachine:trade"
ROLE_ARN = "arn:aws:iam::111111111111:role/"


def trust(service: str) -> str:
    principal = {"Service": service}
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})


def started(*resources: dict[str, Any], **expressions: Any) -> dict[str, Any]:
    """A plan with a state machine that stores an item and tells a topic, and other resources."""
    item = {"TableName": "items", "Item": {"id": {"S.$": "$.id"}}}
    tell = {"TopicArn": f"arn:aws:sns:{ACCOUNT}:news", "Message": "m"}
    states = {
        "Store": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": item, "Next": "Tell"},
        "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": tell, "End": True},
    }
    text = json.dumps({"StartAt": "Store", "States": states})
    rows = [
        row("aws_sfn_state_machine.trade", name="trade", arn=MACHINE_ARN, definition=text, role_arn=f"{ROLE_ARN}trade"),
        row("aws_sns_topic.news", name="news", arn=f"arn:aws:sns:{ACCOUNT}:news"),
        row("aws_iam_role.trade", name="trade", arn=f"{ROLE_ARN}trade", assume_role_policy=TRUST),
        row("aws_iam_role_policy.trade", role="trade", policy=policy("dynamodb:PutItem")),
    ]
    configured = [{"address": address.replace("__", "."), "expressions": each} for address, each in expressions.items()]
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [*rows, *resources]}},
        "configuration": {"root_module": {"resources": configured}},
    }


PUBLISH = [
    row("aws_iam_policy.tell", name="tell", policy=policy("sns:Publish")),
    row("aws_iam_role_policy_attachment.tell", role="trade"),
]
ATTACH: dict[str, Any] = {
    "aws_iam_role_policy_attachment__tell": {
        "policy_arn": {"references": ["aws_iam_policy.tell.arn", "aws_iam_policy.tell"]}
    }
}
SHARED = row("aws_iam_policy_attachment.tell", roles=["trade"])
ATTACHED_TO_ALL: dict[str, Any] = {
    "aws_iam_policy_attachment__tell": ATTACH["aws_iam_role_policy_attachment__tell"],
}
DAILY = row("aws_cloudwatch_event_rule.daily", name="daily", schedule_expression="rate(1 day)")
EVENTS = row(
    "aws_iam_role.events", name="events", arn=f"{ROLE_ARN}events", assume_role_policy=trust("events.amazonaws.com")
)
START = row("aws_iam_role_policy.events", role="events", policy=policy("states:StartExecution"))
TABLE = row("aws_dynamodb_table.items", name="items", hash_key="id", attribute=[{"name": "id", "type": "S"}])
UPLOADED = json.dumps(
    {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["images"]}}}
)
BUCKET = row("aws_s3_bucket.images", bucket="images", arn="arn:aws:s3:::images")
SENT = row("aws_s3_bucket_notification.images", bucket="images", eventbridge=True)
ON_UPLOAD = row(
    "aws_cloudwatch_event_rule.daily",
    name="daily",
    event_bus_name="default",
    event_pattern=UPLOADED,
    schedule_expression="",
)
INDEX = {"name": "by-day", "hash_key": "day", "projection_type": "ALL"}
NAMES = [{"name": "id", "type": "S"}, {"name": "day", "type": "S"}]
INDEXED = row("aws_dynamodb_table.items", name="items", hash_key="id", attribute=NAMES, global_secondary_index=[INDEX])


def target(**values: Any) -> dict[str, Any]:
    return row("aws_cloudwatch_event_target.daily", rule="daily", arn=MACHINE_ARN, **values)


def run_task(**parameters: Any) -> list[dict[str, Any]]:
    """A machine that runs a task in the container app of a task definition for Fargate."""
    arn, trusted = f"arn:aws:ecs:{ACCOUNT}:task-definition/t:1", trust("ecs-tasks.amazonaws.com")
    network = {"AwsvpcConfiguration": {"Subnets": ["subnet-0a1b2c3d"]}}
    call = {"TaskDefinition": arn, "Cluster": "c", "LaunchType": "FARGATE", "NetworkConfiguration": network}
    given = {name: value for name, value in {**call, **parameters}.items() if value is not None}
    run = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask", "Parameters": given, "End": True}
    text = json.dumps({"StartAt": "Run", "States": {"Run": run}})
    return [
        row("aws_sfn_state_machine.run", name="run", definition=text, role_arn=f"{ROLE_ARN}run"),
        row("aws_iam_role.run", name="run", arn=f"{ROLE_ARN}run", assume_role_policy=TRUST),
        row("aws_iam_role.task", name="task", arn=f"{ROLE_ARN}task", assume_role_policy=trusted),
        row("aws_iam_role_policy.run", role="run", policy=policy(["ecs:RunTask", "iam:PassRole"])),
        row(
            "aws_ecs_task_definition.t",
            arn=arn,
            family="t",
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            task_role_arn=f"{ROLE_ARN}task",
            container_definitions=json.dumps([{"name": "app"}]),
        ),
    ]


def overriding(name: str) -> dict[str, Any]:
    return {"ContainerOverrides": [{"Name": name}]}


def of_another_account(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows whose machine has a role of the same name in another account."""
    machine, *others = rows
    return [{**machine, "values": {**machine["values"], "role_arn": "arn:aws:iam::222222222222:role/task"}}, *others]


CHOSEN: dict[str, Any] = {
    "aws_sfn_state_machine__run": {"role_arn": {"references": ["aws_iam_role.task.arn", "aws_iam_role.task"]}}
}


def on_upload(template: str) -> list[dict[str, Any]]:
    """A rule of uploads whose target transforms the event."""
    transformer = {"input_paths": {"key": "$.detail.object.key"}, "input_template": template}
    given = target(role_arn=f"{ROLE_ARN}events", input=None, input_path=None, input_transformer=[transformer])
    return [*PUBLISH, ON_UPLOAD, EVENTS, START, BUCKET, given]


def scheduled(**values: Any) -> dict[str, Any]:
    window = {"flexible_time_window": [{"mode": "OFF"}], "schedule_expression": "rate(1 day)"}
    return row("aws_scheduler_schedule.daily", **window, target=[{"arn": MACHINE_ARN, **values}])


def keyed(name: str) -> dict[str, Any]:
    return row("aws_dynamodb_table.items", name="items", hash_key=name, attribute=[{"name": name, "type": "S"}])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (started(*PUBLISH, **ATTACH), []),
        (started(PUBLISH[0], SHARED, **ATTACHED_TO_ALL), []),
        (started(), ["MISSING_PERMISSION"]),
        (
            started(PUBLISH[0], row("aws_iam_role_policy_attachment.tell", role="other"), **ATTACH),
            ["MISSING_PERMISSION"],
        ),
        (started(*PUBLISH, DAILY, EVENTS, START, target(role_arn=f"{ROLE_ARN}events"), **ATTACH), []),
        (started(*PUBLISH, DAILY, EVENTS, START, target(), **ATTACH), ["NO_ROLE"]),
        (started(*PUBLISH, DAILY, EVENTS, target(role_arn=f"{ROLE_ARN}events"), **ATTACH), ["MISSING_PERMISSION"]),
        (
            started(*PUBLISH, DAILY, target(role_arn=f"{ROLE_ARN}trade"), **ATTACH),
            ["MISSING_PERMISSION", "UNTRUSTED_ROLE"],
        ),
        (
            started(*PUBLISH, EVENTS, scheduled(role_arn=f"{ROLE_ARN}events"), **ATTACH),
            ["MISSING_PERMISSION", "UNTRUSTED_ROLE"],
        ),
        (started(*on_upload('{"id": <key>}'), SENT, **ATTACH), []),
        (started(*on_upload('{"id": <key>}'), **ATTACH), ["NEVER_STARTS"]),
        (started(*on_upload('{"ID": <key>}'), SENT, **ATTACH), ["MISSING_FIELD"]),
        (started(*PUBLISH, *run_task(Overrides=overriding("app")), **ATTACH), []),
        (started(*PUBLISH, *run_task(Overrides=overriding("ap")), **ATTACH), ["REFUSED_CALL"]),
        (started(*PUBLISH, *run_task(NetworkConfiguration=None), **ATTACH), ["REFUSED_CALL"]),
        (started(*PUBLISH, *of_another_account(run_task()), **ATTACH), []),
        (started(*PUBLISH, *run_task(), **ATTACH, **CHOSEN), []),  # the value counts more than the expression
        (started(*PUBLISH, TABLE, **ATTACH), []),
        (started(*PUBLISH, keyed("ID"), **ATTACH), ["REFUSED_CALL"]),
        (started(*PUBLISH, INDEXED, **ATTACH), []),
    ],
)
def test_a_plan_is_checked_with_its_policies_tables_and_triggers(
    folder: Path, content: Any, expected: list[str]
) -> None:
    result = run("validate", "--format", "json", write(folder, "plan.json", content))
    assert sorted(code for code, _ in codes(result) if code != "UNNEEDED_PERMISSION") == expected
