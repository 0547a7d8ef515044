"""The definitions that `validate` checks: from files, folders, patterns, templates and standard input."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests.support import Write
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.cli.targets import Targets, collect_targets, files_of
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import Source
from workflow_dsl.findings import Finding, Place
from workflow_dsl.project import Project
from workflow_dsl.validation import Type

GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
BAD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed", "Next": "A"}}}'
BAD_MESSAGE = "\"A\" Next: Field 'Next' is not supported"  # of BAD


def write(files: Mapping[str, str | bytes]) -> None:
    """Write files into the working directory, with their folders."""
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())


def targets_of(
    project: Project,
    *arguments: str,
    type_: Type | None = None,
    standard_input: Callable[[], bytes] = lambda: b"",
) -> Targets:
    """Return the targets of files, folders and patterns."""
    unreadable: list[str] = []
    files = {file: str(file) in arguments for argument in arguments for file in files_of(argument, unreadable)}
    assert unreadable == []

    def compiled(path: Path) -> Machine:
        return compile_file(path, root=project.root)

    return collect_targets(project, files, compiled, standard_input, type_)


def names(targets: Targets) -> list[str]:
    """Return the file of each definition, or "a machine" for a compiled workflow."""
    return [_file_of(target.definition) for target in targets.targets]


def _file_of(definition: Source | Machine | TemplateMachine) -> str:
    if isinstance(definition, TemplateMachine):
        return definition.source.file or "a string" if definition.source else "a machine"
    return definition.file if isinstance(definition, Source) else "a machine"


def types(targets: Targets) -> list[Type]:
    """Return the type that each definition is checked with."""
    by_template = [
        target.definition.resource.type if isinstance(target.definition, TemplateMachine) else "STANDARD"
        for target in targets.targets
    ]
    return [target.type or type_ for target, type_ in zip(targets.targets, by_template, strict=True)]


# Codes that these tests do not look at.
UNRELATED = ("NO_LAMBDA_RETRY", "MISSING_PERMISSION", "UNKNOWN_REFERENCE", "UNUSED_FUNCTION", "UNUSED_SUBSTITUTION")


def findings(targets: Targets) -> list[Finding]:
    every = [*targets.findings, *(finding for target in targets.targets for finding in target.findings())]
    return [finding for finding in every if finding.code not in UNRELATED]


def reports(targets: Targets) -> list[str]:
    """Return the place, code and message of each finding."""
    return [
        ": ".join(filter(None, (str(finding.where.place), finding.code, finding.where.in_definition, finding.message)))
        for finding in findings(targets)
    ]


def remedies(targets: Targets) -> list[str]:
    return [finding.remedy for finding in findings(targets)]


def unreadable_file(name: str) -> str:
    """Write a file that nobody can read, not even root."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.geteuid():
        path.touch(0)
    elif not Path("/proc/self/mem").exists():
        pytest.skip("root can read every file on this system")
    else:
        path.symlink_to("/proc/self/mem")
    return name


# Files, folders, patterns


def test_a_file_name_is_taken_literally_even_if_the_file_is_missing(project: Project) -> None:
    write({"a.asl.json": GOOD, "b[1].json": GOOD, "b1.json": GOOD})
    assert [files_of(name, []) for name in ("a.asl.json", "none.json", "b[1].json", "-")] == [
        [Path("a.asl.json")],
        [Path("none.json")],
        [Path("b[1].json")],
        [Path("-")],
    ]
    assert project.root


@pytest.mark.usefixtures("project")
def test_a_folder_is_searched_in_order_for_json_and_yaml_files() -> None:
    kept = ["b.asl.json", "a.json", "template.yaml", "deep/er/c.yml", "env.d/d.asl.yaml"]
    skipped = [
        *("readme.md", "a.py", "workflow.txt", "b.asl.json.bak", ".hidden/a.asl.json", ".aws-sam/build/template.yaml"),
        *("node_modules/p/a.asl.json", "deep/node_modules/a.json", "venv/a.yaml", ".venv/a.yaml", "cdk.out/a.json"),
        *("lib/site-packages/a.json", "__pycache__/a.json", "._a.asl.json"),
    ]
    write(dict.fromkeys([*kept, *skipped], GOOD))
    assert [path.as_posix() for path in files_of(".", [])] == sorted(kept)
    assert [path.as_posix() for path in files_of("deep", [])] == ["deep/er/c.yml"]


@pytest.mark.usefixtures("project")
def test_a_hidden_folder_is_searched_if_it_is_named() -> None:
    write({".aws-sam/build/a.asl.json": GOOD})
    assert files_of(".aws-sam", []) == [Path(".aws-sam/build/a.asl.json")]


PATTERNS: list[tuple[str, list[str]]] = [
    ("*.asl.json", ["a.asl.json", "b.asl.json"]),
    ("**/*.asl.json", ["a.asl.json", "b.asl.json", "sub/c.asl.json", "sub/sub/d.asl.json"]),
    ("sub/**/*.json", ["sub/c.asl.json", "sub/sub/d.asl.json"]),
    ("[ab].asl.*", ["a.asl.json", "b.asl.json", "b.asl.yaml"]),
    ("?.asl.yaml", ["b.asl.yaml"]),
    ("*", ["a.asl.json", "b.asl.json", "b.asl.yaml", "pyproject.toml"]),
    ("*.txt", []),
]


@pytest.mark.parametrize(("pattern", "files"), PATTERNS)
@pytest.mark.usefixtures("project")
def test_a_pattern_expands_to_its_matches_in_order(pattern: str, files: list[str]) -> None:
    write(dict.fromkeys(["b.asl.json", "a.asl.json", "b.asl.yaml", "sub/c.asl.json", "sub/sub/d.asl.json"], GOOD))
    assert [path.as_posix() for path in files_of(pattern, [])] == files


NOT_DEFINITIONS: dict[str, str | bytes] = {
    "package.json": '{"name": "p"}',
    "broken.json": '{"name": ',
    "list.json": "[1]",
    "text.yaml": "just a text about StartAt and States",
    "empty.yaml": "",
    "binary.json": b"\xff\x00StartAt States",
    "nothing.yaml": "# StartAt, States, Resources\n",
    "listed.yaml": "- {StartAt: A, States: {}, Resources: {}}\n",
    "chart.yaml": "kind: {{ .Values.StartAt }} States",
    "half.json": '{"StartAt": "A", "Other": "States"}',
    "deployment.yaml": "a: 1\n---\nb: AWS::Serverless::StateMachine\n",
}


@pytest.mark.parametrize("name", NOT_DEFINITIONS)
def test_a_file_in_a_folder_that_is_not_a_definition_is_skipped(project: Project, name: str) -> None:
    write({name: NOT_DEFINITIONS[name], "z.json": BAD})
    targets = targets_of(project, ".")
    assert (names(targets), reports(targets)) == (["z.json"], [f"z.json:1:54: SCHEMA_VALIDATION_FAILED: {BAD_MESSAGE}"])


def test_a_file_in_a_folder_that_would_be_a_definition_is_named_if_it_cannot_be_read(project: Project) -> None:
    write({"a.json": '{"StartAt": "A",\n "States": {} // none\n}', "b.yaml": "StartAt: {{ a }}: b\nStates: {}\n"})
    targets = targets_of(project, ".")
    assert (names(targets), reports(targets)) == ([], [])
    assert targets.skipped == [
        "a.json is not checked: it is not JSON: Expecting ',' delimiter at line 2, column 15; "
        "remove the comment, which JSON does not allow; states and state machines have a Comment field"
    ]


def test_an_asl_file_in_a_folder_is_reported_if_it_cannot_be_read(project: Project) -> None:
    write({"a.asl.json": "{", "b.asl.yaml": "a: b: c", "c.asl.yml": "", "d.asl.json": "[]", "e.json": "{"})
    targets = targets_of(project, ".")
    assert names(targets) == []
    assert [(finding.where.place and finding.where.place.file, finding.code) for finding in targets.findings] == [
        (file, "INVALID_JSON_DESCRIPTION") for file in ("a.asl.json", "b.asl.yaml", "c.asl.yml", "d.asl.json")
    ]


def test_a_template_in_a_folder_is_reported_if_it_cannot_be_read(project: Project) -> None:
    write({"sub/template.yaml": "Resources:\n  M: {Type: AWS::Serverless::StateMachine\n"})
    assert [finding.where.place and finding.where.place.file for finding in targets_of(project, ".").findings] == [
        "sub/template.yaml"
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n  "StartAt": "A"\n  "States": {}}', Place("a.asl.json", 3, 3)),
        ("{", Place("a.asl.json", 1, 2)),
        ("StartAt: A\nStates:\n  A: {Type: Succeed\n", Place("a.asl.json", 3, 6)),
        ("StartAt: A\nStartAt: B\n", Place("a.asl.json", 2, 1)),
    ],
)
def test_a_syntax_error_in_json_or_yaml_has_its_line_and_column(project: Project, text: str, place: Place) -> None:
    write({"a.asl.json": text})
    assert [finding.where.place for finding in targets_of(project, "a.asl.json").findings] == [place]


# A definition that contains the word "Resources" is not a template.
WITH_RESOURCES = [
    ("- Resources\n", "Definition must be a valid JSON object"),
    ('["Resources"]', "Definition must be a valid JSON object"),
    ("Resources", "Definition must be a valid JSON object"),
    (
        "Comment: Resources\nStartAt: A\nStates:\n  A: {Type: Succeed}\n  A: {Type: Succeed}\n",
        'is neither JSON nor YAML: the field "A" occurs twice in one object at line 5, column 3',
    ),
]


@pytest.mark.parametrize(("text", "message"), WITH_RESOURCES)
def test_a_definition_that_contains_the_word_resources_is_read_as_a_definition(
    project: Project, text: str, message: str
) -> None:
    write({"a.asl.yaml": text})
    assert [finding.message for finding in findings(targets_of(project, "a.asl.yaml"))] == [message]


def test_deployed_definitions_come_first_then_workflows_then_other_files_in_order(
    project: Project, write_workflow: Write
) -> None:
    path = write_workflow("w", "def build():\n    return Workflow(Pass('A'))\n")
    write({"c.json": GOOD, "a.json": GOOD, "b.json": GOOD, "t.yaml": template("DefinitionUri: b.json")})
    targets = targets_of(project, "c.json", "b.json", "a.json", "t.yaml", str(path))
    assert names(targets) == ["b.json", "a machine", "c.json", "a.json"]


def test_standard_input_is_a_definition_or_a_template(project: Project) -> None:
    write({"a.asl.json": BAD})
    texts = [BAD.encode(), template("DefinitionUri: a.asl.json").encode(), b""]
    assert [reports(targets_of(project, "-", standard_input=lambda text=text: text)) for text in texts] == [  # type: ignore[misc]
        [f"standard input:1:54: SCHEMA_VALIDATION_FAILED: {BAD_MESSAGE}"],
        [f"a.asl.json:1:54: SCHEMA_VALIDATION_FAILED: {BAD_MESSAGE}"],
        ["standard input: INVALID_JSON_DESCRIPTION: Definition must be a valid JSON object"],
    ]


WITH_FUNCTIONS = """
StartAt: A
States:
  A: {Type: Task, Resource: !GetAtt credit-check.Arn, TimeoutSeconds: 9, Next: B}
  B:
    Type: Task
    Resource: arn:aws:states:::sqs:sendMessage
    Parameters: {QueueUrl: {Ref: Queue}, MessageBody: {Fn::Sub: "${AWS::StackName} done"}, Colour: red}
    End: true
"""


def test_functions_in_a_file_that_no_template_deploys_are_unknown_values(project: Project) -> None:
    write({"a.asl.yaml": WITH_FUNCTIONS})
    [problem] = [finding for finding in findings(targets_of(project, "a.asl.yaml")) if finding.severity == "error"]
    assert str(problem).startswith("a.asl.yaml:8:")
    assert problem.message == 'The field "Colour" is not supported by Step Functions'


def test_functions_in_a_file_that_a_template_deploys_stay_as_they_are(project: Project) -> None:
    write({"a.asl.yaml": WITH_FUNCTIONS, "template.yaml": template("DefinitionUri: a.asl.yaml")})
    errors = [each.message for each in findings(targets_of(project, "template.yaml")) if each.severity == "error"]
    assert errors == [
        'Expected value of type [STRING], got {"Fn::GetAtt": "credit-check.Arn"}',
        "The value for the field 'QueueUrl' must be a STRING",
        'The field "Colour" is not supported by Step Functions',
    ]


def test_unreadable_files_are_listed_and_the_others_are_checked(project: Project) -> None:
    write({"a.asl.json": GOOD})
    targets = targets_of(project, "none.json", "none.py", unreadable_file("secret.asl.json"), "a.asl.json")
    assert names(targets) == ["a.asl.json"]
    assert targets.unreadable[:2] == ["none.json: No such file or directory", "none.py: No such file or directory"]
    assert [line.partition(": ")[0] for line in targets.unreadable[2:]] == ["secret.asl.json"]


def test_a_file_is_shown_relative_to_the_project_root_from_any_working_directory(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"sub/a.asl.json": BAD, "sub/template.yaml": template("DefinitionUri: ../other/b.asl.json")})
    write({"other/b.asl.json": BAD})
    monkeypatch.chdir("sub")
    for arguments in (("a.asl.json", "template.yaml"), (str(Path("a.asl.json").resolve()), "../sub/template.yaml")):
        assert sorted(names(targets_of(project, *arguments))) == ["other/b.asl.json", "sub/a.asl.json"]


# Templates


def template(properties: str, more: str = "", type_: str = "AWS::Serverless::StateMachine", above: str = "") -> str:
    """Return a template with parameters, a state machine, a function and more resources."""
    head = "Parameters:\n  Stage: {Type: String, Default: beta}\n  Owner: {Type: String}\n"
    machine = f"Resources:\n  Machine:\n    Type: {type_}\n    Properties:\n{indent(dedent(properties), ' ' * 6)}\n"
    function = "  Buyer:\n    Type: AWS::Serverless::Function\n"
    return f"{above}{head}{machine}{function}{indent(dedent(more), '  ')}"


LINE_OF_PROPERTIES = 8  # the first line of a template's properties


def checked(project: Project, properties: str, *, type_: Type | None = None) -> list[str]:
    """Return the findings in the definitions that a template deploys."""
    write({"template.yaml": template(properties)})
    return reports(targets_of(project, "template.yaml", type_=type_))


def test_a_definition_named_directly_and_by_its_template_is_checked_once(project: Project) -> None:
    write({"generated/a.asl.json": BAD, "template.yaml": template("DefinitionUri: generated/a.asl.json")})
    once = [f"generated/a.asl.json:1:54: SCHEMA_VALIDATION_FAILED: {BAD_MESSAGE}"]
    paths = [
        ("template.yaml",),
        ("template.yaml", "generated/a.asl.json"),
        ("generated/a.asl.json", "template.yaml"),
        (".",),
        ("**/*.*",),
        ("template.yaml", str(Path("generated/a.asl.json").resolve())),
        ("template.yaml", "generated/../generated/a.asl.json"),
        ("generated", "generated/a.asl.json"),
    ]
    assert [reports(targets_of(project, *path)) for path in paths] == [once] * len(paths)


def test_a_file_named_in_several_paths_is_checked_once(project: Project) -> None:
    write({"a.json": GOOD})
    assert len(targets_of(project, "a.json", "./a.json", str(Path("a.json").resolve())).targets) == 1


def test_a_definition_deployed_as_two_types_is_checked_as_each(project: Project) -> None:
    write({"a.asl.json": GOOD})
    express = "Express: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: a.asl.json, Type: EXPRESS}}"
    write({"template.yaml": template("DefinitionUri: a.asl.json", express)})
    assert types(targets_of(project, ".")) == ["STANDARD", "EXPRESS"]


MISSING = [
    ("generated/a.json", "write the path from the template's folder, in the right letter case"),
    ("generated/Trader.asl.json", 'did you mean "generated/trader.asl.json"?'),
    ("generated/tradr.asl.json", 'did you mean "generated/trader.asl.json"?'),
]


@pytest.mark.parametrize(("uri", "remedy"), MISSING)
def test_a_missing_definition_is_reported_at_its_definition_uri(project: Project, uri: str, remedy: str) -> None:
    write({"generated/trader.asl.json": GOOD, "template.yaml": template(f"Name: trader\nDefinitionUri: {uri}")})
    targets = targets_of(project, "template.yaml")
    line = LINE_OF_PROPERTIES + 1
    assert reports(targets) == [f"template.yaml:{line}:22: NO_DEFINITION: Machine: the file {uri} does not exist"]
    assert remedies(targets) == [remedy]


def test_a_definition_uri_that_is_a_folder_is_reported_without_a_suggestion(project: Project) -> None:
    write({"generated/trader.asl.json": GOOD, "template.yaml": template("DefinitionUri: generated")})
    targets = targets_of(project, "template.yaml")
    assert [finding.code for finding in findings(targets)] == ["NO_DEFINITION"]
    assert "did you mean" not in remedies(targets)[0]


def test_a_definition_may_be_outside_the_templates_folder(project: Project) -> None:
    write({"flows/a.asl.json": BAD, "stacks/template.yaml": template("DefinitionUri: ../flows/a.asl.json")})
    expected = [f"flows/a.asl.json:1:54: SCHEMA_VALIDATION_FAILED: {BAD_MESSAGE}"]
    assert [reports(targets_of(project, *path)) for path in (("stacks/template.yaml",), (".",))] == [expected, expected]


HARD_URIS = ['"a\\0b"', "a" * 5_000, "a.asl.json/b", '""', "/", "secret.asl.json"]


@pytest.mark.parametrize("uri", HARD_URIS, ids=lambda uri: uri[:20])
def test_a_strange_definition_uri_does_not_stop_other_checks(project: Project, uri: str) -> None:
    unreadable_file("secret.asl.json")
    write({"a.asl.json": BAD, "template.yaml": template(f"DefinitionUri: {uri}")})
    targets = targets_of(project, "template.yaml", "a.asl.json")
    assert names(targets) == ["a.asl.json"]
    assert len(targets.findings) + len(targets.unreadable) == 1


NOT_LOCAL = [
    "DefinitionUri: s3://bucket/key",
    "DefinitionUri: {Bucket: b, Key: k}",
    "DefinitionS3Location: {Bucket: b, Key: k}",
    "Definition: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/k}}}",
    "DefinitionString: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/k}}}",
    "Definition: !ImportValue definition",
    "Definition: !If [IsBeta, {StartAt: A}, {StartAt: B}]",
    "DefinitionString: !Ref Owner",
    "Tags: !Ref Owner",
]


@pytest.mark.parametrize("properties", NOT_LOCAL)
@pytest.mark.parametrize("type_", ["AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"])
def test_a_definition_that_is_not_local_is_not_checked(project: Project, properties: str, type_: str) -> None:
    write({"template.yaml": template(properties, type_=type_)})
    targets = targets_of(project, "template.yaml")
    assert (names(targets), reports(targets), targets.unreadable) == ([], [], [])


INLINE = """\
Definition:
  StartAt: A
  States:
    A: {Type: Task, Resource: !GetAtt Buyer.Arn, Next: B}
    B:
      Type: Task
      Resource: !Ref Buyer
      Next: C
    C: {Type: Task, Resource: !Sub "${Buyer.Arn}:1", TimeoutSeconds: 0, Next: D}
    D:
      Type: Task
      Resource: {"Fn::GetAtt": [Buyer, Arn]}
      Comment: !Ref Owner
      Next: E
    E: {Type: Task, Resource: !If [IsBeta, !Ref Buyer, !Ref Owner], TimeoutSeconds: !Ref Owner, Next: F}
    F: {Type: Task, Resource: !Ref Owner, HeartbeatSeconds: !ImportValue seconds, End: true}
"""


@pytest.mark.parametrize("type_", ["AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"])
def test_an_inline_definition_is_checked_with_its_values_at_the_lines_of_the_template(
    project: Project, type_: str
) -> None:
    write({"template.yaml": template(INLINE, type_=type_)})
    number = "takes a number or boolean, and"
    assert reports(targets_of(project, "template.yaml")) == [
        f"template.yaml:22:91: SCHEMA_VALIDATION_FAILED: Machine: TimeoutSeconds {number} Ref is a string",
        f"template.yaml:23:67: SCHEMA_VALIDATION_FAILED: Machine: HeartbeatSeconds {number} Fn::ImportValue is a string",
        'template.yaml:14:23: SCHEMA_VALIDATION_FAILED: "B" Resource: Value is not a valid resource ARN, got "Buyer"',
        'template.yaml:16:76: SCHEMA_VALIDATION_FAILED: "C" TimeoutSeconds: Minimum value is 1, got 0',
    ]


WITH_PLACEHOLDERS = """\
Definition:
  StartAt: A
  States:
    A:
      Type: Task
      Resource: ${BuyerArn}
      TimeoutSeconds: ${Limit}
      HeartbeatSeconds: ${Beat}
      End: true
DefinitionSubstitutions: {BuyerArn: !GetAtt Buyer.Arn, Limit: 0, beat: 5}
"""


def test_an_inline_definition_may_have_placeholders(project: Project) -> None:
    assert checked(project, WITH_PLACEHOLDERS) == [
        f"template.yaml:17:7: MISSING_SUBSTITUTION: {NO_SUBSTITUTION.format('HeartbeatSeconds', 'Beat')}",
        'template.yaml:14:29: SCHEMA_VALIDATION_FAILED: "A" TimeoutSeconds: Expected value of type [INTEGER], got "0"',
        'template.yaml:15:31: QUOTED_PLACEHOLDER: "A" HeartbeatSeconds: "${Beat}" is deployed as a string, but a number or boolean is required',
    ]


UNKNOWN_INLINE = [
    "!Ref Owner",
    "!If [IsBeta, !Ref Owner, x]",
    "!ImportValue arn",
    "!GetAtt Role.Arn",
    "!Sub '${Owner}'",
]


@pytest.mark.parametrize("value", UNKNOWN_INLINE)
@pytest.mark.parametrize("comment", ["plain", '!Sub "of ${Stage}"'])
def test_an_inline_value_that_only_the_stack_has_is_not_a_missing_substitution(
    project: Project, value: str, comment: str
) -> None:
    states = f"{{A: {{Type: Task, Resource: {value}, End: true}}}}"
    assert checked(project, f"Definition: {{Comment: {comment}, StartAt: A, States: {states}}}") == []


def test_an_inline_definition_of_a_json_template_has_the_lines_of_the_template(project: Project) -> None:
    task = {"Type": "Task", "Resource": {"Ref": "Buyer"}, "Parameters": {"a": {"Fn::Sub": "${Stage}"}}, "End": True}
    machine = {"Definition": {"StartAt": "A", "States": {"A": task}}}
    resources = {
        "Buyer": {"Type": "AWS::Serverless::Function"},
        "Machine": {"Type": "AWS::Serverless::StateMachine", "Properties": machine},
    }
    parameters = {"Stage": {"Type": "String", "Default": "beta"}}
    write({"template.json": json.dumps({"Parameters": parameters, "Resources": resources}, indent=1)})
    lines = Path("template.json").read_text("utf-8").splitlines()
    line = next(number for number, line in enumerate(lines, 1) if '"Resource"' in line)
    message = 'SCHEMA_VALIDATION_FAILED: "A" Resource: Value is not a valid resource ARN, got "Buyer"'
    paths = [reports(targets_of(project, path)) for path in ("template.json", ".")]
    assert paths == [[f"template.json:{line}:8: {message}"]] * 2


NO_SUBSTITUTION = 'Machine: ${{{1}}} in "A" {0} has no substitution'
TASK = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "%s", "TimeoutSeconds": %s, "End": true}}}'
ARN = "arn:aws:lambda:us-east-1:111111111111:function:f"
LINE = f"template.yaml:{LINE_OF_PROPERTIES}"
AT = f"{LINE}:25"
NOT_JSON = "INVALID_JSON_DESCRIPTION: is not JSON"
STRINGS: list[tuple[str, list[str]]] = [
    (f"DefinitionString: '{TASK % (ARN, 5)}'", []),
    (f"DefinitionString: '{TASK % (ARN, 0)}'", [
        f'{LINE}:158: SCHEMA_VALIDATION_FAILED: "A" TimeoutSeconds: Minimum value is 1, got 0'
    ]),
    (f"DefinitionString: !Sub '{TASK % ('${Buyer.Arn}', 5)}'", []),
    (f"DefinitionString: !Sub '{TASK % ('${Buyer}', 5)}'", [
        f'{LINE}:93: SCHEMA_VALIDATION_FAILED: "A" Resource: Value is not a valid resource ARN, got "Buyer"'
    ]),
    (f"DefinitionString: !Sub ['{TASK % ('${Arn}', '${Limit}')}', {{Arn: !GetAtt Buyer.Arn, Limit: 0}}]", [
        f'{LINE}:122: SCHEMA_VALIDATION_FAILED: "A" TimeoutSeconds: Minimum value is 1, got 0'
    ]),
    (f"DefinitionString: !Join ['', ['{TASK[:20]}', '{TASK[20:] % (ARN, 5)}']]", []),
    # a value that only the stack has stays a placeholder; the rest is checked
    (f"DefinitionString: !Sub '{TASK % ('${Owner}', 0)}'", [
        f'{LINE}:123: SCHEMA_VALIDATION_FAILED: "A" TimeoutSeconds: Minimum value is 1, got 0'
    ]),
    (f"DefinitionString: !Sub '{TASK % ('${Role.Arn}', '${Owner}')}'", []),
    # `${!Name}` is left for DefinitionSubstitutions
    (f"DefinitionString: !Sub '{TASK % ('${!Name}', 5)}'", [
        f'{AT.removesuffix(":8:25")}:7:5: MISSING_SUBSTITUTION: {NO_SUBSTITUTION.format("Resource", "Name")}'
    ]),
    (f"DefinitionString: '{TASK % ('${Name}', 5)}'\nDefinitionSubstitutions: {{Name: !GetAtt Buyer.Arn}}", []),
    ("DefinitionString: '{\"StartAt\": '", [
        f"{LINE}:38: INVALID_JSON_DESCRIPTION: is not JSON: Expecting value at line 1, column 13"
    ]),
    ("DefinitionString: ''", [f"{AT}: {NOT_JSON}"]),
    ("DefinitionString: '[]'", [f"{AT}: INVALID_JSON_DESCRIPTION: Definition must be a valid JSON object"]),
    ("DefinitionString: |\n  StartAt: A\n  States: {A: {Type: Succeed}}", [
        f"{AT}: {NOT_JSON}"
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "complaints"), STRINGS)
def test_a_definition_string_is_checked_with_its_values_at_its_line(
    project: Project, properties: str, complaints: list[str]
) -> None:
    assert checked(project, properties) == complaints


TYPES: list[tuple[str, str, Type | None, Type]] = [
    ("AWS::Serverless::StateMachine", "Name: x", None, "STANDARD"),
    ("AWS::Serverless::StateMachine", "Type: EXPRESS", None, "EXPRESS"),
    ("AWS::Serverless::StateMachine", "Type: STANDARD", None, "STANDARD"),
    ("AWS::Serverless::StateMachine", "Type: !Ref Kind", None, "EXPRESS"),
    ("AWS::Serverless::StateMachine", "Type: !Ref Owner", None, "STANDARD"),
    ("AWS::Serverless::StateMachine", "Type: EXPRESS", "STANDARD", "STANDARD"),
    ("AWS::Serverless::StateMachine", "Name: x", "EXPRESS", "EXPRESS"),
    ("AWS::StepFunctions::StateMachine", "StateMachineType: EXPRESS", None, "EXPRESS"),
    ("AWS::StepFunctions::StateMachine", "StateMachineName: x", None, "STANDARD"),
]


@pytest.mark.parametrize(("resource", "property_", "requested", "type_"), TYPES)
def test_the_type_is_the_templates_unless_the_call_sets_another(
    project: Project, resource: str, property_: str, requested: Type | None, type_: Type
) -> None:
    text = template(f"Definition: {GOOD}\n{property_}", type_=resource)
    write({"template.yaml": text.replace("Parameters:\n", "Parameters:\n  Kind: {Type: String, Default: EXPRESS}\n")})
    assert types(targets_of(project, "template.yaml", type_=requested)) == [type_]


DEPLOYED = """\
{"StartAt": "A", "States": {"A": {
  "Type": "Task", "Resource": "${BuyerArn}",
  "TimeoutSeconds": ${Seconds}, "End": true}}}
"""
NOT_AN_ARN = 'a.asl.json:2:31: SCHEMA_VALIDATION_FAILED: "A" Resource: Value is not a valid resource ARN, got '
SECONDS = 'a.asl.json:3:21: SCHEMA_VALIDATION_FAILED: "A" TimeoutSeconds: '
NO_ARN = f"template.yaml:9:7: MISSING_SUBSTITUTION: {NO_SUBSTITUTION.format('Resource', 'BuyerArn')}"
NO_SECONDS = f"template.yaml:9:7: MISSING_SUBSTITUTION: {NO_SUBSTITUTION.format('TimeoutSeconds', 'Seconds')}"
NO_ARN_BY_ITSELF = 'a.asl.json:2:31: MISSING_SUBSTITUTION: "A" Resource: the template has no substitution for BuyerArn'
A_NAME = (
    "template.yaml:9:43: WRONG_RESOURCE: Machine: BuyerArn is the name of a Lambda function, "
    'but "A" Resource takes the ARN of a function'
)
SUBSTITUTIONS: list[tuple[str, list[str]]] = [
    ("{BuyerArn: !GetAtt Buyer.Arn, Seconds: 5}", []),
    # a value that only the stack has is not checked
    ("{BuyerArn: !Ref Owner, Seconds: !Ref Owner}", []),
    ("{BuyerArn: !ImportValue arn, Seconds: !ImportValue seconds}", []),
    ("{BuyerArn: !Sub '${Owner}', Seconds: !If [IsBeta, 0, 0]}", []),
    ("{BuyerArn: {'Fn::ImportValue': !Sub '${Stage}-arn'}, Seconds: !FindInMap [a, b, c]}", []),
    ("{BuyerArn: !GetAtt Role.Arn, Seconds: !Select [0, !Ref Owner]}", []),
    # a parameter's default is checked
    ("{BuyerArn: !Ref Stage, Seconds: 5}", [f'{NOT_AN_ARN}"beta"']),
    # Ref of a function is its name
    ("{BuyerArn: !Ref Buyer, Seconds: 5}", [A_NAME]),
    ("{BuyerArn: !Sub '${Buyer}', Seconds: 5}", [f'{NOT_AN_ARN}"Buyer"']),
    ("{BuyerArn: !Sub '${Buyer.Arn}', Seconds: 5}", []),
    # a placeholder without quotes becomes a number
    ("{BuyerArn: !GetAtt Buyer.Arn, Seconds: 0}", [f"{SECONDS}Minimum value is 1, got 0"]),
    ("{BuyerArn: !GetAtt Buyer.Arn, Seconds: '0'}", [f"{SECONDS}Minimum value is 1, got 0"]),
    ("{BuyerArn: !GetAtt Buyer.Arn, Seconds: '60'}", []),
    ("{BuyerArn: !GetAtt Buyer.Arn, Seconds: 1.5}", [f"{SECONDS}Expected value of type [INTEGER], got 1.5"]),
    ("{BuyerArn: !GetAtt Buyer.Arn, Seconds: a}", [f'{SECONDS}Expected value of type [INTEGER], got "a"']),
    # placeholders without a substitution
    ("{BuyerArn: !GetAtt Buyer.Arn}", [NO_SECONDS]),
    ("{buyerarn: !GetAtt Buyer.Arn, seconds: 5}", [NO_ARN, NO_SECONDS]),
    ("{}", [NO_ARN, NO_SECONDS]),
]  # fmt: skip


@pytest.mark.parametrize(("substitutions", "complaints"), SUBSTITUTIONS)
def test_placeholders_are_filled_with_the_templates_substitutions(
    project: Project, substitutions: str, complaints: list[str]
) -> None:
    write({"a.asl.json": DEPLOYED})
    assert checked(project, f"DefinitionUri: a.asl.json\nDefinitionSubstitutions: {substitutions}") == complaints


def test_a_substitution_in_another_letter_case_is_suggested(project: Project) -> None:
    substitutions = "{buyerArn: !GetAtt Buyer.Arn, Second: 5}"
    write(
        {
            "a.asl.json": DEPLOYED,
            "template.yaml": template(f"DefinitionUri: a.asl.json\nDefinitionSubstitutions: {substitutions}"),
        }
    )
    assert remedies(targets_of(project, "template.yaml")) == ['did you mean "buyerArn"?', 'did you mean "Second"?']


def test_placeholders_are_not_reported_without_a_template(project: Project) -> None:
    write({"a.asl.json": DEPLOYED})
    assert reports(targets_of(project, "a.asl.json")) == []


# The project's own template


def test_a_generated_definition_is_checked_as_the_projects_template_deploys_it(project: Project) -> None:
    text = template("DefinitionUri: generated/a.asl.json\nType: EXPRESS\nDefinitionSubstitutions: {Seconds: 0}")
    write({"generated/a.asl.json": DEPLOYED, "generated/b.asl.json": DEPLOYED, "template.yaml": text})
    paths = [("generated/a.asl.json",), (str(Path("generated/a.asl.json").resolve()),), ("generated",), (".",)]
    by_itself = f"generated/{NO_ARN_BY_ITSELF}"
    too_short = f"generated/{SECONDS}Minimum value is 1, got 0"
    with_template = NO_ARN.replace(":9:", ":10:")
    expected = [[by_itself, too_short]] * 3 + [[with_template, too_short]]
    assert [reports(targets_of(project, *path)) for path in paths] == expected
    assert types(targets_of(project, "generated")) == ["EXPRESS", "STANDARD"]


def test_the_projects_template_is_the_one_its_settings_name(project: Project) -> None:
    other = Project(project.root, generated=Path("out"), template=Path("stack/app.yaml"))
    text = template("DefinitionUri: ../out/a.asl.json\nDefinitionSubstitutions: {Seconds: 5}")
    write({"out/a.asl.json": DEPLOYED, "stack/app.yaml": text, "template.yaml": "Resources: {}\n"})
    assert [reports(targets_of(configured, "out/a.asl.json")) for configured in (other, project)] == [
        [f"out/{NO_ARN_BY_ITSELF}"],
        [],
    ]


def _unreadable_template() -> None:
    unreadable_file("template.yaml")


BREAK_TEMPLATE: dict[str, Callable[[], None]] = {
    "none": lambda: None,
    "broken": lambda: write({"template.yaml": "Resources: {"}),
    "no resources": lambda: write({"template.yaml": "Transform: x\n"}),
    "a list": lambda: write({"template.yaml": "- Resources\n"}),
    "empty": lambda: write({"template.yaml": ""}),
    "no UTF-8": lambda: write({"template.yaml": b"\xff"}),
    "a folder": lambda: Path("template.yaml").mkdir(),
    "unreadable": _unreadable_template,
}


@pytest.mark.parametrize("template_is", BREAK_TEMPLATE)
def test_generated_definitions_are_checked_even_if_the_template_cannot_be_read(
    project: Project, template_is: str
) -> None:
    BREAK_TEMPLATE[template_is]()
    write({"generated/a.asl.json": BAD})
    assert reports(targets_of(project, "generated")) == [
        f"generated/a.asl.json:1:54: SCHEMA_VALIDATION_FAILED: {BAD_MESSAGE}"
    ]


UNREADABLE: list[tuple[str | bytes, str]] = [
    ("Resources: {M: {", "is neither JSON nor YAML: "),
    ("Resources: {~: {}}", "has the key None, which is not a string"),
    (b"Resources: \xff", "is not UTF-8: byte 11 cannot be read"),
    ("Transform: AWS::Serverless-2016-10-31\n", "has no Resources"),
    ("Transform: AWS::Serverless-2016-10-31\nResources:\n", "has no Resources"),
]


@pytest.mark.parametrize(("text", "message"), UNREADABLE)
def test_a_template_that_cannot_be_read_is_one_finding(project: Project, text: str | bytes, message: str) -> None:
    write({"template.yaml": text})
    [finding] = findings(targets_of(project, "template.yaml"))
    assert (finding.where.place and finding.where.place.file, finding.severity) == ("template.yaml", "error")
    assert finding.message.startswith(message)


MALFORMED = [
    "Definition: {Fn::Sub: text}",
    "Definition: {Ref: Owner}",
    "Definition: {StartAt: A, States: {A: {Type: Task, Resource: !Ref [Buyer], End: true}}}",
    "Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt {a: b}, End: true}}}",
    "Definition: {StartAt: A, States: {A: {Type: Pass, End: true, Result: " + "[" * 700 + "]" * 700 + "}}}",
    "Definition: &a {StartAt: A, States: *a}",
    "Definition: [a]",
    "Definition: text",
    "Definition:",
    "DefinitionUri: 5",
    "DefinitionUri: [a]",
    "DefinitionString: 5",
    "DefinitionString: !Ref {}",
    "DefinitionString: '" + "[" * 5_000 + "'",
    "DefinitionSubstitutions: [a]",
    "DefinitionSubstitutions: 5",
    "DefinitionSubstitutions: {F: !Ref [a]}",
    "DefinitionSubstitutions: {F: !GetAtt []}",
    "DefinitionSubstitutions: {F: !GetAtt [Buyer]}",
    "DefinitionSubstitutions: {F: !GetAtt {a: b}}",
    "DefinitionSubstitutions: {F: !GetAtt [[a], b]}",
    "DefinitionSubstitutions: {F: !If IsBeta}",
    "DefinitionSubstitutions: {F: !If [IsBeta]}",
    "DefinitionSubstitutions: {F: !If {a: b}}",
    "DefinitionSubstitutions: {F: !Sub [x]}",
    "DefinitionSubstitutions: {F: !Sub ['${x}', 5]}",
    "DefinitionSubstitutions: {F: !Join x}",
    "DefinitionSubstitutions: {F: .nan}",
    "Name: !Ref Machine",
    "Name: !Sub '${Machine}-x'\nDefinitionUri: a.asl.json\nDefinitionSubstitutions: {F: !Ref Machine}",
    "Name: [a]",
    "Type: [EXPRESS]",
]
MALFORMED_SECTIONS = ["Globals: [a]\n", "Globals: {StateMachine: [a]}\n", "Mappings: 5\n", "Conditions: !Foo bar\n"]


@pytest.mark.parametrize("properties", MALFORMED, ids=lambda text: text[:60])
def test_a_malformed_template_does_not_stop_the_check_of_another_definition(project: Project, properties: str) -> None:
    write({"z.asl.json": BAD, "template.yaml": template(properties)})
    complaints = reports(targets_of(project, "template.yaml", "z.asl.json"))
    assert complaints[-1:] == [f"z.asl.json:1:54: SCHEMA_VALIDATION_FAILED: {BAD_MESSAGE}"]
    assert [complaint.partition(":")[0] for complaint in complaints[:-1]] in (
        [],
        ["template.yaml"],
        ["template.yaml"] * 2,
    )


@pytest.mark.parametrize("head", [*MALFORMED_SECTIONS, "Parameters: [a]\n", "Parameters: {Owner: x}\n"])
def test_malformed_globals_or_parameters_do_not_stop_the_check_of_state_machines(project: Project, head: str) -> None:
    write({"a.asl.json": BAD})
    text = template("DefinitionUri: a.asl.json")
    write({"template.yaml": head + text[text.index("Resources:") :]})
    assert reports(targets_of(project, "template.yaml")) == [
        f"a.asl.json:1:54: SCHEMA_VALIDATION_FAILED: {BAD_MESSAGE}"
    ]


def test_a_template_may_contain_macros_custom_resources_and_unknown_tags(project: Project) -> None:
    more = """\
    Fn::ForEach::Topics: [Name, [a, b], {"Topic${Name}": {Type: AWS::SNS::Topic}}]
    Half:
    Twice: {Type: AWS::SNS::Topic, Metadata: {CreatedAt: 2020-01-01, CreatedAt: 2020-01-02}}
    Made: {Type: Custom::Thing, Properties: {Since: 2020-01-01, At: !Foo {a: !Bar [b]}}}
    """
    write({"a.asl.json": BAD, "template.yaml": template("DefinitionUri: a.asl.json", more)})
    assert reports(targets_of(project, "template.yaml")) == [
        f"a.asl.json:1:54: SCHEMA_VALIDATION_FAILED: {BAD_MESSAGE}"
    ]


NOT_A_TEMPLATE = [
    ("", "has no Resources; add the resources of the application"),
    ("- a\n", "has no Resources; add the resources of the application"),
    ("Resources:\n\tA: {}\n", "is neither JSON nor YAML: a tab as indentation at line 2, column 1; indent with spaces"),
]


@pytest.mark.parametrize(("text", "finding"), NOT_A_TEMPLATE)
def test_the_template_of_the_project_is_refused_in_words_for_a_template(
    project: Project, text: str, finding: str
) -> None:
    write({"template.yaml": text})
    [refused] = findings(targets_of(project, "template.yaml"))
    assert (refused.code, f"{refused.message}; {refused.remedy}") == ("TEMPLATE", finding)


def test_a_definition_that_cannot_be_read_is_one_finding_although_a_template_deploys_it(project: Project) -> None:
    machine = "{Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: a.asl.json}}"
    write({"template.yaml": f"Resources: {{M: {machine}}}\n", "a.asl.json": "{"})
    assert [finding.code for finding in findings(targets_of(project, "template.yaml", "a.asl.json"))] == [
        "INVALID_JSON_DESCRIPTION"
    ]
