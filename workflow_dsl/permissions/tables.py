"""The facts that lie beside this room, each a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from workflow_dsl.definition.json import Json


@cache
def table(name: str) -> Mapping[str, Json]:
    """What is in a file, by its name without the ending."""
    found: Mapping[str, Json] = json.loads(Path(__file__).with_name(f"{name}.json").read_bytes())
    return found
