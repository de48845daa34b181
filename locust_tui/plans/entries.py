"""Entries of a list or a block of keys, put in, changed and taken out where they stand: every other byte stays as it was."""

from __future__ import annotations

from typing import Any

from ..errors import UsageError
from .builder import build_tree
from .marks import Value, reread, scalar
from .tree import Tree, Where


def value_at(value: Any, where: Where) -> Any:
    """What stands at `where`; KeyError, IndexError or TypeError where nothing does."""
    for step in where:
        value = value[step]
    return value


def put_item(text: str, where: Where, item: Value) -> str:
    """`text` with `item` as the last one of the list at `where`, which has one already."""
    tree = build_tree(text)
    items = value_at(tree.value, where)
    _, end = _written(text, tree, (*where, len(items) - 1))
    if _flow(text, tree, where):
        changed = f"{text[:end]}, {scalar(item, flow=True)}{text[end:]}"
    else:
        first = _dash(text, _written(text, tree, (*where, 0))[0])
        indent = text[_line_start(text, first) : first]
        if indent.strip():
            indent = " " * len(indent)  # the list stands behind a dash of its own
        line = _line_end(text, end)
        newline = "\r\n" if "\r\n" in text else "\n"
        before = text[:line] if text[:line].endswith("\n") else text[:line] + newline
        changed = f"{before}{indent}- {scalar(item, flow=True)}{newline}{text[line:]}"
        if not text.endswith("\n") and line == len(text):
            changed = changed.removesuffix(newline)
    return checked(text, changed, where, [*items, item])


def set_item(text: str, where: Where, item: Value) -> str:
    """`text` with the item of a list at `where` replaced."""
    tree = build_tree(text)
    items = [item if i == where[-1] else old for i, old in enumerate(value_at(tree.value, where[:-1]))]
    start, end = _written(text, tree, where)
    return checked(text, f"{text[:start]}{scalar(item, flow=True)}{text[end:]}", where[:-1], items)


def take_out(text: str, where: Where) -> str:
    """`text` without the entry at `where`: in brackets its comma goes with it, else its lines, and a remark beside it.

    The last entry of a block takes the block with it.
    """
    tree = build_tree(text)
    block = value_at(tree.value, where[:-1])
    if len(block) == 1 and len(where) > 1:
        return take_out(text, where[:-1])
    left = (
        [v for i, v in enumerate(block) if i != where[-1]]
        if isinstance(block, list)
        else {k: v for k, v in block.items() if k != where[-1]}
    )
    start, end = _entry(text, tree, where)
    if _flow(text, tree, where[:-1]):
        start, end = _with_comma(text, start, end)
    else:
        if isinstance(block, list):
            start = _dash(text, start)
        begin = _line_start(text, start)
        line = _line_end(text, end)
        if text[begin:start].strip():
            end = _next_key(tree, where)  # it stands behind a dash: the next key takes its place there
            if text[begin:start].strip(" -") or text[line:end].strip():
                raise _by_hand(where)
        else:
            start, end = begin, line
    return checked(text, text[:start] + text[end:], where[:-1], left)


def checked(before: str, after: str, where: Where, value: Value) -> str:
    """`after`, which must differ from `before` by `value` at `where` alone. UsageError where it does not."""
    expected = _copy(build_tree(before).value)
    tree = reread(after)
    if where:
        value_at(expected, where[:-1])[where[-1]] = value
    else:
        expected = value
    if tree is None or tree.value != expected or tree.complaints or tree.duplicates:
        raise _by_hand(where)
    return after


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _by_hand(where: Where) -> UsageError:
    return UsageError(
        f"{'.'.join(map(str, where))} cannot be changed on its own", help="edit the plan file by hand"
    )


def _next_key(tree: Tree, where: Where) -> int:
    """Where the key behind the one at `where` begins."""
    keys = list(value_at(tree.value, where[:-1]))
    after = keys.index(where[-1]) + 1
    events: Any = tree.events((*where[:-1], keys[after])) if after < len(keys) else None
    if events is None or events[0] is None:
        raise _by_hand(where)
    return int(events[0].start_mark.index)


def _written(text: str, tree: Tree, where: Where) -> tuple[int, int]:
    """Where the value at `where` begins and its text ends: blanks, comments and line breaks behind it left out."""
    indices = tree.indices(where)
    if indices is None:
        raise _by_hand(where)
    start, end = indices
    inner = value_at(tree.value, where)
    if isinstance(inner, dict | list) and inner and text[start : start + 1] not in ("{", "["):
        last = list(inner)[-1] if isinstance(inner, dict) else len(inner) - 1
        return start, _written(text, tree, (*where, last))[1]
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    return start, end


def _entry(text: str, tree: Tree, where: Where) -> tuple[int, int]:
    """As `_written`, from the key on where it has one."""
    events: Any = tree.events(where)
    if events is None:
        raise _by_hand(where)
    start, end = _written(text, tree, where)
    if isinstance(where[-1], str):
        if events[0] is None:
            raise _by_hand(where)
        start, end = events[0].start_mark.index, max(end, events[0].end_mark.index + 1)
    return start, end


def _flow(text: str, tree: Tree, where: Where) -> bool:
    """Whether the block at `where`, or one around it, is written with brackets."""
    for depth in range(len(where) + 1):
        indices = tree.indices(where[:depth])
        if indices is not None and text[indices[0] : indices[0] + 1] in ("{", "["):
            return True
    return False


def _with_comma(text: str, start: int, end: int) -> tuple[int, int]:
    """The comma behind an entry in brackets and the blanks before the next, else the comma before it."""
    after = end
    while text[after : after + 1] in (" ", "\t"):
        after += 1
    if text[after : after + 1] == ",":
        after += 1
        while text[after : after + 1] in (" ", "\t"):
            after += 1
        return start, after
    before = start
    while before and text[before - 1] in " \t\r\n":
        before -= 1
    return (before - 1, end) if text[before - 1 : before] == "," else (start, end)


def _dash(text: str, start: int) -> int:
    """Where the dash of a list's item stands that begins at `start`."""
    return text.rindex("-", 0, start)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1
