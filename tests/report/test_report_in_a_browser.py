"""The report's page in a real browser: it is read without a word of complaint, asks for nothing, fits a phone, and prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from seed_weeks import GOLDEN

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="NO BROWSER: apt-get install chromium, or the page is looked at by nobody"
)

PHONE, PAPER, DESK = 390, 760, 1200
PROBE = """<!doctype html><meta charset=utf-8><title>waiting</title>
<iframe id=page src="week.html" style="width:{width}px;height:900px;border:0"></iframe>
<pre id=said></pre>
<script>
page.onload = () => {{
  const doc = page.contentDocument, root = doc.documentElement, wide = [];
  for (const one of doc.querySelectorAll("body *")) {{
    const style = page.contentWindow.getComputedStyle(one), box = one.getBoundingClientRect();
    if (style.display !== "none" && style.position !== "absolute" && box.width && box.right > root.clientWidth + 1
        && !one.closest("svg")) wide.push(one.tagName);
  }}
  const shown = [...doc.querySelectorAll("svg")].filter(s => s.getBoundingClientRect().width > 0);
  const small = shown.flatMap(s => [...s.querySelectorAll("text")].map(t =>
    parseFloat(page.contentWindow.getComputedStyle(t).fontSize) * s.getBoundingClientRect().width / s.viewBox.baseVal.width));
  said.textContent = JSON.stringify({{scroll: root.scrollWidth, client: root.clientWidth, wide,
    smallest: small.length ? Math.min(...small) : null, pictures: shown.length, tables: doc.querySelectorAll("table").length,
    ran: doc.defaultView.ran === true, asked: performance.getEntriesByType("resource").length
      + page.contentWindow.performance.getEntriesByType("resource").length}});
}};
</script>
"""


class Served(ThreadingHTTPServer):
    """A folder over HTTP, and every path that was asked for."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                file = folder / self.path.lstrip("/")
                known = file.is_file()
                self.send_response(200 if known else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(file.read_bytes() if known else b"")

            def log_message(self, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, Served]]:
    folder = tmp_path / "www"
    folder.mkdir()
    server = Served(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, server
    server.shutdown()
    thread.join()
    server.server_close()


def chromium(tmp_path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Headless, with a profile and a home of its own."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
        "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
        f"--user-data-dir={home}/profile", "--enable-logging=stderr", "--v=0", *args,
    ]  # fmt: skip
    env = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, env=env)
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def said(tmp_path: Path, served: tuple[Path, Served], page: str, width: int) -> dict[str, object]:
    """What a page around it finds in the report's page at that width."""
    import json

    folder, server = served
    (folder / "week.html").write_text(page)
    (folder / "probe.html").write_text(PROBE.format(width=width))
    url = f"http://127.0.0.1:{server.server_port}/probe.html"
    done = chromium(tmp_path, "--window-size=1300,1000", "--virtual-time-budget=5000", "--dump-dom", url)
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert complaints == []
    match = re.search(r'<pre id="said">(.*?)</pre>', done.stdout, re.DOTALL)
    assert match is not None, done.stdout[-500:]
    found: dict[str, object] = json.loads(match.group(1).replace("&gt;", ">").replace("&lt;", "<"))
    return found


@pytest.mark.parametrize("width", [PHONE, PAPER, DESK])
def test_it_fits_asks_for_nothing_and_can_be_read(
    tmp_path: Path, served: tuple[Path, Served], width: int
) -> None:
    found = said(tmp_path, served, (GOLDEN / "week-3.html").read_text(), width)
    assert found["scroll"] == found["client"] == width
    assert found["wide"] == []
    assert found["pictures"] == 2 + 4
    assert isinstance(found["smallest"], float)
    assert found["smallest"] > 9.5
    assert set(served[1].asked) <= {"/probe.html", "/week.html", "/favicon.ico"}


def test_its_policy_lets_nothing_run_or_load(tmp_path: Path, served: tuple[Path, Served]) -> None:
    """Even if markup got in: the browser refuses it all."""
    _, server = served
    page = (GOLDEN / "week-3.html").read_text()
    evil = (
        '<script>window.ran = true</script><img src="/pixel.png" onerror="window.ran = true">'
        '<link rel="stylesheet" href="/evil.css"><iframe src="/frame.html"></iframe><p style="color:red">x</p>'
    )
    folder = served[0]
    (folder / "week.html").write_text(page.replace("<main>", f"<main>{evil}"))
    (folder / "probe.html").write_text(PROBE.format(width=DESK))
    url = f"http://127.0.0.1:{server.server_port}/probe.html"
    done = chromium(tmp_path, "--virtual-time-budget=5000", "--dump-dom", url)
    assert '"ran":false' in done.stdout
    assert not {"/pixel.png", "/evil.css", "/frame.html"} & set(server.asked)
    assert "Content Security Policy" in done.stderr


def test_it_prints_on_paper(tmp_path: Path) -> None:
    page, pdf = tmp_path / "week.html", tmp_path / "week.pdf"
    page.write_text((GOLDEN / "week-3.html").read_text())
    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri())
    written = pdf.read_bytes()
    assert written.startswith(b"%PDF")
    sizes = re.findall(rb"/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)\]", written)
    assert 3 <= len(sizes) <= 12
    assert {(round(float(w)), round(float(h))) for w, h in sizes} == {(595, 842)}  # A4 in points
    drawn = b"".join(_streams(written))
    assert drawn.count(b" re\n") + drawn.count(b" re ") > 30, "the pictures are on the paper, too"


def _streams(pdf: bytes) -> Iterator[bytes]:
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(match.group(1))
        except zlib.error:
            continue
