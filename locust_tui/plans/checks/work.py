"""Workstreams, criteria and needs that could never do what they say."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from ...domain.criterion import Criterion, ProbeKind
from ...domain.plan import NeedKind, Plan
from ..findings import Findings
from ..schema.work import WorkstreamBlock
from ..tree import Tree, Where
from .places import need_place, raw


def check_work(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Something to run, something to measure, and partial needs that can be met."""
    _check_runnable(plan, tree, findings)
    for where, what, criterion in _criteria(plan):
        _check_criterion(where, what, criterion, tree, findings)
    _check_partial_needs(plan, tree, findings)


def _check_runnable(plan: Plan, tree: Tree, findings: Findings) -> None:
    for id_, workstream in plan.workstreams.items():
        where = ("workstreams", id_)
        written = raw(tree, where)
        has = {
            key
            for key in ("run", "instructions")
            if isinstance(written, dict) and written.get(key) is not None
        }
        if not has and _misspelt(written):
            continue  # the unknown key is what is wrong
        if not has:
            findings.error(
                "nothing-to-run",
                f"workstream {id_} has neither run nor instructions",
                f"{id_}: {{run: make}}, or an agent and instructions",
                at=where,
                key=True,
            )
        elif len(has) == 2:
            findings.error(
                "nothing-to-run",
                f"workstream {id_} has both run and instructions",
                "keep one: a command runs without an agent",
                at=(*where, "instructions"),
                key=True,
            )
        elif "instructions" in has and workstream.agent is None and workstream.instructions is not None:
            names = ", ".join(plan.agents)
            findings.error(
                "no-agent",
                f"workstream {id_} has instructions, but no agent to follow them",
                f"agent: one of {names}"
                if names
                else 'agents: {coder: {command: "claude -p {instructions}"}}',
                at=where,
                key=True,
            )


def _misspelt(written: object) -> bool:
    """Whether a key of a workstream was probably meant to be run or instructions."""
    keys = written if isinstance(written, dict) else ()
    known = WorkstreamBlock.model_fields
    return any(
        key not in known and difflib.get_close_matches(key.lower(), ("run", "instructions"), 1, 0.6)
        for key in keys
    )


def _criteria(plan: Plan) -> Iterator[tuple[Where, str, Criterion]]:
    for id_, gate in plan.gates.items():
        for n, criterion in enumerate(gate.criteria):
            yield ("gates", id_, "criteria", n), f"of gate {id_}", criterion
    for id_, workstream in plan.workstreams.items():
        for n, criterion in enumerate(workstream.accept):
            yield ("workstreams", id_, "accept", n), f"of workstream {id_}", criterion
        for n, deliverable in enumerate(workstream.deliverables):
            if deliverable.check is not None:
                yield ("workstreams", id_, "deliverables", n), f"of workstream {id_}", deliverable.check
    for n, criterion in enumerate(plan.meta.invariants if plan.meta else ()):
        yield ("meta", "invariants", n), "of meta", criterion
    for fact in plan.facts:
        yield ("facts", str(fact.fact)), "in facts", fact
    for n, risk in enumerate(plan.risks):
        if risk.watch is not None:
            yield ("risks", n, "watch"), f"of risk {risk.id}", risk.watch


def _check_criterion(where: Where, what: str, criterion: Criterion, tree: Tree, findings: Findings) -> None:
    if not criterion.probes:
        findings.error(
            "nothing-to-measure",
            f'criterion "{criterion.name}" {what} measures nothing',
            "add run, files, coverage, metric, memory, time, http or manual",
            at=where,
        )
        return
    kinds = {probe.kind for probe in criterion.probes}
    limit = criterion.limit
    numeric = kinds & {
        ProbeKind.METRIC,
        ProbeKind.COVERAGE,
        ProbeKind.MEMORY,
        ProbeKind.TIME,
        ProbeKind.RUN,
        ProbeKind.FILES,
        ProbeKind.HTTP,
        ProbeKind.FACT,
    }
    if limit is not None and not numeric:
        findings.error(
            "limit",
            f'criterion "{criterion.name}" {what} has a limit, but nothing that gives a number',
            "a person's yes needs no limit",
            at=where,
        )
    if (
        limit is None
        and kinds & {ProbeKind.COVERAGE, ProbeKind.MEMORY, ProbeKind.TIME}
        and what != "in facts"
        and criterion.fact is None
    ):
        findings.warning(
            "no-limit",
            f'criterion "{criterion.name}" {what} measures without a limit, so it always passes',
            "add above, below, min or max",
            at=where,
        )
    bare = any(probe.kind is ProbeKind.METRIC and probe.unit is None for probe in criterion.probes)
    if limit is not None and limit.unit is not None and bare:
        findings.warning(
            "no-unit",
            f'criterion "{criterion.name}" {what} has its limit in {limit.unit}, but its value has no unit',
            f"add unit: {limit.unit}",
            at=where,
        )


def _check_partial_needs(plan: Plan, tree: Tree, findings: Findings) -> None:
    for id_, workstream in plan.workstreams.items():
        for need in workstream.needs:
            target = plan.workstreams.get(need.target)
            if target is None or need.kind not in (NeedKind.PERCENT, NeedKind.DELIVERABLE):
                continue
            at, _ = need_place(tree, ("workstreams", id_), need)
            if need.kind is NeedKind.PERCENT:
                if not target.deliverables:
                    message = f'{target.id} has no deliverables, so "{need.condition}" can only be reached when it is done'
                    findings.warning(
                        "partial-need",
                        message,
                        f"give {target.id} deliverables, or write needs: {target.id}",
                        at=at,
                    )
                elif not any(d.check for d in target.deliverables):
                    message = f'the deliverables of {target.id} have no checks, so "{need.condition}" waits for a person to verify them'
                    findings.warning(
                        "partial-need", message, f"{target.deliverables[0].id}: {{files: […]}}", at=at
                    )
            elif not any(d.check for d in target.deliverables if d.id == need.deliverable):
                message = f"{need.deliverable} of {target.id} has no check, so {id_} waits for a person to verify it"
                findings.warning("partial-need", message, f"{need.deliverable}: {{files: […]}}", at=at)
