"""starting_events.py: the input that the resources of a template give a state machine."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from workflow_dsl.application.application import read_application
from workflow_dsl.application.checking import check_machine
from workflow_dsl.application.declarations import Declarations
from workflow_dsl.project import Project
from workflow_dsl.shapes.formats.typescript import type_of

MACHINE = """
Resources:
  M:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Pass, InputPath: $.order, End: true}}}
"""
RULE = """
    Rule:
      Type: AWS::Events::Rule
      Properties:
        EventPattern: {source: [shop]}
        Targets:
          - {Id: other, Arn: !GetAtt Queue.Arn, Input: '{"x": 1}'}
          - {Id: own, Arn: !Ref M, RoleArn: !GetAtt Role.Arn, Input: '{"order": 1}'}
"""
QUEUE = """
    Queue: {Type: AWS::SQS::Queue}
"""
SCHEDULE = """
    Schedule:
      Type: AWS::Scheduler::Schedule
      Properties:
        ScheduleExpression: rate(1 day)
        Target: {Arn: !GetAtt M.Arn, RoleArn: !GetAtt Role.Arn, Input: '{"region": "eu"}'}
"""
PIPE = """
    Pipe:
      Type: AWS::Pipes::Pipe
      Properties:
        Source: !GetAtt Queue.Arn
        Target: !Ref M
        TargetParameters: {InputTemplate: '{"order": <$.body.order>}'}
"""
ROLE = """
    Role:
      Type: AWS::IAM::Role
      Properties:
        Policies: [{PolicyDocument: {Statement: [{Effect: Allow, Action: states:StartExecution, Resource: !Ref M}]}}]
"""
POLICY = """
    Policy:
      Type: AWS::IAM::Policy
      Properties:
        Roles: [!Ref Role]
        PolicyDocument: {Statement: [{Effect: Allow, Action: states:StartExecution, Resource: !Ref M}]}
"""
FUNCTION = """
    Function:
      Type: AWS::Lambda::Function
      Properties: {Role: !GetAtt Role.Arn, Environment: {Variables: {MACHINE: other}}}
"""
ALARM = """
    Alarm:
      Type: AWS::CloudWatch::Alarm
      Properties: {Dimensions: [{Name: StateMachineArn, Value: !Ref M}]}
"""
STARTS = {
    "a rule": ([RULE], "{order: 1}"),
    "a schedule": ([SCHEDULE], '{region: "eu"}'),
    "a pipe": ([PIPE], "{order?: unknown}[]"),
    "a pipe of messages": ([QUEUE, PIPE.replace("<$.body.order>", "<$.messageId>")], "{order: string}[]"),
    "a pipe from a queue by its ARN": (
        [PIPE.replace("!GetAtt Queue.Arn", "arn:aws:sqs:us-east-1:1:q").replace("<$.body.order>", "<$.messageId>")],
        "{order: string}[]",
    ),
    "a pipe from a cluster": (
        [QUEUE.replace("SQS::Queue", "MSK::Cluster"), PIPE.replace("<$.body.order>", "<$.messageId>")],
        "{order?: unknown}[]",
    ),
    "a rule whose input a condition decides": (
        [RULE.replace("""Input: '{"order": 1}'""", """Input: !If [Is, '{"order": 1}', '{"region": "eu"}']""")],
        "unknown",
    ),
    "a rule that a condition turns off": (
        [RULE.replace("Targets:", "State: !If [Is, ENABLED, DISABLED]\n        Targets:")],
        "{order: 1}",
    ),
    "two of them": ([RULE, SCHEDULE], '{order: 1} | {region: "eu"}'),
    "with their role and an alarm": ([RULE, ROLE, ALARM], "{order: 1}"),
    "with a policy of their role": ([RULE, ROLE, POLICY], "{order: 1}"),
    "a function with the role": ([RULE, ROLE, FUNCTION], "unknown"),
    "a role that nothing here uses": ([PIPE, ROLE], "unknown"),
    "a schedule with a universal target": (
        [
            SCHEDULE.replace("!GetAtt M.Arn", "arn:aws:scheduler:::aws-sdk:sfn:startExecution").replace(
                "Input:", "Other: !Ref M, Input:"
            )
        ],
        "unknown",
    ),
    "a pipe with an enrichment": ([PIPE.replace("Target:", "Enrichment: !GetAtt F.Arn\n        Target:")], "unknown"),
    "a rule that is off": ([RULE.replace("Properties:", "Properties:\n        State: DISABLED")], "unknown"),
    "a rule that may be on": ([RULE.replace("Properties:", "Properties:\n        State: !Ref On")], "{order: 1}"),
    "a schedule that is on and a pipe that is off": (
        [SCHEDULE, PIPE.replace("Properties:", "Properties:\n        DesiredState: STOPPED")],
        '{region: "eu"}',
    ),
    "nothing": ([ALARM], "unknown"),
}


def write(project: Project, resources: list[str]) -> None:
    added = "".join(indent(dedent(each).lstrip("\n"), "  ") for each in resources)
    (project.root / "template.yaml").write_text(MACHINE + added)


@pytest.mark.parametrize(("resources", "input_type"), STARTS.values(), ids=STARTS)
def test_what_starts_a_machine_gives_its_input(project: Project, resources: list[str], input_type: str) -> None:
    write(project, resources)
    application = read_application(project)
    assert type_of(Declarations(application).of(application.named("M")).input) == input_type


@pytest.mark.parametrize(("setting", "input_type"), [("Enabled: false", "unknown"), ("State: ENABLED", "{order: 1}")])
def test_what_starts_a_machine_whose_event_in_sam_is_off_is_unknown(
    project: Project, setting: str, input_type: str
) -> None:
    event = f"""{{Type: Schedule, Properties: {{{setting}, Schedule: rate(1 hour), Input: '{{"order": 1}}'}}}}"""
    text = MACHINE.replace("StepFunctions", "Serverless") + f"      Events: {{Hourly: {event}}}\n"
    (project.root / "template.yaml").write_text(text)
    application = read_application(project)
    assert type_of(Declarations(application).of(application.named("M")).input) == input_type


def test_a_field_that_a_constant_input_lacks_is_found(project: Project) -> None:
    write(project, [SCHEDULE])
    application = read_application(project)
    found = check_machine(application.named("M"), declarations=Declarations(application))
    assert [f"{finding.code}: {finding.message}" for finding in found] == [
        "MISSING_FIELD: reads $.order, but $ has only region (the schedule Schedule)"
    ]


def test_a_field_that_the_events_of_a_pipe_lack_is_found(project: Project) -> None:
    pipe = PIPE.replace("TargetParameters: {InputTemplate: '{\"order\": <$.body.order>}'}", "")
    write(project, [QUEUE, pipe])
    template = project.root / "template.yaml"
    template.write_text(template.read_text().replace("$.order", "'$[0].massageId'"))
    application = read_application(project)
    [found] = check_machine(application.named("M"), declarations=Declarations(application))
    assert (found.code, found.remedy) == ("MISSING_FIELD", 'did you mean "messageId"?')


def test_a_list_that_one_of_two_events_gives_is_found(project: Project) -> None:
    write(project, [RULE, PIPE])
    application = read_application(project)
    [found] = check_machine(application.named("M"), declarations=Declarations(application))
    assert (found.code, found.message, found.remedy) == (
        "POSSIBLY_MISSING_FIELD",
        "reads $.order, but $ may also be a list (the pipe Pipe)",
        "write $[0].order for one item, $[*].order for all, or read it in a Map",
    )
