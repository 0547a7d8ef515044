"""The commands of the AWS SDK for JavaScript v3 in a file, read and never run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.agreement.function_code.node_files import NodeFile, line_of, members_of, node_file, text_of
from workflow_dsl.agreement.function_code.node_variables import variable_in, variables_by_name
from workflow_dsl.agreement.function_code.python_clients import TARGETS, ClientCall

# Packages, and names in use, whose service has another name in botocore.
OTHER_NAMES = {
    "cloudwatch-events": "events",
    "cloudwatch-logs": "logs",
    "cognito-identity-provider": "cognito-idp",
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "step-functions": "stepfunctions",
    "secrets-manager": "secretsmanager",
}
# Commands of lib-dynamodb, whose parameters are those of the item's commands.
_OF_DOCUMENTS = {
    **{name: f"{name}Item" for name in ("Get", "Put", "Update", "Delete", "BatchGet", "BatchWrite")},
    **{name: f"{name}Items" for name in ("TransactGet", "TransactWrite")},
}


_IMPORTED = """
(import_statement (import_clause (named_imports (import_specifier) @name)) source: (string) @package)
(variable_declarator
  name: (object_pattern [(shorthand_property_identifier_pattern) (pair_pattern)] @name)
  value: (call_expression function: (identifier) @require arguments: (arguments . (string) @package))
  (#eq? @require "require"))
"""
_MADE = "(new_expression constructor: (identifier) @command arguments: (arguments . (object) @parameters)) @new"


def calls_in_node(file: Path) -> Iterator[ClientCall]:
    """The commands that are made with an object, with the names at its top."""
    code = node_file(file)
    commands = dict(_imported(code)) if code else {}
    variables = variables_by_name(code) if code and commands else {}
    for made in code.matches(_MADE) if code and commands else ():
        package, service, operation = commands.get(text_of(made["command"]), ("", "", ""))
        if service:
            members = members_of(made["parameters"])
            given = members or {}
            literal = given.get("Key", given.get("Item"))
            target = next((given[name] for name in TARGETS if name in given), None)
            yield ClientCall(
                line_of(made["new"]),
                service,
                operation,
                tuple(given),
                is_open=members is None,
                variable=(variable_in(target) or variables.get(text_of(target), "")) if target else "",
                attributes=tuple((members_of(literal) if literal else None) or ()),
                objects=tuple(name for name, value in given.items() if value.type == "object"),
                package=package,
            )


def _imported(code: NodeFile) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """The names of commands that a file imports, each with its package, as `client-sfn`, its service and operation.

    The names of the latter are those of botocore.
    """
    for imported in code.matches(_IMPORTED):
        scope, _, package = text_of(imported["package"]).partition("/")
        name = imported["name"]
        if scope == "@aws-sdk":
            folder = package.removeprefix("client-")
            first = name.child_by_field_name("name") or name.child_by_field_name("key") or name
            local = name.child_by_field_name("alias") or name.child_by_field_name("value") or first
            service = "dynamodb" if folder == "lib-dynamodb" else OTHER_NAMES.get(folder, folder)
            command = text_of(first).removesuffix("Command")
            operation = _OF_DOCUMENTS.get(command, command) if service == "dynamodb" else command
            yield text_of(local), (package, service, operation)
