"""The grammar of JSONata 2.0.6, by operator precedence: a method for each way in which a token begins or goes on.

Grammar: docs.jsonata.org. The operators `??` and `?:` came later, and the service refuses them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.syntax import paths
from workflow_dsl.expressions.jsonata.syntax.signatures import Signature
from workflow_dsl.expressions.jsonata.syntax.tokens import Token, Tokens
from workflow_dsl.expressions.jsonata.syntax.tree import (
    Apply,
    Array,
    Binary,
    Bind,
    Block,
    Call,
    Condition,
    Descendants,
    Lambda,
    Literal,
    Name,
    Negation,
    Node,
    Object,
    Parent,
    PartialCall,
    Path,
    Pattern,
    Placeholder,
    Transform,
    Variable,
    Wildcard,
)
from workflow_dsl.records import replace

_STRENGTH = {
    **dict.fromkeys(("(", "[", "@", "#"), 80),
    ".": 75,
    "{": 70,
    **dict.fromkeys(("*", "/", "%"), 60),
    **dict.fromkeys(("+", "-", "&"), 50),
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "^", "~>", "in"), 40),
    "and": 30,
    "or": 25,
    "?": 20,
    ":=": 10,
}
_BINARY = ("*", "/", "%", "+", "-", "&", "=", "!=", "<", "<=", ">", ">=", "in", "and", "or")
_KNOWN = {*_STRENGTH, "**", "..", ":", ";", ",", ")", "]", "}", "|"}


class Parser:
    """The parser of one text. Raises Failure where the text breaks the grammar."""

    def __init__(self, text: str) -> None:
        self._tokens = Tokens(text)
        self._has_gap = False  # an operand is missing at the end
        self._token = self._tokens.next(operand=True)
        self._check()

    def parse(self) -> Node:
        """Return the tree of the whole text."""
        tree = self._expression(0)
        if self._token.kind != "end":
            raise self._failure("S0201")
        if self._has_gap:
            raise self._failure("S0207")
        return tree

    def _failure(self, code: str, **details: object) -> Failure:
        return Failure(code, token=self._token.value, position=self._token.position, **details)

    def _check(self) -> None:
        if self._token.kind == "operator" and self._token.value not in _KNOWN:
            raise self._failure("S0204")

    def _advance(self, expected: str | None = None, *, operand: bool = True) -> Token:
        """Take a token and return it; `operand` says what may follow."""
        token = self._token
        if expected is not None and not (token.kind == "operator" and token.value == expected):
            raise self._failure("S0203" if token.kind == "end" else "S0202", value=expected)
        self._token = self._tokens.next(operand=operand)
        self._check()
        return token

    def _at(self, operator: str) -> bool:
        return self._token.kind == "operator" and self._token.value == operator

    def _expression(self, strength: int) -> Node:
        token = self._advance(operand=False)
        left = self._first(token)
        while self._token.kind == "operator" and strength < _STRENGTH.get(self._token.value, 0):
            token = self._advance()
            left = self._next(token, left)
        return left

    def _first(self, token: Token) -> Node:
        """The node that a token begins."""
        position = token.position
        if token.kind == "end":
            self._has_gap = True  # the bracket that is open, if there is one, has a better message
            return Placeholder(position=position)
        if token.kind != "operator":
            return _OPERANDS[token.kind](token.value, position)
        if token.value in ("and", "or", "in"):
            return paths.name_path(token.value, position)
        if token.value not in _PREFIXES:
            raise Failure("S0211", token=token.value, position=position)
        return _PREFIXES[token.value](self, position)

    def _next(self, token: Token, left: Node) -> Node:
        """The node that goes on with an operator after `left`."""
        if token.value in _BINARY:
            right = self._expression(_STRENGTH[token.value])
            return Binary(token.value, left, right, position=token.position)
        try:
            return _INFIXES[token.value](self, left, token.position)
        except Failure as failure:
            failure.details.setdefault("position", token.position)
            raise

    def _negation(self, position: int) -> Node:
        operand = self._expression(70)
        if isinstance(operand, Literal) and type(operand.value) in (int, float):
            return replace(operand, value=-operand.value or 0)
        return Negation(operand, position=position)

    def _wildcard(self, position: int) -> Node:
        return Wildcard(position=position)

    def _descendants(self, position: int) -> Node:
        return Descendants(position=position)

    def _parent(self, position: int) -> Node:
        return Parent(position=position)

    def _block(self, position: int) -> Node:
        """`( expression ; ... )`."""
        expressions = []
        while not self._at(")"):
            expressions.append(self._expression(0))
            if not self._at(";"):
                break
            self._advance(";")
        self._advance(")", operand=False)
        is_array_step = any(map(paths.begins_with_array_step, expressions))
        return Block(tuple(expressions), is_array_step, position=position)

    def _array(self, position: int) -> Node:
        """`[ item , from .. to , ... ]`."""
        items = self._separated("]", self._item)
        self._advance("]", operand=False)
        return Array(tuple(items), position=position)

    def _item(self) -> Node:
        item = self._expression(0)
        if not self._at(".."):
            return item
        position = self._advance("..").position
        return Binary("..", item, self._expression(0), position=position)

    def _separated(self, end: str, item: Callable[[], Node]) -> list[Node]:
        items: list[Node] = []
        if not self._at(end):
            items.append(item())
            while self._at(","):
                self._advance(",")
                items.append(item())
        return items

    def _object(self, position: int) -> Node:
        """`{ key : value , ... }`."""
        return Object(self._pairs(), position=position)

    def _pairs(self) -> tuple[tuple[Node, Node], ...]:
        pairs: list[tuple[Node, Node]] = []
        while not self._at("}") or pairs:
            key = self._expression(0)
            self._advance(":")
            pairs.append((key, self._expression(0)))
            if not self._at(","):
                break
            self._advance(",")
        self._advance("}", operand=False)
        return tuple(pairs)

    def _transform(self, position: int) -> Node:
        """`| pattern | update , delete |`."""
        pattern = self._expression(0)
        self._advance("|")
        update, delete = self._expression(0), None
        if self._at(","):
            self._advance(",")
            delete = self._expression(0)
        self._advance("|")
        return Transform(pattern, update, delete, position=position)

    def _step(self, left: Node, position: int) -> Node:
        return paths.joined(left, self._expression(_STRENGTH["."]))

    def _predicate(self, left: Node, position: int) -> Node:
        """`left [ predicate ]` or `left []`."""
        if self._at("]"):
            self._advance("]")
            return paths.with_kept_array(left)
        predicate = self._expression(0)
        self._advance("]", operand=False)
        return paths.with_predicate(left, predicate)

    def _group(self, left: Node, position: int) -> Node:
        return paths.with_group(left, self._pairs())

    def _order(self, left: Node, position: int) -> Node:
        """`left ^( < term , > term )`."""
        self._advance("(")
        terms = [self._term()]
        while self._at(","):
            self._advance(",")
            terms.append(self._term())
        self._advance(")")
        return paths.with_order(left, tuple(terms), position)

    def _term(self) -> tuple[bool, Node]:
        descends = self._at(">")
        if descends or self._at("<"):
            self._advance()
        return descends, self._expression(0)

    def _focus(self, left: Node, position: int) -> Node:
        return paths.with_focus(left, self._bound_name("@"))

    def _index(self, left: Node, position: int) -> Node:
        return paths.with_index(left, self._bound_name("#"), position)

    def _bound_name(self, operator: str) -> str:
        variable = self._expression(_STRENGTH[operator])
        if not isinstance(variable, Variable):
            raise Failure("S0214", token=operator, position=variable.position)
        return variable.name

    def _condition(self, left: Node, position: int) -> Node:
        """`left ? then : otherwise`."""
        then, otherwise = self._expression(0), None
        if self._at(":"):
            self._advance(":")
            otherwise = self._expression(0)
        return Condition(left, then, otherwise, position=position)

    def _bind(self, left: Node, position: int) -> Node:
        if not isinstance(left, Variable):
            raise Failure("S0212", position=left.position)
        return Bind(left.name, self._expression(_STRENGTH[":="] - 1), position=position)

    def _apply(self, left: Node, position: int) -> Node:
        right = self._expression(_STRENGTH["~>"])
        return Apply(left, right, position=position, keep_array=left.keep_array or right.keep_array)

    def _call(self, left: Node, position: int) -> Node:
        """`left ( argument , ? , ... )`, or a function's definition."""
        arguments = tuple(self._separated(")", self._argument))
        self._advance(")", operand=False)
        if _is_word(left, ("function", "λ")):
            return self._function(arguments, position)
        kind = PartialCall if any(isinstance(argument, Placeholder) for argument in arguments) else Call
        return kind(left, arguments, position=position)

    def _argument(self) -> Node:
        if not self._at("?"):
            return self._expression(0)
        return Placeholder(position=self._advance("?").position)

    def _function(self, arguments: tuple[Node, ...], position: int) -> Node:
        """`function ( $parameter , ... ) < signature > { body }`."""
        names = []
        for number, argument in enumerate(arguments, 1):
            if not isinstance(argument, Variable):
                raise Failure("S0208", value=number, position=argument.position)
            names.append(argument.name)
        signature = self._signature() if self._at("<") else None
        self._advance("{")
        body = self._expression(0)
        self._advance("}")
        return Lambda(tuple(names), body, signature, position=position)

    def _signature(self) -> str:
        text, depth = "<", 1
        self._advance()
        while depth > 0 and not self._at("{") and self._token.kind != "end":
            depth += self._at("<") - self._at(">")
            text += str(self._token.value)
            if depth > 0:
                self._advance()
        self._advance(">")
        Signature(text)  # raises Failure for a signature that is none
        return text


def _is_word(node: Node, words: tuple[str, ...]) -> bool:
    if not isinstance(node, Path) or len(node.steps) > 1 or node.group or node.keep_array:
        return False
    step = node.steps[0]
    return isinstance(step.node, Name) and step.node.value in words and not (step.stages or step.focus or step.index)


_OPERANDS: dict[str, Callable[[Any, int], Node]] = {
    "name": paths.name_path,
    "variable": lambda name, position: Variable(name, position=position),
    "regex": lambda pattern, position: Pattern(*pattern, position=position),
    **dict.fromkeys(("string", "number", "value"), lambda value, position: Literal(value, position=position)),
}
_PREFIXES: dict[str, Callable[[Parser, int], Node]] = {
    "-": Parser._negation,
    "*": Parser._wildcard,
    "**": Parser._descendants,
    "%": Parser._parent,
    "(": Parser._block,
    "[": Parser._array,
    "{": Parser._object,
    "|": Parser._transform,
}
_INFIXES: dict[str, Callable[[Parser, Node, int], Node]] = {
    ".": Parser._step,
    "[": Parser._predicate,
    "{": Parser._group,
    "^": Parser._order,
    "@": Parser._focus,
    "#": Parser._index,
    "?": Parser._condition,
    ":=": Parser._bind,
    "~>": Parser._apply,
    "(": Parser._call,
}
