"""The weekly report as plain text, without any markup."""

from __future__ import annotations

from ..safe_text import safe
from .figures import percent
from .weekly import VERDICTS, StatusReport, points_gained


def plain_text(report: StatusReport) -> str:
    """The whole report in lines; the same figures as every other format."""
    title = f"{_line(report.short)} Development Status, week {report.week}"
    lines = [title, "=" * len(title), "", f"Phase        {_line(report.phase) or 'None'}"]
    gained = points_gained(report.completion, report.completion_before)
    since = (
        f" ({gained:+d} {'point' if abs(gained) == 1 else 'points'} since week {report.week - 1})"
        if gained is not None
        else ""
    )
    lines += [f"Completion   {percent(report.completion)}{since}", f"On track     {VERDICTS[report.verdict]}"]
    lines += [f"             {_line(reason)}" for reason in report.reasons]
    for d in report.domains:
        phase = f" (Phase {_line(d.phases)})" if d.phases else ""
        lines += ["", f"{_line(d.name)}{phase}", f"  Progress   {percent(d.progress)}"]
        lines += _block("  Blockers   ", d.blockers) + _block("  Next week  ", d.next_week)
    risks = [
        f"{r.risk}: {r.mitigation or 'no mitigation'}" + (f" ({r.change})" if r.change else "")
        for r in report.risks
    ]
    decisions = [f"{d.decision}: {d.context}" for d in report.decisions]
    lines += ["", "Risks", *_list(risks), "", "Decisions required", *_list(decisions)]
    lines += ["", "Resource adjustments", *_list(list(report.resources))]
    if report.spending:
        lines += ["", "Spending", *(f"  {_line(line)}" for line in report.spending)]
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return safe(text, limit=600, oneline=True).strip()


def _list(items: list[str]) -> list[str]:
    return [f"  {n}. {_line(item)}" for n, item in enumerate(items, 1)] or ["  None"]


def _block(label: str, items: tuple[str, ...]) -> list[str]:
    """`label` and the first item on one line, the others under it."""
    first, *others = items or ("None",)
    return [label + _line(first), *(" " * len(label) + _line(item) for item in others)]
