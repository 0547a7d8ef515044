"""The coverage of the last tests, kept in pytest's cache for the studio."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from workflow_dsl.definition.files import read_text
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.coverage import Element
from workflow_dsl.records import Record

KEY = "workflow-dsl/coverage"
FILE = Path(".pytest_cache", "v", KEY)  # where pytest's cache keeps the value of a key, unless cache_dir is set


class Tested(Record):
    """The elements that the last tests reached in a state machine, when they ended, and a digest of what they ran."""

    covered: frozenset[Element]
    time: str
    digest: str


def digest_of(machine: Machine) -> str:
    """Return a digest that differs for definitions that differ."""
    return hashlib.sha256(machine.to_text().encode()).hexdigest()


def to_saved(covered: Mapping[str, set[Element]], digests: Mapping[str, str], time: datetime) -> dict[str, Json]:
    """Return the value to keep: the elements that tests reached, of each state machine that they ran."""
    machines = {
        name: {"definition": digests[name], "covered": sorted(map(list, elements), key=json.dumps)}
        for name, elements in covered.items()
        if name in digests
    }
    return {"time": time.isoformat(timespec="seconds"), "machines": machines}


def read_saved(root: Path) -> dict[str, Tested]:
    """Return what the last tests of a project reached, by the name of the state machine; nothing where none is kept."""
    try:
        saved = json.loads(read_text(root / FILE))
        return {
            name: Tested(
                frozenset(tuple(element) for element in machine["covered"]), saved["time"], machine["definition"]
            )
            for name, machine in saved["machines"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, FindingsError):
        return {}  # none, or of another version
