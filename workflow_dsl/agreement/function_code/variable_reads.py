"""The environment variables that the file of a handler reads, without running it.

Lambda developer guide, "Working with Lambda environment variables".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.agreement.function_code import node_variables, python_variables
from workflow_dsl.agreement.function_code.code_files import code_text
from workflow_dsl.agreement.function_code.node_files import node_file
from workflow_dsl.definition.python_files import python_file
from workflow_dsl.regexes import lazy_regex


class VariableRead(NamedTuple):
    """A read of a variable; `is_needed`: without the variable the code fails, or calls a service with nothing."""

    line: int
    name: str
    is_needed: bool


def variables_read(file: Path, handler: str) -> list[VariableRead]:
    """The variables that a file reads and does not set itself; none of a file that cannot be read."""
    text = _text_with_variables(file)
    reads = [*_reads(file, handler)] if text and not _SETS_OTHERS.search(text) else []
    return [read for read in reads if not _OF_LAMBDA.match(read.name)]


def machines_passed(file: Path) -> Iterator[tuple[int, str]]:
    """The variables that a file passes as stateMachineArn, each with its line: as they are, or by a name for one."""
    for line, parameter, name in _passed(file, by_name=True) if "stateMachineArn" in _text_with_variables(file) else ():
        if parameter == "stateMachineArn":
            yield line, name


def _text_with_variables(file: Path) -> str:
    """The text of a file that reads variables; "" for another one, and for one that cannot be read."""
    text = code_text(file) or ""
    return text if "environ" in text or "getenv" in text or "process.env" in text else ""


_SETS_OTHERS = lazy_regex(r"dotenv|environ\.update|environs|Object\.assign\(\s*process\.env")
# Lambda developer guide, "Defined runtime environment variables", and those of operating systems and runtimes.
_OF_LAMBDA = lazy_regex(r"_|AWS_|LAMBDA_|NODE_|PYTHON|LD_LIBRARY_PATH$|(PATH|LANG|TZ|HOME|PWD|CI|DEBUG|IS_LOCAL)$")


def _reads(file: Path, handler: str) -> Iterator[VariableRead]:
    is_python = file.suffix == ".py"
    passed = {name for _, parameter, name in _passed(file, by_name=False) if parameter in _PARAMETERS}
    if is_python:
        tree = python_file(file).tree
        for read in python_variables.reads_without_default(tree, handler, passed) if tree else ():
            yield VariableRead(*read)
    elif code := node_file(file):
        for line, name in node_variables.reads_without_default(code):
            yield VariableRead(line, name, name in passed)


def _passed(file: Path, *, by_name: bool) -> Iterator[tuple[int, str, str]]:
    """The variables that a file passes by a parameter's name: each with its line and the parameter."""
    if file.suffix == ".py":
        tree = python_file(file).tree
        yield from python_variables.passed_variables(tree, by_name=by_name) if tree else ()
    elif code := node_file(file):
        yield from node_variables.passed_variables(code)


# Parameters of services that name a resource, so that a call without them fails.
_PARAMETERS = (
    *("TableName", "QueueUrl", "TopicArn", "Bucket", "FunctionName", "SecretId", "EventBusName", "stateMachineArn"),
    *("activityArn", "UserPoolId", "StreamName", "DeliveryStreamName", "IdentityPoolId"),
)
