"""What a document says that cannot be: found by computing with the plan it makes, and with its own words."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from ...analysis.levelling import smallest_cap
from ...analysis.schedule import critical_path
from ...domain.plan import Plan
from .document import Document, Fence, Item, Listing, Paragraph, Section, Table, plain
from .draft import Draft
from .finding import NOT_UNDERSTOOD
from .words import keywords, number_in, references

_LIMIT = re.compile(
    r"([<>≤≥]=?|at least|at most|below|above|under|over|within)\s{0,3}(\d{1,6}(?:\.\d{1,3})?)\s{0,2}(%|ms|s|MB|GB|MiB|KB)(?![A-Za-z])|(\d{1,6})(\+?\s?%)",
    re.IGNORECASE,
)
_FROM_WEEK = re.compile(r"\bfrom week (\d{1,3})\b", re.IGNORECASE)
_COUNTS = re.compile(r"\b(\w+)\s+(?:domain\s+)?(workstreams|orchestrators|phases|gates)\b", re.IGNORECASE)
_WINDOW = re.compile(r"(\d{1,3})\s?(?:-|–|to)\s?(\d{1,3})[ -]weeks?\b", re.IGNORECASE)
_MOST = 200


def texts(document: Document) -> list[tuple[str, int]]:
    """Every line of words of the document outside of code, with its line; a sentence of a list item is one."""
    found: list[tuple[str, int]] = []
    for _, block in document.blocks():
        if isinstance(block, Paragraph):
            found += [(plain(line), block.line + n) for n, line in enumerate(block.text.split("\n"))]
        elif isinstance(block, Listing):
            stack: list[Item] = list(reversed(block.items))
            while stack:
                item = stack.pop()
                found.append((plain(item.text), item.line))
                stack.extend(reversed(item.items))
        elif isinstance(block, Table):
            found += [(plain(" ".join(row.cells)), row.line) for row in block.rows]
        elif isinstance(block, Fence) and block.language in ("yaml", "yml"):
            found += [(line.strip(), block.line + n) for n, line in enumerate(block.text.split("\n"))]
    return found


def read_words(draft: Draft) -> None:
    """What single sentences say before the plan is made: its window, and the critical path as they see it."""
    known = draft.known()
    for text, line in texts(draft.document):
        window = _WINDOW.search(text)
        if (
            window
            and int(window.group(1)) <= int(window.group(2))
            and "window" not in draft.values.get("project", {})
        ):
            draft.values.setdefault("project", {})["window"] = f"{window.group(1)}-{window.group(2)}"
            draft.lines["project", "window"] = line
            draft.document.used.add(line)
        if draft.said_path is None and "critical path" in text.casefold():
            path = [id for id, _ in references(text.replace("→", ","), known)[0]]
            if len(path) > 1:
                draft.said_path = path, line
                draft.document.used.add(line)


def examine(draft: Draft, plan: Plan) -> None:
    """Add every contradiction that the document itself gives the numbers for."""
    lines = texts(draft.document)
    _counts(draft, plan, lines)
    _limits(draft, lines)
    _staffing(draft, plan)
    _gates_and_phases(draft, plan)
    _needs_and_dates(draft, plan)
    _caps(draft, plan)
    _descoping(draft, plan)


def _counts(draft: Draft, plan: Plan, lines: list[tuple[str, int]]) -> None:
    found = {
        "workstreams": len(plan.workstreams),
        "orchestrators": len(plan.orchestrators),
        "phases": len(plan.phases),
        "gates": len(plan.gates),
    }
    said = [
        (match[2].casefold(), number_in(match[1]), line)
        for text, line in lines
        for match in _COUNTS.finditer(text)
        if text.casefold().startswith(("the ", "it ", "we ", "this ", "a ")) or len(text) > 60
    ]
    said += [(what, n, line) for what, n, line in draft.values.get("counts", ())]
    for what, n, line in said:
        if n is not None and found.get(what, 0) != n and n > 1:
            draft.notes.warn(
                "count", f"{n} {what} are spoken of; {found.get(what, 0)} are in the document", line
            )


def _limits(draft: Draft, lines: list[tuple[str, int]]) -> None:
    """One metric with different limits: clauses that share a word, compare the same unit, and differ."""
    seen: list[tuple[set[str], str, str, float, str, int]] = []
    for text, line in lines:
        for clause in re.split(r"[,;]", text):
            match = _LIMIT.search(clause)
            if match is None or len(seen) >= _MOST:
                continue
            unit = (match[3] or "%").casefold()
            value = float(match[2] or match[4])
            sign = (
                "<"
                if (match[1] or ">").casefold() in ("<", "<=", "≤", "at most", "below", "under", "within")
                else ">"
            )
            words = keywords(clause.replace(match.group(), " "), _METRIC_NOISE)
            for other, its_unit, its_sign, its_value, its_text, its_line in seen:
                common = words & other
                if common & _METRICS and (unit, sign) == (its_unit, its_sign) and value != its_value:
                    draft.notes.warn(
                        "limits",
                        f'{", ".join(sorted(common & _METRICS))}: {sign} {value:g}{match[3] or "%"} here, {sign} {its_value:g}{match[3] or "%"} on line {its_line} ("{its_text.strip()[:60]}")',
                        line,
                        "say which limit holds where",
                    )
                    break
            seen.append((words, unit, sign, value, clause, line))


_METRICS = frozenset(
    {
        "coverage",
        "memory",
        "render",
        "latency",
        "overlay",
        "startup",
        "throughput",
        "rework",
        "accuracy",
        "acceptance",
        "cpu",
        "size",
        "duration",
        "overhead",
        "uptime",
        "error",
        "flake",
        "load",
        "response",
    }
)
_METRIC_NOISE = frozenset(
    {"within", "bound", "below", "above", "over", "under", "least", "most", "target", "limit"}
)


def _staffing(draft: Draft, plan: Plan) -> None:
    """Work that the text wants from a week on, before the workstream it is about is planned."""
    sources = [
        (plain(str(r.get("mitigation", ""))), draft.lines["risks", n])
        for n, r in enumerate(draft.values.get("risks", ()))
    ]
    sources += [
        (str(s.get("description", "")), draft.lines["strategies", n])
        for n, s in enumerate(draft.values.get("strategies", ()))
    ]
    for text, line in sources:
        match = _FROM_WEEK.search(text)
        if match is None:
            continue
        words = keywords(text, {"week", "team", "parallel", "system"})
        for workstream in plan.workstreams.values():
            common = words & keywords(workstream.name)
            if common and workstream.weeks is not None and workstream.weeks.first > int(match[1]):
                draft.notes.warn(
                    "staffing",
                    f'"{text}", but {workstream.id} ({workstream.name}) is planned for weeks {workstream.weeks}',
                    line,
                    f"plan work on {', '.join(sorted(common))} from week {match[1]}, or change the text",
                )


def _gates_and_phases(draft: Draft, plan: Plan) -> None:
    """Phases that begin before the gate that opens them is due."""
    due = {g.id: g.line for g in draft.barriers}
    for gate in plan.gates.values():
        phase = plan.phases.get(gate.opens or "")
        if (
            phase is not None
            and phase.weeks is not None
            and gate.week is not None
            and phase.weeks.first <= gate.week
        ):
            draft.notes.warn(
                "gate-before-phase",
                f"phase {phase.id} begins in week {phase.weeks.first}, but gate {gate.id} that opens it is due at the end of week {gate.week}",
                due.get(gate.id),
                "with the default mode overlap it may start, and none of it is accepted before Go; mode: hard makes it wait",
            )


def _needs_and_dates(draft: Draft, plan: Plan) -> None:
    needs = [n for w in plan.workstreams.values() for n in w.needs]
    if not needs:
        return
    strict = critical_path(plan, strict=True)
    said = draft.said_path
    if said is not None and tuple(said[0]) != strict.path:
        slack = [
            f"{id} has {count(strict.total_float(id), 'week')} of float"
            for id in said[0]
            if strict.total_float(id) > 1e-6
        ]
        draft.notes.warn(
            "critical-path",
            f"the critical path is given as {' → '.join(said[0])}; by the dependencies it is {' → '.join(strict.path)}"
            + (f": {', '.join(slack)}" if slack else ""),
            said[1],
        )
    planned = plan.last_week
    takes = math.ceil(strict.weeks - 1e-9)
    if planned and takes > planned and any(w.weeks for w in plan.workstreams.values()):
        first = next(iter(draft.packages.values()))
        draft.notes.warn(
            "network",
            f"with every dependency finished first the plan takes {takes} weeks, not {planned}",
            first.line,
            "needs: {ID: 50%} lets work start earlier",
        )


def _caps(draft: Draft, plan: Plan) -> None:
    """The fewest agents that delay nothing, where dependencies say what can run at one time."""
    cap = plan.resources.max_agents
    if cap is None or not any(w.needs for w in plan.workstreams.values()):
        return
    least = smallest_cap(plan)
    if least is not None and least < cap:
        draft.notes.note(
            "cap",
            f"{least} workstreams at a time give the same finish as {cap} agents",
            draft.lines.get(("resources", "max_agents")),
        )


def _descoping(draft: Draft, plan: Plan) -> None:
    """What leaving the candidates out saves, by the critical path with planned dates."""
    whole = critical_path(plan, as_planned=True).weeks
    for n, strategy in enumerate(draft.values.get("strategies", ())):
        if strategy["kind"] != "descope":
            continue
        line = draft.lines["strategies", n]
        named = [id for id in strategy.get("candidates", ()) if id in plan.workstreams]
        if named:
            saved = whole - _without(plan, set(named))
            if saved < 0.05:
                draft.notes.warn(
                    "descope",
                    f"deferring {', '.join(named)} saves 0 weeks: none of them is on the critical path",
                    line,
                )
            continue
        help_ = "candidates: [WS-07, WS-08] says which could be deferred"
        draft.notes.note(
            "descope", f'"{strategy["name"]}" names no workstreams that could be deferred', line, help_
        )
        if 1 < len(plan.workstreams) <= _MOST and all(
            whole - _without(plan, {id}) < 0.05 for id in plan.workstreams
        ):
            draft.notes.warn(
                "descope",
                "deferring any single workstream saves 0 weeks: none alone decides the finish",
                line,
            )


def count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


def _without(plan: Plan, ids: set[str]) -> float:
    left = {
        id: replace(w, needs=tuple(n for n in w.needs if n.target not in ids))
        for id, w in plan.workstreams.items() if id not in ids
    }  # fmt: skip
    return critical_path(replace(plan, workstreams=left), as_planned=True).weeks if left else 0.0


_BUILT_IN = re.compile(
    r"\b(?:responsibilit\w+|primary functions|key metrics|duties|dashboard)\b", re.IGNORECASE
)


def not_understood(draft: Draft) -> None:
    """Name every section and block that nothing of the plan comes from."""
    document = draft.document
    stack: list[Section] = [document.root]
    while stack:
        section = stack.pop()
        if section.level and not _any_taken(document, section):
            if any(True for _ in section.below()):
                if _BUILT_IN.search(section.title):
                    draft.notes.note(
                        "built-in",
                        f'"{section.title}" describes what this program does and shows by itself; nothing of it stands in the plan',
                        section.line,
                    )
                elif any(not isinstance(b, Paragraph) for b in section.below()):
                    draft.notes.note(
                        NOT_UNDERSTOOD, f'not understood: section "{section.title}"', section.line
                    )
                elif not document.used & {b.line for b in section.below()}:
                    draft.notes.note(
                        "prose", f'"{section.title}" is prose; nothing of it stands in the plan', section.line
                    )
            continue
        for block in section.blocks:
            if not isinstance(block, Paragraph) and not document.took(block):
                kind = {Fence: "block", Table: "table", Listing: "list"}[type(block)]
                name = f" of {block.language}" if isinstance(block, Fence) and block.language else ""
                draft.notes.note(NOT_UNDERSTOOD, f"not understood: this {kind}{name}", block.line)
        stack.extend(reversed(section.sections))


def _any_taken(document: Document, section: Section) -> bool:
    return any(document.took(s) or any(document.took(b) for b in s.blocks) for s in section.walk())
