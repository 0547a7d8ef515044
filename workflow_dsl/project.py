"""Where a project's things lie: pyproject.toml's [tool.workflow-dsl], or the defaults."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from workflow_dsl.findings import Finding, FindingsError, Place, Where, closest

_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of a project, relative to its root, and the codes of the warnings it leaves out.

    `overview` is the page of state machines that `generate` writes, where one is wanted.
    """

    root: Path
    workflows: Path = Path("workflows")
    generated: Path = Path("generated")
    template: Path = Path("template.yaml")
    overview: Path | None = None
    ignore: tuple[str, ...] = ()

    def workflow_files(self) -> list[Path]:
        """Every workflow module, by name. A file whose name begins with _ is a helper, no workflow."""
        folder = self.root / self.workflows
        return sorted(path for path in folder.glob("*.py") if not path.name.startswith(("_", ".")) and path.is_file())

    def generated_file(self, name: str) -> Path:
        return self.root / self.generated / f"{name}.asl.json"

    def shown(self, path: Path) -> str:
        """A path as it is printed: relative to the root where it lies below it."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def find_project(start: Path) -> Project:
    """The project a folder belongs to: the nearest one whose pyproject.toml has [tool.workflow-dsl], else the folder.

    Raises FindingsError for a setting that is unknown or no path.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        settings = _settings(folder / _FILE)
        if settings is not None:
            return Project(folder, **{"template": _template_in(folder), **_settled(settings, folder / _FILE)})
    return Project(start, template=_template_in(start))


def _template_in(folder: Path) -> Path:
    """The template in a folder, by the names that SAM looks for."""
    names = [Path(f"template{ending}") for ending in (".yaml", ".yml", ".json")]
    return next((name for name in names if (folder / name).is_file()), names[0])


def _settings(file: Path) -> dict[str, Any] | None:
    try:
        text = file.read_text("utf-8")
        import tomllib  # 2 ms that a folder without a pyproject.toml need not wait for

        content = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise _wrong(file, f"cannot be read: {problem.strerror}", "give it the right to be read") from None
    except (ValueError, RecursionError) as problem:
        raise _wrong(file, f"is not TOML: {problem}", "mend it there") from None
    tool = content.get("tool", {})
    found = tool.get("workflow-dsl") if isinstance(tool, dict) else None
    if found is not None and not isinstance(found, dict):
        raise _wrong(file, "tool.workflow-dsl is no table", "write [tool.workflow-dsl], and the settings below it")
    return found


def _settled(settings: dict[str, Any], file: Path) -> dict[str, Any]:
    known = [field.name for field in fields(Project) if field.name != "root"]
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in known:
            remedy = closest(name, known) or f"it takes {', '.join(known)}"
            raise _wrong(file, f"[tool.workflow-dsl] has no setting {name!r}", remedy)
        if name == "ignore":
            if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
                raise _wrong(file, f"[tool.workflow-dsl] ignore is {value!r}", 'write a list of codes: ["NO_DEFAULT"]')
            found[name] = tuple(value)
        elif not isinstance(value, str) or "\0" in value:
            raise _wrong(file, f"[tool.workflow-dsl] {name} is {value!r}", "write a path as a string")
        else:
            found[name] = Path(value)
    return found


def _wrong(file: Path, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("CONFIGURATION", "error", Where(place=Place(str(file))), message, remedy)])
