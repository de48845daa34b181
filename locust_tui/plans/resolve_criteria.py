"""Criteria of the file → criteria of the plan: probes, limits in one unit, ids that stay."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..domain.criterion import Criterion, Limit, Probe, ProbeKind
from ..domain.plan import Deliverable
from .quantities import BadValueError, convert, known_unit

if TYPE_CHECKING:
    from .schema.criteria import CriterionBlock, DeliverableBlock

_NOT_WORD = re.compile(r"[^\w.]+")


def slug(text: str, fallback: str = "item") -> str:
    """An id made of a name: lower case, words joined by hyphens, at most 64 characters."""
    words = _NOT_WORD.sub("-", unicodedata.normalize("NFC", text).lower()).strip("-._")
    return words[:64].rstrip("-.") or fallback


def unique(name: str, taken: set[str]) -> str:
    """`name`, or `name-2`, `name-3` … when it is taken; the answer is then taken."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name[:60]}-{count}"
    taken.add(candidate)
    return candidate


def resolve_criteria(blocks: Iterable[CriterionBlock]) -> tuple[Criterion, ...]:
    """The criteria of one owner; ids are unique among them."""
    taken: set[str] = set()
    return tuple(resolve_criterion(block, taken) for block in blocks)


def resolve_criterion(
    block: CriterionBlock, taken: set[str] | None = None, name: str | None = None
) -> Criterion:
    """One criterion. Raises BadValueError where its limits have no common unit."""
    probes = tuple(_probes(block))
    title = name or block.name or _title(probes)
    return Criterion(
        id=unique(slug(title, "criterion"), set() if taken is None else taken),
        name=title,
        probes=probes,
        limit=resolve_limit(block),
        must=block.must is not False and block.should is not True,
        fact=block.as_,
        max_age=block.max_age,
        after=block.after,
        inputs=block.inputs or (),
        timeout=block.timeout,
        cwd=block.cwd,
        env=block.env or {},
    )


def _probes(block: CriterionBlock) -> Iterable[Probe]:
    if block.run is not None:
        yield Probe(ProbeKind.RUN, command=block.run, unit=None if block.metric else _unit(block))
    if block.files:
        yield Probe(ProbeKind.FILES, patterns=block.files)
    if block.coverage:
        yield Probe(ProbeKind.COVERAGE, patterns=block.coverage, include=block.include or (), unit="%")
    if block.metric is not None:
        file = (block.metric.file,) if block.metric.file else ()
        yield Probe(ProbeKind.METRIC, command=block.metric.run, patterns=file, at=block.at, unit=_unit(block))
    if block.memory is not None:
        yield Probe(ProbeKind.MEMORY, command=block.memory, baseline=block.baseline, unit="B")
    if block.time is not None:
        yield Probe(ProbeKind.TIME, command=block.time, baseline=block.baseline, unit="s")
    if block.http is not None:
        yield Probe(ProbeKind.HTTP, url=block.http.url)
    if block.manual is not None:
        yield Probe(ProbeKind.MANUAL, text=block.manual.text, by=block.manual.by)
    if block.agent is not None:
        yield Probe(ProbeKind.AGENT, text=block.agent.text, by=block.agent.type)
    if block.fact is not None:
        yield Probe(ProbeKind.FACT, text=block.fact, unit=_unit(block))


def _unit(block: CriterionBlock) -> str | None:
    return None if block.unit is None else known_unit(block.unit)


def _title(probes: tuple[Probe, ...]) -> str:
    """What to call a criterion that has no name: what it looks at."""
    for probe in probes:
        what = (
            probe.text
            or (probe.command.text if probe.command else "")
            or ", ".join(probe.patterns)
            or probe.url
        )
        if what:
            return what if len(what) <= 80 else what[:79] + "…"
    return "nothing to measure"


_SIGNS = {"above": ">", "below": "<", "min": "≥", "max": "≤"}


def resolve_limit(block: CriterionBlock) -> Limit | None:
    """The limits of a criterion in one unit: that of the first limit that has one."""
    written = {sign: pair for sign in _SIGNS if (pair := getattr(block, sign)) is not None}
    if not written and block.expect is None:
        return None
    unit = next((u for _, u in written.values() if u), None)
    values = {sign: convert(value, own or unit, unit) for sign, (value, own) in written.items()}
    if block.unit is not None and unit is not None:
        convert(1.0, known_unit(block.unit), unit)
    low = max((values[s] for s in ("above", "min") if s in values), default=None)
    high = min((values[s] for s in ("below", "max") if s in values), default=None)
    if low is not None and high is not None and low > high:
        raise BadValueError("no value lies between these limits", f"{high:g} to {low:g} runs backwards")
    parts = [f"{_SIGNS[s]} {v:g}{_spaced(u)}" for s, (v, u) in written.items()]
    if block.expect is not None:
        parts.append(f"= {block.expect}")
    return Limit(
        above=values.get("above"),
        below=values.get("below"),
        minimum=values.get("min"),
        maximum=values.get("max"),
        unit=unit or (_unit(block) if written else None),
        expect=block.expect,
        text=", ".join(parts),
    )


def _spaced(unit: str | None) -> str:
    return "" if unit is None else unit if unit == "%" else f" {unit}"


def resolve_deliverables(blocks: Iterable[DeliverableBlock]) -> tuple[Deliverable, ...]:
    """Deliverables of one workstream, each with its check when it has one."""
    taken: set[str] = set()
    found = []
    for block in blocks:
        name = block.name or block.id or "deliverable"
        identity = block.id or slug(name)
        probed = any(True for _ in _probes(block))
        check = resolve_criterion(block, set(), name=name) if probed else None
        found.append(Deliverable(unique(identity, taken), name, check))
    return tuple(found)
