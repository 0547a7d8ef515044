"""The shape of what a handler returns holds for what it really returns, whatever changes its values on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.shapes.conformity import problems
from workflow_dsl.shapes.sources.handlers import signature_of

CHANGES = [
    "r = {'a': 1}\nfor k in event: r[k] = 'x'",
    "r = {'a': {'b': 1}}\nq = r['a']\nq['b'] = 's'",
    "r = {'a': [1]}\nr['a'].append('x')\nr['a'][0] = {'k': 1}",
    "r = [1, 2]\nr[0] = 's'",
    "r = [{'a': 1}]\nr[0] = 's'",
    "r = {'items': [{'n': 1}]}\nfor x in sorted(r['items'], key=str): x['n'] = 's'",
    "r = {'items': [{'n': 1}]}\nfor i, x in enumerate(r['items']): x['n'] = 's'",
    "r = {'items': [{'n': 1}]}\nfor x in list(reversed(r['items'])): x['n'] = 's'",
    "r = {'n': 1}\nfor x in [r]: x['n'] = 's'",
    "r = {'items': {'k': {'n': 1}}}\nfor k, x in r['items'].items(): x['n'] = 's'",
    "r = {'items': [{'n': 1}]}\n[x.update(n='s') for x in r['items']]",
    "r = {'items': []}\nadd = r['items'].append\nadd({'x': 's'})\nadd(1)",
    "r = {'items': [{'n': 1}]}\nfirst = r['items'][0]\nfirst['n'] = 's'",
    "r = {'n': 1}\ndict.update(r, {'n': 's'})",
    "r = {'n': 1}\nput(r, 'n', 's')",
    "r = {'n': 1}\npass_on(r)",
    "r = {'n': 1}\nlist(map(change, [r]))",
    "r = {'n': 1}\n(lambda d: d.__setitem__('n', 's'))(r)",
    "r = {'n': 1}\nf = lambda: r.update(n='s')\nf()",
    "r = {'n': 1}\ndef inner(x=r): x['n'] = 's'\ninner()",
    "r = {'n': 1}\ndef inner():\n    nonlocal r\n    r = 's'\ninner()",
    "r = {'n': 1}\nb = {'inner': r}\nb['inner']['n'] = 's'",
    "r = {'n': 1}\nb = (r, 2)\nb[0]['n'] = 's'",
    "r = s = {'n': 1}\ns['n'] = 's'",
    "r = {'n': 1}\nr |= {'n': 's', 'b': 1}",
    "r = {'n': 1}\nr = r | {'n': 's'}",
    "r = {'n': 1}\nr['n'] /= 2",
    "r = {'n': 1, 'm': 2}\nfor k in list(r): del r[k]",
    "r = {'n': 1}\nfor r['n'] in ['x', 'y']: pass",
    "r = {'n': 1}\nr.setdefault('n', 's')\nr.setdefault('l', []).append('x')",
    "r = {'n': 1}\nexec(\"r['n'] = 's'\")",
    "r = {'n': 1}\nlocals()['r']['n'] = 's'",
    "r = CONSTANT\nr['n'] = 's'",
    "r = dict(CONSTANT)\nr['in']['n'] = 's'",
    "fill()\nr = {**CONSTANT}",
    "r = grown()\nr['a'].append('s')\nr = grown()",
    "a, r = {'x': 1}, {'y': 2}\na, r = r, a",
    "r = {'n': 1}\nkept(r)['body']['n'] = 's'",
    "r = {'n': 1}\nk = kept(r)\nk['body']['n'] = 's'",
    "r = {'n': 1}\nrest(body=r)['body']['n'] = 's'",
    "r = {'n': 1}\nchange(kept(r)['body'])",
    "r = {'n': 1}\npass_on(same(r))",
    "r = {'n': 1}\nchange_rest(body=r)",
    "r = rest(code=1, **event)",
    "r = {'n': 1, 'm': rest(status='x', **CONSTANT)}",
    "r = dict(CONSTANT)\nr['n'] = 's'\nr = kept(r)",
    "r = None\nwhile r is None:\n    r = {'i': 0}\n    r['i'] += 1.5",
    "x, *y = [1, 'a', None]\nr = {'x': x, 'y': y}",
    "try:\n    r = {'v': event['nope']}\nexcept KeyError as x:\n    r = {'error': str(x)}",
    "r = {'a': event['n'] or 'none', 'b': not event, 'c': [*event['l'], 1], 'd': 7 // 2, 'e': 'a' * 3, 'f': '%s' % 3}",
]
MODULE = """
CONSTANT = {"n": 1, "in": {"n": 1}}
def fill(): CONSTANT.update(n="s")
def put(d, key, value): d[key] = value
def pass_on(d): change(d)
def change(d): d["n"] = "s"
def same(d): return d
def kept(body): return {"status": 1, "body": body}
def rest(status="ok", **others): return {"status": status, **others}
def change_rest(**others): others["body"]["n"] = "s"
def grown(x=[]):
    x.append(1)
    return {"a": x}
"""
EVENTS = [{"n": 1, "s": "t", "l": [1, 2]}, {"n": 0, "s": "", "l": []}]


@pytest.mark.parametrize("body", CHANGES)
def test_no_result_of_a_handler_contradicts_its_shape(body: str, tmp_path: Path) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    source = f"{MODULE}\ndef handler(event, context):\n{lines}    return r\n"
    (tmp_path / "app.py").write_text(source, "utf-8")
    shape = signature_of(tmp_path / "app.py", "handler", "F").gives
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102  # our own source
    results = [json.loads(json.dumps(names["handler"](event, None))) for event in EVENTS]
    assert [problem for result in results for problem in problems(shape, result)] == []
