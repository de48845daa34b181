"""The cockpit of a real plan with an error of its own in it: python tests/cockpit/broken_cockpit.py PLAN?WHERE.

It happens once the file `broken` lies beside the plan, so that it is known what was on the screen before.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from locust_tui.cli.start import run
from locust_tui.screens.driver import QuietDriver
from locust_tui.screens.host import Host
from locust_tui.screens.main import MainScreen
from locust_tui.widgets.pane import Pane

FILE, _, WHERE = sys.argv[1].partition("?")
MARK = Path(FILE).with_name("broken")


def fail(*_: object) -> Any:
    if WHERE == "start" or MARK.exists():
        password = "hunter2-" + str(MARK)
        raise RuntimeError(f"wrong: {password}")


async def fail_in_a_task() -> None:
    fail()


async def fail_in_a_thread() -> None:
    await asyncio.to_thread(fail)


def break_in(kind: type, method: str, also: Callable[[Any], object] = fail) -> None:
    plain = getattr(kind, method)

    def broken(self: Any, *arguments: Any, **more: Any) -> Any:
        also(self)
        return plain(self, *arguments, **more)

    setattr(kind, method, broken)


def break_the_input() -> None:
    plain = QuietDriver.process_message

    def broken(self: QuietDriver, message: Any) -> None:
        fail()
        plain(self, message)

    QuietDriver.process_message = broken  # type: ignore[method-assign]


BREAK: dict[str, Callable[[], object]] = {
    "line": lambda: break_in(Pane, "render_line"),
    "key": lambda: break_in(MainScreen, "speak"),
    "start": lambda: break_in(MainScreen, "on_mount"),
    "task": lambda: break_in(Host, "say", lambda host: host.spawn(fail_in_a_task())),
    "thread": lambda: break_in(Host, "say", lambda host: host.spawn(fail_in_a_thread())),
    "timer": lambda: break_in(Host, "say", lambda host: host.set_timer(0.01, fail)),
    "loop": lambda: break_in(Host, "say", lambda host: asyncio.get_running_loop().call_later(0.01, fail)),
    "input": break_the_input,
}

if __name__ == "__main__":
    BREAK[WHERE]()
    sys.exit(run(["open", FILE]))
