"""The functions of JSONata 2.0.6 and of Step Functions, without `$eval`, which the service does not have.

Signatures: docs.jsonata.org, "Function Library"; developer guide, "JSONata functions provided by Step Functions".
"""

from __future__ import annotations

from workflow_dsl.expressions.jsonata.functions import Builtin
from workflow_dsl.expressions.jsonata.library import arrays, dates, numbers, objects, service, strings, urls
from workflow_dsl.expressions.jsonata.library.integers import format_integer, parse_integer
from workflow_dsl.expressions.jsonata.library.number_pictures import format_number

_TABLE = {
    "sum": Builtin(numbers.sum_, "<a<n>:n>"),
    "count": Builtin(arrays.count, "<a:n>"),
    "max": Builtin(numbers.max_, "<a<n>:n>"),
    "min": Builtin(numbers.min_, "<a<n>:n>"),
    "average": Builtin(numbers.average, "<a<n>:n>"),
    "string": Builtin(strings.string, "<x-b?:s>", arity=1),
    "substring": Builtin(strings.substring, "<s-nn?:s>"),
    "substringBefore": Builtin(strings.substring_before, "<s-s:s>"),
    "substringAfter": Builtin(strings.substring_after, "<s-s:s>"),
    "lowercase": Builtin(strings.lowercase, "<s-:s>"),
    "uppercase": Builtin(strings.uppercase, "<s-:s>"),
    "length": Builtin(strings.length, "<s-:n>"),
    "trim": Builtin(strings.trim, "<s-:s>"),
    "pad": Builtin(strings.pad, "<s-ns?:s>"),
    "match": Builtin(strings.match, "<s-f<s:o>n?:a<o>>", uses_run=True),
    "contains": Builtin(strings.contains, "<s-(sf):b>", uses_run=True),
    "replace": Builtin(strings.replace, "<s-(sf)(sf)n?:s>", uses_run=True),
    "split": Builtin(strings.split, "<s-(sf)n?:a<s>>", uses_run=True),
    "join": Builtin(strings.join, "<a<s>s?:s>"),
    "formatNumber": Builtin(format_number, "<n-so?:s>"),
    "formatBase": Builtin(numbers.format_base, "<n-n?:s>"),
    "formatInteger": Builtin(format_integer, "<n-s:s>"),
    "parseInteger": Builtin(parse_integer, "<s-s:n>"),
    "number": Builtin(numbers.number, "<(nsb)-:n>"),
    "floor": Builtin(numbers.floor, "<n-:n>"),
    "ceil": Builtin(numbers.ceil, "<n-:n>"),
    "round": Builtin(numbers.round_, "<n-n?:n>"),
    "abs": Builtin(numbers.abs_, "<n-:n>"),
    "sqrt": Builtin(numbers.sqrt, "<n-:n>"),
    "power": Builtin(numbers.power, "<n-n:n>"),
    "boolean": Builtin(objects.boolean, "<x-:b>"),
    "not": Builtin(objects.not_, "<x-:b>"),
    "map": Builtin(arrays.map_, "<af>", uses_run=True),
    "zip": Builtin(arrays.zip_, "<a+>", arity=0),
    "filter": Builtin(arrays.filter_, "<af>", uses_run=True),
    "single": Builtin(arrays.single, "<af?>", uses_run=True),
    "reduce": Builtin(arrays.reduce, "<afj?:j>", uses_run=True),
    "sift": Builtin(objects.sift, "<o-f?:o>", uses_run=True),
    "keys": Builtin(objects.keys, "<x-:a<s>>"),
    "lookup": Builtin(objects.lookup, "<x-s:x>"),
    "append": Builtin(arrays.append, "<xx:a>", uses_run=True),
    "exists": Builtin(objects.exists, "<x:b>"),
    "spread": Builtin(objects.spread, "<x-:a<o>>"),
    "merge": Builtin(objects.merge, "<a<o>:o>"),
    "reverse": Builtin(arrays.reverse, "<a:a>"),
    "each": Builtin(objects.each, "<o-f:a>", uses_run=True),
    "error": Builtin(objects.error, "<s?:x>"),
    "assert": Builtin(objects.assert_, "<bs?:x>"),
    "type": Builtin(objects.type_, "<x:s>"),
    "sort": Builtin(arrays.sort, "<af?:a>", uses_run=True),
    "shuffle": Builtin(arrays.shuffle, "<a:a>", uses_run=True),
    "distinct": Builtin(arrays.distinct, "<x:x>", uses_run=True),
    "base64encode": Builtin(strings.base64encode, "<s-:s>"),
    "base64decode": Builtin(strings.base64decode, "<s-:s>"),
    "encodeUrlComponent": Builtin(urls.encode_component, "<s-:s>"),
    "encodeUrl": Builtin(urls.encode, "<s-:s>"),
    "decodeUrlComponent": Builtin(urls.decode_component, "<s-:s>"),
    "decodeUrl": Builtin(urls.decode, "<s-:s>"),
    "toMillis": Builtin(dates.to_millis, "<s-s?:n>", uses_run=True),
    "fromMillis": Builtin(dates.from_millis, "<n-s?s?:s>"),
    "now": Builtin(dates.now, "<s?s?:s>", uses_run=True),
    "millis": Builtin(dates.millis, "<:n>", uses_run=True),
    "clone": Builtin(objects.clone, "<(oa)-:o>"),
    "partition": Builtin(service.partition, "<xn>", uses_run=True),
    "range": Builtin(service.range_, "<nnn>", uses_run=True),
    "hash": Builtin(service.hash_, "<s-s>"),
    "random": Builtin(service.random, "<n?:n>", uses_run=True, arity=0),
    "uuid": Builtin(service.uuid, "<:s>", uses_run=True),
    "parse": Builtin(service.parse, "<s-:x>"),
}


def functions() -> dict[str, Builtin]:
    """Return the functions by name."""
    return _TABLE
