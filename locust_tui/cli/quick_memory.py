"""`memory get KEY` and `memory store KEY --value …` as agents call them all day: one query, or one line to the worker.

Even `json`, `socket` and `sqlite3` would be most of such a call's time: what they are made of is enough here.
"""

from __future__ import annotations

import os
import stat
import sys

from .stored_words import stored_line
from .streams import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_MOST = 500_000
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+~@ ,=")
_DERIVED = ("locust/dependencies/", "locust/status/")


def get(argv: Sequence[str]) -> int | None:
    """Print the value of a stored key; None for everything else, errors too."""
    said = _said(argv, ("key",))
    if said is None or "key" not in said or sys.stdout is None or os.isatty(1):
        return None
    key, root = said["key"], root_of_plan()
    if root is None or key.startswith(_DERIVED) or set(key) & set("*?["):
        return None
    value = _stored(root, key)
    if value is None:
        return None
    if value.startswith('"'):
        if "\\" in value:
            return None
        value = value[1:-1]
    try:
        data = f"{value}\n".encode()
        while data:
            data = data[os.write(1, data) :]
    except (OSError, UnicodeEncodeError):
        return None
    return 0


def _stored(root: str, key: str) -> str | None:
    """The value as JSON text; None where it may hold a secret that became known after it was stored, masked."""
    import _sqlite3

    path = f"{root}/store.db"
    if not os.path.exists(path):
        return None
    try:
        masked_until = os.stat(f"{root}/masks.jsonl").st_mtime
    except OSError:
        masked_until = 0.0
    try:
        connection = _sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        try:
            row = connection.execute("SELECT value, at FROM memory_entry WHERE key = ?", (key,)).fetchone()
        finally:
            connection.close()
    except _sqlite3.Error:
        return None
    return str(row[0]) if row and row[0] and row[1] > masked_until else None


def store(argv: Sequence[str]) -> int | None:
    """Have the worker that runs store a value without placeholders; None for everything else, refusals too."""
    said = _said(argv, ("key", "value"))
    if said is None or "key" not in said or "{" in said["key"]:
        return None
    root = root_of_plan()
    if root is None or len(root) > 80 or ("value" in said and _has_words(said["value"])):
        return None
    if "value" not in said and (sys.stdin is None or os.isatty(0)):
        return None
    return _tell(root, said)


def _tell(root: str, said: dict[str, str]) -> int | None:
    import _socket

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    try:
        connection.connect(f"{root}/worker.sock")
    except OSError:
        return None
    given = "value" in said
    if not given:
        piped = _piped()
        if piped == "":
            return None
        if piped is None:
            tell("error: what comes on standard input is no UTF-8 text of at most 500000 bytes\n")
            return 2
        said["value"] = piped
    return _ask(connection, said, given)


def _ask(connection: Any, said: dict[str, str], given: bool) -> int | None:
    """The answer; without one, the verb asks again by the same key where it can."""
    from ..client.request_keys import ask_again, next_key

    key = next_key()
    line = _request(said, key)
    try:
        connection.settimeout(60.0)
        connection.sendall(line)
        answer = b""
        while not answer.endswith(b"\n"):
            chunk = connection.recv(65_536)
            if not chunk:
                raise OSError("the worker closed the connection")
            answer += chunk
    except OSError as error:
        if given:
            ask_again(key)
            return None
        tell(f"error: the connection to the worker broke: {error}\nhelp: locust-tui status\n")
        return 5
    reply = _decoded(answer.decode())
    if reply.get("ok", True):
        os.write(1, stored_line(reply["data"], reply["revision"]).encode())
        return 0
    for word in ("message", "help"):
        if text := reply.get(word):
            from ..safe_text import safe

            tell(f"{'error' if word == 'message' else word}: {safe(text)}\n")
    return int(reply.get("exit_code") or 1)


def _request(said: dict[str, str], key: str) -> bytes:
    from _json import encode_basestring_ascii as quoted

    token = os.environ.get("LOCUST_TUI_TOKEN", "")
    args = f'{{"key":{quoted(said["key"])},"value":{quoted(said["value"])},"token":{quoted(token)},"words":true}}'
    return f'{{"v":1,"id":1,"op":"memory.store","key":{quoted(key)},"args":{args}}}\n'.encode()


class _Reading:
    """What json.JSONDecoder tells its scanner."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo: dict[str, str] = {}


def _decoded(text: str) -> dict[str, Any]:
    from _json import make_scanner

    found: dict[str, Any] = make_scanner(_Reading())(text, 0)[0]  # type: ignore[arg-type]
    return found


def _piped() -> str | None:
    data = b""
    while chunk := os.read(0, 65_536):
        data += chunk
        if len(data) > _MOST:
            return None
    if not data:
        return ""
    try:
        return data.decode().removesuffix("\n")
    except UnicodeDecodeError:
        return None


def _has_words(text: str) -> bool:
    """Whether a brace with a letter behind it makes placeholders possible."""
    if len(text) > _MOST:
        return True
    at = text.find("{")
    while at >= 0:
        behind = text[at + 1 : at + 2]
        if behind.isalpha() or behind == "_":
            return True
        at = text.find("{", at + 1)
    return False


def _said(argv: Sequence[str], known: tuple[str, ...]) -> dict[str, str] | None:
    """What `--name value`, `--name=value` and one word alone, the key, say; None where there is anything else."""
    found: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        if word.startswith("--"):
            name, given, value = word[2:].partition("=")
            if name not in known or name in found:
                return None
            if not given:
                value = next(words, "-")
                if value.startswith("-"):
                    return None
            found[name] = value
        elif word.startswith("-") or "key" in found:
            return None
        else:
            found["key"] = word
    return found


def root_of_plan() -> str | None:
    """The state folder of the plan that is found here, where it is plainly ours; None: look closer."""
    plan = os.environ.get("LOCUST_TUI_PLAN") or "locust-plan.yaml"
    chosen = os.environ.get("LOCUST_TUI_STATE_DIR")
    if os.path.basename(plan) != "locust-plan.yaml" and not chosen:
        return None
    plan = os.path.abspath(plan)
    root = os.path.realpath(chosen or os.path.join(os.path.dirname(plan), ".locust-tui"))
    try:
        about = os.lstat(root)
        with open(f"{root}/plan", encoding="utf-8") as note:
            recorded = note.read().strip()
    except (OSError, UnicodeDecodeError):
        return None
    ours = stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid() and not about.st_mode & 0o077
    return root if ours and recorded == plan and set(root) <= _PLAIN else None
