"""`ps`: the agents' processes as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..domain.snapshot import ManualAgent, RunView, Snapshot, WorkstreamView
from ..domain.states import WorkstreamState, is_parked
from .figures import age
from .glyphs import Tone, glyph, tone, word
from .run_words import grounds, limit_words
from .table import Paint, plain, table


class Load(NamedTuple):
    """Of a run's processes together, as last sampled."""

    cpu: float | None
    """Points of one core; None until it was looked at twice."""
    rss_kib: float


def live_runs(snapshot: Snapshot) -> list[RunView]:
    """Runs that have not ended, oldest first."""
    return [r for r in snapshot.runs if r.ended is None]


def queued_work(snapshot: Snapshot) -> list[WorkstreamView]:
    """Work of agents that waits for nothing but a slot, or for the worker's next look; in plan order."""
    by_hand = {m.subject for m in snapshot.manual}
    return [
        w
        for w in snapshot.workstreams
        if w.state is WorkstreamState.READY and w.agent is not None and w.id not in by_hand
    ]


def processes_text(
    snapshot: Snapshot,
    runs: Sequence[RunView],
    *,
    paint: Paint = plain,
    ascii_only: bool = False,
    queued: Sequence[WorkstreamView] = (),
    manual: Sequence[ManualAgent] = (),
    load: Mapping[str, Load] | None = None,
) -> str:
    """One line a run, then one for each queued agent and each that nothing can start; an empty text when there is none.

    `load`: what the processes of live runs use now, where that is sampled.
    """
    load = load or {}
    rows: list[tuple[str | tuple[str, Tone], ...]] = []
    for r in runs:
        alive, state = r.ended is None, "parked" if is_parked(r.state, r.reason) else r.state
        end = (
            ""
            if alive
            else f"exit {r.exit_code}"
            if r.exit_code is not None
            else f"signal {r.signal}"
            if r.signal
            else ""
        )
        rows.append(
            (
                r.id,
                str(r.pid) if alive and r.pid else "",
                r.agent_type,
                (f"{glyph(state, ascii_only=ascii_only)} {word(state)}", tone(state)),
                age((r.ended or snapshot.at) - r.started) if r.started is not None else "",
                age(snapshot.at - r.last_seen) if alive and r.last_seen is not None else "",
                grounds(r, snapshot.at) if r.source == "silence" else r.source,
                "" if r.tokens is None else str(r.tokens),
                "" if r.cost_usd is None else f"{r.cost_usd:.2f}",
                _cpu(load.get(r.id)) if alive else "",
                _memory(load.get(r.id)) if alive else "",
                end,
                "; ".join(filter(None, (limit_words(r, snapshot, snapshot.at), r.reason))),
            )
        )
    waits = (f"{glyph('queued', ascii_only=ascii_only)} {word('queued')}", tone("queued"))
    rows += [
        (w.id, "", w.agent or "", waits, "", "", "plan", "", "", "", "", "", w.why or "") for w in queued
    ]
    look = (f"{glyph('manual', ascii_only=ascii_only)} {word('manual')}", tone("manual"))
    rows += [(m.subject, "", m.agent_type, look, "", "", "plan", "", "", "", "", "", m.why) for m in manual]
    header = (
        "RUN", "PID", "TYPE", "STATE", "AGE", "QUIET", "SOURCE", "TOKENS", "USD", "CPU %", "MB", "END", "REASON",
    )  # fmt: skip
    lines = table(header, rows, right=frozenset({1, 4, 5, 7, 8, 9, 10}), paint=paint)
    return "\n".join(lines) + "\n" if lines else ""


def _cpu(load: Load | None) -> str:
    return "" if load is None or load.cpu is None else f"{load.cpu:.0f}"


def _memory(load: Load | None) -> str:
    return "" if load is None else f"{load.rss_kib / 1024:.0f}"
