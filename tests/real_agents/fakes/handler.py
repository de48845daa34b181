"""HTTP in, HTTP out: what a fake model is asked and what it answers, on the wire."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, ClassVar

from .answer import Failure, Header

if TYPE_CHECKING:
    from .model_server import FakeModel

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in. `headers` have lower-case names."""

    method: str
    path: str
    headers: dict[str, str]
    body: Json


class Handler(BaseHTTPRequestHandler):
    """Thin: HTTP in, HTTP out; the model decides."""

    protocol_version = "HTTP/1.1"
    model: ClassVar[FakeModel]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_HEAD(self) -> None:
        self._send(200, b"")

    def do_GET(self) -> None:
        self._note({})
        if self.path.split("?")[0].endswith("/models"):
            self._json(200, self.model.models)
        else:
            self._json(404, {"error": {"type": "not_found_error", "message": f"no such path: {self.path}"}})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            body = {"unreadable": len(raw)}
        body = body if isinstance(body, dict) else {"value": body}
        self._note(body)
        with suppress(BrokenPipeError, ConnectionResetError):
            path = self.path.split("?")[0]
            if path.endswith("/count_tokens"):
                self._json(200, {"input_tokens": max(1, len(raw) // 4)})
            elif path.endswith(self.model.answers):
                self._answer(body)
            else:
                self._json(200, {})
            return
        self.close_connection = True

    def _note(self, body: Json) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.model.asked.append(Asked(self.command, self.path, headers, body))

    def _answer(self, question: Json) -> None:
        try:
            answer = self.model.answer(question)
        except Failure as failure:
            self._json(failure.status, self.model.failure(failure), failure.headers)
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("connection", "close")
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        for kind, data in self.model.events(question, answer):
            self.wfile.write(f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode())
            self.wfile.flush()

    def _json(self, status: int, body: Json, headers: Iterable[Header] = ()) -> None:
        self._send(status, json.dumps(body).encode(), (("content-type", "application/json"), *headers))

    def _send(self, status: int, content: bytes, headers: Iterable[Header] = ()) -> None:
        self.send_response(status)
        for name, value in (*headers, ("content-length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
