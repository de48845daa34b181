"""Globs with `**` and braces: matching a path, and finding files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from .patterns import compiled, encodable
from .reading import MeasureError

_MOST_ALTERNATIVES = 1000
_MOST_ENTRIES = 500_000
_MAGIC = frozenset("*?[\\")


def expand_braces(pattern: str) -> tuple[str, ...]:
    """Each alternative of `{a,b}` written out, as a shell does; braces without a comma stay as they are.

    Raises MeasureError past 1000 alternatives.
    """
    results: list[str] = []
    waiting = [pattern]
    while waiting:
        text = waiting.pop()
        group = _first_group(text)
        if group is None:
            results.append(text)
        else:
            start, commas, end = group
            edges = [start, *commas, end]
            choices = [text[a + 1 : b] for a, b in pairwise(edges)]
            waiting += [text[:start] + choice + text[end + 1 :] for choice in reversed(choices)]
        if len(waiting) + len(results) > _MOST_ALTERNATIVES:
            raise MeasureError(f"the glob {pattern[:60]} has more than {_MOST_ALTERNATIVES} alternatives")
    return tuple(dict.fromkeys(results))


def _first_group(text: str) -> tuple[int, list[int], int] | None:
    """Opening brace, commas and closing brace of the first group that has a comma."""
    open_groups: list[tuple[int, list[int]]] = []
    found: list[tuple[int, list[int], int]] = []
    index = 0
    while index < len(text):
        character = text[index]
        if character == "\\":
            index += 1
        elif character == "{":
            open_groups.append((index, []))
        elif character == "," and open_groups:
            open_groups[-1][1].append(index)
        elif character == "}" and open_groups:
            start, commas = open_groups.pop()
            if commas:
                found.append((start, commas, index))
        index += 1
    return min(found, default=None)


def has_magic(part: str) -> bool:
    return not _MAGIC.isdisjoint(part)


def _class(part: str, index: int) -> tuple[str, int]:
    """The bracket expression that opens at `index`, and where it ends; a lone bracket is itself."""
    end = part.find("]", index + 3 if part[index + 1 : index + 2] in ("!", "^") else index + 2)
    if end < 0:
        return r"\[", index + 1
    body = part[index + 1 : end]
    negated = body[0] in "!^"
    body = body[1:] if negated else body
    members = body.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("^", "\\^")
    return f"[^/{members}]" if negated else f"[{members}]", end + 1


def _part_regex(part: str) -> str:
    regex, index = "", 0
    while index < len(part):
        character = part[index]
        if character == "*":
            regex += "[^/]*"
            while part[index : index + 1] == "*":
                index += 1
            continue
        if character == "[":
            piece, index = _class(part, index)
            regex += piece
            continue
        if character == "?":
            regex += "[^/]"
        elif character == "\\" and index + 1 < len(part):
            index += 1
            regex += re.escape(part[index])
        else:
            regex += re.escape(character)
        index += 1
    return regex


def _parts(pattern: str) -> list[str]:
    parts: list[str] = []
    for part in pattern.split("/"):
        if part in ("", ".") or (part == "**" and parts[-1:] == ["**"]):
            continue
        parts.append(part)
    return parts


@lru_cache(maxsize=1024)
def _path_regex(pattern: str) -> str:
    parts = _parts(pattern)
    regex = "/" if pattern.startswith("/") else ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            regex += "(?:[^/]+/)*[^/]+" if last else "(?:[^/]+/)*"
        else:
            regex += _part_regex(part) + ("" if last else "/")
    return f"(?s){regex}"


@lru_cache(maxsize=256)
def _alternatives(pattern: str) -> tuple[str, ...]:
    return tuple(_path_regex(alternative) for alternative in expand_braces(pattern))


def matches(pattern: str, path: str) -> bool:
    """Whether the glob holds for the whole of `path`; a pattern that names a folder holds for all below it."""
    path = encodable(path.removeprefix("./"))
    if any(compiled(regex).fullmatch(path) for regex in _alternatives(pattern)):
        return True
    folder = pattern.removeprefix("./").rstrip("/")
    return bool(folder) and not has_magic(folder) and "{" not in folder and path.startswith(f"{folder}/")


def find_files(base: Path, pattern: str) -> list[Path]:
    """Regular files below `base` that the glob names, sorted, each once.

    As in a shell `*` and `**` pass over names that begin with a dot, and `**` does not follow links to
    folders. Raises MeasureError for a folder that may not be read and past 500 000 entries.
    """
    budget = [_MOST_ENTRIES]
    found: set[str] = set()
    for alternative in expand_braces(pattern):
        start = "/" if alternative.startswith("/") else os.fspath(base)
        try:
            found.update(_walk(start, tuple(_parts(alternative)), budget))
        except RecursionError:
            raise MeasureError(f"the folders below {start} are nested too deeply to search") from None
    return [Path(name) for name in sorted(found)]


def _entries(folder: str, budget: list[int]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as scan:
            entries = list(scan)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the name
        return []
    except OSError as error:
        raise MeasureError(f"cannot look into {folder}: {error.strerror}") from error
    budget[0] -= len(entries)
    if budget[0] < 0:
        raise MeasureError(f"the glob looks at more than {_MOST_ENTRIES} files", help="name a smaller folder")
    return entries


def _walk(folder: str, parts: tuple[str, ...], budget: list[int]) -> Iterator[str]:
    if not parts:
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _walk(folder, rest or ("*",), budget)
        for entry in _entries(folder, budget):
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, parts, budget)
    elif not has_magic(part):
        path = os.path.join(folder, part)
        if rest:
            yield from _walk(path, rest, budget)
        elif os.path.isfile(path):
            yield path
    else:
        regex = compiled(f"(?s){_part_regex(part)}")
        for entry in _entries(folder, budget):
            hidden = entry.name.startswith(".") and not part.startswith(".")
            if hidden or not regex.fullmatch(encodable(entry.name)):
                continue
            if rest:
                yield from _walk(entry.path, rest, budget)
            elif os.path.isfile(entry.path):
                yield entry.path
