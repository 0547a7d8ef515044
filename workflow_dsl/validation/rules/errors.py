"""Warnings about the errors that retriers and catchers name, and those that they forget."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import closest, did_you_mean
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, warning

if TYPE_CHECKING:
    from workflow_dsl.shapes.error_names import ErrorNames

_TRANSIENT = (
    *("Lambda.ClientExecutionTimeoutException", "Lambda.ServiceException", "Lambda.AWSLambdaException"),
    *("Lambda.SdkClientException", "Lambda.TooManyRequestsException"),
)


def _calls_lambda(state: State) -> bool:
    resource = state.fields.get("Resource")
    if not isinstance(resource, str):
        return False
    integration = integration_of(resource)
    if integration:
        return (integration.service, integration.action) == ("lambda", "invoke")
    return resource.startswith("arn:") and ":lambda:" in resource


@warning("NO_LAMBDA_RETRY", guide_url("bp-lambda-serviceexception"), applies_to="Task")
def lambda_without_retry(definition: Definition) -> Iterator[Problem]:
    """A Lambda call can fail for transient reasons, so a task that calls Lambda retries those errors.

    It is a note if no task of the state machine does: whoever starts it may retry instead.
    """
    tasks = [state for state in definition.states_of_type("Task") if _calls_lambda(state)]
    without = [state for state in tasks if not _retries_transient_errors(state)]
    for state in without:
        remedy = f"add a retrier for {', '.join(_TRANSIENT[1:])}"
        yield Problem(state.at(), "does not retry transient Lambda errors", remedy, is_note=without == tasks)


def _retries_transient_errors(state: State) -> bool:
    retried = {name for _, item in state.items_of("Retry") for name in _names(item.get("ErrorEquals"))}
    return bool(retried & {"States.ALL", "States.TaskFailed", *_TRANSIENT})


def _names(value: Json) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


_ERRORS = (
    *("States.ALL", "States.BranchFailed", "States.DataLimitExceeded", "States.ExceedToleratedFailureThreshold"),
    *("States.HeartbeatTimeout", "States.Http.Socket", "States.IntrinsicFailure", "States.ItemReaderFailed"),
    *("States.NoChoiceMatched", "States.ParameterPathFailure", "States.Permissions", "States.QueryEvaluationError"),
    *("States.ResultPathMatchFailure", "States.ResultWriterFailed", "States.Runtime", "States.TaskFailed"),
    "States.Timeout",
)


@warning("SHORT_MAX_DELAY", guide_url("concepts-error-handling"), applies_to="Retry")
def max_delay_below_interval(definition: Definition) -> Iterator[Problem]:
    """A MaxDelaySeconds below IntervalSeconds cuts off every interval, so that IntervalSeconds has no effect."""
    for state in definition.states:
        for index, item in state.items_of("Retry"):
            interval, most = item.get("IntervalSeconds", 1), item.get("MaxDelaySeconds")
            if isinstance(interval, int) and isinstance(most, int) and most < interval:
                message = f"is less than IntervalSeconds, {interval}, and cuts it off"
                where = state.at("Retry", index, "MaxDelaySeconds")
                yield Problem(where, message, f"write more than {interval}")


@warning("UNKNOWN_ERROR", guide_url("concepts-error-handling"), applies_to="Error")
def unknown_error_names(definition: Definition) -> Iterator[Problem]:
    """An error name that begins with States. is never thrown unless it is one of the service's own.

    Nor is one that only misspells States, as State.ALL. A Fail can throw it all the same, so that the name is reported
    there, and not at its catchers.
    """
    thrown = []
    for state in definition.states_of_type("Fail"):
        name = state.fields.get("Error")
        thrown.append(name)
        if _is_unknown_error(name):
            remedy = "choose a name that does not begin with States.: those are the service's"
            yield Problem(state.at("Error"), f"{name} is not an error of the service", remedy)
    for state, field, items in definition.handlers:
        for index, item in items:
            for position, name in _known_names(item.get("ErrorEquals")):
                right = _with_states(name)
                if (_is_unknown_error(name) or right) and name not in thrown:
                    where = state.at(field, index, "ErrorEquals", position)
                    is_status = re.match(r"States\.Http\.(StatusCode|\d)", name)
                    remedy = "write a status code: States.Http.StatusCode.429" if is_status else ""
                    remedy = (
                        remedy
                        or did_you_mean(right or name, _ERRORS)
                        or "see the list of errors in the developer guide"
                    )
                    yield Problem(where, f"{name} is not an error of the service", remedy)


@warning("UNKNOWN_SERVICE_ERROR", guide_url("concepts-error-handling"), applies_to="Handler")
def misspelt_service_errors(definition: Definition) -> Iterator[Problem]:
    """An error name with the prefix of a service is one of its errors, not one that is almost spelled like it."""
    for state, field, items in definition.handlers:
        known = [
            (index, position, name) for index, item in items for position, name in _known_names(item.get("ErrorEquals"))
        ]
        handled = {name for _, _, name in known}
        is_callable = _may_have_no_prefix(state)
        of_services = [each for each in known if ("." in each[2] or not is_callable) and not _is_usual(each[2])]
        services = list(_services_of(state, [name for *_, name in of_services])) if of_services else []
        for index, position, name in of_services:
            right = _right_name(name, services, state)
            if right and right not in handled:
                where = state.at(field, index, "ErrorEquals", position)
                yield Problem(where, f"{name} is not an error of the service", f"write {right}")
        for index, item in items:
            first = _of_lambda_only(state, _names(item.get("ErrorEquals")))
            if first:
                remedy = "name errors of the service that it calls, or States.TaskFailed"
                message = f"{first} is an error of Lambda, which the task does not call"
                yield Problem(state.at(field, index, "ErrorEquals", 0), message, remedy)


def _of_lambda_only(state: State, names: list[str]) -> str | None:
    """The first name of a retrier or catcher that has errors of Lambda only, at a task that calls no function."""
    is_task = state.type == "Task" and not _may_have_no_prefix(state)
    are_of_lambda = bool(names) and all(name.startswith("Lambda.") for name in names)
    return names[0] if is_task and are_of_lambda else None


def _may_have_no_prefix(state: State) -> bool:
    """True for a state that can fail with an error of any name: a function's, an activity's or a callback's."""
    integration = integration_of(str(state.fields.get("Resource"))) if state.type == "Task" else None
    return integration is None or integration.service in _OWN_NAMES or "waitForTaskToken" in integration.pattern


# Integrations whose errors never had another prefix; those of ECS have AmazonECS, too.
_SURE_PREFIXES = ("Athena", "DynamoDB", "Glue", "SNS", "SQS")
_OWN_NAMES, _OWN_PREFIXES = ("lambda", "states", "sfn"), ("Lambda",)


def _is_usual(name: str) -> bool:
    """True for a name that is known without a service's model."""
    return name.startswith("States.") or name in _TRANSIENT


def _services_of(state: State, names: list[str]) -> Iterator[ErrorNames]:
    """The services whose errors a state can have, and these names may be: that of its integration, and Lambda."""
    from workflow_dsl.shapes.error_names import error_names, lambda_error_names  # few definitions need them

    tasks = [state, *(inner for scope in state.nested for inner in scope.walk())]
    resources = dict.fromkeys(str(each.fields.get("Resource")) for each in tasks if each.type == "Task")
    called = dict.fromkeys(error_names(each) for each in map(integration_of, resources) if each)
    is_of_lambda = any(name.lower().startswith("lambda.") for name in names)
    yield from filter(None, [*called, lambda_error_names() if is_of_lambda else None])


def _right_name(name: str, services: list[ErrorNames], state: State) -> str | None:
    """The error that a name is almost, by the services with its prefix; None for one that a service may have.

    Inside a Parallel or Map, a Fail or a function can have an error of any other prefix.
    """
    prefix = name.partition(".")[0].lower()
    asked = [each for each in services if each.prefix.lower() == prefix]
    rights = [_right_error(name, each) for each in asked or (services if state.type == "Task" else ())]
    if asked and None in rights:
        return None
    return next(filter(None, rights), None)


def _right_error(name: str, service: ErrorNames) -> str | None:
    """The error that a name is almost: without a prefix or with a wrong one, without its Exception, or misspelt.

    None for one that the service has, and for those of all services that hardly any API models (API references,
    "Common Errors").
    """
    prefix, dot, error = name.partition(".")
    if not dot and name in service.names and service.prefix not in _OWN_PREFIXES:
        return f"{service.prefix}.{name}"
    if not dot or prefix.lower() != service.prefix.lower():
        is_certain = service.is_sdk or service.prefix in _SURE_PREFIXES
        is_of_service = dot and is_certain and error in service.names and error not in _OF_SEVERAL
        return f"{service.prefix}.{error}" if is_of_service else None
    if error in service.names:
        return f"{service.prefix}.{error}" if prefix != service.prefix else None
    added = f"{error}Exception" if f"{error}Exception" in service.names else None
    is_common = error.removesuffix("Exception") in _COMMON_ERRORS
    if is_common and not (added and error in _OF_MODELS_ONLY):
        return None
    near = added or closest(error, service.names, least=0.82 if service.is_sdk else 0.88)
    if near is None and service.is_sdk and not error.endswith("Exception"):  # no class of the Java SDK has such a name
        near = closest(f"{error}Exception", service.names, least=0.5) or f"{service.prefix}Exception"
    return f"{service.prefix}.{near}" if near else None


# Names that the errors of Lambda have, too, which retriers of other tasks often list.
_OF_SEVERAL = ("SdkClientException", "SdkException", "ServiceException", "TooManyRequestsException", "Unknown")
_COMMON_ERRORS = frozenset(
    "AccessDenied ExpiredToken IncompleteSignature InternalFailure InternalServer InternalServerError InternalService "
    "InternalServiceError InvalidAction InvalidClientTokenId InvalidParameter InvalidParameterValue InvalidRequest "
    "LimitExceeded MalformedQueryString MissingAction MissingParameter NotAuthorized OptInRequired RequestExpired "
    "RequestLimitExceeded ResourceInUse ResourceNotFound Service ServiceQuotaExceeded ServiceUnavailable Throttled "
    "Throttling ThrottlingError TooManyRequests UnrecognizedClient Validation ValidationError".split()
)


# Of those, the ones that no service raises without its model: they are not in the API references' lists.
_OF_MODELS_ONLY = ("LimitExceeded", "ResourceInUse", "ResourceNotFound", "ServiceQuotaExceeded", "TooManyRequests")


def _is_unknown_error(name: Json) -> bool:
    """True for a reserved name that the service does not throw (States Language, "Error Names")."""
    is_reserved = isinstance(name, str) and is_known(name) and name.startswith("States.")
    return is_reserved and name not in _ERRORS and not re.fullmatch(r"States\.Http\.StatusCode\.[1-9]\d\d", name)


def _with_states(name: str) -> str:
    """The service's error whose name it is but for its States, as State.ALL; "" for any other name."""
    prefix, dot, error = name.partition(".")
    right = f"States.{error}"
    return right if dot and right in _ERRORS and prefix != "States" and closest(prefix, ["States"], least=0.9) else ""


def _known_names(value: Json) -> Iterable[tuple[int, str]]:
    return [(i, name) for i, name in enumerate(value) if is_known(name)] if isinstance(value, list) else []
