"""Where agents are short, and where they stand idle."""

from __future__ import annotations

from ..domain.snapshot import OrchestratorView, Snapshot
from ..domain.states import UNFINISHED, Verdict, WorkstreamState
from .figures import count


def resources(snapshot: Snapshot) -> list[str]:
    """One line for the plan's cap and for every pool that is too small or partly idle; none before the start."""
    if not snapshot.started or snapshot.verdict is Verdict.COMPLETE:
        return []
    ready: dict[str | None, list[str]] = {}
    for w in snapshot.workstreams:
        if w.state is WorkstreamState.READY:
            ready.setdefault(w.orchestrator, []).append(w.id)
    lines = []
    everything = [w for ids in ready.values() for w in ids]
    if snapshot.cap is not None and snapshot.agents_running >= snapshot.cap and everything:
        lines.append(f"All {snapshot.cap} agents of the plan are at work; {_could_start(everything)}")
    for o in snapshot.orchestrators:
        if o.quota is None or not _open(o, snapshot):
            continue
        mine, free = ready.get(o.id, []), o.quota - o.agents_running
        if mine and free <= 0:
            lines.append(f"{o.name}: all {o.quota} agents are at work; {_could_start(mine)}")
        elif free < 0:
            lines.append(f"{o.name}: {o.agents_running} agents at work, {-free} over its pool of {o.quota}")
        elif free > 0 and not mine:
            lines.append(f"{o.name}: {o.agents_running} of {o.quota} agents in use, {free} free to lend")
    return lines


def _could_start(ids: list[str]) -> str:
    return f"{count(len(ids), 'workstream')} could start with more: {', '.join(ids)}"


def _open(o: OrchestratorView, snapshot: Snapshot) -> bool:
    unfinished = {w.id for w in snapshot.workstreams if w.state in UNFINISHED}
    return any(w in unfinished for w in o.workstreams)
