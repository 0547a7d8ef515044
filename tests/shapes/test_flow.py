"""The flow of values: what enters and leaves each state of a definition."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
import yaml

from workflow_dsl.definition.machine import Machine
from workflow_dsl.shapes import Declared, Flow, flow_of
from workflow_dsl.shapes.formats.typescript import type_of
from workflow_dsl.shapes.sources.json_schema import shape_of_schema

INPUT = {
    "properties": {
        "id": {"type": "string"},
        "count": {"type": "integer"},
        "items": {"type": "array", "items": {"properties": {"sku": {"type": "string"}}, "required": ["sku"]}},
        "note": {"type": "string"},
    },
    "required": ["id", "count", "items"],
}


def flow(states: str, **fields: Any) -> Flow:
    """The flow of some states, of which the first is the start, with the input that the schema describes."""
    document = {**fields, "States": yaml.safe_load(dedent(states))}
    document["StartAt"] = next(iter(document["States"]))
    return flow_of(Machine(document), Declared(shape_of_schema(INPUT, "input")))


def values(states: str, at: str, **fields: Any) -> tuple[str, str]:
    found = flow(states, **fields)
    [passing] = [each for each in found.states.values() if each.state.name == at]
    return type_of(passing.input), type_of(passing.output)


ORDER = "{id: string, count: number, items: {sku: string}[], note?: string}"
MERGED = "{note: string, count: number, id: string, items: {sku: string}[]}"
OUTPUTS: list[tuple[str, str]] = [
    ("A: {Type: Pass, End: true}", ORDER),
    ("A: {Type: Pass, Result: {a: 1}, End: true}", "{a: 1}"),
    ("A: {Type: Pass, Parameters: {a.$: $.id, b: x}, End: true}", '{a: string, b: "x"}'),
    ("A: {Type: Pass, InputPath: null, End: true}", "{}"),
    ("A: {Type: Pass, InputPath: $.items, End: true}", "{sku: string}[]"),
    ('A: {Type: Pass, Parameters: {a.$: "$.items[*].sku"}, End: true}', "{a: string[]}"),
    ('A: {Type: Pass, Parameters: {a.$: "$.items[0].sku"}, End: true}', "{a: string}"),
    ("A: {Type: Pass, Parameters: {a.$: \"$.items[?(@.sku == 'x')]\"}, End: true}", "{a: {sku: string}[]}"),
    ("A: {Type: Pass, Parameters: {a.$: $..sku}, End: true}", "{a: unknown}"),
    ("A: {Type: Pass, Parameters: {a.$: \"States.Format('{}', $.id)\"}, End: true}", "{a: string}"),
    ("A: {Type: Pass, Parameters: {a.$: States.ArrayLength($.items)}, End: true}", "{a: number}"),
    ("A: {Type: Pass, Parameters: {a.$: $$.Execution.Input.id}, End: true}", "{a: string}"),
    ("A: {Type: Pass, Parameters: {a.$: $$.State.Name}, End: true}", "{a: string}"),
    ("A: {Type: Pass, Parameters: {a: '${Name}'}, End: true}", "{a: string}"),
    ("A: {Type: Pass, Result: 1, ResultPath: $.x.y, OutputPath: $.x, End: true}", "{y: 1}"),
    ("A: {Type: Pass, Result: 1, ResultPath: null, OutputPath: $.id, End: true}", "string"),
    ("A: {Type: Wait, SecondsPath: $.count, End: true}", ORDER),
    ("A: {Type: Succeed, OutputPath: $.id}", "string"),
    ("A: {Type: Task, Resource: 'arn:aws:lambda:us-east-1:111111111111:function:f', End: true}", "unknown"),
    (
        "A: {Type: Task, Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Parameters: {}, End: true}",
        "unknown",
    ),
    (
        "A: {Type: Task, Resource: 'arn:aws:states:::aws-sdk:sqs:sendMessage', Parameters: {}, "
        "ResultSelector: {id.$: $.MessageId}, End: true}",
        "{id: string}",
    ),
    (
        "A: {Type: Parallel, Branches: [{StartAt: B, States: {B: {Type: Pass, Result: 1, End: true}}}, "
        "{StartAt: C, States: {C: {Type: Pass, InputPath: $.id, End: true}}}], End: true}",
        "[1, string]",
    ),
    (
        "A: {Type: Map, ItemsPath: $.items, ItemProcessor: {StartAt: B, States: "
        "{B: {Type: Pass, InputPath: $.sku, End: true}}}, End: true}",
        "string[]",
    ),
    (
        "A: {Type: Map, ItemsPath: $.items, ToleratedFailureCount: 1, ItemProcessor: {ProcessorConfig: "
        "{Mode: DISTRIBUTED, ExecutionType: STANDARD}, StartAt: B, States: {B: {Type: Pass, End: true}}}, End: true}",
        "unknown[]",
    ),
    (
        "A: {Type: Pass, Parameters: {all.$: $, some: {note: none, count: 0}}, Next: B}\n"
        "B: {Type: Pass, Parameters: {m.$: 'States.JsonMerge($.some, $.all, false)'}, OutputPath: $.m, End: true}",
        MERGED,
    ),
    (
        "A: {Type: Pass, Assign: {v.$: $.id}, Next: B}\nB: {Type: Pass, Parameters: {a.$: $v}, End: true}",
        "{a: string}",
    ),
]
QUERIES: list[tuple[str, str]] = [
    ("{% $states.input.id %}", "string"),
    ("{% $states.input %}", ORDER),
    ("{% $states.input.count + 1 %}", "number"),
    ("{% $states.input.id & '!' %}", "string"),
    ("{% $states.input.items.sku %}", "string | string[]"),
    ("{% $states.input.items[0].sku %}", "string"),
    ("{% $states.input.items.sku[0] %}", "string | string[]"),
    ("{% ($states.input.items.sku)[0] %}", "string"),
    ("{% $states.input.items[] %}", "{sku: string}[]"),
    ("{% [$states.input.items.sku] %}", "string[]"),
    ("{% {'a': $states.input.id, 'b': $states.input.note} %}", "{a: string, b?: string}"),
    ("{% $states.input.items.{'s': sku} %}", "{s: string} | {s: string}[]"),
    ("{% $exists($states.input.note) ? $states.input.note : 1 %}", "string | 1"),
    ("{% $merge([$states.input.{'a': 1}, {'b': 2}]) %}", "{a: 1, b: 2}"),
    ("{% $merge([{'note': 'none', 'count': 0}, $states.input]) %}", MERGED),
    ("{% $map($states.input.items, function($i) { $i.sku }) %}", "string | string[]"),
    ("{% $states.input.items ~> $count() %}", "number"),
    ("{% ($n := $states.input.count; $n > 1) %}", "boolean"),
    ("{% $states.input.items[sku = 'x'] %}", '{sku: "x"} | {sku: "x"}[]'),
    ("{% $reduce($states.input.items, function($a, $b) { $a }) %}", "unknown"),
    ("{% $states.input.* %}", "unknown"),
    ("{% $states.context.Execution.Id %}", "string"),
    ("{% $uuid() %}", "string"),
]


@pytest.mark.parametrize(("states", "expected"), OUTPUTS)
def test_a_machine_has_the_output_of_its_last_states(states: str, expected: str) -> None:
    assert type_of(flow(states).output, 20) == expected


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_a_jsonata_expression_has_the_shape_of_its_value(query: str, expected: str) -> None:
    states = yaml.safe_dump({"A": {"Type": "Pass", "Output": query, "End": True}})
    found = flow(states, QueryLanguage="JSONata")
    assert type_of(found.output, 20) == expected
    assert [each for passing in found.states.values() for each in passing.reads] == []


CHOICES: list[tuple[str, str, str]] = [  # the rule, what matches it, and what does not
    (
        "{Variable: $.note, IsPresent: true}",
        ORDER.replace("?", ""),
        "{id: string, count: number, items: {sku: string}[]}",
    ),
    ("{Variable: $.id, StringEquals: a}", ORDER.replace("id: string", 'id: "a"'), ORDER),
    ("{Variable: $.id, IsString: true}", ORDER, "never"),
    (
        "{Not: {Variable: $.note, IsPresent: false}}",
        ORDER.replace("?", ""),
        "{id: string, count: number, items: {sku: string}[]}",
    ),
    (
        "{And: [{Variable: $.note, IsPresent: true}, {Variable: $.id, StringEquals: a}]}",
        ORDER.replace("?", "").replace("id: string", 'id: "a"'),
        f"{{id: string, count: number, items: {{sku: string}}[]}} | {ORDER.replace('?', '')}",
    ),
    ("{Variable: $.count, NumericLessThan: 5}", ORDER, ORDER),
]


@pytest.mark.parametrize(("rule", "matching", "others"), CHOICES)
def test_a_choice_narrows_what_goes_each_way(rule: str, matching: str, others: str) -> None:
    next_ = rule.removesuffix("}") + ", Next: M}"
    states = f"C: {{Type: Choice, Choices: [{next_}], Default: O}}\nM: {{Type: Succeed}}\nO: {{Type: Succeed}}"
    assert (values(states, "M")[0], values(states, "O")[0]) == (matching, others)


CONDITIONS: list[tuple[str, str]] = [
    ("$exists($states.input.note)", ORDER.replace("?", "")),
    ("$states.input.note", ORDER.replace("?", "")),
    ("$states.input.id = 'a'", ORDER.replace("id: string", 'id: "a"')),
    ("$exists($states.input.note) and $states.input.id = 'a'", ORDER.replace("?", "").replace("id: string", 'id: "a"')),
    ("$not($exists($states.input.note))", "{id: string, count: number, items: {sku: string}[]}"),
    ("$states.input.id in ['a', 'b']", ORDER.replace("id: string", 'id: "a" | "b"')),
    ("$states.input.id in ['a', $states.input.note]", ORDER),
    ("$count($states.input.items) > 1", ORDER),
]


@pytest.mark.parametrize(("condition", "matching"), CONDITIONS)
def test_a_condition_narrows_what_goes_its_way(condition: str, matching: str) -> None:
    rule = {"Condition": f"{{% {condition} %}}", "Next": "M"}
    states = {
        "C": {"Type": "Choice", "Choices": [rule], "Default": "O"},
        "M": {"Type": "Succeed"},
        "O": {"Type": "Succeed"},
    }
    assert values(yaml.safe_dump(states, sort_keys=False), "M", QueryLanguage="JSONata")[0] == matching


def test_a_condition_that_does_not_hold_leaves_a_field_that_may_be_missing() -> None:
    states = """
    C: {Type: Choice, Choices: [{Condition: "{% $states.input.note = 'a' %}", Next: M}], Default: O}
    M: {Type: Succeed}
    O: {Type: Succeed}
    """
    assert values(states, "O", QueryLanguage="JSONata")[0] == ORDER


def test_a_field_that_an_api_returns_may_be_read_after_a_condition_on_it() -> None:
    states = """
    Get: {Type: Task, Resource: "arn:aws:states:::aws-sdk:lambda:getFunction", Arguments: {FunctionName: f}, Next: C}
    C:
      Type: Choice
      Choices: [{Condition: "{% $states.input.Configuration.State = 'Inactive' %}", Next: Done}]
      Default: Done
      Output: {state: "{% $states.input.Configuration.State %}"}
    Done: {Type: Succeed}
    """
    found = flow(states, QueryLanguage="JSONata")
    assert [each for passing in found.states.values() for each in passing.reads] == []


@pytest.mark.parametrize("number", ["1", "1.0"])
def test_a_number_in_a_rule_is_written_as_in_its_own_definition(number: str) -> None:
    states = f"""
    Any: {{Type: Task, Resource: "arn:aws:lambda:us-east-1:111111111111:function:f", Next: C}}
    C: {{Type: Choice, Choices: [{{Variable: $.count, NumericEquals: {number}, Next: M}}], Default: O}}
    M: {{Type: Pass, InputPath: $.count, End: true}}
    O: {{Type: Succeed}}
    """
    assert values(states, "M")[1] == number


def test_a_choice_of_many_values_leaves_the_others() -> None:
    rules = ", ".join(f"{{Variable: $.id, StringEquals: v{n}, Next: M}}" for n in range(1_500))
    states = f"C: {{Type: Choice, Choices: [{rules}], Default: O}}\nM: {{Type: Succeed}}\nO: {{Type: Succeed}}"
    assert values(states, "O") == (ORDER, ORDER)


def test_a_catcher_has_the_error_at_its_result_path() -> None:
    catch = "Catch: [{ErrorEquals: [States.ALL], ResultPath: $.error, Next: B}]"
    states = f"A: {{Type: Task, Resource: 'arn:aws:lambda:us-east-1:111111111111:function:f', {catch}, End: true}}\nB: {{Type: Pass, InputPath: $.error, End: true}}"
    assert values(states, "B") == (
        f"{ORDER[:-1]}, error: {{Error: string, Cause?: string}}}}",
        "{Error: string, Cause?: string}",
    )


def test_what_changes_in_a_loop_becomes_unknown_and_the_rest_stays() -> None:
    states = """
    Start: {Type: Pass, Parameters: {n: 0, id.$: $.id}, Next: Again}
    Again: {Type: Pass, Parameters: {n.$: "States.MathAdd($.n, 1)", id.$: $.id, last.$: $}, Next: "More?"}
    "More?": {Type: Choice, Choices: [{Variable: $.n, NumericLessThan: 5, Next: Again}], Default: Done}
    Done: {Type: Succeed}
    """
    assert values(states, "More?")[0] == "{n: number, id: string, ...}"


LOOP_WITH_VARIABLE = """
    A: {Type: Pass, Assign: {v: 1}, Next: B}
    B: {Type: Pass, Next: C}
    C: %s
    D: {Type: Choice, Choices: [{Variable: $v, IsString: true, Next: E}], Default: F}
    F: {Type: Pass, Assign: {v: two}, Next: B}
    E: {Type: Succeed}
"""
READS_IN_A_MAP = """{Type: Map, ItemsPath: $.items, ResultPath: $.c, Next: D, ItemProcessor: {StartAt: M, States: {
    M: {Type: Pass, Parameters: {read.$: $v}, End: true}}}}"""


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("{Type: Pass, Parameters: {read.$: $v}, ResultPath: $.c, Next: D}", '{read: 1 | "two"}'),
        (READS_IN_A_MAP, '({read: 1 | "two"})[]'),
    ],
    ids=["in the scope", "in a Map"],
)
def test_a_state_reads_what_a_later_one_assigns_to_a_variable(state: str, expected: str) -> None:
    output = values(LOOP_WITH_VARIABLE % state, "C")[1]
    assert output == f"{ORDER.removesuffix('}')}, c: {expected}}}"
    assert values(LOOP_WITH_VARIABLE % state, "E")[0] == output


def test_a_loop_that_merges_into_its_input_keeps_its_types() -> None:
    found = flow(
        """
        A: {Type: Pass, Output: "{% $merge([$states.input, {'tries': 1}]) %}", Next: B}
        B: {Type: Choice, Choices: [{Condition: "{% $states.input.count > 1 %}", Next: A}], Default: C}
        C: {Type: Succeed}
        """,
        QueryLanguage="JSONata",
    )
    assert type_of(found.output) == f"{ORDER[:-1]}, tries: 1}}"


def test_a_state_that_no_value_reaches_is_not_reached() -> None:
    states = """
    C: {Type: Choice, Choices: [{Variable: $.id, IsNumeric: true, Next: Never}], Default: Done}
    Never: {Type: Succeed}
    Done: {Type: Succeed}
    """
    reached = {each.state.name: each.is_reached for each in flow(states).states.values()}
    assert reached == {"C": True, "Never": False, "Done": True}


def test_loops_within_loops_end_with_everything_unknown() -> None:
    inner: dict[str, Any] = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"a.$": "$"}, "End": True}}}
    for depth in range(12):
        again = {"Variable": "$[0].a", "IsPresent": True, "Next": f"M{depth}"}
        inner = {
            "StartAt": f"M{depth}",
            "States": {
                f"M{depth}": {"Type": "Map", "ItemProcessor": inner, "Assign": {"v.$": "$"}, "Next": f"C{depth}"},
                f"C{depth}": {"Type": "Choice", "Choices": [again], "Default": f"E{depth}"},
                f"E{depth}": {"Type": "Succeed"},
            },
        }
    found = flow_of(Machine(inner))
    assert len(found.states) == sum(1 for _ in Machine(inner).walk())


def test_a_state_that_many_transitions_lead_to_has_the_values_of_all() -> None:
    rules = "".join(f"{{Variable: $.count, NumericEquals: {n}, Next: P{n}}}, " for n in range(5))
    ways = "".join(f"\n    P{n}: {{Type: Pass, Parameters: {{way: {n}, id.$: $.id}}, Next: Done}}" for n in range(5))
    states = f"""
    C: {{Type: Choice, Choices: [{rules}], Default: P0}}{ways}
    Done: {{Type: Pass, InputPath: $.id, End: true}}
    """
    assert values(states, "Done")[1] == "string"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("$states.result[0].a", "1"),
        ("$states.result[1].b", '"x"'),
        ("$states.result[-1].b", '"x"'),
        ("$states.result.a", "1 | 1[]"),
        ("$states.result[$type(b) = 'string'].b", '"x" | "x"[]'),
        ("$states.result[$type(b) = 'string'][0].b", '"x" | "x"[]'),
        ("($states.result)[$type(b) = 'string'][0].b", '"x" | "x"[]'),
    ],
)
def test_an_index_or_a_name_reads_the_results_of_branches(output: str, expected: str) -> None:
    states = f"""
    P:
      Type: Parallel
      Branches:
      - {{StartAt: A, States: {{A: {{Type: Pass, Output: {{a: 1}}, End: true}}}}}}
      - {{StartAt: B, States: {{B: {{Type: Pass, Output: {{b: x}}, End: true}}}}}}
      Output: "{{% {output} %}}"
      End: true
    """
    found = flow(states, QueryLanguage="JSONata")
    assert type_of(found.output) == expected
    assert [each.reads for each in found.states.values()] == [[], [], []]


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("$sort($states.input.items, function($a, $b) { $a.skew > $b.sku })[0].sku", "skew"),
        ("$reduce($states.input.items, function($all, $item) { $all & $item.skew }, '')", "skew"),
        ("$single($states.input.items, function($item) { $item.skew = 'x' }).sku", "skew"),
        ("$states.input.idd = 'x' ? 1 : 2", "idd"),
        ("$states.input.cnt > 1 and $states.input.id = 'x'", "cnt"),
        ("$contains($states.input.name, 'x') or $states.input.id = 'x'", "name"),
        ("$not($contains($lowercase($states.input.name), 'x')) ? 1 : 2", "name"),
    ],
)
def test_a_function_for_each_item_and_a_comparison_read_fields(query: str, missing: str) -> None:
    found = flow(f'A: {{Type: Pass, Output: "{{% {query} %}}", End: true}}', QueryLanguage="JSONata")
    [passing] = found.states.values()
    assert [(each.miss.step, each.is_test) for each in passing.reads] == [(missing, False)]


def test_the_assign_of_a_catcher_reads_its_error() -> None:
    catcher = "{ErrorEquals: [States.ALL], Assign: {why.$: $.Cuase, kind.$: $.Error}, Next: B}"
    found = flow(f"A: {{Type: Task, Resource: x, Catch: [{catcher}], End: true}}\nB: {{Type: Succeed}}")
    reads = [each for passing in found.states.values() for each in passing.reads]
    assert [(each.keys, each.miss.step) for each in reads] == [(("Catch", 0, "Assign", "why.$"), "Cuase")]
