"""Poor terminals, odd locales and settings, streams that are none: the cockpit draws what can be read, or says why it does not."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from terminal import HERE, ROOT, Terminal, ready

READY = "leave running"
PLAIN = {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "LANG": None}


@pytest.mark.fault(64, "COLUMNS and LINES that are no numbers, nothing, or far too much")
@pytest.mark.parametrize(
    ("columns", "lines"), [("abc", "-1"), ("99999", "99999"), pytest.param("0", "", marks=pytest.mark.soak)]
)
def test_the_size_is_the_terminals_own(columns: str, lines: str) -> None:
    environ = {"COLUMNS": columns, "LINES": lines}
    with Terminal("running", columns=100, rows=30, environ=environ) as terminal:
        terminal.until(ready)
        assert READY in terminal.screen.display[29]
        assert 80 < max(len(line.rstrip()) for line in terminal.screen.display) <= 100
        terminal.resize(90, 26)
        terminal.until(lambda _: READY in terminal.screen.display[25])


@pytest.mark.fault(64, "locales without UTF-8")
@pytest.mark.parametrize(
    "environ",
    [
        {**PLAIN, "LC_ALL": "POSIX"},
        {**PLAIN, "LC_ALL": "de_DE.ISO-8859-1", "PYTHONIOENCODING": "latin-1"},
    ],
    ids=lambda environ: environ["LC_ALL"],
)
def test_where_there_is_no_utf8_letters_are_plain(environ: dict[str, str | None]) -> None:
    with Terminal("asking", environ=environ) as terminal:
        terminal.until(ready)
        terminal.send(b"!")
        terminal.until("Waits for you")
        assert bytes(terminal.raw).isascii()


@pytest.mark.fault(64, "a TERM that nobody knows")
def test_a_terminal_nobody_knows_gets_what_every_terminal_of_today_takes() -> None:
    with Terminal("running", environ={"TERM": "nonsense"}) as terminal:
        terminal.until(ready)
        terminal.send(b"q")
        assert terminal.ended() == 0
        assert terminal.restored


@pytest.mark.fault(64, "no TERM at all")
def test_without_term_it_is_said() -> None:
    with Terminal("running", environ={"TERM": None}) as terminal:
        assert terminal.ended() == 2
        assert "TERM is not set" in terminal.raw.decode()
        assert b"\x1b" not in terminal.raw


@pytest.mark.fault(64, "stdin or stdout that is no terminal, or closed")
@pytest.mark.parametrize("said", ["stdin", "stdout"])
@pytest.mark.parametrize("other", ["null", "closed"])
def test_half_a_terminal_is_none(said: str, other: str) -> None:
    master, slave = pty.openpty()
    redirect = {"stdin": "<", "stdout": ">"}[said] + {"null": "/dev/null", "closed": "&-"}[other]
    try:
        done = subprocess.run(
            ["bash", "-c", f"exec {sys.executable} {HERE / 'fake_port.py'} {redirect}"],
            stdin=slave,
            stdout=slave,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=60,
        )
        os.set_blocking(master, False)
        with pytest.raises(BlockingIOError):
            os.read(master, 1)  # nothing was drawn
    finally:
        os.close(master)
        os.close(slave)
    assert done.returncode == 2
    assert f"{said} is not one" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.fault(64, "no terminal, for every verb that draws")
@pytest.mark.parametrize(
    "words", [[], ["open"], ["attach", "a"]], ids=lambda words: " ".join(words) or "none"
)
def test_every_verb_that_draws_says_so(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "locust-plan.yaml").write_text('project: P\nworkstreams: {a: {run: "true"}}\n')
    done = subprocess.run(
        [sys.executable, "-m", "locust_tui", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "needs a terminal" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["locust-plan.yaml"]
