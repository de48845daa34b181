"""The catalogue of faults, which tests inject each of them, and the page's table made of a run of those tests.

A test says `@pytest.mark.fault(31, "a tmpfs of 48 MiB is filled under a live worker")`; where the fault itself cannot be had,
`modelled="why not"` tells what stands for it. `pytest --fault-table` writes the table into docs/reliability.md.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: written by the tests -->", "<!-- end of faults -->"
_KEY = "fault"
_WHOLE = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


@dataclass(frozen=True, slots=True)
class Fault:
    """`holds`: what is true after it, whatever the instant."""

    room: str
    name: str
    holds: str


def _room(room: str, *faults: tuple[str, str]) -> list[Fault]:
    return [Fault(room, name, holds) for name, holds in faults]


CATALOGUE: Mapping[int, Fault] = dict(enumerate([
    *_room("Supervision",
        ("the worker is killed while agents run", "no agent, line or exit code is lost; each run is found again, once"),
        ("the worker is killed between any two steps of a start", "the run started once, or provably never"),
        ("an agent asks every process of ours to end", "agents live on; the next worker has them; the record names the run"),
        ("a run's supervisor is killed", "the agent lives on, is found, and its end is its own or unknown, never 0"),
        ("supervisor and agent are killed together", "one end, told as lost"),
        ("the kernel kills an agent for want of memory", "the end says so; worker and supervisors are not chosen"),
        ("agents that end before anybody looks", "every one has its end; nothing is left of them"),
        ("a program that cannot be executed", "the reason is told; no tight loop of starts"),
        ("two workers are started at once", "one works; the others say who"),
        ("one run is started twice", "one agent runs"),
        ("a pid is another process's by now", "no stranger gets a signal"),
        ("the machine was started anew", "every run is lost to the reboot; no signal; gates stay"),
        ("another pid namespace over the same folder", "nothing is known of its processes, so nothing is signalled"),
        ("agents that leave their session, daemonise, ignore signals", "a stop leaves none of them, 5 s after its grace"),
        ("a process that forks on every 2 ms", "none is left, or the number that is left is told"),
        ("forks until the machine gives no more", "the worker answers; starts wait and say why"),
        ("a child that no signal ends", "the stop ends in time and says what is left"),
        ("a descendant keeps the output open", "the end is recorded at once, with what is left"),
        ("an agent that fails at once, for ever", "back-off outlives the worker; then it stops and asks"),
        ("an agent that fails a little later, for ever", "the count is forgotten only after a stable while"),
        ("agent, worker or cockpit is stopped in mid-work", "it shows; memory stays bounded; all catch up"),
    ),
    *_room("Output",
        ("output of a gigabyte a second", "the disk stays bounded, offsets valid, the cockpit answers"),
        ("a line of 5 MB, none that ends, a million empty ones, progress bars", "drawn in time; every byte is in the log"),
        ("bytes that are no text", "shown as such; the log is as written"),
        ("escape sequences in every field", "only our own bytes reach the terminal"),
        ("markup in every field", "shown letter by letter; a click does nothing"),
        ("a log is deleted, emptied or replaced", "it is told; no link is followed; the agent goes on"),
        ("a secret is printed, in pieces or encoded", "masked on screens, in reports and messages"),
    ),
    *_room("Storage",
        ("a death during commit, checkpoint, migration or backup", "what was acknowledged is there; the database is sound"),
        ("power is lost", "what was acknowledged is there"),
        ("the disk fills up", "reading works, it is said, nothing acknowledged is lost, it heals by itself"),
        ("a start on a full disk", "the reserve carries it, or the cockpit reads and says why"),
        ("the disk answers with errors, or takes no writes", "it is said; agents live; ends wait in their folders"),
        ("a damaged or half-lost database", "set aside, restored, told loudly; nothing starts twice"),
        ("the database is moved, replaced or deleted under the worker", "told within 5 s; nothing starts after it"),
        ("a record of a newer version", "refused, with both versions; left as it is"),
        ("another program holds the database", "requests wait, the worker answers, it is told after 5 s"),
        ("a reader that never ends", "told when the log of changes reaches 64 MiB"),
        ("a network file system", "refused, with what to do"),
        ("a folder of others, or open to them, or planted files", "refused; nothing is written through"),
        ("no descriptors are left", "no flood of words; starts wait; it heals"),
        ("no memory is left", "one request fails, not the worker"),
    ),
    *_room("Time",
        ("the wall clock is set", "no storm of starts, no time runs backwards, no agent is blamed"),
        ("the machine sleeps, or is paused", "one evaluation makes up for all that was missed"),
    ),
    *_room("Plan",
        ("every prefix of a plan file is saved", "the last good plan holds; running work is untouched"),
        ("every way to save a file, and a hundred a second", "the last good plan holds; one reload for one content"),
        ("bombs, and files that are none", "refused with the line, at once"),
        ("cycles, names that are one, nothing at all", "the message names both places"),
        ("names made to be paths or options", "refused or encoded; no path leaves its folder"),
        ("work that runs, or was accepted, leaves the plan", "confirmed by a person first; its history stays"),
        ("an agent changes what is executed", "not run before a person trusts it"),
        ("a plan of others, or open to them", "shown; nothing starts"),
        ("expressions made to hurt", "refused, or cannot be computed"),
        ("patterns made to hurt", "linear time, or refused"),
    ),
    *_room("Requests",
        ("other users, stale sockets, long paths, a deleted socket", "refused and logged; the socket comes back"),
        ("an agent that decides for people", "it has an agent's rights, by every way out; the attempt is logged"),
        ("half frames, endless frames, garbage, 500 callers", "others are served; limits hold; versions are told"),
        ("a request that is made again", "applied once"),
        ("two people decide one gate at once", "the first counts; the second hears who and when"),
        ("the client of a tool server is gone", "it ends"),
    ),
    *_room("Terminal",
        ("a storm of resizes, down to nothing", "it settles within a second"),
        ("the connection is cut", "the cockpit ends within a second; worker and agents do not notice"),
        ("signals to the cockpit", "the terminal is restored; the next one shows the same"),
        ("no terminal, a poor one, odd locales", "a message, or plain letters"),
        ("a reader that leaves, a full device, closed output", "no traceback; the exit code tells"),
        ("a huge paste, pasted answers, keys held down", "nothing is approved; it answers within a second"),
        ("an exception while drawing", "the terminal is restored, and no value is printed"),
    ),
], start=1))  # fmt: skip


@dataclass(slots=True)
class Shown:
    """What a run of the tests showed of one fault."""

    injected: dict[str, str] = field(default_factory=dict)
    """How, by what stands for it where it could not be had ("" where it could)."""
    tests: set[str] = field(default_factory=set)
    """Their files."""
    passed: int = 0
    failed: int = 0
    skipped: int = 0


class FaultTable:
    """Collects what the marked tests showed and writes the page's table once all of them have run.

    Of a run that was broken off, or of a part of the tests, nothing is written and the run fails.
    """

    def __init__(self) -> None:
        self.shown: dict[int, Shown] = {number: Shown() for number in CATALOGUE}
        self.lacks: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        for key, value in report.user_properties:
            if key == _KEY:
                number, injected, modelled = value
                shown = self.shown[number]
                shown.injected[injected] = modelled
                shown.tests.add(report.nodeid.split("::")[0])
                setattr(shown, report.outcome, getattr(shown, report.outcome) + 1)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        self.lacks = missing(self.shown) if exitstatus in _WHOLE else ["the end of the run"]
        if self.lacks and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.lacks:
            terminalreporter.write_line(
                f"the table of {PAGE.name} is left as it is: it lacks {', '.join(self.lacks)}; run make faults",
                red=True,
            )
            return
        head, _, rest = PAGE.read_text().partition(BEGIN)
        _, _, tail = rest.partition(END)
        PAGE.write_text(f"{head}{BEGIN}\n{table(self.shown)}{END}{tail}")
        terminalreporter.write_line(f"wrote the table of {PAGE.name}")


@cache
def marked_files() -> dict[int, set[str]]:
    """Faults by number, with the files whose source marks a test of it, as paths from the project's folder."""
    found: dict[int, set[str]] = {number: set() for number in CATALOGUE}
    for path in TESTS.rglob("*.py"):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "pytest.mark.fault(" in text else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
                found.setdefault(ast.literal_eval(node.args[0]), set()).add(
                    path.relative_to(TESTS.parent).as_posix()
                )
    return found


def files_in(text: str) -> dict[int, set[str]]:
    """The rows of a page's table by number, with the test files that each links to."""
    rows = re.findall(r"^\| (\d+) \|(.*)$", text.partition(BEGIN)[2].partition(END)[0], re.MULTILINE)
    return {int(number): set(re.findall(r"\]\(\.\./(tests/[\w/]+\.py)\)", row)) for number, row in rows}


def missing(shown: Mapping[int, Shown]) -> list[str]:
    """Faults of which not every file that has tests of them was run."""
    marked = marked_files()
    return [f"fault {n}" for n in CATALOGUE if not marked[n] or not marked[n] <= shown[n].tests]


def table(shown: Mapping[int, Shown]) -> str:
    """Markdown: a row a fault, by room."""
    lines, room = [], ""
    for number, fault in CATALOGUE.items():
        if fault.room != room:
            room = fault.room
            lines += [
                "",
                f"### {room}",
                "",
                "| # | fault | injected | what holds | survived | tests |",
                "|---|---|---|---|---|---|",
            ]
        lines.append(_row(number, fault, shown[number]))
    return "\n".join([*lines, "", ""])


def _row(number: int, fault: Fault, shown: Shown) -> str:
    injected = [f"{how} (modelled: {why})" if why else how for how, why in sorted(shown.injected.items())]
    ran = shown.passed + shown.failed
    survived = "no" if shown.failed else f"yes ({shown.passed} of {ran})" if ran else "not shown"
    if shown.skipped:
        survived += f", {shown.skipped} could not run here"
    files = [f"[{Path(file).stem}](../{file})" for file in sorted(shown.tests)]
    return f"| {number} | {fault.name} | {'; '.join(injected) or '—'} | {fault.holds} | {survived} | {', '.join(files)} |"


def note_faults(items: Iterable[pytest.Item]) -> None:
    """Hand each test's faults on to its report, also from another process."""
    for item in items:
        for mark in item.iter_markers("fault"):
            number, injected, modelled = _read(*mark.args, **mark.kwargs)
            if number not in CATALOGUE:
                raise pytest.UsageError(f"{item.nodeid}: there is no fault {number}")
            item.user_properties.append((_KEY, (number, injected, modelled)))


def _read(number: int, injected: str, *, modelled: str = "") -> tuple[int, str, str]:
    return number, injected, modelled
