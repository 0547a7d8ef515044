"""The integrations of API Gateway that start a state machine: in resources, and in an OpenAPI document of an API.

API Gateway developer guide, "x-amazon-apigateway-integration object" and "Integration subtype reference"; Step
Functions developer guide, "Creating an API for Step Functions with API Gateway".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import dict_or_empty, names_in_sub
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys, did_you_mean
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

ACTIONS = ("StartExecution", "StartSyncExecution")
_OTHER_ACTIONS = "DescribeExecution StopExecution SendTaskSuccess SendTaskFailure SendTaskHeartbeat".split()
_METHODS = frozenset("get put post delete options head patch trace x-amazon-apigateway-any-method".split())


class Integration(Record):
    """An integration with Step Functions: its keys, its fields by the names of OpenAPI, and the key of its role."""

    resource: Resource
    keys: Keys
    fields: Mapping[str, Json]
    role_key: str

    @property
    def action(self) -> str:
        """The action of the API that its URI or its subtype names: `StartExecution`; "" for another service's."""
        subtype = self.fields.get("integrationSubtype")
        if isinstance(subtype, str) and subtype.startswith("StepFunctions-"):
            return subtype.partition("-")[2]
        found = _URI.search(json.dumps(self.fields.get("uri")))
        return found[2] if found else ""


# The name of the service in URIs is states; others are taken for it, to be reported.
_URI = lazy_regex(r":(states|stepfunctions?|step-functions|sfn|state):(?:action/)?(\w+)")


def integrations_of(resource: Resource) -> Iterator[Integration]:
    """The integrations of a resource with Step Functions."""
    found = _FORMS[resource.type](resource) if resource.type in _FORMS else ()
    return (each for each in found if each.action)


def _of_method(method: Resource) -> Iterator[Integration]:
    integration = dict_or_empty(method.properties.get("Integration"))
    fields = {
        "type": integration.get("Type"),
        "httpMethod": integration.get("IntegrationHttpMethod"),
        "uri": integration.get("Uri"),
        "credentials": integration.get("Credentials"),
        "requestTemplates": integration.get("RequestTemplates"),
    }
    keys: Keys = ("Resources", method.logical_id, "Properties", "Integration")
    yield Integration(method, keys, fields, "Credentials")


def _of_http_integration(integration: Resource) -> Iterator[Integration]:
    properties = integration.properties
    fields = {
        "type": properties.get("IntegrationType"),
        "integrationSubtype": properties.get("IntegrationSubtype"),
        "credentials": properties.get("CredentialsArn"),
        "requestParameters": properties.get("RequestParameters"),
        "payloadFormatVersion": properties.get("PayloadFormatVersion"),
    }
    yield Integration(integration, ("Resources", integration.logical_id, "Properties"), fields, "CredentialsArn")


def _of_document(api: Resource) -> Iterator[Integration]:
    field = "DefinitionBody" if api.type.startswith("AWS::Serverless::") else "Body"
    paths = dict_or_empty(dict_or_empty(api.properties.get(field)).get("paths"))
    for path, methods in paths.items():
        for method, operation in dict_or_empty(methods).items():
            fields = dict_or_empty(dict_or_empty(operation).get("x-amazon-apigateway-integration"))
            if method.lower() in _METHODS and fields:
                at: Keys = ("Resources", api.logical_id, "Properties", field, "paths", path, method)
                yield Integration(api, (*at, "x-amazon-apigateway-integration"), fields, "credentials")


_FORMS = {
    "AWS::ApiGateway::Method": _of_method,
    "AWS::ApiGateway::RestApi": _of_document,
    "AWS::ApiGatewayV2::Api": _of_document,
    "AWS::ApiGatewayV2::Integration": _of_http_integration,
    "AWS::Serverless::Api": _of_document,
    "AWS::Serverless::HttpApi": _of_document,
}
INTEGRATING = tuple(_FORMS)


def problems_of(template: Template, integration: Integration) -> Iterator[Problem]:
    """Mistakes in an integration that API Gateway refuses, or Step Functions in its requests."""
    fields, keys = integration.fields, integration.keys
    action = integration.action
    if action not in (*ACTIONS, *_OTHER_ACTIONS):
        remedy = did_you_mean(action, ACTIONS)
        if remedy:
            yield Problem(keys, f"Step Functions has no action {action}", remedy)
        return
    if "integrationSubtype" in fields and fields["integrationSubtype"] is not None:
        yield from _of_subtype(integration)
        return
    uri = _URI.search(json.dumps(fields.get("uri")))
    if uri and uri[1] != "states":
        yield Problem(keys, f"its URI has the service {uri[1]}, which API Gateway does not have", "write states")
    if f":states:{action}" in json.dumps(fields.get("uri")):
        yield Problem(keys, f"its URI has {action} without action/", f"write states:action/{action}")
    method = fields.get("httpMethod")
    if isinstance(method, str) and method.upper() != "POST":
        yield Problem(keys, f"it calls Step Functions with {method}", "write POST for its HTTP method")
    for text, written in _templates(fields):
        yield from _of_template(template, keys, action, text, written)


def _of_subtype(integration: Integration) -> Iterator[Problem]:
    fields, keys = integration.fields, integration.keys
    if str(fields.get("type")).lower() != "aws_proxy":
        yield Problem(keys, "an integration subtype is of the type AWS_PROXY", "write AWS_PROXY for its type")
    version = fields.get("payloadFormatVersion")
    if isinstance(version, (str, int, float)) and str(version) != "1.0":
        yield Problem(keys, "an integration with AWS services has payload format 1.0", 'write "1.0" for its version')
    parameters = fields.get("requestParameters")
    needed = "StateMachineArn" if integration.action in ACTIONS else ""
    if needed and isinstance(parameters, dict) and needed not in parameters and "Fn::If" not in parameters:
        remedy = did_you_mean(needed, parameters) and f"write {needed}"
        yield Problem(keys, f"its request parameters lack {needed}", remedy or f"add {needed}")
    for name in parameters if needed and isinstance(parameters, dict) and needed in parameters else ():
        near = did_you_mean(name, _PARAMETERS) if name not in _PARAMETERS else ""
        if near:
            yield Problem(keys, f"the action has no request parameter {name}", near)


# API Gateway developer guide, "Integration subtype reference".
_PARAMETERS = ("Input", "Name", "Region", "StateMachineArn", "TraceHeader")


def _templates(fields: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """The texts of the request templates, each with the value that it is written as."""
    for value in dict_or_empty(fields.get("requestTemplates")).values():
        text = value.get("Fn::Sub") if isinstance(value, dict) else value
        text = text[0] if isinstance(text, list) and text else text
        if isinstance(text, str):
            yield text, value


def _of_template(template: Template, keys: Keys, action: str, text: str, written: Json) -> Iterator[Problem]:
    """A mapping template that does not name the state machine as the API takes it."""
    known = {*template.resources, *template.values.parameters}
    literal = [name for name in names_in_sub(text) if name.partition(".")[0] in known]
    if isinstance(written, str) and literal:
        yield Problem(keys, f"its request template has ${{{literal[0]}}} without Fn::Sub", "write !Sub before it")
    if action in ACTIONS and '"stateMachineArn"' not in re.sub(r"\\+|'", "", text):
        misspelt = re.search(r'"(statemachine\w*)\\*"\s*:', text, re.IGNORECASE)
        if misspelt:
            yield Problem(keys, f"{action} has no parameter {misspelt[1]}", 'did you mean "stateMachineArn"?')
        elif _IS_PLAIN.fullmatch(re.sub(r"#set\s*\(.*\)\s*$", "", text, flags=re.MULTILINE)):
            remedy = 'add "stateMachineArn": the ARN of the state machine'
            yield Problem(keys, f"its request template for {action} has no stateMachineArn", remedy)


# A mapping template that is one object of strings with other parameters only, whatever the request has.
_OTHER_PARAMETER = r'"(?:input|name|traceHeader)"\s*:\s*"[^"]*"\s*'
_IS_PLAIN = lazy_regex(rf"\s*\{{\s*{_OTHER_PARAMETER}(?:,\s*{_OTHER_PARAMETER})*\}}\s*")
