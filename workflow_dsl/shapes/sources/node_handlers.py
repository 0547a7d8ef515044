"""The result of a handler in JavaScript or TypeScript, as far as it returns nothing but object literals.

Lambda developer guide, "Define Lambda function handler in Node.js". The result becomes JSON, which has no field whose
value is undefined; so a field may be missing unless its value is a literal.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.shapes.declared import Signature
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.shape import (
    STRING,
    UNKNOWN,
    Field,
    Origin,
    Presence,
    Shape,
    field_with,
    joined,
    list_with,
    record,
)
from workflow_dsl.shapes.sources.handlers import Shown
from workflow_dsl.shapes.sources.node_code import NodeCode, node_code, parts_between


def signature_of_node(file: Path, name: str, title: str, shown: Shown = str) -> Signature:
    """Return what the function that a file exports by a name gives; `title` names it in messages."""
    code = node_code(file)
    functions = [*_functions(code, name)] if code else []
    if code is None or len(functions) != 1:
        return Signature(title)
    [function] = functions
    gives = _result(code, function, shown(file)) or UNKNOWN
    return Signature(title, UNKNOWN, gives, "", f"{shown(file)}:{code.tokens[function.start].line}")


class _Function(NamedTuple):
    """The positions of the first token of a function's body, and of the bracket or token after it."""

    start: int
    end: int
    is_expression: bool = False


def _functions(code: NodeCode, name: str) -> Iterator[_Function]:
    """The functions that are exported by a name, or that a name is given to which is exported."""
    for index in range(len(code.tokens)):
        for words in (["exports", ".", name, "="], ["const", name, "="], ["let", name, "="], ["var", name, "="]):
            if code.texts(index, len(words)) == words:
                function = _function(code, index + len(words))
                yield from [function] if function else []
        if code.texts(index, 2) == ["function", name]:
            function = _function(code, index)
            yield from [function] if function else []


def _function(code: NodeCode, index: int) -> _Function | None:
    """The function that begins at a token: an arrow function, or one by its keyword."""
    index += code.texts(index, 1) == ["async"]
    if code.texts(index, 1) == ["function"]:
        while index < len(code.tokens) and code.tokens[index].text != "(":
            index += 1
        body = _after_type(code, code.closing.get(index, index) + 1, "{")
        return _Function(body + 1, code.closing[body]) if body is not None else None
    arrow = index + 1 if code.texts(index + 1, 1) == ["=>"] else None
    if arrow is None and code.texts(index, 1) == ["("]:
        arrow = _after_type(code, code.closing[index] + 1, "=>")
    if arrow is None:
        return None
    if code.texts(arrow + 1, 1) == ["{"]:
        return _Function(arrow + 2, code.closing[arrow + 1])
    is_object = code.texts(arrow + 1, 2) == ["(", "{"]
    return _Function(arrow + 1, code.closing[arrow + 1], is_expression=True) if is_object else None


def _after_type(code: NodeCode, index: int, wanted: str) -> int | None:
    """The position of a mark that stands there, or after the name of a type; None for any other type."""
    if code.texts(index, 1) == [":"]:
        index += 1
        while code.texts(index, 1) and (
            code.tokens[index].kind == "name" or code.tokens[index].text in ("<", ">", ".")
        ):
            index += 1
        if code.tokens[index - 1].text != ">" and code.tokens[index - 1].kind != "name":
            return None
    return index if code.texts(index, 1) == [wanted] else None


def _result(code: NodeCode, function: _Function, file: str) -> Shape | None:
    """The shape of the objects that a function returns; None if it may return anything else."""
    if function.is_expression:
        return _literal_object(code, function.start + 1, function.end, file)
    returns = [*_returns(code, function)]
    if not returns or not _ends(code, function.start, function.end):
        return None
    shapes = [_returned(code, index + 1, function, file) for index in returns]
    return joined([shape for shape in shapes if shape]) if all(shapes) else None


def _returns(code: NodeCode, function: _Function) -> Iterator[int]:
    """The positions of the returns of a function, without those of functions and classes in it."""
    index = function.start
    while index < function.end:
        text, before = code.tokens[index].text, code.tokens[index - 1].text
        if text == "return" and before != ".":
            yield index
        is_body = text == "{" and (before == "=>" or _is_of_inner(code, index, function.start))
        index = code.closing[index] if is_body else index + 1


_CONTROL = ("if", "for", "while", "switch", "catch", "with")


def _is_of_inner(code: NodeCode, index: int, start: int) -> bool:
    """True if the bracket at a position opens the body of a function by its keyword, of a method, or of a class."""
    if index - 1 in code.opening:
        keyword = code.tokens[code.opening[index - 1] - 1].text
        return code.tokens[index - 1].text == ")" and keyword not in (*_CONTROL, "await")  # for await (...)
    return "class" in [token.text for token in code.tokens[max(start, index - 4) : index]]


def _ends(code: NodeCode, start: int, end: int) -> bool:
    """True if the statements between two positions end with a return or throw, on every way through the last one."""
    keyword = _keyword_of_block(code, start, end)
    if keyword is not None and code.tokens[keyword].text in ("catch", "else"):
        return _ends(code, code.opening[end - 1] + 1, end - 1) and _block_ends(code, start, keyword)
    index, last = start, None
    while index < end:
        if code.tokens[index].text in ("return", "throw"):
            last = index if code.tokens[index - 1].text not in (")", "else") else None
        elif last is not None and code.tokens[index].text == ";" and index + 1 < end:
            last = None
        index = code.closing[index] + 1 if index in code.closing else index + 1
    return last is not None


def _keyword_of_block(code: NodeCode, start: int, end: int) -> int | None:
    """The position of the keyword before a block that ends at a position, over its part in brackets."""
    if end <= start or code.tokens[end - 1].text != "}" or end - 1 not in code.opening:
        return None
    keyword = code.opening[end - 1] - 1
    return code.opening[keyword] - 1 if keyword in code.opening else keyword


def _block_ends(code: NodeCode, start: int, end: int) -> bool:
    """True if the block before `catch` or `else` ends with a return or throw, and those before it too."""
    keyword = _keyword_of_block(code, start, end)
    if keyword is None or not _ends(code, code.opening[end - 1] + 1, end - 1):
        return False
    return code.tokens[keyword - 1].text != "else" or _block_ends(code, start, keyword - 1)


def _returned(code: NodeCode, index: int, function: _Function, file: str) -> Shape | None:
    """The shape of the object after a return, or of the constant there; None for anything else."""
    if code.texts(index, 1) == ["{"] and _is_end(code, code.closing[index] + 1):
        return _literal_object(code, index, code.closing[index] + 1, file)
    if code.tokens[index].kind == "name" and _is_end(code, index + 1):
        return _constant(code, code.tokens[index].text, function, file)
    return None


def _is_end(code: NodeCode, index: int) -> bool:
    """True if a statement ends before a position: at `;`, at `}`, or at the end of a line."""
    follows = code.texts(index, 1)
    is_new_line = code.tokens[index].line > code.tokens[index - 1].line if follows else True
    continues = follows and follows[0] in (".", "?.", "(", "[", "?", "&&", "||", "??", "as", ",")
    return not continues and (not follows or follows[0] in (";", "}") or is_new_line)


def _constant(code: NodeCode, name: str, function: _Function, file: str) -> Shape | None:
    """The shape of a constant object of a function that nothing but a return or a read of a field uses."""
    found: Shape | None = None
    for index in range(function.start, function.end):
        if code.tokens[index].text != name or code.tokens[index].kind != "name" or code.tokens[index - 1].text == ".":
            continue
        before, after = code.tokens[index - 1].text, code.texts(index + 1, 3)
        is_printed = code.texts(index - 4, 2) == ["console", "."] and before == "("
        if before in ("const", "let", "var") and after[:2] == ["=", "{"] and found is None:
            closing = code.closing[index + 2]
            found = _literal_object(code, index + 2, closing + 1, file) if _is_end(code, closing + 1) else None
            if found is None:
                return None
        elif not (before == "return" or is_printed or (after[:1] == ["."] and after[2:] not in (["="], ["("]))):
            return None
    return found


def _literal_object(code: NodeCode, start: int, end: int, *origins: str) -> Shape | None:
    """The shape of an object between two positions; None if they are not those of one object."""
    if code.texts(start, 1) != ["{"] or code.closing[start] != end - 1:
        return None
    fields: dict[str, Field] = {}
    is_open = False
    for first, last in parts_between(code, start + 1, end - 1):
        token, after = code.tokens[first], code.texts(first + 1, 1) if first + 1 < last else []
        name = token.text[1:-1] if token.kind == "string" else token.text
        if token.kind not in ("name", "string") or after not in ([], [":"]) or (not after and token.kind == "string"):
            is_open = True
        else:
            value = _value(code, first + 2, last) if after else UNKNOWN
            fields[name] = field_with(value, Presence.UNSTATED if value is UNKNOWN else Presence.SURE)
    places = [Origin(f"{origin}:{code.tokens[start].line}") for origin in origins]
    return record(fields, UNKNOWN if is_open else None, *places)


def _value(code: NodeCode, start: int, end: int) -> Shape:
    """The shape of an expression as far as it is a literal."""
    token = code.tokens[start]
    if end - start == 1:
        return _of_token(token.kind, token.text)
    closing = code.closing.get(start, -1) + 1
    if token.text == "{" and closing == end:
        return _literal_object(code, start, end) or UNKNOWN
    if token.text == "[" and closing == end:
        items = [_value(code, first, last) for first, last in parts_between(code, start + 1, end - 1) if first < last]
        return list_with(items)
    if code.texts(start, 4) == ["JSON", ".", "stringify", "("] and code.closing[start + 3] + 1 == end:
        return STRING
    choices = [*parts_between(code, start, end, "?")]
    either = [*parts_between(code, choices[1][0], end, ":")] if len(choices) == 2 else []
    if len(either) == 2 and choices[1][0] < end:
        return joined([_value(code, *either[0]), _value(code, *either[1])])
    return UNKNOWN


def _of_token(kind: str, text: str) -> Shape:
    if kind == "string":
        return literal(text[1:-1]) if "\\" not in text else STRING
    if kind == "number" and text.isdigit():
        return literal(int(text))
    if kind == "template":
        return STRING
    constants = {"true": True, "false": False, "null": None}
    return literal(constants[text]) if text in constants else UNKNOWN
