"""values.py: a template's values on this computer, before deployment, and in a stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.application.template.support import LAMBDA, STATES, probe
from workflow_dsl.application.template.intrinsics import placeholder_name
from workflow_dsl.application.template.values import Resource, TemplateValues

LOCAL: list[tuple[str, Any]] = [
    ("!Ref Stage", "beta"),
    ("{Ref: Stage}", "beta"),
    ("!Ref Owner", "Owner"),
    ("!Ref Named", "Named"),
    ("!Ref Blank", "Blank"),
    ("!Ref Nothing", "Nothing"),
    ("!Ref AWS::Region", "us-east-1"),
    ("!Ref AWS::NoValue", ""),
    ("!Ref Machine", f"{STATES}:stateMachine:trader"),
    ("!Ref Plain", f"{STATES}:stateMachine:Plain"),
    ("!Ref Worker", f"{STATES}:activity:Worker"),
    ("!Ref Checker", "check-beta"),
    ("!Ref Table", "Table"),
    ("!Ref Queue", "https://sqs.us-east-1.amazonaws.com/111111111111/orders"),
    ("!Ref Topic", "arn:aws:sns:us-east-1:111111111111:Topic"),
    ("!Ref Bucket", "bucket"),
    ("!GetAtt Checker.Arn", f"{LAMBDA}:function:check-beta"),
    ("!GetAtt [Checker, Arn]", f"{LAMBDA}:function:check-beta"),
    ("!GetAtt Machine.Name", "trader"),
    ("!GetAtt Queue.QueueName", "orders"),
    ("!GetAtt Queue.Arn", "arn:aws:sqs:us-east-1:111111111111:orders"),
    ("!GetAtt Topic.TopicName", "Topic"),
    ("!GetAtt Topic.TopicArn", "arn:aws:sns:us-east-1:111111111111:Topic"),
    ("!GetAtt Simple.Arn", "arn:aws:dynamodb:us-east-1:111111111111:table/simple"),
    ("!GetAtt Bucket.Arn", "arn:aws:s3:::bucket"),
    ("!GetAtt Logs.Arn", "arn:aws:local:us-east-1:111111111111:Logs"),
    ("!GetAtt Table.StreamArn", "Table.StreamArn"),
    ("!GetAtt Nothing.Arn", "Nothing.Arn"),
    ('!Sub "${AWS::Partition}/${Table}/${Checker.Arn}/${!Kept}"', f"aws/Table/{LAMBDA}:function:check-beta/${{Kept}}"),
    ('!Sub ["${Own}-${Stage}", {Own: !Ref Table}]', "Table-beta"),
    ('!Join ["-", [a, !Ref Stage, 1]]', "a-beta-1"),
    ('!Join ["-", [a, true]]', "a-true"),
    ("!If [IsBeta, !Ref Stage, no]", "beta"),
    ("!If [IsBig, !Ref Stage, that]", "that"),
    ("!If [IsBoth, this, that]", "that"),
    ("!If [IsEither, this, that]", "this"),
    ("!If [IsNeither, this, that]", "that"),
    ("!If [IsRound, this, that]", "this"),
    ("!If [IsStrange, this, that]", "this"),
    ("!If [IsOdd, this, that]", "this"),
    ("!If [IsNothing, this, that]", "this"),
    ("!FindInMap [Limits, !Ref Stage, Most]", 5),
    ("!FindInMap [Limits, beta, Own]", "beta"),
    ("!FindInMap [Limits, !Ref AWS::Region, Most]", 7),
    ("!FindInMap [Limits, none, Most]", "LimitsnoneMost"),
    ("!Select [1, [a, !Ref Stage]]", "beta"),
    ("!Select ['0', [a]]", "a"),
    ("!ToJsonString {a: [1, !Ref Stage]}", '{"a":[1,"beta"]}'),
    ("!Length [a, b]", 2),
    ("!Length [a, !Ref Stage]", 2),
    ("!Select [2, [a]]", "2a"),
    ("!Select ['\u00b2', [a]]", "\u00b2a"),
    ("!Select [0, !Split [a, b]]", "b"),
    ("!Select [1, !Split ['/', x/y/z]]", "y"),
    ("!Join ['-', !Split ['/', x/y]]", "x-y"),
    ("!Ref Live", f"{LAMBDA}:function:check-beta:live"),
    ("!Ref First", f"{LAMBDA}:function:check-beta:1"),
    ("!Ref Lost", "Lost"),
    ("!Ref Adrift", "Adrift"),
    ("!GetAtt Live.AliasArn", f"{LAMBDA}:function:check-beta:live"),
    ("!GetAtt First.FunctionArn", f"{LAMBDA}:function:check-beta:1"),
    ("{Ref: Stage, Other: !Ref Stage}", {"Ref": "Stage", "Other": "beta"}),
    ("{a: 1, b: !Ref AWS::NoValue}", {"a": 1}),
    ("!Sub ['${Stage}']", "['beta']"),
    ("!Join ['-', !Ref Zones]", "a-b"),
    ("!Join ['-', !FindInMap [Limits, beta, Most]]", "Fn::FindInMap:LimitsbetaMost"),
    ("!Join [!Ref Stage]", "Ref:Stage"),
    ("!If [IsBeta, this]", "IsBetathis"),
    ("!Select [1, [a]]", "1a"),
    ("!Select [0, ab]", "0ab"),
    ("!Ref Checker.Alias", f"{LAMBDA}:function:check-beta:Alias"),
    ("!Sub '${Checker.Version}'", f"{LAMBDA}:function:check-beta:Version"),
    ("!GetAtt Queue.QueueUrl", "https://sqs.us-east-1.amazonaws.com/111111111111/orders"),
    ("{Ref: [a]}", "a"),
    ("!Split [a, bac]", ["b", "c"]),
    ("!Split ['', b]", "b"),
    ("!Split [':', '{{resolve:ssm:x}}']", ":resolve:ssm:x"),
    ("!Transform {Name: AWS::Include}", {"Fn::Transform": {"Name": "AWS::Include"}}),
    ("!Condition IsBig", {"Condition": "IsBig"}),
    ("[!Ref Stage, {a: !Ref Table, b: 1}]", ["beta", {"a": "Table", "b": 1}]),
]


@pytest.mark.parametrize(("text", "value"), LOCAL)
def test_a_value_on_this_computer_is_resolved_or_invented(tmp_path: Path, text: str, value: Any) -> None:
    stack, probed = probe(tmp_path, text)
    assert stack.value(probed) == value


KNOWN: list[tuple[str, Any]] = [
    ("!Ref Stage", "beta"),
    ("!Ref Owner", None),
    ("!Ref Nothing", None),
    ("{Ref: [a]}", None),
    ("!Ref AWS::Region", "us-east-1"),
    ("!Ref Checker", "check-beta"),
    ("!Ref Table", "Table"),
    ("!Ref Lost", None),
    ("!GetAtt Checker.Arn", f"{LAMBDA}:function:check-beta"),
    ("!GetAtt Logs.Arn", None),
    ("!GetAtt Table.StreamArn", None),
    ("!GetAtt Nothing.Arn", None),
    ("!GetAtt odd", None),
    ("!Ref Checker.Version", f"{LAMBDA}:function:check-beta:Version"),
    ("!Sub '${Stage}-${!Kept}'", "beta-${Kept}"),
    ("!Sub '${Stage}-${Owner}'", None),
    ('!Join ["-", [a, !Ref Owner]]', None),
    ("!If [IsBeta, this, that]", None),
    ("!FindInMap [Limits, !Ref Stage, Most]", 5),
    ("!FindInMap [Limits, none, Most]", None),
    ("!Select [1, [a, !Ref Stage]]", "beta"),
    ("!Select [2, [a]]", None),
    ("!Split [a, bac]", ["b", "c"]),
    ("!ImportValue arn", None),
    ("!Condition IsBig", {"Condition": "IsBig"}),
    ("[a, {b: !Ref Owner}]", None),
    ("[a, {b: !Ref Stage}]", ["a", {"b": "beta"}]),
    ("'{{resolve:ssm:/name}}'", None),
    ("5", 5),
]


@pytest.mark.parametrize(("text", "value"), KNOWN)
def test_a_value_is_known_before_deployment_unless_only_the_stack_has_it(tmp_path: Path, text: str, value: Any) -> None:
    stack, probed = probe(tmp_path, text)
    assert stack.known(probed) == value


UNKNOWN = [
    ("!Ref Owner", "<Owner>"),
    ("!GetAtt Logs.Arn", "<Logs.Arn>"),
    ("!GetAtt Table.StreamArn", "<Table.StreamArn>"),
    ("!GetAtt {odd: 1}", "<odd:1>"),
    ("!Sub '${Stage}/${Owner}'", "beta/<Owner>"),
    ("!Join [':', [!Ref Owner, x]]", "<Owner>:x"),
    ("!Join [':', !Ref Owner]", "<Owner>"),
    ("!If [IsBeta, this, that]", "<IsBetathisthat>"),
    ("!Cidr ['-', a-b]", "<ab>"),
    ("!ImportValue '+'", "<value>"),
]


@pytest.mark.parametrize(("text", "value"), UNKNOWN)
def test_a_value_of_the_stack_can_be_replaced_by_its_name(tmp_path: Path, text: str, value: str) -> None:
    stack, probed = probe(tmp_path, text)
    assert stack.values.without_invented(lambda name: f"<{name}>").of(probed) == value


STACK_ARN = "arn:aws-cn:cloudformation:cn-north-1:222222222222:stack/shop/1f"
PHYSICAL = {
    "Machine": "arn:aws-cn:states:cn-north-1:222222222222:stateMachine:trader-X",
    "Checker": "shop-Checker-X",
    "Queue": "https://sqs.cn-north-1.amazonaws.com.cn/222222222222/orders",
    "Bucket": "shop-Bucket-X",
    "Live": "arn:aws-cn:lambda:cn-north-1:222222222222:function:shop-Checker-X:live",
    "PublishedAliasold": "arn:aws-cn:lambda:cn-north-1:222222222222:function:shop-Checker-X:old",
    "PublishedAliaslive": "arn:aws-cn:lambda:cn-north-1:222222222222:function:shop-Checker-X:live",
    "PublishedVersion1a2b": "arn:aws-cn:lambda:cn-north-1:222222222222:function:shop-Checker-X:7",
}
IN_STACK: list[tuple[str, Any]] = [
    ("!Ref Stage", "big"),
    ("!Ref Owner", "me"),
    ("!Ref Named", None),
    ("!Ref AWS::AccountId", "222222222222"),
    ("!Ref AWS::Partition", "aws-cn"),
    ("!Ref AWS::Region", "cn-north-1"),
    ("!Ref AWS::StackId", STACK_ARN),
    ("!Ref AWS::StackName", "shop"),
    ("!Ref AWS::URLSuffix", "amazonaws.com"),
    ("!Ref Machine", PHYSICAL["Machine"]),
    ("!GetAtt Machine.Name", "trader-X"),
    ("!Ref Checker", "shop-Checker-X"),
    ("!GetAtt Checker.Arn", "arn:aws-cn:lambda:cn-north-1:222222222222:function:shop-Checker-X"),
    ("!GetAtt Queue.QueueName", "orders"),
    ("!GetAtt Queue.QueueUrl", PHYSICAL["Queue"]),
    ("!GetAtt Bucket.Arn", "arn:aws-cn:s3:::shop-Bucket-X"),
    ("!Ref Live", PHYSICAL["Live"]),
    ("!Ref Published.Alias", PHYSICAL["PublishedAliaslive"]),
    ("!Sub '${Published.Version}'", PHYSICAL["PublishedVersion1a2b"]),
    ("!Ref Checker.Alias", "<Checker, not in the stack>"),
    ("!Ref Published.Other", None),
    ("!Ref Table", "<Table, not in the stack>"),
    ("!GetAtt Table.Arn", "<Table, not in the stack>"),
    ("!GetAtt Table.StreamArn", "<Table, not in the stack>"),
    ("!GetAtt Queue.Odd", None),
    ("!If [IsBeta, this, that]", "that"),
    ("!If [IsBig, this, that]", "this"),
    ("!If [IsStrange, this, that]", "this"),
    ("!Split [a, bac]", ["b", "c"]),
    ("!Ref Nothing", None),
]


@pytest.mark.parametrize(("text", "value"), IN_STACK)
def test_a_value_in_a_stack_has_its_resources_its_parameters_and_its_account(
    tmp_path: Path, text: str, value: Any
) -> None:
    stack, probed = probe(tmp_path, text)
    assert stack.in_stack(PHYSICAL, {"Stage": "big", "Owner": "me", "Blank": None}, STACK_ARN).known(probed) == value


def test_a_value_that_even_the_stack_does_not_show_is_its_name(tmp_path: Path) -> None:
    stack, probed = probe(tmp_path, "[!GetAtt Queue.Odd, !Cidr [a, b], !Ref Nothing, !GetAtt Other.Arn]", OTHER)
    values = stack.in_stack({**PHYSICAL, "Other": "o"}, {}, STACK_ARN).value(probed)
    assert values == ["Queue.Odd", "ab", "Nothing", "Other.Arn"]


OTHER = "      Other: {Type: AWS::Logs::LogGroup}\n"


def test_a_stack_without_resources_is_a_stack(tmp_path: Path) -> None:
    stack, probed = probe(tmp_path, "[!Ref Table, !If [IsBig, this, that]]")
    assert stack.in_stack({}, {}, STACK_ARN).known(probed) == ["<Table, not in the stack>", "that"]


NAMES = [
    ("{Type: AWS::SQS::Queue}", "Named"),
    ("{Type: AWS::SQS::Queue, Properties: {QueueName: Own}}", "Own"),
    ("{Type: AWS::SQS::Queue, Properties: {QueueName: 5}}", "5"),
    ("{Type: AWS::SQS::Queue, Properties: {TopicName: other}}", "Named"),
    ("{Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Owner}}", "Named"),
    ("{Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${Stage}-q'}}", "beta-q"),
    ("{Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt Named.QueueName}}", "Named"),
    ("{Type: AWS::S3::Bucket, Properties: {BucketName: Own}}", "own"),
    ("{Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}", "Named.fifo"),
    ("{Type: AWS::SNS::Topic, Properties: {FifoTopic: 'true'}}", "Named.fifo"),
    ("{Type: AWS::SNS::Topic, Properties: {FifoTopic: false}}", "Named"),
    ("{Type: AWS::S3::Bucket}", "named"),
    ("{Type: AWS::Logs::LogGroup, Properties: {LogGroupName: Own}}", "Named"),
]


@pytest.mark.parametrize(("resource", "name"), NAMES)
def test_a_resources_name_is_its_own_or_its_logical_id(tmp_path: Path, resource: str, name: str) -> None:
    stack, _ = probe(tmp_path, "x", f"      Named: {resource}\n")
    assert stack.values.name(stack.resources["Named"]) == name


def test_a_bucket_with_a_short_logical_id_has_a_name_that_s3_takes(tmp_path: Path) -> None:
    stack, _ = probe(tmp_path, "x", "      B: {Type: AWS::S3::Bucket}\n")
    assert stack.values.name(stack.resources["B"]) == "b00"


CONDITIONS: list[tuple[Any, bool | None]] = [
    ({"Fn::Equals": ["a", "a"]}, True),
    ({"Fn::Equals": ["a", "b"]}, False),
    ({"Fn::Equals": [1, "1"]}, True),
    ({"Fn::Equals": [True, "true"]}, True),
    ({"Fn::Equals": [{"Ref": "Known"}, "yes"]}, True),
    ({"Fn::Equals": [{"Ref": "Other"}, "yes"]}, None),
    ({"Fn::Equals": ["yes", {"Ref": "Other"}]}, None),
    ({"Fn::Equals": [["a"], ["a"]]}, None),
    ({"Fn::Equals": ["a", ["a"]]}, None),
    ({"Fn::Equals": ["a"]}, None),
    ({"Fn::Equals": "aa"}, None),
    ({"Fn::And": ["Yes", "Yes"]}, True),
    ({"Fn::And": ["Yes", "No"]}, False),
    ({"Fn::And": ["Open", "No"]}, False),
    ({"Fn::And": ["Open", "Yes"]}, None),
    ({"Fn::And": []}, None),
    ({"Fn::Or": ["No", "No"]}, False),
    ({"Fn::Or": ["Open", "Yes"]}, True),
    ({"Fn::Or": ["Open", "No"]}, None),
    ({"Fn::Or": []}, None),
    ({"Fn::Not": ["Yes"]}, False),
    ({"Fn::Not": ["No"]}, True),
    ({"Fn::Not": ["Open"]}, None),
    ({"Fn::Not": []}, None),
    ({"Condition": "Yes"}, True),
    ("Yes", True),
    ("No", False),
    ("Open", None),
    ("Nothing", None),
    ("Round", None),
    ({"Fn::Not": ["Round"]}, None),
    ({"Fn::Equals": ["a", "a"], "Fn::Not": ["Yes"]}, None),
    ({"Odd": ["Yes"]}, None),
    (["Yes"], None),
]


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_a_condition_holds_or_not_or_is_unknown(condition: Any, holds: bool | None) -> None:
    conditions = {
        "Yes": {"Fn::Equals": ["a", "a"]},
        "No": {"Fn::Equals": ["a", "b"]},
        "Open": {"Fn::Equals": [{"Ref": "Other"}, "a"]},
        "Round": {"Condition": "Round"},
    }
    values = TemplateValues({}, {"Known": "yes"}, conditions=conditions)
    assert values.holds(condition) is holds


@pytest.mark.parametrize(("length", "holds"), [(100, True), (10_000, None)])
def test_conditions_can_refer_to_each_other_in_a_chain(length: int, holds: bool | None) -> None:
    chain = {str(index): str(index + 1) for index in range(length)}
    values = TemplateValues({}, conditions={**chain, str(length): {"Fn::Equals": ["a", "a"]}})
    assert values.holds("0") is holds


def test_what_refers_to_two_others_is_resolved_once_and_has_an_end() -> None:
    """Each of these doubles sixty times; resolved again at each reference, they would take for ever."""
    numbers = range(60)
    queues = {
        f"Q{n}": Resource(f"Q{n}", "AWS::SQS::Queue", {"QueueName": {"Fn::Sub": f"${{Q{n + 1}}}-${{Q{n + 1}}}"}})
        for n in numbers
    }
    aliases = {
        f"A{n}": Resource(
            f"A{n}",
            "AWS::Lambda::Alias",
            {"FunctionName": {"Ref": "F"}, "Name": {"Fn::Join": ["", [{"Ref": f"A{n + 1}"}] * 2]}},
        )
        for n in numbers
    }
    conditions = {f"C{n}": {"Fn::And": [{"Condition": f"C{n + 1}"}] * 2} for n in numbers}
    mappings = {
        f"M{n}": {"a": {"b": {"Fn::Join": ["", [{"Fn::FindInMap": [f"M{n + 1}", "a", "b"]}] * 2]}}} for n in numbers
    }
    function = Resource("F", "AWS::Serverless::Function", {})
    values = TemplateValues({"F": function, **queues, **aliases}, {}, mappings, conditions)
    nested: Any = "x"
    for _ in numbers:
        nested = {"Fn::Sub": ["${a}${a}", {"a": nested}]}
    texts = [
        *(values.of(value) for value in (nested, {"Ref": "A0"}, {"Fn::FindInMap": ["M0", "a", "b"]})),
        values.name(queues["Q0"]),
    ]
    assert [len(text) < 60_000 for text in texts] == [True] * 4
    assert values.holds("C0") is None


@pytest.mark.parametrize("index", ["9" * 5000, "99", "-1", "x", [1]])
def test_an_index_beyond_the_list_is_unknown(index: Any) -> None:
    assert TemplateValues({}).of({"Fn::Select": [index, ["a"]]}) == TemplateValues({}).unknown(
        placeholder_name([index, ["a"]])
    )


LONG = "x" * 50_000
REPEATED: list[tuple[str, Any, str]] = [
    ("a separator", {"Fn::Join": [LONG, ["a"] * 50_000]}, f"a{LONG}a{'x' * 1_198}"),
    ("a parameter", {"Fn::Sub": "${Long}-" * 50_000}, f"{LONG}-{'x' * 1_199}"),
    ("a value of its own", {"Fn::Sub": ["${Own}-" * 50_000, {"Own": LONG}]}, f"{LONG}-{'x' * 1_199}"),
]


@pytest.mark.parametrize(("_", "value", "result"), REPEATED)
def test_a_long_text_that_is_repeated_often_is_cut_and_not_built(_: str, value: Any, result: str) -> None:
    values = TemplateValues({}, parameters={"Long": LONG})
    assert values.of(value) == result
