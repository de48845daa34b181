"""The weekly report as Markdown: the template's headings, in the template's order."""

from __future__ import annotations

import re

from ..safe_text import safe
from .figures import percent
from .weekly import VERDICTS, Domain, StatusReport, points_gained

_ACTIVE = re.compile(r"([\\`*\[\]<>|])")


def markdown(report: StatusReport) -> str:
    """The whole report; text from the plan or an agent cannot open a heading, a link or a tag."""
    lines = [f"# {_md(report.short)} Development Status - Week {report.week}", "", "## Overall Progress"]
    lines += [f"- Phase: {_md(report.phase) or 'None'}", f"- Completion: {percent(report.completion)}"]
    gained = points_gained(report.completion, report.completion_before)
    if gained is not None:
        lines.append(
            f"  - {gained:+d} {'point' if abs(gained) == 1 else 'points'} since week {report.week - 1}"
        )
    lines.append(f"- On Track: {VERDICTS[report.verdict]}")
    lines += [f"  - {_md(reason)}" for reason in report.reasons]
    lines += ["", "## Domain Status"]
    for domain in report.domains:
        lines += [*_domain(domain), ""]
    lines.append("## Risk Register")
    lines += _numbered([(r.risk, r.mitigation or "no mitigation", r.change) for r in report.risks])
    lines += ["", "## Decisions Required"]
    lines += _numbered([(d.decision, d.context, "") for d in report.decisions])
    lines += ["", "## Resource Adjustments"]
    lines += [f"- {_md(line)}" for line in report.resources] or ["- None"]
    if report.spending:
        lines += ["", "## Spending", *(f"- {_md(line)}" for line in report.spending)]
    return "\n".join(lines) + "\n"


def _domain(domain: Domain) -> list[str]:
    phase = f" (Phase {_md(domain.phases)})" if domain.phases else ""
    return [
        f"### {_md(domain.name)}{phase}",
        f"- Progress: {percent(domain.progress)}",
        f"- Blockers: {'; '.join(map(_md, domain.blockers)) or 'None'}",
        f"- Next Week: {'; '.join(map(_md, domain.next_week)) or 'None'}",
    ]


def _numbered(items: list[tuple[str, str, str]]) -> list[str]:
    lines = [
        f"{n}. {_md(head)}: {_md(text)}" + (f" ({_md(change)})" if change else "")
        for n, (head, text, change) in enumerate(items, 1)
    ]
    return lines or ["None"]


def _md(text: str) -> str:
    """One line of literal text. "<" and ">" between spaces are plain already and stay readable."""
    line = safe(text, limit=600, oneline=True).strip()
    return _ACTIVE.sub(lambda m: m.group() if _alone(line, m.start()) else "\\" + m.group(), line)


def _alone(line: str, at: int) -> bool:
    """Whether the sign stands between spaces or beside digits, where Markdown gives it no meaning."""
    before = line[at - 1] if at else "x"
    after = line[at + 1] if at + 1 < len(line) else "x"
    return line[at] in "<>*" and (before == " " or before.isdigit()) and (after in " =" or after.isdigit())
