"""Write-back: one value of a plan file is changed where it stands, and every other byte stays as it was."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import RefusedError, UsageError
from .builder import build_tree
from .scalars import resolve
from .source import BOM, content_digest, decode_text, read_bytes
from .tree import Tree, TreeError, Where

Value = str | int | float | bool | None | list[Any] | dict[str, Any]


def set_value(text: str, where: Where, value: Value) -> str:
    """`text` with the value at `where` replaced, or written anew into the block around it.

    Raises UsageError when there is no such block, or when the place cannot be changed alone (a value that
    several places share through an alias).
    """
    tree = build_tree(text)
    events = tree.events(where)
    if events is not None and (events[0] is not None or not where or isinstance(where[-1], int)):
        changed = _replace(text, tree, where, value)
    else:
        changed = _insert(text, tree, where, value)
    after = reread(changed)
    if (
        after is None
        or after.value != _with(tree.value, where, value)
        or after.complaints
        or after.duplicates
    ):
        raise UsageError(
            f"{_name(where)} cannot be changed on its own",
            help="edit the file by hand: the value is shared through an alias",
        )
    return changed


def reread(text: str) -> Tree | None:
    """The tree of a text that was changed; None where that broke it."""
    from yaml import YAMLError

    try:
        return build_tree(text)
    except (YAMLError, TreeError):
        return None


def write_back(path: str | os.PathLike[str], edits: Iterable[tuple[Where, Value]], *, digest: str) -> str:
    """Apply `edits` to the plan file at `path`, which must still have `digest`; the answer is its new digest.

    The file is replaced in one step and keeps its mode. Raises RefusedError when it changed meanwhile.
    """
    data, facts = read_bytes(path)
    if content_digest(data) != digest:
        raise RefusedError(f"{path} was changed meanwhile", help="look at it, and try again")
    text = decode_text(data)
    for where, value in edits:
        text = set_value(text, where, value)
    changed = (BOM if data.startswith(BOM) else b"") + text.encode()
    replace_file(Path(os.path.realpath(path)), changed, facts.st_mode & 0o7777)
    return content_digest(changed)


def replace_file(path: Path, data: bytes, mode: int) -> None:
    """Put `data` where `path` is, in one step that a crash cannot cut in half."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        try:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
            os.replace(stream.name, path)
        except OSError:
            os.unlink(stream.name)
            raise


def _name(where: Where) -> str:
    return ".".join(str(step) for step in where)


def _with(value: Any, where: Where, new: Value) -> Any:
    """A copy of the tree's value with `new` at `where`."""
    if not where:
        return new
    changed = _unshared(value)
    parent = changed
    for step in where[:-1]:
        parent = parent[step]
    if isinstance(where[-1], int):
        parent[where[-1]] = new
    else:
        parent[where[-1]] = new
    return changed


def _unshared(value: Any) -> Any:
    """A copy in which nothing stands in two places, as aliases do."""
    if isinstance(value, dict):
        return {key: _unshared(item) for key, item in value.items()}
    return [_unshared(item) for item in value] if isinstance(value, list) else value


def _replace(text: str, tree: Tree, where: Where, value: Value) -> str:
    indices = tree.indices(where)
    assert indices is not None
    start, end = indices
    old = text[start:end]
    tail = ""
    if old.endswith(("\n", "\r")) or (old[:1] in "|>" and "\n" in old):
        # a block text ends with its line break, which belongs to the next line's indentation
        stripped = old.rstrip(" \t\r\n")
        tail = old[len(stripped) :]
    flow = _in_flow(text, tree, where)
    new = scalar(value, quote=old[:1] if old[:1] in "\"'" else "", flow=flow)
    if not old and text[start - 1 : start] == ":":
        new = " " + new
    return text[:start] + new + tail + text[end:]


def _in_flow(text: str, tree: Tree, where: Where) -> bool:
    """Whether any block around `where` is written with brackets."""
    for depth in range(len(where)):
        indices = tree.indices(where[:depth])
        if indices is not None and text[indices[0] : indices[0] + 1] in ("{", "["):
            return True
    return False


def _insert(text: str, tree: Tree, where: Where, value: Value) -> str:
    """Write a new key as the last one of its block."""
    parent, key = where[:-1], where[-1] if where else ""
    block: Any = tree.value
    for step in parent:
        try:
            block = block[step]
        except (KeyError, IndexError, TypeError):
            raise UsageError(f"the plan has no {_name(parent)}", help="add the block first") from None
    indices = tree.indices(parent)
    if not isinstance(block, dict) or not isinstance(key, str) or indices is None:
        raise UsageError(f"{_name(parent)} is no block of keys", help="edit the file by hand")
    start, end = indices
    entry = f"{scalar(key, flow=True)}: {scalar(value, flow=True)}"
    if text[start : start + 1] == "{":
        close = text.rindex("}", start, end)
        body = text[start + 1 : close].rstrip()
        tail = text[start + 1 + len(body) :]
        if body.endswith(":"):
            body += " null"  # an empty value would run into the comma
        comma = "" if not body or body.endswith(",") else ","
        gap = " " if body else ""
        return text[: start + 1] + body + comma + gap + entry + tail
    return _insert_line(text, tree, parent, entry)


def _insert_line(text: str, tree: Tree, parent: Where, entry: str) -> str:
    """A new line behind the last entry of a block without brackets, indented like the first one."""
    entries: Any
    start_event: Any
    entries, start_event, _ = tree.marks[id(_at(tree.value, parent))]
    newline = "\r\n" if "\r\n" in text else "\n"
    indent: str = " " * start_event.start_mark.column
    ends = [
        (tree.indices((*parent, key)) or (0, 0))[1] for key, pair in entries.items() if pair[0] is not None
    ]
    if not ends:
        raise UsageError(
            f"{_name(parent)} has no key of its own",
            help="edit the file by hand: all of it comes from an alias",
        )
    last: int = max(ends)
    at = last if text[last - 1 : last].strip() else _end_of_content(text, last)
    found = text.find("\n", at)
    line_end = len(text) if found < 0 else found + 1
    before: str = text[:line_end]
    if not before.endswith("\n"):
        before += newline
    return before + indent + entry + newline + text[line_end:]


def _end_of_content(text: str, end: int) -> int:
    """Where a block that libyaml lets end at `end` really ends: before empty lines and comments."""
    lines = text[:end].rstrip().split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return len("\n".join(lines))


def _at(value: Any, where: Where) -> Any:
    for step in where:
        value = value[step]
    return value


_PLAIN = re.compile(r"[\w./(+~$][\w ./()+~$@%<>=;^-]*\Z")
_PLAIN_FLOW = re.compile(r"[\w./+~$][\w ./+~$@%<>=;^-]*\Z")


def scalar(value: Value, *, quote: str = "", flow: bool = False) -> str:
    """`value` as YAML text on one line: plain where that reads back as the same, else in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
    if isinstance(value, list):
        return "[" + ", ".join(scalar(item, flow=True) for item in value) + "]"
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{scalar(key, flow=True)}: {scalar(item, flow=True)}" for key, item in value.items())
            + "}"
        )
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    plain = (_PLAIN_FLOW if flow else _PLAIN).match(value)
    if not quote and plain and value == value.strip() and resolve(value) == value and not value.endswith(":"):
        return value
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
