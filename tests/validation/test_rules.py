"""rules(): each finds its bad example and no other rule does, and all are silent on the good one."""

from __future__ import annotations

import json
import operator
import re
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from workflow_dsl.findings import Finding
from workflow_dsl.reading import read
from workflow_dsl.validation import check, rules
from workflow_dsl.validation.acceptance import acceptance
from workflow_dsl.validation.rules.table import Rule

HOME = files("workflow_dsl.validation")
RULES: list[Rule] = rules()
EXAMPLES: dict[str, dict[str, Any]] = yaml.safe_load(HOME.joinpath("examples.yaml").read_text("utf-8"))
WARNINGS = [rule for rule in RULES if rule.severity == "warning"]

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


def test_an_error_has_a_code_of_aws_but_for_the_templates_own_and_a_warning_one_that_no_other_rule_has() -> None:
    assert {rule.code for rule in RULES if rule.severity == "error"} == {*CODES_OF_AWS, "MISSING_SUBSTITUTION"}
    codes = [rule.code for rule in RULES]
    assert [rule.name for rule in WARNINGS if codes.count(rule.code) > 1] == []


SCHEMA: dict[str, Any] = json.loads(HOME.joinpath("asl.schema.json").read_text("utf-8"))
ACCEPTS = acceptance(SCHEMA)
VALIDATOR = Draft202012Validator(SCHEMA)


def values_in(value: Any) -> list[Any]:
    """A JSON value, and every value inside it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(each for member in inner for each in values_in(member))]


def fields_and_constants(schema: Any) -> set[str]:
    objects = [each for each in values_in(schema) if isinstance(each, dict)]
    fields = {name for each in objects if isinstance(each.get("properties"), dict) for name in each["properties"]}
    return fields | {text for each in objects if isinstance(each.get("enum"), list) for text in each["enum"]}


def without_placeholders(document: Any) -> Any:
    return json.loads(re.sub(r"\$\{\w+\}?", "arn:aws:x", json.dumps(document)))


WELL_SHAPED = [
    *(
        without_placeholders(read(example["good"]))
        for name, example in EXAMPLES.items()
        if name != "quoted-placeholder"
    ),
    without_placeholders(read(Path(__file__).with_name("every_field.asl.yaml").read_bytes())),
]
PARTS = [part for definition in WELL_SHAPED for part in values_in(definition)]
MACHINES = [{"StartAt": "A", "States": {"A": part}} for part in PARTS if isinstance(part, dict) and "Type" in part]

WORDS = st.sampled_from(sorted(fields_and_constants(SCHEMA)))
TEXTS = st.text(max_size=3) | WORDS | st.sampled_from(["", "{%", "{%%}", "{% 1 %}", " {% 1 %}", "{% 1 %} "])
LIMITS = st.sampled_from([0, 1, 100, 262_144, 31_622_400, 99_999_999, 100_000_000])
NUMBERS = st.builds(operator.add, LIMITS, st.sampled_from([-1, 0, 0.0, 0.5, 1])) | st.floats(-2, 2)
VALUES = st.none() | st.booleans() | NUMBERS | TEXTS | st.sampled_from([[], {}, [{}], *PARTS])


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A well shaped machine of one state, in which a field or item or two are replaced, added or taken out."""
    machine = deepcopy(draw(st.sampled_from(MACHINES)))
    for _ in range(draw(st.integers(1, 2))):
        holder = draw(st.sampled_from([part for part in values_in(machine) if isinstance(part, (dict, list))]))
        replacement = [
            deepcopy(value) for value in draw(st.lists(VALUES, min_size=draw(st.integers(0, 1)), max_size=1))
        ]
        if isinstance(holder, dict):
            name = draw(st.sampled_from([*holder, "Type"]) | TEXTS)
            holder.pop(name, None)
            holder.update(zip([name], replacement, strict=False))
        else:
            start = draw(st.integers(0, len(holder)))
            holder[start : start + draw(st.integers(0, 1))] = replacement
    return machine


@given(mutated() | VALUES)
@settings(max_examples=1_000)
def test_a_shape_is_accepted_where_jsonschema_accepts_it(document: Any) -> None:
    assume("${" not in json.dumps(document, ensure_ascii=False))
    assert ACCEPTS(document) == VALIDATOR.is_valid(document)


def test_what_is_mutated_is_well_shaped() -> None:
    assert [document for document in [*WELL_SHAPED, *MACHINES] if not ACCEPTS(document)] == []
