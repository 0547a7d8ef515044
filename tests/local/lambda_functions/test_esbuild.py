"""esbuild.py: TypeScript and bundled functions, built as `sam build` builds them."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.lambda_functions.functions import invoke
from workflow_dsl.local.lambda_functions.loading import load_function
from workflow_dsl.records import replace

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node on the PATH")

# In the place of esbuild: it writes a handler that returns the arguments, or fails as esbuild does.
FAKE = """#!/usr/bin/env node
const fs = require("fs"), path = require("path");
const options = process.argv.slice(2);
const folder = options.find((option) => option.startsWith("--outdir=")).slice(9);
const source = fs.readFileSync("app.ts", "utf8");
if (source.endsWith("broken")) {
  console.error('X [ERROR] Expected ";" but found "x"\\n\\n    app.ts:3:4:\\n      3 | let x x\\n');
  process.exit(1);
}
if (source.endsWith("odd")) process.exit(2);
const seen = JSON.stringify([folder, options.filter((option) => !option.startsWith("--outdir="))]);
fs.writeFileSync(path.join(folder, "app.js"), `exports.handler = async () => [...${seen}, process.env.NODE_OPTIONS]`);
"""


def code(folder: Path, properties: Any, text: str = "export const handler = 1;", **environment: str) -> FunctionCode:
    folder.mkdir(exist_ok=True)
    (folder / "app.ts").write_text(text)
    metadata = {"BuildMethod": "esbuild", "BuildProperties": properties}
    return FunctionCode("Logical", "F", folder, "app.handler", 128, 9, environment, "nodejs20.x", False, metadata)


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """A folder for a function, below the one with esbuild."""
    program = tmp_path / "node_modules" / ".bin" / "esbuild"
    program.parent.mkdir(parents=True)
    program.write_text(FAKE)
    program.chmod(0o700)
    return tmp_path / "f"


def built(code: FunctionCode) -> Any:
    function = load_function(code)
    assert function.problems() == []
    return invoke(function, "F", None, Random(1))[0]


DEFAULTS = ["--bundle", "--platform=node"]
OPTIONS: list[tuple[Mapping[str, Any], list[str]]] = [
    ({}, ["--minify", "--target=es2020", "--format=cjs"]),
    ({"Minify": False, "Target": "node20"}, ["--target=node20", "--format=cjs"]),
    ({"Sourcemap": True, "SourcesContent": False},
     ["--minify", "--sourcemap", "--target=es2020", "--format=cjs", "--sources-content=false"]),
    ({"Format": "esm", "MainFields": ["module", "main"], "External": ["a", "@b/c"], "OutExtension": [".js=.mjs"]},
     ["--minify", "--target=es2020", "--format=esm", "--main-fields=module,main", "--external:a", "--external:@b/c",
      "--out-extension:.js=.mjs"]),
    ({"Loader": [".html=text"], "Unheard": 1}, ["--minify", "--target=es2020", "--format=cjs", "--loader:.html=text"]),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "options"), OPTIONS)
def test_esbuild_gets_sams_options(fake: Path, properties: Mapping[str, Any], options: list[str]) -> None:
    _, seen, _ = built(code(fake, {"EntryPoints": ["app"], **properties}))
    assert seen == [*DEFAULTS, *options, "./app.ts", "--log-level=error", "--color=false"]


def test_source_maps_and_their_option_come_together(fake: Path) -> None:
    _, _, variable = built(code(fake, {"EntryPoints": ["app.ts"], "Sourcemap": True}))
    _, options, _ = built(code(fake, {"EntryPoints": ["app.ts"]}, NODE_OPTIONS="--enable-source-maps"))
    assert (variable, "--sourcemap" in options) == ("--enable-source-maps", True)


def test_the_build_is_private_and_is_removed_with_the_function(fake: Path) -> None:
    function = load_function(code(fake, {"EntryPoints": ["app.ts"]}))
    folder = Path(invoke(function, "F", None, Random(1))[0][0])
    assert (folder.stat().st_mode & 0o777, (folder / "node_modules").resolve()) == (0o700, fake.parent / "node_modules")
    assert invoke(function, "F", None, Random(1))[0][0] == str(folder)
    del function
    gc.collect()
    assert (folder.exists(), (fake.parent / "node_modules" / ".bin" / "esbuild").exists()) == (False, True)


FAILURES = [
    ("broken", "/app.ts:3:5: esbuild cannot build Logical: Expected \";\" but found \"x\""),
    ("odd", ": esbuild cannot build Logical: exit status 2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), FAILURES)
def test_what_esbuild_refuses_is_a_finding_at_its_line(fake: Path, text: str, message: str) -> None:
    function = load_function(code(fake, {"EntryPoints": ["app.ts"]}, f"export const handler = 1; {text}"))
    with pytest.raises(FindingsError) as error:
        function.handler(None, None)
    assert str(error.value) == f"{fake}{message}"


def test_a_handler_that_the_build_does_not_contain_is_a_finding(fake: Path) -> None:
    source = code(fake, {"EntryPoints": ["app.ts"]})
    function = load_function(replace(source, handler="src/app.handler"))
    with pytest.raises(
        FindingsError, match=r"esbuild builds app\.js for Logical, whose Handler is src/app\.handler; fix"
    ):
        function.handler(None, None)


PROBLEMS = [
    (None, "NO_HANDLER", "Logical is built with esbuild, and has no EntryPoints"),
    ({"EntryPoints": "app.ts"}, "NO_HANDLER", "Logical is built with esbuild, and has no EntryPoints"),
    ({"EntryPoints": ["app.ts", "gone"]}, "NO_HANDLER", "the entry point gone of Logical does not exist"),
    ({"EntryPoints": ["app.ts"]}, "NOT_INSTALLED", "Logical is built with esbuild, which is not installed"),
]


@pytest.mark.parametrize(("properties", "finding_code", "message"), PROBLEMS)
def test_what_keeps_a_function_from_being_built_is_found_without_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, properties: Any, finding_code: str, message: str
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "node").symlink_to(shutil.which("node") or "")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    [finding] = load_function(code(tmp_path / "f", properties)).problems()
    assert (finding.code, finding.message, bool(finding.remedy)) == (finding_code, message, True)


@pytest.mark.skipif(shutil.which("esbuild") is None, reason="needs esbuild on the PATH")
def test_typescript_runs_with_the_lines_of_its_source(tmp_path: Path) -> None:
    text = """
        import { double } from "./double";
        export const handler = async (event: { n: number }): Promise<number> => double(event.n);
    """
    properties = {"EntryPoints": ["app.ts"], "Sourcemap": True}
    function = load_function(code(tmp_path, properties, text))
    (tmp_path / "double.ts").write_text("export const double = (n: number): number => 2 * n;")
    assert json.dumps(invoke(function, "F", {"n": 21}, Random(1))) == "42"
