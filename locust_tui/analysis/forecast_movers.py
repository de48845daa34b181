"""What moves the finish: on which workstreams it hangs, how strongly, and by how many weeks each may delay it."""

from __future__ import annotations

from collections.abc import Mapping

from locust_tui.domain.plan import Plan
from locust_tui.domain.studies.forecast_study import Mover
from locust_tui.domain.world import World

from .forecast_columns import Columns
from .forecast_passes import Model, Outcomes

MOST = 16
"""Workstreams that are looked into: those most often on the longest path."""


def movers(
    plan: Plan,
    world: World,
    model: Model,
    columns: Columns,
    outcomes: Outcomes,
    critical: Mapping[str, float],
) -> tuple[Mover, ...]:
    """The unfinished workstreams that were ever on the longest path, the one that may delay the finish most first.

    `critical`: share of all runs; `outcomes`: the runs over which the two other figures are taken.
    """
    finish = columns.ranks(outcomes.finish)
    nodes = [i for i in model.draws if critical.get(model.network.ids[i])]
    nodes.sort(key=lambda i: (-critical[model.network.ids[i]], i))
    found = []
    for i in nodes[:MOST]:
        work, drawn = plan.workstreams[model.network.ids[i]], model.draws[i]
        p50, p85 = drawn.at(0.5), drawn.at(0.85)
        later, usual = (columns.mean(model.instead(columns, outcomes, i, weeks)) for weeks in (p85, p50))
        found.append(
            Mover(
                work.id, work.name, world.workstream(work.id).state.value, 100.0 * critical[work.id],
                later - usual, columns.correlation(columns.ranks(outcomes.durations[i]), finish),
                model.network.durations[i], p50, p85,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda m: (-round(m.adds or 0.0, 3), -m.critical, m.id)))
