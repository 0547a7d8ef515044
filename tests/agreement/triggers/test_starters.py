"""starters.py: the roles of state machines, and of what starts them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.agreement.test_agreement import ALL_SUBSTITUTIONS, application_of, reports

TRUST = "{Effect: Allow, Principal: {Service: SERVICE}, Action: 'sts:AssumeRole'}"
ADD = "add to its Statement: {{Effect: Allow, Principal: {{Service: {0}.amazonaws.com}}, Action: sts:AssumeRole}}"
CODES = ("UNTRUSTED_ROLE", "NO_ROLE", "MISSING_PERMISSION")


def role(*statements: str, policies: str = "[]") -> str:
    return f"Role:\n  Type: AWS::IAM::Role\n  Properties:\n    AssumeRolePolicyDocument: {{Statement: [{', '.join(statements)}]}}\n    Policies: {policies}\n"


def machine_with(role: str) -> str:
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    return f"N:\n  Type: AWS::StepFunctions::StateMachine\n  Properties:\n    RoleArn: !GetAtt Role.Arn\n    DefinitionString: '{definition}'\n{role}"


def trust(service: str) -> str:
    return TRUST.replace("SERVICE", service)


@pytest.mark.parametrize(
    "statements",
    [
        [trust("states.amazonaws.com")],
        [trust("states.eu-west-1.amazonaws.com")],
        [trust("!Sub 'states.${AWS::Region}.amazonaws.com'")],
        [trust("!Sub 'states.${AWS::URLSuffix}'")],
        [trust("[lambda.amazonaws.com, states.amazonaws.com]")],
        [trust("lambda.amazonaws.com"), trust("states.amazonaws.com")],
        ["{Effect: Allow, Principal: '*', Action: ['sts:*']}"],
        ["{Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: 'sts:AssumeRole', Condition: {}}"],
        ["{Effect: Allow, NotPrincipal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}"],
        [trust("!ImportValue Principal")],
    ],
)
def test_a_role_that_step_functions_may_assume_or_whose_trust_is_unknown_has_no_finding(
    tmp_path: Path, statements: list[str]
) -> None:
    assert reports(application_of(tmp_path, more=machine_with(role(*statements))), *CODES) == []


@pytest.mark.parametrize(
    "statements",
    [
        [trust("lambda.amazonaws.com")],
        [trust("notstates.amazonaws.com")],
        ["{Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: 'sts:AssumeRole'}"],
        ["{Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: 'sts:TagSession'}"],
        [trust("states.amazonaws.com"), trust("states.amazonaws.com").replace("Allow", "Deny")],
    ],
)
def test_a_role_that_step_functions_may_not_assume_is_an_error(tmp_path: Path, statements: list[str]) -> None:
    message = "N: states.amazonaws.com may not assume its role Role"
    assert reports(application_of(tmp_path, more=machine_with(role(*statements))), *CODES) == [
        ("UNTRUSTED_ROLE", message, ADD.format("states"))
    ]


STARTERS = {
    "rule": ("events", "Type: AWS::Events::Rule, Properties: {Targets: [{Id: t, Arn: !Ref M, RoleArn: ROLE}]}"),
    "schedule": ("scheduler", "Type: AWS::Scheduler::Schedule, Properties: {Target: {Arn: !Ref M, RoleArn: ROLE}}"),
    "pipe": (
        "pipes",
        "Type: AWS::Pipes::Pipe, Properties: {Target: !Ref M, RoleArn: ROLE, TargetParameters: {StepFunctionStateMachineParameters: {InvocationType: FIRE_AND_FORGET}}}",
    ),
    "method of a REST API": (
        "apigateway",
        "Type: AWS::ApiGateway::Method, Properties: {Integration: {Type: AWS, Credentials: ROLE, Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:states:action/StartExecution', RequestTemplates: {application/json: !Sub '{\"stateMachineArn\": \"${M}\"}'}}}",
    ),
    "integration of an HTTP API": (
        "apigateway",
        "Type: AWS::ApiGatewayV2::Integration, Properties: {IntegrationSubtype: StepFunctions-StartExecution, CredentialsArn: ROLE, RequestParameters: {StateMachineArn: !Ref M}}",
    ),
    "topic rule": (
        "iot",
        "Type: AWS::IoT::TopicRule, Properties: {TopicRulePayload: {Actions: [{StepFunctions: {StateMachineName: !GetAtt M.Name, RoleArn: ROLE}}]}}",
    ),
}
each_starter = pytest.mark.parametrize(("service", "starter"), STARTERS.values(), ids=STARTERS)


@each_starter
def test_what_starts_a_machine_without_a_role_is_an_error(tmp_path: Path, service: str, starter: str) -> None:
    [field] = re.findall(r"(\w+): ROLE", starter)
    without = starter.replace(f", {field}: ROLE", "")
    more = f"S: {{{without}}}\n"
    remedy = f"add {field}: a role that {service}.amazonaws.com may assume and that allows states:StartExecution"
    assert reports(application_of(tmp_path, more=more), *CODES) == [
        ("NO_ROLE", "S: it starts M without a role", remedy)
    ]


@each_starter
def test_a_starters_role_must_be_assumable_and_allow_the_start(tmp_path: Path, service: str, starter: str) -> None:
    more = f"S: {{{starter.replace('ROLE', '!GetAtt Role.Arn')}}}\n"
    missing = (
        "MISSING_PERMISSION",
        "S: its role Role has no permission states:StartExecution on M",
        "add to a policy of Role: - {Effect: Allow, Action: states:StartExecution, Resource: !Ref M}",
    )
    untrusted = ("UNTRUSTED_ROLE", f"S: {service}.amazonaws.com may not assume its role Role", ADD.format(service))
    allowed = (
        "[{PolicyName: p, PolicyDocument: {Statement: {Effect: Allow, Action: 'states:Start*', Resource: !Ref M}}}]"
    )
    expected = [
        (role(trust("states.amazonaws.com")), [untrusted, missing]),
        (role(trust(f"{service}.amazonaws.com")), [missing]),
        (role(trust(f"{service}.amazonaws.com"), policies=allowed), []),
        (role(trust(f"{service}.amazonaws.com"), policies=allowed.replace("!Ref M", "!Ref Queue")), [missing]),
    ]
    for text, findings in expected:
        found = reports(application_of(tmp_path, more=more + text), *CODES)
        assert found == findings


def test_a_pipe_that_waits_for_the_answer_needs_an_express_state_machine(tmp_path: Path) -> None:
    pipe = "S: {Type: AWS::Pipes::Pipe, Properties: {Target: !Ref M, RoleArn: !GetAtt Role.Arn}}\n"
    messages = [each[1] for each in reports(application_of(tmp_path, more=pipe + role(trust("pipes.amazonaws.com"))))]
    assert messages == ["S: it waits for M, which is a STANDARD state machine"]


@pytest.mark.parametrize("role_arn", ["arn:aws:iam::123456789012:role/starter", "!ImportValue StarterRole"])
def test_a_role_outside_the_template_is_not_judged(tmp_path: Path, role_arn: str) -> None:
    rule = f"S: {{{STARTERS['rule'][1].replace('ROLE', role_arn)}}}\n"
    assert reports(application_of(tmp_path, more=rule), *CODES) == []


def test_a_connector_of_a_rule_allows_its_role_to_start_the_target(tmp_path: Path) -> None:
    rule = f"S: {{{STARTERS['rule'][1].replace('ROLE', '!GetAtt Role.Arn')}}}\n{role(trust('events.amazonaws.com'))}"
    connector = "C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: S}, Destination: {Id: M}, Permissions: [Write]}}\n"
    assert [each[0] for each in reports(application_of(tmp_path, more=rule), *CODES)] == ["MISSING_PERMISSION"]
    assert reports(application_of(tmp_path, more=rule + connector), *CODES) == []


def test_a_target_that_is_no_state_machine_needs_no_role(tmp_path: Path) -> None:
    rule = "S: {Type: AWS::Events::Rule, Properties: {Targets: [{Id: t, Arn: !GetAtt Checker.Arn}]}}\n"
    assert reports(application_of(tmp_path, more=rule), *CODES) == []


@pytest.mark.parametrize(("type_", "service"), [("Schedule", "events"), ("ScheduleV2", "scheduler")])
def test_the_own_role_of_a_schedule_of_sam_is_judged_as_well(tmp_path: Path, type_: str, service: str) -> None:
    event = f"{{Type: {type_}, Properties: {{Schedule: rate(1 day), RoleArn: !GetAtt Role.Arn}}}}"
    machine = f"N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n    DefinitionUri: m.asl.json\n    DefinitionSubstitutions: {ALL_SUBSTITUTIONS}\n    Events: {{E: {event}}}\n"
    found = reports(application_of(tmp_path, more=machine + role(trust("states.amazonaws.com"))), *CODES)
    assert [(code, message) for code, message, _ in found] == [
        ("UNTRUSTED_ROLE", f"N: {service}.amazonaws.com may not assume its role Role"),
        ("MISSING_PERMISSION", "N: its role Role has no permission states:StartExecution on N"),
    ]
    assert reports(application_of(tmp_path, more=machine.replace(", RoleArn: !GetAtt Role.Arn", "")), *CODES) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "!Ref M",
            [("WRONG_RESOURCE", "S: its target is the ARN of M, but it takes the name", "write !GetAtt M.Name")],
        ),
        ("!GetAtt M.Name", []),
    ],
)
def test_a_topic_rule_takes_the_name_of_a_state_machine(
    tmp_path: Path, name: str, expected: list[tuple[str, str, str]]
) -> None:
    _, starter = STARTERS["topic rule"]
    more = f"S: {{{starter.replace('!GetAtt M.Name', name).replace('ROLE', 'arn:aws:iam::1:role/r')}}}\n"
    assert reports(application_of(tmp_path, more=more), "WRONG_RESOURCE") == expected


@pytest.mark.parametrize(
    ("service", "expected"), [("ec2", ["elasticmapreduce.amazonaws.com"]), ("elasticmapreduce", [])]
)
def test_the_role_of_an_emr_cluster_must_be_assumable(tmp_path: Path, service: str, expected: list[str]) -> None:
    parameters = {"Name": "c", "ServiceRole": "${Emr}", "Instances": {}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::elasticmapreduce:createCluster", "Parameters": parameters}
    definition = json.dumps({"StartAt": "A", "States": {"A": {**task, "End": True}}})
    more = (
        f"Emr: {{Type: AWS::IAM::Role, Properties: {{RoleName: emr, AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Service: {service}.amazonaws.com}}, Action: 'sts:AssumeRole'}}]}}}}}}\n"
        "N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n"
        f"    DefinitionSubstitutions: {{Emr: !Ref Emr}}\n    Definition: {definition}\n"
    )
    found = reports(application_of(tmp_path, more=more), "UNTRUSTED_ROLE")
    assert [message for _, message, _ in found] == [f'N: "A": {each} may not assume the role Emr' for each in expected]


@pytest.mark.parametrize(
    ("type_", "field", "service", "expected"),
    [
        ("AWS::Lambda::Function", "Role", "lambda", ["New: Role is the name of Role, but it takes the ARN of a role"]),
        ("AWS::CodeBuild::Project", "ServiceRole", "codebuild", []),
        ("AWS::Glue::Job", "Role", "glue", []),
    ],
)
def test_lambda_takes_the_arn_of_a_role_and_others_the_name_too(
    tmp_path: Path, type_: str, field: str, service: str, expected: list[str]
) -> None:
    new = f"New: {{Type: {type_}, Properties: {{{field}: !Ref Role}}}}\n"
    found = reports(
        application_of(tmp_path, more=role(trust(f"{service}.amazonaws.com")) + new), *CODES, "WRONG_RESOURCE"
    )
    assert [message for _, message, _ in found if message.startswith("New: ")] == expected
