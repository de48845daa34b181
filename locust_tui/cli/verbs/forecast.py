"""`forecast`: when the plan will probably end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..command import Settings, verb
from ..output import narrate, put, put_json
from ..target import find_target, read_state


@verb("forecast")
@click.argument("plan", type=click.Path(path_type=Path), required=False)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="p50_week, p85_week, p95_week, in_window, smallest_cap, seed, runs, gates.",
)
@click.option("--no-gates", is_flag=True, help="As if no gate ever held anything.")
@click.option(
    "--runs", type=click.IntRange(100, 100_000), default=10_000, show_default=True, help="Simulated outcomes."
)
@click.option("--seed", type=int, help="Another seed; the same seed gives the same figures.")
def command(
    settings: Settings, plan: Path | None, as_json: bool, no_gates: bool, runs: int, seed: int | None
) -> int:
    """Simulate the rest of the plan and show in which weeks it and its gates will probably be reached.

    Gates hold what they hold unless --no-gates. Also of a plan that never ran.
    """
    from ...analysis.forecast import SEED, forecast
    from ...analysis.levelling import smallest_cap
    from ...analysis.verdict import is_complete
    from ...report.figures import known

    state = read_state(find_target(settings, plan), prefer_file=True)
    seed = SEED if seed is None else seed
    found = forecast(state.plan, state.world, state.at, gates=not no_gates, runs=runs, seed=seed)
    complete = is_complete(state.plan, state.world)
    cap = smallest_cap(state.plan)
    gates = [
        {"id": g.id, "p50_week": g.p50_week, "p85_week": g.p85_week, "due_week": g.due_week}
        for g in found.gates
    ]
    if as_json:
        document: dict[str, Any] = {
            "complete": complete,
            "p50_week": found.p50_week,
            "p85_week": found.p85_week,
            "p95_week": found.p95_week,
            "in_window": found.in_window,
            "smallest_cap": cap,
            "seed": seed,
            "runs": runs,
            "with_gates": not no_gates,
            "gates": gates,
        }
        why = found.reason or "cannot be computed"
        for key in ("p50_week", "p85_week", "p95_week"):
            document |= known(key, document[key], why)
        document |= known("in_window", found.in_window, found.reason or "the plan has no window")
        if complete:
            document |= {"complete_week": state.snapshot(forecast=False).week}
        put_json(document)
        return 0
    if complete:
        put(f"complete in week {state.snapshot(forecast=False).week}: nothing is left to forecast\n")
        return 0
    if found.p50_week is None:
        put(f"no forecast: {found.reason}\n")
        return 0
    from ...report.figures import percent, week
    from ...report.table import table

    lines = table(
        ("CHANCE", "DONE BY WEEK"),
        [
            ("50 %  P50", week(found.p50_week)),
            ("85 %  P85", week(found.p85_week)),
            ("95 %  P95", week(found.p95_week)),
        ],
        right=frozenset({1}),
    )
    if state.plan.project.window is not None:
        lines.append(
            f"by the end of the window (week {week(state.plan.project.window[1])}): {percent(found.in_window)}"
        )
    lines.append(f"fewest agents at a time that delay nothing: {cap}")
    rows = [(g.id, week(g.p50_week), week(g.p85_week), str(g.due_week or "")) for g in found.gates]
    lines += ["", *table(("GATE", "P50", "P85", "DUE"), rows, right=frozenset({1, 2, 3}))] if rows else []
    put("\n".join(lines) + "\n")
    narrate(f"{runs} runs, seed {seed}, {'without gates' if no_gates else 'gates included'}")
    return 0
