"""README and docs: what each page names exists. That each runs as it stands is a test of tests/e2e."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from pathlib import Path

import click
import pytest

from tests.pages import ALL_PAGES, ANY_LINES, PAGES, REPOSITORY, ROOT, Script, blocks, console_commands, updated
from workflow_dsl.cli import main
from workflow_dsl.findings import CATALOG
from workflow_dsl.project import Project
from workflow_dsl.records import field_names

OTHERS = [ROOT / "CHANGELOG.md", ROOT / "SECURITY.md"]
EVERY_PAGE = pytest.mark.parametrize("page", [*ALL_PAGES, *OTHERS], ids=lambda page: page.name)
_CONTEXT = click.Context(main)
COMMANDS = {name: main.get_command(_CONTEXT, name) for name in main.list_commands(_CONTEXT)}


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@EVERY_PAGE
def test_each_link_within_the_repository_has_its_file_and_heading(page: Path) -> None:
    broken = []
    for link in re.findall(r"(?:\]\(|src=\"|href=\")(?!https?:)([^)\"]+)", page.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def prose(page: Path) -> list[str]:
    """The lines of a page outside of outputs; an output and a table's row cannot be broken."""
    text = re.sub(r"^ *```console\n.*?^ *```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [line for line in text.splitlines() if not line.startswith("|")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_line_is_longer_than_120_characters(page: Path) -> None:
    lines = page.read_text("utf-8").splitlines() if page.name == "README.md" else prose(page)
    assert [line for line in lines if len(line) > 120] == []


def test_no_paragraph_of_the_readme_is_longer_than_four_lines() -> None:
    text = re.sub(r"^ *```.*?^ *```$", "", (ROOT / "README.md").read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    paragraphs = [
        [line for line in part.splitlines() if not line.startswith("|")] for part in re.split(r"\n\n|\n(?=- )", text)
    ]
    assert [paragraph for paragraph in paragraphs if len(paragraph) > 4] == []


def test_there_are_21_pages_at_most_and_the_readme_links_to_each() -> None:
    pages = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    readme = (ROOT / "README.md").read_text("utf-8")
    assert (len(pages) <= 21, {page for page in pages if f"]({page}" not in readme}) == (True, set())


@EVERY_PAGE
def test_each_tox_environment_that_a_page_names_exists(page: Path) -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    environments = {section.removeprefix("testenv:") for section in tox.sections()} | {"py", "py311", "py312", "py313"}
    named = re.findall(r"tox -e ([\w,]+)", page.read_text("utf-8"))
    assert {name for names in named for name in names.split(",")} - environments == set()


@EVERY_PAGE
def test_each_setting_that_a_page_shows_exists(page: Path) -> None:
    shown = [tomllib.loads(block.text) for block in blocks(page.read_text("utf-8")) if block.language == "toml"]
    settings = {name for table in shown for name in table.get("tool", {}).get("workflow-dsl", {})}
    assert settings <= {*field_names(Project)}


def calls(page: Path) -> list[tuple[str, list[str]]]:
    """The commands of a page outside of outputs, each with its options."""
    text = page.read_text("utf-8")
    commands = [
        command.text
        for block in blocks(text)
        if block.language == "console"
        for command in console_commands(block.text)
    ]
    text = "\n".join([*commands, re.sub(r"^ *```console\n.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)])
    found = re.findall(r"workflow-dsl ([a-z]+(?:-[a-z]+)?)\b((?: (?:\\\n)?[^`\n#|]*)?)", text.replace("\\\n", ""))
    return [(name, re.findall(r"(?<![\w-])--?[a-z][\w-]*", rest)) for name, rest in found]


@EVERY_PAGE
def test_each_command_and_option_that_a_page_names_exists(page: Path) -> None:
    unknown = []
    for name, options in calls(page):
        command = COMMANDS.get(name)
        known = {"--help", "-h"} | {
            option for parameter in (command.params if command else []) for option in parameter.opts
        }
        if not command or (name != "plan" and {*options} - known):
            unknown.append((name, options))
    assert unknown == []


def test_the_page_on_the_command_line_has_the_help_of_each_command() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"\n$ workflow-dsl {name} --help\n" not in page] == []
    assert "\n$ workflow-dsl --help\n" in page


def test_the_page_on_rules_has_each_code_that_is_no_rules() -> None:
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert [code for code in CATALOG if code not in page] == []


@EVERY_PAGE
def test_a_page_names_no_folder_of_the_computer_that_wrote_it(page: Path) -> None:
    assert re.findall(r"(?:/root|/home/\w+|/tmp)\b\S*", page.read_text("utf-8")) == []  # not a path to use


def test_the_generated_file_of_the_readme_is_json_with_a_newline_at_its_end() -> None:
    text = (ROOT / "generated" / "stock_trader.asl.json").read_text("utf-8")
    assert (text[-2:], json.loads(text)["StartAt"]) == ("}\n", "Check Stock Value")


PAGE = """# A page

`a.txt`:

```text
one
two
three
```

```console
$ cat a.txt
one
...
```

<!-- not run: never -->
```shell
false
```
"""


def run(text: str, folder: Path) -> str:
    page = folder / "page.md"
    page.write_text(text)
    return Script(page, folder / "project").run()


def test_a_true_page_stays_as_it_is(tmp_path: Path) -> None:
    assert run(PAGE, tmp_path) == PAGE


def test_a_false_output_is_replaced(tmp_path: Path) -> None:
    assert run(PAGE.replace("$ cat a.txt\none\n...", "$ cat a.txt\nzero"), tmp_path) == PAGE.replace(
        "$ cat a.txt\none\n...", "$ cat a.txt\none\ntwo\nthree"
    )


def test_a_page_about_the_repository_has_the_application(tmp_path: Path) -> None:
    text = f"{REPOSITORY}\n```console\n$ workflow-dsl validate\n```\n"
    assert "0 errors" in run(text, tmp_path)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("shell\nfalse", "false exited with 1"),
        ("python\nassert False, 17", "17"),
        ("json\n{", "Expecting property name"),
    ],
)
def test_a_block_that_fails_fails_the_page(block: str, message: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, ValueError), match=message) as failure:
        run(f"```{block}\n```\n", tmp_path)
    assert failure.value.__notes__[-1].endswith("page.md:1")


@pytest.mark.parametrize(
    ("shown", "output", "result"),
    [
        ("a 3 ms", "a 5 ms", "a 3 ms"),
        ("a 3 ms", "b 5 ms", "b 5 ms"),
        ("a|...", "a|b|c", "a|..."),
        ("a|...", "x|b|c", "x|..."),
        ("...|y", "a|b|c", "...|c"),
        ("a|...|item 2|...|z", "a|item 1|item 3|other|y", "a|...|item 1|...|y"),
        ("", "a", "a"),
        ("a", "", ""),
    ],
)
def test_an_output_is_updated(shown: str, output: str, result: str) -> None:
    assert "|".join(updated(shown.split("|") if shown else [], output.split("|") if output else [])) == result
    assert ANY_LINES == "..."
