"""rules(): each finds its bad example and no other rule does, and all are silent on the good one."""

from __future__ import annotations

import json
import re
from collections import Counter
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding
from workflow_dsl.validation import check, rules
from workflow_dsl.validation.fast_schema import acceptance
from workflow_dsl.validation.rules.rule import Definition, Rule

HOME = files("workflow_dsl.validation")
RULES: list[Rule] = rules()
EXAMPLES: dict[str, dict[str, Any]] = yaml.safe_load(HOME.joinpath("examples.yaml").read_text("utf-8"))

# API_ValidateStateMachineDefinitionDiagnostic has most of these; those of JSONata and variables came later.
CODES_OF_AWS = {
    *("SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET", "MISSING_END_STATE"),
    *("DUPLICATE_STATE_NAME", "INVALID_STATE_NAME", "DUPLICATE_LABEL_NAME", "INVALID_LABEL_NAME"),
    *("INVALID_JSONATA_EXPRESSION", "UNSUPPORTED_JSONATA_EXPRESSION"),
    *("RESERVED_VARIABLE_NAME", "INVALID_VARIABLE_NAME", "DUPLICATE_VARIABLE_NAME"),
}

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def found(rule: Rule, kind: str, ignore: tuple[str, ...] = ()) -> list[Finding]:
    example = EXAMPLES[rule.name]
    options = {key: value for key, value in example.items() if key not in ("bad", "good")}
    return check(example[kind], ignore=ignore, **options)


def test_every_rule_has_its_examples_in_the_order_of_the_rules() -> None:
    assert list(EXAMPLES) == [rule.name for rule in RULES]


@each_rule
def test_an_example_is_a_bad_and_a_good_definition_that_fit_into_a_page(rule: Rule) -> None:
    example = EXAMPLES[rule.name]
    assert [key for key in example if key not in ("type", "substitutions")] == ["bad", "good"]
    for text in (example["bad"], example["good"]):
        lines = text.splitlines()
        assert (4 <= len(lines) <= 14, max(map(len, lines)) <= 106) == (True, True)


@each_rule
def test_a_bad_example_breaks_this_rule_and_no_other(rule: Rule) -> None:
    broken = {(finding.rule, finding.code, finding.severity) for finding in found(rule, "bad")}
    assert broken == {(rule.name, rule.code, rule.severity)}


@each_rule
def test_every_finding_says_what_to_write_instead(rule: Rule) -> None:
    assert [str(finding) for finding in found(rule, "bad") if not finding.remedy] == []


@each_rule
def test_a_good_example_breaks_no_rule_at_all(rule: Rule) -> None:
    assert [str(finding) for finding in found(rule, "good")] == []


@each_rule
def test_only_a_warning_is_switched_off_by_its_code(rule: Rule) -> None:
    others = tuple({other.code for other in RULES} - {rule.code})
    everything = found(rule, "bad")
    assert found(rule, "bad", ignore=others) == everything
    assert found(rule, "bad", ignore=(rule.code,)) == ([] if rule.severity == "warning" else everything)


@each_rule
def test_a_rule_says_in_its_first_line_what_holds_and_where_aws_says_so(rule: Rule) -> None:
    first_line = str(rule.problems.__doc__).partition("\n")[0]
    assert re.fullmatch(r"[A-Z$].*[^.]\.", first_line)
    assert rule.summary.startswith(first_line)
    assert re.fullmatch(r"https://(docs\.aws\.amazon\.com|states-language\.net)/\S+", rule.source)


def test_names_and_codes_are_well_formed_and_no_name_is_given_twice() -> None:
    assert [rule.name for rule in RULES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)] == []
    assert [rule.code for rule in RULES if not re.fullmatch(r"[A-Z]+(_[A-Z]+)*", rule.code)] == []
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_an_error_has_a_code_of_aws_but_for_the_one_about_the_template() -> None:
    assert {rule.code for rule in RULES if rule.severity == "error"} == {*CODES_OF_AWS, "MISSING_SUBSTITUTION"}


def test_a_warning_has_a_code_of_its_own_so_that_it_is_switched_off_alone() -> None:
    codes = [rule.code for rule in RULES]
    assert [rule.name for rule in RULES if rule.severity == "warning" and codes.count(rule.code) > 1] == []


SCHEMA: dict[str, Any] = json.loads(HOME.joinpath("asl.schema.json").read_text("utf-8"))
ACCEPTS = acceptance(SCHEMA)
VALIDATOR = Draft202012Validator(SCHEMA)


def values_in(value: Any) -> list[Any]:
    """A JSON value, and every value inside it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(each for member in inner for each in values_in(member))]


def subschemas(schema: Any) -> list[dict[str, Any]]:
    """A JSON schema, and every schema inside it."""
    if isinstance(schema, bool):
        return []
    named = [each for field in ("$defs", "properties") for each in schema.get(field, {}).values()]
    single = [schema.get(field, True) for field in ("additionalProperties", "items", "propertyNames", "if", "then")]
    return [schema, *(each for part in (*named, *single, *schema.get("allOf", ())) for each in subschemas(part))]


def fields_and_constants(schema: Any) -> set[str]:
    return {name for each in subschemas(schema) for name in (*each.get("properties", {}), *each.get("enum", ()))}


def without_placeholders(document: Any) -> Any:
    return json.loads(re.sub(r"\$\{\w+\}?", "arn:aws:x", json.dumps(document)))


GOOD = [example["good"] for name, example in EXAMPLES.items() if name != "quoted-placeholder"]
EVERY_FIELD = Path(__file__).with_name("every_field.asl.yaml").read_text("utf-8")
WELL_SHAPED = [without_placeholders(read(text)) for text in (*GOOD, EVERY_FIELD)]
PARTS = [part for definition in WELL_SHAPED for part in values_in(definition)]
MACHINES = [{"StartAt": "A", "States": {"A": part}} for part in PARTS if isinstance(part, dict) and "Type" in part]

LIMITS = sorted({each[end] for each in subschemas(SCHEMA) for end in ("minimum", "maximum") if end in each})
NUMBERS = [*LIMITS, *map(float, LIMITS), *(limit + more for limit in LIMITS for more in (-1, 0.5, 1))]
END = {"Type": "Succeed"}
TEXTS = ["", "a", "{%", "{%%}", "{% 1 %}", " {% 1 %}", "{% 1 %} ", "{% 1\n %}"]
SIMPLE: list[Any] = [None, True, False, *NUMBERS, *TEXTS, [], [""], ["a"], [1], {}, {"": END}, {"a": 1}]

words = st.sampled_from(sorted(fields_and_constants(SCHEMA)))
values = st.sampled_from(SIMPLE) | st.sampled_from(PARTS) | words | st.text() | st.floats(-2, 2)


def test_each_part_of_the_schema_accepts_the_simple_values_that_jsonschema_accepts() -> None:
    for schema in [{"$defs": SCHEMA["$defs"]} | each for each in subschemas(SCHEMA)]:
        accepts, validator = acceptance(schema), Draft202012Validator(schema)
        assert list(map(accepts, SIMPLE)) == list(map(validator.is_valid, SIMPLE))


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A well shaped machine of one state, in which a field or item or two are replaced, added or taken out."""
    machine = deepcopy(draw(st.sampled_from(MACHINES)))
    for _ in range(draw(st.integers(1, 2))):
        holder = draw(st.sampled_from([part for part in values_in(machine) if isinstance(part, (dict, list))]))
        replacement = [deepcopy(value) for value in draw(st.lists(values, max_size=1))]
        if isinstance(holder, dict):
            name = draw(st.sampled_from([*holder, "Type"]) | words | st.text())
            holder.pop(name, None)
            holder.update(zip([name], replacement, strict=False))
        else:
            start = draw(st.integers(0, len(holder)))
            holder[start : start + draw(st.integers(0, 1))] = replacement
    return machine


@given(mutated())
@settings(max_examples=500)
def test_a_machine_is_accepted_where_jsonschema_accepts_it(machine: Any) -> None:
    assume("${" not in json.dumps(machine, ensure_ascii=False))
    assert ACCEPTS(machine) == VALIDATOR.is_valid(machine)


def test_what_is_mutated_is_well_shaped() -> None:
    assert [document for document in [*WELL_SHAPED, *MACHINES] if not ACCEPTS(document)] == []


EVERY_EXAMPLE = [EXAMPLES[rule.name][kind] for rule in RULES for kind in ("bad", "good")]


@given(mutated().map(json.dumps) | st.sampled_from(EVERY_EXAMPLE))
def test_a_rule_that_an_express_machine_is_not_checked_by_would_have_found_nothing(document: str) -> None:
    definition = Definition(Machine(read(document)), "EXPRESS")
    everything = [rule.finding(problem) for rule in RULES for problem in rule.problems(definition)]
    assert Counter(check(document, type="EXPRESS")) == Counter(everything)
