"""The names of a Python function: the values that they get, and what may change these values.

The order of statements does not count. A value that an unknown function gets, or that is changed below its first level,
may become anything; so may whatever it holds, or is held by.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeGuard

from workflow_dsl.records import Record, field, replace
from workflow_dsl.shapes.sources.python_modules import Module, resolved
from workflow_dsl.shapes.sources.python_syntax import is_spread, key_of, method_of, parameter_for


class Uses(Record, frozen=False):
    """The values of one name, None for one that is not known, and what changes them.

    `values` are bound to it, `annotations` are its types, each with the value that it gets there; `items` are the
    iterables that it goes through, and `sources` have it as a part. `fields` and `appended` are put into the value,
    `grown` into a list in one of its fields; the parts of `updates` and `extended` are copied into it. Fields of it may
    be gone if it `is_cut`; it may be anything if it `is_hidden`, and so may the `leaked` fields. It `is_kept` if
    something else refers to it too.
    """

    values: list[ast.expr | None] = field(default_factory=list)
    annotations: list[tuple[ast.expr, ast.expr | None]] = field(default_factory=list)
    items: list[ast.expr] = field(default_factory=list)
    sources: list[ast.expr] = field(default_factory=list)
    fields: list[tuple[str, ast.expr | None]] = field(default_factory=list)
    appended: list[ast.expr] = field(default_factory=list)
    grown: list[tuple[str, ast.expr]] = field(default_factory=list)
    updates: list[ast.expr] = field(default_factory=list)
    extended: list[ast.expr] = field(default_factory=list)
    leaked: set[str] = field(default_factory=set)
    is_cut: bool = False
    is_hidden: bool = False
    is_kept: bool = False

    @property
    def is_changed(self) -> bool:
        """True if something is put into the value, or taken from it."""
        put = (self.fields, self.appended, self.grown, self.updates, self.extended)
        return self.is_hidden or self.is_cut or any(put)

    @property
    def parts(self) -> Iterator[ast.expr | None]:
        """The expressions whose values it is, has, or is a part of."""
        yield from (*self.values, *self.items, *self.sources)
        yield from (value for _, value in (*self.fields, *self.grown))
        yield from (*self.appended, *self.updates, *self.extended)

    @property
    def is_only_read(self) -> bool:
        """True if nothing changes the value or refers to it later: of a parameter, which a call then leaves alone."""
        return not self.is_kept and self.is_unchanged

    @property
    def is_unchanged(self) -> bool:
        """True if nothing changes the value."""
        return not (self.is_changed or self.leaked)


@lru_cache(maxsize=512)
def uses_in(scope: ast.FunctionDef | ast.Module, module: Module, depth: int = 0) -> dict[str, Uses]:
    """Return the uses of the names in a module or in a function of it, those of functions in it included.

    `depth` counts the functions that call each other.
    """
    parents = {child: node for node in ast.walk(scope) for child in ast.iter_child_nodes(node)}
    found: dict[str, Uses] = {}
    for node in ast.walk(scope):
        for name in _other_names(node) if node is not scope else ():
            uses = found.setdefault(name, Uses())
            uses.values.append(None)
            uses.is_hidden = uses.is_hidden or isinstance(node, (ast.Global, ast.Nonlocal))
        if isinstance(node, ast.Name):
            _note(found.setdefault(node.id, Uses()), node, _Code(scope, parents, module, depth))
    _spread(found, is_module=isinstance(scope, ast.Module))
    return found


def _other_names(node: ast.AST) -> Iterator[str]:
    """The names that are bound to what no expression gives: by an import, a pattern, a definition."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (alias.asname or alias.name for alias in node.names)
    elif isinstance(node, (ast.Global, ast.Nonlocal)):
        yield from node.names
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.FunctionDef, ast.ClassDef)):
        yield from [node.name] if node.name else []
    elif isinstance(node, ast.MatchMapping):
        yield from [node.rest] if node.rest else []


class _Code(Record):
    """The code around a name: the function or module, the node around each node, and the depth of calls."""

    scope: ast.AST
    parents: dict[ast.AST, ast.AST]
    module: Module
    depth: int


def _note(uses: Uses, name: ast.Name, code: _Code) -> None:
    top, depth = _top(name, code.parents)
    parent = code.parents[top]
    if isinstance(top, ast.Name) and not isinstance(top.ctx, ast.Load):
        _bind(uses, top, code.parents)
    elif isinstance(top, (ast.Attribute, ast.Subscript)) and not isinstance(top.ctx, ast.Load):
        _store(uses, top, parent, depth)
    elif isinstance(parent, ast.Call) and parent.func is top:
        _call_method(uses, top, parent, depth - 1)
    else:
        _pass_on(uses, top, code, depth)


def _top(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> tuple[ast.AST, int]:
    """The expression of which a node is the innermost: `a["b"].c` of `a`, with the number of its steps."""
    depth = 0
    while True:
        parent = parents[node]
        is_step = isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is node
        is_call = isinstance(parent, ast.Call) and parent.func is node and method_of(node) in _GIVE_PARTS
        if not is_step and not is_call:
            return node, depth
        node, depth = parent, depth + is_step


_GIVE_PARTS = ("get", "items", "values")
_CHANGES = frozenset("append extend insert update setdefault pop popitem clear remove sort reverse".split())


def _bind(uses: Uses, name: ast.Name, parents: dict[ast.AST, ast.AST]) -> None:
    parent = parents[name]
    if isinstance(parent, ast.AnnAssign):
        uses.annotations.append((parent.annotation, parent.value))
        uses.sources += [parent.value] if parent.value else []
    elif isinstance(parent, ast.NamedExpr) or (isinstance(parent, ast.Assign) and len(parent.targets) == 1):
        uses.values.append(parent.value)
    elif isinstance(parent, (ast.For, ast.comprehension)):
        uses.items.append(parent.iter)
    elif isinstance(parent, ast.AugAssign) and isinstance(parent.op, (ast.BitOr, ast.Add)):
        (uses.updates if isinstance(parent.op, ast.BitOr) else uses.extended).append(parent.value)
    else:
        uses.values.append(None)
        while isinstance(parent, (ast.Tuple, ast.List, ast.Starred)):
            parent = parents[parent]
        of_parent = (getattr(parent, name, None) for name in ("value", "iter", "context_expr"))
        uses.sources += [each for each in of_parent if isinstance(each, ast.expr)]


def _store(uses: Uses, target: ast.Attribute | ast.Subscript, parent: ast.AST, depth: int) -> None:
    if isinstance(target, ast.Attribute) and depth == 1:
        return  # of an instance, whose class declares it
    key = key_of(target)
    if key is None or depth > 1 or isinstance(target.ctx, ast.Del):
        uses.is_hidden = True
    else:
        uses.fields.append((key, parent.value if isinstance(parent, ast.Assign) else None))


def _call_method(uses: Uses, function: ast.AST, call: ast.Call, depth: int) -> None:
    method, arguments = method_of(function), call.args
    if method not in _CHANGES:
        return
    key = key_of(function.value) if isinstance(function, ast.Attribute) else None
    if depth == 1 and method == "append" and key is not None and arguments:
        uses.grown.append((key, arguments[0]))
    elif depth > 0 or any(isinstance(each, ast.Starred) for each in arguments):
        uses.is_hidden = True
    elif method in ("append", "insert"):
        uses.appended += arguments[-1:]
    elif method == "update":
        fields = [(each.arg, each.value) for each in call.keywords if each.arg is not None]
        uses.fields += fields
        uses.updates += [*arguments, *(each.value for each in call.keywords if each.arg is None)]
    elif method == "extend":
        uses.extended += arguments
    elif method == "setdefault":
        uses.is_hidden = True
    else:
        uses.is_cut = True


def _pass_on(uses: Uses, node: ast.AST, code: _Code, depth: int) -> None:
    """Note who gets a value, or a part of it: a call that may change it, or something else that refers to it."""
    if method_of(node) in _CHANGES:
        return _leak(uses, None)  # a method that something else may call
    key = key_of(node) if depth == 1 else None
    while True:
        parent = code.parents[node]
        if isinstance(parent, ast.Call):
            parameter = Uses() if _leaves_alone(parent, node, code) else _parameter_uses(parent, node, code)
            is_step = isinstance(code.parents[parent], (ast.Attribute, ast.Subscript))
            if parameter.is_only_read:
                return None
            if not parameter.is_unchanged or is_step:
                return _leak(uses, key)
            node = parent  # its result may have the value
            continue
        is_of_inner = isinstance(parent, ast.Return) and _function_of(parent, code) is not code.scope
        if isinstance(parent, _GIVE_AWAY) or is_of_inner:
            return _leak(uses, key)
        if isinstance(parent, (ast.Return, ast.Assign, ast.AnnAssign)):
            uses.is_kept = True
            is_attribute = any(isinstance(each, ast.Attribute) for each in getattr(parent, "targets", []))
            return _leak(uses, key) if is_attribute else None
        if not isinstance(parent, _HOLD) or is_spread(parent, node):
            return None
        node = parent


_GIVE_AWAY = (ast.Match, ast.Yield, ast.YieldFrom, ast.Lambda, ast.arguments)


def _function_of(node: ast.AST, code: _Code) -> ast.AST:
    while not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
        node = code.parents[node]
    return node


def _leak(uses: Uses, key: str | None) -> None:
    uses.leaked |= {key} if key else set()
    uses.is_hidden = uses.is_hidden or key is None


_HOLD = (
    *(ast.Dict, ast.List, ast.Tuple, ast.Set, ast.BoolOp, ast.IfExp, ast.NamedExpr, ast.Starred, ast.keyword),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Await),
)


def _leaves_alone(call: ast.Call, argument: ast.AST, code: _Code) -> bool:
    """True if a call does not change an argument: of a function for reading, a plain class, or boto3 with its Names."""
    name = method_of(call.func) or getattr(call.func, "id", "")
    if name[:1].isupper():
        statement, _, _ = resolved(call.func, code.module)
        body = statement.body if isinstance(statement, ast.ClassDef) else []
        return not any(isinstance(each, ast.FunctionDef) for each in body)
    is_of_aws = isinstance(argument, ast.keyword) and (argument.arg or "")[:1].isupper()
    owner = getattr(call.func, "value", None)
    is_put_into_name = name in _CHANGES and isinstance(owner, ast.Name) and owner.id not in ("dict", "list", "set")
    return name in _ONLY_READ or is_put_into_name or is_of_aws


def _parameter_uses(call: ast.Call, argument: ast.AST, code: _Code) -> Uses:
    """The uses of the parameter that gets an argument, in a function of the project; hidden ones if it is not known."""
    unknown = Uses(is_hidden=True)
    if code.depth >= _DEEPEST or isinstance(code.scope, ast.Module):
        return unknown
    function, owner, _ = resolved(call.func, code.module)
    if not isinstance(function, ast.FunctionDef):
        return unknown
    uses = uses_in(function, owner, code.depth + 1)
    name = parameter_for(function, call, argument)
    if name is not None:
        return uses.get(name, Uses())
    rest = function.args.kwarg
    if rest is None or not isinstance(argument, ast.keyword) or argument.arg is None:
        return unknown
    return replace(uses.get(rest.arg, Uses()), is_kept=True)  # in the object of all others


_DEEPEST = 2  # functions that call each other
_ONLY_READ = frozenset(
    "print len str repr int float bool sum min max sorted list tuple set dict any all enumerate zip range isinstance "
    "reversed round abs type dumps loads asdict deepcopy copy join format get debug info warning error exception "
    "critical log model_validate parse_obj".split()
)


def _spread(found: dict[str, Uses], *, is_module: bool) -> None:
    """Hide all that a hidden value holds, and all that a changed one is a part of, or another name for.

    A constant of a module that a function copies (`{**DEFAULTS}`, `dict(DEFAULTS)`) is taken to stay, whatever becomes
    of the copy.
    """
    names_in = _names_of_parts if is_module else _names_in
    waiting = [uses for uses in found.values() if uses.is_changed or uses.leaked]
    while waiting:
        uses = waiting.pop()
        for name in names_in(uses.parts if uses.is_hidden else _shared(uses)):
            other = found.get(name)
            if other is not None and not other.is_hidden:
                other.is_hidden = True
                waiting.append(other)


def _shared(uses: Uses) -> Iterator[ast.AST | None]:
    """The expressions whose values a changed one may be a part of, or another name for."""
    leaking = uses.leaked | {key for key, _ in uses.grown}
    yield from (each for each in uses.items if not _is_deep_copy(each))  # a copy has the same items
    for each in (*uses.values, *uses.sources):
        if _is_new(each):
            yield from _leaking(each, leaking)
        else:
            yield each
    yield from (value for key, value in uses.fields if key in leaking)


def _is_new(node: ast.expr | None) -> bool:
    """True for an object or a list that is made here; what is in it may be in others too."""
    return _is_copy(node) or isinstance(node, (ast.Dict, ast.List, ast.ListComp, ast.DictComp, ast.Constant))


def _is_copy(node: ast.AST | None) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and (method_of(node.func) or getattr(node.func, "id", "")) in _COPY


def _copied(call: ast.Call) -> Iterator[ast.Name]:
    """The names that a call copies: `dict(NAME)`, `NAME.copy()`."""
    yield from (each for each in (getattr(call.func, "value", None), *call.args) if isinstance(each, ast.Name))


_DEEP = ("deepcopy", "loads", "asdict", "model_dump")
_COPY = ("dict", "list", "sorted", "copy", *_DEEP)


def _is_deep_copy(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and (method_of(node.func) or getattr(node.func, "id", "")) in _DEEP


def _leaking(node: ast.expr | None, names: set[str]) -> Iterator[ast.AST]:
    """The values of some fields of a literal object."""
    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        if not isinstance(key, ast.Constant) or key.value in names:
            yield value


def _names_in(nodes: Iterable[ast.AST | None]) -> set[str]:
    return {each.id for node in nodes if node for each in ast.walk(node) if isinstance(each, ast.Name)}


def _names_of_parts(nodes: Iterable[ast.AST | None]) -> set[str]:
    """The names in some expressions, without those whose fields an object copies."""
    inside = [each for node in nodes if node for each in ast.walk(node)]
    copied = [v.id for each in inside if isinstance(each, ast.Dict) for v in each.values if _is_spread_name(v, each)]
    copied += [v.id for each in inside if _is_copy(each) for v in _copied(each)]
    return {each.id for each in inside if isinstance(each, ast.Name)} - set(copied)


def _is_spread_name(node: ast.AST, parent: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and is_spread(parent, node)
