"""A template's text after a state machine is pointed at a file: only its own properties differ, byte by byte."""

from __future__ import annotations

import json

import pytest

from workflow_dsl.adoption.template_edits import Target, with_definition_files
from workflow_dsl.definition.machine import ReferenceTarget

URI = "generated/greeting.asl.json"
GREETER = {"GreeterArn": ReferenceTarget("function", "Greeter", "Arn")}
BOTH = GREETER | {"Queue": ReferenceTarget("queue", "Orders", "Ref")}
HEAD = "# a comment with é and 𝄞\nResources:\n  Other: {Type: 'AWS::SNS::Topic'}   # kept\n"
TAIL = "\n\n  # the last one\n  Last:\n    Type: AWS::SQS::Queue\n"
SERVERLESS, PLAIN = "AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"


def machine(properties: str, type_: str = SERVERLESS) -> str:
    return f"{HEAD}  M:\n    Type: {type_}\n    Properties:{properties}{TAIL}"


def with_definition_file(text: str, uri: str, added: dict[str, ReferenceTarget]) -> str:
    changed, refused = with_definition_files(text, [Target("M", uri, added)])
    assert refused == {}
    return changed


FILES = [
    ("\n      DefinitionUri: a/b.asl.json", "\n      DefinitionUri: generated/greeting.asl.json"),
    ("\n      DefinitionUri:   a/b.asl.json # c", "\n      DefinitionUri:   generated/greeting.asl.json # c"),
    ('\n      DefinitionUri: "a/b.asl.json"', '\n      DefinitionUri: "generated/greeting.asl.json"'),
    ("\n      'DefinitionUri': 'a/b.asl.json'", "\n      'DefinitionUri': 'generated/greeting.asl.json'"),
    (" {DefinitionUri: a/b.asl.json, Name: x}", " {DefinitionUri: generated/greeting.asl.json, Name: x}"),
    ("\n      DefinitionUri: >-\n        a/b.asl.json", "\n      DefinitionUri: generated/greeting.asl.json"),
]


@pytest.mark.parametrize(("before", "after"), FILES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_path_of_a_definition_is_the_only_change(before: str, after: str, line_end: str, mark: str) -> None:
    text = mark + machine(before).replace("\n", line_end)
    assert with_definition_file(text, URI, {}) == mark + machine(after).replace("\n", line_end)


INLINE = [
    (  # a block with a comment after it
        """
      Name: greeting
      Definition:
        StartAt: A   # the first
        States:
          A: {Type: Succeed}
          # the end
      # about tracing
      Tracing: {Enabled: true}""",
        """
      Name: greeting
      DefinitionUri: generated/greeting.asl.json
      DefinitionSubstitutions:
        GreeterArn: !GetAtt Greeter.Arn
        Queue: !Ref Orders
      # about tracing
      Tracing: {Enabled: true}""",
    ),
    (  # substitutions in block style
        """
      DefinitionSubstitutions:
        One: 1   # one

      Definition: {StartAt: A, States: {A: {Type: Succeed}}}   # inline""",
        """
      DefinitionSubstitutions:
        One: 1   # one
        GreeterArn: !GetAtt Greeter.Arn
        Queue: !Ref Orders

      DefinitionUri: generated/greeting.asl.json   # inline""",
    ),
    (  # substitutions in flow style
        """
      Definition: {StartAt: A, States: {A: {Type: Succeed}}}
      DefinitionSubstitutions: {One: 1, Two: !Ref Two }""",
        """
      DefinitionUri: generated/greeting.asl.json
      DefinitionSubstitutions: {One: 1, Two: !Ref Two, GreeterArn: !GetAtt Greeter.Arn, Queue: !Ref Orders }""",
    ),
    (
        " {Definition: {StartAt: A, States: {A: {Type: Succeed}}}, Name: x}",
        " {DefinitionUri: generated/greeting.asl.json, "
        "DefinitionSubstitutions: {GreeterArn: !GetAtt Greeter.Arn, Queue: !Ref Orders}, Name: x}",
    ),
    (
        """
      DefinitionString: !Sub |
        {"StartAt": "A",
         # no comment
         "States": {"A": {"Type": "Succeed"}}}

      Name: x""",
        """
      DefinitionUri: generated/greeting.asl.json
      DefinitionSubstitutions:
        GreeterArn: !GetAtt Greeter.Arn
        Queue: !Ref Orders

      Name: x""",
    ),
    (
        "\n      DefinitionSubstitutions: {}\n      DefinitionString: '{}'",
        "\n      DefinitionSubstitutions: {GreeterArn: !GetAtt Greeter.Arn, Queue: !Ref Orders}\n"
        "      DefinitionUri: generated/greeting.asl.json",
    ),
]


@pytest.mark.parametrize(("before", "after"), INLINE)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_inline_definition_is_replaced_by_a_path_and_its_substitutions(
    before: str, after: str, line_end: str
) -> None:
    text = machine(before).replace("\n", line_end)
    assert with_definition_file(text, URI, BOTH) == machine(after).replace("\n", line_end)


def test_a_definition_string_of_cloudformation_becomes_the_property_that_sam_packages() -> None:
    text = with_definition_file(machine("\n      DefinitionString: '{}'", PLAIN), URI, {})
    assert text == machine(f"\n      DefinitionS3Location: {URI}", PLAIN)


def test_a_path_with_a_space_is_quoted() -> None:
    text = with_definition_file(machine("\n      DefinitionUri: a/b.asl.json"), "my files/a.asl.json", {})
    assert text == machine('\n      DefinitionUri: "my files/a.asl.json"')


IN_JSON = [
    ('{"DefinitionUri": "a.asl.json"}', '{"DefinitionUri": "generated/greeting.asl.json"}', {}),
    (
        '{\n  "Name": "x",\n  "Definition" : {"StartAt": "A", "States": {}},\n  "Tags": {}\n}',
        '{\n  "Name": "x",\n  "DefinitionUri": "generated/greeting.asl.json",\n  "DefinitionSubstitutions": {\n'
        '    "GreeterArn": {"Fn::GetAtt": ["Greeter", "Arn"]}\n  },\n  "Tags": {}\n}',
        GREETER,
    ),
    (
        '{"Definition": {}, "DefinitionSubstitutions": {"One": 1}}',
        '{"DefinitionUri": "generated/greeting.asl.json", '
        '"DefinitionSubstitutions": {"One": 1, "GreeterArn": {"Fn::GetAtt": ["Greeter", "Arn"]}}}',
        GREETER,
    ),
    (
        '{"DefinitionString": "{\\"a\\": \\"}\\"}", "DefinitionSubstitutions": {\n    "One": 1\n  }}',
        '{"DefinitionUri": "generated/greeting.asl.json", "DefinitionSubstitutions": {\n    "One": 1,\n'
        '    "GreeterArn": {"Fn::GetAtt": ["Greeter", "Arn"]}\n  }}',
        GREETER,
    ),
    (
        '{"DefinitionSubstitutions": { }, "DefinitionString": ""}',
        '{"DefinitionSubstitutions": {"GreeterArn": {"Fn::GetAtt": ["Greeter", "Arn"]}}, '
        '"DefinitionUri": "generated/greeting.asl.json"}',
        GREETER,
    ),
]


@pytest.mark.parametrize(("before", "after", "added"), IN_JSON)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_template_in_json_keeps_its_layout(
    before: str, after: str, added: dict[str, ReferenceTarget], line_end: str
) -> None:
    around = f'{{"Resources": {{\n\t"Q" :{{"Type": "AWS::SQS::Queue"}},"M": {{"Type": "{SERVERLESS}", "Properties": %s}}}}}}\n'
    text = (around % before).replace("\n", line_end)
    changed = with_definition_file(text, URI, added)
    assert changed == (around % after).replace("\n", line_end)
    assert json.loads(changed)


SHARED = [
    ("\n      DefinitionUri: &path a/b.asl.json\n      Name: *path", "DefinitionUri"),
    (
        "\n      <<: &all {DefinitionUri: a/b.asl.json}\n  N:\n"
        "    Type: AWS::Serverless::StateMachine\n    Properties: {<<: *all}",
        "DefinitionUri",
    ),
]


def test_substitutions_are_not_added_to_those_that_a_function_creates() -> None:
    text = machine("\n      Definition: {}\n      DefinitionSubstitutions: !FindInMap [a, b, c]")
    changed, refused = with_definition_files(text, [Target("M", URI, GREETER)])
    assert (changed, [*refused]) == (text, ["M"])


@pytest.mark.parametrize(("properties", "field"), SHARED)
def test_a_property_that_others_share_is_refused_and_the_others_are_edited(properties: str, field: str) -> None:
    text = machine(properties) + "  Z: {Type: 'AWS::Serverless::StateMachine', Properties: {DefinitionUri: z.json}}\n"
    changed, refused = with_definition_files(text, [Target("M", URI, {}), Target("Z", "generated/z.asl.json", {})])
    assert changed == text.replace("z.json", "generated/z.asl.json")
    assert {name: finding.text for name, finding in refused.items()} == {
        "M": f"its {field} cannot be edited without changing other parts of the template; "
        f"write {field}: {URI} there yourself, then run this again"
    }
