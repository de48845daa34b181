"""Workstreams and needs that could never do what they say."""

from __future__ import annotations

import difflib

from ...domain.plan import NeedKind, Plan
from ..explain import no_workstreams
from ..findings import Findings
from ..schema.work import WorkstreamBlock
from ..tree import Tree
from .places import need_place, raw


def check_work(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Something to run, and partial needs that can be met."""
    begun_without_a_file = not findings.lines
    if (
        not plan.workstreams
        and raw(tree, ("workstreams",)) == {}
        and not (tree.complaints or begun_without_a_file)
    ):
        no_workstreams(findings, ("workstreams",))
    _check_runnable(plan, tree, findings)
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
        if not has and (_misspelt(written) or tree.events(where) is None):
            continue  # the unknown key is what is wrong; or a command registered it, to be given an agent later
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


_BY_HAND = "{n} needs wait for deliverables that have no checks: a person must verify them"


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
                        "partial-need",
                        message,
                        f"{target.deliverables[0].id}: {{files: […]}}",
                        at=at,
                        whole=_BY_HAND,
                        part=f"{id_} waits for {need.condition} of {target.id}",
                    )
            elif not any(d.check for d in target.deliverables if d.id == need.deliverable):
                message = f"{need.deliverable} of {target.id} has no check, so {id_} waits for a person to verify it"
                findings.warning(
                    "partial-need",
                    message,
                    f"{need.deliverable}: {{files: […]}}",
                    at=at,
                    whole=_BY_HAND,
                    part=f"{id_} waits for {need.deliverable} of {target.id}",
                )
