"""The trust question on a real terminal: nothing that would run is out of sight."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIMIT_S = 30.0


class Screen:
    """One call of the program on a terminal of 60×20; stdout may go elsewhere."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.master = master
        self.seen = ""

    def until(self, text: str) -> str:
        """Everything that came until `text` did."""
        end = time.monotonic() + LIMIT_S
        while text not in self.seen:
            assert time.monotonic() < end, f"never saw {text!r} in {self.seen!r}"
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.master, 65536).decode(errors="replace")
                except OSError:
                    break
        assert text in self.seen, self.seen
        found, self.seen = self.seen.split(text, 1)
        return found

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())


@contextmanager
def terminal(
    folder: Path, *args: str, stdout: int | None = None, environ: dict[str, str] | None = None
) -> Iterator[Screen]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
    env = {**os.environ, "TERM": "xterm", "LANG": "C.UTF-8", **(environ or {})}
    process = subprocess.Popen(
        [sys.executable, "-m", "locust_tui", *args],
        cwd=folder, stdin=slave, stdout=slave if stdout is None else stdout, stderr=slave, env=env,
        start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        yield Screen(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_a_long_command_is_wrapped_behind_a_gutter(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "workstreams:\n  z:\n    run: |\n      echo " + "x" * 120 + "; touch /tmp/hidden\n      second\n"
    )
    with terminal(tmp_path, "trust", "p.yaml") as screen:
        shown = screen.until("may it run these commands as you").replace("\r", "").split("\n")
        screen.type("n\n")
        assert screen.process.wait(LIMIT_S) == 4
    assert "workstream z" in shown
    body = [line for line in shown if line.startswith("    ")]
    assert body[0].startswith("    run (shell) │ echo xxx")
    assert all(line[16] == "┊" for line in body[1:-1])
    assert "".join(line[18:] for line in body[:-1]) == "echo " + "x" * 120 + "; touch /tmp/hidden"
    assert body[-1][16:] == "│ second␊"


def many(tmp_path: Path) -> None:
    rows = "".join(f"  w{n}: {{run: echo {n}}}\n" for n in range(40))
    (tmp_path / "p.yaml").write_text("workstreams:\n" + rows)


def test_a_long_list_goes_through_the_pager(tmp_path: Path) -> None:
    many(tmp_path)
    pager = tmp_path / "pager"
    pager.write_text('#!/bin/sh\ncat > "$SEEN"\necho PAGED\n')
    pager.chmod(0o755)
    environ = {"PAGER": str(pager), "SEEN": str(tmp_path / "seen")}
    with terminal(tmp_path, "trust", "p.yaml", environ=environ) as screen:
        before = screen.until("may it run 40 commands as you")
        screen.until("p shows all of them again)? [y/N/p]")
        assert "PAGED" in before
        (tmp_path / "seen").unlink()
        screen.type("p\n")
        screen.until("PAGED")
        screen.until("[y/N/p]")
        screen.type("y\n")
        assert screen.process.wait(LIMIT_S) == 0
    seen = (tmp_path / "seen").read_text()
    assert all(f"workstream w{n}\n    run (shell) │ echo {n}\n" in seen for n in range(40))


def test_without_a_pager_it_waits_after_every_page(tmp_path: Path) -> None:
    many(tmp_path)
    with terminal(tmp_path, "trust", "p.yaml", environ={"PAGER": "cat"}) as screen:
        pages = ""
        for left in (103, 85, 67, 49, 31, 13):
            page = screen.until(f"… {left} more lines; Enter shows on")
            assert page.count("\n") <= 20
            pages += page
            screen.type("\n")
        pages += screen.until("[y/N/p]")
        screen.type("\n")
        assert screen.process.wait(LIMIT_S) == 4
    assert all(f"│ echo {n}\r\n" in pages for n in range(40))
    assert not list((Path(os.environ["XDG_STATE_HOME"]) / "locust-tui" / "trust").glob("*.json"))


def test_scripts_get_every_line_uncut(tmp_path: Path) -> None:
    command = "echo " + "x" * 6000 + "; touch /tmp/hidden"
    (tmp_path / "p.yaml").write_text(f"workstreams: {{z: {{run: '{command}'}}}}\n")
    run = [sys.executable, "-m", "locust_tui", "trust", "p.yaml"]
    asked = subprocess.run(run, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert asked.returncode == 4
    assert command in asked.stderr
    assert subprocess.run([*run, "--yes"], cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "p.yaml").write_text(f"workstreams: {{z: {{run: '{command}'}}, y: {{run: new}}}}\n")
    asked = subprocess.run(run, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    first = asked.stderr.splitlines()
    assert first[:4] == [
        "p.yaml would execute other things than when it was trusted (+ new, - gone):",
        "",
        "workstream y",
        "  + run (shell) │ new",
    ]
    assert command in asked.stderr
