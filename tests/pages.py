"""README and docs as scripts: a page's files are written, its commands run, and their outputs compared.

`python tests/pages.py --write` writes the outputs, and the pages that are generated from the code. On a page:

- A block below a line with only `` `path`: `` is written to that file.
- A console block has commands, each after `$ `, with their output. A line `...` stands for any lines.
- A shell block has commands that exit with 0, a diff block is applied, a python block runs, a json, yaml or toml block is parsed. A block whose
  first line is indented is an excerpt of a file of this repository.
- `<!-- run: COMMAND -->` runs unseen, `<!-- not run: REASON -->` skips the next block, and `<!-- in: repository -->` in
  the first line runs the page in a copy of this repository's application instead of an empty folder.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, unified_diff
from functools import partial
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from workflow_dsl.cli import main
from workflow_dsl.definition.yaml_reading import parse_yaml

ROOT = Path(__file__).parent.parent
GENERATED = {"rules.md": ("rules", "--output", "docs/rules.md"), "state-machines.md": ("generate",)}
ALL_PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [page for page in ALL_PAGES if page.name not in GENERATED]
APPLICATION = (
    *("workflow_dsl/workflows", "functions", "generated", "docs/state-machines.md"),
    *("template.yaml", "samconfig.toml", "pyproject.toml"),
)
REPOSITORY = "<!-- in: repository -->"
ANY_LINES = "..."


@dataclass(frozen=True)
class Block:
    """A fenced block: its text without indentation, the index of its first line, and what stands above it."""

    language: str
    text: str
    line: int
    indent: str
    above: str

    @property
    def file(self) -> str | None:
        label = re.fullmatch(r"\s*`([^`]+)`:", self.above)
        return label[1] if label else None

    @property
    def not_run(self) -> str:
        """The reason why the block is not run, or an empty string."""
        reason = re.fullmatch(r"<!-- not run: (.*) -->", self.above)
        return reason[1] if reason else ""


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a page; a hidden command is a shell block."""
    lines, above, number = text.splitlines(), "", 0
    while number < len(lines):
        line, end = lines[number], number
        if hidden := re.fullmatch(r"<!-- run: (.*) -->", line):
            yield Block("shell", hidden[1], number, "", "")
        elif fence := re.match(r"( *)```(\w*)$", line):
            end = lines.index(f"{fence[1]}```", number + 1)
            body = [inner.removeprefix(fence[1]) for inner in lines[number + 1 : end]]
            yield Block(fence[2], "".join(f"{inner}\n" for inner in body), number + 1, fence[1], above.strip())
        above = line if line.strip() else above
        number = end + 1


@dataclass(frozen=True)
class Command:
    """A command of a console block, and the output that the page shows."""

    text: str
    output: list[str]


def console_commands(text: str) -> Iterator[Command]:
    """Yield the commands of a console block. Lines before the first one are an error of the page."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        head = re.match(r"(?:.*\\\n)*.*\n", part)
        assert head
        yield Command(head[0].removesuffix("\n"), part[head.end() :].splitlines())


def shell_commands(text: str) -> list[str]:
    """Return the commands of a shell block without their comments."""
    lines = (re.sub(r"(^|\s+)# .*", "", line) for line in text.replace("\\\n", "").splitlines())
    return [line for line in lines if line.strip()]


Variations = tuple[tuple[str, str], ...]
VARIATIONS: Variations = (
    (r"\b\d+(\.\d+)? ms\b", "0 ms"),
    (r"\bin \d+\.\d\ds\b", "in 0.00s"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( UTC|Z|\+00:00)", "TIME"),
    (r"\s+$", ""),
)


class Script:
    """A page that runs in a folder. `variations` are what an output may have in another way in each run."""

    variations = VARIATIONS

    def __init__(self, page: Path, folder: Path) -> None:
        self.text = page.read_text("utf-8")
        self.page = page
        self.folder = folder
        folder.mkdir(exist_ok=True)
        if self.text.startswith(REPOSITORY):
            copy_application(folder)

    def run(self) -> str:
        """Return the page with the outputs of this run. An output that differs in nothing that matters is kept."""
        lines = self.text.splitlines()
        for block in reversed([self._run(block) for block in blocks(self.text)]):
            if block.language == "console":
                end = lines.index(f"{block.indent}```", block.line)
                lines[block.line : end] = [f"{block.indent}{line}".rstrip() for line in block.text.splitlines()]
        return "".join(f"{line}\n" for line in lines)

    def skips(self, block: Block) -> bool:
        """Return True if a block is not run."""
        return bool(block.not_run)

    def _run(self, block: Block) -> Block:
        if self.skips(block):
            return block
        try:
            with chdir(self.folder):
                if block.file:
                    (self.folder / block.file).parent.mkdir(parents=True, exist_ok=True)
                    (self.folder / block.file).write_text(block.text, "utf-8")
                if block.language in READERS and not (block.file and block.language == "python"):
                    READERS[block.language](block.text)
                if block.language == "shell":
                    self._run_shell(block.text)
                return replace(block, text=self._run_console(block.text)) if block.language == "console" else block
        except BaseException as problem:
            problem.add_note(f"in {self.page.name}:{block.line}")
            raise

    def _run_shell(self, text: str) -> None:
        for command in shell_commands(text):
            code, output = self.result(command)
            assert code == 0, f"{command} exited with {code}:\n{output}"

    def _run_console(self, text: str) -> str:
        parts = []
        for command in console_commands(text):
            shown = updated(command.output, self.result(command.text)[1].splitlines(), self.variations)
            parts += [f"$ {command.text}", *shown]
        return "".join(f"{line}\n" for line in parts)

    def result(self, command: str) -> tuple[int, str]:
        """Return a command's exit code and its output: standard output, then standard error."""
        words = shlex.split(command.replace("\\\n", ""))
        if words[0] == "cd":
            self.folder = (self.folder / words[1]).resolve()
            return 0, ""
        if words[0] == "workflow-dsl" and not {"|", ">", "&&", "||"} & {*words}:
            code, output = in_this_process(words[1:])
        else:
            code, output = in_a_shell(command)
        assert "Traceback" not in output, output
        return code, output.replace(f"{self.folder}/", "")


def in_this_process(arguments: list[str]) -> tuple[int, str]:
    """Run `workflow-dsl`, with `< FILE` as its standard input."""
    given = None
    if "<" in arguments:
        given = Path(arguments[arguments.index("<") + 1]).read_text("utf-8")
        arguments = arguments[: arguments.index("<")]
    result = CliRunner(env={"COLUMNS": "80"}).invoke(
        main, arguments, prog_name="workflow-dsl", input=given, catch_exceptions=False
    )
    return result.exit_code, result.stdout + result.stderr


def in_a_shell(command: str) -> tuple[int, str]:
    """Run a command with this environment's programs first on its PATH."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "AWS"))}
    environment |= {"COLUMNS": "80"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = ["bash", "-c", command]
    result = subprocess.run(shell, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return result.returncode, result.stdout + result.stderr


def copy_application(folder: Path) -> None:
    """Copy this repository's application. Its handlers draw the same random numbers in each run."""
    for name in APPLICATION:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for handler in folder.glob("functions/*/app.py"):
        handler.write_text(handler.read_text("utf-8").replace("RANDOM = Random()", "RANDOM = Random(1)"), "utf-8")


def updated(shown: list[str], output: list[str], variations: Variations = VARIATIONS) -> list[str]:
    """Return the lines to show of an output: those shown so far if they are true, else the new ones, shortened alike."""
    pattern = "".join(
        r"(?:.*\n)*" if line == ANY_LINES else re.escape(f"{without_variation(line, variations)}\n") for line in shown
    )
    if re.fullmatch(pattern, "".join(f"{without_variation(line, variations)}\n" for line in output)):
        return shown
    return _shortened(shown, output) if ANY_LINES in shown else output


def _shortened(shown: list[str], output: list[str]) -> list[str]:
    """Replace each run of shown lines by the most similar lines of the output, and keep the `...` between them."""
    lines: list[str] = []
    first, *parts = re.split(rf"^{re.escape(ANY_LINES)}\n", "".join(f"{line}\n" for line in shown), flags=re.MULTILINE)
    start = len(first.splitlines())
    lines += output[:start]
    for number, part in enumerate(parts, 1):
        size = len(part.splitlines())
        places = range(start, max(len(output) - size, start) + 1)
        start = places[-1] if number == len(parts) else max(places, key=partial(_likeness, part, output))
        lines += [ANY_LINES, *output[start : start + size]]
        start += size
    return lines


def _likeness(part: str, output: list[str], start: int) -> float:
    lines = output[start : start + len(part.splitlines())]
    return SequenceMatcher(None, part, "".join(f"{line}\n" for line in lines)).ratio()


def without_variation(line: str, variations: Variations) -> str:
    """Return a line without what differs in each run."""
    for pattern, replacement in variations:
        line = re.sub(pattern, replacement, line)
    return line


def _run_python(text: str) -> None:
    exec(compile(text, "page", "exec"), {"__name__": "page"})  # noqa: S102  # our own page


def _or_excerpt(read: Callable[[str], Any]) -> Callable[[str], None]:
    """Read a block, or look for it in this repository if its first line is indented."""

    def check(text: str) -> None:
        if not text.startswith(" "):
            read(text)
            return
        files = [ROOT / "template.yaml", *ROOT.glob("generated/*.json"), *ROOT.glob("workflow_dsl/workflows/*.py")]
        assert any(text in file.read_text("utf-8") for file in files), f"no file has this excerpt:\n{text}"

    return check


def _apply(diff: str) -> None:
    command = ["git", "apply", "-p0", "-"]
    result = subprocess.run(command, input=diff, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


READERS: Mapping[str, Callable[[str], None]] = {
    "diff": _apply,
    "python": _or_excerpt(_run_python),
    "json": _or_excerpt(json.loads),
    "yaml": _or_excerpt(parse_yaml),
    "toml": _or_excerpt(tomllib.loads),
}


def write(pages: list[Path]) -> None:
    """Run pages and write their outputs."""
    for page in pages:
        if page.name in GENERATED:
            with chdir(ROOT):
                code, output = in_this_process([*GENERATED[page.name]])
            assert code == 0, output
            continue
        with tempfile.TemporaryDirectory() as folder:
            before, after = page.read_text("utf-8"), Script(page, Path(folder).resolve() / "project").run()
        if before != after:
            page.write_text(after, "utf-8")
            sys.stdout.writelines(unified_diff(before.splitlines(True), after.splitlines(True), str(page), n=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run the pages and write the outputs that they show.")
    parser.add_argument("--write", action="store_true", required=True)
    parser.add_argument("pages", nargs="*", type=lambda name: Path(name).resolve(), metavar="PAGE")
    write(parser.parse_args().pages or ALL_PAGES)
