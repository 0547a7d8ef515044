"""The build backend that pip and uv call for the SDK's source distribution.

An installer asks an archive's backend for metadata and a wheel. setuptools would execute the archive's setup.py, and
would be fetched itself, in a version that nothing pins. This module is on the path of that process in its place.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

_INFO = "stepfunctions-2.3.0.dist-info"
_METADATA = "Metadata-Version: 2.1\nName: stepfunctions\nVersion: 2.3.0\n"
_WHEEL = "Wheel-Version: 1.0\nGenerator: workflow-dsl\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_Settings = Mapping[str, object]


def get_requires_for_build_wheel(config_settings: _Settings | None = None) -> list[str]:
    """Return no requirement."""
    return []


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: _Settings | None = None) -> str:
    """Write the name and the version alone, without requirements."""
    folder = Path(metadata_directory, _INFO)
    folder.mkdir()
    (folder / "METADATA").write_text(_METADATA, "utf-8")
    return _INFO


def build_wheel(
    wheel_directory: str, config_settings: _Settings | None = None, metadata_directory: str | None = None
) -> str:
    """Write a wheel with the modules in the archive's folder, the current one."""
    name = "stepfunctions-2.3.0-py3-none-any.whl"
    texts = {"METADATA": _METADATA, "WHEEL": _WHEEL, "RECORD": ""}
    with zipfile.ZipFile(Path(wheel_directory, name), "w") as wheel:
        for path in sorted(Path("src", "stepfunctions").rglob("*.py")):
            wheel.writestr(path.relative_to("src").as_posix(), path.read_bytes())
        for file, text in texts.items():
            wheel.writestr(f"{_INFO}/{file}", text)
    return name


class __legacy__:  # noqa: N801  # PEP 517's name for projects without a pyproject.toml: setuptools.build_meta:__legacy__
    get_requires_for_build_wheel = staticmethod(get_requires_for_build_wheel)
    prepare_metadata_for_build_wheel = staticmethod(prepare_metadata_for_build_wheel)
    build_wheel = staticmethod(build_wheel)
