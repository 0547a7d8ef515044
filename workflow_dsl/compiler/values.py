"""Field values in Python -> JSON in the state's query language.

A path becomes a `.$` field in a payload template, and the `...Path` field of a field that has one; a reference becomes
its placeholder. A value that ASL cannot express, or would take literally, is an error at the author's line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.references import Reference
from workflow_dsl.authoring.values import Expression, Jsonata, as_array, timestamp
from workflow_dsl.definition.json import Json, is_json_scalar, is_json_text
from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.findings import FindingsError, Keys, Place, authoring_error, to_field
from workflow_dsl.records import Record

# The order of the States Language's own examples: type, input, work, output, transitions. A field that is not listed is
# placed at the dash.
_ORDER = {
    name: index
    for index, name in enumerate(
        """Type Comment ErrorEquals QueryLanguage Version Resource Credentials TimeoutSeconds TimeoutSecondsPath
        HeartbeatSeconds HeartbeatSecondsPath InputPath Parameters Arguments Result Seconds SecondsPath
        Timestamp TimestampPath Error ErrorPath Cause CausePath Label Items ItemsPath ItemReader ItemSelector
        ItemBatcher MaxConcurrency MaxConcurrencyPath ToleratedFailureCount ToleratedFailureCountPath
        ToleratedFailurePercentage ToleratedFailurePercentagePath Iterator ItemProcessor Branches ResultWriter
        ResultSelector ResultPath Output OutputPath Assign - Choices Default IntervalSeconds MaxAttempts
        BackoffRate MaxDelaySeconds JitterStrategy Retry Catch Next End""".split()
    )
}
_WITH_PATH = frozenset(
    "TimeoutSeconds HeartbeatSeconds Seconds Timestamp Error Cause MaxConcurrency ToleratedFailureCount "
    "ToleratedFailurePercentage MaxItems MaxItemsPerBatch MaxInputBytesPerBatch Items".split()
)
_WITH_FUNCTIONS = ("ErrorPath", "CausePath")  # States Language, "Fail State"
_TEMPLATES = frozenset("Parameters ResultSelector ItemSelector Assign Credentials BatchInput".split())
_ARGUMENTS = frozenset("Arguments Output Items".split())  # the templates of JSONata
_PATHS = (sdk.Placeholder, Expression)
_USE_JSONATA = 'write jsonata("$states.input..."), or add query_language="JSONPath" to the state'


class ValueCompiler(Record):
    """Turns the values of one block into JSON.

    `reference_targets` collects the targets of references, by placeholder; `record_use` is called for each use of a
    state's output().
    """

    place: Place | None
    state: str | None
    language: str
    reference_targets: dict[str, ReferenceTarget]
    record_use: Callable[[sdk.StepInput], None] = lambda output: None

    def fields(self, values: Mapping[str, Any], keys: Keys = ()) -> dict[str, Json]:
        """Return the fields of a block, in order."""
        document: dict[str, Json] = {}
        for name, value in values.items():
            field_keys = (*keys, name)
            if isinstance(value, _PATHS):
                path_field = self._path_field(name, field_keys)
                if path_field in document or (path_field != name and path_field in values):
                    raise self._twice(field_keys)
                document[path_field] = path = self._path(value)
                if path_field.endswith("Path") and path_field not in _WITH_FUNCTIONS and path.startswith("States."):
                    remedy = "assign it to a field or variable in an earlier state, and pass its path"
                    raise self.mistake(f"{to_field(field_keys)} takes a path, but is {value!r}", remedy)
            elif name in _TEMPLATES or name in _ARGUMENTS:
                document[name] = self.template(value, field_keys)
            else:
                document[name] = self.data(value, field_keys)
        return ordered(document)

    def _twice(self, keys: Keys) -> FindingsError:
        return self.mistake(f"{to_field(keys)} is set twice, as a value and as a path", "keep one of the two")

    def _path_field(self, name: str, keys: Keys) -> str:
        """The name of the field for a path."""
        self._refuse_in_jsonata(keys)
        if name.endswith("Path"):
            return name
        if name not in _WITH_PATH:
            remedy = "put it into an object, or write input_path" if name in _TEMPLATES else "write the value itself"
            raise self.mistake(f"{to_field(keys)} is a path, which ASL does not allow there", remedy)
        return f"{name}Path"

    def rule(self, rule: Json) -> Json:
        """Return a Choice rule. Unlike in a template, a path does not change its field's name."""
        if isinstance(rule, _PATHS):
            return self._path(rule)
        if isinstance(rule, Mapping):
            return {name: self._of_rule(name, value) for name, value in rule.items()}
        return [self.rule(item) for item in rule] if isinstance(rule, (list, tuple)) else self.data(rule, ("Choices",))

    def _of_rule(self, name: str, value: Json) -> Json:
        is_template = name in ("Assign", "Output")
        return self.template(value, ("Choices", name)) if is_template else self.rule(value)

    def template(self, value: Any, keys: Keys) -> Any:
        """Return a payload template: a path adds `.$` to its field's name, a list with paths becomes a States.Array."""
        if isinstance(value, Mapping):
            return self._template_fields(value, keys)
        if isinstance(value, (list, tuple)):
            return [self.template(item, (*keys, index)) for index, item in enumerate(value)]
        if isinstance(value, _PATHS):
            self._refuse_in_jsonata(keys)
            message = f"{to_field(keys)} is a path by itself, or in a list with objects, which ASL does not allow"
            raise self.mistake(message, "put the path into an object, or write a list of only paths and scalars")
        return self.data(value, keys)

    def _template_fields(self, value: Mapping[Any, Any], keys: Keys) -> Json:
        document: dict[str, Json] = {}
        for key, member in value.items():
            self._check_key(key, keys)
            field_keys = (*keys, key)
            path = self._path_of(member, field_keys)
            is_path = path is not None
            name = f"{key}.$" if is_path and not key.endswith(".$") else str.__str__(key)
            if name in document or (is_path and name != key and name in value):
                raise self._twice(field_keys)
            document[name] = path if is_path else self.template(member, field_keys)
        return document

    def _path_of(self, value: Any, keys: Keys) -> str | None:
        """The value of a `.$` field, for a path or a list with paths; None for any other value."""
        if isinstance(value, _PATHS):
            self._refuse_in_jsonata(keys)
            return self._path(value)
        if not _has_paths(value):
            return None
        self._refuse_in_jsonata(keys)
        try:
            array = as_array(list(value))
        except FindingsError as problem:
            raise FindingsError(finding.at(self.place) for finding in problem.findings) from None
        return None if array is None else self._path(array)

    def _path(self, value: Any) -> str:
        """The text of a path or an intrinsic function. Records the references in it."""
        for reference in value.references if isinstance(value, Expression) else ():
            self._text(reference, ())
        if isinstance(value, sdk.StepInput):
            self.record_use(value)
        text: str = value.to_jsonpath()
        return text

    def data(self, value: Any, keys: Keys) -> Any:
        """Return a value as JSON, without paths."""
        if isinstance(value, (Reference, Jsonata)):
            return self._text(value, keys)
        if is_json_scalar(value):
            return value
        if isinstance(value, Mapping):
            for key in value:
                self._check_key(key, keys)
            return {str.__str__(key): self.data(member, (*keys, key)) for key, member in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(item, (*keys, index)) for index, item in enumerate(value)]
        if isinstance(value, _PATHS):
            self._refuse_in_jsonata(keys)
            remedy = "write parameters=..." if keys[0] == "Result" else "write the value itself"
            raise self.mistake(f"{to_field(keys)} is a path, which ASL does not allow there", remedy)
        remedy = _time_remedy(value, keys) or _JSON
        raise self.mistake(f"{to_field(keys)} is {_brief(value)}, which JSON cannot hold", remedy)

    def _text(self, value: Reference | Jsonata, keys: Keys) -> str:
        """A reference or JSONata as a plain string. Records the reference."""
        if isinstance(value, Jsonata) and self.language != "JSONata":
            remedy = 'add query_language="JSONata" to the state, or write path("$...")'
            raise self.mistake(f"{to_field(keys)} is JSONata, but the state uses JSONPath", remedy)
        if isinstance(value, Reference):
            self._record_reference(value)
        return str.__str__(value)

    def _record_reference(self, reference: Reference) -> None:
        target, name = reference.target, reference.placeholder
        if name not in self.reference_targets:
            self.reference_targets[name] = target._replace(place=reference.place or self.place)
        other = self.reference_targets[name]
        if other[1:3] != target[1:3]:
            message = f"{reference} refers to {target.substitution}, but elsewhere to {other.substitution}"
            raise self.mistake(message, "add placeholder=... with another name to one of them")

    def _check_key(self, key: object, keys: Keys) -> None:
        if not isinstance(key, str):
            raise self.mistake(f"{to_field(keys)} has a key that is not a string", "write the key as a string")
        if not is_json_text(key):
            raise self.mistake(f"{to_field(keys)} has the key {key!a}, which JSON cannot hold", _JSON)
        if isinstance(key, Reference):
            self._text(key, keys)

    def _refuse_in_jsonata(self, keys: Keys) -> None:
        if self.language == "JSONata":
            raise self.mistake(f"{to_field(keys)} is a path, but the state uses JSONata", _USE_JSONATA)

    def mistake(self, message: str, remedy: str) -> FindingsError:
        """Return the error for a mistake in these values."""
        return authoring_error(self.place, message, remedy, self.state)


def _has_paths(value: Any) -> bool:
    """True for a list that contains a path, or a list that does."""
    return isinstance(value, (list, tuple)) and any(isinstance(item, _PATHS) or _has_paths(item) for item in value)


_JSON = "write a string, number, boolean, None, list or dict"


def _brief(value: Any) -> str:
    if isinstance(value, int):
        return "a number with hundreds of digits"
    text = ascii(value) if isinstance(value, str) else sdk.describe(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _time_remedy(value: Any, keys: Keys) -> str:
    """The remedy for a timedelta or a datetime; "" for any other value."""
    if isinstance(value, datetime):
        return f'write "{timestamp(value, f"{to_field(keys)} is")}"'
    if not isinstance(value, timedelta):
        return ""
    seconds = value.total_seconds()
    number = f"{seconds:g}" if seconds % 1 else f"{seconds:.0f}"
    is_field = len(keys) == 1 and isinstance(keys[0], str)
    return f"write {_python_name(str(keys[0]))}={number}" if is_field else f"write {number}, in seconds"


def _python_name(field: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", field).lower()


def ordered(document: dict[str, Json]) -> dict[str, Json]:
    """Return fields in the order of a generated file."""
    return dict(sorted(document.items(), key=lambda item: _ORDER.get(item[0], _ORDER["-"])))
