"""The sources of events: the queues and streams of pipes and of functions' event source mappings.

Lambda developer guide, "Using Lambda with Amazon SQS" and "Invoking Lambda with event source mappings"; EventBridge
user guide, "Pipes: sources"; API reference of SQS, "CreateQueue".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflow_dsl.agreement.common import (
    Problem,
    certain,
    direct,
    finding_at,
    found,
    possible_values,
    template_uses_macros,
)
from workflow_dsl.agreement.triggers.filters import wrong_filters
from workflow_dsl.agreement.triggers.sam_events import events_of
from workflow_dsl.application.application import Application
from workflow_dsl.application.starting_events import service_of_source
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import FUNCTIONS, QUEUE, ROLE, TABLES, TOPIC
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.permissions import allows, for_role

_STREAMS = {"DynamoDBStreamParameters": TABLES, "KinesisStreamParameters": ("AWS::Kinesis::Stream",)}
_SOURCES = {"SQS": "Queue", "DynamoDB": "Stream", "Kinesis": "Stream"}  # the property of SAM's events
_LARGEST_BATCH = 10_000  # records of a pipe (API reference of EventBridge Pipes)
_SHORTEST_VISIBILITY, _SHORTEST_RUN = 30, 3  # seconds, the defaults of a queue and of a function


def wrong_event_sources(application: Application) -> Iterator[Finding]:
    """Queues and streams that cannot call their function: Lambda refuses the mapping, or SQS the queue."""
    template = application.template
    if template_uses_macros(template):
        return
    for function in template.of_types(*FUNCTIONS):
        for event in events_of(function):
            source, properties = _SOURCES.get(event.type), event.properties
            if source:
                keys: Keys = (*event.keys, "Properties", source)
                for problem in _of_mapping(template, keys, properties.get(source), properties, function):
                    yield found(application, function.logical_id, problem)
    for mapping in template.of_types("AWS::Lambda::EventSourceMapping"):
        at: Keys = ("Resources", mapping.logical_id, "Properties", "EventSourceArn")
        target, _ = direct(template, mapping.properties.get("FunctionName"))
        for problem in _of_mapping(template, at, mapping.properties.get("EventSourceArn"), mapping.properties, target):
            yield found(application, mapping.logical_id, problem)
    for queue in template.of_types(QUEUE, TOPIC):
        problems = _of_queue(template, queue) if queue.type == QUEUE else ()
        for problem in (*_of_first_in_first_out(template, queue), *problems):
            yield found(application, queue.logical_id, problem)


def _of_mapping(
    template: Template, keys: Keys, source: Json, properties: Mapping[str, Json], function: Resource | None
) -> Iterator[Problem]:
    yield from wrong_source(template, keys, source, {})
    yield from wrong_filters(template, (*keys[:-1], "FilterCriteria"), properties.get("FilterCriteria"), source)
    if service_of_source(template, source) in ("dynamodb", "kinesis") and "StartingPosition" not in properties:
        yield Problem(keys[:-1], "it reads a stream without StartingPosition", "add StartingPosition: LATEST")
    queue, attribute = direct(template, source)
    if queue is None or queue.type != QUEUE or attribute != "Arn":
        return
    size, window = certain(template, properties.get("BatchSize")), properties.get("MaximumBatchingWindowInSeconds")
    most = 10 if _is_fifo(queue) or not window else 10_000
    if isinstance(size, int) and size > most:
        reason = "without MaximumBatchingWindowInSeconds" if most == 10 and not _is_fifo(queue) else "of this queue"
        yield Problem(
            (*keys[:-1], "BatchSize"),
            f"its BatchSize is {size}, but the maximum is {most} {reason}",
            f"write at most {most}",
        )
    if function is None or function.type not in FUNCTIONS:
        return
    visible = certain(template, queue.properties.get("VisibilityTimeout", _SHORTEST_VISIBILITY))
    runs = certain(template, function.properties.get("Timeout", _SHORTEST_RUN))
    if isinstance(visible, int) and isinstance(runs, int) and visible < runs:
        message = (
            f"its queue {queue.logical_id} has a VisibilityTimeout of {visible} seconds, less than the Timeout of "
            f"{function.logical_id}, {runs} seconds"
        )
        yield Problem(keys, message, f"add VisibilityTimeout: {6 * runs} to {queue.logical_id}")


def wrong_source(template: Template, keys: Keys, source: Json, parameters: Mapping[str, Json]) -> Iterator[Problem]:
    """The mistakes of a source of events: another value than the ARN of a queue or stream, or no StartingPosition."""
    resource, attribute = direct(template, source)
    if resource is not None and resource.type == QUEUE and attribute in ("Ref", "QueueName", "QueueUrl"):
        message = f"its source is the URL or name of {resource.logical_id}, but it takes the ARN of a queue"
        yield Problem(keys, message, f"write !GetAtt {resource.logical_id}.Arn", "WRONG_RESOURCE")
    elif resource is not None and resource.type in TABLES and attribute in ("Ref", "Arn"):
        message = f"its source is the table {resource.logical_id}, but it takes the ARN of its stream"
        yield Problem(keys, message, f"write !GetAtt {resource.logical_id}.StreamArn", "WRONG_RESOURCE")
    elif resource is not None and resource.type in TABLES[:1] and "StreamSpecification" not in resource.properties:
        message = f"its source is the stream of {resource.logical_id}, which has none"
        remedy = f"add StreamSpecification: {{StreamViewType: NEW_IMAGE}} to {resource.logical_id}"
        yield Problem(keys, message, remedy)
    for name, options in parameters.items():
        size = certain(template, dict_or_empty(options).get("BatchSize"))
        if isinstance(size, int) and size > _LARGEST_BATCH:
            at = (*keys[:-1], "SourceParameters", name, "BatchSize")
            yield Problem(at, f"its BatchSize is {size}", f"write at most {_LARGEST_BATCH}")
    for name, types in _STREAMS.items():
        options = dict_or_empty(parameters.get(name))
        if resource is not None and resource.type in types and parameters and "StartingPosition" not in options:
            yield Problem(
                (*keys[:-1], "SourceParameters"), f"its {name} lack StartingPosition", "add StartingPosition: LATEST"
            )


# EventBridge user guide, "Amazon EventBridge Pipes permissions".
_READS = {
    QUEUE: ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    TABLES[0]: ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
}


def unreadable_sources(application: Application) -> Iterator[Finding]:
    """Pipes whose role may not read their source, or call their enrichment, their target or their dead-letter queue."""
    template = application.template
    for pipe in template.of_types("AWS::Pipes::Pipe") if not template_uses_macros(template) else ():
        role, attribute = direct(template, pipe.properties.get("RoleArn"))
        if role is None or role.type != ROLE or attribute != "Arn":
            continue
        for resource, actions in _used_by(template, pipe):
            yield from _lacking(application, pipe, role, resource, actions)


def _lacking(
    application: Application, owner: Resource, role: Resource, resource: Resource, actions: Iterable[str]
) -> Iterator[Finding]:
    """The actions on a resource that the role of a pipe or function does not allow, as one finding."""
    name, on = resource.logical_id, f"!Ref {resource.logical_id}" if resource.type == TOPIC else ""
    on = on or (f"!GetAtt {name}.StreamArn" if resource.type in TABLES else f"!GetAtt {name}.Arn")
    missing = [each for each in actions if allows(application.template, role.logical_id, each, name) is False]
    if missing:
        message = f"{owner.logical_id}: its role {role.logical_id} has no permission {', '.join(missing)}"
        remedy = for_role(role.logical_id, missing, [on])
        keys: Keys = ("Resources", role.logical_id, "Properties", "Policies")
        yield finding_at(application, "MISSING_PERMISSION", keys, message, remedy)


_CALLS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(FUNCTIONS, ("lambda:InvokeFunction",)),
    QUEUE: ("sqs:SendMessage",),
    TOPIC: ("sns:Publish",),
}


def unreadable_mappings(application: Application) -> Iterator[Finding]:
    """Functions with a role of the template that may not read a queue or stream: Lambda refuses their mapping.

    SAM adds the permissions to the roles that it creates.
    """
    template = application.template
    for function, source in _mappings(template) if not template_uses_macros(template) else ():
        role, attribute = direct(template, function.properties.get("Role"))
        resource, _ = direct(template, source)
        if role is not None and role.type == ROLE and attribute == "Arn" and resource is not None:
            yield from _lacking(application, function, role, resource, _READS.get(resource.type, ()))


def _mappings(template: Template) -> Iterator[tuple[Resource, Json]]:
    """The functions of the template that read from a source, with the source."""
    for mapping in template.of_types("AWS::Lambda::EventSourceMapping"):
        function, _ = direct(template, mapping.properties.get("FunctionName"))
        if function is not None and function.type in FUNCTIONS:
            yield function, mapping.properties.get("EventSourceArn")
    for function in template.of_types("AWS::Serverless::Function"):
        for event in events_of(function):
            yield function, event.properties.get(_SOURCES.get(event.type, ""))


def _used_by(template: Template, pipe: Resource) -> Iterator[tuple[Resource, tuple[str, ...]]]:
    """The resources that a pipe reads from and calls, each with the actions that it needs on it."""
    source, _ = direct(template, pipe.properties.get("Source"))
    if source is not None:
        yield source, _READS.get(source.type, ())
    stream = [dict_or_empty(each) for each in dict_or_empty(pipe.properties.get("SourceParameters")).values()]
    dead_letters = [dict_or_empty(each.get("DeadLetterConfig")).get("Arn") for each in stream]
    for value in (pipe.properties.get("Enrichment"), pipe.properties.get("Target"), *dead_letters):
        called, _ = direct(template, value)
        if called is not None:
            yield called, _CALLS.get(called.type, ())


def _is_fifo(queue: Resource) -> bool:
    return str(queue.properties.get("FifoQueue")).lower() == "true"


def _of_first_in_first_out(template: Template, resource: Resource) -> Iterator[Problem]:
    """A FIFO queue or topic with another name, and one with a setting of those that is none.

    API references, "CreateQueue" of SQS and "CreateTopic" of SNS.
    """
    noun = "queue" if resource.type == QUEUE else "topic"
    field = f"Fifo{noun.capitalize()}"
    keys: Keys = ("Resources", resource.logical_id, "Properties")
    is_fifo = certain(template, resource.properties.get(field, False))
    ends = _ends_in_fifo(template, resource.properties.get(f"{noun.capitalize()}Name"))
    if str(is_fifo).lower() == "true" and ends is False:
        message = f"the name of a FIFO {noun} ends in .fifo"
        yield Problem((*keys, f"{noun.capitalize()}Name"), message, "write .fifo at its end")
    if is_fifo is False and ends:
        yield Problem(keys, f"its name ends in .fifo, but it is not a FIFO {noun}", f"add {field}: true")
    if is_fifo is False and certain(template, resource.properties.get("ContentBasedDeduplication")) is True:
        message = f"it has ContentBasedDeduplication, but it is not a FIFO {noun}"
        yield Problem((*keys, "ContentBasedDeduplication"), message, f"add {field}: true, or remove it")


def _ends_in_fifo(template: Template, name: Json) -> bool | None:
    """True or False for a name whose end is known; None without a name, or if a parameter decides.

    Names of stacks and regions have no dot.
    """
    text = name.get("Fn::Sub") if isinstance(name, dict) else name
    if not isinstance(text, str):
        return None
    if not text.endswith("}"):
        return text.endswith(".fifo")
    last = text.rpartition("${")[2][:-1]
    values = possible_values(template, {"Ref": last})
    if values and not any(value.endswith("fifo") for value in values):
        return False
    return False if last in ("AWS::StackName", "AWS::Region", "AWS::AccountId") else None


def _of_queue(template: Template, queue: Resource) -> Iterator[Problem]:
    """A dead-letter queue by its URL, or of another kind."""
    keys: Keys = ("Resources", queue.logical_id, "Properties")
    policy = dict_or_empty(queue.properties.get("RedrivePolicy"))
    target = None if is_intrinsic(policy) else policy.get("deadLetterTargetArn")
    for each in as_list(target):
        other, attribute = direct(template, each)
        if other is not None and other.type == QUEUE and attribute != "Arn":
            message = (
                f"its deadLetterTargetArn is the URL or name of {other.logical_id}, but it takes the ARN of a queue"
            )
            remedy = f"write !GetAtt {other.logical_id}.Arn"
            yield Problem((*keys, "RedrivePolicy", "deadLetterTargetArn"), message, remedy, "WRONG_RESOURCE")
        if (
            other is not None
            and other.type == QUEUE
            and _is_fifo(other) != _is_fifo(queue)
            and not _is_open(queue, other)
        ):
            kind = "a FIFO queue" if _is_fifo(queue) else "a standard queue"
            message = f"its dead-letter queue {other.logical_id} is not {kind}, as it is itself"
            yield Problem((*keys, "RedrivePolicy"), message, f"name {kind} as deadLetterTargetArn")


def _is_open(*queues: Resource) -> bool:
    """True if a reference decides whether a queue is a FIFO queue."""
    return any(isinstance(queue.properties.get("FifoQueue"), dict) for queue in queues)
