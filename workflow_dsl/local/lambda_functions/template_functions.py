"""The functions of a template: each runs here, or is called at a Lambda endpoint, or says why it cannot run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.application.template.resource_types import FUNCTIONS
from workflow_dsl.definition.calls import call_of
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import is_placeholder
from workflow_dsl.findings import Where
from workflow_dsl.local.lambda_functions.endpoint import LambdaEndpoint
from workflow_dsl.local.lambda_functions.functions import Function, Handler, function_name
from workflow_dsl.local.lambda_functions.loading import load_function
from workflow_dsl.local.lambda_functions.not_here import NotHere
from workflow_dsl.local.stand_ins.aws_variables import AwsVariables, calling, in_moto


class TemplateFunctions:
    """The functions of a template, each loaded at its first call. Their AWS calls go to the endpoint, or to moto here.

    `lambda_endpoint` is the URL where functions are called that cannot run here, or all of them.
    """

    def __init__(
        self,
        template: Template,
        endpoint_url: str | None = None,
        lambda_endpoint: str | None = None,
        lambda_endpoint_for: Literal["others", "all"] = "others",
    ) -> None:
        self._template = template
        self._aws: AwsVariables = calling(endpoint_url) if endpoint_url else in_moto()
        self._lambda_endpoint, self._is_for_all = lambda_endpoint, lambda_endpoint_for == "all"

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The name of each function by its logical ID."""
        resources = self._template.of_types(*FUNCTIONS)
        return {resource.logical_id: self._template.values.name(resource) for resource in resources}

    def called_by(self, machine: Machine) -> Mapping[str, Function]:
        """The functions by name: the template's, and at an endpoint also others that a state machine calls."""
        return {**self._others_called_by(machine), **self._functions}

    @property
    def by_any_name(self) -> Mapping[str, Function]:
        """The functions by name: the template's, and at an endpoint one of every other name that is asked for."""
        return self._functions if self._at_endpoint is None else _OrAtEndpoint(self._functions, self._at_endpoint)

    @cached_property
    def _functions(self) -> dict[str, Function]:
        codes = {code.logical_id: code for code in self._template.functions()}
        functions = {code.name: load_function(code, self._aws) for code in codes.values()}
        for resource in self._template.of_types(*FUNCTIONS):
            if resource.logical_id not in codes:
                name = self.names[resource.logical_id]
                functions[name] = Function(self._not_here(resource), name)
        if self._at_endpoint:
            for name, function in functions.items():
                if self._is_for_all or function.problems():
                    functions[name] = Function(self._at_endpoint, name, function.memory, function.timeout)
        return functions

    def _others_called_by(self, machine: Machine) -> dict[str, Function]:
        if self._at_endpoint is None:
            return {}
        calls = [call for state in machine.walk() if (call := call_of(state)) and call.service == "lambda"]
        targets = [call.target for call in calls if call.target and not is_placeholder(call.target)]
        return {name: Function(self._at_endpoint, name) for name in map(function_name, targets)}

    @cached_property
    def _at_endpoint(self) -> Handler | None:
        return None if self._lambda_endpoint is None else LambdaEndpoint(self._lambda_endpoint)

    def _not_here(self, resource: Resource) -> Handler:
        """A function without code beside the template."""
        properties = resource.properties
        is_image = properties.get("PackageType") == "Image" or "ImageUri" in properties
        is_inline = "InlineCode" in properties or "ZipFile" in dict_or_empty(properties.get("Code"))
        reason = "is a container image" if is_image else "has inline code" if is_inline else "has its code elsewhere"
        place = self._template.place_around("Resources", resource.logical_id)
        return NotHere(Where(place=place), f"{resource.logical_id} {reason}, which cannot run locally")


class _OrAtEndpoint(Mapping[str, Function]):
    """Functions by name; any other name gets a function at an endpoint. `in` and the iteration know only the first."""

    def __init__(self, functions: Mapping[str, Function], endpoint: Handler) -> None:
        self._functions, self._endpoint = functions, endpoint

    def __getitem__(self, name: str) -> Function:
        known = self._functions.get(name)
        if known is None and function_name(name) != name:
            raise KeyError(name)
        return known or Function(self._endpoint, name)

    def __contains__(self, name: object) -> bool:
        return name in self._functions

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)
