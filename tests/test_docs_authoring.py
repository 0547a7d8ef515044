"""docs/authoring.md: every snippet compiles and is right, every row of its tables says what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl import authoring, validation
from workflow_dsl.authoring import Catch, Chain, Choice, ItemProcessor, Map, Pass, Reference, Retry, Task, Workflow
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.compiler.loading import compile_file

PAGE = (Path(__file__).parent.parent / "docs" / "authoring.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PRELUDE = "from workflow_dsl.authoring import *\n"
NAMES = {name: getattr(authoring, name) for name in authoring.__all__}


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_every_snippet_compiles_and_has_no_error(number: int, tmp_path: Path) -> None:
    (tmp_path / "snippet.py").write_text(PRELUDE + SNIPPETS[number])
    found = validation.check(compile_file(tmp_path / "snippet.py"))
    assert [str(finding) for finding in found if finding.severity == "error"] == []


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading."""
    section = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    table = [line.strip("| ") for line in section.splitlines() if line.startswith("| ")]
    return [re.split(r" \| ", line) for line in table[1:]]


def code(cell: str) -> list[str]:
    return [text.replace("\\|", "|") for text in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize(("python", "text", "substitution"), rows("Functions, tables"))
def test_a_reference_is_what_its_row_says(python: str, text: str, substitution: str) -> None:
    [written] = code(python)
    reference: Reference = eval(written, NAMES)  # noqa: S307  # our own page
    assert ([reference], [reference.target.substitution]) == (code(text), code(substitution))


# What `...` stands for, and around what a part is seen.
DOTS = {
    "Task": '"S", resource=function("F")',
    "Map": '"S", item_processor=Pass("I")',
    "Retry": 'error_equals="E"',
    "Catch": 'Pass("C"), error_equals="E"',
    "ItemReader": 'resource=call("s3:listObjectsV2", Bucket="b")',
    "Workflow": 'Pass("S")',
}
FIELDS = [(field, cell) for field, cell in rows("Every field of ASL")]


def made(text: str) -> Any:
    """The workflow of a cell's expression."""
    choice = Choice("Choice")
    text = re.sub(r"^(\w+)\(\.\.\.(, resource=)", r'\1("S"\2', text)
    text = re.sub(r"(\w+)\(\.\.\.", lambda call: f"{call[1]}({DOTS.get(call[1], chr(34) + 'S' + chr(34))}", text)
    text = text.replace("QueueUrl=...", 'QueueUrl="q"').replace("MessageBody=...", 'MessageBody="m"')
    value = eval(text, {**NAMES, "choice": choice})  # noqa: S307  # our own page
    language: Any = "JSONata" if "jsonata(" in text else "JSONPath"
    if choice.choices or choice.default:
        return Workflow(choice, query_language=language)
    return Workflow(Chain([placed(value)]), query_language=language) if not isinstance(value, Workflow) else value


def placed(value: Any) -> Any:
    """A state with this in it."""
    if isinstance(value, Retry):
        return Task("S", resource="r", retry=value)
    if isinstance(value, Catch):
        return Task("S", resource="r", catch=value)
    if isinstance(value, authoring.ServiceResource):
        return Task("S", resource=value)
    if isinstance(value, authoring.Condition):
        choice = Choice("S")
        choice.add_choice(value, Pass("A"))
        return choice
    distributed = ItemProcessor(Pass("I"), mode="DISTRIBUTED")
    if isinstance(value, authoring.ReaderConfig):
        value = authoring.ItemReader(resource="r", reader_config=value)
    if isinstance(value, authoring.WriterConfig):
        value = authoring.ResultWriter(writer_config=value)
    for name, kind in (
        ("item_reader", "ItemReader"),
        ("item_batcher", "ItemBatcher"),
        ("result_writer", "ResultWriter"),
    ):
        if isinstance(value, getattr(authoring, kind)):
            given: Any = {name: value, "item_processor": distributed}
            return Map("S", **given)
    return value


@pytest.mark.parametrize(("field", "cell"), FIELDS)
def test_what_a_row_writes_has_the_rows_fields(field: str, cell: str) -> None:
    written = [text for text in code(cell) if "(" in text and not text.startswith(".")]
    documents = [json.dumps(compile_workflow(made(text)).document()) for text in written]
    fields = [f'"{name}"' for name in code(field)]
    assert documents
    assert [
        text for text, said in zip(written, documents, strict=True) if not any(name in said for name in fields)
    ] == []
    assert [name for name in fields if not any(name in said for said in documents)] == []


def test_the_table_has_every_field_of_the_schema() -> None:
    schema = json.loads(Path(validation.__file__).with_name("asl.schema.json").read_text("utf-8"))
    found: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            found.update(value.get("properties", {}))
            for each in value.values():
                collect(each)
        elif isinstance(value, list):
            for each in value:
                collect(each)

    collect(schema)
    operators = {
        name
        for name in found
        if re.match(r"(String|Numeric|Timestamp|Boolean)(Equals|Less|Greater|Matches)|Is[A-Z]", name)
    }
    told = {name for field, _ in FIELDS for name in code(field)}
    assert found - operators - told - {"Type"} == set()
    assert told - found == set()
