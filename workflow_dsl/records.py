"""Record: the base class of values that are made of fields, as a dataclass is.

Python 3.11 takes half a millisecond to define a dataclass, and a command needs a hundred. A record takes a twentieth of
that, because each of its methods is compiled when it is called for the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

_REQUIRED: Any = object()


class _Field:
    """A field: its default, and what it takes part in."""

    __slots__ = ("compare", "default", "default_factory", "init", "kw_only", "repr")

    def __init__(
        self,
        default: Any = _REQUIRED,
        default_factory: Callable[[], Any] | None = None,
        init: bool = True,
        compare: bool = True,
        repr: bool = True,
        kw_only: bool = False,
    ) -> None:
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.compare = compare
        self.repr = repr
        self.kw_only = kw_only


def field(
    *,
    default: Any = _REQUIRED,
    default_factory: Callable[[], Any] | None = None,
    init: bool = True,
    compare: bool = True,
    repr: bool = True,
    kw_only: bool = False,
) -> Any:
    """Return the options of a field, with the meaning that they have in a dataclass."""
    return _Field(default, default_factory, init, compare, repr, kw_only)


def _init(self: Record, /, *values: Any, **named: Any) -> None:
    fields = {name: each for name, each in self._fields.items() if each.init}
    parameters, body = _parameters(fields), [*_assignments(fields)]
    if hasattr(self, "__post_init__"):
        body.append("self.__post_init__()")
    _compiled(type(self), "__init__", ["self", *parameters], body)(self, *values, **named)


def _eq(self: Record, other: object, /) -> bool:
    body = [
        "if self is other: return True",
        "if self.__class__ is not other.__class__: return NotImplemented",
        f"return {_compared(self._fields, 'self')} == {_compared(self._fields, 'other')}",
    ]
    is_equal: bool = _compiled(type(self), "__eq__", ["self", "other"], body)(self, other)
    return is_equal


def _hash(self: Record, /) -> int:
    body = [f"return hash({_compared(self._fields, 'self')})"]
    value: int = _compiled(type(self), "__hash__", ["self"], body)(self)
    return value


def _repr(self: Record, /) -> str:
    values = [f"{name}={getattr(self, name)!r}" for name, each in self._fields.items() if each.repr]
    return f"{type(self).__qualname__}({', '.join(values)})"


def _parameters(fields: Mapping[str, _Field]) -> Iterable[str]:
    """Yield the parameters after `self`, those without a position last."""
    is_named = False
    for name, each in sorted(fields.items(), key=lambda item: item[1].kw_only):
        if each.kw_only and not is_named:
            is_named = True
            yield "*"
        default = "_REQUIRED" if each.default_factory else f"_fields[{name!r}].default"
        yield name if each.default is _REQUIRED and not each.default_factory else f"{name}={default}"


def _assignments(fields: Mapping[str, _Field]) -> Iterable[str]:
    for name, each in fields.items():
        made = f"_fields[{name!r}].default_factory() if {name} is _REQUIRED else {name}"
        yield f"self.{name} = {made if each.default_factory else name}"


def _compared(fields: Mapping[str, _Field], owner: str) -> str:
    return f"({''.join(f'{owner}.{name}, ' for name, each in fields.items() if each.compare)})"


def _compiled(cls: type[Record], name: str, parameters: Iterable[str], body: Iterable[str]) -> Any:
    """Return a method that takes the place of the one that compiled it."""
    names: dict[str, Any] = {"_fields": cls._fields, "_REQUIRED": _REQUIRED}
    lines = "".join(f"\n {line}" for line in body) or " pass"
    exec(f"def {name}({', '.join(parameters)}):{lines}", names)  # noqa: S102 - of names in our own classes
    names[name].__qualname__ = f"{cls.__qualname__}.{name}"
    setattr(cls, name, names[name])
    return names[name]


class _RecordType(type):
    """The class of a record: makes a slot of each annotation, and takes the defaults out of their way."""

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        members: dict[str, Any],
        *,
        eq: bool = True,
        frozen: bool = True,
        slots: bool = True,
    ) -> _RecordType:
        """Make a class: not frozen, it has no hash; not `eq`, it and its subclasses compare as objects.

        One without slots may have cached properties.
        """
        annotations = members.get("__annotations__", {})
        own = {key: members.pop(key, _REQUIRED) for key in annotations if not annotations[key].startswith("ClassVar")}
        fields = dict(getattr(bases[0], "_fields", {})) if bases else {}
        fields.update((key, each if isinstance(each, _Field) else _Field(each)) for key, each in own.items())
        if slots:
            members["__slots__"] = tuple(own)
        has_identity = not eq or any(vars(base).get("__eq__") is object.__eq__ for base in bases)
        made = {
            "_fields": fields,
            "_init_names": tuple(key for key, each in fields.items() if each.init),
            "__match_args__": tuple(key for key, each in fields.items() if each.init and not each.kw_only),
            "__init__": _init,
            "__repr__": _repr,
            "__eq__": object.__eq__ if has_identity else _eq,
            "__hash__": object.__hash__ if has_identity else _hash if frozen else None,
        }
        return super().__new__(cls, name, bases, made | members)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record(metaclass=_RecordType):
    """A value of named fields. It is frozen for the type checker: to check it at run time takes as long again."""

    if TYPE_CHECKING:
        _fields: Mapping[str, _Field]
        _init_names: tuple[str, ...]


_Any = TypeVar("_Any", bound=Record)


def field_names(record: Record | type[Record]) -> tuple[str, ...]:
    """Return the names of the fields of a record, or of a class of records."""
    return tuple(record._fields)


if TYPE_CHECKING:
    from dataclasses import replace as replace  # noqa: PLC0414 - mypy knows by this name which fields there are
else:

    def replace(record: _Any, /, **changes: Any) -> _Any:
        """Return a copy of a record with other values of some fields."""
        return type(record)(**{name: getattr(record, name) for name in record._init_names} | changes)
