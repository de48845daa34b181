"""How far inside its limit a condition must be before its alert clears: a value that dances on the limit says nothing new."""

from __future__ import annotations

import ast

from .operations import ExpressionError

POINTS = 2.0
"""Of a comparison in points: what fires below −10 clears at −8."""
SHARE = 0.02
"""Of every other comparison of order: this part of its limit."""
IN_POINTS = frozenset(
    {"progress", "expected_progress", "phase_progress", "quality", "verified", "verified_rest", "expected"}
)


def relaxed(text: str) -> str:
    """The expression whose falsehood clears what `text` raised: each comparison of order widened by its band.

    Raises ExpressionError where `text` is none.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError) as error:
        raise ExpressionError(f"cannot read the expression: {error}") from None
    return ast.unparse(ast.fix_missing_locations(ast.Expression(_widened(tree.body, outward=True))))


def _widened(node: ast.expr, *, outward: bool) -> ast.expr:
    """`outward` False under a `not`, where a comparison must narrow for the whole to widen."""
    match node:
        case ast.BoolOp():
            return ast.BoolOp(node.op, [_widened(v, outward=outward) for v in node.values])
        case ast.UnaryOp(op=ast.Not()):
            return ast.UnaryOp(node.op, _widened(node.operand, outward=not outward))
        case ast.Compare():
            return _comparison(node, outward)
    return node


def _comparison(node: ast.Compare, outward: bool) -> ast.expr:
    sides = [node.left, *node.comparators]
    parts: list[ast.expr] = []
    for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
        less, more = isinstance(op, (ast.Lt, ast.LtE)), isinstance(op, (ast.Gt, ast.GtE))
        if less or more:
            grows = ast.Add() if less is outward else ast.Sub()
            right = ast.BinOp(right, grows, _band(left, right))
        parts.append(ast.Compare(left, [op], [right]))
    return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)


def _band(left: ast.expr, right: ast.expr) -> ast.expr:
    names = {n.id for side in (left, right) for n in ast.walk(side) if isinstance(n, ast.Name)}
    if names & IN_POINTS:
        return ast.Constant(POINTS)
    size = ast.Call(ast.Name("abs", ast.Load()), [right], [])
    return ast.BinOp(ast.Constant(SHARE), ast.Mult(), size)
