"""Expressions in plans ("phase_progress < expected_progress - 10"): read by an allowlist, never by eval.

Only numbers, strings in comparisons, named quantities, + - * / %, comparisons, and/or/not and abs, min, max,
round exist. What divides by zero, or rests on an unknown quantity, is NaN, and NaN never fires.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Collection, Sequence

from locust_tui.domain.dataclass import dataclass
from locust_tui.errors import did_you_mean

from .operations import (
    ORDER,
    Evaluate,
    ExpressionError,
    Names,
    UnknownError,
    Value,
    binary,
    comparison,
    logic,
    number,
    unary,
)

MAX_LENGTH = 500
MAX_NODES = 100
MAX_DEPTH = 20
MAX_STRING = 200

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "abs": (abs, 1, 1),
    "min": (min, 2, 9),
    "max": (max, 2, 9),
    "round": (round, 1, 1),
}
OF_WORK: dict[str, str] = {
    "verified": 'verified progress of the named work, in points: verified("WS-14"), verified("docs", "guides")',
    "verified_rest": "verified progress of all other work in scope, in points",
    "expected": "planned progress of the named work at this moment, in points",
}
"""Quantities of some work: it is named by ids of workstreams, phases or orchestrators."""
MOST_NAMED = 20
_LONG_NUMBER = re.compile(r"\d{17}|[eE][+-]?\d{3}")


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    names: frozenset[str]
    """Quantities it rests on."""
    is_share: bool
    """Its outermost operation divides, and nothing in it multiplies by 100: a share of one."""
    evaluate: Callable[[Names], Value]

    def number(self, names: Names) -> float:
        """Its value as a number; NaN where it cannot be computed. A truth is 1 or 0."""
        try:
            value = self.evaluate(names)
        except (ExpressionError, OverflowError):
            return math.nan
        return float(value) if isinstance(value, (int, float)) else math.nan

    def holds(self, names: Names) -> bool | None:
        """Whether it is true; None where it cannot be computed, which never fires anything."""
        try:
            value = self.evaluate(names)
        except (ExpressionError, UnknownError, OverflowError):
            return None
        if isinstance(value, float) and math.isnan(value):
            return None
        return bool(value)


def work_quantity(name: str, ids: Sequence[str]) -> str:
    """The quantity's name, as an expression writes it: verified("WS-14", "docs")."""
    quoted = ", ".join(f'"{id}"' for id in ids)
    return f"{name}({quoted})"


def work_named(quantity: str) -> tuple[str, tuple[str, ...]] | None:
    """(name, ids) of such a quantity; None for every other name."""
    name, bracket, rest = quantity.partition("(")
    return (name, tuple(rest[1:-2].split('", "'))) if bracket and name in OF_WORK else None


def compile_expression(text: str, known: Collection[str]) -> Expression:
    """Read `text` over the quantities `known`.

    Raises ExpressionError for anything outside the allowlist, and for unknown names with near ones and the list.
    """
    tree = _parse(text)
    compiler = _Compiler(known)
    evaluate = compiler.compile(tree.body, 0)
    shares = isinstance(tree.body, ast.BinOp) and isinstance(tree.body.op, ast.Div)
    hundred = any(isinstance(n, ast.Constant) and n.value == 100 for n in ast.walk(tree))
    return Expression(text, frozenset(compiler.names), shares and not hundred, evaluate)


def _parse(text: str) -> ast.Expression:
    text = text.strip()
    if not text:
        raise ExpressionError("the expression is empty")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression is longer than {MAX_LENGTH} characters")
    if not text.isascii() or any(ord(c) < 32 and c not in "\t\n" for c in text):
        raise ExpressionError("an expression is plain ASCII text")
    if "**" in text:
        raise ExpressionError("** is not known in expressions")
    if _LONG_NUMBER.search(text):
        raise ExpressionError("a number in the expression is too large")
    depth = 0
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if depth > MAX_DEPTH:
            raise ExpressionError("the expression is nested too deep")
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        where = getattr(error, "offset", None)
        at = f" at column {where}" if where else ""
        raise ExpressionError(f"cannot read the expression{at}: {getattr(error, 'msg', error)}") from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise ExpressionError("the expression has too many terms")
    return tree


class _Compiler:
    """Turns allowed nodes into closures and remembers the names they use."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = known
        self.names: set[str] = set()

    def compile(self, node: ast.expr, depth: int, *, compared: bool = False) -> Evaluate:
        """`compared`: the node stands beside == or !=, the one place where text may."""
        if depth > MAX_DEPTH:
            raise ExpressionError("the expression is nested too deep")
        match node:
            case ast.Constant():
                return self._constant(node, compared)
            case ast.Name():
                return self._name(node)
            case ast.BinOp() if type(node.op) in _BINARY:
                left, right = self.compile(node.left, depth + 1), self.compile(node.right, depth + 1)
                return binary(_BINARY[type(node.op)], left, right)
            case ast.UnaryOp():
                return unary(node.op, self.compile(node.operand, depth + 1))
            case ast.BoolOp():
                return logic(isinstance(node.op, ast.And), [self.compile(v, depth + 1) for v in node.values])
            case ast.Compare() if all(
                type(o) in ORDER or isinstance(o, (ast.Eq, ast.NotEq)) for o in node.ops
            ):
                equal = all(isinstance(o, (ast.Eq, ast.NotEq)) for o in node.ops)
                sides = (node.left, *node.comparators)
                parts = [self.compile(v, depth + 1, compared=equal) for v in sides]
                return comparison(node.ops, parts)
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in OF_WORK:
                return self._of_work(name, node.args)
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in _FUNCTIONS:
                return self._call(name, node.args, depth)
        kind = type(node).__name__
        raise ExpressionError(f"{kind} is not known in expressions (column {node.col_offset + 1})")

    def _constant(self, node: ast.Constant, compared: bool) -> Evaluate:
        value = node.value
        if isinstance(value, str) and not compared:
            raise ExpressionError("text can only be compared, by == or !=")
        if isinstance(value, str) and len(value) > MAX_STRING:
            raise ExpressionError(f"a text in the expression is longer than {MAX_STRING} characters")
        if not isinstance(value, (bool, int, float, str)):
            raise ExpressionError(f"{type(value).__name__} is not known in expressions")
        constant: Value = value if isinstance(value, str) else number(value)
        return lambda _: constant

    def _name(self, node: ast.Name) -> Evaluate:
        name = node.id
        if name not in self.known:
            near = did_you_mean(name, self.known)
            names = f"known names: {', '.join(sorted(self.known))}"
            raise ExpressionError(f'unknown name "{name}"', help=f"{near} {names}" if near else names)
        self.names.add(name)

        def look_up(names: Names) -> Value:
            value = names.get(name)
            return math.nan if value is None else value

        return look_up

    def _of_work(self, name: str, arguments: list[ast.expr]) -> Evaluate:
        ids = [a.value for a in arguments if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if len(ids) != len(arguments) or not 0 < len(ids) <= MOST_NAMED:
            raise ExpressionError(f'{name} takes ids of work in quotes: {name}("WS-01")')
        quantity = work_quantity(name, ids)
        self.names.add(quantity)

        def look_up(names: Names) -> Value:
            value = names.get(quantity)
            return math.nan if value is None else value

        return look_up

    def _call(self, name: str, arguments: list[ast.expr], depth: int) -> Evaluate:
        function, fewest, most = _FUNCTIONS[name]
        if not fewest <= len(arguments) <= most:
            count = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise ExpressionError(f"{name} takes {count} value{'' if count == '1' else 's'}")
        parts = [self.compile(a, depth + 1) for a in arguments]

        def call(names: Names) -> Value:
            values = [number(p(names)) for p in parts]
            return math.nan if any(math.isnan(v) for v in values) else function(*values)

        return call
