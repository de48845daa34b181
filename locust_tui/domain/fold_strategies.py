"""What applied strategies do to the world."""

from __future__ import annotations

from dataclasses import replace

from . import events as e
from .applied import StrategyStatus
from .folding import Touched, fold_body
from .people import Person
from .world import World


@fold_body.register
def _(body: e.StrategyApplied, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    world.strategies[body.id] = StrategyStatus(
        body.id, body.strategies, body.words, by.name, at, body.note, body.plan_before, body.plan_after,
        body.file_before, body.file_after, body.additions, body.records, body.edits,
    )  # fmt: skip
    return (Touched("strategies", body.id),)


@fold_body.register
def _(body: e.StrategyUndone, world: World, at: float, by: Person) -> tuple[Touched, ...]:
    known = world.strategies.get(body.id)
    if known is None:
        return ()
    world.strategies[body.id] = replace(known, undone_at=at, undone_by=by.name)
    return (Touched("strategies", body.id),)
