"""What samconfig.toml says of deploying: which stack, region and profile `sam deploy` takes when it is not told."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding, FindingsError, Place, Where, closest

_FILES = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")  # in SAM's order
_DEFAULT = "default"
_OVERRIDES = "--parameter-overrides"


@dataclass(frozen=True)
class DeploySettings:
    """What `sam deploy` is told, as far as it is needed here; `parameters` are the template's that are overridden."""

    stack_name: str | None = None
    region: str | None = None
    profile: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def over(self, stack_name: str | None, profile: str | None, region: str | None) -> DeploySettings:
        """These settings, with those that are given instead."""
        return replace(
            self,
            stack_name=stack_name or self.stack_name,
            profile=profile or self.profile,
            region=region or self.region,
        )


def deploy_settings(root: Path, environment: str | None = None, file: str | None = None) -> DeploySettings:
    """The settings of an environment in SAM's configuration.

    `environment` and `file` are what SAM calls --config-env and --config-file; by default "default" and the samconfig
    file beside the template. Raises FindingsError for a file that cannot be read, or lacks what is named.
    """
    names = (file,) if file else _FILES
    found = next((root / name for name in names if (root / name).is_file()), None)
    if found is None:
        if file:
            raise _wrong(file, "is not there", "name SAM's configuration file, relative to the template")
        return DeploySettings()
    content = _content(found)
    if environment and environment not in content:
        raise _wrong(
            found.name,
            f"has no environment {environment}",
            closest(environment, content) or f"it has {', '.join(content)}",
        )
    sections = [_section(content, environment or _DEFAULT, command, "parameters") for command in ("global", "deploy")]
    said = sections[0] | sections[1]
    plain = {name: said[name] for name in ("stack_name", "region", "profile") if isinstance(said.get(name), str)}
    return DeploySettings(**plain, parameters=_parameters(said.get("parameter_overrides")))


def parameter_overrides(options: Sequence[str]) -> dict[str, str]:
    """The template's parameters that the options of a `sam deploy` override."""
    given: list[str] = []
    is_one = False
    for each in options:
        if each.startswith("-"):
            is_one = each.partition("=")[0] == _OVERRIDES
            given += [each.partition("=")[2]] if is_one and "=" in each else []
        elif is_one:
            given.append(each)
    return _parameters(given)


def _parameters(given: Json) -> dict[str, str]:
    """Parameters in each of the forms that SAM takes; those in files of their own are not read."""
    if isinstance(given, Mapping):
        return {str(name): str(value) for name, value in given.items()}
    words = _words(given) if isinstance(given, str) else given if isinstance(given, list) else []
    found: dict[str, str] = {}
    for word in words:
        if isinstance(word, str):
            name, is_pair, value = re.sub(r"^ParameterKey=([^,]*),ParameterValue=", r"\1=", word).partition("=")
            found |= {name: value} if is_pair else {}
        else:
            found |= _parameters(word)
    return found


def _words(text: str) -> Iterable[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is not closed
        return text.split()


def _content(file: Path) -> dict[str, Json]:
    try:
        text = file.read_text("utf-8")
        content = tomllib.loads(text) if file.suffix == ".toml" else read(text)
    except (OSError, ValueError) as problem:
        raise _wrong(file.name, f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    return content if isinstance(content, dict) else {}


def _section(content: Json, *names: str) -> dict[str, Json]:
    for name in names:
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def _wrong(file: str, message: str, remedy: str = "") -> FindingsError:
    return FindingsError([Finding("CONFIGURATION", "error", Where(place=Place(file)), message, remedy)])
