"""What `doctor` looks at in a plan: its folder, its record, its worker, the programs it names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LocustTuiError
from .examination import Finding
from .target import Target, read_state, worker_now

if TYPE_CHECKING:
    from ..domain.plan import Plan, Workstream
    from ..domain.world import World

APART_S = 2.0
"""So far the record's time and the machine's may be apart without a word."""

_REPAIR = "locust-tui down, then up: it sets a damaged record aside and brings back what backups, decisions and runs hold"


def examine_plan(target: Target) -> Iterator[Finding]:
    """Every finding about one plan."""
    yield from _folder(target)
    yield from _record(target)
    yield from _kept_aside(target)
    yield from _worker(target)
    yield from _programs(target)


def _folder(target: Target) -> Iterator[Finding]:
    from ..execution.holes import refusal
    from ..state.mounts import check_local, file_system

    top = target.folder.top
    try:
        check_local(top)
        target.folder.check()
    except LocustTuiError as error:
        yield Finding("fail", "state folder", error.message, error.help or "")
        return
    existing = next(p for p in (top, *top.parents) if p.exists())
    free = shutil.disk_usage(existing).free // 2**20
    detail = f"{target.folder.root} on {file_system(top) or 'an unknown file system'}, {free} MiB free"
    low = free < 256
    yield Finding("warn" if low else "ok", "state folder", detail, "make room" if low else "")
    if why := refusal(existing):
        detail = f"{file_system(top)} gives up no part of a file ({why}), so nothing bounds what agents print"
        yield Finding("warn", "logs", detail, "put the state folder on ext4, xfs, btrfs or tmpfs")


def _record(target: Target) -> Iterator[Finding]:
    if not target.has_record:
        yield Finding("ok", "record", "none yet: the plan never ran")
        return
    from ..analysis.restored import RESTORED, is_news
    from ..state.reader import ASK_DOCTOR, ReadOnlyStore

    try:
        with ReadOnlyStore(target.folder.store) as store:
            broken = store.verify()
            differences = store.differences()
            world = store.read_world()
    except LocustTuiError as error:
        help = _REPAIR if error.help == ASK_DOCTOR else error.help
        yield Finding("fail", "record", error.message, help or "")
        return
    if broken is not None:
        yield Finding(
            "fail", "record", f"the chain of events breaks at revision {broken}", "backups are beside it"
        )
    elif differences:
        yield Finding(
            "warn", "record", f"tables differ from the log: {differences[0]}", "the next start rebuilds them"
        )
    else:
        yield Finding("ok", "record", f"whole up to revision {world.revision}")
    if is_news(world):
        why = world.alerts[f"{RESTORED}/"].why
        yield Finding("warn", "record", f"{why}; starts wait", f"locust-tui alert ack {RESTORED}")
    yield from examine_clock(world)


def _kept_aside(target: Target) -> Iterator[Finding]:
    """Records that were damaged, or not ours any more; nothing of ours removes them."""
    from ..state.backups import kept_aside

    kept = kept_aside(target.folder.store)
    if kept:
        size = sum(path.stat().st_size for path in kept) / 2**20
        detail = f"{len(kept)} files of records that were set aside, {size:.1f} MiB: they may hold what no backup has"
        yield Finding(
            "warn", "set aside", detail, f"rm {target.folder.store}.corrupt-* once you miss nothing"
        )


def examine_clock(world: World) -> Iterator[Finding]:
    """Whether the record's time is the machine's."""
    import time

    from ..report.figures import age
    from ..state.record_now import record_now

    apart = record_now(world) - time.time()
    if abs(apart) <= APART_S:
        return
    way, until = ("ahead of", "the clock has caught up") if apart > 0 else ("behind", "nothing is under way")
    detail = f"the record is {age(abs(apart))} {way} this machine's clock, which was set; lengths of time are right"
    yield Finding("warn", "clock", detail, f"it goes on so until {until}")


def _worker(target: Target) -> Iterator[Finding]:
    pid, troubles = worker_now(target.folder)
    if pid == 0:
        help = "ask where it runs: from here it can be watched, but takes nothing that is a person's to ask"
        yield Finding("warn", "worker", "runs in another pid namespace, in a container perhaps", help)
        return
    if pid is not None:
        yield Finding("ok", "worker", f"runs, pid {pid}")
        for trouble in troubles:
            yield Finding("fail", trouble.about, trouble.what)
        return
    live = 0
    if target.has_record:
        from ..state.reader import ReadOnlyStore

        try:
            with ReadOnlyStore(target.folder.store) as store:
                live = len(store.read_world().live_runs())
        except LocustTuiError:
            return
    if live:
        yield Finding(
            "warn",
            "worker",
            f"none runs, but {live} runs were live when it ended",
            "locust-tui up finds them again",
        )
    else:
        yield Finding("ok", "worker", "none runs")


def _plan(target: Target) -> Plan | None:
    """The plan of the file, or where commands made it, of the record. None for a file with errors; LocustTuiError."""
    from ..plans.reading import read_plan

    if not target.path.exists() and target.has_record:
        return read_state(target).plan
    return read_plan(target.path).plan


def _programs(target: Target) -> Iterator[Finding]:
    try:
        plan = _plan(target)
    except LocustTuiError as error:
        yield Finding("warn", "plan", error.message, error.help or "")
        return
    if plan is None:
        yield Finding("fail", "plan", f"{target.path} has errors", f"locust-tui check {target.path}")
        return
    missing = 0
    for w in plan.workstreams.values():
        name = w.run.argv[0] if w.run is not None and not w.run.shell else None
        if name is None or _there(name, w, target.path.parent):
            continue
        missing += 1
        words = "cannot be executed" if "/" in name else "is not on PATH"
        yield Finding("fail", f"program of {w.id}", f"{name} {words}", "install it, or write another command")
    if not missing:
        yield Finding("ok", "programs", "every program that workstreams name is there")
    from .agent_examination import examine_agents

    yield from examine_agents(plan, target)
    if any(w.worktree for w in plan.workstreams.values()):
        yield _worktrees(plan, target)
        yield from _publishing(plan, target)


def _worktrees(plan: Plan, target: Target) -> Finding:
    """Whether work could start in worktrees, and where it would come home to."""
    import asyncio

    from ..git.workspace import open_workspace

    there = open_workspace(
        target.path.resolve().parent,
        target.folder.root / "worktrees",
        prefix=plan.git.prefix,
        base=plan.git.base,
        look_only=True,
    )
    try:
        space = asyncio.run(there)
    except LocustTuiError as error:
        return Finding("fail", "worktrees", error.message, error.help or "")
    return Finding(
        "ok", "worktrees", f"start on {space.integration} of {space.repository.top}, and come home there"
    )


def _there(name: str, workstream: Workstream, folder: Path) -> bool:
    """Whether its run would find it, from the folder and with the PATH that it gets."""
    if name == "locust-tui":
        return True
    if "/" in name:
        name = str(folder.resolve() / (workstream.cwd or ".") / name)
    return shutil.which(name, path=workstream.env.get("PATH")) is not None


def _publishing(plan: Plan, target: Target) -> Iterator[Finding]:
    """What pull requests need, where the plan opens some: `gh`, its login, and a remote to push to."""
    if not plan.git.pr:
        return
    from .agent_examination import said

    subject, folder = "pull requests", target.path.parent
    if (gh := shutil.which("gh")) is None:
        yield Finding("fail", subject, "gh is not on PATH", "install it, or pr: false")
        return
    if said(["git", "remote", "get-url", "origin"], os.environ, folder)[0] != 0:
        yield Finding("fail", subject, "there is no remote origin to push to", "git remote add origin URL")
        return
    code, words = said([gh, "auth", "status"], os.environ, folder)
    if code != 0:
        last = next(iter(words.strip().splitlines()), "it does not answer")
        yield Finding("warn", subject, f"{gh} is not logged in: {last}", "gh auth login")
        return
    yield Finding("ok", subject, f"{gh}, logged in")
