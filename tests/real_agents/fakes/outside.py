"""The world outside, closed: a proxy that refuses everyone and keeps where they wanted to go."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Self


class Outside:
    """Use as a context manager; `wanted` holds "host:port" (or the URL) of every attempt."""

    def __init__(self) -> None:
        self.wanted: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Refusing", (_Refusing,), {"outside": self}))
        self._http.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), name="outside", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Refusing(BaseHTTPRequestHandler):
    outside: ClassVar[Outside]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def refuse(self) -> None:
        self.outside.wanted.append(self.path)
        self.send_error(403, "nothing outside is reachable from a test")

    do_CONNECT = do_GET = do_POST = do_HEAD = do_PUT = refuse  # noqa: N815
