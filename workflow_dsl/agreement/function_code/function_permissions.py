"""The calls of AWS services in the code of functions, against the policies of their roles.

Step Functions developer guide, "Wait for a callback with task token"; Service Authorization Reference, "Actions,
resources, and condition keys for AWS Step Functions".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from workflow_dsl.agreement.common import (
    direct,
    finding_at,
    from_template,
    template_uses_macros,
)
from workflow_dsl.agreement.function_code.client_calls import operation_of
from workflow_dsl.agreement.function_code.code_files import code_text
from workflow_dsl.agreement.function_code.handler_parts import lines_run
from workflow_dsl.agreement.function_code.node_clients import calls_in_node
from workflow_dsl.agreement.function_code.node_files import line_of, node_file, text_of
from workflow_dsl.agreement.function_code.python_clients import ClientCall, calls_in_python
from workflow_dsl.application.application import Application
from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.template import FunctionCode, Template
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.application.template.resource_types import KINDS
from workflow_dsl.definition.python_files import python_file
from workflow_dsl.definition.service_models import service_model
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.permissions import (
    Grant,
    actions_of_operation,
    for_role,
    function_allows,
    granted_to_function,
    grants_action,
    role_of,
    statement,
)
from workflow_dsl.regexes import lazy_regex

_ACTIONS = ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat", "StartExecution", "StartSyncExecution")
_IN_PYTHON: Mapping[str, str] = {re.sub("(?<!^)(?=[A-Z])", "_", each).lower(): each for each in _ACTIONS}
_IN_NODE = "(new_expression constructor: [(identifier) @command (member_expression property: (_) @command)])"


def missing_calls(application: Application) -> Iterator[Finding]:
    """Functions that call a service, and whose role certainly has no permission for it."""
    template = application.template
    if template_uses_macros(template):
        return
    for code in template.functions():
        handler = find_handler(code)
        text = code_text(handler.file) if handler.file and not handler.problem else None
        grants = granted_to_function(template, code.logical_id) if text else None
        if handler.file is None or text is None or grants is None:
            continue
        missing: dict[tuple[str, str | None], tuple[int, str]] = {}
        for line, call, action, target in _missing(template, code, handler.file, text, grants):
            missing.setdefault((action, target), (line, call))
        for (action, target), (line, call) in missing.items():
            shown = f"{from_template(application, handler.file)}:{line}"
            on = f" on {target}" if target else ""
            message = f"{code.logical_id}: {shown} calls {call}{on}, and its role has no permission {action}"
            role, resources = role_of(template, code.logical_id), [_arn(template, target)]
            keys: Keys = ("Resources", role or code.logical_id, "Properties", "Policies")
            own = f"add to Policies: {statement([action], resources)}"
            remedy = for_role(role, [action], resources) if role else own
            yield finding_at(application, "MISSING_PERMISSION", keys, message, remedy)


_Missing = tuple[int, str, str, str | None]


def _missing(template: Template, code: FunctionCode, file: Path, text: str, grants: list[Grant]) -> Iterator[_Missing]:
    """The line, the operation, the action and the known target of each call that the role does not allow."""
    lines = lines_run(file, code.handler.rpartition(".")[2])
    for action, line in _calls_of_tasks(file, text):
        if line in lines and not grants_action(grants, f"states:{action}"):
            yield line, action, f"states:{action}", None
    is_other = bool(template.connectors) or _OTHERS.search(text) is not None
    for call in () if is_other else (each for each in _client_calls(file) if each.line in lines):
        service, operation = operation_of(call)
        model = service_model(service) if operation and service not in _WITHOUT_POLICIES else None
        for action in (actions_of_operation(service, model.prefix, operation) if model else None) or ():
            target = _target(template, code, call)
            if target is None and action.startswith("states:"):
                continue  # it is one of those above
            if function_allows(template, code.logical_id, action, target) is False:
                is_there = target is not None and grants_action(grants, action)
                yield call.line, operation, action, target if is_there else None


# Services whose calls need no policy, or which have policies of their own.
_WITHOUT_POLICIES = ("cognito-identity", "cognito-idp", "kms", "sso", "sso-oidc", "sts")


def _target(template: Template, code: FunctionCode, call: ClientCall) -> str | None:
    """The logical ID of the resource that a variable of the function names for a call; None for an index or another."""
    variables = dict_or_empty(
        dict_or_empty(template.resources[code.logical_id].properties.get("Environment")).get("Variables")
    )
    resource, _ = direct(template, variables.get(call.variable)) if call.variable else (None, "")
    is_known = resource is not None and resource.type in KINDS and "IndexName" not in call.parameters
    return resource.logical_id if resource is not None and is_known else None


def _arn(template: Template, target: str | None) -> str:
    if target is None:
        return "*"
    kind = KINDS[template.resources[target].type]
    return f"!Ref {target}" if kind.ref == "arn" else f"!GetAtt {target}.Arn"


def _client_calls(file: Path) -> Iterator[ClientCall]:
    return calls_in_python(file) if file.suffix == ".py" else calls_in_node(file)


# Code that may call services as another role or user.
_OTHERS = lazy_regex(r"(?i)assume_?role|aws_access_key|credentials|profile_name|endpoint")


def _calls_of_tasks(file: Path, text: str) -> Iterator[tuple[str, int]]:
    """The actions of Step Functions that a file calls, each with its line; none if it may have another role."""
    if re.search(r"(?i)stepfunctions|client-sfn", text) and not re.search("(?i)assume_?role", text):
        yield from _calls_in_python(file) if file.suffix == ".py" else _calls_in_node(file)


def _calls_in_python(file: Path) -> Iterator[tuple[str, int]]:
    tree = python_file(file).tree
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _IN_PYTHON:
            yield _IN_PYTHON[node.func.attr], node.lineno


def _calls_in_node(file: Path) -> Iterator[tuple[str, int]]:
    code = node_file(file)
    for made in code.matches(_IN_NODE) if code else ():
        action = text_of(made["command"]).removesuffix("Command")
        if action in _ACTIONS:
            yield action, line_of(made["command"])
