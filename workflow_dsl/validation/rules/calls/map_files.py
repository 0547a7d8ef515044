"""The buckets and keys of the files that a distributed Map reads and writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, warning

_REQUIRED_OF_A_MAP = {"ItemReader": ("Bucket", "Key"), "ResultWriter": ("Bucket",)}


@warning("READER_PARAMETERS", guide_url("input-output-itemreader"), applies_to="Map")
def parameters_of_a_map(definition: Definition) -> Iterator[Problem]:
    """A Map that reads from S3 names the bucket and, with getObject only, the key; one that writes names the bucket."""
    for state in definition.states_of_type("Map"):
        for field, names in _REQUIRED_OF_A_MAP.items():
            holder = state.fields.get(field)
            resource = holder.get("Resource") if isinstance(holder, dict) else None
            if not isinstance(holder, dict) or not is_known(resource):
                continue
            if field == "ResultWriter" and not holder.keys() & {"Arguments", "Parameters"}:
                continue  # an error of its own
            parameters = holder.get("Arguments", holder.get("Parameters", {}))
            required = names if resource.endswith(("getObject", "putObject")) else names[:1]
            if not isinstance(parameters, dict):
                continue
            yield from _names_of_objects(state, field, resource, parameters)
            for name in required:
                if name not in parameters and f"{name}.$" not in parameters:
                    inner = "Arguments" if definition.language_of(state) == "JSONata" else "Parameters"
                    yield Problem(state.at(field), f"does not name the {name.lower()}", f'add "{name}" to its {inner}')


def _names_of_objects(state: State, field: str, resource: str, parameters: Mapping[str, Json]) -> Iterator[Problem]:
    """The Key of what is several objects, and a Prefix in other letters."""
    key = next((name for name in ("Key", "Key.$") if name in parameters), None)
    if key and resource.endswith("listObjectsV2"):
        remedy = "write s3:getObject to read the file, or Prefix to list objects"
        yield Problem(state.at(field), f"lists objects, which takes no {key}", remedy)
    if key and field == "ResultWriter":
        yield Problem(state.at(field), f"takes no {key}, as it writes several objects", "write Prefix")
    inner = "Arguments" if "Arguments" in state.fields[field] else "Parameters"
    for name in parameters:
        if re.fullmatch(r"(?!Prefix)(?i:prefix)(\.\$)?", name):
            yield Problem(state.at_key(field, inner, name), f"takes Prefix, not {name}", "write Prefix")
