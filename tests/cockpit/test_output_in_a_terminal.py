"""Real agents print what hurts, a real worker runs them, and the real cockpit on a terminal shows it: harmless, masked, answering."""

from __future__ import annotations

import base64
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from test_cockpit_terminal import forbidden

from project import Project
from terminal import Terminal, ready

SECRET = "sk-live-Zq8/+w=&x7Fj2LmPq"
AGENT = f"""#!{sys.executable} -S
import base64, os, sys, time
def out(data):
    while data:
        data = data[os.write(1, data):]
kind = sys.argv[1]
if kind == "secret":
    secret = os.environ["API_TOKEN"].encode()
    out(b"plain " + secret + b"\\n64 " + base64.b64encode(secret) + b"\\n")
    out(b"coloured " + secret[:9] + b"\\033[1m" + secret[9:] + b"\\033[0m\\n")
    out(b"y" * 3990 + secret + b"y" * 200 + b"\\n")
    out(b"in pieces ")
    for at in range(0, len(secret), 3):
        out(secret[at : at + 3])
        time.sleep(0.1)
    out(b"\\nsaid\\n")
elif kind == "noise":
    for _ in range(2000):
        out(os.urandom(512) + "grün 🐛\\n".encode("utf-16") + b"\\0\\0\\x9b2J\\x1b]0;mine\\x07\\n")
        time.sleep(0.005)
    out(b"no more noise\\n")
elif kind == "bars":
    out(b"\\n" * 1_000_000)
    for percent in range(100):
        out(b"\\r%d %%" % percent)
    out(b"\\nbars done\\n")
end = time.monotonic() + 600
if kind == "endless":
    while time.monotonic() < end:
        out(b"z" * 65536)
        time.sleep(0.002)
elif kind == "flood":
    line = b"flood " * 10 + b"\\n"
    while time.monotonic() < end:
        out(line * 1000)
time.sleep(600)
"""
KINDS = ("secret", "noise", "bars", "endless", "flood")
SEEN = {"secret": "said", "noise": "", "bars": "bars done", "endless": "zzzzz", "flood": "flood flood"}
KEYS: dict[bytes, Callable[[str], bool]] = {
    b"?": lambda now: "Everything the run wrote" in now,
    b"\x1b": lambda now: "Everything the run wrote" not in now and bool(shown_log(now)),
    b"g": lambda now: "paused: f" in now,
    b"f": lambda now: "paused: f" not in now,
}
"""Keys, and by what they are seen to be answered."""


def shown_log(now: str) -> str:
    """Whose log fills the screen; "" where none does."""
    found = re.match(r"╭ Log · (\w+) ·", now)
    return found[1] if found else ""


@pytest.fixture
def printing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("MY_API_TOKEN", SECRET)
    project = Project(tmp_path / "plan")
    project.script("agent", AGENT)
    agents = "".join(
        f"  {kind}: {{command: [./agent, {kind}], env: {{API_TOKEN: {{secret: 'env:MY_API_TOKEN'}}}}}}\n"
        for kind in KINDS
    )
    work = "".join(f"  {kind}: {{agent: {kind}, instructions: x}}\n" for kind in KINDS)
    try:
        project.write(f"project: P\nagents:\n{agents}workstreams:\n{work}")
        project.up()
        project.reaches(lambda w: len([run for run in w.runs.values() if run.pid]) == len(KINDS))
        yield project
    finally:
        project.end()


@pytest.mark.fault(22, "an agent floods its log, which the cockpit shows on a terminal")
@pytest.mark.fault(23, "an endless line, a million empty ones and progress bars in the cockpit on a terminal")
@pytest.mark.fault(24, "an agent prints noise and UTF-16, which the cockpit shows on a terminal")
@pytest.mark.fault(28, "an agent says its secret in every way while the cockpit shows its log on a terminal")
@pytest.mark.timeout(300)
def test_all_of_it_is_shown_harmless_and_the_cockpit_answers(printing: Project) -> None:
    answers = []
    with Terminal(str(printing.plan), script="real_cockpit.py", columns=120, rows=36) as terminal:
        terminal.until(ready)
        for kind in KINDS:
            terminal.send(b"L")
            terminal.until(lambda now, kind=kind: shown_log(now) == kind)  # type: ignore[misc]
            terminal.until(SEEN[kind])
            for key, answered in KEYS.items():
                began = time.monotonic()
                terminal.send(key)
                terminal.until(answered)
                answers.append(time.monotonic() - began)
            terminal.send(b"q")
            terminal.until(ready)
            terminal.send(b"j")
        terminal.send(b"q")
        terminal.ended()
        raw = bytes(terminal.raw)
    assert forbidden(raw) == []
    text = raw.decode()
    for hidden in (SECRET, SECRET[10:], base64.b64encode(SECRET.encode()).decode()[:-4]):
        assert hidden not in text
    assert "plain ***" in text
    assert statistics.median(answers) < 5, answers
