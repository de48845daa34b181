"""Asking a web address: one GET, or one POST of a message; few redirects, a bounded body, a deadline that holds."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
import urllib.error
import urllib.request
from functools import partial
from typing import IO, Any
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from locust_tui import __version__

from .observation import HttpOutcome

TIMEOUT_S = 10.0
BODY_LIMIT = 1024 * 1024
_MOST_REDIRECTS = 5
_CHUNK = 64 * 1024


class _RefusedError(Exception):
    """An address that is not asked; the text says why."""


class _Attempt:
    """The sockets of one request, so that its deadline can end a server that answers byte by byte."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._ended = False

    def opened(self, sock: socket.socket) -> None:
        self._sockets.append(sock)
        if self._ended:
            self.end()

    def end(self) -> None:
        self._ended = True
        for sock in self._sockets:
            with contextlib.suppress(OSError):  # already closed
                sock.shutdown(socket.SHUT_RDWR)


class _Http(http.client.HTTPConnection):
    def __init__(self, *args: Any, attempt: _Attempt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attempt = attempt

    def connect(self) -> None:
        super().connect()
        self.attempt.opened(self.sock)


class _Https(http.client.HTTPSConnection):
    def __init__(self, *args: Any, attempt: _Attempt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attempt = attempt

    def connect(self) -> None:
        super().connect()
        self.attempt.opened(self.sock)


class _HttpHandler(urllib.request.HTTPHandler):
    def __init__(self, attempt: _Attempt) -> None:
        super().__init__()
        self._open = partial(self.do_open, partial(_Http, attempt=attempt))

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self._open(req)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def __init__(self, attempt: _Attempt) -> None:
        super().__init__()
        self._open = partial(self.do_open, partial(_Https, attempt=attempt))

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self._open(req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = _MOST_REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        target = _scheme(newurl)
        if _scheme(req.full_url) == "https" and target != "https":
            raise _RefusedError(f"it redirects from https to {target}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _OnlyRedirects(urllib.request.HTTPErrorProcessor):
    """A 404 is an answer, not an error; only redirects are followed, and those only if `follow`."""

    handler_order = 1000

    def __init__(self, follow: bool) -> None:
        self._follow = follow

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        if self._follow and response.status in (301, 302, 303, 307, 308):
            return self.parent.error(
                "http", request, response, response.status, response.reason, response.headers
            )
        return response

    https_response = http_response


def _scheme(url: str) -> str:
    scheme = urlsplit(url).scheme.lower()
    if scheme not in ("http", "https"):
        raise _RefusedError(f"only http and https are asked, not {scheme or 'a bare path'}")
    return scheme


def _reason(error: BaseException) -> str:
    inner = getattr(error, "reason", None)
    if isinstance(inner, BaseException):
        return _reason(inner)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return f"its name is not known here ({error.strerror}); offline?"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(inner or error) or type(error).__name__


def _ask(url: str, timeout: float, follow: bool, attempt: _Attempt, data: bytes | None) -> HttpOutcome:
    started = time.monotonic()
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        _HttpHandler(attempt),
        _HttpsHandler(attempt),
        _Redirects(),
        _OnlyRedirects(follow),
    ):
        opener.add_handler(handler)
    try:
        _scheme(url)
        request = urllib.request.Request(
            url, data, headers={"User-Agent": f"locust-tui/{__version__}", "Accept": "*/*"}
        )
        if data is not None:
            request.add_header("Content-Type", "application/json")
        with opener.open(request, timeout=timeout) as response:
            body = b""
            while len(body) <= BODY_LIMIT and (chunk := response.read1(_CHUNK)):
                body += chunk
                if time.monotonic() - started > timeout:
                    raise TimeoutError
        text = body[:BODY_LIMIT].decode("utf-8", "replace")
        took = time.monotonic() - started
        return HttpOutcome(response.status, text, len(body) > BODY_LIMIT, took)
    except urllib.error.HTTPError as error:
        error.close()
        return HttpOutcome(
            error=f"more than {_MOST_REDIRECTS} redirects, or one that leads nowhere ({error.code})"
        )
    except (_RefusedError, OSError, http.client.HTTPException, ValueError) as error:
        return HttpOutcome(wall_s=time.monotonic() - started, error=_reason(error))


async def fetch(url: str, timeout: float = TIMEOUT_S, *, follow: bool = True) -> HttpOutcome:  # noqa: ASYNC109
    """GET `url` in a thread and give it up after `timeout` seconds in all; whatever goes wrong is the outcome's error.

    `follow`: redirects are followed, five at most and never from https to http; else the redirect is the answer.
    """
    return await _in_time(url, timeout, follow, None)


async def post_json(url: str, body: bytes, timeout: float = TIMEOUT_S) -> str:  # noqa: ASYNC109
    """POST JSON to `url`, no redirect followed; why it was not taken, empty where it was. No word of the address in it."""
    parts = urlsplit(url)
    if (
        parts.scheme.lower() not in ("http", "https")
        or not parts.hostname
        or not url.isprintable()
        or " " in url
    ):
        return "this is no address of the web"
    outcome = await _in_time(url, timeout, False, body)
    if outcome.error is not None:
        return outcome.error
    if outcome.status is not None and 200 <= outcome.status < 300:
        return ""
    return f"it answered {outcome.status}"


async def _in_time(url: str, timeout: float, follow: bool, data: bytes | None) -> HttpOutcome:  # noqa: ASYNC109
    attempt = _Attempt()
    with anyio.move_on_after(timeout + 0.5):
        try:
            return await anyio.to_thread.run_sync(
                _ask, url, timeout, follow, attempt, data, abandon_on_cancel=True
            )
        finally:
            attempt.end()
    return HttpOutcome(wall_s=timeout, error=f"no answer in {timeout:g} s")
