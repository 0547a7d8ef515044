"""The blocks inside a state: retriers, catchers, branches, and the parts of a distributed Map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NoReturn, TypedDict, Unpack

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.integrations import MAP_ONLY, ServiceResource
from workflow_dsl.authoring.types import Path, Step, Template, Whole
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import did_you_mean, short_list


class Checked(sdk.Block):
    """A block whose fields are listed in a TypedDict; an unknown or missing one is an error at the author's line."""

    _takes: ClassVar[Any]  # a TypedDict

    def allowed_fields(self) -> list[Any]:
        """Return its fields: members of the SDK's Field where it has one, strings for the others."""
        sdk_fields = {field.value: field for field in sdk.Field}
        return [sdk_fields.get(name, name) for name in self._takes.__annotations__]

    def is_field_allowed(self, field_name: str) -> bool:
        """True if it has a field of this name."""
        return field_name in self._takes.__annotations__

    @classmethod
    def checked(cls, options: Any, name: str | None = None) -> dict[str, Any]:
        """Return the fields unchanged. Raises FindingsError for an unknown field, or a missing required one."""
        fields = cls._takes.__annotations__
        for field in options:
            if field not in fields:
                remedy = did_you_mean(field, fields) or f"it takes {short_list(sorted(fields), 40)}"
                raise sdk.mistake(f"{cls.__name__} has no {field}", remedy, name)
        for field in sorted(cls._takes.__required_keys__):
            if field not in options:
                raise sdk.mistake(f"{cls.__name__} needs {field}", EXAMPLES[field], name)
        for field, kind in (("retry", "Retry"), ("catch", "Catch")):
            if not options.get(field, True) and options[field] not in (None, [], ()):
                remedy = f"pass a {kind}, or a list of them"
                raise sdk.mistake(f"{field} is {options[field]!r}, not a {kind}", remedy, name)
        return dict(options)

    def keep_empty_lists(self, options: Mapping[str, Any]) -> None:
        """Remember retry=[] and catch=[], which the SDK cannot tell from a state without them."""
        self.__dict__["_empty_lists"] = [name for name in ("retry", "catch") if options.get(name) == []]

    def to_dict(self) -> NoReturn:
        """Refuse the SDK's to_dict(), which lacks the fields that the SDK does not know."""
        remedy = "write compile_workflow(Workflow(state)).document(), from workflow_dsl.compiler"
        raise sdk.mistake(f"{self!r} has no to_dict()", remedy)

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'state_id', None) or '...'})"


EXAMPLES = {
    "resource": 'write resource=function("MyFunction"), or resource=call("dynamodb:putItem", ...)',
    "error_equals": 'write error_equals="States.ALL", or a list of names',
}


def _error_names(error_equals: Any) -> Any:
    """A single error name as a list."""
    return [error_equals] if isinstance(error_equals, str) else error_equals


class Part(Checked):
    """A field of a distributed Map that has fields itself."""


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
    """A retrier. Several states may share one.

    `error_equals` is an error name or a list of them. The first retry follows after `interval_seconds`; each later
    delay is `backoff_rate` times longer, up to `max_delay_seconds`; `jitter_strategy="FULL"` picks a random delay up to
    that. AWS's defaults: 1 s, 3 attempts, 2.0, no maximum, "NONE".
    """

    _takes = RetryFields

    def __init__(self, **fields: Unpack[RetryFields]) -> None:
        options = self.checked(fields)
        super().__init__(**(options | {"error_equals": _error_names(options["error_equals"])}))


class CatchFields(_ErrorEquals, total=False):
    """The fields of a catcher."""

    comment: str
    result_path: Path | None
    output: Json
    assign: Mapping[str, Json]


class Catch(Checked, sdk.Catch):
    """A catcher: the transition for an error that is not, or no longer, retried.

    In JSONPath `result_path` puts the error output into the state's input; without it the error output replaces the
    input. In JSONata `output` is the next state's input; the error output is `$states.errorOutput`.
    """

    _takes = CatchFields

    def __init__(self, next_step: Step, **fields: Unpack[CatchFields]) -> None:
        options = self.checked(fields)
        super().__init__(next_step, **(options | {"error_equals": _error_names(options["error_equals"])}))


def _step(block: str, start: Any) -> Step:
    if isinstance(start, sdk.State) or (isinstance(start, sdk.Chain) and start.steps):
        return start
    raise sdk.mistake(f"{block} starts with {sdk.describe(start)}, which is not a state", "pass a state or a Chain")


class Branch(sdk.NestedMachine):
    """A branch of a Parallel with a comment; without one, pass the state or Chain itself."""

    def __init__(self, start: Step, *, comment: str | None = None) -> None:
        self.start = _step("Branch", start)
        self._comment = comment

    @property
    def settings(self) -> dict[str, Any]:
        """The fields beside its states."""
        return {} if self._comment is None else {"comment": self._comment}


class ProcessorFields(TypedDict, total=False):
    """The fields of an item processor beside its states."""

    comment: str
    mode: Literal["INLINE", "DISTRIBUTED"]
    execution_type: Literal["STANDARD", "EXPRESS"]


class ItemProcessor(Checked, sdk.NestedMachine):
    """The states that a Map runs for each item. `mode="DISTRIBUTED"` runs each item or batch as a child execution of
    `execution_type`, STANDARD or EXPRESS; for an inline Map, pass the state or Chain itself.
    """

    _takes = ProcessorFields

    def __init__(self, start: Step, **fields: Unpack[ProcessorFields]) -> None:
        super().__init__(**self.checked(fields))
        self.start = _step("ItemProcessor", start)

    @property
    def settings(self) -> dict[str, Any]:
        """The fields beside its states."""
        asl_names = {"mode": "Mode", "execution_type": "ExecutionType"}
        config = {asl_names[name]: value for name, value in self.fields.items() if name in asl_names}
        comment = {"comment": self.fields["comment"]} if "comment" in self.fields else {}
        return ({"processor_config": config} if config else {}) | comment


def _with_resource(block: type, options: dict[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields. Raises FindingsError if the resource is a call of another service than the allowed ones."""
    resource = options.get("resource")
    if isinstance(resource, ServiceResource) and resource.name not in allowed:
        message = f"{block.__name__} cannot call {resource.name}"
        raise sdk.mistake(message, f"write {' or '.join(allowed)}")
    return options


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
    """The format of the object that an ItemReader reads: `input_type="CSV", csv_header_location="FIRST_ROW"`."""

    _takes = ReaderConfigFields

    def __init__(self, **fields: Unpack[ReaderConfigFields]) -> None:
        super().__init__(**self.checked(fields))


class ResourceField(TypedDict):
    """The resource that a block calls."""

    resource: str | ServiceResource


class ItemReaderFields(ResourceField, total=False):
    """The fields of an item reader."""

    parameters: Template
    arguments: Template
    reader_config: ReaderConfig


class ItemReader(Part):
    """The source of a distributed Map's items: `resource=call("s3:getObject", Bucket=..., Key=...)` for the content of
    an object, `call("s3:listObjectsV2", Bucket=..., Prefix=...)` for a list of objects.
    """

    _takes = ItemReaderFields

    def __init__(self, **fields: Unpack[ItemReaderFields]) -> None:
        super().__init__(**_with_resource(ItemReader, self.checked(fields), MAP_ONLY[:2]))


class ItemBatcherFields(TypedDict, total=False):
    """The fields of an item batcher."""

    batch_input: Template
    max_items_per_batch: Whole
    max_items_per_batch_path: Path
    max_input_bytes_per_batch: Whole
    max_input_bytes_per_batch_path: Path


class ItemBatcher(Part):
    """The batches of a distributed Map: the most items or bytes in one child execution, and input added to each."""

    _takes = ItemBatcherFields

    def __init__(self, **fields: Unpack[ItemBatcherFields]) -> None:
        options = self.checked(fields)
        if not any(field.startswith("max_") for field in options):
            remedy = "add max_items_per_batch=100, or max_input_bytes_per_batch=200_000"
            raise sdk.mistake("ItemBatcher has no batch size", remedy)
        super().__init__(**options)


class WriterConfigFields(TypedDict, total=False):
    """The fields of a writer's configuration."""

    output_type: Literal["JSON", "JSONL"]
    transformation: Literal["NONE", "COMPACT", "FLATTEN"]


class WriterConfig(Part):
    """The format of a ResultWriter's output: `output_type="JSONL", transformation="COMPACT"`."""

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
    """The destination of a distributed Map's results: `resource=call("s3:putObject", Bucket=..., Prefix=...)`."""

    _takes = ResultWriterFields

    def __init__(self, **fields: Unpack[ResultWriterFields]) -> None:
        super().__init__(**_with_resource(ResultWriter, self.checked(fields), MAP_ONLY[2:]))
