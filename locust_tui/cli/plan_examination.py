"""What `doctor` looks at in a plan: its folder, its record, its worker, the programs it names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LocustTuiError
from .examination import Finding
from .target import Target, worker_pid

if TYPE_CHECKING:
    from ..domain.plan import Plan


def examine_plan(target: Target) -> Iterator[Finding]:
    """Every finding about one plan."""
    yield from _folder(target)
    yield from _record(target)
    yield from _worker(target)
    yield from _programs(target)


def _folder(target: Target) -> Iterator[Finding]:
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


def _record(target: Target) -> Iterator[Finding]:
    if not target.has_record:
        yield Finding("ok", "record", "none yet: the plan never ran")
        return
    from ..state.reader import ReadOnlyStore

    try:
        with ReadOnlyStore(target.folder.store) as store:
            broken = store.verify()
            differences = store.differences()
            revision = store.read_world().revision
    except LocustTuiError as error:
        yield Finding("fail", "record", error.message, error.help or "")
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
        yield Finding("ok", "record", f"whole up to revision {revision}")


def _worker(target: Target) -> Iterator[Finding]:
    pid = worker_pid(target.folder)
    if pid is not None:
        yield Finding("ok", "worker", f"runs, pid {pid}")
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


def _programs(target: Target) -> Iterator[Finding]:
    from ..plans.reading import read_plan

    try:
        plan = read_plan(target.path).plan
    except LocustTuiError as error:
        yield Finding("warn", "plan", error.message, error.help or "")
        return
    if plan is None:
        yield Finding("fail", "plan", f"{target.path} has errors", f"locust-tui check {target.path}")
        return
    missing = {name: users for name, users in programs(plan).items() if not _there(name, target.path.parent)}
    for name, users in missing.items():
        yield Finding(
            "fail",
            "program",
            f"{name} is not on PATH; needed by {', '.join(users)}",
            "install it, or name another agent",
        )
    if not missing:
        yield Finding("ok", "programs", "every program that the plan names is there")
    from .agent_examination import examine_agents

    yield from examine_agents(plan, target)


def programs(plan: Plan) -> dict[str, list[str]]:
    """Programs that the plan would start without a shell, with who needs them."""
    found: dict[str, list[str]] = {}
    used = {w.agent for w in plan.workstreams.values()} | {o.agent for o in plan.orchestrators.values()}
    for agent in plan.agents.values():
        if agent.command and agent.name in used:
            found.setdefault(agent.command[0], []).append(f"agent {agent.name}")
    for w in plan.workstreams.values():
        if w.run is not None and not w.run.shell:
            found.setdefault(w.run.argv[0], []).append(f"workstream {w.id}")
    return found


def _there(name: str, folder: Path) -> bool:
    if name == "locust-tui":
        return True
    if "/" in name:
        return os.access(folder / name, os.X_OK)
    return shutil.which(name) is not None
