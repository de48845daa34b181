"""Names that point at something: needs, phases, orchestrators, agents, owners."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ...analysis.startable import can_start
from ...domain.plan import Need, NeedKind, Plan
from ...errors import did_you_mean
from ..findings import Findings
from ..tree import Tree, Where
from .places import item_place, milestone_place, name_place, need_place, written_ids, written_key


def check_names(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Every name a plan uses must exist."""
    check_needs(plan, tree, findings)
    _check_members(plan, tree, findings)
    _check_gates(plan, tree, findings)
    _check_agents(plan, tree, findings)
    _check_pools(plan, tree, findings)
    _check_strategies(plan, tree, findings)
    for name in plan.project.critical_path:
        if name not in plan.workstreams:
            _unknown(
                findings,
                "unknown-workstream",
                f'the critical path names "{name}", which is no workstream',
                name,
                plan.workstreams,
                name_place(tree, ("project", "critical_path"), name),
            )


def _unknown(
    findings: Findings, code: str, message: str, name: str, known: Iterable[str], at: Where, key: bool = False
) -> None:
    names = list(known)
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    findings.error(
        code, message, did_you_mean(name, names) or (f"known: {listed}" if names else None), at=at, key=key
    )


def check_needs(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Every need names a workstream, gate or milestone, and a deliverable that exists."""
    known = written_ids(tree)
    for id_, workstream in plan.workstreams.items():
        _needs_of(id_, ("workstreams", id_), workstream.needs, plan, known, tree, findings)
    for id_, gate in plan.gates.items():
        _needs_of(f"gate {id_}", ("gates", id_), gate.needs, plan, known, tree, findings)
    for number, milestone in enumerate(plan.milestones):
        _needs_of(
            f'milestone "{milestone.name}"',
            milestone_place(tree, number),
            milestone.needs,
            plan,
            known,
            tree,
            findings,
        )


def _needs_of(
    owner: str,
    where: Where,
    needs: tuple[Need, ...],
    plan: Plan,
    known: Collection[str],
    tree: Tree,
    findings: Findings,
) -> None:
    for need in needs:
        if need.target not in known:
            at, key = need_place(tree, where, need)
            known_ids = [*plan.workstreams, *plan.gates, *(m.id for m in plan.milestones)]
            _unknown(
                findings, "unknown-need",
                f'{owner} needs "{need.target}", but there is no workstream, gate or milestone of that name',
                need.target, known_ids, at, key,
            )  # fmt: skip
            continue
        target = plan.workstreams.get(need.target)
        if target is None:
            if need.kind is not NeedKind.DONE and need.target in plan.gates:
                at, _ = need_place(tree, where, need)
                findings.error(
                    "need",
                    f'{owner} needs "{need.condition}" of gate {need.target}, but a gate is only done or not',
                    f"{need.target}: done",
                    at=at,
                )
            continue
        names = [d.id for d in target.deliverables]
        if need.kind is NeedKind.DELIVERABLE and need.deliverable not in names:
            at, _ = need_place(tree, where, need)
            near = did_you_mean(need.deliverable or "", [*names, "done", "started"])
            listed = f"its deliverables are {', '.join(names)}" if names else "done, started or a percentage"
            findings.error(
                "need",
                f'{owner} needs "{need.deliverable}" of {need.target}, which has no such deliverable',
                near or listed,
                at=at,
            )


def _check_members(plan: Plan, tree: Tree, findings: Findings) -> None:
    has: dict[str, str] = {}
    for id_, orchestrator in plan.orchestrators.items():
        where = written_key(tree, ("orchestrators", id_), "phases", "phase")
        for phase in orchestrator.phases:
            if plan.phases and phase not in plan.phases:
                _unknown(
                    findings,
                    "unknown-phase",
                    f'orchestrator {id_} has phase "{phase}", but there is no such phase',
                    phase,
                    plan.phases,
                    name_place(tree, where, phase),
                )
            elif phase in has:
                findings.error(
                    "membership",
                    f"phase {phase} belongs to two orchestrators: {has[phase]} and {id_}",
                    "a phase belongs to one of them",
                    at=where,
                )
            has.setdefault(phase, id_)
    for id_, workstream in plan.workstreams.items():
        where = ("workstreams", id_)
        if workstream.phase is not None and plan.phases and workstream.phase not in plan.phases:
            _unknown(
                findings,
                "unknown-phase",
                f'workstream {id_} is in phase "{workstream.phase}", but there is no such phase',
                workstream.phase,
                plan.phases,
                (*where, "phase"),
            )
        elif workstream.orchestrator is not None and workstream.orchestrator not in plan.orchestrators:
            name = workstream.orchestrator
            _unknown(
                findings,
                "unknown-orchestrator",
                f'workstream {id_} belongs to "{name}", but there is no such orchestrator',
                name,
                plan.orchestrators,
                (*where, "orchestrator"),
            )
        elif workstream.orchestrator is None and plan.orchestrators and _written(tree, where):
            _without_orchestrator(id_, workstream.phase, findings)


def _written(tree: Tree, workstream: Where) -> bool:
    """Whether the file has both the workstream and orchestrators: what commands add may stand free."""
    return tree.events(workstream) is not None and tree.events(("orchestrators",)) is not None


def _without_orchestrator(id_: str, phase: str | None, findings: Findings) -> None:
    if phase is None:
        findings.error(
            "membership",
            f"workstream {id_} belongs to no orchestrator",
            "give it a phase, or orchestrator: NAME",
            at=("workstreams", id_),
            key=True,
        )
    else:
        findings.error(
            "membership",
            f"workstream {id_} belongs to no orchestrator: none has phase {phase}",
            f"add {phase} to the phases of one",
            at=("workstreams", id_, "phase"),
        )


def _check_gates(plan: Plan, tree: Tree, findings: Findings) -> None:
    phases = set(plan.phases) | {w.phase for w in plan.workstreams.values() if w.phase}
    for id_, gate in plan.gates.items():
        for key, phase in (("closes", gate.closes), ("opens", gate.opens)):
            if phase is not None and phase not in phases:
                _unknown(
                    findings,
                    "unknown-phase",
                    f'gate {id_} {key} phase "{phase}", but there is no such phase',
                    phase,
                    sorted(phases),
                    ("gates", id_, key),
                )
        for position, criterion in enumerate(gate.criteria):
            after = criterion.after
            if after is not None and after != "decision" and after not in plan.gates:
                _unknown(
                    findings,
                    "unknown-gate",
                    f'"{after}" is no gate',
                    after,
                    ["decision", *plan.gates],
                    ("gates", id_, "criteria", position, "after"),
                )
    for position, criterion in enumerate(plan.meta.invariants if plan.meta else ()):
        if criterion.after is not None and criterion.after not in plan.gates:
            _unknown(
                findings,
                "unknown-gate",
                f'"{criterion.after}" is no gate',
                criterion.after,
                plan.gates,
                ("meta", "invariants", position, "after"),
            )


def _check_agents(plan: Plan, tree: Tree, findings: Findings) -> None:
    users: list[tuple[str | None, Where]] = [
        (w.agent, ("workstreams", id_, "agent")) for id_, w in plan.workstreams.items()
    ]
    users += [(o.agent, ("orchestrators", id_, "agent")) for id_, o in plan.orchestrators.items()]
    if plan.meta is not None:
        users.append((plan.meta.agent, ("meta", "agent")))
    for name, where in users:
        if name is None or name in plan.agents or tree.events(where) is None:
            continue
        names = list(plan.agents)
        listed = f" ({', '.join(names)})" if names else ", and the plan has none"
        help_ = did_you_mean(name, names) or f'agents: {{{name}: {{command: "claude -p {{instructions}}"}}}}'
        findings.warning("unknown-agent", f'agent "{name}" is not in agents{listed}', help_, at=where)
    for name in dict.fromkeys(user[0] for user in users):
        if name in plan.agents and not can_start(plan, name) and tree.events(("agents", name)) is not None:
            findings.warning(
                "no-command",
                f"agent type {name} has no command, so nothing can start it",
                f'{name}: {{command: "claude -p {{instructions}}"}}',
                at=("agents", name),
                key=True,
            )


def _check_pools(plan: Plan, tree: Tree, findings: Findings) -> None:
    for name in plan.resources.pools:
        if name not in plan.orchestrators and name != "floating":
            _unknown(
                findings,
                "unknown-pool",
                f'pool "{name}" belongs to no orchestrator',
                name,
                [*plan.orchestrators, "floating"],
                ("resources", "pools", name),
                True,
            )
    known = [*plan.orchestrators, *plan.people, *plan.notify, *([plan.meta.id] if plan.meta else ())]
    for risk in plan.risks:
        if (
            risk.owner is not None
            and known
            and risk.owner not in known
            and (near := did_you_mean(risk.owner, known))
        ):
            findings.warning(
                "unknown-owner",
                f'risk {risk.id} is owned by "{risk.owner}", who is not in the plan',
                near,
                at=(*item_place(tree, "risks", risk.id, "id"), "owner"),
            )


def _check_strategies(plan: Plan, tree: Tree, findings: Findings) -> None:
    for strategy in plan.strategies:
        where = (*item_place(tree, "strategies", strategy.id, "id"), "candidates")
        for name in _listed(strategy.options.get("candidates")):
            if name not in plan.workstreams:
                _unknown(
                    findings,
                    "unknown-workstream",
                    f'strategy {strategy.id} names "{name}", which is no workstream',
                    name,
                    plan.workstreams,
                    name_place(tree, where, name),
                )


def _listed(text: str | None) -> list[str]:
    import json

    value = json.loads(text) if text else []
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]
