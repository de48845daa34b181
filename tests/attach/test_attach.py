"""The agent's real terminal, from a real terminal: drive it, leave it, share it; whoever dies, the agent goes on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from console import COMMAND, Console

from project import Project, is_running, until

Attach = Callable[..., Console]
Running = Callable[..., Project]
LEAVE = "\x1d"


def agent(project: Project, run: str = "W1.1") -> int:
    pid = project.world().runs[run].pid
    assert pid is not None
    return pid


def cli(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], cwd=project.path, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("rows", "columns"), [(24, 80), (36, 120)])
def test_a_shell_is_driven_left_and_found_again(
    running: Running, attach: Attach, rows: int, columns: int
) -> None:
    project = running("shell")
    person = attach("W1", rows=rows, columns=columns)
    bottom = re.compile(r"W1\.1 · shell · ● running \(process\) · for \d")
    person.until(lambda console: bottom.search(console.text.splitlines()[-1]))
    person.type("echo $((6*7)) $(stty size) $TERM; x=kept\r")
    person.until(f"42 {rows - 1} {columns} xterm-256color")
    person.type(LEAVE)
    assert person.ends() == 0
    assert b"left W1.1; it goes on" in person.raw
    assert is_running(agent(project))
    again = attach("W1.1", rows=rows, columns=columns)
    again.until(f"42 {rows - 1} {columns}")  # what was on the screen is there again
    again.type("echo $x\r")
    again.until("\nkept")
    again.type("exit 0\r")
    again.until("goes back")
    again.until("exited, exit 0")
    again.type("q")
    assert again.ends() == 0
    assert b"W1.1 has ended" in again.raw


def test_vi_less_and_curses_work_as_at_home(running: Running, attach: Attach) -> None:
    project = running("shell")
    person = attach("W1")
    person.until("agent$")
    if _program("less") is not None:
        person.type("seq 1 500 >numbers; less numbers\r")
        person.until("\n21\n")
        person.type("G")
        person.until("500\n")
        person.type("q")
        person.until("less numbers\nagent$")
    if (vi := _program("vim", "vi")) is not None:
        person.type(f"{vi} -u NONE note\r")
        person.until("~\n~")
        person.type("ione\x1b:wq\r")
        person.until(lambda c: (project.path / "note").exists() and "agent$" in c.text)
        assert (project.path / "note").read_text() == "one\n"
    script = project.script(
        "curse.py",
        "import curses\n"
        "def main(s):\n"
        "    s.keypad(True); s.addstr(2, 4, 'press', curses.A_REVERSE)\n"
        "    while True:\n"
        "        key = curses.keyname(s.getch()).decode(); s.addstr(4, 4, f'key {key} {s.getmaxyx()}   ')\n"
        "        if key == 'q': return\n"
        "curses.wrapper(main)\n",
    )
    person.type(f"python3 {script.name}\r")
    person.until("    press")
    person.type("\x1b[A")
    person.until("key KEY_UP (23, 80)")
    person.resize(30, 100)
    person.until("key KEY_RESIZE (29, 100)")
    person.type("q")
    person.until("curse.py\nagent$")


def _program(*names: str) -> str | None:
    import shutil

    return next((name for name in names if shutil.which(name)), None)


def test_two_viewers_see_the_same_in_the_smaller_window(running: Running, attach: Attach) -> None:
    running("shell")
    large, small = attach("W1", rows=36, columns=120), attach("W1", rows=24, columns=80)
    large.until("agent$")
    small.until("2 viewers 80x23")
    large.until("2 viewers 80x23")
    large.type("echo both of us; stty size\r")
    for person in (large, small):
        person.until(lambda c: re.search(r"\nboth of us\b[ ·]*\n23 80", c.text))
    os.kill(small.pid, signal.SIGKILL)
    large.until(lambda c: "viewers" not in c.text)
    large.type("stty size\r")
    large.until("35 120")
    large.type(LEAVE)
    assert large.ends() == 0


@pytest.mark.fault(63, "`attach` and the worker are killed")
def test_the_agent_survives_a_killed_viewer_and_a_killed_worker(running: Running, attach: Attach) -> None:
    project = running("shell")
    pid = agent(project)
    first = attach("W1")
    first.until("agent$")
    first.type("echo first\r")
    first.until("\nfirst")
    os.kill(first.pid, signal.SIGKILL)
    project.kill()
    assert is_running(pid)
    second = attach("W1")
    second.until("no worker")
    second.type("echo sec''ond\r")
    second.until("\nsecond")
    second.type(LEAVE)
    assert second.ends() == 0
    project.up()
    sent = cli(project, "send", "W1", "echo th''ird")
    assert (sent.returncode, sent.stdout.startswith("sent to W1.1, revision")) == (0, True), sent
    until(lambda: b"third" in project.output("W1.1"), what="the line")
    assert is_running(pid)


@pytest.mark.fault(63, "`attach` gets SIGHUP")
def test_a_hangup_of_the_viewer_is_nothing_to_the_agent(running: Running, attach: Attach) -> None:
    project = running("shell")
    person = attach("W1")
    person.until("agent$")
    os.kill(person.pid, signal.SIGHUP)
    assert person.ends() == 129
    assert is_running(agent(project))


def test_nothing_the_agent_prints_reaches_the_persons_terminal(running: Running, attach: Attach) -> None:
    running("shell")
    person = attach("W1")
    person.until("agent$")
    began = len(person.raw)
    person.type(
        r"printf '\033]0;EVIL\007\033]52;c;RVZJTA==\007\033[?1003h\033[5mA\033[0m\033P+q\033\\\302\233B\342\200\256C\n'; echo do''ne"
        "\r"
    )
    person.until("\ndone")
    came = bytes(person.raw[began:])
    for evil in (b"\x1b]", b"\x1bP", b"\x1b[5m", b"\x1b[?1003h", b"\xc2\x9b", "\u202e".encode()):
        assert evil not in came, evil
    assert "EVIL" not in person.text.replace("0;EVIL", "")


def test_a_flood_leaves_keys_and_screen_at_work(running: Running, attach: Attach) -> None:
    running("shell")
    person = attach("W1")
    person.until("agent$")
    person.type("yes some words that never end\r")
    person.until("MB skipped", 40)
    person.type("\x03")
    person.type("echo $((40+2)) after\r")
    person.until("\n42 after", 40)
    person.type(LEAVE)
    assert person.ends() == 0


def test_a_long_log_opens_and_earlier_lines_are_read_from_it(running: Running, attach: Attach) -> None:
    project = running("shell")
    assert cli(project, "send", "W1", "seq -f 'number %.0f' 1 400000; echo th''rough").returncode == 0
    until(lambda: b"\nthrough" in project.output("W1.1"), what="the flood's end")
    assert len(project.output("W1.1")) > 5 << 20
    person = attach("W1")
    person.until("\nthrough")
    early = re.compile(r"number 38\d{4}\b")

    def earlier(console: Console) -> bool:
        if not early.search(console.text):
            console.type("\x1b[1;2H")  # shift+home: as far as is known, and more is read
        return bool(early.search(console.text)) and "lines up" in console.text.splitlines()[-1]

    person.until(earlier, 60)
    person.type("\x1b[1;2F")
    person.until("\nthrough")


def test_a_paste_is_bracketed_where_the_agent_asked(running: Running, attach: Attach) -> None:
    running("shell")
    person = attach("W1")
    person.until("agent$")
    person.type("\x1b[200~echo one\necho two\x1b[201~")
    person.until("echo two")
    assert "\none" not in person.text  # readline holds it until enter
    person.type("\r")
    person.until("\none\ntwo")


def test_another_key_leaves_by_option_or_by_preference(
    running: Running, attach: Attach, own_machine: Path
) -> None:
    running("shell")
    person = attach("W1", "--detach-key", "f12")
    person.until("f12 leaves")
    person.type("\x1b[24~")
    assert person.ends() == 0
    config = own_machine / "config" / "locust-tui"
    config.mkdir(parents=True)
    (config / "config.toml").write_text('detach = "ctrl+q"\n')
    person = attach("W1")
    person.until("ctrl+q leaves")
    person.type("\x11")
    assert person.ends() == 0
    wrong = attach("W1", "--detach-key", "q")
    assert wrong.ends() == 2


def test_a_run_with_pipes_shows_its_output_and_takes_no_input(running: Running, attach: Attach) -> None:
    project = running("piped")
    person = attach("W1")
    person.until("tick 5")
    person.until("it takes no input")
    person.type("q")
    assert person.ends() == 0
    refused = cli(project, "send", "W1", "hello")
    assert refused.returncode == 4
    assert "takes no input" in refused.stderr


def test_an_ended_run_still_shows_its_last_screen(running: Running, attach: Attach) -> None:
    project = running("brief")
    until(lambda: b"40 120" in project.output("W1.1"), what="the size")  # until somebody looks
    assert cli(project, "send", "W1.1", "it").returncode == 0
    project.reaches(lambda w: not w.runs["W1.1"].live)
    person = attach("W1.1")
    person.until("got it")
    person.until("exit 0")
    person.type("\x1b")
    assert person.ends() == 0
    assert cli(project, "send", "W1.1", "more").returncode == 4


def test_what_cannot_be_attached_is_said_in_one_line(running: Running, attach: Attach) -> None:
    project = running("shell")
    piped = cli(project, "attach", "W1")
    assert (piped.returncode, piped.stdout) == (2, "")
    assert "locust-tui logs ID -f" in piped.stderr
    unknown = attach("W9")
    assert unknown.ends() == 3
    assert cli(project, "send", "W9", "x").returncode == 3


def test_an_agent_neither_attaches_nor_sends(running: Running, attach: Attach) -> None:
    project = running("shell", "shell")
    assert cli(project, "send", "W1", f"{COMMAND} send W2 'echo taken'; echo code $?").returncode == 0
    until(lambda: b"code 4" in project.output("W1.1"), what="the refusal")
    assert cli(project, "send", "W1", f"{COMMAND} attach W2; echo attach $?").returncode == 0
    until(lambda: b"attach 4" in project.output("W1.1"), what="the refusal")
    assert b"echo taken" not in project.output("W2.1")


def test_the_cockpit_opens_the_terminal_and_comes_back(running: Running, attach: Attach) -> None:
    running("shell")
    person = attach(verb="open", rows=36, columns=120)
    person.until("work 1")
    person.type("5")
    person.type("\r")
    person.until("ctrl+] leaves")
    person.type("echo from''here\r")
    person.until("\nfromhere")
    person.type(LEAVE)
    person.until("Log · W1")
    person.type("q")
    assert person.ends() == 0


def test_a_run_without_a_terminal_that_has_ended_does_not_go_on(running: Running, attach: Attach) -> None:
    project = running("piped")
    assert cli(project, "kill", "W1").returncode == 0
    project.reaches(lambda w: not w.runs["W1.1"].live)
    person = attach("W1.1")
    person.until("killed, signal")
    person.type(LEAVE)
    assert person.ends() == 0
    assert b"W1.1 has ended" in person.raw
    assert b"goes on" not in person.raw.rpartition(b"\x1b[?1049l")[2]
