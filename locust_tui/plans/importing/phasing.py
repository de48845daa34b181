"""Which phase each workstream is in, and when: from what the document says, then by stated choices, never in silence."""

from __future__ import annotations

import re

from ...domain.plan import Weeks
from .document import Listing, Section, Table
from .draft import Draft, Leader, Package, Stage
from .gates import GATE
from .marks import labelled, plain
from .words import keywords, phases_in, weeks_in, weeks_of

UNASSIGNED = "unassigned"
_PLURAL = re.compile(r"\b(?:phases|stages)\b", re.IGNORECASE)


def read_stages(draft: Draft) -> None:
    """Phases that headings, lists and tables name: `Phase 1: Foundations (Weeks 1-3)`."""
    for section in draft.document.sections():
        if (
            section.level
            and not draft.document.took(section)
            and section.title.casefold().startswith(("phase ", "stage "))
        ) and _stage(draft, section.title, section.line):
            draft.document.take(section)
        if _speaks_of_phases(section) and not draft.document.took(section):
            _from_lists(draft, section)
        for block in section.blocks:
            if isinstance(block, Table) and [h for h in block.head[:1] if h.casefold() in ("phase", "stage")]:
                _from_table(draft, block)


def _speaks_of_phases(section: Section) -> bool:
    return bool(keywords(section.title) & {"phase", "stage"}) and not GATE.search(section.title)


def _from_lists(draft: Draft, section: Section) -> None:
    for block in section.blocks:
        if isinstance(block, Listing):
            numbered = [_stage(draft, item.text, item.line) for item in block.items]
            if not any(numbered) and block.ordered and _PLURAL.search(section.title):
                numbered = [
                    _stage(draft, f"Phase {n}: {item.text}", item.line)
                    for n, item in enumerate(block.items[:50], 1)
                ]
            if any(numbered):
                draft.document.take(block)


def _from_table(draft: Draft, table: Table) -> None:
    heads = [head.casefold() for head in table.head]
    for row in table.rows[:200]:
        cells = dict(zip(heads, map(plain, row.cells), strict=False))
        phases = phases_in(cells.get(heads[0], "")) or phases_in(f"phase {cells.get(heads[0], '')}")
        if len(phases) == 1:
            stage = draft.stages.setdefault(phases[0], Stage(phases[0], "", row.line))
            name = cells.get("name") or cells.get("title") or cells.get("goal") or ""
            stage.name, stage.line = stage.name or name, row.line
            stage.weeks = stage.weeks or weeks_of(
                cells.get("weeks") or cells.get("week") or cells.get("timeline") or ""
            )
            draft.document.take(table)


def _stage(draft: Draft, text: str, line: int) -> bool:
    words = plain(text)
    phases = phases_in(words)
    if len(phases) != 1 or not words.casefold().startswith(("phase", "stage")):
        return False
    stage = draft.stages.setdefault(phases[0], Stage(phases[0], "", line))
    _, _, rest = words.partition(phases[0])
    name = labelled(f"x{rest}")[1] if rest.startswith(":") else rest.strip(" :–—-")
    name = name.partition("(")[0].partition(" - ")[0].strip(" :–—-,.")
    stage.name, stage.line = stage.name or name[:100], line
    stage.weeks = stage.weeks or weeks_in(words)
    return True


def settle_phases(draft: Draft) -> None:
    """Give every workstream an orchestrator, a phase and weeks, and every phase its weeks."""
    if draft.leaders:
        _own(draft)
    for leader in draft.leaders:
        for phase in leader.phases:
            draft.stages.setdefault(phase, Stage(phase, "", leader.lines.get("phases", leader.line)))
        for id in leader.members:
            _place(draft, leader, draft.packages[id])
    for package in draft.packages.values():
        if package.phase is not None:
            draft.stages.setdefault(package.phase, Stage(package.phase, "", package.line))
    draft.stages = dict(
        sorted(
            draft.stages.items(),
            key=lambda pair: (not pair[0].isdecimal(), int(pair[0]) if pair[0].isdecimal() else 0),
        )
    )
    _share_stages(draft)
    _date_stages(draft)
    _date_packages(draft)


def _own(draft: Draft) -> None:
    """Every workstream belongs to exactly one orchestrator."""
    seen: set[str] = set()
    for leader in draft.leaders:
        leader.members = [m for m in dict.fromkeys(leader.members) if m not in seen]
        seen.update(leader.members)
    rest: dict[str, Package] = {p.id: p for p in draft.packages.values() if p.id not in seen}
    for package in list(rest.values()):
        owner = next((x for x in draft.leaders if package.phase and package.phase in x.phases), None)
        if owner is not None:
            owner.members.append(package.id)
            draft.notes.note(
                "membership",
                f"{package.id} is given to {owner.name}, which has phase {package.phase}",
                package.line,
            )
            del rest[package.id]
    if rest:
        first = next(iter(rest.values()))
        draft.leaders.append(Leader("Unassigned", first.line, UNASSIGNED, members=list(rest)))
        draft.notes.warn(
            "membership", f"{', '.join(rest)}: the document gives {'it' if len(rest) == 1 else 'them'} to no orchestrator", first.line,
            f'move {"it" if len(rest) == 1 else "them"} from orchestrator "{UNASSIGNED}" to one of the others',
        )  # fmt: skip


def _place(draft: Draft, leader: Leader, package: Package) -> None:
    """The phase of a workstream whose orchestrator has several: the one whose gate speaks of it, else the last."""
    if package.phase is not None or not leader.phases:
        return
    if len(leader.phases) == 1:
        package.phase = leader.phases[0]
        return
    names = [keywords(draft.packages[m].name) for m in leader.members]
    shared = {w for words in names for w in words if sum(w in other for other in names) > 1}
    words = keywords(package.name, shared)
    best: tuple[int, str, int, set[str]] | None = None
    for phase in leader.phases:
        for gate in draft.barriers:
            if gate.closes == phase:
                for text, line in gate.criteria:
                    common = words & keywords(plain(text))
                    if common and (best is None or len(common) > best[0]):
                        best = len(common), phase, line, common
    if best is not None:
        package.phase = best[1]
        spoken = ", ".join(sorted(best[3]))
        draft.notes.note(
            "phase",
            f"{package.id} is put into phase {best[1]}: the gate that closes it speaks of {spoken} (line {best[2]})",
            package.line,
        )
    else:
        package.phase = leader.phases[-1]
        draft.notes.note(
            "phase",
            f"{package.id} is put into phase {package.phase}, the last of {leader.name}; the document does not say which",
            package.line,
        )


def _share_stages(draft: Draft) -> None:
    """An orchestrator that the document gives no phases has those whose workstreams are all its own."""
    taken = {phase for leader in draft.leaders for phase in leader.phases}
    for leader in draft.leaders:
        if not leader.phases:
            leader.phases = [
                phase
                for phase in draft.stages
                if phase not in taken
                and (works := {p.id for p in draft.packages.values() if p.phase == phase})
                and works <= set(leader.members)
            ]


def _date_stages(draft: Draft) -> None:
    """Weeks of phases that share an orchestrator's: the first begins with it, each ends at its gate."""
    due = {g.closes: g for g in draft.barriers if g.week is not None}
    for leader in draft.leaders:
        begin = leader.weeks.first if leader.weeks else None
        for n, phase in enumerate(leader.phases):
            stage = draft.stages[phase]
            if stage.weeks is None and begin is not None and leader.weeks is not None:
                gate = due.get(phase)
                end = (
                    leader.weeks.last
                    if n == len(leader.phases) - 1 or gate is None or gate.week is None
                    else gate.week
                )
                if begin <= end:
                    stage.weeks = Weeks(begin, end)
                    if len(leader.phases) > 1:
                        stage.guessed = f"of weeks {leader.weeks}" + (
                            f", up to its gate on line {gate.line}" if gate else ""
                        )
            begin = stage.weeks.last + 1 if stage.weeks else begin
    for stage in draft.stages.values():
        if stage.guessed:
            draft.notes.note(
                "phase-weeks",
                f"phase {stage.id} has no weeks of its own; {stage.weeks} are taken, {stage.guessed}",
                stage.line,
            )


def _date_packages(draft: Draft) -> None:
    """Workstreams without weeks take their phase's."""
    without = [p for p in draft.packages.values() if p.weeks is None and p.duration is None]
    dated = 0
    for package in without:
        stage = draft.stages.get(package.phase or "")
        if stage is not None and stage.weeks is not None:
            package.weeks = stage.weeks
            package.lines["weeks"] = stage.line
            dated += 1
    if dated:
        whose = (
            "single workstreams"
            if dated == len(draft.packages)
            else f"{dated} of {len(draft.packages)} workstreams"
        )
        draft.notes.note(
            "weeks",
            f"the document gives no weeks for {whose}; each takes its phase's, and weighs as much",
            without[0].line,
        )
