"""What may happen to a plan file under a worker: the last good plan stays in force, and what runs goes on."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from locust_tui.client.connection import Connection
from locust_tui.client.requests import Ping, RecheckPlan
from locust_tui.domain.events import PlanAccepted, RunEnded, RunStarted
from locust_tui.domain.states import GateState
from locust_tui.domain.world import World
from locust_tui.errors import LocustTuiError
from locust_tui.plans.trust import trust_state
from project import Project, is_running, until

PLAN = """\
project: P
workstreams:
  a: {run: exec sleep 99}
  b: {run: touch ran, needs: g}
gates:
  g: {needs: [a], approvers: [ana]}
  h: {needs: [a], approvers: [bo]}
"""


def started(project: Project, text: str = PLAN) -> World:
    project.write(text)
    project.up()
    return project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)


def recheck(project: Project) -> World:
    """The worker has looked at the file as it is now."""
    try:
        project.ask(RecheckPlan())
    except LocustTuiError:
        project.reaches(lambda w: w.project.held is not None and w.project.held.why == "gone")
    return project.world()


def assert_in_force(project: Project, before: World) -> None:
    """The plan is the one that it was, and what ran then runs on."""
    world = project.world()
    assert world.project.plan_digest == before.project.plan_digest
    assert {r.id: r.pid for r in world.live_runs()} == {r.id: r.pid for r in before.live_runs()}
    assert all(is_running(r.pid or 0) for r in world.live_runs())
    assert project.events(RunEnded) == []
    assert "b.1" not in world.runs
    assert not (project.path / "ran").exists()


@pytest.mark.fault(
    45,
    "the worker reads every prefix of its plan, byte by byte, while an agent runs and a gate holds work back",
)
def test_every_prefix_is_read_and_none_comes_in_force(project: Project) -> None:
    before = started(project)
    seen = set()
    with Connection(project.folder.socket, timeout=30) as connection:
        for end in range(len(PLAN) - 1):
            project.plan.write_text(PLAN[:end])
            connection.ask(RecheckPlan())
            world = project.world()
            held = world.project.held
            assert held is not None, f"in force or as before: {PLAN[:end]!r}"
            assert world.project.plan_digest == before.project.plan_digest, PLAN[:end]
            seen.add(held.why)
    assert seen == {"error", "trust", "confirm"}, "some prefixes are smaller plans: they wait for a word"
    assert_in_force(project, before)
    project.plan.write_text(PLAN)
    assert recheck(project).project.held is None
    assert len(project.events(PlanAccepted)) == 1


def replaced_by(make: Callable[[Path], object]) -> Callable[[Path], object]:
    def replace(plan: Path) -> None:
        plan.unlink()
        make(plan)

    return replace


def looped(plan: Path) -> None:
    plan.with_name("other").symlink_to(plan.name)
    plan.symlink_to("other")


WAYS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "emptied": (lambda p: p.write_bytes(b""), "error", ""),
    "deleted": (lambda p: p.unlink(), "gone", "there is no" ),
    "a FIFO": (replaced_by(os.mkfifo), "error", "named pipe"),
    "a folder": (replaced_by(os.mkdir), "error", "directory"),
    "links in a circle": (replaced_by(looped), "error", ""),
    "a device": (replaced_by(lambda p: p.symlink_to("/dev/zero")), "error", "device"),
}  # fmt: skip


@pytest.mark.fault(
    46,
    "the plan is emptied, deleted, replaced by a FIFO, a folder, a circle of links, a device",
)
def test_whatever_stands_in_its_place_the_last_good_plan_stays(project: Project) -> None:
    before = started(project)
    for name, (do, why, words) in WAYS.items():
        do(project.plan)
        held = recheck(project).project.held
        assert held is not None, name
        assert held.why == why, (name, held)
        assert words in held.summary + "".join(held.lines) or why == "gone", (name, held)
        assert_in_force(project, before)
        for left in (project.plan, project.path / "other"):
            if left.is_dir() and not left.is_symlink():
                left.rmdir()
            else:
                left.unlink(missing_ok=True)
        project.plan.write_text(PLAN)  # deleted and written anew
        assert recheck(project).project.held is None, name
    accepted = len(project.events(PlanAccepted))
    os.utime(project.plan)
    recheck(project)
    assert len(project.events(PlanAccepted)) == accepted == 1, "equal content is no news"


@pytest.mark.fault(
    46, "nobody may read the plan any more, under a worker without the rights of an administrator"
)
def test_a_plan_that_may_not_be_read_is_told_and_stays_in_force(project: Project) -> None:
    setpriv = shutil.which("setpriv")
    if os.geteuid() == 0 and setpriv is None:
        pytest.skip("needs setpriv: an administrator reads every file")
    project.write(PLAN)
    project.folder.prepare()
    rights = "-dac_override,-dac_read_search"
    as_others = [setpriv, f"--bounding-set={rights}", f"--inh-caps={rights}"] if os.geteuid() == 0 else []
    up = [*as_others, sys.executable, "-m", "locust_tui", "up"]
    subprocess.run([str(word) for word in up], cwd=project.path, check=True, capture_output=True)
    before = project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    project.plan.chmod(0)
    held = recheck(project).project.held
    assert held is not None
    assert "ermission denied" in held.summary + "".join(held.lines)
    assert_in_force(project, before)
    project.plan.chmod(0o600)
    assert recheck(project).project.held is None


BOMBS: dict[str, bytes] = {
    "laughs": b"a: &a [x]\n" + b"".join(b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % (n, n, *[n - 1] * 9) for n in range(98, 107)),
    "merges": b"a: &a {x: 1}\n" + b"".join(b"%c: &%c {<<: [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]}\n" % (n, n, *[n - 1] * 9) for n in range(98, 107)),
    "brackets": b"[" * 100_000,
    "questions": b"? " * 100_000,
    "a megabyte": b"project: " + b"x" * (1 << 20),
    "almost a megabyte": b"project: P\nworkstreams:\n" + b"".join(b"  w%d: {run: x}\n" % n for n in range(60_000))[: (1 << 20) - 40],
    "twice": b"project: P\nproject: Q\n",
    "a tag": b"project: !!python/object/apply:os.system [id]\n",
    "itself": b"project: &p [*p]\n",
    "NUL": b"project: P\0\n",
    "UTF-16": "project: P\n".encode("utf-16"),
    "not UTF-8": b"project: \xff\xfe\xfd\n",
    "a long number": b"project: " + b"9" * 5000 + b"\n",
}  # fmt: skip


@pytest.mark.fault(47, "a plan that explodes is saved under a worker that others ask something all the while")
def test_a_plan_that_explodes_is_refused_while_the_worker_answers(project: Project) -> None:
    before = started(project)
    usual = answer_time(project, 20)
    rss = resident(project.pid())
    for name, data in BOMBS.items():
        project.plan.write_bytes(data)
        with ThreadPoolExecutor(1) as other:
            reading = other.submit(project.ask, RecheckPlan())
            worst = answer_time(project, 10)
            while not reading.done():
                worst = max(worst, answer_time(project, 1))
            reading.result()
        held = project.world().project.held
        assert held is not None, name
        assert held.why == "error", (name, held.why)
        (error, *_) = held.errors
        assert error.where.startswith("locust-plan.yaml"), (name, error)
        assert worst < max(QUICK_S, 20 * usual), (name, worst, usual)
        assert_in_force(project, before)
    assert resident(project.pid()) < rss + 200_000


QUICK_S = 10.0
"""What a busy machine may add to an answer; who reads or judges such things in the worker's loop takes far longer."""


def answer_time(project: Project, times: int) -> float:
    """The longest of so many answers to Ping."""
    worst = 0.0
    with Connection(project.folder.socket, timeout=30) as connection:
        for _ in range(times):
            began = time.perf_counter()
            connection.ask(Ping())
            worst = max(worst, time.perf_counter() - began)
    return worst


def resident(pid: int) -> int:
    """KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


DECIDED = """\
project: P
phases: {1: {name: One}}
workstreams:
  a: {run: exec sleep 99}
  done: {run: "true", phase: 1}
gates:
  g: {needs: [done], approvers: [ana], criteria: [{name: c, run: "echo 1", below: 5}]}
"""


@pytest.mark.fault(50, "a gate that was decided, its phase, finished and running work are removed or changed")
def test_what_was_decided_is_not_changed_without_a_yes_and_stays_in_the_history(project: Project) -> None:
    started(project, DECIDED)
    project.reaches(lambda w: w.gate("g").state is GateState.PENDING)
    project.decide("g", by="ana")
    before = project.world()
    head, _ = DECIDED.split("gates:\n")
    changes = {
        "gate g removed": head,
        "gate g: criteria": DECIDED.replace("below: 5", "below: 50"),
        "gate g: approvers": DECIDED.replace("approvers: [ana]", "approvers: [bo]"),
        "workstream a": DECIDED.replace("sleep 99", "sleep 98"),
        "workstream done removed": DECIDED.replace('  done: {run: "true", phase: 1}\n', "").replace("needs: [done], ", ""),
    }  # fmt: skip
    for name, text in changes.items():
        project.write(text)
        held = recheck(project).project.held
        assert held is not None, name
        assert held.why == "confirm", (name, held)
        assert any(name in line for line in held.lines), (name, held.lines)
        assert held.during == ("a.1",), "an agent ran all the while"
        assert project.world().project.plan_digest == before.project.plan_digest
    project.write(head)
    recheck(project)
    project.confirm()
    in_force = project.record().plan()
    assert in_force is not None
    assert in_force[0].gates == {}
    decided = project.world().gates["g"].decisions
    assert [d.by.name for d in decided] == ["ana"], "the decision is history: it stays"
    assert is_running(before.runs["a.1"].pid or 0)


@pytest.mark.fault(
    51, "an agent changes a command of the plan, and then says yes to it itself, in three guises"
)
def test_an_agent_that_changes_the_plan_cannot_say_yes_to_it(project: Project) -> None:
    project.script(
        "agent",
        f"""#!/bin/sh
printf '  evil: {{run: touch owned}}\\n' >> locust-plan.yaml
P="{sys.executable} -m locust_tui"
( $P trust --yes; echo $? > plain ) > plain.out 2>&1
setsid sh -c "( $P trust --yes; echo \\$? > aside ) > aside.out 2>&1" &
env -i PATH="$PATH" HOME="$HOME" XDG_STATE_HOME="$XDG_STATE_HOME" sh -c "( $P trust --yes; echo \\$? > bare ) > bare.out 2>&1"
wait
touch tried
exec sleep 99
""",
    )
    project.write("project: P\nworkstreams:\n  a: {run: ./agent}\n")
    project.up()
    until(lambda: (project.path / "tried").exists(), what="the agent's attempts")
    for guise in ("plain", "aside", "bare"):
        until(lambda guise=guise: (project.path / guise).exists(), what=guise)  # type: ignore[misc]
        assert (project.path / guise).read_text() == "4\n", (project.path / f"{guise}.out").read_text()
    held = recheck(project).project.held
    assert held is not None
    assert (held.why, held.during) == ("trust", ("a.1",))
    assert held.edited_while == "edited while a.1 was running"
    assert not (project.path / "owned").exists()
    assert "evil" not in project.world().workstreams
    said = subprocess.run(
        [sys.executable, "-m", "locust_tui", "status"], cwd=project.path, text=True, capture_output=True
    )
    assert "edited while a.1 was running" in said.stdout


@pytest.mark.fault(
    52,
    "the plan becomes another user's, writable for all, lies in a folder open to all, is a link that leaves it",
)
def test_a_plan_that_others_may_write_starts_nothing_more(project: Project, tmp_path: Path) -> None:
    text = "project: P\nworkstreams:\n  a: {run: exec sleep 99}\n  b: {run: touch ran, needs: a}\n"
    started(project, text)
    outside = tmp_path / "outside.yaml"
    outside.write_text(text)
    flaws: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "written by all": (lambda: project.plan.chmod(0o666), lambda: project.plan.chmod(0o600)),
        "an open folder": (lambda: project.path.chmod(0o777), lambda: project.path.chmod(0o700)),
    }
    if os.geteuid() == 0:
        flaws["another's"] = (
            lambda: os.chown(project.plan, 65534, -1),
            lambda: os.chown(project.plan, 0, -1),
        )
    for name, (do, undo) in flaws.items():
        do()
        held = recheck(project).project.held
        assert held is not None, name
        assert (held.why, held.refused) == ("trust", True), (name, held)
        state = trust_state(project.plan, project.record().plan()[0])  # type: ignore[index]
        assert state.refused
        assert is_running(project.world().runs["a.1"].pid or 0)
        undo()
        assert recheck(project).project.held is None, name
    project.plan.unlink()
    project.plan.symlink_to(outside)
    held = recheck(project).project.held
    assert held is not None
    assert held.why == "trust"
    assert "b.1" not in project.world().runs
    assert [e.run for e in project.events(RunStarted)] == ["a.1"]
    assert stat.S_ISLNK(project.plan.lstat().st_mode)


NAMES = """\
project: P
workstreams: {a: {run: "true", deliverables: [{id: "@", name: d, files: [x]}]}, b: {run: exec sleep 99}}
milestones: {"@": {name: m, needs: [a]}}
monitors: [{name: "@", refresh: 1s, metrics: [agents]}]
alerts: [{name: "al\\e[31m%s", when: progress < 200}]
channels: {"@": [inbox]}
aliases: {"@": a}
risks: [{id: "@", risk: r, probability: low, impact: low, mitigation: none}]
"""


def tree(*roots: Path) -> set[Path]:
    """Also while a worker takes files and folders away."""
    found = ((Path(folder), [*folders, *files]) for root in roots for folder, folders, files in os.walk(root))
    return {folder / name for folder, names in found for name in names}


@pytest.mark.fault(
    49,
    "a plan runs whose deliverables, milestones, monitors, alerts, channels and risks are called ../../out",
)
def test_no_name_of_a_running_plan_leaves_the_state_folder(
    project: Project, tmp_path: Path, own_machine: Path
) -> None:
    project.write(NAMES.replace("@", "../../out\\e[31m%s"))
    before = tree(tmp_path, own_machine)
    project.up()
    project.reaches(lambda w: w.alerts and w.runs.get("b.1") and w.runs["b.1"].pid)
    until(lambda: project.folder.samples.exists(), what="a sample")
    said = subprocess.run(
        [sys.executable, "-m", "locust_tui", "status"], cwd=project.path, text=True, capture_output=True
    )
    assert "\x1b" not in said.stdout + said.stderr
    new = {path for path in tree(tmp_path, own_machine) - before if project.folder.root not in path.parents}
    allowed = (own_machine / "state", own_machine / "cache", project.folder.root)
    assert [p for p in new if not any(p == a or a in p.parents for a in allowed)] == []
    assert [p for p in tree(tmp_path, own_machine) if "out" in p.name] == []


@pytest.mark.fault(49, "verbs are asked about ../../x, -x, %s")
def test_verbs_take_no_name_for_a_path_or_an_option(project: Project) -> None:
    started(project, "project: P\nworkstreams:\n  a: {run: exec sleep 99}\n")
    for words in (
        ("logs", "../../x"),
        ("ws", "show", "-x"),
        ("kill", "%s%n", "--yes"),
        ("gate", "show", "x" * 300),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "locust_tui", *words], cwd=project.path, text=True, capture_output=True
        )
        assert done.returncode in (2, 3), (words, done)
        assert "Traceback" not in done.stderr
        assert done.stderr.count("\n") <= 4
    assert project.world().runs["a.1"].live


@pytest.mark.fault(
    54, "a criterion judges a megabyte by (a+)+$ in a worker that others ask something all the while"
)
def test_a_pattern_without_end_keeps_the_worker_from_nothing(project: Project) -> None:
    project.script("much", f"#!{sys.executable}\nprint('a' * 1_000_000 + '!')\n")
    project.write(
        "project: P\nworkstreams:\n  a: {run: exec sleep 99}\n  b: {run: 'true'}\ngates:\n"
        "  g: {needs: [b], approvers: [ana], criteria: [{name: c, run: ./much, expect: '/(a+)+$/'}]}\n"
    )
    project.up()
    project.reaches(lambda w: w.runs.get("a.1") and w.runs["a.1"].pid)
    usual, worst = answer_time(project, 20), 0.0
    while project.world().criteria.get("gate:g/c") is None:
        worst = max(worst, answer_time(project, 5))
    found = project.world().criteria["gate:g/c"]
    assert found.state.value in ("fail", "error"), found
    assert worst < max(QUICK_S, 20 * usual), (worst, usual)
