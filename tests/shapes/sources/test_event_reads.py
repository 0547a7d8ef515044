"""statements.py of event_reads: the fields without which a handler fails, whatever else its event has."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from workflow_dsl.shapes.formats.typescript import type_of
from workflow_dsl.shapes.sources.handlers import signature_of

MODULE = """
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Optional, TypedDict
from pydantic import BaseModel, Field
from aws_lambda_powertools.utilities.parser import parse
from helpers import fill, reads, reads_some, renames

class Line(BaseModel):
    sku: str
    count: int = 1

class Order(BaseModel):
    number: str
    lines: list[Line]
    note: Optional[str]

@dataclass
class Point:
    x: float
    y: float = 0.0

@dataclass
class Made:
    a: int = field(init=False)
    b: int

class Filling(BaseModel):
    def __init__(self, **fields):
        super().__init__(**{"number": "", **fields})

class Filled(Filling):
    number: str

Short = Annotated[str, Field(default="")]

class Annotations(BaseModel):
    a: Annotated[str, Field(max_length=4)]
    b: Annotated[str, Field(alias="B")]
    c: Annotated[str, Field(default="")]
    d: Annotated[list[str], Field(default_factory=list)]
    e: Short

MissingError = KeyError

class OwnError(Exception): ...

class Own:
    number: str
    def __init__(self, **fields): ...

def handler(event, context):
"""
HELPERS = """
def reads(order):
    return order["id"]
def reads_some(order, full):
    if full:
        return order["lines"]
    return order["id"]
def fill(order):
    order["added"] = 1
def renames(order, *, note, limit=1): ...
"""
A = "{a: unknown, ...}"
NEEDED: list[tuple[str, str]] = [
    # Statements in their order
    ("x = event['a']\nreturn event['b']", "{a: unknown, b: unknown, ...}"),
    ("if event['a']: return 1\nreturn event['b']", A),
    ("if event['a']: log(1)\nelse: log(event['c'])\nreturn event['b']", "{a: unknown, b: unknown, ...}"),
    ("if not event['a']: raise ValueError(event['c'])\nreturn event['b']", "{a: unknown, b: unknown, ...}"),
    ("while event['a']:\n  break\nreturn event['b']", "{a: unknown, b: unknown, ...}"),
    ("match event['a']:\n  case 'x': return event['b']\nreturn event['c']", A),
    ("with open(event['a']) as f: x = event['b']\nassert event['c'], event['d']", "{a: unknown, c: unknown, ...}"),
    ("with suppress(KeyError): return event['a']\nreturn event['b']", "unknown"),
    ("try: x = event['a']\nexcept KeyError: x = 1\nreturn event['b']", "{b: unknown, ...}"),
    ("try: x = event['a']\nexcept: x = 1", "unknown"),
    ("try: return event['a']\nexcept (ValueError, Exception) as e: return {'error': str(e)}", "unknown"),
    ("try: return event['a']\nexcept Exception:\n  log(1)\n  raise", A),
    ("try: x = event['a']\nexcept client.exceptions.ClientError: x = 1\nreturn event['b']", "{a: unknown, b: unknown, ...}"),
    ("try: x = event['a']\nexcept ERRORS: x = 1", "unknown"),
    ("try: x = event['a']\nexcept MissingError: x = 1", "unknown"),
    ("try: x = event['a']\nexcept OwnError: x = 1", A),
    ("try: x = event['a']\nexcept KeyError:\n  if event.get('b'): return None\n  raise", "unknown"),
    ("try:\n  if 'a' not in event: raise ValueError()\n  x = event['a']\nexcept ValueError: x = 1", "unknown"),
    ("try:\n  x = event['a']\n  check(event)\n  y = event['b']\nexcept BadError: y = 1", A),
    ("try:\n  client.put(Key=event['a'])\n  x = event['b']\nexcept OwnError: x = 1", "{a: unknown, b: unknown, ...}"),
    ("try: return Point(**event)\nexcept ValidationError: return None", "unknown"),
    ("try: return Point(**event)\nexcept ValidationError: raise", "{x: unknown, ...}"),
    ("[event.__setitem__(name, 1) for name in NAMES]\nreturn event['a']", "unknown"),
    ("try: x = event['a']\nfinally: return 1", "unknown"),
    ("exec('event = {}')\nreturn event['a']", "unknown"),
    ("del event['a']\nevent['b'] = 1\nx = event['b']\nreturn event['c']", "{c: unknown, ...}"),
    ("event = event['a']\nreturn event['b']", "{a: {b: unknown, ...}, ...}"),
    ("event = json.loads(event['a'])\nreturn event['b']", A),
    ("for event in event['a']: x = event['b']\nreturn event['c']", "{a: {b: unknown, ...}[], ...}"),
    # Expressions
    ("return event['a'] and event['b'] or event['c']", A),
    ("return event['b'] if event['a'] else event['c']", A),
    ("return 1 < event['a'] < event['b']", A),
    ("f = lambda: event['a']\nreturn event['b']", "{b: unknown, ...}"),
    ("return f\"{event['a']} {event.get('b')} {'c' in event}\"", A),
    ("return event.pop('a'), event.pop('b', 1)", A),
    # Fields of fields
    ("return event['a']['b']['c']", "{a: {b: {c: unknown, ...}, ...}, ...}"),
    ("x = event['a']\ny, z = x['b'], event['c']\nreturn y['d'] + z['e']", "{a: {b: {d: unknown, ...}, ...}, c: {e: unknown, ...}, ...}"),
    ("x: dict = event['a']\nreturn x['b']", "{a: {b: unknown, ...}, ...}"),
    ("x = event.get('a')\nreturn x['b']", "{a: {b: unknown, ...}, ...}"),
    ("x = event.get('a')\nif x is None: return 1\nreturn x['b']", "unknown"),
    ("x = event.get('a', {})\nx['b'] = 1\nreturn event['a']['b']", A),
    ("x = event['a']\nx = event['c']\nreturn x['b']", "{a: unknown, c: unknown, ...}"),
    ("x = event['a']\nx['b'] = 1\nreturn event['a']['b'] + x['c']", "{a: {c: unknown, ...}, ...}"),
    ("return event['a'][0]['b']", A),
    ("if (x := event['a']): x['b'] = 1\nreturn event['a']['b']", A),
    # Items of lists
    ("for x in event['a']:\n  if not x['b']: continue\n  y = x['c']\nreturn event['d']", "{a: {b: unknown, ...}[], d: unknown, ...}"),
    ("for x in event['a']:\n  if x['b']: break\nreturn event['d']", "{a: unknown, d: unknown, ...}"),
    ("for x in event['a']:\n  y = x['b']\n  z = event['c']", "{a: {b: unknown, ...}[], ...}"),
    ("for n, x in enumerate(sorted(event['a'], key=str)): y = x['b']", A),
    ("for n, x in enumerate(event['a']): y = x['b']", "{a: {b: unknown, ...}[], ...}"),
    ("for x in event['a']:\n  for y in x['b']: z = y['c']", "{a: {b: {c: unknown, ...}[], ...}[], ...}"),
    ("for x in event['a']: x['b'] = 1\nreturn [x['b'] for x in event['a']]", A),
    ("return sum(x['b'] for x in event['a'])", "{a: {b: unknown, ...}[], ...}"),
    ("return [x['c'] for x in event['a'] if x['b'] == 1 and x['d']]", "{a: {b: unknown, ...}[], ...}"),
    ("return {x['b']: x['c'] for x in event['a']}", "{a: {b: unknown, c: unknown, ...}[], ...}"),
    ("return [y['c'] for x in event['a'] for y in x['b']]", "{a: {b: unknown, ...}[], ...}"),
    ("return any(x['b'] for x in event['a']), next(x['c'] for x in event['a'])", A),
    ("return [fill(x) for x in event['a']], [x['added'] for x in event['a']]", A),
    # What may be changed
    ("normalize(event)\nreturn event['a']", "unknown"),
    ("normalize(event['a'])\nreturn event['a']['b']", A),
    ("normalize({'x': event['a']})\nreturn event['a']['b'] + event['c']", "{a: unknown, c: unknown, ...}"),
    ("log.info('%s', event)\ntable.put_item(Item=event)\nreturn event['a']", A),
    ("x = {**event}\nx['a'] = 1\nreturn event['a']", A),
    ("x = {**event}\nx['a']['b'] = 1\nreturn event['a']['b']", A),
    ("x = event.copy()\nx['a']['b'] = 1\nreturn event['a']['b']", A),
    ("for x in event.values(): x['b'] = 1\nreturn event['a']['b']", A),
    ("event.setdefault('a', 1)\nreturn event['a']", "unknown"),
    ("(event['a'] or {}).update(b=1)\nreturn event['a']['b']", A),
    ("def inner(): event['a'] = 1\ninner()\nreturn event['a']", "unknown"),
    ("KEPT.append(event)\nreturn event['a']", "unknown"),
    ("if event.get('x'): fill(event)\nreturn event['added']", "unknown"),
    ("for name in ('a', 'b'): event[name] = 1\nreturn event['a']", "unknown"),
    # Functions of the project
    ("return reads(event)", "{id: unknown, ...}"),
    ("x = event['a']\nreturn reads(order=x)", "{a: {id: unknown, ...}, ...}"),
    ("return event.get('x') and reads(event)", "unknown"),
    ("return [reads(x) for x in event['a']]", "{a: {id: unknown, ...}[], ...}"),
    ("reads_some(event, event.get('full'))\nreturn event['b']", "{b: unknown, ...}"),
    ("fill(event)\nreturn event['added'] + event['b']", "{b: unknown, ...}"),
    ("return renames(**event)", "{order: unknown, note: unknown, ...}"),
    ("return renames(event['a'], **event)", A),
    # Classes
    ("order = Order(**event)\nreturn event['a']", "{number: unknown, lines: {sku: unknown, ...}[], a: unknown, ...}"),
    ("return Order(number='1', **event['a'])", "{a: {lines: {sku: unknown, ...}[], ...}, ...}"),
    ("return Order.model_validate(event)", "{number: unknown, lines: {sku: unknown, ...}[], ...}"),
    ("return parse(event=event['a'], model=Order)", "{a: {number: unknown, lines: {sku: unknown, ...}[], ...}, ...}"),
    ("return parse(event, Order, envelope=SqsEnvelope)", "unknown"),
    ("return Point(**event)", "{x: unknown, ...}"),
    ("return Own(**event), Own.model_validate(event)", "unknown"),
    ("return Filled(**event)", "unknown"),
    ("return Annotations(**event)", "{a: unknown, B: unknown, ...}"),
    ("return Made(**event)", "{b: unknown, ...}"),
    ("return [Line(**x) for x in event['a']]", "{a: {sku: unknown, ...}[], ...}"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), NEEDED)
def test_a_handler_needs_the_fields_that_it_always_reads(body: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text(HELPERS)
    (tmp_path / "app.py").write_text(MODULE + indent(body, "    "))
    assert type_of(signature_of(tmp_path / "app.py", "handler", "F").takes) == expected


def test_a_thousand_fields_below_each_other_end_somewhere(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context): return event" + "['a']" * 1000)
    assert type_of(signature_of(tmp_path / "app.py", "handler", "F").takes).startswith("{a: {a: ")


def test_what_a_handler_reads_counts_beside_its_annotation(tmp_path: Path) -> None:
    source = """
from typing import TypedDict
class Order(TypedDict, total=False):
    number: str
    total: int
def handler(event: Order, context):
    return event["total"] + event["lines"][0]
"""
    (tmp_path / "app.py").write_text(source)
    signature = signature_of(tmp_path / "app.py", "handler", "F")
    assert type_of(signature.takes) == "{number?: string, total: number, lines: unknown}"
