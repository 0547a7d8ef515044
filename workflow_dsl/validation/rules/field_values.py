"""The values of fields: timeouts, credentials, a Map's configuration, labels, names, and the limits of EXPRESS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.definition.json import Json, short_json, value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide_url, note, spec_url


@error(spec_url("timeouts"), applies_to="HeartbeatSeconds")
def heartbeat_below_timeout(definition: Definition) -> Iterator[Problem]:
    """HeartbeatSeconds is less than TimeoutSeconds."""
    for state, heartbeat, timeout in _limits(definition):
        if heartbeat > timeout:
            message = f"HeartbeatSeconds ({heartbeat}) is not less than TimeoutSeconds ({timeout})"
            yield Problem(state.at("HeartbeatSeconds"), message, "write a smaller number")


# The States Language wants a smaller number; the service accepts an equal one, as definitions exported from it show.
@note("USELESS_HEARTBEAT", spec_url("timeouts"), applies_to="HeartbeatSeconds")
def heartbeat_as_long_as_the_timeout(definition: Definition) -> Iterator[Problem]:
    """HeartbeatSeconds has no effect if it is as long as TimeoutSeconds."""
    for state, heartbeat, timeout in _limits(definition):
        if heartbeat == timeout:
            message = f"has no effect, because it is as long as TimeoutSeconds ({timeout})"
            yield Problem(state.at("HeartbeatSeconds"), message, "write a smaller number, or remove it")


def _limits(definition: Definition) -> Iterator[tuple[State, int, int]]:
    """Yield the tasks that have both limits as numbers, with their heartbeat and timeout."""
    for state in definition.states_of_type("Task"):
        heartbeat, timeout = state.fields.get("HeartbeatSeconds"), state.fields.get("TimeoutSeconds")
        if isinstance(heartbeat, int) and isinstance(timeout, int):
            yield state, heartbeat, timeout


@error(guide_url("concepts-access-cross-acct-resources"), applies_to="Credentials")
def credentials(definition: Definition) -> Iterator[Problem]:
    """Credentials has a RoleArn; a task that calls an activity has no Credentials."""
    for state in definition.states_of_type("Task"):
        value, resource = state.fields.get("Credentials"), state.fields.get("Resource")
        if "Credentials" in state.fields and isinstance(resource, str) and ":activity:" in resource:
            message = "The field 'Credentials' is not supported for activities"
            yield Problem(state.at("Credentials"), message, "remove it")
        elif isinstance(value, dict):
            names = ("RoleArn", "RoleArn.$") if definition.language_of(state) == "JSONPath" else ("RoleArn",)
            if not any(name in value for name in names):
                message = "The field 'RoleArn' is required but was missing"
                yield Problem(state.at("Credentials"), message, 'add "RoleArn", the role that the task assumes')


@error(guide_url("state-map-distributed"), applies_to="Map")
def execution_type_of_a_map(definition: Definition) -> Iterator[Problem]:
    """A distributed Map has an ExecutionType, STANDARD or EXPRESS; an inline Map has none."""
    for state in definition.states_of_type("Map"):
        for field in ("ItemProcessor", "Iterator"):
            config = value_at(state.fields, (field, "ProcessorConfig"))
            if isinstance(config, dict):
                where = (field, "ProcessorConfig")
                if config.get("Mode") == "DISTRIBUTED" and "ExecutionType" not in config:
                    remedy = 'add "ExecutionType": "STANDARD" or "EXPRESS"'
                    yield Problem(state.at(*where), "These fields are required: [ExecutionType]", remedy)
                if config.get("Mode", "INLINE") == "INLINE" and "ExecutionType" in config:
                    remedy = 'remove it, or write "Mode": "DISTRIBUTED"'
                    yield Problem(state.at(*where, "ExecutionType"), "Field 'ExecutionType' is not supported", remedy)


@error(guide_url("input-output-itemreader"), applies_to="ItemReader")
def reader_config(definition: Definition) -> Iterator[Problem]:
    """A CSV reader says where its header is, and CSVHeaders if that is GIVEN; files that are listed have a type."""
    for state in definition.states_of_type("Map"):
        config = value_at(state.fields, ("ItemReader", "ReaderConfig"))
        where = ("ItemReader", "ReaderConfig")
        if not isinstance(config, dict):
            continue
        yield from _input_type(state, config)
        if config.get("InputType") == "CSV" and not config.keys() & {"CSVHeaderLocation", "ManifestType"}:
            remedy = 'write "FIRST_ROW", or "GIVEN" and the names in CSVHeaders'
            yield Problem(state.at(*where), "The field 'CSVHeaderLocation' is required", remedy)
        if config.get("InputType") == "JSON" and "CSVHeaderLocation" in config:
            message = "Field 'CSVHeaderLocation' is not supported"
            yield Problem(state.at(*where, "CSVHeaderLocation"), message, "remove it: JSON has no header")
        if config.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in config:
            yield Problem(
                state.at(*where), "These fields are required: [CSVHeaders]", "add the column names as CSVHeaders"
            )


def _input_type(state: State, config: Mapping[str, Json]) -> Iterator[Problem]:
    """Yield what is wrong with the type of the files that a manifest or a listing names."""
    where = ("ItemReader", "ReaderConfig")
    if config.get("ManifestType") == "S3_INVENTORY" and "InputType" in config:
        remedy = "remove it: the files of an S3 inventory are CSV"
        yield Problem(state.at(*where, "InputType"), "Field 'InputType' is not supported", remedy)
    is_listed = config.get("ManifestType") == "ATHENA_DATA" or config.get("Transformation") == "LOAD_AND_FLATTEN"
    if is_listed and "InputType" not in config:
        remedy = 'add the type of the files, such as "InputType": "JSONL"'
        yield Problem(state.at(*where), "These fields are required: [InputType]", remedy)


@error(guide_url("input-output-resultwriter"), applies_to="ResultWriter")
def result_writer(definition: Definition) -> Iterator[Problem]:
    """A ResultWriter with a Resource has Arguments, or Parameters in JSONPath, which name the bucket."""
    for state in definition.states_of_type("Map"):
        writer = state.fields.get("ResultWriter")
        field = "Arguments" if definition.language_of(state) == "JSONata" else "Parameters"
        if isinstance(writer, dict) and "Resource" in writer and not writer.keys() & {"Arguments", "Parameters"}:
            message = f"These fields are required: [{field}]"
            yield Problem(state.at("ResultWriter"), message, f'add "Bucket" to its {field}')


_LABEL = lazy_regex(r"""[^\s?*<>{}\[\]:;,\\|^~$#%&`"\x00-\x1f\x7f-\x9f]+""")


@error(guide_url("state-map-distributed"), "INVALID_LABEL_NAME", applies_to="Label")
def map_labels(definition: Definition) -> Iterator[Problem]:
    """A Map's Label has 1 to 40 characters, without whitespace and special characters."""
    for state in definition.states_of_type("Map"):
        label = state.fields.get("Label")
        if not is_known(label):
            continue
        if len(label) > 40:
            message = f"Invalid label: {short_json(label)} exceeds the 40-character limit allowed by the service"
            yield Problem(state.at("Label"), message, "shorten it")
        elif not _LABEL.fullmatch(label):
            yield Problem(state.at("Label"), f"Invalid label: {label}", "use letters, digits, - and _")


@error(guide_url("state-map-distributed"), "DUPLICATE_LABEL_NAME", applies_to="Label")
def duplicate_labels(definition: Definition) -> Iterator[Problem]:
    """A Map's Label is unique in the state machine."""
    seen: dict[str, State] = {}
    for state in definition.states_of_type("Map"):
        label = state.fields.get("Label")
        if is_known(label) and seen.setdefault(label, state) is not state:
            remedy = f'choose another: "{seen[label].name}" already has this one'
            yield Problem(state.at("Label"), f"Duplicate Label name: {label}", remedy)


@error(guide_url("service-quotas"), "INVALID_STATE_NAME")
def state_names(definition: Definition) -> Iterator[Problem]:
    """A state's name has at most 80 characters."""
    for state in definition.states:
        if len(state.name) > 80 and is_known(state.name):
            message = (
                f"Invalid State name: {short_json(state.name)} exceeds the 80-character limit allowed by the service: "
                f"it has {len(state.name)}"
            )
            yield Problem(state.at(), message, "shorten it, and put the rest in Comment")


@error(guide_url("choosing-workflow-type"), applies_to="EXPRESS")
def express_limits(definition: Definition) -> Iterator[Problem]:
    """An EXPRESS state machine has no .sync, no .waitForTaskToken, no activities and no distributed Map."""
    for state in definition.states:
        resource = state.fields.get("Resource")
        for part, message in _NOT_EXPRESS.items():
            if isinstance(resource, str) and part in resource:
                remedy = "make the state machine STANDARD, or call without waiting"
                yield Problem(state.at("Resource"), message, remedy)
        for field in ("ItemProcessor", "Iterator"):
            if value_at(state.fields, (field, "ProcessorConfig", "Mode")) == "DISTRIBUTED":
                message = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
                where = state.at(field, "ProcessorConfig", "Mode")
                yield Problem(where, message, "make the state machine STANDARD, or the Map INLINE")


_NOT_EXPRESS = {
    ".sync": "Express state machine does not support '.sync' service integration",
    ".waitForTaskToken": "Express state machine does not support '.waitForTaskToken' service integration",
    ":activity:": "Express state machine does not support Activity ARN",
}
