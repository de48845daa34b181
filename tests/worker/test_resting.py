"""A worker ends by itself once nothing has needed it for as long as it was told, and not at the first look that finds it so."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from locust_tui.worker.resting import Resting


async def test_what_is_needed_again_a_moment_later_does_not_end() -> None:
    """Between the end of a run and the decision that follows it nothing is needed for a moment."""
    needed = [True, False, True, False, True, False, False, False]
    looks, ended = list[bool](), list[tuple[int, str]]()

    def look() -> bool:
        looks.append(needed.pop(0) if needed else False)
        return looks[-1]

    async def nothing() -> None:
        return None

    doors: dict[str, Any] = {
        "service": SimpleNamespace(listen_again_if_lost=nothing),
        "store": None,
        "clock": SimpleNamespace(jump=lambda: None),
        "sleep": SimpleNamespace(unnoted=0.0),
        "wake": lambda: None,
        "troubles": SimpleNamespace(look=lambda: None),
    }
    resting = Resting(
        **doors,
        idle_exit_s=0.02,
        still_holds=lambda: True,
        look_after=nothing,
        needed=look,
        finish=lambda why: ended.append((len(looks), why)),
    )
    task = asyncio.create_task(resting.forever())
    while not ended:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert ended[0][0] >= 7, "it ended between two needs"
    assert ended[0][1] == "nothing to do for 0.02 s"
