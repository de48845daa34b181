"""How long the cockpit's largest overlay, the gate decision, takes to draw: overlay.py [OUT.json].

Draws the whole screen fifty times at 120 columns by 36 rows and gives the mean and the worst in nanoseconds, beside an empty
Textual screen of the same size in the same run.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "cockpit"))

from figures import goal
from textual.app import App
from textual.screen import Screen

RUNS = 50


def draw(screen: Screen[object]) -> list[int]:
    """Nanoseconds of each full drawing of `screen`, nothing cached."""
    times = []
    for _ in range(RUNS):
        for widget in screen.walk_children(with_self=True):
            widget._styles_cache.clear()
            widget.refresh()
        began = time.perf_counter_ns()
        screen._compositor.render_update(full=True)
        times.append(time.perf_counter_ns() - began)
    return times


async def overlay() -> list[int]:
    import sample
    from fake_port import FakePort

    from locust_tui.app import CockpitApp
    from locust_tui.screens.gate import GateScreen

    app = CockpitApp(FakePort(sample.ready_to_go()), clock=lambda: sample.NOW)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        gate = sample.ready_to_go().gates[0].id
        await app.push_screen(GateScreen(gate))
        await pilot.pause()
        return draw(app.screen)


async def empty() -> list[int]:
    app: App[None] = App()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        return draw(app.screen)


def main() -> None:
    bare, drawn = asyncio.run(empty()), asyncio.run(overlay())
    mean, reference = sum(drawn) / RUNS, sum(bare) / RUNS
    result = {
        "mean": {"point_estimate": mean, "unit": "ns"},
        "worst": max(drawn),
        "empty_screen": reference,
        "runs": RUNS,
    }
    if len(sys.argv) > 1:
        out = Path(sys.argv[1])
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(result))
    print(f"gate decision, full drawing   mean {mean / 1e6:6.2f} ms   worst {max(drawn) / 1e6:6.2f} ms")
    print(f"empty screen                  mean {reference / 1e6:6.2f} ms   ratio {mean / reference:.1f}")
    goal("drawing the gate decision, mean", mean / 1e6, 10, "ms")


if __name__ == "__main__":
    main()
