"""Broken YAML is explained, repaired in memory and read on, so that one look finds every mistake of a file."""

from __future__ import annotations

from .builder import build_tree
from .findings import Findings
from .mistake import Edit, Mistake
from .mistakes import diagnose
from .problem import Span
from .tree import Tree, TreeError

MAX_MISTAKES = 20
"""After so many the file is not a plan, and more messages help nobody."""


def read_tree(text: str, findings: Findings) -> Tree | None:
    """The tree of `text`; what is wrong with it goes to `findings`. None when it cannot be guessed."""
    import yaml

    for _ in range(MAX_MISTAKES):
        try:
            tree = build_tree(text)
        except TreeError as error:
            findings.error(error.code, error.message, error.help, span=error.span)
            return None
        except yaml.YAMLError as error:
            repaired = _past(diagnose(error, text.splitlines()), text, findings)
            if repaired is None:
                return None
            text = repaired
        else:
            _report(tree, findings)
            return tree
    return None


def _past(mistake: Mistake, text: str, findings: Findings) -> str | None:
    """Report the mistake; the text with its repair, or None when there is none that helps."""
    if not (mistake.edits and _swallowed(mistake, findings)):
        before = len(findings.found)
        findings.error(mistake.code, mistake.message, mistake.help, span=findings.unshift(mistake.span))
        if not mistake.edits or len(findings.found) == before:
            return None
    repaired = _apply(text, mistake.edits)
    if repaired == text:
        return None
    findings.shifts += [(e.line + 1, e.start + 1, len(e.text) - (e.end - e.start)) for e in mistake.edits]
    return repaired


def _swallowed(mistake: Mistake, findings: Findings) -> bool:
    """Whether the bracket is only missing because a quote that is never closed took it in."""
    return mistake.code == "bracket" and any(
        p.code == "open-quote" and p.line == mistake.span.line for p in findings.found
    )


def _apply(text: str, edits: tuple[Edit, ...]) -> str:
    lines = text.splitlines(keepends=True)
    for edit in edits:
        line = lines[edit.line]
        lines[edit.line] = line[: edit.start] + edit.text + line[edit.end :]
    return "".join(lines)


def _report(tree: Tree, findings: Findings) -> None:
    for complaint in tree.complaints:
        findings.error(
            complaint.code, complaint.message, complaint.help, span=findings.unshift(complaint.span)
        )
    for double in tree.duplicates:
        message, help_ = _duplicate(double.where, double.key, double.first)
        findings.error("duplicate", message, help_, span=findings.unshift(double.second))


_KINDS = {
    "workstreams": "workstream",
    "gates": "gate",
    "phases": "phase",
    "orchestrators": "orchestrator",
    "agents": "agent",
    "kpis": "kpi",
}


def _duplicate(where: tuple[str | int, ...], key: str, first: Span) -> tuple[str, str]:
    kind = _KINDS.get(str(where[0])) if len(where) == 1 else None
    place = f"(first on line {first.line})"
    if kind in ("workstream", "gate"):
        return (
            f'{kind} "{key}" is written twice {place}',
            "rename one; ids are unique across workstreams, gates and milestones",
        )
    if kind:
        return f'{kind} "{key}" is written twice {place}', "rename one, or remove it"
    inside = f" in {'.'.join(str(step) for step in where)}" if where else ""
    return f'key "{key}"{inside} is written twice {place}', "keep one of them"
