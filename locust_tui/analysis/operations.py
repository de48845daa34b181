"""What the operations of an expression compute. NaN stands for what is unknown, and no comparison holds of it."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping

from locust_tui.errors import UsageError

Value = float | int | bool | str
Names = Mapping[str, Value | None]
Evaluate = Callable[[Names], Value]

MAX_INTEGER = 10**15

ORDER: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class ExpressionError(UsageError):
    """The expression is not one that is understood, or it mixes numbers and text."""


class UnknownError(Exception):
    """A comparison met NaN, so its truth is unknown."""


def number(value: Value) -> float | int:
    """`value` where it can be calculated with, else ExpressionError."""
    if isinstance(value, str):
        raise ExpressionError("text cannot be calculated with, only compared by == and !=")
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ExpressionError("a number became too large")
    return value


def binary(function: Callable[[float, float], float], left: Evaluate, right: Evaluate) -> Evaluate:
    """Arithmetic; NaN where it divides by zero."""

    def calculate(names: Names) -> Value:
        try:
            return number(function(number(left(names)), number(right(names))))
        except ZeroDivisionError:
            return math.nan

    return calculate


def unary(op: ast.unaryop, operand: Evaluate) -> Evaluate:
    """`not`, + or - before a value."""
    if isinstance(op, ast.Not):
        return lambda names: not _truth(operand(names))
    if isinstance(op, ast.USub):
        return lambda names: -number(operand(names))
    if isinstance(op, ast.UAdd):
        return lambda names: number(operand(names))
    raise ExpressionError("~ is not known in expressions")


def _truth(value: Value) -> bool:
    if isinstance(value, float) and math.isnan(value):
        raise UnknownError
    return bool(value)


def logic(is_and: bool, parts: list[Evaluate]) -> Evaluate:
    """`and` or `or`: what is unknown matters only where no other part decides."""

    def decide(names: Names) -> Value:
        unknown = False
        for part in parts:
            try:
                truth = _truth(part(names))
            except UnknownError:
                unknown = True
                continue
            if truth is not is_and:
                return truth
        if unknown:
            raise UnknownError
        return is_and

    return decide


def comparison(ops: list[ast.cmpop], parts: list[Evaluate]) -> Evaluate:
    """A chain of comparisons; UnknownError when it is evaluated over NaN."""

    def compare(names: Names) -> Value:
        left = parts[0](names)
        for op, part in zip(ops, parts[1:], strict=True):
            right = part(names)
            if _is_nan(left) or _is_nan(right):
                raise UnknownError
            if not _compare(op, left, right):
                return False
            left = right
        return True

    return compare


def _is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _compare(op: ast.cmpop, left: Value, right: Value) -> bool:
    if isinstance(op, ast.Eq):
        return left == right
    if isinstance(op, ast.NotEq):
        return left != right
    return ORDER[type(op)](number(left), number(right))
