"""KPIs and risks: from YAML blocks, and from tables with the usual columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .document import Fence, Section, Table
from .draft import Draft
from .finding import NOT_UNDERSTOOD
from .marks import plain
from .words import slug

if TYPE_CHECKING:
    from ..tree import Tree

_LIMIT = re.compile(
    r"\s*([<>≤≥]=?|at least|at most|below|above|under|over|min|max)?\s*(\d{1,9}(?:\.\d{1,4})?)\s*(?:(?:-|–|to)\s*(\d{1,9}(?:\.\d{1,4})?))?\s*(%|ms\b|s\b|MB\b|GB\b|h\b)?\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS = {
    ">": "above", "<": "below", ">=": "min", "<=": "max", "≥": "min", "≤": "max", "at least": "min", "min": "min",
    "at most": "max", "max": "max", "below": "below", "under": "below", "above": "above", "over": "above",
}  # fmt: skip
_LEVELS = {
    "low": "low",
    "l": "low",
    "medium": "medium",
    "med": "medium",
    "m": "medium",
    "moderate": "medium",
    "high": "high",
    "h": "high",
    "very high": "high",
    "likely": "high",
    "severe": "high",
    "major": "high",
    "possible": "medium",
    "unlikely": "low",
    "rare": "low",
    "minor": "low",
    "critical": "high",
}
MOST = 100


def read_measures(draft: Draft) -> None:
    """Put KPIs and risks into the draft."""
    for section, block in draft.document.blocks():
        if isinstance(block, Fence) and block.language in ("yaml", "yml", "json"):
            _read_block(draft, block)
        elif isinstance(block, Table):
            _read_table(draft, section, block)


def _read_block(draft: Draft, block: Fence) -> None:
    import yaml

    from ..builder import build_tree
    from ..tree import TreeError

    try:
        tree = build_tree(block.text)
    except TreeError as error:
        draft.notes.note(
            NOT_UNDERSTOOD,
            f"not understood: this block is no YAML that a plan can hold: {error.message}",
            block.line,
        )
        draft.document.take(block)
        return
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = block.line + min(mark.line if mark is not None else 0, block.text.rstrip().count("\n"))
        draft.notes.note(
            NOT_UNDERSTOOD,
            f"not understood: this YAML is broken: {getattr(error, 'problem', None) or 'it cannot be read'}",
            line,
        )
        draft.document.take(block)
        return
    value = tree.value
    if not isinstance(value, dict):
        return
    unknown = [key for key, part in value.items() if not _read_key(draft, block, tree, key, part)]
    draft.document.take(block)
    if len(unknown) == len(value) > 1:
        names = ", ".join(str(key) for key in unknown[:8]) + (", …" if len(unknown) > 8 else "")
        draft.notes.note(NOT_UNDERSTOOD, f"not understood: this block of {names}", block.line)
        return
    for key in unknown:
        message = f'not understood: "{key}" of this block'
        draft.notes.note(NOT_UNDERSTOOD, message, _line(block, tree, key))


def _line(block: Fence, tree: Tree, *place: str | int) -> int:
    """The line of the document on which the value at `place` of a YAML block stands."""
    span = tree.span(place)
    return block.line + (span.line - 1 if span else 0)


def _read_key(draft: Draft, block: Fence, tree: Tree, key: str, part: Any) -> bool:
    """Whether the key is one that is known; then what it holds is taken."""
    if key == "kpis" and isinstance(part, dict):
        for name, kpi in list(part.items())[:MOST]:
            if isinstance(kpi, dict):
                _kpi(draft, str(name), kpi, _line(block, tree, key, name))
    elif key == "risks" and isinstance(part, list):
        for n, risk in enumerate(part[:MOST]):
            if isinstance(risk, dict):
                _risk(draft, risk, _line(block, tree, key, n))
    elif key in ("pools", "resources") and isinstance(part, dict):
        _resources(draft, key, part, block, tree)
    else:
        return False
    return True


def _resources(draft: Draft, key: str, part: dict[str, Any], block: Fence, tree: Tree) -> None:
    cap = part.get("max_agents")
    if isinstance(cap, int) and not isinstance(cap, bool) and 0 < cap < 100_000:
        draft.values.setdefault("resources", {}).setdefault("max_agents", cap)
        draft.lines.setdefault(("resources", "max_agents"), _line(block, tree, key, "max_agents"))
    inner = part.get("pools")
    place = (key, "pools") if isinstance(inner, dict) else (key,)
    for name, size in (inner if isinstance(inner, dict) else part).items():
        if (
            isinstance(size, int)
            and not isinstance(size, bool)
            and 0 <= size < 10_000
            and name != "max_agents"
        ):
            draft.values.setdefault("pools", {})[str(name)] = size
            draft.lines["pools", str(name)] = _line(block, tree, *place, name)


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else plain(str(value))


def _kpi(draft: Draft, name: str, kpi: dict[str, Any], line: int) -> None:
    target, measure = _text(kpi.get("target")), _text(kpi.get("measure"))
    made = limit_of(target)
    if made is None or not measure:
        what = "target" if made is None else "measure"
        draft.notes.note(
            NOT_UNDERSTOOD,
            f'not understood: the {what} of KPI {name}: "{target or measure}"',
            line,
            "write it as 2-3, > 80% or < 10ms",
        )
        return
    rest = made.pop("rest")
    kpi_name = _text(kpi.get("name")) or (str(rest)[:1].upper() + str(rest)[1:] if rest else "")
    draft.put(
        "kpis",
        {"measure": measure, **made, **({"name": kpi_name} if kpi_name else {})},
        line,
        slug(name) or "kpi",
    )


def limit_of(text: str) -> dict[str, Any] | None:
    """The plan's form of "2-3 workstreams per week", "> 80% acceptance", "90% accuracy", with the words behind it as `rest`."""
    found = _LIMIT.match(text)
    if found is None:
        return None
    sign, low, high, unit, rest = found.groups()
    unit = unit or ""
    if high is not None:
        return {"target": f"{low}-{high}{unit}", "rest": rest.strip()} if float(low) <= float(high) else None
    key = _SIGNS.get((sign or "at least").casefold(), "min")
    return {key: f"{low}{unit}", "rest": rest.strip()}


def _risk(draft: Draft, risk: dict[str, Any], line: int) -> None:
    words = _text(risk.get("risk")) or _text(risk.get("name")) or _text(risk.get("description"))
    if not words:
        draft.notes.note(NOT_UNDERSTOOD, "not understood: a risk without words", line)
        return
    made: dict[str, Any] = {"id": f"R{len(draft.values.get('risks', ())) + 1}", "risk": words}
    for key in ("probability", "impact"):
        said = _text(
            risk.get(key) if key in risk else risk.get("likelihood") if key == "probability" else None
        )
        level = _LEVELS.get(said.casefold())
        if level is None:
            draft.notes.warn(
                "risk-level", f'{key} "{said}" of "{words}" is not low, medium or high; medium is taken', line
            )
        made[key] = level or "medium"
    if _text(risk.get("mitigation")):
        made["mitigation"] = _text(risk["mitigation"])
    draft.put("risks", made, line)


def _read_table(draft: Draft, section: Section, table: Table) -> None:
    heads = [head.casefold() for head in table.head]
    is_risk = "risk" in heads and ({"impact", "mitigation", "probability", "likelihood"} & set(heads))
    is_kpi = bool({"kpi", "metric", "measure"} & set(heads)) and "target" in heads
    if not (is_risk or is_kpi):
        return
    draft.document.take(table)
    for row in table.rows[:MOST]:
        cells = dict(zip(heads, map(plain, row.cells), strict=False))
        if is_risk:
            _risk(draft, cells, row.line)
        else:
            name = cells.get("kpi") or cells.get("metric") or cells.get("name") or ""
            _kpi(
                draft,
                name,
                {"target": cells.get("target"), "measure": cells.get("measure") or cells.get("formula")},
                row.line,
            )
