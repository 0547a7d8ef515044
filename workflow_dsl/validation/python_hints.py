"""Remedies in Python, for authors of workflows: the rules write them in ASL."""

from __future__ import annotations

import json
import re

from workflow_dsl.definition.json import Json
from workflow_dsl.regexes import lazy_regex

_FIELDS = frozenset(
    """Arguments Assign BackoffRate BatchInput Branches Catch Cause CausePath Choices Comment Condition Credentials
    CSVDelimiter CSVHeaderLocation CSVHeaders Default Error ErrorEquals ErrorPath ExecutionType HeartbeatSeconds
    HeartbeatSecondsPath InputPath InputType IntervalSeconds ItemBatcher ItemProcessor ItemReader ItemSelector Items
    ItemsPath ItemsPointer Iterator JitterStrategy Label ManifestType MaxAttempts MaxConcurrency MaxConcurrencyPath
    MaxDelaySeconds MaxInputBytesPerBatch MaxInputBytesPerBatchPath MaxItems MaxItemsPath MaxItemsPerBatch
    MaxItemsPerBatchPath Mode Output OutputPath OutputType Parameters QueryLanguage ReaderConfig Resource Result
    ResultPath ResultSelector ResultWriter Retry Seconds SecondsPath Timestamp TimestampPath TimeoutSeconds
    TimeoutSecondsPath ToleratedFailureCount ToleratedFailureCountPath ToleratedFailurePercentage
    ToleratedFailurePercentagePath Transformation WriterConfig""".split()
)
_DISTRIBUTED = 'item_processor=ItemProcessor(..., mode="DISTRIBUTED", execution_type="STANDARD")'
# Remedies that are more than another spelling in Python.
_REPLACEMENTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(asl), python)
    for asl, python in (
        (r'add "End": true to one state', "end with a state that has no next one, or with a Succeed or Fail"),
        (r'"ProcessorConfig": \{"Mode": "DISTRIBUTED", "ExecutionType": "\w+"\}', _DISTRIBUTED),
        (r'add "ExecutionType": "STANDARD" or "EXPRESS"', 'write execution_type="STANDARD" or "EXPRESS"'),
        (r'"([\w-]+)\.\$": "(\$[^"]*)"', r'"\1": path("\2")'),
        (r'name the field "[^"]*\.\$" to evaluate it', 'write path("...") to evaluate it'),
        (
            r'name it "([^"]*)", and write the value as "\{% .* %\}"',
            r'name it "\1", and write the value as jsonata("...")',
        ),
        (
            r'write "FIRST_ROW", or "GIVEN" and the names in CSVHeaders',
            'write csv_header_location="FIRST_ROW", or "GIVEN" and csv_headers=[...]',
        ),
        (r"add the column names as CSVHeaders", "write csv_headers=[...] with the column names"),
        (
            r"call an action of the service, such as arn:aws:states:::([\w:]+), and pass this in \w+",
            r'write call("\1", ...), with this as its parameter',
        ),
        (r"or a \$\{Placeholder\} for it", 'or function("F") for one of the template'),
        (r"write a list of Choice rules", "add rules with add_choice(...)"),
        (r"^add Branches$", "add branches=[...]"),
        (r"\bwrite it in (\w+)Path\b", r'write it as \1=path("...")'),
        (r"\buse (\w+)Path\b", r'write \1=path("...")'),
        (r"add a Default", "add a default_choice()"),
        (r"add a Condition", 'write jsonata("...")'),
        (r"with an expression in \{% %\}", 'with jsonata("...")'),
        (r"fix the expression between \{% and %\}", "fix the expression"),
        (r"begin the string with \{%, and concatenate inside: ", "concatenate in the expression: "),
        (r'"?\{% (.*?) %\}"?', r'jsonata("\1")'),
        (r"write an ARN: !GetAtt .*", 'write function("..."), call("service:action") or an ARN'),
        (r"call (arn:aws:states:::([\w:.]+)), with this as (\w+) in Parameters", r'write call("\2", \3=...)'),
        (r"write (aws-sdk:[\w:.]+)$", r'write call("\1")'),
        (r"shorten it, and put the rest in Comment", "shorten it, and put the rest in comment="),
        (
            r"a whole number of seconds from 0 to 99999999",
            'a whole number of seconds from 0 to 99999999, or path("$...")',
        ),
        (r"remove the quotes: \$\{.*\}", 'write the number itself, or path("$...")'),
        (r'^add "(\w+)"$', r"add \1=..."),
        (r"^add \"(\w+)\" to its Parameters$", r"add \1=... to its call()"),
        (r"join two comparisons with And or Or", "join two comparisons with & or |"),
    )
)
_PAIR = lazy_regex(r'"([A-Z]\w*)": ("[^"]*"|\{[^{}]*\}|\[[^\[\]]*\]|true|false|null|-?\d+(?:\.\d+)?)')
_WORD = lazy_regex(r'(?<![\w$.:"/])[A-Z]\w+(?![\w.:(])')


def python_remedy(remedy: str, language: Json = "JSONPath") -> str:
    """Return a remedy with fields and values in Python; `language` is the state's, None for fields of the machine."""
    for asl, python in _REPLACEMENTS:
        remedy = asl.sub(python, remedy)
    if language != "JSONPath":
        alternative = "" if language is None else ', or jsonata("...")'
        remedy = remedy.replace(', or path("$...")', alternative)
    remedy = _PAIR.sub(_argument, remedy)
    remedy = _HINT.sub(lambda match: f'did you mean "{_keyword(match[1])}"?', remedy)
    return _WORD.sub(lambda match: _keyword(match[0]), remedy)


_HINT = lazy_regex(r'did you mean "(\w+)"\?')


def _argument(pair: re.Match[str]) -> str:
    name, value = pair[1], pair[2]
    if name not in _FIELDS:
        return pair[0]
    try:
        return f"{_keyword(name)}={json.loads(value)!r}".replace("'", '"')
    except ValueError:
        return f"{_keyword(name)}={value}"


def _keyword(field: str) -> str:
    """The keyword argument of a field; any other word is unchanged."""
    if field not in _FIELDS:
        return field
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field.replace("CSV", "Csv")).lower()
