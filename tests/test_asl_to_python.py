"""docs/asl-to-python.md: each row of its tables compiles to the fields and references that the row names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.authoring.test_mistakes import MISTAKES
from workflow_dsl import authoring, validation
from workflow_dsl.authoring import (
    Catch,
    Chain,
    Choice,
    Condition,
    ItemBatcher,
    ItemProcessor,
    ItemReader,
    Map,
    Pass,
    ReaderConfig,
    Reference,
    ResultWriter,
    Retry,
    ServiceResource,
    Task,
    Workflow,
    WriterConfig,
)
from workflow_dsl.compiler import compile_workflow

PAGE = (Path(__file__).parent.parent / "docs" / "asl-to-python.md").read_text("utf-8")
NAMES = {name: getattr(authoring, name) for name in authoring.__all__}


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    table = [line.strip("| ") for line in section.splitlines() if line.startswith("| ")]
    return [re.split(r" \| ", line) for line in table[1:]]


def code(cell: str) -> list[str]:
    """The pieces of code in a cell."""
    return [piece.replace("\\|", "|") for piece in re.findall(r"`([^`]+)`", cell)]


REFERENCES = rows("References")
FIELDS = rows("Every field of ASL")


def test_the_tables_have_rows_for_each_reference_and_field() -> None:
    kinds = {piece.partition("(")[0] for python, _, _ in REFERENCES for piece in code(python)}
    assert kinds == {
        *("function", "state_machine", "table", "queue", "topic", "bucket", "event_bus", "activity"),
        *("parameter", "resource"),
    }
    assert len(FIELDS) > 60


@pytest.mark.parametrize(("python", "placeholder", "substitution"), REFERENCES)
def test_a_reference_is_the_placeholder_and_the_substitution_of_its_row(
    python: str, placeholder: str, substitution: str
) -> None:
    [expression] = code(python)
    reference: Reference = eval(expression, NAMES)  # noqa: S307  # our own page
    assert ([reference], [reference.target.substitution]) == (code(placeholder), code(substitution))


# The fields that `...` stands for; of a state that needs only its name, _NAME.
_NAME = '"S"'
_DOTS = {
    "Task": '"S", resource=function("F")',
    "Map": '"S", item_processor=Pass("I")',
    "Retry": 'error_equals="E"',
    "Catch": 'Pass("C"), error_equals="E"',
    "ItemBatcher": "max_items_per_batch=1",
    "ItemReader": 'resource=call("s3:listObjectsV2", Bucket="b")',
    "Workflow": 'Pass("S")',
}


def workflow_of(expression: str) -> Workflow:
    """The workflow that contains the value of a cell's expression."""
    choice = Choice("Choice")
    expression = re.sub(r"^(\w+)\(\.\.\.(, resource=)", r'\1("S"\2', expression)
    expression = re.sub(r"(\w+)\(\.\.\.", lambda match: f"{match[1]}({_DOTS.get(match[1], _NAME)}", expression)
    expression = expression.replace("QueueUrl=...", 'QueueUrl="q"').replace("MessageBody=...", 'MessageBody="m"')
    value = eval(expression, {**NAMES, "choice": choice})  # noqa: S307  # our own page
    language: Any = "JSONata" if "jsonata(" in expression else "JSONPath"
    if choice.choices or choice.default:
        return Workflow(choice, query_language=language)
    return value if isinstance(value, Workflow) else Workflow(Chain([state_with(value)]), query_language=language)


def state_with(value: Any) -> Any:
    """A state that contains this value; the value itself if it is a state."""
    match value:
        case Retry():
            return Task("S", resource="r", retry=value)
        case Catch():
            return Task("S", resource="r", catch=value)
        case ServiceResource():
            return Task("S", resource=value)
        case Condition():
            choice = Choice("S")
            choice.add_choice(value, Pass("A"))
            return choice
        case ReaderConfig():
            return state_with(ItemReader(resource="r", reader_config=value))
        case WriterConfig():
            return state_with(ResultWriter(writer_config=value))
        case ItemReader():
            return Map("S", item_reader=value, item_processor=_distributed())
        case ItemBatcher():
            return Map("S", item_batcher=value, item_processor=_distributed())
        case ResultWriter():
            return Map("S", result_writer=value, item_processor=_distributed())
    return value


def _distributed() -> ItemProcessor:
    return ItemProcessor(Pass("I"), mode="DISTRIBUTED")


@pytest.mark.parametrize(("field", "cell"), FIELDS)
def test_each_expression_of_a_row_has_a_field_of_the_row_and_each_field_an_expression(field: str, cell: str) -> None:
    expressions = [piece for piece in code(cell) if "(" in piece and not piece.startswith(".")]
    documents = [json.dumps(compile_workflow(workflow_of(expression)).document()) for expression in expressions]
    fields = [f'"{name}"' for name in code(field)]
    assert documents
    without_field = [
        expression
        for expression, document in zip(expressions, documents, strict=True)
        if not any(name in document for name in fields)
    ]
    assert without_field == []
    assert [name for name in fields if not any(name in document for document in documents)] == []


def test_the_table_has_every_field_of_the_schema() -> None:
    schema = json.loads(Path(validation.__file__).with_name("asl.schema.json").read_text("utf-8"))
    of_schema: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            of_schema.update(value.get("properties", {}))
            for member in value.values():
                collect(member)
        elif isinstance(value, list):
            for member in value:
                collect(member)

    collect(schema)
    operator = re.compile(r"(String|Numeric|Timestamp|Boolean)(Equals|Less|Greater|Matches)|Is[A-Z]")
    operators = {name for name in of_schema if operator.match(name)}
    of_table = {name for field, _ in FIELDS for name in code(field)}
    assert of_schema - operators - of_table - {"Type"} == set()
    assert of_table - of_schema == set()


def test_the_comparison_is_of_the_mistakes_that_are_tested() -> None:
    figures = [[int(re.sub(r",.*", "", cell)) for cell in cells] for _, *cells in rows("Mistakes compared")]
    assert [errors + silent + impossible for errors, _, silent, impossible in figures] == [len(MISTAKES)] * 4
