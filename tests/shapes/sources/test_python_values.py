"""python_values.py and python_uses.py: what the source of a handler shows that it returns."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from workflow_dsl.shapes.formats.typescript import type_of
from workflow_dsl.shapes.shape import NUMBER, STRING, Shape, record
from workflow_dsl.shapes.sources.handlers import signature_of

MODULE = """
import dataclasses, json
from dataclasses import asdict, dataclass
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar
from pydantic import BaseModel, Field
from helpers import DEFAULTS, FREE, change, helper, look

T = TypeVar("T")
LIMITS = {"most": 5}
CHANGED = {"most": 5}
CHANGED["least"] = 1
SHARED = {"most": 5}
def shared(): return SHARED

class Builder:
    def __init__(self, data): self.data = data
    def add(self): self.data["b"] = 1

@dataclass
class Line:
    sku: str
    count: int = 1

    def as_dict(self):
        return {**asdict(self), "total": 1.5}

    def chain(self):
        return self

class Row(TypedDict):
    id: str

class Nested(TypedDict):
    row: Row
    note: NotRequired[str]

class Order(BaseModel):
    id: str
    lines: list[Line]
    secret: str = Field(exclude=True)

class Own(BaseModel):
    id: str

    def model_dump(self):
        return {"own": self.id}

class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = None

class Mixin:
    def as_json(self): return asdict(self)

@dataclass
class Mixed(Mixin):
    id: str

class More:
    @computed_field
    def more(self): return 1

class Doubtful(More, BaseModel):
    id: str

class Service:
    def load(self): return Own(id="1")

SERVICE = Service()

def find(sku) -> Line: ...
def find_all() -> list[Line]: ...
def page() -> Page[Line]: ...
class Odd:
    def make(this, given): return {"got": given}

if T:
    def chosen(): return {"a": 1}
else:
    def chosen(): return {"b": 1}
def wrap(status, body): return {"status": status, "body": body}
def rest(status, **others): return {"status": status, **others}
def loops(): return loops()
def kinds(sku):
    if sku:
        return {"kind": "a"}
    else:
        return {"kind": "b"}
async def later(): return {"a": 1}
@traced
def traced_one(): return {"a": 1}
"""
HELPERS = """
DEFAULTS = {"image": "none"}
FREE = "free"
def helper(sku):
    return {"sku": sku, "note": None}
def look(value):
    print(value["a"], len(value))
def change(value):
    value["b"] = 1
def keep(value):
    return value
"""
LINE = "{sku: string, count: number}"
RETURNED: list[tuple[str, str]] = [
    # Literals and operators
    ("return {'a': [1, *x], 'b': (1, 'c'), **{'d': None}}", '{a: unknown[], b: [1, "c"], d: null}'),
    ("return dict(a=1, b=dict(c=str(event)))", "{a: 1, b: {c: string}}"),
    ("return {'a': event or 'b', 'c': not event, 'd': 1 + len(event), 'e': event > 1, 'f': -1}", "{a: unknown, c: boolean, d: number, e: boolean, f: number}"),
    ("return {'a': 1} | {'b': 2}", "{a: 1, b: 2}"),
    ("return {f'{event}': 1}", "unknown"),
    ("return [{'a': n} for n in event]", "{a: unknown}[]"),
    ("return {n: {'a': 1} for n in event}", "Record<string, {a: 1}>"),
    ("return sorted(({'a': 1} for n in event), key=lambda each: each['a'])", "{a: 1}[]"),
    ("return json.loads(json.dumps({'a': event}))", "{a: unknown}"),
    ("yield {'a': 1}", "unknown"),
    # Names
    ("r = {'a': 1}\nif event: r['b'] = 2\nreturn r", "{a: 1, b?: 2}"),
    ("r = {}\nr['a'] = {'b': 1}\nreturn r", "{a?: {b: 1}}"),
    ("r = {'n': 1}\nr['n'] += 1\nreturn r", "{n: unknown}"),
    ("r = {'a': 1}\nr.update(b=2, **{'c': 3})\nr.update({'a': 'x'})\nreturn r", '{a: 1 | "x", b?: 2, c?: 3}'),
    ("r = {'a': 1}\nr.pop('a')\nreturn r", "{a?: 1}"),
    ("r = []\nfor n in event:\n  r.append({'a': n})\nreturn {'all': r}", "{all: {a: unknown}[]}"),
    ("if event: state = 'x'\nelse: state = 'y'\nreturn {'state': state}", '{state: "x" | "y"}'),
    ("r = {'a': 1}\nif event: r |= {'b': 2}\nreturn r", "{a: 1, b?: 2}"),
    ("n = 1\nn |= 2\nreturn {'n': n}", "{n: unknown}"),
    ("r = [{'a': 1}]\nr += [{'b': 2}]\nr.extend({'c': n} for n in event)\nreturn r", "({a: 1} | {b: 2} | {c: unknown})[]"),
    ("r = {'all': []}\nr['all'].append({'a': 1})\nreturn r", "{all: {a: 1}[]}"),
    ("m = []\nr = {'all': m}\nr['all'].append({'a': 1})\nreturn m", "unknown"),
    ("r: Row = {'id': '1'}\nreturn r", "{id: string}"),
    ("r = None\nif event: r = {'a': 1}\nreturn r", "null | {a: 1}"),
    ("for r in [{'a': 1}]:\n  return r", "{a: 1} | null"),
    ("try:\n  return {'a': 1}\nexcept KeyError as e:\n  return {'b': str(e)}", "{a: 1} | {b: string}"),
    ("if event: raise ValueError\nreturn {**LIMITS, **DEFAULTS}", '{most: 5, image: "none"}'),
    ("fill(FREE)\nreturn wrap(FREE, kinds(FREE))", '{status: "free", body: {kind: "a"} | {kind: "b"}}'),
    ("global FREE\nFREE = event\nreturn {'a': FREE}", "{a: unknown}"),
    ("fill(DEFAULTS)\nreturn DEFAULTS", "unknown"),
    ("return {**CHANGED}", "{most: 5, least?: 1}"),
    ("return SHARED", "unknown"),
    # What may change a value that is returned
    ("r = {'a': 1}\nfill(r)\nreturn r", "unknown"),
    ("r = {'a': 1}\nchange(r)\nreturn r", "unknown"),
    ("r = {'a': 1}\nlook(r)\nreturn r", "{a: 1}"),
    ("r = {'a': 1, 'b': {'c': 1}}\nfill(r['a'])\nfill(r['b'])\nreturn r", "{a: 1, b: unknown}"),
    ("r = {'a': 1}\ntable.put_item(Item=r)\nreturn r", "{a: 1}"),
    ("r = {'a': 1}\nr[event] = 2\nreturn r", "unknown"),
    ("r = {'a': {}}\nr['a']['b'] = 2\nreturn r", "unknown"),
    ("r = {'a': 1}\ns = r\ns['b'] = 2\nreturn r", "unknown"),
    ("r = s = {'a': 1}\ns['b'] = 2\nreturn r", "unknown"),
    ("m = {'a': 1}\nr = {'m': m}\nr['m']['b'] = 1\nreturn m", "unknown"),
    ("r = [{'a': 1}]\nfor each in r:\n  each['b'] = 2\nreturn r", "unknown"),
    ("r = {'a': {'b': 1}}\nfor k, v in r.items():\n  v['c'] = 1\nreturn r", "unknown"),
    ("r = [{'a': 1}]\n[fill(each) for each in r]\nreturn r", "unknown"),
    ("r = {'a': 1}\ndef inner(): r['b'] = 2\ninner()\nreturn r", "{a: 1, b?: 2}"),
    ("r = {'a': 1}\nwith open('f') as r: pass\nreturn r", "unknown"),
    ("r = {'a': 1}\nmatch event:\n  case {'x': r}: pass\nreturn r", "unknown"),
    ("r = {'a': 1}\ndel r['a']\nreturn r", "unknown"),
    ("m = {'a': 1}\nr = {'m': m}\nfill(r['m'])\nreturn m", "unknown"),
    ("r = {'a': 1}\nkeep = lambda: r\nkeep()['b'] = 1\nreturn r", "unknown"),
    ("r = {'a': 1}\ndef keep(): return r\nkeep()['b'] = 1\nreturn r", "unknown"),
    ("r = {'a': 1}\ndef put(s=r): s['b'] = 1\nput()\nreturn r", "unknown"),
    ("r = {'a': 1}\nglobal KEPT\nKEPT = r\nput()\nreturn r", "unknown"),
    ("r = {'a': 1}\nevent.kept = r\nevent.kept['b'] = 1\nreturn r", "unknown"),
    ("r = {'a': 1}\nBuilder(r).add()\nreturn r", "unknown"),
    ("r = {'a': 1}\ns = r.copy()\ns['b'] = 2\nreturn [r, s]", "[{a: 1}, {a: 1, b?: 2}]"),
    ("global LIMITS\nLIMITS = event\nreturn LIMITS", "unknown"),
    # Functions of the project
    ("return helper(event)", "{sku: unknown, note: null}"),
    ("return wrap(200, {'ok': True})", "{status: 200, body: {ok: true}}"),
    ("r = {'a': 1}\nreturn wrap(200, r)", "{status: 200, body: {a: 1}}"),
    ("r = {'a': 1}\ns = wrap(200, r)\ns['b'] = 1\nreturn r", "unknown"),
    ("r = {'a': 1}\nfill(wrap(200, r))\nreturn r", "unknown"),
    ("r = dict(DEFAULTS)\nr['a'] = 1\nreturn rest('x', settings=r, tags=[])", '{status: "x", settings: {image: "none", a?: 1}, tags: []}'),
    ("return rest(**{'status': 'x', 'a': 1})", '{status: unknown, a: 1}'),
    ("return rest('x', **event)", "{status: unknown, ...}"),
    ("return wrap(body=kinds(event), status=1)", '{status: 1, body: {kind: "a"} | {kind: "b"}}'),
    ("return {'a': loops(), 'b': later(), 'c': traced_one(), 'd': unheard_of()}", "{a: unknown, b: unknown, c: unknown, d: unknown}"),
    ("helper = event\nreturn {'a': helper(1)}", "{a: unknown}"),
    # Instances of classes
    ("return asdict(Line('a'))", LINE),
    ("return dataclasses.asdict(find('a'))", LINE),
    ("line = find('a')\nfill(line)\nreturn asdict(line)", LINE),
    ("return [asdict(each) for each in find_all()]", f"{LINE}[]"),
    ("return asdict(unheard_of())", "unknown"),
    ("return chosen()", "unknown"),
    ("d = asdict(Line('a'))\nd['sku']['x'] = 1\nreturn d", "unknown"),
    ("r: Row = {'id': '1'}\nfill(r)\nreturn r", "unknown"),
    ("return Odd().make({'a': 1})", "{got: unknown}"),
    ("return {'a': event.dict(), 'b': event.list(), 'c': event.len(), 'd': event.now.isoformat()}", "{a: unknown, b: unknown, c: unknown, d: string}"),
    ("return SERVICE.load().model_dump()", "unknown"),
    ("return Mixed('a').as_json()", "{id: string}"),
    ("return Doubtful(id='a').model_dump()", "{id: string, ...}"),
    ("return [each.as_dict() for each in find_all()]", "{sku: string, count: number, total: 1.5}[]"),
    ("lines = find_all()\nreturn [each.as_dict() for each in lines]", "{sku: string, count: number, total: 1.5}[]"),
    ("line = Line('a')\nreturn line.as_dict()", "{sku: string, count: number, total: 1.5}"),
    ("return {'sku': find('a').sku, 'chained': find('a').chain().as_dict()}", "{sku: string, chained: unknown}"),
    ("return Order(id='1', lines=[]).model_dump()", f"{{id: string, lines: {LINE}[], secret?: string}}"),
    ("order = Order.model_validate(event)\nreturn json.loads(order.model_dump_json())", f"{{id: string, lines: {LINE}[], secret?: string}}"),
    ("return Order(**event).model_dump(exclude_none=True)", "{id?: string, lines?: {sku?: string, count?: number}[], secret?: string}"),
    ("return Own(id='1').model_dump()", "{own: unknown}"),
    ("return Page[Line](items=[]).model_dump()", f"{{items: {LINE}[], next: string | null}}"),
    ("return page().model_dump()", f"{{items: {LINE}[], next: string | null}}"),
    ("return Page(items=[]).dict()", "{items: unknown[], next: string | null}"),
]  # fmt: skip


def gives(folder: Path, body: str, head: str = "def handler(event, context):") -> Shape:
    (folder / "helpers.py").write_text(dedent(HELPERS), "utf-8")
    lines = "".join(f"  {line}\n" for line in body.splitlines())
    (folder / "app.py").write_text(f"{MODULE}\n{head}\n{lines}", "utf-8")
    return signature_of(folder / "app.py", "handler", "F").gives


@pytest.mark.parametrize(("body", "expected"), RETURNED)
def test_a_handler_without_an_annotation_gives_what_its_source_shows(body: str, expected: str, tmp_path: Path) -> None:
    assert type_of(gives(tmp_path, body)) == expected


@pytest.mark.parametrize("annotation", ["dict", "dict[str, Any]", "Any", "dict | None", "object"])
def test_an_annotation_that_names_no_fields_leaves_them_to_the_source(annotation: str, tmp_path: Path) -> None:
    head = f"def handler(event, context) -> {annotation}:"
    assert type_of(gives(tmp_path, "return {'a': 1}", head)) == "{a: 1}"


BORNE_OUT = [  # the body, the annotation, and what it gives
    ("return {'id': 1, 'b': 2}", "Row", "{id: string}"),
    ("return {'a': 1}", "Row", "{}"),
    ("return Row(identity='1')", "Row", "{}"),
    ("return Row(id=event)", "Row", "{id: string}"),
    ("return Row(**event)", "Row", "{id: string}"),
    ("if event: return {'a': 1}\nreturn {'id': '1'}", "Row", "{id: string}"),
    ("return unheard_of()", "Row", "{id: string}"),
    ("r: Row = {}\nr['id'] = '1'\nreturn r", "Row", "{id: string}"),
    ("r: Row = {}\nr['identity'] = '1'\nreturn r", "Row", "{}"),
    ("return [{'a': 1} for n in event]", "list[Row]", "{}[]"),
    ("rows: list[Row] = []\nfor n in event:\n  rows.append({'id': n})\nreturn rows", "list[Row]", "{id: string}[]"),
    ("rows: list[Row] = []\nreturn rows", "list[Row]", "{id: string}[]"),
    ("return {'row': {'identity': 1}}", "Nested", "{row: {}, note?: string}"),
    ("return [{'a': n, 'b': 1} for n in event]", "list[dict[str, int]]", "{a: number, b: 1}[]"),
    ("return [{**event}]", "list[dict[str, int]]", "Record<string, number>[]"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "annotation", "expected"), BORNE_OUT)
def test_a_field_of_the_annotation_is_there_unless_the_source_never_gives_it(
    body: str, annotation: str, expected: str, tmp_path: Path
) -> None:
    assert type_of(gives(tmp_path, body, f"def handler(event, context) -> {annotation}:")) == expected


@pytest.mark.parametrize("body", ["...", "return 1"])
def test_a_source_that_contradicts_the_annotation_counts_for_nothing(body: str, tmp_path: Path) -> None:
    assert type_of(gives(tmp_path, body, "def handler(event, context) -> dict:")) == "Record<string, unknown>"


def test_an_expression_of_a_thousand_operators_is_unknown(tmp_path: Path) -> None:
    assert type_of(gives(tmp_path, f"return {{'a': {' + '.join(['1'] * 1_000)}}}")) in ("unknown", "{a: number}")


PASSED_ON = [
    ("return {**event, 'b': 1}", "{a: string, b: 1}"),
    ("event['b'] = 1\nreturn event", "{a: string, b?: 1}"),
    ("event.update({'a': 1})\nreturn event", "{a: string | 1}"),
    ("return {'old': event, 'c': event['a']}", "{old: {a: string}, c: string}"),
    ("fill(event)\nreturn {**event, 'b': 1}", "{b: 1, ...}"),
]


@pytest.mark.parametrize(("body", "expected"), PASSED_ON)
def test_a_handler_that_passes_its_event_on_gives_what_it_is_called_with(
    body: str, expected: str, tmp_path: Path
) -> None:
    gives(tmp_path, body)
    signature = signature_of(tmp_path / "app.py", "handler", "F")
    assert type_of(signature.result(record({"a": STRING}))) == expected


def test_the_event_of_a_handler_with_a_parser_is_an_instance_of_its_annotation(tmp_path: Path) -> None:
    head = "@event_parser(model=Own)\ndef handler(event: Row, context):"
    gives(tmp_path, "return {**event, 'b': 1}", head)
    signature = signature_of(tmp_path / "app.py", "handler", "F")
    assert type_of(signature.result(record({"a": NUMBER}))) == "{id: string, b: 1}"
