"""What agents did and used, as text and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..analysis.agent_metrics import AgentFigures, Utilisation
from .figures import UNKNOWN, amount, dollars, known, rounded
from .table import Paint, plain, table

_NO_SAMPLES = "not sampled: locust-tui features enable performance-tracking"
_NOT_TOLD = "no agent reports it"


def metrics_text(
    by: str,
    rows: Sequence[AgentFigures],
    total: AgentFigures,
    told: Utilisation,
    *,
    paint: Paint = plain,
    ascii_only: bool = False,
) -> str:
    """One line a group, the totals below, then how well the slots were used."""
    header = (
        by.upper(), "AGENTS", "RUNS", "BUSY H", "IDLE H", "DONE", "FAILED", "RESTARTS",
        "CPU S", "PEAK MB", "READ MB", "WRITTEN MB", "TOKENS", "COST",
    )  # fmt: skip
    body = [_row(f) for f in (*rows, total)]
    lines = table(header, body, right=frozenset(range(1, len(header))), paint=paint)
    cap = _share(told.capacity, told.capacity_reason)
    lines += [
        "",
        f"of the cap, {cap} was used in {told.elapsed_h:.1f} h",
        f"of the work that could run, {_share(told.dispatch, told.dispatch_reason)} ran",
    ]
    text = "\n".join(lines) + "\n"
    return text.replace(UNKNOWN, "-") if ascii_only else text


def _row(f: AgentFigures) -> tuple[str, ...]:
    return (
        f.group or "(none)",
        str(f.agents),
        str(f.runs),
        rounded(f.busy_h),
        rounded(f.idle_h),
        str(f.done),
        str(f.failed),
        str(f.restarts),
        _decimal(f.cpu_s),
        _decimal(f.peak_rss_kib, 1024),
        _decimal(f.read_bytes, 1e6),
        _decimal(f.written_bytes, 1e6),
        amount(f.tokens),
        dollars(f.cost_usd),
    )


def _decimal(value: float | None, unit: float = 1.0) -> str:
    return UNKNOWN if value is None else f"{value / unit:.1f}"


def _share(points: float | None, reason: str) -> str:
    return f"{UNKNOWN} ({reason})" if points is None else f"{points:.0f} %"


def metrics_document(
    by: str, rows: Sequence[AgentFigures], total: AgentFigures, told: Utilisation
) -> dict[str, Any]:
    """Every figure but the peaks adds up to the total's."""
    return {
        "group_by": by,
        "groups": [_document(f) for f in rows],
        "total": _document(total),
        "utilisation": {
            **known("capacity", told.capacity, told.capacity_reason),
            **known("dispatch", told.dispatch, told.dispatch_reason),
            "elapsed_h": told.elapsed_h,
        },
    }


def _document(f: AgentFigures) -> dict[str, Any]:
    return {
        "group": f.group or None,
        "agents": f.agents,
        "runs": f.runs,
        "live": f.live,
        "busy_h": f.busy_h,
        "idle_h": f.idle_h,
        "done": f.done,
        "failed": f.failed,
        "restarts": f.restarts,
        **known("cpu_s", f.cpu_s, "no run has ended or was sampled"),
        **known("peak_rss_mb", None if f.peak_rss_kib is None else f.peak_rss_kib / 1024, _NO_SAMPLES),
        **known("read_mb", None if f.read_bytes is None else f.read_bytes / 1e6, _NO_SAMPLES),
        **known("written_mb", None if f.written_bytes is None else f.written_bytes / 1e6, _NO_SAMPLES),
        **known("tokens", f.tokens, _NOT_TOLD),
        **known("cost_usd", f.cost_usd, _NOT_TOLD),
    }
