"""check(): whole definitions and exactly their findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import Place
from workflow_dsl.validation import check

END: dict[str, Any] = {"Type": "Pass", "End": True}


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def task(**fields: Any) -> dict[str, Any]:
    return machine(T={"Type": "Task", "Resource": "${F}", "End": True, **fields})


def choice(*rules: Any, **fields: Any) -> dict[str, Any]:
    return machine(C={"Type": "Choice", "Choices": list(rules), "Default": "D", **fields}, D=END)


def in_a_map(**fields: Any) -> dict[str, Any]:
    return machine(M={"Type": "Map", "ItemProcessor": machine(A=END), "End": True, **fields})


def in_a_parallel(state: Any, **fields: Any) -> dict[str, Any]:
    return machine(P={"Type": "Parallel", "Branches": [machine(F=state)], "End": True, **fields}, E=END)


def works_off(rest: str) -> dict[str, Any]:
    """A loop that reads an item and goes on with `rest` until nothing is left."""
    read = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "ResultPath": "$.row", "Next": "Rest"}
    parameters = {"TableName": "t", "Key": {"id": {"S.$": "$.items[0]"}}}
    more = {"Choices": [{"Variable": "$.items[0]", "IsPresent": True, "Next": "Ask"}], "Default": "E"}
    return machine(
        Ask={**read, "Parameters": parameters},
        Rest={"Type": "Pass", "Parameters": {"items.$": rest}, "Next": "More?"},
        **{"More?": {"Type": "Choice", **more}},
        E=END,
    )


BROKEN: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["These fields are required: [StartAt, States]; add StartAt and States"]),
    ({"user:secret": None}, ["These fields are required: [StartAt, States]; add StartAt and States"]),
    ({"StartAt": "A", "States": {}}, [
        "StartAt: Missing 'Next' target: A; add a state",
        "States: Value cannot be empty; write an object of states",
    ]),
    ({"StartAt": "A", "States": "${States}"}, []),
    (machine(A=END) | {"StartAt": "a"}, [
        "StartAt: Missing 'Next' target: a; did you mean \"A\"?",
    ]),
    (machine(A=END) | {"Statess": 1}, ["Statess: Field 'Statess' is not supported; did you mean \"States\"?"]),
    (machine(A=END) | {"TimeoutSeconds": -1}, [
        "TimeoutSeconds: Minimum value is 0, got -1; write a whole number of seconds from 0 to 99999999"
    ]),
    (machine(A=END) | {"QueryLanguage": "JSONPAth"}, [
        'QueryLanguage: Value should be one of the following: [JSONPath, JSONata]; did you mean "JSONPath"?',
    ]),
    (machine(A={"End": True}), ['"A": These fields are required: [Type]; add Type']),
    (machine(A={"Type": "Tsk", "End": True}), [
        "\"A\" Type: The field 'Type' should have one of these values: "
        '[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]; did you mean "Task"?'
    ]),
    (machine(A=3), [
        '"A": Expected value of type [OBJECT], got 3; write a state',
    ]),
    (machine(A={"Type": "Pass", "Next": "B"}, B=END | {"Next": "A"}), [
        '"B": There should only be one of the following fields: [Next, End]; keep one of them',
    ]),
    (machine(A={"Type": "Pass"}, B=END), [
        '"A": This object should have only one of the following fields: [Next, End]; add "Next", or "End": true',
    ]),
    (machine(A={"Type": "Pass", "Next": "b"}, B=END), [
        "\"A\" Next: Missing 'Next' target: b; did you mean \"B\"?",
    ]),
    (machine(A={"Type": "Pass", "Next": "b"}, B=END, C=END), [
        "\"A\" Next: Missing 'Next' target: b; did you mean \"B\"?",
        '"C": State "C" is not reachable; add a transition to it, or remove it',
    ]),
    (machine(A={"Type": "Pass", "Next": "Finish"}, B=END, C=END), [
        "\"A\" Next: Missing 'Next' target: Finish; write one of \"B\", \"C\"",
    ]),
    (machine(Ask={"Type": "Pass", "Next": "Done"}, Done={"Type": "Pass", "Next": "Aske"}, End=END), [
        # "Ask" leads back to "Done": an endless loop
        "\"Done\" Next: Missing 'Next' target: Aske; write \"End\"",
    ]),
    (choice({"Variable": "$.a", "IsNull": True, "Next": "c"}), [
        '"C" Choices[0].Next: Missing \'Next\' target: c; did you mean "C"?',
    ]),
    (machine(A={"Type": "Pass", "Next": "B"}, B={"Type": "Pass", "Next": "A"}, C={"Type": "Pass", "Next": "A"}), [
        'Workflow has no terminal state; add "End": true to one state'
    ]),
    (choice({"Variable": "$.a", "IsNull": True, "Next": "X"}, Default="Y"), [
        '"C" Choices[0].Next: Missing \'Next\' target: X; write one of "C", "D"',
        '"C" Default: Missing \'Next\' target: Y; write one of "C", "D"',
    ]),
    (choice(), ['"C" Choices: Value cannot be empty; write a list of Choice rules']),
    (choice({"Variable": "$.a", "Next": "D"}), [
        '"C" Choices[0]: The object must have only one of the following fields, [And, Or, Not, Variable, Condition]; add a comparison, such as IsPresent',
    ]),
    (choice({"Variable": "$.a", "IsNull": True, "IsString": True, "Next": "D"}), [
        '"C" Choices[0]: There should only be one of the following fields: [IsNull, IsString]; join two comparisons with And or Or',
    ]),
    (choice({"IsNull": True, "Next": "D"}), [
        '"C" Choices[0]: These fields are required: [Variable]; add "Variable"'
    ]),
    (choice({"And": [{"Variable": "$.a"}, {"Not": {"IsNull": True}}], "Next": "D"}), [
        '"C" Choices[0].And[0]: The object must have only one of the following fields, [And, Or, Not, Variable, Condition]; add a comparison, such as IsPresent',
        '"C" Choices[0].And[1].Not: These fields are required: [Variable]; add "Variable"',
    ]),
    (choice({"Variable": "$.a", "NumericEquals": "3", "Next": "D"}), [
        '"C" Choices[0].NumericEquals: Expected value of type [NUMBER], got "3"; write a number',
    ]),
    (task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"], "MaxAttempts": -1}]), [
        '"T" Retry[0].ErrorEquals: States.ALL must appear alone and at end of list; move it last',
        '"T" Retry[1].MaxAttempts: Minimum value is 0, got -1; write a whole number from 0 to 99999999',
    ]),
    (task(Retry=[{"ErrorEquals": "E", "BackoffRate": 0.2, "JitterStrategy": "full"}]), [
        '"T" Retry[0].ErrorEquals: Expected value of type [ARRAY], got "E"; write a list of error names',
        '"T" Retry[0].BackoffRate: Minimum value is 1, got 0.2; write a number of at least 1',
        '"T" Retry[0].JitterStrategy: Value should be one of the following: [NONE, FULL]; did you mean "FULL"?',
    ]),
    (task(TimeoutSeconds=10, HeartbeatSeconds=11), [
        '"T" HeartbeatSeconds: HeartbeatSeconds (11) is not less than TimeoutSeconds (10); write a smaller number'
    ]),
    (task(TimeoutSeconds=100_000_000, TimeoutSecondsPath="$.t"), [
        '"T": There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath]; keep only one of TimeoutSeconds and TimeoutSecondsPath',
        '"T" TimeoutSeconds: Maximum value is 99999999, got 100000000; write a whole number of seconds from 1 to 99999999',
    ]),
    (task(Output="{% 1 %}"), [
        "\"T\" Output: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage; use ResultSelector, ResultPath or OutputPath, or give the state \"QueryLanguage\": \"JSONata\"",
    ]),
    (task(QueryLanguage="JSONata", ResultPath="$.x"), [
        "\"T\" ResultPath: The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage; use Output or Assign instead, with an expression in {% %}",
    ]),
    (machine(W={"Type": "Wait", "End": True}), [
        '"W": This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]; add one, such as Seconds',
    ]),
    (machine(W={"Type": "Wait", "Seconds": "soon", "End": True}), [
        '"W" Seconds: Expected value of type [INTEGER], got "soon"; write a whole number of seconds from 0 to 99999999',
    ]),
    (machine(F={"Type": "Fail", "Cause": "c", "CausePath": "$.c"}), [
        '"F": There should only be one of the following fields: [Cause, CausePath]; keep only one of Cause and CausePath',
    ]),
    (in_a_map(ItemProcessor=machine(M=END)), [
        '"M": Duplicate State name: M; rename it: the first one is at /States/M'
    ]),
    (in_a_map(ItemProcessor=machine(A={"Type": "Pass", "Next": "M"})), [
        '"M" ItemProcessor: has no terminal state; add "End": true to one state',
        '"A" Next: Missing \'Next\' target: M; choose a state of the same scope: that one is in another',
    ]),
    (in_a_map(Iterator=machine(B=END)), [
        '"M": There should only be one of the following fields: [ItemProcessor, Iterator]; keep only one of ItemProcessor and Iterator',
    ]),
    (machine(P={"Type": "Parallel", "Branches": [], "End": True}), [
        '"P" Branches: Value cannot be empty; write a list of branches'
    ]),
    (choice({"Condition": "{% true %}", "Next": "D"}), [
        '"C" Choices[0]: The QueryLanguage is set to \'JSONPath\', but the rule is one of the \'JSONata\' QueryLanguage; add a Variable and a comparison'
    ]),
    (choice({"Variable": "$.a", "IsNull": True, "Next": "D"}, QueryLanguage="JSONata"), [
        '"C" Choices[0]: The QueryLanguage is set to \'JSONata\', but the rule is one of the \'JSONPath\' QueryLanguage; add a Condition'
    ]),
    (in_a_map(ItemBatcher={"MaxItemsPerBatch": 1, "MaxItemsPerBatchPath": "$.a"}), [
        '"M" ItemBatcher: There should only be one of the following fields: [MaxItemsPerBatch, MaxItemsPerBatchPath]; keep only one of MaxItemsPerBatch and MaxItemsPerBatchPath',
        '"M" ItemBatcher: an inline Map ignores ItemBatcher; write "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}',
    ]),
    (task(InputPath="a.b"), ['"T" InputPath: Value must be a valid JSONPath; fix it: \'a.b\' does not begin with $']),
    (task(InputPath="${Path}", ResultPath="${Path}", Parameters={"a.$": "${Path}"}), []),
    (works_off("$.items[1:]"), []),
    (works_off("$.items"), ['"Ask": is in a loop without a Wait: "Ask" -> "Rest" -> "More?"; add a Wait to the loop, or count its iterations']),
    (machine(F={"Type": "Fail", "Error": "States.Mine"}), [
        '"F" Error: States.Mine is not an error of the service; '
        "choose a name that does not begin with States.: those are the service's"
    ]),
    (machine(F={"Type": "Fail", "Error": "States.TaskFailed"}), []),
    (in_a_parallel({"Type": "Fail", "Error": "States.Mine"}, Catch=[{"ErrorEquals": ["States.Mine"], "Next": "E"}]), [
        '"F" Error: States.Mine is not an error of the service; '
        "choose a name that does not begin with States.: those are the service's"
    ]),
    (task(ResultPath="$.a[*]"), [
        '"T" ResultPath: Value is not a Reference Path: $.a[*]; write a path such as "$.result", without wildcards, filters or $$'
    ]),
    (task(Catch=[{"ErrorEquals": ["E"], "ResultPath": "..a", "Next": "T"}]), [
        '"T": is in a loop without a Wait: "T"; add a Wait to the loop, or count its iterations',
        '"T" Catch[0].ResultPath: Value is not a Reference Path: ..a; write a path such as "$.result", without wildcards, filters or $$',
    ]),
    (task(Parameters={"a": [{"b.$": "States.Nope(1)"}], "c.$": 5, "d": 1, "d.$": "$.x"}), [
        '"T" Parameters.a[0].b.$: The value for the field \'b.$\' must be a valid JSONPath or a valid intrinsic function call; fix it: States.Nope is not an intrinsic function',
        '"T" Parameters.c.$: The value for the field \'c.$\' must be a valid JSONPath or a valid intrinsic function call; fix it: 5 is not a string',
        '"T" Parameters.d.$: has both \'d\' and \'d.$\', which are the same field; keep one of them',
    ]),
    (task(QueryLanguage="JSONata", Arguments={"a": ["{% ( %}"]}), [
        '"T" Arguments.a[0]: is not valid JSONata: Expected ")" before end of expression; fix the expression between {% and %}'
    ]),
    (machine(W={"Type": "Wait", "Timestamp": "2026-01-31", "End": True}), [
        '"W" Timestamp: String does not match RFC3339 timestamp; write it as "2026-01-31T12:00:00Z"'
    ]),
    (in_a_map(Label="a*b"), [
        '"M" Label: Invalid label: a*b; use letters, digits, - and _',
        '"M" Label: an inline Map ignores Label; write "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}',
    ]),
    (choice({"Not": {"Variable": "a", "StringEqualsPath": "b"}, "Next": "D"}), [
        "\"C\" Choices[0].Not.Variable: Value is not a Reference Path: Reference path didn't start with '$'; write a path such as \"$.price\"",
        "\"C\" Choices[0].Not.StringEqualsPath: Value is not a Reference Path: Reference path didn't start with '$'; write a path such as \"$.price\"",
    ]),
    (machine(F={"Type": "Fail", "ErrorPath": "States.Format('{}', $.e)", "CausePath": "c"}), [
        '"F" CausePath: Value must be a valid JSONPath; fix it: \'c\' does not begin with $'
    ]),
    (machine(**{"x" * 81: END}), [
        '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": Invalid State name: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... exceeds the 80-character limit allowed by the service: it has 81; shorten it, and put the rest in Comment',
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "findings"), BROKEN)
def test_a_broken_definition_has_exactly_these_findings(document: dict[str, Any], findings: list[str]) -> None:
    assert [str(finding) for finding in check(document)] == findings


def test_a_definition_with_every_field_has_no_errors() -> None:
    document = Path(__file__).with_name("every_field.asl.yaml").read_bytes()
    assert [str(finding) for finding in check(document) if finding.severity == "error"] == []


@pytest.mark.parametrize(
    ("type_", "seconds", "found"), [("EXPRESS", 301, 1), ("EXPRESS", 300, 0), ("STANDARD", 301, 0)]
)
def test_an_express_execution_waits_no_longer_than_it_can_run(type_: Any, seconds: int, found: int) -> None:
    definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}}
    assert [each.code for each in check(definition, type=type_)] == ["EXPRESS_TIMEOUT"] * found


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("arn:aws:states:::states:startExecution.sync:2", "does not support '.sync' service integration"),
        (
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "does not support '.waitForTaskToken' service integration",
        ),
        ("arn:aws:states:us-east-1:123456789012:activity:a", "does not support Activity ARN"),
    ],
)
def test_an_express_state_machine_neither_waits_nor_runs_activities(resource: str, message: str) -> None:
    message_of = {"QueueUrl": "https://sqs", "MessageBody.$": "$$.Task.Token"}
    parameters = message_of if "sqs" in resource else {"StateMachineArn": "arn:a"}
    definition = task(Resource=resource, Parameters=parameters, TimeoutSeconds=60)
    assert check(definition, type="STANDARD") == []
    [finding] = check(definition, type="EXPRESS")
    assert (finding.where.pointer, finding.message) == ("/States/T/Resource", f"Express state machine {message}")


UNREADABLE: list[tuple[str | bytes | Any, str]] = [
    ("", "Definition must be a valid JSON object"),
    ("[]", "Definition must be a valid JSON object"),
    ([], "Definition must be a valid JSON object"),
    ("{", "is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
    ('{"a": NaN}', "has NaN, which is not JSON"),
    ("a: [", "is neither JSON nor YAML: a missing value or bracket at line 2, column 1"),
    ("\x00", "is neither JSON nor YAML: it cannot be parsed"),
    (b"\xff\xfe", "is not UTF-8: byte 0 cannot be read"),
    ("!!python/object:os.system {}", "is neither JSON nor YAML: could not determine a constructor"),
    ("[" * 100_000, "is nested too deeply"),
    ("StartAt: &a [1, *a]\n", "is nested too deeply or too large"),
    ("\n".join(["a: &a [1, 1]", *(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True))]),
     "is nested too deeply or too large"),
    ("StartAt: A\nStartAt: B\n", 'is neither JSON nor YAML: the field "StartAt" occurs twice in one object'),
    ('{"a": 1e999}', "is not JSON: has the number 1e999"),
    ("a: .nan", "is a float that JSON cannot represent"),
    ("1: 2", "has the key 1, which is not a string"),
    ("a: !!set {x}", "is a set that JSON cannot represent"),
    ('{"a": "\\ud800"}', "has an unpaired UTF-16 surrogate, which is not valid text"),
    (f'{{"a": {"1" * 5000}}}', "is not JSON: has a number of 5000 digits"),
    (f"a: {'1' * 5000}", "has a number of 5000 characters"),
    ("a: !!int abc", "is neither JSON nor YAML: invalid literal"),
    ({"a": object()}, "is an object that JSON cannot represent"),
    ({"a": 10**5000}, "is an int that JSON cannot represent"),
    ("a: " + "{b: " * 5_000, "is nested too deeply or too large"),
    ("a: " + "{b: " * 900 + "1" + "}" * 900, "is nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "message"), UNREADABLE)
def test_an_unreadable_definition_is_one_finding(document: Any, message: str) -> None:
    [finding] = check(document)
    assert finding.message.startswith(message)


def test_json_yaml_bytes_and_a_machine_have_the_same_findings() -> None:
    document = machine(A={"Type": "Pass", "Next": "B"})
    text = json.dumps(document)
    yaml = "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: B\n"
    forms: list[Any] = [document, text, text.encode(), b"\xef\xbb\xbf" + text.encode(), yaml, Machine(document)]
    assert len({str(check(form)) for form in forms}) == 1


def test_a_field_that_an_object_has_twice_is_a_warning_at_the_last() -> None:
    text = """{"StartAt": "A", "States": {"A": {
      "Type": "Pass", "Result": 1, "Parameters": {"a": "${X}", "b": 1,
      "a": 2},
      "Result": 2, "End": true}}, "StartAt": "A"}"""
    source = read_source(text, "f")
    assert [str(finding) for finding in check(source, substitutions={"X": None})] == [
        "f:4:35: StartAt: is twice in one object; only the last counts; keep one of the two",
        'f:4:7: "A" Result: is twice in one object; only the last counts; keep one of the two',
        'f:3:7: "A" Parameters.a: is twice in one object; only the last counts; keep one of the two',
    ]
    assert check(source, ignore={"REPEATED_FIELD"}) == []


def test_a_finding_has_the_authors_line_if_the_machine_knows_it() -> None:
    document = machine(A={"Type": "Pass", "Next": "B"})
    findings = check(Machine(document, {("States", "A"): Place("w.py", 7)}))
    assert [str(finding) for finding in findings] == [
        'Workflow has no terminal state; add "End": true to one state',
        "w.py:7: \"A\" Next: Missing 'Next' target: B; add a state",
    ]


def test_an_unknown_target_gets_a_short_list_of_states() -> None:
    [finding] = check(
        machine(**{name: {**END, **({"Next": "zz", "End": False} if name == "A" else {})} for name in "A"})
    )[1:]
    assert finding.remedy == "add a state"  # "A" would be an endless loop
    states = dict.fromkeys("BCDEFGH", END)
    findings = check(machine(A={"Type": "Pass", "Next": "zzz"}, **states))
    [remedy] = [finding.remedy for finding in findings if "Missing" in finding.message]
    assert remedy == 'write one of "B", "C", "D", "E", "F", 2 others'


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
FIELDS = st.sampled_from(
    ["Type", "Next", "End", "Choices", "Catch", "Retry", "Branches", "ItemProcessor", "States", "StartAt", "And", "Not"]
)
ASL_LIKE = st.recursive(
    st.sampled_from(["Task", "Choice", "Map", "Parallel", "A", "B", True, None, 3, "States.ALL"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.sampled_from("AB"), inner, max_size=4),
    max_leaves=30,
)


@given(JSON_VALUES | ASL_LIKE)
def test_any_document_is_checked_without_an_exception(value: Any) -> None:
    states = {"StartAt": "A", "States": {"A": value, "B": END}}
    for document in (value, states, json.dumps(value)):
        for finding in check(document):
            assert finding.code
            assert finding.message


def test_the_generated_definitions_have_no_findings(root: Path) -> None:
    files = sorted((root / "generated").glob("*.asl.json"))
    assert files
    assert [str(finding) for file in files for finding in check(file.read_bytes())] == []


def test_a_yaml_timestamp_is_read_as_a_string() -> None:
    text = "StartAt: W\nStates:\n  W: {Type: Wait, Timestamp: 2026-01-31T12:00:00Z, End: true}\n"
    assert check(text) == []


def test_thousands_of_mistakes_are_all_found() -> None:
    states = {f"State {i}": {"Type": "Pass", "Next": f"State x{i}"} for i in range(2_000)}
    assert len(check({"StartAt": "State 0", "States": states})) == 2_001
