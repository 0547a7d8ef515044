"""Project configuration: [tool.workflow-dsl] in pyproject.toml, with defaults."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

from workflow_dsl.findings import Finding, FindingsError, Place, Where, did_you_mean
from workflow_dsl.light_imports import light_imports
from workflow_dsl.records import Record, field_names
from workflow_dsl.regexes import lazy_regex

_FILE = "pyproject.toml"


class Project(Record):
    """The paths of a project, relative to its root, and the finding codes that it suppresses.

    `overview` is the page about all state machines that `generate` writes; None for no page.
    """

    root: Path
    workflows: Path = Path("workflows")
    generated: Path = Path("generated")
    template: Path = Path("template.yaml")
    overview: Path | None = None
    ignore: tuple[str, ...] = ()

    def workflow_files(self) -> list[Path]:
        """Return the workflow modules, sorted by name. A file whose name begins with _ is a helper, not a workflow."""
        folder = self.root / self.workflows
        return sorted(path for path in folder.glob("*.py") if not path.name.startswith(("_", ".")) and path.is_file())

    def generated_file(self, name: str) -> Path:
        """Return the path of a workflow's generated definition."""
        return self.root / self.generated / f"{name}.asl.json"

    def display_path(self, path: Path) -> str:
        """Return a path for messages: relative to the root if it is below it, without `..`."""
        path = Path(os.path.normpath(path))
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def find_project(start: Path) -> Project:
    """Return the project of the nearest folder, upwards from `start`, whose pyproject.toml has [tool.workflow-dsl].

    Without one, `start` itself is the root, with default settings. Raises FindingsError for an unknown or wrong setting
    and for a pyproject.toml that cannot be read.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        settings = _settings(folder / _FILE)
        if settings is not None:
            return Project(folder, **{"template": _template_in(folder), **_parse_settings(settings, folder / _FILE)})
    return Project(start, template=_template_in(start))


def _template_in(folder: Path) -> Path:
    """The first template in a folder that SAM would find; template.yaml if there is none."""
    names = [Path(f"template{suffix}") for suffix in (".yaml", ".yml", ".json")]
    return next((name for name in names if (folder / name).is_file()), names[0])


def missing_template(project: Project) -> list[Finding]:
    """Return a warning for a template that the settings name and that does not exist: nothing is compared with it."""
    if project.template == _template_in(project.root) or (project.root / project.template).is_file():
        return []
    name, templates = str(project.template), [path.name for path in project.root.glob("*.[yj]*")]
    message = f"[tool.workflow-dsl] template is {name!r}, which does not exist"
    remedy = did_you_mean(name, templates) or "write it, or correct the setting"
    return [Finding("CONFIGURATION", "warning", Where(place=Place(_FILE)), message, remedy)]


def _settings(file: Path) -> dict[str, Any] | None:
    try:
        content = parse_toml(_regular_file(file).decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise _configuration_error(file, f"cannot be read: {problem.strerror}", "make it readable") from None
    except (ValueError, RecursionError) as problem:
        raise _configuration_error(file, f"is not TOML: {problem}", "fix the TOML there") from None
    tool = content.get("tool", {})
    settings = tool.get("workflow-dsl") if isinstance(tool, dict) else None
    if settings is not None and not isinstance(settings, dict):
        remedy = "write [tool.workflow-dsl] with the settings below it"
        raise _configuration_error(file, "tool.workflow-dsl is not a table", remedy)
    return settings


# A key of fifty parts, outside quotes: tomllib takes quadratic time for the parts of a key.
_LONG_KEY = lazy_regex(r"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){50}")
_STRING = lazy_regex(r"\"[^\"\n]*+\"|'[^'\n]*+'")


def parse_toml(text: str) -> dict[str, Any]:
    """The content of TOML text. Raises ValueError or RecursionError for text that is not TOML, or has endless keys."""
    with light_imports():
        import tomllib  # lazy import: 2 ms, not needed without a pyproject.toml

    if _LONG_KEY.search(_STRING.sub("", text)):
        raise ValueError("a key has fifty parts or more")
    return tomllib.loads(text)


_MOST_BYTES = 1_000_000


def _regular_file(file: Path) -> bytes:
    """The content of a file. Raises OSError, also for a device, a pipe and a file that is too large for settings."""
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        is_folder = stat.S_ISDIR(status.st_mode)
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR)) if is_folder else OSError(0, "it is not a regular file")
    if status.st_size > _MOST_BYTES:
        raise OSError(errno.EFBIG, "it is larger than 1 MB")
    return file.read_bytes()


def _parse_settings(settings: dict[str, Any], file: Path) -> dict[str, Any]:
    return {name: _parse_setting(name, value, file) for name, value in settings.items()}


def _parse_setting(name: str, value: Any, file: Path) -> Any:
    known = [name for name in field_names(Project) if name != "root"]
    message = f"[tool.workflow-dsl] {name} is {value!r}"
    if name not in known:
        remedy = did_you_mean(name, known) or f"the settings are {', '.join(known)}"
        raise _configuration_error(file, f"[tool.workflow-dsl] has no setting {name!r}", remedy)
    if name == "ignore":
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            raise _configuration_error(file, message, 'write a list of codes: ["NO_DEFAULT"]')
        return tuple(value)
    if name == "overview" and str(value).lower().endswith(_NOT_PAGES):
        remedy = 'name a page of Markdown, as "docs/state-machines.md": generate would replace this file by it'
        raise _configuration_error(file, message, remedy)
    if not isinstance(value, str) or "\0" in value:
        raise _configuration_error(file, message, "write a path as a string")
    return Path(value)


# Templates, definitions, settings and code are not pages: a page would overwrite them.
_NOT_PAGES = (".yaml", ".yml", ".json", ".toml", ".py")


def _configuration_error(file: Path, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("CONFIGURATION", "error", Where(place=Place(str(file))), message, remedy)])
