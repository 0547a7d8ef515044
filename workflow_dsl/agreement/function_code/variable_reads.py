"""The environment variables that the file of a handler reads, without running it.

Lambda developer guide, "Working with Lambda environment variables".
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.python_files import python_file
from workflow_dsl.regexes import lazy_regex


class VariableRead(NamedTuple):
    """A read of a variable; `is_needed`: without the variable the code fails, or calls a service with nothing."""

    line: int
    name: str
    is_needed: bool


def variables_read(file: Path, handler: str) -> list[VariableRead]:
    """The variables that a file reads and does not set itself; none of a file that cannot be read."""
    try:
        text = read_file(file, most=_MOST_CODE).decode("utf-8", "replace")
        is_read = "environ" in text or "getenv" in text or "process.env" in text
        reads = [*(_in_python(file, handler) if file.suffix == ".py" else _in_node(text))] if is_read else []
    except (OSError, ValueError):
        return []
    return [] if _SETS_OTHERS.search(text) else [read for read in reads if not _OF_LAMBDA.match(read.name)]


def machines_passed(file: Path) -> Iterator[tuple[int, str]]:
    """The variables that a file passes as stateMachineArn, each with its line: as they are, or by a name for one."""
    try:
        lines = read_file(file, most=_MOST_CODE).decode("utf-8", "replace").splitlines()
    except (OSError, ValueError):
        return
    assigned = {match[1]: match[2] for line in lines if (match := _NAMED.match(line))}
    for number, line in enumerate(lines, 1):
        passed = _STARTED.search(line)
        name = (passed[1] or assigned.get(passed[2])) if passed else None
        if name:
            yield number, name


_MOST_CODE = 200_000  # bytes: more is a bundle
_OF_EITHER = r"(?:os\.environ\[|process\.env\.|process\.env\[)[\"']?(\w+)"
_NAMED = lazy_regex(rf"^\s*(?:const\s+|let\s+|var\s+)?(\w+)\s*=\s*{_OF_EITHER}")
_STARTED = lazy_regex(rf"stateMachineArn[\"']?\s*[=:]\s*(?:{_OF_EITHER}|(\w+))")
_SETS_OTHERS = lazy_regex(r"dotenv|environ\.update|environs|Object\.assign\(\s*process\.env")
# Lambda developer guide, "Defined runtime environment variables", and those of operating systems and runtimes.
_OF_LAMBDA = lazy_regex(r"_|AWS_|LAMBDA_|NODE_|PYTHON|LD_LIBRARY_PATH$|(PATH|LANG|TZ|HOME|PWD|CI|DEBUG|IS_LOCAL)$")


def _in_python(file: Path, handler: str) -> Iterator[VariableRead]:
    """The reads of a module at its top and in its handler; a name that stands elsewhere too may have a default."""
    tree = python_file(file).tree
    if tree is None:
        return
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    waiting, needed = [*_unconditional(tree.body)], list[tuple[int, str]]()
    waiting += _unconditional(functions[handler].body) if handler in functions else []
    for node in waiting:  # grows by the functions that it calls
        name = _subscript(node)
        if name is not None:
            needed.append((node.lineno, name))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            waiting += _unconditional(functions.pop(node.func.id).body)
    nodes = [*ast.walk(tree)]
    passed = (each.value for each in nodes if isinstance(each, ast.keyword) and each.arg in _PARAMETERS)
    needed += [(node.lineno, name) for node in passed if (name := _subscript(node))]
    mentions = Counter(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    loads = Counter(filter(None, map(_subscript, nodes)))
    for line, name in needed:
        if mentions[name] == loads[name]:
            yield VariableRead(line, name, True)
    for each in nodes:
        if isinstance(each, ast.Call) and len(each.args) == 1 and not each.keywords and _gets(each.func):
            [argument] = each.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and mentions[argument.value] == 1:
                yield VariableRead(each.lineno, argument.value, False)


def _subscript(node: ast.AST) -> str | None:
    """The name of `os.environ["NAME"]` where it is read."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load) or not _is_environ(node.value):
        return None
    return node.slice.value if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str) else None


def _is_environ(node: ast.expr) -> bool:
    return _name_of(node) == "environ"


def _gets(function: ast.expr) -> bool:
    """True for `os.getenv` and `os.environ.get`."""
    is_get = isinstance(function, ast.Attribute) and function.attr == "get" and _is_environ(function.value)
    return is_get or _name_of(function) == "getenv"


def _name_of(node: ast.expr) -> str:
    """The name, or the last part of a dotted one; "" for another expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


_MAY_NOT_RUN = (
    *(ast.BoolOp, ast.IfExp, ast.Lambda, ast.If, ast.While, ast.Match),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)


def _unconditional(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """The expressions of statements that run whatever the event is, without those that a handler replaces."""
    for node in nodes:
        if isinstance(node, _MAY_NOT_RUN) or (isinstance(node, ast.Try) and _has_default(node)):
            continue
        if isinstance(node, ast.expr):
            yield node
        yield from _unconditional(node.body if isinstance(node, ast.Try) else ast.iter_child_nodes(node))


def _has_default(statement: ast.Try) -> bool:
    """True if an except gives a value in place of the one that is missing."""
    kinds = " ".join(ast.unparse(each.type) for each in statement.handlers if each.type)
    inner = (node for handler in statement.handlers for node in ast.walk(handler))
    return "KeyError" in kinds or "LookupError" in kinds or any(isinstance(node, ast.Assign) for node in inner)


_VARIABLE = r"process\.env(?:\.(\w++)|\[[\"'](\w+)[\"']\])!?"
_DEFAULT = r"(?!\s*(?:\|\||\?|&&|=[^=>]|!==|===|==|!=|in\b))"
_READ, _MENTIONED = lazy_regex(_VARIABLE + _DEFAULT), lazy_regex(_VARIABLE)
_ASSIGNED = lazy_regex(rf"^\s*(?:export\s+)?(?:const|let|var)\s+(\w+)(?:\s*:\s*\w+)?\s*=\s*{_VARIABLE}\s*;?\s*$")
_UNPACKED = lazy_regex(r"(?:const|let|var)\s*\{([\s\w,:]*)\}\s*=\s*process\.env\b(?!\.)")
# Parameters of services that name a resource, so that a call without them fails.
_PARAMETERS = (
    *("TableName", "QueueUrl", "TopicArn", "Bucket", "FunctionName", "SecretId", "EventBusName", "stateMachineArn"),
    *("activityArn", "UserPoolId", "StreamName", "DeliveryStreamName", "IdentityPoolId"),
)
_PASSED = lazy_regex(rf"\b(?:{'|'.join(_PARAMETERS)})[\"']?\s*:\s*(?:{_VARIABLE}{_DEFAULT}|(\w+)\s*[,}}\n])")


def _in_node(text: str) -> Iterator[VariableRead]:
    """The reads without a default in a module, of each variable that it takes from its environment once."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if not re.match(r"\s*(//|\*)", line)]
    reads = [(number, match[1] or match[2]) for number, line in lines for match in _READ.finditer(line)]
    assigned = {match[1]: match[2] or match[3] for _, line in lines if (match := _ASSIGNED.match(line))}
    for match in _UNPACKED.finditer(text):
        names = [part.partition(":")[::2] for part in re.sub(r"\s", "", match[1]).split(",") if part]
        assigned |= {local or name: name for name, local in names}
        reads += [(text.count("\n", 0, match.start()) + 1, name) for name, _ in names]
    passes = (match for _, line in lines for match in _PASSED.finditer(f"{line}\n"))
    passed = {match[1] or match[2] or assigned.get(match[3], "") for match in passes}
    mentions = Counter(match[1] or match[2] for match in _MENTIONED.finditer(text))
    for number, name in reads:
        if mentions[name] <= 1:
            yield VariableRead(number, name, name in passed)
