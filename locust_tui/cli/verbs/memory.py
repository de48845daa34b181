"""`memory`: what people and agents hand on to each other, under keys, with every version kept."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from ...errors import NotFoundError, UsageError, did_you_mean
from ...safe_text import safe
from ..asking import tell
from ..command import Settings, sub_verb, verb_group
from ..output import narrate, put, put_json
from ..remembered_words import document, one_line, plain, shown, version_document, version_line
from ..stored_words import stored_line
from ..target import Target, find_target

if TYPE_CHECKING:
    from ...state.remembered import Remembered

HOOK_S = 1_200.0
"""A hook's own time limit ends it before this."""


@verb_group("memory")
def command() -> None:
    """Store, get, list and watch the shared memory."""


@sub_verb(command, "store")
@click.argument("words", metavar="[KEY] [VALUE]", nargs=-1)
@click.option(
    "--key", help="Words with slashes between: api/schema. Placeholders are filled in: daily/{date}."
)
@click.option("--value", help="JSON, or a text; without it standard input is stored, as it is.")
@click.option("--literal", is_flag=True, help="Take {words} in braces as they are.")
@click.option(
    "--if-version", type=click.IntRange(0), help="Only if the entry has this version; 0: if there is none."
)
@click.option("--json", "as_json", is_flag=True)
def store(
    settings: Settings,
    words: tuple[str, ...],
    key: str | None,
    value: str | None,
    literal: bool,
    if_version: int | None,
    as_json: bool,
) -> int:
    """Store a value under a key. JSON stays JSON; anything else is stored as a text, and that is said.

    {date} {week} {n} {ts} {status_json} {name} are filled in, in the key and in --value; others are refused.
    """
    from ...analysis.placeholders import filled, filled_value, names
    from ...client.requests import StoreMemory

    key, value = _key_and_value(words, key, value)
    piped = value is None
    text = _standard_input() if value is None else value
    target = find_target(settings)
    if not literal and (names(key) or (not piped and names(text))):
        from ..remembering import placeholder_values

        known = placeholder_values(settings, target)
        key = filled(key, known)
        text = text if piped else filled_value(text, known)
    token = os.environ.get("LOCUST_TUI_TOKEN", "")
    reply = tell(settings, target, StoreMemory(key, text, if_version, token, words=True))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
        return 0
    put(stored_line(reply.data, reply.revision))
    return 0


@sub_verb(command, "get")
@click.argument("positional", metavar="[KEY]", required=False)
@click.option("--key", help="One key.")
@click.option("--pattern", metavar="GLOB", help="Every key that it fits, computed ones among them.")
@click.option("--callback", metavar="HOOK", help="Run this hook with the value on its standard input.")
@click.option("--json", "as_json", is_flag=True, help="With version, author and time.")
def get(
    settings: Settings,
    positional: str | None,
    key: str | None,
    pattern: str | None,
    callback: str | None,
    as_json: bool,
) -> int:
    """Print a value, or all that a glob fits. Reads the record; never starts a worker.

    locust/dependencies/* and locust/status/* are computed from the plan and its state when they are read.
    """
    if pattern is None and (set(positional or "") & set("*?[")):
        positional, pattern = None, positional
    if (pattern is None) == (key is None and positional is None):
        raise UsageError("name a --key or a --pattern, not both", help="locust-tui memory ls lists the keys")
    target = find_target(settings)
    if pattern is not None:
        if callback is not None:
            raise UsageError("--callback takes one value", help="name its --key")
        return _get_all(target, pattern, as_json)
    return _get_one(settings, target, _one_key(positional, key, "get"), callback, as_json)


def _get_one(settings: Settings, target: Target, key: str, callback: str | None, as_json: bool) -> int:
    from ..remembering import entry, known_keys

    found = entry(target, key)
    if found is None:
        near = did_you_mean(key, known_keys(target))
        raise NotFoundError(f"there is no memory of {key}", help=near or "locust-tui memory ls")
    if callback is not None:
        return _call_back(settings, target, found, callback, as_json)
    if as_json:
        put_json(document(found))
    else:
        put(shown(plain(found.value)) + "\n")
    return 0


def _get_all(target: Target, pattern: str, as_json: bool) -> int:
    from ..remembering import entries, known_keys

    found = entries(target, pattern)
    if as_json:
        put_json([document(e) for e in found])
    else:
        put("".join(f"{e.key} = {shown(one_line(e.value))}\n" for e in found))
    if not found:
        near = did_you_mean(pattern, known_keys(target))
        narrate(f'no key fits "{pattern}"{f"; {near}" if near else ""}')
        return 1
    return 0


def _call_back(settings: Settings, target: Target, found: Remembered, hook: str, as_json: bool) -> int:
    from ...client.requests import RunHook

    token = os.environ.get("LOCUST_TUI_TOKEN", "")
    request = RunHook(hook, None, token, plain(found.value), found.key)
    reply = tell(settings, target, request, timeout=HOOK_S)
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
    else:
        put(shown(str(reply.data["said"])).rstrip("\n") + "\n")
    if not reply.data["ok"]:
        narrate(f"{hook} failed, revision {reply.revision}")
    return 0 if reply.data["ok"] else 1


@sub_verb(command, "ls")
@click.argument("pattern", metavar="[GLOB]", required=False)
@click.option("--json", "as_json", is_flag=True, help="An array, without the values.")
def ls(settings: Settings, pattern: str | None, as_json: bool) -> int:
    """List keys with version, author and time; computed ones where a GLOB fits them."""
    from ...report.figures import iso
    from ...report.table import table
    from ...state import remembered
    from ..output import painter
    from ..remembering import entries, stored

    target = find_target(settings)
    found = entries(target, pattern) if pattern else stored(target, lambda c: remembered.entries(c))
    if as_json:
        put_json([{k: v for k, v in document(e).items() if k != "value"} for e in found])
    elif found:
        rows = [
            (safe(e.key), str(e.version or "-"), safe(e.by), iso(e.at) or "", safe(one_line(e.value), limit=60, oneline=True))
            for e in found
        ]  # fmt: skip
        put("\n".join(table(("KEY", "VERSION", "BY", "AT", "VALUE"), rows, paint=painter(settings))) + "\n")
    if not found:
        narrate(f'no key fits "{pattern}"' if pattern else "nothing is stored yet")
    return 1 if pattern and not found else 0


@sub_verb(command, "history")
@click.argument("positional", metavar="[KEY]", required=False)
@click.option("--key")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N versions.")
@click.option("--json", "as_json", is_flag=True, help="An array, oldest first.")
def history(
    settings: Settings, positional: str | None, key: str | None, last: int | None, as_json: bool
) -> int:
    """Every version of a key, oldest first: number, author, time and value."""
    from ...state import remembered
    from ..remembering import known_keys, stored

    key = _one_key(positional, key, "history")
    target = find_target(settings)
    found = stored(target, lambda c: remembered.history(c, key, last))
    if not found:
        near = did_you_mean(key, known_keys(target))
        raise NotFoundError(f"{key} was never stored", help=near or "locust-tui memory ls")
    if as_json:
        put_json([version_document(v) for v in found])
    else:
        put("".join(version_line(v) for v in found))
    return 0


@sub_verb(command, "watch")
@click.argument("pattern", metavar="[GLOB]", default="*")
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
def watch(settings: Settings, pattern: str, as_json: bool) -> int:
    """Print every change of a key that GLOB fits, as it comes, until interrupted."""
    from ...state import remembered
    from ..output import json_text
    from ..remembering import stored
    from ..watching import wakeups

    target = find_target(settings)
    seen = next(iter(stored(target, lambda c: [remembered.revision(c)])), 0)
    for _ in wakeups(target):
        for version in stored(target, lambda c, after=seen: remembered.changes(c, pattern, after)):  # type: ignore[misc]
            seen = version.revision
            told = version_document(version)
            put(json_text(told, line=True) + "\n" if as_json else version_line(version, named=True))
    return 0


@sub_verb(command, "rm")
@click.argument("positional", metavar="[KEY]", required=False)
@click.option("--key")
@click.option("--by", metavar="NAME", help="Who removes it (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def rm(settings: Settings, positional: str | None, key: str | None, by: str | None, as_json: bool) -> int:
    """Remove a key; its history stays in the record."""
    from ...client.requests import RemoveMemory

    key = _one_key(positional, key, "rm")
    token = os.environ.get("LOCUST_TUI_TOKEN", "")
    reply = tell(settings, find_target(settings), RemoveMemory(key, by, token))
    if as_json:
        put_json({**reply.data, "revision": reply.revision})
    else:
        put(
            f"{key}: removed, revision {reply.revision}; its versions stay: locust-tui memory history {key}\n"
        )
    return 0


def _key_and_value(words: tuple[str, ...], key: str | None, value: str | None) -> tuple[str, str | None]:
    """What is named by an option needs no word, and the words that are left are the rest, in their order."""
    left = list(words)
    if key is None:
        key = _one_key(left.pop(0) if left else None, None, "store")
    elif left[:1] == [key]:
        left.pop(0)
    if left and value is None:
        value = left.pop(0)
    if left:
        raise UsageError(
            f'"{left[0]}" is one word too many',
            help="a value of several words stands in quotes: memory store KEY 'a value'",
        )
    return key, value


def _one_key(positional: str | None, option: str | None, what: str) -> str:
    if positional is not None and option is not None and positional != option:
        raise UsageError(f'"{positional}" and --key {option} are two keys')
    key = option if option is not None else positional
    if key is None:
        raise UsageError("a key is missing", help=f"locust-tui memory {what} KEY")
    return key


def _standard_input() -> str:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError(
            "there is no --value, and nothing comes on standard input", help="--value JSON, or pipe it in"
        )
    data = sys.stdin.buffer.read()
    if not data:
        raise UsageError(
            "there is no --value, and nothing came on standard input", help="--value JSON, or pipe it in"
        )
    try:
        return data.decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"what comes on standard input is no UTF-8 text: {error}") from None
