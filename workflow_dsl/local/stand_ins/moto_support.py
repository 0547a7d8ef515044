"""The calls that moto can answer, read from its source without importing it: an import takes a second.

moto passes a request to the method that has the operation's name, in the package that has the service's name
(`moto.core.responses.BaseResponse.call_action`), or to one that its urls name. So an operation that none of these
modules mentions has no part in moto. One that they mention may still lack it, which only the call shows.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.stand_ins.gaps import CannotAnswer, Gap
from workflow_dsl.regexes import lazy_regex

INSTALL = "pip install 'workflow-dsl[local]'"
# Botocore's name -> moto's packages, if they are not that name without hyphens.
_PACKAGES = {
    "docdb": ("rds",),
    "es": ("es", "opensearch"),
    "lambda": ("awslambda",),
    "neptune": ("rds",),
    "timestream-query": ("timestreamquery", "timestreamwrite"),
}
_MODULES = lazy_regex(r"_?(responses|models|urls)")


@cache
def moto_gap(service: str, operation: str) -> Gap | None:
    """Return why moto cannot answer an operation of a service by botocore's names; None if it seems that it can."""
    root = _package_folder()
    if root is None:
        return Gap("moto is not installed", INSTALL)
    packages = [name for name in _PACKAGES.get(service, (service.replace("-", ""),)) if (root / name).is_dir()]
    if not packages:
        return Gap(f"moto has no {service}")
    spelt = re.compile(rf"(?<![a-z0-9]){'_?'.join(operation)}(?![a-z0-9])", re.IGNORECASE)
    if not any(spelt.search(text) for name in packages for text in _sources(root / name)):
        return Gap(f"moto has no {operation} in {service}")
    return _missing_dependency(packages[0])


def _package_folder() -> Path | None:
    try:
        spec = find_spec("moto")
    except ValueError:  # a module that was set to None
        spec = None
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _sources(folder: Path) -> list[str]:
    files = folder.rglob("*.py")
    return [file.read_text("utf-8") for file in files if _MODULES.match(file.name) or _MODULES.match(file.parent.name)]


def _missing_dependency(package: str) -> Gap | None:
    """The gap of a package whose import fails. It is only tried if a requirement of its extra is not installed."""
    if f"moto.{package}.responses" in sys.modules or all(
        _is_installed(requirement) for requirement in _requirements(package)
    ):
        return None
    os.environ.setdefault("MOTO_ACCOUNT_ID", LOCAL_ACCOUNT)  # moto reads it when it is imported
    try:
        importlib.import_module(f"moto.{package}.urls")
    except ImportError as problem:
        return import_gap(package, problem)
    return None


def _requirements(package: str) -> list[str]:
    """The names of the distributions that the extra of a package asks for."""
    from importlib.metadata import PackageNotFoundError, requires

    wanted = re.compile(rf"""extra == ["']{package}["']""")
    try:
        declared = requires("moto") or []
    except PackageNotFoundError:
        return []
    return [re.split(r"[^\w.-]", requirement, maxsplit=1)[0] for requirement in declared if wanted.search(requirement)]


def _is_installed(requirement: str) -> bool:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        distribution(requirement)
    except PackageNotFoundError:
        return False
    return True


def import_gap(package: str, problem: ImportError) -> Gap:
    """Return the gap of a package of moto that cannot be imported: the module that it needs, and its extra."""
    extra = package if _requirements(package) else "all"
    return Gap(f"moto needs {problem.name} for it", f"pip install 'moto[{extra}]'")


# Error codes with which an endpoint says that it does not know an operation.
_UNKNOWN = frozenset(("InvalidAction", "NotImplemented", "UnknownOperation", "UnknownOperationException"))


def send(client: Any, method: str, members: dict[str, Any]) -> Any:
    """Return the response to a call of a boto3 client's method.

    Raises CannotAnswer if moto or the endpoint has no part for it, or if moto itself fails, and FindingsError for a
    resource of the template that moto refuses; else botocore's errors.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return getattr(client, method)(**members)
    except ClientError as problem:
        if _is_not_implemented(problem):
            error = problem.response["Error"]
            raise CannotAnswer(
                Gap(f"it is not implemented ({error['Code']}: {_first_line(error['Message'])})")
            ) from None
        raise
    except ImportError as problem:
        package = _PACKAGES.get(client.meta.service_model.service_name)
        name = package[0] if package else client.meta.service_model.service_name.replace("-", "")
        raise CannotAnswer(import_gap(name, problem)) from None
    except NotImplementedError as problem:
        raise CannotAnswer(Gap(f"moto has not implemented it ({_first_line(problem)})")) from None
    except Exception as problem:
        if isinstance(problem, (BotoCoreError, FindingsError)) or not _is_of_moto(problem):
            raise
        text = f"moto fails with {type(problem).__name__}: {_first_line(problem)}"
        raise CannotAnswer(Gap(text)) from None


def _is_not_implemented(problem: Any) -> bool:
    error, metadata = problem.response["Error"], problem.response.get("ResponseMetadata", {})
    is_said = "not yet implemented" in str(error.get("Message", "")).lower()
    return is_said or error.get("Code") in _UNKNOWN or metadata.get("HTTPStatusCode") == 501


def _is_of_moto(problem: Exception) -> bool:
    frames = problem.__traceback__
    while frames:
        if frames.tb_frame.f_globals.get("__name__", "").startswith("moto."):
            return True
        frames = frames.tb_next
    return False


def _first_line(text: object) -> str:
    return str(text).strip().split("\n", 1)[0]
