"""The calls of Step Functions in the code of functions, against the policies of their roles.

Step Functions developer guide, "Wait for a callback with task token"; Service Authorization Reference, "Actions,
resources, and condition keys for AWS Step Functions".
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from workflow_dsl.agreement.common import finding_at, from_template, template_uses_macros
from workflow_dsl.agreement.function_code.node_files import line_of, node_file, text_of
from workflow_dsl.application.application import Application
from workflow_dsl.application.handlers import find_handler
from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.python_files import python_file
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.permissions import granted_to_function, grants_action, statement

_ACTIONS = ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat", "StartExecution", "StartSyncExecution")
_IN_PYTHON: Mapping[str, str] = {re.sub("(?<!^)(?=[A-Z])", "_", each).lower(): each for each in _ACTIONS}
_IN_NODE = "(new_expression constructor: [(identifier) @command (member_expression property: (_) @command)])"
_MOST_CODE = 200_000  # bytes: more is a bundle


def missing_calls(application: Application) -> Iterator[Finding]:
    """Functions that answer a task or start an execution, whose role certainly has no permission for it."""
    template = application.template
    if template_uses_macros(template):
        return
    for code in template.functions():
        handler = find_handler(code)
        calls = _calls_in(handler.file) if handler.file and not handler.problem else {}
        grants = granted_to_function(template, code.logical_id) if calls else None
        for action, line in calls.items() if grants is not None else ():
            if grants is not None and handler.file and not grants_action(grants, f"states:{action}"):
                shown = f"{from_template(application, handler.file)}:{line}"
                message = f"{code.logical_id}: {shown} calls {action}, and its role has no permission states:{action}"
                keys: Keys = ("Resources", code.logical_id, "Properties", "Policies")
                remedy = f"add to the policies of its role: {statement([f'states:{action}'], ['*'])}"
                yield finding_at(application, "MISSING_PERMISSION", keys, message, remedy)


def _calls_in(file: Path) -> dict[str, int]:
    """The actions of Step Functions that a file calls, each with its first line; none if it may have another role."""
    try:
        text = read_file(file, most=_MOST_CODE).decode("utf-8", "replace")
    except (OSError, ValueError):
        return {}
    if not re.search(r"stepfunctions|client-sfn|assume_?role", text, re.IGNORECASE) or re.search(
        "(?i)assume_?role", text
    ):
        return {}
    if file.suffix == ".py":
        return dict(reversed([*_calls_in_python(file)]))
    return dict(reversed([*_calls_in_node(file)]))


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
