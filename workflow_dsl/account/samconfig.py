"""The settings of `sam deploy` in samconfig.toml: stack, region, profile and parameter overrides."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from workflow_dsl.definition.files import read_text
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding, FindingsError, Place, Where, did_you_mean
from workflow_dsl.project import parse_toml
from workflow_dsl.records import Record, field, replace

_FILES = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")  # in SAM's order
_DEFAULT = "default"
_OVERRIDES = "--parameter-overrides"


class DeploySettings(Record):
    """The settings of `sam deploy` that select a stack; `parameters` override the template's defaults."""

    stack_name: str | None = None
    region: str | None = None
    profile: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def with_options(self, stack_name: str | None, profile: str | None, region: str | None) -> DeploySettings:
        """Return these settings with the options that are not None in their place."""
        return replace(
            self,
            stack_name=stack_name or self.stack_name,
            profile=profile or self.profile,
            region=region or self.region,
        )


def deploy_settings(root: Path, environment: str | None = None, file: str | None = None) -> DeploySettings:
    """Read the settings of an environment from SAM's configuration file.

    `environment` and `file` correspond to SAM's --config-env and --config-file; they default to "default" and to the
    samconfig file beside the template. Raises FindingsError if the file cannot be read, or if `environment` or `file`
    does not exist.
    """
    names = (file,) if file else _FILES
    path = next((root / name for name in names if (root / name).is_file()), None)
    if path is None:
        if file:
            raise _error(file, "does not exist", "name SAM's configuration file, relative to the template")
        return DeploySettings()
    content = _content(path)
    if environment and environment not in content:
        environments = [name for name, value in content.items() if isinstance(value, dict)]  # `version` is a number
        remedy = did_you_mean(environment, environments) or (
            f"use one of {', '.join(environments)}" if environments else "add it"
        )
        raise _error(path.name, f"has no environment {environment}", remedy)
    sections = [_section(content, environment or _DEFAULT, command, "parameters") for command in ("global", "deploy")]
    settings = sections[0] | sections[1]
    keys = ("stack_name", "region", "profile")
    strings = {name: settings[name] for name in keys if isinstance(settings.get(name), str)}
    return DeploySettings(**strings, parameters=_parameters(settings.get("parameter_overrides")))


def parameter_overrides(options: Sequence[str]) -> dict[str, str]:
    """Return the template parameters that the options of `sam deploy` override."""
    words: list[str] = []
    is_override = False
    for option in options:
        if option.startswith("-"):
            name, separator, value = option.partition("=")
            is_override = name == _OVERRIDES
            words += [value] if is_override and separator else []
        elif is_override:
            words.append(option)
    return _parameters(words)


def _parameters(value: Json) -> dict[str, str]:
    """Parameters in any form that SAM accepts, except those in files of their own."""
    if isinstance(value, Mapping):
        return {str(name): str(setting) for name, setting in value.items()}
    words = _words(value) if isinstance(value, str) else value if isinstance(value, list) else []
    parameters: dict[str, str] = {}
    for word in words:
        if isinstance(word, str):
            name, is_pair, setting = re.sub(r"^ParameterKey=([^,]*),ParameterValue=", r"\1=", word).partition("=")
            parameters |= {name: setting} if is_pair else {}
        else:
            parameters |= _parameters(word)
    return parameters


_MOST_QUOTED = 100_000  # characters; shlex copies each word for each of its letters


def _words(text: str) -> Iterable[str]:
    try:
        return shlex.split(text) if len(text) <= _MOST_QUOTED else text.split()
    except ValueError:  # an unclosed quote
        return text.split()


def _content(file: Path) -> dict[str, Json]:
    try:
        text = read_text(file)
        content = parse_toml(text) if file.suffix == ".toml" else read(text)
    except (OSError, ValueError, RecursionError) as problem:
        raise _error(file.name, f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    return content if isinstance(content, dict) else {}


def _section(content: Json, *names: str) -> dict[str, Json]:
    for name in names:
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def _error(file: str, message: str, remedy: str = "") -> FindingsError:
    return FindingsError([Finding("CONFIGURATION", "error", Where(place=Place(file)), message, remedy)])
