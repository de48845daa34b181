"""What single sentences of a document say, and where two of them disagree."""

from __future__ import annotations

import re

from ...domain.plan import Plan
from .document import Document, Fence, Item, Listing, Paragraph, Table
from .draft import Draft
from .marks import plain
from .words import keywords, number_in, references

_LIMIT = re.compile(
    r"([<>≤≥]=?|at least|at most|below|above|under|over|within)\s{0,3}(\d{1,6}(?:\.\d{1,3})?)\s{0,2}(%|ms|s|MB|GB|MiB|KB)(?![A-Za-z])|(\d{1,6})(\+?\s?%)",
    re.IGNORECASE,
)


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


def compare_counts(draft: Draft, plan: Plan, lines: list[tuple[str, int]]) -> None:
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


def compare_limits(draft: Draft, lines: list[tuple[str, int]]) -> None:
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
                if (
                    not _differs(words, other)
                    and common & _METRICS
                    and (unit, sign) == (its_unit, its_sign)
                    and value != its_value
                ):
                    draft.notes.warn(
                        "limits",
                        f'{", ".join(sorted(common & _METRICS))}: {sign} {value:g}{match[3] or "%"} here, {sign} {its_value:g}{match[3] or "%"} on line {its_line} ("{its_text.strip()[:60]}")',
                        line,
                        "say which limit holds where",
                    )
                    break
            seen.append((words, unit, sign, value, clause, line))


_KINDS = frozenset(
    {"unit", "integration", "branch", "doc", "documentation", "api", "initial", "cold", "warm"}
)
"""Words that make two metrics of one name two metrics."""


def _differs(words: set[str], other: set[str]) -> bool:
    return bool(words & _KINDS and other & _KINDS and words & _KINDS != other & _KINDS)


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
