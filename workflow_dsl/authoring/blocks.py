"""What states are given: retriers, catchers, branches, and the parts of a distributed Map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, TypedDict, Unpack

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.integrations import OF_A_MAP, ServiceResource
from workflow_dsl.authoring.types import Path, Step, Template, Whole
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import closest, some_of


class Checked(sdk.Block):
    """A block whose fields are those of a table; another one, or one that lacks, is an error at the author's line."""

    _takes: ClassVar[Any]  # a TypedDict

    def allowed_fields(self) -> list[Any]:
        """Its fields: the SDK's own names for those that it knows, plain names for the others."""
        known = {field.value: field for field in sdk.Field}
        return [known.get(name, name) for name in self._takes.__annotations__]

    def is_field_allowed(self, field_name: str) -> bool:
        """Whether it has a field of this name."""
        return field_name in self._takes.__annotations__

    @classmethod
    def checked(cls, given: Any, name: str | None = None) -> dict[str, Any]:
        """The fields as they are given. Raises FindingsError for one that it does not take, or that it lacks."""
        known = cls._takes.__annotations__
        for each in given:
            if each not in known:
                remedy = closest(each, known) or f"it takes {some_of(sorted(known), 40)}"
                raise sdk.mistake(f"{cls.__name__} has no {each}", remedy, name)
        for each in sorted(cls._takes.__required_keys__):
            if each not in given:
                raise sdk.mistake(f"{cls.__name__} lacks {each}", _EXAMPLES[each], name)
        for each, kind in (("retry", "Retry"), ("catch", "Catch")):
            if not given.get(each, True) and given[each] not in (None, [], ()):
                message = f"{each} is {given[each]!r}"
                raise sdk.mistake(message, f"give it a {kind}, or a list of them", name)
        return dict(given)

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'state_id', None) or '...'})"


_EXAMPLES = {
    "resource": 'write resource=function("MyFunction"), or resource=call("dynamodb:putItem", ...)',
    "error_equals": 'write error_equals="States.ALL", or a list of names',
}


def _names(error_equals: Any) -> Any:
    """One error's name is a list of it."""
    return [error_equals] if isinstance(error_equals, str) else error_equals


class Part(Checked):
    """What a Map is given that has fields of its own."""


class _ErrorEquals(TypedDict):
    error_equals: str | Sequence[str]


class RetryFields(_ErrorEquals, total=False):
    """The fields of a retrier."""

    comment: str
    interval_seconds: int
    max_attempts: int
    backoff_rate: float
    max_delay_seconds: int
    jitter_strategy: Literal["NONE", "FULL"]


class Retry(Checked, sdk.Retry):
    """When a state is tried again. A value: any number of states may be given the same one.

    `error_equals` is one error's name or a list of them; the first of several attempts comes after
    `interval_seconds`, each further one `backoff_rate` times later, but never later than `max_delay_seconds`; the
    `jitter_strategy` "FULL" takes a random time up to that. AWS's defaults: 1 s, 3 attempts, 2.0, no bound, "NONE".
    """

    _takes = RetryFields

    def __init__(self, **fields: Unpack[RetryFields]) -> None:
        given = self.checked(fields)
        super().__init__(**(given | {"error_equals": _names(given["error_equals"])}))


class CatchFields(_ErrorEquals, total=False):
    """The fields of a catcher."""

    comment: str
    result_path: Path | None
    output: Json
    assign: Mapping[str, Json]


class Catch(Checked, sdk.Catch):
    """Where a state goes when an error is not, or no longer, tried again.

    In JSONPath `result_path` says where the error goes in the state's input, which it replaces else; in JSONata
    `output` makes the next state's input, with `$states.errorOutput`.
    """

    _takes = CatchFields

    def __init__(self, next_step: Step, **fields: Unpack[CatchFields]) -> None:
        given = self.checked(fields)
        super().__init__(next_step, **(given | {"error_equals": _names(given["error_equals"])}))


def _step(block: str, start: Any) -> Step:
    if isinstance(start, sdk.State) or (isinstance(start, sdk.Chain) and start.steps):
        return start
    raise sdk.mistake(f"{block} starts with {sdk.shown(start)}, which is no state", "give it a state or a Chain")


class Branch(sdk.NestedMachine):
    """A branch of a Parallel with its comment; without one, the state or Chain itself will do."""

    def __init__(self, start: Step, *, comment: str | None = None) -> None:
        self.start = _step("Branch", start)
        self._comment = comment

    @property
    def settings(self) -> dict[str, Any]:
        """Its fields beside its states."""
        return {} if self._comment is None else {"comment": self._comment}


class ProcessorFields(TypedDict, total=False):
    """The fields of an item processor beside its states."""

    comment: str
    mode: Literal["INLINE", "DISTRIBUTED"]
    execution_type: Literal["STANDARD", "EXPRESS"]


class ItemProcessor(Checked, sdk.NestedMachine):
    """What a Map does with each item. `mode="DISTRIBUTED"` runs each item, or batch of items, as an execution of its
    own, STANDARD or EXPRESS as `execution_type` says; an inline Map needs no more than the state or Chain itself.
    """

    _takes = ProcessorFields

    def __init__(self, start: Step, **fields: Unpack[ProcessorFields]) -> None:
        super().__init__(**self.checked(fields))
        self.start = _step("ItemProcessor", start)

    @property
    def settings(self) -> dict[str, Any]:
        """Its fields beside its states."""
        named = {"mode": "Mode", "execution_type": "ExecutionType"}
        config = {named[name]: value for name, value in self.fields.items() if name in named}
        comment = {"comment": self.fields["comment"]} if "comment" in self.fields else {}
        return ({"processor_config": config} if config else {}) | comment


def _only(block: type, given: dict[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    """The fields, whose resource, if it is a call, is one of these."""
    resource = given.get("resource")
    if isinstance(resource, ServiceResource) and resource.name not in allowed:
        message = f"{block.__name__} cannot use {resource.name}"
        raise sdk.mistake(message, f"write {' or '.join(allowed)}")
    return given


class ReaderConfigFields(TypedDict, total=False):
    """The fields of a reader's configuration."""

    input_type: Literal["MANIFEST", "JSON", "CSV", "JSONL", "PARQUET"]
    transformation: Literal["NONE", "LOAD_AND_FLATTEN"]
    manifest_type: Literal["ATHENA_DATA", "S3_INVENTORY"]
    csv_header_location: Literal["FIRST_ROW", "GIVEN"]
    csv_headers: Sequence[str]
    csv_delimiter: Literal["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]
    max_items: Whole
    max_items_path: Path
    items_pointer: str


class ReaderConfig(Part):
    """What kind of object an ItemReader reads: `input_type="CSV", csv_header_location="FIRST_ROW"`."""

    _takes = ReaderConfigFields

    def __init__(self, **fields: Unpack[ReaderConfigFields]) -> None:
        super().__init__(**self.checked(fields))


class Resource(TypedDict):
    """What is called."""

    resource: str | ServiceResource


class ItemReaderFields(Resource, total=False):
    """The fields of an item reader."""

    parameters: Template
    arguments: Template
    reader_config: ReaderConfig


class ItemReader(Part):
    """Where a distributed Map has its items from: `resource=call("s3:getObject", Bucket=..., Key=...)` for what one
    object holds, `call("s3:listObjectsV2", Bucket=..., Prefix=...)` for the objects themselves.
    """

    _takes = ItemReaderFields

    def __init__(self, **fields: Unpack[ItemReaderFields]) -> None:
        super().__init__(**_only(ItemReader, self.checked(fields), OF_A_MAP[:2]))


class ItemBatcherFields(TypedDict, total=False):
    """The fields of an item batcher."""

    batch_input: Template
    max_items_per_batch: Whole
    max_items_per_batch_path: Path
    max_input_bytes_per_batch: Whole
    max_input_bytes_per_batch_path: Path


class ItemBatcher(Part):
    """How many items one execution of a distributed Map gets, by number or by bytes, and what beside them."""

    _takes = ItemBatcherFields

    def __init__(self, **fields: Unpack[ItemBatcherFields]) -> None:
        super().__init__(**self.checked(fields))


class WriterConfigFields(TypedDict, total=False):
    """The fields of a writer's configuration."""

    output_type: Literal["JSON", "JSONL"]
    transformation: Literal["NONE", "COMPACT", "FLATTEN"]


class WriterConfig(Part):
    """In which form a ResultWriter writes: `output_type="JSONL", transformation="COMPACT"`."""

    _takes = WriterConfigFields

    def __init__(self, **fields: Unpack[WriterConfigFields]) -> None:
        super().__init__(**self.checked(fields))


class ResultWriterFields(TypedDict, total=False):
    """The fields of a result writer."""

    resource: str | ServiceResource
    parameters: Template
    arguments: Template
    writer_config: WriterConfig


class ResultWriter(Part):
    """Where a distributed Map puts its results: `resource=call("s3:putObject", Bucket=..., Prefix=...)`."""

    _takes = ResultWriterFields

    def __init__(self, **fields: Unpack[ResultWriterFields]) -> None:
        super().__init__(**_only(ResultWriter, self.checked(fields), OF_A_MAP[2:]))
