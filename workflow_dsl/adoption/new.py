"""The plan of a new project with this repository's layout."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from workflow_dsl.adoption.plan import Plan, Step, step
from workflow_dsl.findings import Finding, FindingsError, Where


def plan_new_project(root: Path) -> Plan:
    raise NotImplementedError
