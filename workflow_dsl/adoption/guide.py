"""One page on how to write, check, run and test workflows, for newcomers and for coding assistants."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from importlib.resources import files

from workflow_dsl.adoption.project_files import new_project_text
from workflow_dsl.records import Record

# The exports of authoring by the modules that define them.
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "states and their order": ("states", "sdk", "workflow"),
    "parts of states": ("blocks", "fragments"),
    "rules of a Choice": ("conditions",),
    "service calls": ("integrations",),
    "resources of the template": ("references",),
    "values in payloads": ("values",),
}
# The fields of what commands print as JSON.
FINDING = ("code", "severity", "pointer", "state", "file", "line", "column", "message", "remedy", "rule")
USES = ("stateMachines", "uses", "triggers", "notCalled")
DIFF = ("before", "after", "isEqual", "same", "fields", "words", "states", "effects")
CHANGE = ("state", "before", "kinds", "words", "fields")
EXPLORED = ("type", "paths", "elements", "covered", "notReached", "prices")
EXECUTION_PATH = (
    *("title", "input", "responses", "alsoWithErrors", "trail", "status", "error", "failedIn", "seconds"),
    *("transitions", "lambdaCalls", "dollarsPerMillion"),
)


class CommandHelp(Record):
    """A command of the tool: its name, what it does, and the option with which it prints JSON, if it has one."""

    name: str
    summary: str
    json_option: str = ""


def guide_page(commands: Iterable[CommandHelp]) -> str:
    """Return the page as Markdown, with the names that authoring exports and the summaries of these commands."""
    parts = {
        "version": version("workflow-dsl"),
        "workflow": _block("python", new_project_text("workflow")),
        "test": _block("python", new_project_text("test")),
        "authoring": "\n".join(_exports()),
        "finding": _names(FINDING),
        "uses": _names(USES),
        "diff": _names(DIFF),
        "change": _names(CHANGE),
        "explored": _names(EXPLORED),
        "path": _names(EXECUTION_PATH),
        "commands": "\n".join(_rows(commands)),
    }
    page = files("workflow_dsl.adoption").joinpath("guide.txt").read_text("utf-8")
    for name, text in parts.items():
        page = page.replace(f"{{{{{name}}}}}", text)
    return page


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text}```"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _exports() -> Iterator[str]:
    """Yield each group of exports, read from the source: the SDK, which authoring imports, need not be installed."""
    source = ast.parse(files("workflow_dsl").joinpath("authoring", "__init__.py").read_text("utf-8"))
    homes = {
        alias.name: str(node.module).rpartition(".")[2]
        for node in source.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for title, modules in _GROUPS.items():
        yield f"- {title}: {_names(name for name, home in homes.items() if home in modules)}"


def _rows(commands: Iterable[CommandHelp]) -> Iterator[str]:
    yield "| command | | JSON |"
    yield "|---|---|---|"
    for command in commands:
        option = f"`{command.json_option}`" if command.json_option else ""
        yield f"| `{command.name}` | {command.summary} | {option} |"
