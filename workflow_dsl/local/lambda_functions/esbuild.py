"""The build of a Node.js function with esbuild, as `sam build` does it for Metadata with BuildMethod: esbuild.

Properties and defaults: SAM developer guide, "Building Node.js Lambda functions with esbuild in AWS SAM", and
aws/aws-lambda-builders, workflow nodejs_npm_esbuild.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Place, Where

_FLAGS = ("Minify", "Sourcemap")
_VALUES = ("Target", "Format", "MainFields", "SourcesContent")
_LISTS = ("External", "Loader", "OutExtension", "Banner")
_SOURCE_MAPS = "--enable-source-maps"
_SECONDS = 120


def is_built_by_esbuild(code: FunctionCode) -> bool:
    """True if `sam build` builds the function with esbuild."""
    return code.metadata.get("BuildMethod") == "esbuild"


class Build:
    """The built code of a function, in a private folder that is removed in the end."""

    def __init__(self, code: FunctionCode) -> None:
        self._code = code
        properties = code.metadata.get("BuildProperties")
        self._properties: Mapping[str, Json] = properties if isinstance(properties, dict) else {}
        self._folder: Path | None = None

    def problems(self) -> Sequence[Finding]:
        """Return the findings that keep the code from being built: no esbuild, or a wrong entry point."""
        code, entries = self._code, self._entry_points()
        if not entries:
            message = f"{code.logical_id} is built with esbuild, and has no EntryPoints"
            return [_finding("NO_HANDLER", code.folder, message, "list them in BuildProperties of its Metadata")]
        missing = [entry for entry in entries if self._entry_file(entry) is None]
        if missing:
            message = f"the entry point {missing[0]} of {code.logical_id} does not exist"
            return [_finding("NO_HANDLER", code.folder, message, "write it, or fix EntryPoints in its Metadata")]
        if _esbuild_for(code.folder) is None:
            message = f"{code.logical_id} is built with esbuild, which is not installed"
            remedy = f"run npm install --save-dev esbuild in {code.folder}, or npm install --global esbuild"
            return [_finding("NOT_INSTALLED", code.folder, message, remedy)]
        return []

    def node_options(self) -> dict[str, str]:
        """Return the variable that SAM adds to the function's environment if it has source maps."""
        return {"NODE_OPTIONS": _SOURCE_MAPS} if self._properties.get("Sourcemap") is True else {}

    def folder(self) -> Path:
        """Return the folder of the built code. Raises FindingsError if esbuild refuses the code."""
        if self._folder is None:
            folder = Path(tempfile.mkdtemp(prefix="workflow-dsl-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self._run_esbuild(folder)
            self._check_result(folder)
            modules = _nearest(self._code.folder, "node_modules")
            if modules:  # packages that are not bundled
                (folder / "node_modules").symlink_to(modules, target_is_directory=True)
            self._folder = folder
        return self._folder

    def _run_esbuild(self, folder: Path) -> None:
        source = self._code.folder
        command = [str(_esbuild_for(source)), *self._arguments(), f"--outdir={folder}", *_QUIET]
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        try:
            done = subprocess.run(command, cwd=source, timeout=_SECONDS, check=False, **streams)  # noqa: S603  # esbuild
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise self._refused(str(problem)) from None
        if done.returncode:
            raise self._refused(done.stderr.decode("utf-8", "replace") or f"exit status {done.returncode}")

    def _refused(self, output: str) -> FindingsError:
        """The error for what esbuild printed, at the line that it names."""
        problem = re.search(r"\[ERROR\] (.+)", output)
        line = re.search(r"^\s+([^\s:]+):(\d+):(\d+):$", output, re.MULTILINE)
        place = Place(str(self._code.folder))
        if line:
            place = Place(str(self._code.folder / line[1]), int(line[2]), int(line[3]) + 1)
        message = f"esbuild cannot build {self._code.logical_id}: {problem[1] if problem else output.strip()[-500:]}"
        return FindingsError([Finding("NO_HANDLER", "error", Where(place=place), message)])

    def _check_result(self, folder: Path) -> None:
        module = self._code.handler.partition(".")[0]
        if not any((folder / f"{module}{suffix}").is_file() for suffix in (".js", ".mjs", ".cjs")):
            built = ", ".join(sorted(path.relative_to(folder).as_posix() for path in folder.glob("**/*.*js")))
            code = self._code
            message = f"esbuild builds {built or 'no file'} for {code.logical_id}, whose Handler is {code.handler}"
            remedy = "fix Handler, or EntryPoints in its Metadata"
            raise FindingsError([_finding("NO_HANDLER", self._code.folder, message, remedy)])

    def _arguments(self) -> Iterator[str]:
        properties = {"Minify": True, "Target": "es2020", "Format": "cjs", **self._properties}
        if _SOURCE_MAPS in self._code.environment.get("NODE_OPTIONS", ""):
            properties.setdefault("Sourcemap", True)
        yield from ("--bundle", "--platform=node")
        yield from (_option(name) for name in _FLAGS if properties.get(name) is True)
        yield from (f"{_option(name)}={_option_text(properties[name])}" for name in _VALUES if name in properties)
        for name in _LISTS:
            items = properties.get(name)
            yield from (f"{_option(name)}:{item}" for item in (items if isinstance(items, list) else []))
        yield from (f"./{self._entry_file(entry)}" for entry in self._entry_points())

    def _entry_points(self) -> list[str]:
        entries = self._properties.get("EntryPoints")
        return [entry for entry in entries if isinstance(entry, str)] if isinstance(entries, list) else []

    def _entry_file(self, entry: str) -> str | None:
        """The file of an entry point, which may lack its suffix: TypeScript comes first."""
        names = [entry] if Path(entry).suffix else [f"{entry}.ts", f"{entry}.js"]
        return next((name for name in names if (self._code.folder / name).is_file()), None)


_QUIET = ("--log-level=error", "--color=false")


def _option(name: str) -> str:
    return "-" + re.sub(r"(?=[A-Z])", "-", name).lower()


def _option_text(value: Json) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _esbuild_for(folder: Path) -> str | None:
    """The project's own esbuild, or the one on the PATH."""
    own = _nearest(folder, "node_modules/.bin/esbuild")
    return str(own) if own else shutil.which("esbuild")


def _nearest(folder: Path, name: str) -> Path | None:
    """The path of this name in a folder, or in the nearest one around it."""
    folder = folder.resolve()
    with suppress(OSError):
        return next((around / name for around in (folder, *folder.parents) if (around / name).exists()), None)
    return None


def _finding(code: str, file: Path, message: str, remedy: str) -> Finding:
    return Finding(code, "error", Where(place=Place(str(file))), message, remedy)
