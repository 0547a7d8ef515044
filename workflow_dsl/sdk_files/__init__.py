"""The private folder with the files of `stepfunctions`, for environments where the SDK is not installed.

The SDK requires sagemaker, so no environment can have both the SDK's metadata and a clean `pip check`. Its files alone,
in a folder that no installer knows, are enough: a finder of Python's import system adds them. This module is imported
in every test run of an environment, so it imports little.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:
    Loader = MetaPathFinder = object  # importlib.abc imports inspect and more

NAME = "stepfunctions"
VERSION = "2.3.0"
_DOOR = "workflow_dsl.authoring.sdk"


def private_folder() -> Path | None:
    """Return the folder of this version of the SDK below the user's data folder; None for a user without a home.

    The data folder is $XDG_DATA_HOME, or ~/.local/share ("XDG Base Directory Specification": a relative path is
    ignored), on Windows %LOCALAPPDATA%.
    """
    named = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA") or ""
    data = named if os.path.isabs(named) else os.path.expanduser("~/.local/share")  # noqa: PTH111, PTH117  # no error
    return Path(data, "workflow-dsl", f"{NAME}-{VERSION}") if os.path.isabs(data) else None  # noqa: PTH117


def is_fetched() -> bool:
    """True if the private folder has the SDK."""
    folder = private_folder()
    return folder is not None and (folder / NAME / "__init__.py").is_file()


class _Finder(MetaPathFinder):
    """Finds `stepfunctions` in the environment, else in the private folder, and loads it as workflow_dsl does.

    So it does not matter who imports it first. An environment that has sagemaker, too, is left alone: there the SDK
    works by itself.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != NAME:
            return None
        installed = PathFinder.find_spec(NAME)
        if installed is None and not is_fetched():
            return None
        if f"{_DOOR}.importing" in sys.modules:  # workflow_dsl imports it now
            return installed or PathFinder.find_spec(NAME, [str(private_folder())])
        return None if installed and PathFinder.find_spec("sagemaker") else ModuleSpec(NAME, _Loader())


class _Loader(Loader):
    """Loads the SDK by importing workflow_dsl's guarded one."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        importlib.import_module(_DOOR)
        module = sys.modules[NAME]
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec  # the import system has put in the spec of this loader


_FINDER = _Finder()


def serve_imports() -> None:
    """Let `import stepfunctions` work without sagemaker, and find the private folder."""
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
