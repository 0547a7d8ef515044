"""The parts of an event in the code of a function: which expressions stand for them, and what may change them.

Fields of a field count, and those of the items of a list that a comprehension goes through. What code may change is not
known any more: what is put into the event, and what is below a value that an unknown function gets.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from workflow_dsl.records import Record
from workflow_dsl.shapes.sources.annotations import Reading
from workflow_dsl.shapes.sources.event_reads.models import shape_for_model
from workflow_dsl.shapes.sources.event_reads.needs import Need, Place, with_needed
from workflow_dsl.shapes.sources.python_modules import Module, last_name, resolved
from workflow_dsl.shapes.sources.python_syntax import (
    assigned,
    first_text,
    is_of_boto3,
    is_spread,
    is_stored,
    key_of,
    may_skip,
    method_of,
    parameter_for,
    without_default,
)

_DEEPEST = 3  # functions that pass the event on
# Functions that leave their arguments as they are: print, json.dumps, and those of loggers.
_ONLY_READ = frozenset(
    "print len str repr int float bool dumps isinstance sum min max any all range round abs Decimal "
    "debug info warning error exception critical join".split()
)
_GIVE_ITEMS = frozenset("enumerate list reversed set sorted tuple zip dict copy".split())
_GO_THROUGH = ("enumerate", "list", "reversed", "sorted", "tuple")
_MAY_STOP = ("all", "any", "next")  # before the last item
_CHANGE = frozenset("append extend insert update setdefault popitem clear remove sort reverse __setitem__".split())
_GIVE_PARTS = ("copy", "get", "items", "values")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_HARMLESS = (ast.Compare, ast.FormattedValue, ast.UnaryOp, ast.Expr, ast.Assert, ast.If, ast.While)
_Change = tuple[Place, int]


class _Use(Record):
    """A use of a part of the event: its place, the places that are read on the way, and the whole expression.

    It `is_plain` unless a default takes the place of a field: `.get("name", default)`.
    """

    place: Place
    reads: tuple[Place, ...]
    node: ast.AST
    is_plain: bool = True


class Parts:
    """The parts of an event in a function: `places` are the names of parts of the event.

    Below the places of `changed`, a number of levels under each, nothing is known any more. In a loop, only what is
    `inside` its items is read for sure; in a branch, nothing. `functions` are those that called each other.
    """

    def __init__(
        self,
        functions: tuple[ast.FunctionDef, ...],
        module: Module,
        reading: Reading,
        need: Need,
        places: dict[str, Place],
    ) -> None:
        self.functions, self.module, self.reading, self.need = functions, module, reading, need
        self.places = places
        self.changed: list[_Change] = []
        self.inside: Place = ()
        self.is_doubtful = False
        self._roots: list[ast.AST] = []
        nodes = [*ast.walk(functions[-1])]
        self._parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        self._stores = Counter(each.id for each in nodes if isinstance(each, ast.Name) and is_stored(each))

    def statements(self, body: list[ast.stmt]) -> bool:
        """Read statements; return False if those after them may not follow."""
        raise NotImplementedError

    def in_doubt(self, nodes: Iterable[ast.AST]) -> None:
        """Note what may be changed by what may not run."""
        before, self.is_doubtful = self.is_doubtful, True
        for node in nodes:
            self.expressions(node)
        self.is_doubtful = before

    def expressions(self, *nodes: ast.AST | None) -> None:
        """Read the expressions of a statement: what they change may come before what they read."""
        outer, self._roots = self._roots, [node for node in nodes if node is not None]
        inside = [each for node in self._roots for each in ast.walk(node)]
        names = [each for each in inside if isinstance(each, ast.Name) and each.id in self.places]
        uses = [self._use(name) for name in names if not is_stored(name)]
        later = [change for use in uses for change in self._changes(use)]
        for use in uses:
            self._read(use)
        for each in inside:
            if isinstance(each, _COMPREHENSIONS) and self._is_followed(each):
                self._comprehension(each)
        self.changed += later
        self.forget(*self._roots)
        self._roots = outer

    def forget(self, *nodes: ast.AST) -> None:
        """Forget the names that get another value."""
        for each in (each for node in nodes for each in ast.walk(node)):
            if isinstance(each, ast.Name) and is_stored(each):
                self.places.pop(each.id, None)

    def _read(self, use: _Use) -> None:
        if use.reads and self._is_sure(use.node):
            for place in use.reads:
                if self._is_known(place):
                    self.need.at(place)

    def _is_known(self, place: Place) -> bool:
        is_changed = any(
            place[: len(above)] == above and len(place) >= len(above) + levels for above, levels in self.changed
        )
        return not is_changed and place[: len(self.inside)] == self.inside

    def _is_sure(self, node: ast.AST) -> bool:
        """True if a part of the expressions is evaluated in any case."""
        while node not in self._roots:
            parent = self._parents[node]
            if may_skip(parent, node):
                return False
            node = parent
        return not self.is_doubtful

    def _use(self, name: ast.Name) -> _Use:
        place, reads, is_plain = self.places[name.id], [], True
        node: ast.AST = name
        while True:
            parent = self._parents[node]
            key = key_of(parent) if isinstance(parent, ast.Subscript) and parent.value is node else None
            if key is not None and not is_stored(parent):
                place, node = (*place, key), parent
                reads += [place] if is_plain else []
                continue
            call = self._parents.get(parent) if isinstance(parent, ast.Attribute) else None
            key = first_text(call) if isinstance(call, ast.Call) and call.func is parent else None
            if key is None or not isinstance(call, ast.Call) or method_of(parent) not in ("get", "pop"):
                return _Use(place, tuple(reads), node, is_plain)
            place, node, is_plain = (*place, key), call, is_plain and len(call.args) == 1
            reads += [place] if is_plain and method_of(parent) == "pop" else []

    def place_of(self, node: ast.AST) -> Place | None:
        """Return the place of an expression that is a part of the event, and nothing else."""
        inner = node
        while isinstance(inner, (ast.Subscript, ast.Attribute, ast.Call)):
            inner = inner.func if isinstance(inner, ast.Call) else inner.value
        if not isinstance(inner, ast.Name) or inner.id not in self.places or is_stored(inner):
            return None
        use = self._use(inner)
        return use.place if use.node is node and use.is_plain else None

    # Loops

    def _is_followed(self, node: Any) -> bool:
        """True for a comprehension that goes through all items of a list of the event."""
        call, first = self._parents[node], node.generators[0]
        may_stop = isinstance(call, ast.Call) and last_name(call.func) in _MAY_STOP
        is_of_event = self._item_of(first.iter, first.target) is not None
        return is_of_event and not may_stop and self._is_sure(node)

    def _comprehension(self, node: Any) -> None:
        first = node.generators[0]
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        if len(node.generators) > 1:
            parts = [node.generators[1].iter]
        self.of_items(first, lambda: self.expressions(*(first.ifs[:1] or parts)))

    def of_items(self, loop: ast.For | ast.comprehension, read: Callable[[], object]) -> bool:
        """Read what a loop does with each item of a list; return False if it goes through nothing of the event."""
        item = self._item_of(loop.iter, loop.target)
        if item is None:
            return False
        before, outer = self.places, self.inside
        if self._is_known(item[1][:-1]):
            self.need.at(item[1][:-1])
        self.places, self.inside = {**before, item[0]: item[1]}, item[1]
        read()
        self.places, self.inside = before, outer
        return True

    def _item_of(self, iterable: ast.expr, target: ast.expr) -> tuple[str, Place] | None:
        """The name of each item of a list of the event, and its place."""
        if isinstance(iterable, ast.Call) and last_name(iterable.func) in _GO_THROUGH and iterable.args:
            if last_name(iterable.func) == "enumerate" and isinstance(target, ast.Tuple):
                target = target.elts[-1]
            iterable = iterable.args[0]
        place = self.place_of(iterable)
        return (target.id, (*place, None)) if place is not None and isinstance(target, ast.Name) else None

    # Changes

    def _changes(self, use: _Use) -> Iterator[_Change]:
        """Yield what may change after the expressions; what a call in them may change is noted at once."""
        place, parent = use.place, self._parents[use.node]
        if isinstance(parent, ast.Subscript) and parent.value is use.node:
            key = key_of(parent)
            yield ((*place, key), 0) if key is not None else (place, 1 if is_stored(parent) else 2)
        elif isinstance(parent, ast.Attribute):
            if parent.attr in _CHANGE:
                self.changed.append((place, 1))
            elif parent.attr in _GIVE_PARTS:
                yield place, 2
        elif isinstance(parent, (ast.For, ast.comprehension)):
            loop = self._parents[parent] if isinstance(parent, ast.comprehension) else None
            if loop is None or not self._is_followed(loop):
                yield place, 2
        elif not use.is_plain or self.alias_for(use.node) is None:
            yield from self._passed(use)

    def alias_for(self, value: ast.AST) -> str | None:
        """Return the name that has a value and never another one: `user` after `user = event["user"]`."""
        statement = self._parents[value]
        if isinstance(statement, ast.Tuple):
            statement = self._parents[statement]
        for target, each in assigned(statement) if not self.is_doubtful else ():
            if each is value and isinstance(target, ast.Name) and self._stores[target.id] == 1:
                return target.id
        return None

    def hands_on(self, call: ast.Call) -> bool:
        """Return True for a call that gets a part of the event, and may do anything with it."""
        given = [*call.args, *(each for each in call.keywords if not is_of_boto3(each))]
        names = [each.id for part in given for each in ast.walk(part) if isinstance(each, ast.Name)]
        return last_name(call.func) not in _ONLY_READ | _GIVE_ITEMS and not self.places.keys().isdisjoint(names)

    def _passed(self, use: _Use) -> Iterator[_Change]:
        """Yield what may be changed by whatever gets a part of the event."""
        node, levels = use.node, 1
        while True:
            parent = self._parents[node]
            if isinstance(parent, ast.Call):
                yield from self._of_call(parent, node, use, levels)
                return
            is_index = isinstance(parent, ast.Subscript) and parent.slice is node
            if is_index or isinstance(parent, _HARMLESS) or is_of_boto3(parent):
                return
            if isinstance(parent, (ast.stmt, ast.NamedExpr)):
                yield use.place, levels
                return
            is_copied = is_spread(parent, node) or (isinstance(parent, ast.keyword) and parent.arg is None)
            levels = 2 if is_copied else levels
            node = parent

    def _of_call(self, call: ast.Call, argument: ast.AST, use: _Use, levels: int) -> Iterator[_Change]:
        name = last_name(call.func)
        if name in _ONLY_READ:
            return
        if argument is call.func:  # a method of what the part is in
            self.changed.append((use.place, levels))
            return
        is_itself = use.node in (argument, getattr(argument, "value", None))
        model = shape_for_model(call, use.node, self.module, self.reading) if is_itself else None
        if model is not None:
            if self._is_known(use.place) and self._is_sure(call):
                need = self.need.at(use.place)
                need.shape = with_needed(need.shape, model)
            yield use.place, 2
        elif name in _GIVE_ITEMS:
            yield use.place, 2
        elif not (is_itself and self._follow(call, argument, use.place)):
            self.changed.append((use.place, levels))

    def _follow(self, call: ast.Call, argument: ast.AST, place: Place) -> bool:
        """Read the function of the project that gets a part of the event; return False if there is none."""
        is_local = isinstance(call.func, ast.Name) and bool(self._stores[call.func.id])
        function, owner, name = resolved(call.func, self.module)
        if is_local or not isinstance(function, ast.FunctionDef) or function.decorator_list:
            return False
        parameter = parameter_for(function, call, argument)
        is_too_deep = len(self.functions) > _DEEPEST or function in self.functions
        if is_too_deep or name in owner.ambiguous:
            return False
        if isinstance(argument, ast.keyword) and argument.arg is None and self._is_known(place) and self._is_sure(call):
            for each in without_default(function, call):
                self.need.at((*place, each))
        if parameter is None:
            return False
        reader = type(self)((*self.functions, function), owner, self.reading, self.need, {parameter: place})
        reader.changed, reader.inside = self.changed, self.inside
        reader.is_doubtful = self.is_doubtful or not self._is_sure(call)
        reader.statements(function.body)
        return True
