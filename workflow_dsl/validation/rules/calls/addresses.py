"""The literal parameters that say where something is: each takes an ARN, a URL or a name, and no other of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workflow_dsl.definition.calls import call_sites, roles_in
from workflow_dsl.definition.json import short_json, value_at
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record
from workflow_dsl.validation.rules.rule import Definition, Problem, guide_url, warning


class _Form(Record):
    """The form of a parameter by the API reference of its service, with an example."""

    pattern: str
    noun: str
    example: str


def _arn_of(service: str) -> str:
    """The pattern of an ARN of a service; one that is cut short counts, too."""
    return rf"arn:(?![^:]*:(?!{service}:)[^:]*:).*"


def _name_or_arn_of(service: str) -> str:
    return rf"(?!arn:[^:]*:(?!{service}:)|https?:).*"


_ROLE = _Form(_arn_of("iam"), "the ARN of a role", "arn:aws:iam::ACCOUNT:role/NAME")
_HOST = _Form(r"(?!https?:)[^/]+", "the host of an API", "API.execute-api.REGION.amazonaws.com")
_FORMS: Mapping[str, _Form] = {
    "ApiEndpoint": _Form(r"(?!http:).*", "an HTTPS endpoint", "https://HOST/PATH"),
    "Bucket": _Form(r"(?!arn:[^:]*:s3:::).*", "the name of a bucket", "the part after arn:aws:s3:::"),
    "FunctionName": _Form(
        _name_or_arn_of("lambda"), "a Lambda function", "arn:aws:lambda:REGION:ACCOUNT:function:NAME"
    ),
    "QueueUrl": _Form(r"https?://.*", "the URL of a queue", "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME"),
    "StateMachineArn": _Form(
        _arn_of("states"), "the ARN of a state machine", "arn:aws:states:REGION:ACCOUNT:stateMachine:NAME"
    ),
    "TableName": _Form(_name_or_arn_of("dynamodb"), "a table", "its name"),
    "TopicArn": _Form(_arn_of("sns"), "the ARN of a topic", "arn:aws:sns:REGION:ACCOUNT:NAME"),
}


@warning("WRONG_FORM", guide_url("connect-parameters"))
def parameter_forms(definition: Definition) -> Iterator[Problem]:
    """A parameter that takes an ARN, a URL or the name of a bucket has that form: a call with another one fails."""
    for state in definition.states:
        for site in call_sites(state):
            forms: dict[Keys, _Form | None] = dict.fromkeys(roles_in(state, site), _ROLE)
            if site.target:
                is_of_gateway = (site.call.service, site.target[-1]) == ("apigateway", "ApiEndpoint")
                forms[site.target] = _HOST if is_of_gateway else _FORMS.get(str(site.target[-1]))
            for keys, form in forms.items():
                value = value_at(state.fields, keys)
                is_literal = is_known(value) and not value.startswith(("{%", "{{resolve:"))
                if form and is_literal and not re.fullmatch(form.pattern, value):
                    message = f"is {short_json(value)}, but the service expects {form.noun}"
                    yield Problem(state.at(*keys), message, f"write {form.example}")
