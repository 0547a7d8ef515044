"""rules(): each finds the problem in its bad example, no other rule does, and none finds one in the good example."""

from __future__ import annotations

import ast
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
from workflow_dsl.validation.fast_schema import compile_schema
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


def findings_in(rule: Rule, kind: str, ignore: tuple[str, ...] = ()) -> list[Finding]:
    example = EXAMPLES[rule.name]
    options = {key: value for key, value in example.items() if key not in ("bad", "good")}
    return check(example[kind], ignore=ignore, **options)


def rules_in(path: Path) -> list[str]:
    """The names of the functions that `error`, `warning` or `note` decorates, read from the source of a module."""
    functions = [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    calls = ((node.name, ast.unparse(decorator)) for node in functions for decorator in node.decorator_list)
    return [name for name, call in calls if re.match(r"(\w+\.)?(error|warning|note)\(", call)]


def test_every_decorated_function_is_a_rule_in_the_order_of_its_module() -> None:
    modules = sorted(Path(str(HOME)).rglob("*.py"))
    decorated = {path.stem: names for path in modules if (names := rules_in(path))}
    listed: dict[str, list[str]] = {}
    for rule in RULES:
        listed.setdefault(rule.module.rpartition(".")[2], []).append(rule.problems.__name__)
    assert listed == decorated
    assert len(RULES) == sum(map(len, decorated.values()))


def test_every_rule_has_its_examples_in_the_order_of_the_rules() -> None:
    assert list(EXAMPLES) == [rule.name for rule in RULES]


@each_rule
def test_an_example_is_a_bad_and_a_good_definition_that_fit_on_a_page(rule: Rule) -> None:
    example = EXAMPLES[rule.name]
    assert [key for key in example if key not in ("type", "substitutions", "declared")] == ["bad", "good"]
    for text in (example["bad"], example["good"]):
        lines = text.splitlines()
        assert (4 <= len(lines) <= 14, max(map(len, lines)) <= 106) == (True, True)


@each_rule
def test_a_bad_example_breaks_this_rule_and_no_other(rule: Rule) -> None:
    broken = {(finding.rule, finding.code, finding.severity) for finding in findings_in(rule, "bad")}
    assert broken == {(rule.name, rule.code, rule.severity)}


@each_rule
def test_every_finding_has_a_remedy(rule: Rule) -> None:
    assert [str(finding) for finding in findings_in(rule, "bad") if not finding.remedy] == []


@each_rule
def test_a_good_example_breaks_no_rule_at_all(rule: Rule) -> None:
    assert [str(finding) for finding in findings_in(rule, "good")] == []


@each_rule
def test_only_a_warning_a_note_or_an_error_about_declarations_is_suppressed_by_its_code(rule: Rule) -> None:
    other_codes = tuple({other.code for other in RULES} - {rule.code})
    findings = findings_in(rule, "bad")
    assert findings_in(rule, "bad", ignore=other_codes) == findings
    is_suppressed = rule.severity != "error" or rule.of_values
    assert findings_in(rule, "bad", ignore=(rule.code,)) == ([] if is_suppressed else findings)


@each_rule
def test_a_rule_has_a_summary_of_one_line_and_a_source_by_aws(rule: Rule) -> None:
    first_line = str(rule.problems.__doc__).partition("\n")[0]
    assert re.fullmatch(r"[A-Z$].*[^.]\.", first_line)
    assert rule.summary.startswith(first_line)
    assert re.fullmatch(r"https://(docs\.aws\.amazon\.com|states-language\.net)/\S+", rule.source)


def test_names_and_codes_are_well_formed_and_names_are_unique() -> None:
    assert [rule.name for rule in RULES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)] == []
    assert [rule.code for rule in RULES if not re.fullmatch(r"[A-Z]+(_[A-Z]+)*", rule.code)] == []
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_every_error_has_a_code_of_aws_except_those_about_the_template_and_about_declarations() -> None:
    of_declarations = {"UNDECLARED_FIELD", "WRONG_ARGUMENT"}
    others = {"MISSING_SUBSTITUTION", *of_declarations}
    assert {rule.code for rule in RULES if rule.severity == "error"} == CODES_OF_AWS | others
    assert {rule.code for rule in RULES if rule.of_values and rule.severity == "error"} == of_declarations


def test_every_warning_and_note_has_its_own_code_so_that_it_is_suppressed_alone() -> None:
    codes = [rule.code for rule in RULES]
    assert [rule.name for rule in RULES if rule.severity != "error" and codes.count(rule.code) > 1] == []


SCHEMA: dict[str, Any] = json.loads(HOME.joinpath("asl.schema.json").read_text("utf-8"))
ACCEPTS = compile_schema(SCHEMA)
VALIDATOR = Draft202012Validator(SCHEMA)


def values_in(value: Any) -> list[Any]:
    """A JSON value, and every value inside it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(part for member in inner for part in values_in(member))]


def subschemas(schema: Any) -> list[dict[str, Any]]:
    """A JSON schema, and every schema inside it."""
    if isinstance(schema, bool):
        return []
    named = [member for field in ("$defs", "properties") for member in schema.get(field, {}).values()]
    single = [schema.get(field, True) for field in ("additionalProperties", "items", "propertyNames", "if", "then")]
    return [schema, *(inner for part in (*named, *single, *schema.get("allOf", ())) for inner in subschemas(part))]


def fields_and_constants(schema: Any) -> set[str]:
    return {name for part in subschemas(schema) for name in (*part.get("properties", {}), *part.get("enum", ()))}


def without_placeholders(document: Any) -> Any:
    return json.loads(re.sub(r"\$\{\w+\}?", "arn:aws:x", json.dumps(document)))


GOOD = [example["good"] for name, example in EXAMPLES.items() if name != "quoted-placeholder"]
EVERY_FIELD = Path(__file__).with_name("every_field.asl.yaml").read_text("utf-8")
WELL_SHAPED = [without_placeholders(read(text)) for text in (*GOOD, EVERY_FIELD)]
PARTS = [part for definition in WELL_SHAPED for part in values_in(definition)]
MACHINES = [{"StartAt": "A", "States": {"A": part}} for part in PARTS if isinstance(part, dict) and "Type" in part]

LIMITS = sorted({part[end] for part in subschemas(SCHEMA) for end in ("minimum", "maximum") if end in part})
NUMBERS = [*LIMITS, *map(float, LIMITS), *(limit + more for limit in LIMITS for more in (-1, 0.5, 1))]
END = {"Type": "Succeed"}
TEXTS = ["", "a", "{%", "{%%}", "{% 1 %}", " {% 1 %}", "{% 1 %} ", "{% 1\n %}"]
SIMPLE: list[Any] = [None, True, False, *NUMBERS, *TEXTS, [], [""], ["a"], [1], {}, {"": END}, {"a": 1}]

words = st.sampled_from(sorted(fields_and_constants(SCHEMA)))
values = st.sampled_from(SIMPLE) | st.sampled_from(PARTS) | words | st.text() | st.floats(-2, 2)


def test_each_part_of_the_schema_accepts_the_simple_values_that_jsonschema_accepts() -> None:
    for schema in [{"$defs": SCHEMA["$defs"]} | part for part in subschemas(SCHEMA)]:
        accepts, validator = compile_schema(schema), Draft202012Validator(schema)
        assert list(map(accepts, SIMPLE)) == list(map(validator.is_valid, SIMPLE))


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A well-shaped machine of one state, in which one or two fields or items are replaced, added or removed."""
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
def test_a_machine_is_accepted_exactly_if_jsonschema_accepts_it(machine: Any) -> None:
    assume("${" not in json.dumps(machine, ensure_ascii=False))
    assert ACCEPTS(machine) == VALIDATOR.is_valid(machine)


def test_the_machines_before_mutation_are_well_shaped() -> None:
    assert [document for document in [*WELL_SHAPED, *MACHINES] if not ACCEPTS(document)] == []


EVERY_EXAMPLE = [EXAMPLES[rule.name][kind] for rule in RULES for kind in ("bad", "good")]


@given(mutated().map(json.dumps) | st.sampled_from(EVERY_EXAMPLE))
def test_a_rule_that_is_skipped_for_a_definition_would_have_found_nothing(document: str) -> None:
    definition = Definition(Machine(read(document)), "EXPRESS")
    findings = [rule.finding(problem) for rule in RULES if not rule.of_values for problem in rule.problems(definition)]
    if all(finding.severity == "warning" for finding in findings):
        of_values = [rule for rule in RULES if rule.of_values]
        findings += [rule.finding(problem) for rule in of_values for problem in rule.problems(definition)]
    assert Counter(check(document, type="EXPRESS")) == Counter(findings)
