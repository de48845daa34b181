"""What the events of the plan and of its baseline do to the world."""

from __future__ import annotations

from dataclasses import replace

from . import events as e
from .folding import PROJECT, Touched, fold_body
from .people import WORKER, Person
from .studies.baseline import PlanChange
from .world import HeldPlan, World


@fold_body.register
def _(body: e.PlanAccepted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    project = world.project
    first = project.plan_digest is None
    world.project = replace(
        project,
        plan_digest=body.digest,
        plan_path=body.path,
        plan_since=at,
        plan_changes=project.plan_changes + (0 if first else 1),
        last_change=body.summary,
        held=None,
        rewriting=None,
    )
    who = by.name if by.name != WORKER.name else body.saved_by
    revision = world.revision + 1  # of this event: the log has no gaps
    return PROJECT + tuple(
        _changed(world, replace(c, revision=revision, at=at, by=who, why=body.note, how=body.how))
        for c in body.gates
    )


@fold_body.register
def _(body: e.PlanRewriting, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, rewriting=body.rewrite)
    return PROJECT


@fold_body.register
def _(body: e.PlanNotRewritten, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, rewriting=None)
    return PROJECT


def _changed(world: World, change: PlanChange) -> Touched:
    gate = world.gate(change.subject)
    world.gates[gate.id] = replace(gate, changed=(*gate.changed, change))
    return Touched("gates", gate.id)


@fold_body.register
def _(body: e.PlanNoted, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    touched = []
    for gate in list(world.gates.values()):
        if any(change.revision == body.plan for change in gate.changed):
            changed = tuple(replace(c, why=body.note) if c.revision == body.plan else c for c in gate.changed)
            world.gates[gate.id] = replace(gate, changed=changed)
            touched.append(Touched("gates", gate.id))
    return tuple(touched)


@fold_body.register
def _(body: e.BaselineSet, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, baseline=body.digest)
    return PROJECT


@fold_body.register
def _(body: e.PlanHeld, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    held = HeldPlan(
        body.digest, body.why, body.summary, body.lines, at, body.errors, body.removed, body.compared, body.refused,
        body.during,
    )  # fmt: skip
    world.project = replace(world.project, held=held)
    return PROJECT


@fold_body.register
def _(body: e.PlanReleased, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.project = replace(world.project, held=None)
    return PROJECT
