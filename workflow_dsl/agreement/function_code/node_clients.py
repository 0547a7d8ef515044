"""The commands of the AWS SDK for JavaScript v3 in a file, read and never run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from workflow_dsl.agreement.function_code.node_code import NodeCode, node_code, parts_between
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


def calls_in_node(file: Path) -> Iterator[ClientCall]:
    """The commands that are made with an object, with the names at its top."""
    code = node_code(file)
    if code is None:
        return
    packages = dict(_imported(code))
    services = {name: _service_of(package) for name, package in packages.items()}
    variables = {
        code.tokens[index + 1].text: code.tokens[index + 7].text
        for index, token in enumerate(code.tokens)
        if token.text == "const" and code.texts(index + 2, 5) == ["=", "process", ".", "env", "."]
    }
    for index, token in enumerate(code.tokens):
        command = code.texts(index + 1, 3)
        service = services.get(command[0], "") if token.text == "new" and command[1:] == ["(", "{"] else ""
        if service:
            name = command[0].removesuffix("Command")
            operation = _OF_DOCUMENTS.get(name, name) if service == "dynamodb" else name
            made = ClientCall(token.line, service, operation, (), package=packages[command[0]])
            yield _call(code, index + 3, made, variables)


def _imported(code: NodeCode) -> Iterator[tuple[str, str]]:
    """The names that a file imports from packages of the SDK, each with its package, as `client-sfn`."""
    for index, token in enumerate(code.tokens):
        if token.text in ("import", "const", "let", "var") and code.texts(index + 1, 1) == ["{"]:
            closing = code.closing[index + 1]
            package = next((text for text in code.texts(closing + 1, 4) if "@aws-sdk/" in text), "").strip("\"'")
            if package:
                name = package.removeprefix("@aws-sdk/")
                yield from ((code.tokens[each].text, name) for each in range(index + 2, closing))


def _service_of(package: str) -> str:
    """The service of a package by the name of its folder in botocore."""
    folder = package.removeprefix("client-")
    return "dynamodb" if folder == "lib-dynamodb" else OTHER_NAMES.get(folder, folder)


def _call(code: NodeCode, opening: int, call: ClientCall, variables: Mapping[str, str]) -> ClientCall:
    """The call with what the object of its parameters has."""
    given: dict[str, tuple[int, int]] = {}
    is_open = False
    for first, last in parts_between(code, opening + 1, code.closing[opening]):
        name = code.tokens[first].text.strip("\"'")
        is_open = is_open or not name.isidentifier()
        given[name] = (min(first + 2, last), last)
    objects = tuple(name for name, (first, _) in given.items() if code.texts(first, 1) == ["{"])
    start, end = given.get("Key", given.get("Item", (0, 0)))
    attributes: tuple[str, ...] = ()
    if code.texts(start, 1) == ["{"] and code.closing[start] == end - 1:
        names = [code.tokens[first].text.strip("\"'") for first, _ in parts_between(code, start + 1, end - 1)]
        attributes = tuple(names) if all(map(str.isidentifier, names)) else ()
    named = next((given[name] for name in TARGETS if name in given), (0, 0))
    text = "".join(code.texts(*_slice(named)))
    variable = variables.get(text, text.removeprefix("process.env.") if text.startswith("process.env.") else "")
    return call._replace(
        parameters=tuple(given), is_open=is_open, variable=variable, attributes=attributes, objects=objects
    )


def _slice(positions: tuple[int, int]) -> tuple[int, int]:
    return positions[0], positions[1] - positions[0]
