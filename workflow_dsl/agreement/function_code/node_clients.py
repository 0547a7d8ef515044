"""The commands of the AWS SDK for JavaScript v3 in a file, read and never run."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.function_code.python_clients import ClientCall
from workflow_dsl.regexes import lazy_regex

_IMPORT = lazy_regex(
    r"(?:import|const|let|var)\s*\{([^}]*)\}\s*(?:from|=\s*require\()\s*[\"']@aws-sdk/(client-[\w-]+|lib-dynamodb)[\"']"
)
_COMMAND = lazy_regex(r"new\s+(\w+)Command\s*\(\s*\{")
# Packages whose name is not that of botocore's folder.
_FOLDERS = {
    "cloudwatch-events": "events",
    "cloudwatch-logs": "logs",
    "cognito-identity-provider": "cognito-idp",
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "secrets-manager": "secretsmanager",
}
# Commands of lib-dynamodb, whose parameters are those of the item's commands.
_OF_DOCUMENTS = {"Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}


def calls_in_node(text: str) -> Iterator[ClientCall]:
    """The commands that are made with an object, with the names at its top."""
    services = {}
    for names, package in _IMPORT.findall(text):
        service = _FOLDERS.get(package.removeprefix("client-"), package.removeprefix("client-"))
        for name in names.split(","):
            services[name.strip()] = "dynamodb" if package == "lib-dynamodb" else service
    for match in _COMMAND.finditer(text):
        service, is_commented = services.get(f"{match[1]}Command"), "//" in text[: match.start()].rpartition("\n")[2]
        names = _names_at_top(text, match.end()) if service and not is_commented else None
        if service and names is not None:
            operation = _OF_DOCUMENTS.get(match[1], match[1]) if service == "dynamodb" else match[1]
            is_open = None in names
            given = tuple(name for name in names if name is not None)
            yield ClientCall(text.count("\n", 0, match.start()) + 1, service, operation, given, is_open)


_TOKEN = lazy_regex(
    r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[{}()\[\],:]|[^\s{}()\[\],:\"'`/]+|/",
    16,
)
_DEEPER, _HIGHER = ("{", "(", "["), ("}", ")", "]")


def _names_at_top(text: str, start: int) -> list[str | None] | None:
    """The names of the properties of an object that begins before a position; None among them for one that is open.

    None if the object does not end.
    """
    names: list[str | None] = []
    depth, is_name = 0, True
    for match in _TOKEN.finditer(text, start):
        part = match[0]
        if part.startswith(("//", "/*")):
            continue
        if part in _HIGHER:
            depth -= 1
            if depth < 0:
                return names
        elif depth == 0 and part == ",":
            is_name = True
        elif depth == 0 and is_name:
            plain = part.strip("\"'")
            names.append(plain if plain.isidentifier() else None)
            is_name = False
        if part in _DEEPER:
            depth += 1
    return None
