"""The result that a Python handler declares: its return annotation, read from the source without running it.

An annotation is compared with JSON, as Lambda returns it. What is not known here, a class of a library for example, is
never a problem. Names: typing documentation, "TypedDict", "Literal"; PEP 589, 655.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.findings import Place, did_you_mean

_RESULT = "the result"
_DEEPEST = 50  # aliases and values that are nested deeper are not compared

# Decorators that leave the result as it is: Powertools for AWS Lambda. Others may turn it into anything.
_KEEP_THE_RESULT = frozenset(
    "capture_lambda_handler event_parser event_source idempotent inject_lambda_context log_metrics".split()
)


@dataclass(frozen=True)
class DeclaredResult:
    """The return annotation of a handler, and its place."""

    annotation: ast.expr
    module: _Module
    place: Place

    def __str__(self) -> str:
        return f"`-> {ast.unparse(self.annotation)}` of {self.place}"

    def problems(self, result: Json) -> list[str]:
        """Return how a result differs from the annotation, each as a sentence about "the result"; [] if it does not."""
        return list(_problems(self.annotation, self.module, result, _RESULT, 0))


def declared_result(file: Path, name: str, shown: str = "") -> DeclaredResult | None:
    """Return the annotation of a function at the top of a file; None if it has none, or one that nothing is known of.

    `shown` is the file as messages print it.
    """
    module = _read_module(file, file.stat().st_mtime_ns) if file.is_file() else None
    function = module.names.get(name) if module else None
    if module is None or not isinstance(function, ast.FunctionDef) or function.returns is None:
        return None
    if not all(_tail(decorator) in _KEEP_THE_RESULT for decorator in function.decorator_list):
        return None
    return DeclaredResult(function.returns, module, Place(shown or str(file), function.lineno))


@dataclass(frozen=True)
class _Module:
    """The names that a module defines at its top: the last statement that defines each."""

    folder: Path
    names: Mapping[str, ast.stmt] = field(repr=False)

    def imported(self, statement: ast.ImportFrom, name: str) -> tuple[_Module, str] | None:
        """The module beside this one that a name is imported from, and the name there."""
        original = next(alias.name for alias in statement.names if name == (alias.asname or alias.name))
        path = self.folder.joinpath(*(statement.module or "").split("."))
        files = [path.with_suffix(".py"), path / "__init__.py"] if statement.module else []
        file = next((file for file in files if file.is_file()), None)
        module = _read_module(file, file.stat().st_mtime_ns) if file else None
        return (module, original) if module else None


@lru_cache(maxsize=256)
def _read_module(file: Path, changed: int) -> _Module | None:
    """A module as it was at a time of change; None if it is not Python."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names: dict[str, ast.stmt] = {}
    for statement in tree.body:
        names.update((name, statement) for name in _names_of(statement))
    return _Module(file.parent, names)


def _names_of(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.ImportFrom(names=aliases):
            return [alias.asname or alias.name for alias in aliases]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    alias = getattr(statement, "name", None)  # `type X = ...`, which is new in Python 3.12
    return [alias.id] if isinstance(alias, ast.Name) else []


def _tail(node: ast.expr) -> str:
    """The last name of a dotted name or of what is called: `Dict` of `typing.Dict`."""
    if isinstance(node, ast.Call):
        return _tail(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _problems(node: ast.expr, module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    """Yield how a value differs from an annotation; `at` is the value in the words of a message."""
    if depth > _DEEPEST:
        return
    if isinstance(node, ast.Constant):
        if node.value is None:
            yield from _must_be("null", value, at, is_so=value is None)
        elif isinstance(node.value, str):
            yield from _problems(_parsed(node.value), module, value, at, depth + 1)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _of_union([node.left, node.right], module, value, at, depth)
    elif isinstance(node, ast.Subscript):
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        check = _GENERIC.get(_canonical(node.value, module))
        if check:
            yield from check(arguments, module, value, at, depth)
    else:
        yield from _of_name(node, module, value, at, depth)


def _parsed(text: str) -> ast.expr:
    """An annotation that is written as a string; an unknown one if it is no expression."""
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Name("object")


def _canonical(node: ast.expr, module: _Module) -> str:
    """The name of a generic type in typing or builtins; "" for one that the module defines itself."""
    name = _tail(node)
    statement = module.names.get(name) if isinstance(node, ast.Name) else None
    if isinstance(statement, ast.ImportFrom):
        return next(alias.name for alias in statement.names if name == (alias.asname or alias.name))
    return "" if statement else name


def _of_name(node: ast.expr, module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    name = _tail(node)
    statement = module.names.get(name) if isinstance(node, ast.Name) else None
    if isinstance(statement, ast.ImportFrom):
        found = module.imported(statement, name)
        if found:
            yield from _of_name(ast.Name(found[1]), found[0], value, at, depth + 1)
            return
        name, statement = _canonical(node, module), None
    if isinstance(statement, ast.ClassDef):
        yield from _of_class(statement, module, value, at, depth)
    elif statement is not None:
        alias = getattr(statement, "value", None)
        if isinstance(alias, ast.expr):
            yield from _problems(alias, module, value, at, depth + 1)
    elif name in _SCALARS:
        noun, accepts = _SCALARS[name]
        yield from _must_be(noun, value, at, is_so=accepts(value))
    elif name in _GENERIC:
        yield from _GENERIC[name]([], module, value, at, depth)


def _must_be(noun: str, value: Json, at: str, *, is_so: bool) -> Iterator[str]:
    if not is_so:
        yield f"{at} must be {noun}, not {short_json(value)}"


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_SCALARS: Mapping[str, tuple[str, Callable[[Json], bool]]] = {
    "str": ("a string", lambda value: isinstance(value, str)),
    "bool": ("true or false", lambda value: isinstance(value, bool)),
    "int": ("a whole number", lambda value: _is_number(value) and float(value).is_integer()),
    "float": ("a number", _is_number),
    "None": ("null", lambda value: value is None),
}


def _of_union(options: list[ast.expr], module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    """The problems of the one option that has the value's type; of none if an option has no problems."""
    problems = [list(_problems(option, module, value, at, depth + 1)) for option in options]
    if not all(problems):
        return
    of_the_type = [each for each in problems if not each[0].startswith(f"{at} must be ")]
    if len(of_the_type) == 1:
        yield from of_the_type[0]
    else:
        yield from _must_be(" or ".join(ast.unparse(option) for option in options), value, at, is_so=False)


def _of_optional(arguments: list[ast.expr], module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    if arguments and value is not None:
        yield from _problems(arguments[0], module, value, at, depth + 1)


def _of_literal(arguments: list[ast.expr], module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    allowed = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
    if len(allowed) == len(arguments):
        yield from _one_of(allowed, value, at)


def _one_of(allowed: list[Json], value: Json, at: str) -> Iterator[str]:
    noun = " or ".join(map(short_json, allowed))
    yield from _must_be(noun, value, at, is_so=any(value == each and type(value) is type(each) for each in allowed))


def _of_first(arguments: list[ast.expr], module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    """The first argument alone: of Annotated, Required, NotRequired, ReadOnly."""
    if arguments:
        yield from _problems(arguments[0], module, value, at, depth + 1)


def _of_list(arguments: list[ast.expr], module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    if not isinstance(value, list):
        yield from _must_be("a list", value, at, is_so=False)
    elif len(arguments) == 1:
        for index, item in enumerate(value):
            yield from _problems(arguments[0], module, item, _inside(at, f"[{index}]"), depth + 1)


def _of_tuple(arguments: list[ast.expr], module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    """A tuple becomes a list."""
    is_of_any_length = len(arguments) == 2 and isinstance(arguments[1], ast.Constant) and arguments[1].value is ...
    yield from _of_list(arguments[:1] if is_of_any_length else [], module, value, at, depth)


def _of_mapping(arguments: list[ast.expr], module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    if not isinstance(value, dict):
        yield from _must_be("an object", value, at, is_so=False)
    elif len(arguments) == 2:
        for name, member in value.items():
            yield from _problems(arguments[1], module, member, _inside(at, f".{name}"), depth + 1)


_Check = Callable[[list[ast.expr], _Module, Json, str, int], Iterator[str]]
_GENERIC: Mapping[str, _Check] = {
    **dict.fromkeys(("dict", "Dict", "Mapping", "MutableMapping"), _of_mapping),
    **dict.fromkeys(("list", "List", "Sequence", "MutableSequence"), _of_list),
    **dict.fromkeys(("tuple", "Tuple"), _of_tuple),
    **dict.fromkeys(("Annotated", "Required", "NotRequired", "ReadOnly"), _of_first),
    "Literal": _of_literal,
    "Optional": _of_optional,
    "Union": lambda arguments, *rest: _of_union(arguments, *rest) if arguments else iter(()),
}


def _inside(at: str, part: str) -> str:
    """A part of a value in the words of a message: `its "prices[0].at"`."""
    path = "" if at == _RESULT else at.removeprefix('its "').removesuffix('"')
    return f'its "{f"{path}{part}".removeprefix(".")}"'


@dataclass
class _Fields:
    """The fields of a TypedDict or dataclass; it is open if a base of it is unknown."""

    annotations: dict[str, tuple[ast.expr, _Module]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    is_open: bool = False


def _of_class(statement: ast.ClassDef, module: _Module, value: Json, at: str, depth: int) -> Iterator[str]:
    bases = {_canonical(base, module) for base in statement.bases}
    if "StrEnum" in bases or {"str", "Enum"} <= bases:
        values = [line.value.value for line in statement.body if isinstance(line, ast.Assign)
                  and isinstance(line.value, ast.Constant)]  # fmt: skip
        yield from _one_of(values, value, at) if values else ()
        return
    fields = _fields_of(statement, module, depth)
    if fields is None:
        return
    if not isinstance(value, dict):
        yield from _must_be(f"an object, a {statement.name}", value, at, is_so=False)
        return
    for name in fields.annotations:
        if name in value:
            annotation, owner = fields.annotations[name]
            yield from _problems(annotation, owner, value[name], _inside(at, f".{name}"), depth + 1)
        elif name in fields.required:
            yield f'{at} lacks "{name}", a field of {statement.name}'
    for name in value:
        if name not in fields.annotations and not fields.is_open:
            hint = did_you_mean(name, list(fields.annotations))
            yield f'{at} has "{name}", which is no field of {statement.name}{f" ({hint})" if hint else ""}'


def _fields_of(statement: ast.ClassDef, module: _Module, depth: int) -> _Fields | None:
    """The fields of a TypedDict or dataclass with those of its bases; None for another class."""
    is_dataclass = any(_tail(decorator) == "dataclass" for decorator in statement.decorator_list)
    is_partial = any(
        keyword.arg == "total" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in statement.keywords
    )
    fields, is_known = _Fields(), is_dataclass
    for base in statement.bases:
        if _canonical(base, module) == "TypedDict":
            is_known = True
            continue
        inherited = _inherited_fields(base, module, depth)
        is_known = is_known or inherited is not None
        if inherited is not None:
            fields.annotations |= inherited.annotations
            fields.required |= inherited.required
        fields.is_open = fields.is_open or inherited is None or inherited.is_open
    for line in statement.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            _add_field(fields, line.target.id, line.annotation, module, is_partial=is_partial)
    return fields if is_known else None


def _inherited_fields(base: ast.expr, module: _Module, depth: int) -> _Fields | None:
    name, statement = _tail(base), module.names.get(_tail(base))
    if isinstance(statement, ast.ImportFrom):
        found = module.imported(statement, name)
        module, name = found or (module, "")
        statement = module.names.get(name)
    is_class = isinstance(statement, ast.ClassDef) and depth < _DEEPEST
    return _fields_of(statement, module, depth + 1) if is_class and isinstance(statement, ast.ClassDef) else None


def _add_field(fields: _Fields, name: str, annotation: ast.expr, module: _Module, *, is_partial: bool) -> None:
    marker = _canonical(annotation.value, module) if isinstance(annotation, ast.Subscript) else ""
    if marker == "ClassVar":
        return
    fields.annotations[name] = (annotation, module)
    is_required = marker != "NotRequired" and (marker == "Required" or not is_partial)
    fields.required = fields.required | {name} if is_required else fields.required - {name}
