"""What to write instead, as an author of Python writes it: the rules say it as ASL has it."""

from __future__ import annotations

import json
import re

from workflow_dsl.definition.json import Json

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
# What is another thing in Python, not another spelling.
_OTHERWISE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(asl), python)
    for asl, python in (
        (r'give one state "End": true', "let one state be the last: nothing follows it, or it is a Succeed or a Fail"),
        (r'"ProcessorConfig": \{"Mode": "DISTRIBUTED", "ExecutionType": "\w+"\}', _DISTRIBUTED),
        (r'add "ExecutionType": "STANDARD" or "EXPRESS"', 'write execution_type="STANDARD" or "EXPRESS"'),
        (r'"([\w-]+)\.\$": "(\$[^"]*)"', r'"\1": path("\2")'),
        (r'call the field "[^"]*\.\$" if it is to be looked up', 'write it as path("...") if it is to be looked up'),
        (
            r'call it "([^"]*)", and write the value as "\{% .* %\}"',
            r'call it "\1", and write the value as jsonata("...")',
        ),
        (
            r'write "FIRST_ROW", or "GIVEN" and the names in CSVHeaders',
            'write csv_header_location="FIRST_ROW", or "GIVEN" and csv_headers=[...]',
        ),
        (r"list the names of the columns", "write csv_headers=[...] with the names of the columns"),
        (
            r"call an action of the service, such as arn:aws:states:::([\w:]+), and name this in \w+",
            r'write call("\1", ...), with this as its parameter',
        ),
        (r"or a \$\{Placeholder\} for it", 'or function("F") for one of the template'),
        (r"write a list of Choice rules", "give it rules by add_choice(...)"),
        (r"^add Branches$", "give it branches=[...]"),
        (r"\bwrite it in (\w+)Path\b", r'write it as \1=path("...")'),
        (r"\buse (\w+)Path\b", r'write \1=path("...")'),
        (r"give it a Default", "give it a default_choice()"),
        (r"give it a Condition", 'give it jsonata("...")'),
        (r"with an expression in \{% %\}", 'with jsonata("...")'),
        (r"mend the expression between \{% and %\}", "mend the expression"),
        (r"begin the text with \{%, and join what stands before it inside: ", "join what stands before it inside: "),
        (r'"?\{% (.*?) %\}"?', r'jsonata("\1")'),
        (r"write an ARN; what gives it in a template is .*", 'write function("..."), call("service:action") or an ARN'),
        (r"call (arn:aws:states:::([\w:.]+)), with this as (\w+) in Parameters", r'write call("\2", \3=...)'),
        (r"write (aws-sdk:[\w:.]+)$", r'write call("\1")'),
        (r"shorten it, and say the rest in Comment", "shorten it, and say the rest in comment="),
        (
            r"a whole number of seconds from 0 to 99999999",
            'a whole number of seconds from 0 to 99999999, or path("$...")',
        ),
        (r"take the quotes away: \$\{.*\}", 'write the number itself, or path("$...")'),
        (r'^add "(\w+)"$', r"give it \1=..."),
        (r"^add \"(\w+)\" to its Parameters$", r"give its call() \1=..."),
        (r"join two comparisons with And or Or", "join two comparisons with & or |"),
    )
)
_PAIR = re.compile(r'"([A-Z]\w*)": ("[^"]*"|\{[^{}]*\}|\[[^\[\]]*\]|true|false|null|-?\d+(?:\.\d+)?)')
_WORD = re.compile(r'(?<![\w$.:"/])[A-Z]\w+(?![\w.:(])')


def in_python(remedy: str, language: Json = "JSONPath") -> str:
    """A remedy with fields and values as Python has them; `language` is the state's, None for the machine's fields."""
    for asl, python in _OTHERWISE:
        remedy = asl.sub(python, remedy)
    if language != "JSONPath":
        instead = "" if language is None else ', or jsonata("...")'
        remedy = remedy.replace(', or path("$...")', instead)
    remedy = _PAIR.sub(_argument, remedy)
    remedy = _HINT.sub(lambda found: f'did you mean "{_named(found[1])}"?', remedy)
    return _WORD.sub(lambda found: _named(found[0]), remedy)


_HINT = re.compile(r'did you mean "(\w+)"\?')


def _argument(pair: re.Match[str]) -> str:
    name, value = pair[1], pair[2]
    if name not in _FIELDS:
        return pair[0]
    try:
        return f"{_named(name)}={json.loads(value)!r}".replace("'", '"')
    except ValueError:
        return f"{_named(name)}={value}"


def _named(field: str) -> str:
    """A field's name as a keyword; what is no field stays as it is."""
    if field not in _FIELDS:
        return field
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field.replace("CSV", "Csv")).lower()
