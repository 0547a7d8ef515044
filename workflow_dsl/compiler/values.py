"""What authors give as a field's value -> JSON, as the field's query language has it.

A path becomes a `.$` field in a payload template and the `...Path` sibling of a field that has one; a reference becomes
its placeholder. What ASL could not say, or would take literally, is an error at the author's line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.references import Reference
from workflow_dsl.authoring.values import Expression, Jsonata, as_array
from workflow_dsl.definition.json import Json, is_json_scalar, is_json_text
from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.findings import FindingsError, Keys, Place, authoring_error, to_field

# Fields in the order of the States Language's own examples: what a state is, what goes in, what it does, what comes
# out, where it goes. A field that is not here stands where the dash is.
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
_ARGUMENTS = frozenset("Arguments Output Items".split())  # in JSONata, what templates are in JSONPath
_PATHS = (sdk.Placeholder, Expression)
_INSTEAD = 'write jsonata("$states.input..."), or give the state query_language="JSONPath"'


@dataclass(frozen=True, slots=True)
class ValueCompiler:
    """Turns the values of one block into JSON.

    `reference_targets` collects the targets of references, by placeholder; `used` is called for each use of a
    state's output().
    """

    place: Place | None
    state: str | None
    language: str
    reference_targets: dict[str, ReferenceTarget]
    used: Callable[[sdk.StepInput], None] = lambda output: None

    def fields(self, given: Mapping[str, Any], keys: Keys = ()) -> dict[str, Json]:
        """The fields of a block, in order."""
        found: dict[str, Json] = {}
        for name, value in given.items():
            at = (*keys, name)
            if isinstance(value, _PATHS):
                named = self._path_field(name, at)
                if named in found or (named != name and named in given):
                    raise self.wrong(f"{to_field(at)} is given twice, as a value and as a path", "keep one of the two")
                found[named] = self._path(value)
                if named.endswith("Path") and named not in _WITH_FUNCTIONS and found[named].startswith("States."):
                    remedy = "put it into the output of a state before, and give its path"
                    raise self.wrong(f"{to_field(at)} takes a path, and is {value!r}", remedy)
            elif name in _TEMPLATES or name in _ARGUMENTS:
                found[name] = self.template(value, at)
            else:
                found[name] = self.data(value, at)
        return ordered(found)

    def _path_field(self, name: str, keys: Keys) -> str:
        """The field that a path is in."""
        self._refuse_in_jsonata(keys)
        if name.endswith("Path"):
            return name
        if name not in _WITH_PATH:
            remedy = "put it into an object, or write input_path" if name in _TEMPLATES else "write the value itself"
            raise self.wrong(f"{to_field(keys)} is a path, and ASL takes none there", remedy)
        return f"{name}Path"

    def rule(self, rule: Json) -> Json:
        """A Choice rule; unlike in a template, a field's name says already that it is a path."""
        if isinstance(rule, _PATHS):
            return self._path(rule)
        if isinstance(rule, Mapping):
            return {name: self._of_rule(name, value) for name, value in rule.items()}
        return [self.rule(each) for each in rule] if isinstance(rule, (list, tuple)) else self.data(rule, ("Choices",))

    def _of_rule(self, name: str, value: Json) -> Json:
        is_template = name in ("Assign", "Output")
        return self.template(value, ("Choices", name)) if is_template else self.rule(value)

    def template(self, value: Any, keys: Keys) -> Any:
        """A payload template: each path makes the name of its field end in `.$`, a list with paths a States.Array."""
        if isinstance(value, Mapping):
            return self._template_fields(value, keys)
        if isinstance(value, (list, tuple)):
            return [self.template(each, (*keys, index)) for index, each in enumerate(value)]
        if isinstance(value, _PATHS):
            self._refuse_in_jsonata(keys)
            raise self.wrong(
                f"{to_field(keys)} is a path where ASL takes none: in a list with objects, or by itself",
                "put the path into an object, or make a list of paths and plain values alone",
            )
        return self.data(value, keys)

    def _template_fields(self, value: Mapping[Any, Any], keys: Keys) -> Json:
        found: dict[str, Json] = {}
        for key, each in value.items():
            self._check_key(key, keys)
            at = (*keys, key)
            path = self._path_of(each, at)
            is_path = path is not None
            name = f"{key}.$" if is_path and not key.endswith(".$") else str.__str__(key)
            if name in found or (is_path and name != key and name in value):
                raise self.wrong(f"{to_field(at)} is given twice, as a value and as a path", "keep one of the two")
            found[name] = path if is_path else self.template(each, at)
        return found

    def _path_of(self, value: Any, keys: Keys) -> str | None:
        """The text in a field whose name ends in `.$`: of a path, or of a list with paths in it."""
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
        """The text of a path or of an intrinsic function, the references in it noted."""
        for reference in value.references if isinstance(value, Expression) else ():
            self._text(reference, ())
        if isinstance(value, sdk.StepInput):
            self.used(value)
        text: str = value.to_jsonpath()
        return text

    def data(self, value: Any, keys: Keys) -> Any:
        """Plain JSON."""
        if isinstance(value, (Reference, Jsonata)):
            return self._text(value, keys)
        if is_json_scalar(value):
            return value
        if isinstance(value, Mapping):
            for key in value:
                self._check_key(key, keys)
            return {str.__str__(key): self.data(each, (*keys, key)) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(each, (*keys, index)) for index, each in enumerate(value)]
        if isinstance(value, _PATHS):
            self._refuse_in_jsonata(keys)
            remedy = "write parameters=..." if keys[0] == "Result" else "write the value itself"
            raise self.wrong(f"{to_field(keys)} is a path, and ASL takes none there", remedy)
        raise self.wrong(f"{to_field(keys)} is {_brief(value)}, which JSON cannot hold", _JSON)

    def _text(self, value: Reference | Jsonata, keys: Keys) -> str:
        """A text that has more to it, as plain text."""
        if isinstance(value, Jsonata) and self.language != "JSONata":
            remedy = 'give the state query_language="JSONata", or write path("$...")'
            raise self.wrong(f"{to_field(keys)} is JSONata, and the state is not", remedy)
        if isinstance(value, Reference):
            target = value.target
            known = self.reference_targets.setdefault(value.placeholder, target._replace(place=self.place))
            if known[1:3] != target[1:3]:
                message = f"{value} stands for {known.substitution} elsewhere, and here for {target.substitution}"
                raise self.wrong(message, "give one of them a placeholder=... of its own")
        return str.__str__(value)

    def _check_key(self, key: object, keys: Keys) -> None:
        if not isinstance(key, str):
            raise self.wrong(f"{to_field(keys)} has a key that is no string", "write the key as a string")
        if not is_json_text(key):
            raise self.wrong(f"{to_field(keys)} has the key {key!a}, which JSON cannot hold", _JSON)
        if isinstance(key, Reference):
            self._text(key, keys)

    def _refuse_in_jsonata(self, keys: Keys) -> None:
        if self.language == "JSONata":
            raise self.wrong(f"{to_field(keys)} is a path, and the state is JSONata", _INSTEAD)

    def wrong(self, message: str, remedy: str) -> FindingsError:
        """An error in these values."""
        return authoring_error(self.place, message, remedy, self.state)


def _has_paths(value: Any) -> bool:
    """Whether a list has a path in it, or in a list in it."""
    return isinstance(value, (list, tuple)) and any(isinstance(each, _PATHS) or _has_paths(each) for each in value)


_JSON = "write a string, number, boolean, None, list or dict"


def _brief(value: Any) -> str:
    if isinstance(value, int):
        return "a number of hundreds of digits"
    text = ascii(value) if isinstance(value, str) else sdk.shown(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def ordered(document: dict[str, Json]) -> dict[str, Json]:
    """Fields in the order of a generated file."""
    return dict(sorted(document.items(), key=lambda item: _ORDER.get(item[0], _ORDER["-"])))
