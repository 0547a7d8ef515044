"""What samconfig.toml says of deploying: which stack, region and profile `sam deploy` takes when it is not told."""

from __future__ import annotations

import tomllib
from pathlib import Path

from workflow_dsl.findings import Finding, FindingsError, Place, Where

_TAKEN = ("stack_name", "region", "profile")


def deploy_settings(root: Path) -> dict[str, str]:
    """The stack_name, region and profile of the default environment, those that are set. Raises FindingsError."""
    file = root / "samconfig.toml"
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        said = getattr(problem, "strerror", None) or problem
        found = Finding("CONFIGURATION", "error", Where(place=Place(file.name)), f"cannot be read: {said}")
        raise FindingsError([found]) from None
    default = content.get("default", {})
    sections = [default.get(name, {}).get("parameters", {}) for name in ("global", "deploy")]
    return {name: section[name] for section in sections for name in _TAKEN if isinstance(section.get(name), str)}
