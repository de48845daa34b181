"""A terminal that somebody looks at tells of messages: the cockpit's and `status --watch`'s, once, and it is on record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from console import COMMAND, Console

from locust_tui.client.requests import SendMessage
from locust_tui.domain.snapshot import Announcement
from locust_tui.report.announcing import Announced, notice, rings
from project import Project

PLAN = """
project: Bells
workstreams: {a: {run: exec sleep 1000}}
notify: {ops: [inbox, bell, desktop], lead: [inbox]}
"""


@pytest.mark.parametrize("verb", [["open"], ["status", "--watch"]], ids=lambda v: v[0])
def test_a_message_rings_and_is_told_to_the_desktop_once(project: Project, verb: list[str]) -> None:
    project.write(PLAN)
    project.up()
    with Console([COMMAND, *verb], project.path, rows=30, columns=100) as console:
        console.until("Bells")
        project.ask(SendMessage("ops", "the \x1b]0;owned\x07 text", subject="It is\x1b[31m; ready"))
        console.until(lambda c: re.search(rb"\x1b\]9;[^\x07]*\x07", bytes(c.raw)))
        sent = bytes(console.raw).split(b"\x1b]9;")[1].split(b"\x07")[0]
        assert sent.startswith(b"locust-tui: operator to ops: It is")
        assert b"\x1b" not in sent
        assert b";" not in sent
        before = bytes(console.raw).split(b"\x1b]9;")[0]
        assert b"\x07" in before
        project.reaches(lambda w: set(w.messages["m1"].delivered) == {"inbox", "bell", "desktop"})
        project.ask(SendMessage("a", "to an agent"))
        project.reaches(lambda w: "inbox" in w.messages["m2"].delivered)
        console.pump(0.5)
        assert bytes(console.raw).count(b"\x1b]9;") == 1
    with Console([COMMAND, *verb], project.path, rows=30, columns=100) as later:
        later.until("Bells")
        later.pump(0.5)
        assert b"\x1b]9;" not in later.raw


def test_what_came_while_nobody_looked_is_told_to_the_first_who_does(project: Project) -> None:
    project.write(PLAN)
    project.up()
    project.ask(SendMessage("ops", "x", subject="While you were away"))
    project.reaches(lambda w: w.messages["m1"].delivered == ("inbox",))
    with Console([COMMAND, "status", "--watch"], project.path) as console:
        console.until(lambda c: b"While you were away" in c.raw)
        project.reaches(lambda w: "desktop" in w.messages["m1"].delivered)


def test_nothing_rings_into_a_pipe(project: Project, tmp_path: Path) -> None:
    import subprocess

    project.write(PLAN)
    project.up()
    project.ask(SendMessage("ops", "x"))
    with open(tmp_path / "out", "wb") as out:
        watch = subprocess.Popen([COMMAND, "status", "--watch"], cwd=project.path, stdout=out)
    try:
        from project import until

        until(lambda: b"Bells" in (tmp_path / "out").read_bytes())
        assert b"\x07" not in (tmp_path / "out").read_bytes()
        project.reaches(lambda w: w.messages["m1"].delivered == ("inbox",))
    finally:
        watch.kill()
        watch.wait()


def test_what_only_lay_there_is_no_news_and_what_was_told_is_told_once() -> None:
    one = Announced()
    old, owed = Announcement("m1", "a", "ana", "hi"), Announcement("m2", "a", "ops", "hi", ("bell",))
    assert one.new([old, owed]) == [owed]
    assert one.new([old, owed]) == []
    fresh = Announcement("m3", "a", "ana", "hi")
    assert rings(one.new([old, owed, fresh]))
    quiet = Announcement("m4", "a", "ops", "hi", ("desktop",))
    assert not rings(one.new([quiet]))


@pytest.mark.parametrize("term", ["rxvt-unicode-256color", "xterm-256color"])
def test_no_word_of_a_message_steers_the_terminal(term: str) -> None:
    evil = Announcement("m1", "a\x07b", "ops", "x\x1b\\\x9c\x07;4;\u202e" + "y" * 500, ("desktop",))
    sequence = notice(evil, {"TERM": term})
    opener = "\x1b]777;notify;locust-tui;" if term.startswith("rxvt") else "\x1b]9;locust-tui: "
    end = "\x1b\\" if term.startswith("rxvt") else "\x07"
    assert sequence.startswith(opener)
    assert sequence.endswith(end)
    inner = sequence[len(opener) : -len(end)]
    assert inner.isprintable()
    assert ";" not in inner
    assert len(inner) <= 120
