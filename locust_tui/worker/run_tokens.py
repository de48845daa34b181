"""Tokens that tell which run speaks where a caller's ancestors do not: the tool server speaks for all of them."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from pathlib import Path

from locust_tui import whole_file
from locust_tui.errors import RefusedError
from locust_tui.plain_file import read_plain

KEY_BYTES = 32


class RunTokens:
    """Made from a key in the state folder, so that they outlive the worker. A guard rail: agents share our user id."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = b""

    def of(self, run: str) -> str:
        """The token of a run."""
        return f"{run}:{hmac.new(self._load(), run.encode(), sha256).hexdigest()}"

    def run_of(self, token: str) -> str:
        """The run that the token is of. Raises RefusedError for any other text."""
        run, _, _given = token.rpartition(":")
        if not run or not hmac.compare_digest(self.of(run).encode(), token.encode()):
            raise RefusedError("this is no run's token", help="send LOCUST_TUI_TOKEN as the bearer token")
        return run

    def _load(self) -> bytes:
        if not self._key:
            try:
                key = read_plain(self._path)
            except FileNotFoundError:
                key = b""
            self._key = key if len(key) == KEY_BYTES else self._made()
        return self._key

    def _made(self) -> bytes:
        """A new key, whole or not at all: half of one would let tokens be guessed."""
        key = secrets.token_bytes(KEY_BYTES)
        whole_file.put(self._path, key)
        return key
