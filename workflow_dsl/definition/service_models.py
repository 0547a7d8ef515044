"""The models of AWS services from botocore's data, each read as a file when it is needed: botocore is not imported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.machinery import PathFinder
from pathlib import Path

from workflow_dsl.definition.java_names import java_name, member_name
from workflow_dsl.definition.json import Json


@cache
def data_folder() -> Path | None:
    """Return botocore's folder of models, found without importing it; None if botocore is not installed."""
    spec = PathFinder.find_spec("botocore")
    return Path(spec.submodule_search_locations[0], "data") if spec and spec.submodule_search_locations else None


@cache
def service_model(folder: str) -> ServiceModel | None:
    """Return the newest version of an API in botocore's data, by its folder; None if there is none."""
    data = data_folder()
    if data is None or not (data / folder).is_dir():
        return None
    for version in sorted((data / folder).iterdir(), reverse=True):
        packed, plain = version / "service-2.json.gz", version / "service-2.json"
        if packed.is_file():
            return ServiceModel(json.loads(_unpacked(packed.read_bytes())))
        if plain.is_file():
            return ServiceModel(json.loads(plain.read_bytes()))
    return None


def _unpacked(content: bytes) -> bytes:
    import zlib

    return zlib.decompress(content, wbits=31)  # of gzip, whose module takes a millisecond more to import


class ServiceModel:
    """The API of a service: its operations, and their parameters under the names that Step Functions uses.

    `shapes` has every shape as botocore has it; `prefix` is the service in IAM actions, as `s3` in `s3:GetObject`.
    `service_id` is its name in SDKs.
    """

    def __init__(self, model: Mapping[str, Json]) -> None:
        metadata = model["metadata"]
        self.prefix: str = metadata.get("signingName") or metadata["endpointPrefix"]
        self.service_id: str = metadata.get("serviceId", "")
        self._operations: Mapping[str, Json] = model["operations"]
        self.shapes: Mapping[str, Json] = model["shapes"]
        self._structures: dict[str, Shape] = {}
        self._member_shapes: dict[str, Mapping[str, str | None]] = {}

    @cached_property
    def actions(self) -> Mapping[str, str]:
        """The operations by their name in a Resource: `describeDBInstances`."""
        return {name[0].lower() + name[1:]: name for name in self._operations}

    @cached_property
    def errors(self) -> list[str]:
        """The names of the shapes of the errors that the API models."""
        return [name for name, shape in self.shapes.items() if shape.get("exception")]

    def streams(self, operation: str) -> bool:
        """True if an operation's input or output is an event stream, which no integration supports."""
        sides = (self._operations[operation].get(side, {}).get("shape") for side in ("input", "output"))
        members = [member for side in sides if side for member in self.shapes[side].get("members", {}).values()]
        return any(self.shapes[member["shape"]].get("eventstream") for member in members)

    def parameters(self, operation: str, extra: tuple[str, ...] = ()) -> Shape | None:
        """Return the parameters of an operation, and `extra` ones of an integration; None for an unknown operation."""
        if operation not in self._operations:
            return None
        name = self._operations[operation].get("input", {}).get("shape")
        shape = self.structure(name) if name else Shape(self, {}, ())
        return Shape(self, {**shape.members, **dict.fromkeys(extra)}, shape.required) if extra else shape

    def input(self, operation: str) -> str | None:
        """Return the name of the shape of an operation's parameters; None if it has none or does not exist."""
        name: str | None = self._operations.get(operation, {}).get("input", {}).get("shape")
        return name

    def output(self, operation: str) -> str | None:
        """Return the name of the shape of an operation's result; None if it has none or does not exist."""
        name: str | None = self._operations.get(operation, {}).get("output", {}).get("shape")
        return name

    def structure(self, name: str) -> Shape:
        """Return the structure of this name. A member that the SDK fills in (idempotency token) is not required."""
        if name not in self._structures:
            shape = self.shapes[name]
            members = shape.get("members", {})
            filled_in = {member for member, details in members.items() if details.get("idempotencyToken")}
            required = tuple(java_name(member) for member in shape.get("required", ()) if member not in filled_in)
            # A member that is JSON in a header takes any value: botocore's trait "jsonvalue".
            shapes = {
                java_name(member): None if details.get("jsonvalue") else details["shape"]
                for member, details in members.items()
            }
            self._structures[name] = Shape(self, shapes, required)
        return self._structures[name]

    def member_shapes(self, structure: str) -> Mapping[str, str | None]:
        """Return the names of the shapes of a structure's members, by their names in small letters."""
        if structure not in self._member_shapes:
            self._member_shapes[structure] = {
                member_name(structure, member, is_sdk=is_sdk).lower(): None
                if details.get("jsonvalue")
                else details["shape"]
                for member, details in self.shapes[structure].get("members", {}).items()
                for is_sdk in (False, True)
            }
        return self._member_shapes[structure]


class Shape:
    """A structure: its members under the names that Step Functions uses, and the name of each member's shape.

    A member's shape is None if it is unknown; `model` is None for parameters that are not those of an API.
    """

    def __init__(
        self,
        model: ServiceModel | None,
        members: Mapping[str, str | None],
        required: tuple[str, ...],
        enums: Mapping[str, list[str]] | None = None,
    ) -> None:
        self.model = model
        self.members = members
        self.required = required
        self._enums = enums or {}

    def member(self, name: str) -> Mapping[str, Json]:
        """Return the shape of a member as botocore has it; {} if it is unknown."""
        shape_name = self.members.get(name)
        if shape_name is None or self.model is None:
            return {"type": "string", "enum": self._enums[name]} if name in self._enums else {}
        shape: Mapping[str, Json] = self.model.shapes[shape_name]
        return shape
