"""An address is asked once, read-only, within its deadline; whatever goes wrong is a reason, not a crash."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from locust_tui.criteria.judging import measure
from locust_tui.criteria.web import BODY_LIMIT, fetch
from locust_tui.domain.criterion import Criterion, Limit, Probe, ProbeKind
from locust_tui.domain.states import CriterionState

PATIENCE_S = 30.0


class Pages(http.server.BaseHTTPRequestHandler):
    seen: list[str] = []

    def do_GET(self) -> None:
        self.seen.append(f"{self.command} {self.path} {self.headers['User-Agent']}")
        if self.path.startswith("/hop/"):
            left = int(self.path.removeprefix("/hop/"))
            self.answer(302, b"", f"/hop/{left - 1}" if left else "/ok")
        elif self.path == "/file":
            self.answer(302, b"", "file:///etc/passwd")
        elif self.path == "/nowhere":
            self.answer(302, b"", None)
        elif self.path == "/big":
            self.answer(200, b"x" * (BODY_LIMIT + 10), None)
        elif self.path == "/drip":
            self.drip()
        else:
            self.answer({"/ok": 200}.get(self.path, 404), b"all well", None)

    def answer(self, status: int, body: bytes, location: str | None) -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            while True:
                self.wfile.write(b"X-A: b\r\n")
                if self.server.stopping.wait(0.05):  # type: ignore[attr-defined]
                    return
        except OSError:
            self.server.hung_up.set()  # type: ignore[attr-defined]

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[http.server.ThreadingHTTPServer]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    Pages.seen = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.stopping, server.hung_up = threading.Event(), threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.stopping.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


@pytest.fixture
def url(server: http.server.ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


async def test_an_answer_has_a_status_and_a_body(url: str) -> None:
    outcome = await fetch(f"{url}/ok")
    assert (outcome.status, outcome.body, outcome.error) == (200, "all well", None)
    assert len(Pages.seen) == 1
    assert Pages.seen[0].startswith("GET /ok locust-tui/")


async def test_not_found_is_an_answer(url: str) -> None:
    assert (await fetch(f"{url}/none")).status == 404


async def test_a_few_redirects_are_followed_and_no_more(url: str) -> None:
    assert (await fetch(f"{url}/hop/3")).status == 200
    assert "redirects" in ((await fetch(f"{url}/hop/50")).error or "")
    assert len(Pages.seen) < 20
    assert (await fetch(f"{url}/hop/3", follow=False)).status == 302


@pytest.mark.parametrize("path", ["/file", "/nowhere"])
async def test_a_redirect_to_no_web_page_is_an_error(url: str, path: str) -> None:
    outcome = await fetch(url + path)
    assert outcome.error
    assert outcome.body == ""


async def test_a_large_body_is_cut(url: str) -> None:
    outcome = await fetch(f"{url}/big")
    assert (len(outcome.body), outcome.truncated) == (BODY_LIMIT, True)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://127.0.0.1/x", "/etc/passwd", "http://", "http://[::1", ""]
)
async def test_other_addresses_are_not_asked(address: str) -> None:
    outcome = await fetch(address, 1.0)
    assert outcome.error
    assert outcome.status is None


async def test_nobody_there_is_an_error_with_its_reason() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        outcome = await fetch(f"http://127.0.0.1:{held.getsockname()[1]}/", PATIENCE_S)
    assert outcome.error == "Connection refused"


async def test_a_server_that_never_finishes_is_given_up_and_hung_up_on(
    url: str, server: http.server.ThreadingHTTPServer
) -> None:
    outcome = await fetch(f"{url}/drip", 3.0)
    assert outcome.error
    assert await anyio.to_thread.run_sync(server.hung_up.wait, PATIENCE_S)  # type: ignore[attr-defined]


async def test_the_loop_goes_on_while_a_server_is_silent(url: str) -> None:
    given_up = False

    async def ask() -> None:
        nonlocal given_up
        await fetch(f"{url}/drip", 20.0)
        given_up = True

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        with anyio.fail_after(PATIENCE_S):
            while not Pages.seen:  # noqa: ASYNC110 - a thread of the server fills it
                await anyio.sleep(0.005)
        for _ in range(20):
            await anyio.sleep(0.005)
        assert not given_up
        group.cancel_scope.cancel()


async def test_a_published_version_is_asked_for_and_judged(url: str, tmp_path: Path) -> None:
    def published(path: str, expect: str) -> Criterion:
        return Criterion("p", "P", (Probe(ProbeKind.HTTP, url=url + path),), Limit(expect=expect))

    assert (await measure(published("/ok", "200"), {}, tmp_path)).state is CriterionState.PASS
    assert (await measure(published("/0.1.0", "200"), {}, tmp_path)).state is CriterionState.FAIL
    assert (await measure(published("/hop/0", "302"), {}, tmp_path)).state is CriterionState.PASS
    assert (await measure(published("/ok", "/well/"), {}, tmp_path)).state is CriterionState.PASS
    gone = Criterion("p", "P", (Probe(ProbeKind.HTTP, url="http://127.0.0.1:1/"),), Limit(expect="200"))
    judged = await measure(gone, {}, tmp_path)
    assert (judged.state, judged.detail) == (CriterionState.ERROR, "http://127.0.0.1:1/: Connection refused")
