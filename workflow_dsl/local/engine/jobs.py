"""`.sync`: a job is described on the virtual clock until it ends, and its description becomes the result of the state.

Developer guide, "Run a Job (.sync)". The service's intervals are public for EMR and EKS only; here it is a second.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.errors import TASK_FAILED, TIMEOUT, StateError
from workflow_dsl.local.stand_ins.gaps import CannotAnswer, Gap
from workflow_dsl.local.stand_ins.services import FakeServices, Services
from workflow_dsl.records import Record
from workflow_dsl.shapes.sources.jobs import Job, job_of

POLL_SECONDS = 1.0
# Every description moves a job of moto on, so one that has not moved for so many never will.
_MOST_UNCHANGED = 100


class ServiceCall(Record):
    """A call of an AWS service; `timeout` is in virtual seconds."""

    service: str
    action: str
    pattern: str
    arguments: dict[str, Json]
    timeout: float | None


def follow(
    engine: Engine, call: ServiceCall, started: Json, on_submitted: Callable[[], None]
) -> Generator[Any, Any, Json]:
    """Return the result of a call, for `.sync` that of the job that it has started.

    `on_submitted` is called before a job is described. Raises StateError with the description as cause if the job
    fails, or at the timeout, and CannotAnswer if the job does not end.
    """
    job = _followed(engine.services, call)
    if job is None:
        return started
    on_submitted()
    return (yield from _follow(engine, job, call, started))


def _followed(services: Services, call: ServiceCall) -> Job | None:
    """The job that a call starts, if it is to be described. A fake of the start alone answers for the whole job."""
    job = job_of(call.service, call.action) if call.pattern == ".sync" else None
    if job is None or not isinstance(services, FakeServices):
        return job
    is_followed = services.has(call.service, job.describe) or not services.has(call.service, call.action)
    return job if is_followed else None


def _follow(engine: Engine, job: Job, call: ServiceCall, started: Json) -> Generator[Any, Any, Json]:
    """Describe a started job until it ends, and return the result of its state."""
    parameters = job.parameters(call.arguments, started)
    if parameters is None:
        raise _not_started(job, call.action, started)
    deadline = None if call.timeout is None else engine.scheduler.now + call.timeout
    last, unchanged = "", 0
    while True:
        try:
            answer = _without_metadata(engine.services.call(call.service, job.describe, parameters))
            description = job.description(answer)
        except StateError as failure:
            if job.ends_when_gone and str(failure.error).endswith("NotFoundException"):
                return _without_metadata(started)
            raise
        state = job.state_of(description)
        if state in (*job.succeeded, *job.failed):
            return _ended(job, description, started)
        last, unchanged = state, unchanged + 1 if state == last else 0
        yield from _until_next(engine, deadline, f"its job stays {state}" if unchanged > _MOST_UNCHANGED else "")


def _until_next(engine: Engine, deadline: float | None, stuck: str) -> Generator[Any, Any, None]:
    """Wait until the next description. Raises StateError at the deadline, and CannotAnswer for a job that is stuck."""
    pause = getattr(engine.services, "pause", None)
    if stuck and pause is None and deadline is None:
        raise CannotAnswer(Gap(stuck))
    moment = engine.scheduler.now + POLL_SECONDS
    if deadline is not None and (moment > deadline or (stuck and pause is None)):
        yield deadline
        raise StateError(TIMEOUT)
    yield moment
    if pause:
        pause(POLL_SECONDS)


def _ended(job: Job, description: Json, started: Json) -> Json:
    if job.has_failed(description):
        raise StateError(TASK_FAILED, to_json(job.result_of(description)))
    return _without_metadata(started) if job.returns_start else job.result_of(description)


def _not_started(job: Job, action: str, started: Json) -> Exception:
    """The error of a start that names no job: ECS returns the reasons instead of a task."""
    if isinstance(started, dict) and started.get("Failures"):
        return StateError("AmazonECS.Unknown", to_json(started["Failures"]))
    return CannotAnswer(
        Gap(f"the answer of {action} does not name its job, as {', '.join(map(str, job.ids.values()))}")
    )


def _without_metadata(result: Json) -> Json:
    """The result without the metadata of the HTTP response, which a job's result has not."""
    if not isinstance(result, dict):
        return result
    return {name: value for name, value in result.items() if name not in ("SdkHttpMetadata", "SdkResponseMetadata")}
