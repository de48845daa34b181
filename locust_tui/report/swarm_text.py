"""A project in few words, and what its status adds: agents and risks."""

from __future__ import annotations

from collections import Counter

from ..domain.snapshot import Snapshot
from .figures import UNKNOWN, count
from .glyphs import word
from .processes import processes_text, queued_work
from .status_text import headline
from .table import Paint, plain, table


def summary_text(snapshot: Snapshot, *, paint: Paint = plain, ascii_only: bool = False) -> str:
    """The headline, and how many are in which state."""
    lines = headline(snapshot, paint, ascii_only)
    works = Counter(w.instead or w.state.value for w in snapshot.workstreams)
    if works:
        lines.append(f"  {count(len(snapshot.workstreams), 'workstream', 'workstreams')}: {_counted(works)}")
    gates = Counter(g.state.value for g in snapshot.gates)
    if gates:
        lines.append(f"  {count(len(snapshot.gates), 'gate', 'gates')}: {_counted(gates)}")
    if snapshot.manual:
        lines.append(f"  {count(len(snapshot.manual), 'agent is', 'agents are')} manual: no command")
    if snapshot.waiting:
        lines.append(f"  {count(len(snapshot.waiting), 'thing waits', 'things wait')} for a person")
    text = "\n".join(lines) + "\n"
    return text.replace(UNKNOWN, "-") if ascii_only else text


def detailed_text(snapshot: Snapshot, *, paint: Paint = plain, ascii_only: bool = False) -> str:
    """Agents and risks as tables, each after an empty line; nothing where there are none."""
    agents = processes_text(
        snapshot,
        snapshot.runs,
        paint=paint,
        ascii_only=ascii_only,
        queued=queued_work(snapshot),
        manual=snapshot.manual,
    )
    rows = [(r.id, r.state, f"{r.score:g}", r.owner or "", r.risk, r.mitigation) for r in snapshot.risks]
    header = ("RISK", "STATE", "SCORE", "OWNER", "WHAT", "MITIGATION")
    risks = "\n".join(table(header, rows, right=frozenset({2}), paint=paint))
    return "".join(f"\n{part.rstrip()}\n" for part in (agents, risks) if part)


def _counted(states: Counter[str]) -> str:
    return ", ".join(f"{number} {word(state)}" for state, number in states.items())
