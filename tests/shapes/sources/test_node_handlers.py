"""node_handlers.py: the objects that handlers in JavaScript and TypeScript return."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.shapes.formats.typescript import type_of
from workflow_dsl.shapes.sources.node_handlers import signature_of_node

ARROW = "exports.handler = async (event) => {{\n{}\n}};\n"


def result(tmp_path: Path, code: str, suffix: str = "js") -> str:
    """The type of what `handler` returns."""
    (tmp_path / f"app.{suffix}").write_text(code)
    return type_of(signature_of_node(tmp_path / f"app.{suffix}", "handler", "F").gives)


HEADS = [
    "exports.handler = async (event) => {{ {} }}",
    "exports.handler = async event => {{ {} }};",
    "module.exports.handler = async function (event) {{ {} }}",
    "export const handler = (event) => {{ {} }};",
    "export async function handler(event) {{ {} }}",
    "async function handler({{ id, at = 3 }}, context) {{ {} }}\nmodule.exports = {{ handler }};",
    "const handler = async (event) => {{ {} }};\nexports.handler = handler;",
    "export const handler = async (event: Event): Promise<Result> => {{ {} }}",
    "export async function handler(event: Event): Promise<Result> {{ {} }}",
]


@pytest.mark.parametrize("head", HEADS)
def test_every_form_of_an_exported_handler_is_read(tmp_path: Path, head: str) -> None:
    assert (
        result(tmp_path, head.format("return { a: 'x' };"), "ts" if ":" in head.partition("{{")[0] else "js")
        == '{a: "x"}'
    )


BODIES = [
    ("return { a: 1, 'b': \"x\", c: true, d: null, e: [1, 2], f: { g: `t` } };", '{a: 1, b: "x", c: true, d: null, e: [1, 2], f: {g: string}}'),
    ("return { a, b: event.b, c: JSON.stringify(event) }", "{a?: unknown, b?: unknown, c: string}"),
    ("return { a: event.x ? 'y' : 'n', b: event?.c ?? 1 }", '{a: "n" | "y", b?: unknown}'),
    ("return { a: 1, ...event };", "{a: 1, ...}"),
    ("return { a: 1, [event.name]: 2 };", "{a: 1, ...}"),
    ("if (!event.a) { return { b: 1 }; }\nreturn { a: 1 };", "{b: 1} | {a: 1}"),
    ("const seen = event.items.map((item) => { return { c: 1 }; });\nfor (const x of seen) { x.f(function () { return 2; }); }\nreturn { a: 1 };", "{a: 1}"),
    ("class A { b() { return 1; } }\nreturn { a: 1 };", "{a: 1}"),
    ("try { return { a: 1 }; } catch (error) { throw error; }", "{a: 1}"),
    ("if (event.a) { return { a: 1 }; } else if (event.b) { return { a: 2 }; } else { throw new Error('x'); }", "{a: 1} | {a: 2}"),
    ("const response = {\n  statusCode: 200,\n  body: JSON.stringify(event),\n};\nconsole.log(response);\nreturn response;", "{statusCode: 200, body: string}"),
    ("const response = {\n  statusCode: 200\n};\nif (response.statusCode > 2) log();\nreturn response;", "{statusCode: 200}"),
    ("const path = event.key.replace(/[{}/]+/g, '');\nreturn { path: `${path}/x` };", "{path: string}"),
    ("return event.reply ? { a: 1 } : { b: 2 };", "unknown"),
    ("return { a: 1 }.a;", "unknown"),
    ("return [1];", "unknown"),
    ("return other(event);", "unknown"),
    ("if (event.a) { return { a: 1 }; }", "unknown"),
    ("if (event.a) return { a: 1 };", "unknown"),
    ("if (event.a) { log(); } else return { a: 1 };", "unknown"),
    ("if (event.a) { log(); } else { return { a: 1 }; }", "unknown"),
    ("try { return { a: 1 }; } catch (error) { log(error); }", "unknown"),
    ("return { a: 1 };\nlog();", "unknown"),
    ("const r = { a: 1 };\nr.b = 2;\nreturn r;", "unknown"),
    ("const r = { a: 1 };\nObject.assign(r, event);\nreturn r;", "unknown"),
    ("let r = { a: 1 };\nr = event;\nreturn r;", "unknown"),
    ("return { a: `${`x`}` };", "unknown"),
    ("return { a: (1 };", "unknown"),
    ("", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_the_objects_that_a_handler_returns_are_its_result(tmp_path: Path, body: str, expected: str) -> None:
    assert result(tmp_path, ARROW.format(body)) == expected


OTHERS = [
    "exports.handler = middy(async (event) => { return { a: 1 }; });",
    "exports.other = async (event) => { return { a: 1 }; };",
    "exports.handler = a;\nexports.handler = async () => ({ a: 1 });\nconst handler = async () => ({ b: 1 });",
    "export const handler = async (event: Event): Promise<{ a: number }> => { return { a: 1 }; };",
    "export async function handler(event: Event): { a: number } { return { a: 1 }; }",
]


@pytest.mark.parametrize("code", OTHERS)
def test_other_handlers_are_unknown(tmp_path: Path, code: str) -> None:
    assert result(tmp_path, code) == "unknown"


def test_an_arrow_function_of_an_object_returns_it(tmp_path: Path) -> None:
    assert result(tmp_path, "exports.handler = async () => ({ a: 1 });") == "{a: 1}"


def test_a_missing_file_is_unknown(tmp_path: Path) -> None:
    assert type_of(signature_of_node(tmp_path / "app.js", "handler", "F").gives) == "unknown"
