"""Carries one run of a hook out: its words with what an event filled in, as processes in the hook's name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from locust_tui.analysis import hook_scripts
from locust_tui.analysis.placeholders import Values, filled_known, of_time
from locust_tui.client.request_keys import VARIABLE
from locust_tui.domain.clock import Clock
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.plan import Hook, Plan
from locust_tui.errors import LocustTuiError
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from ..callers import HOOK
from .hook_pipeline import Ground, Outcome, run_lines, run_shell
from .hook_values import with_words

LIMIT_S = 600.0
"""A run of a hook is ended after this long."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run that is due. `depth`: 1 where no hook had a part in it."""

    hook: str
    trigger: str
    depth: int = 1
    seen: int = 0
    given: bytes = b""
    values: Mapping[str, str] = field(default_factory=dict)


class HookRunner:
    """Starts the processes of hooks. `callers`: pid → "hook:NAME" of every one that runs."""

    def __init__(self, folder: StateFolder, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._ground = ground_of(folder)

    @property
    def callers(self) -> dict[int, str]:
        return dict(self._ground.callers)

    async def run(self, plan: Plan, hook: Hook, job: Job, key: str) -> Outcome:
        """`key` is the same when the same run is repeated: then its requests apply once. Never raises for what it runs."""
        try:
            return await self._processes(plan, hook, job, key)
        except OSError as error:
            return Outcome(False, f"it could not be started: {error.strerror}")

    async def _processes(self, plan: Plan, hook: Hook, job: Job, key: str) -> Outcome:
        caller = f"{HOOK}{hook.name}" + (f"/{job.depth}" if job.depth > 1 else "")
        if hook.shell:
            return await run_shell(self._ground, hook.script, caller, job.given, LIMIT_S)
        times = of_time(plan, self._store.world.project.started, self._clock())
        known: dict[str, Callable[[], str]] = {**times, "hook": lambda: hook.name}
        known.update({name: lambda value=value: value for name, value in job.values.items()})  # type: ignore[misc]
        try:
            lines = [
                [_filled(with_words(argv, job.values), known) for argv in line]
                for line in hook_scripts.parse(hook.script).pipelines
            ]
        except LocustTuiError as error:
            return Outcome(False, error.message)
        script = hashlib.sha256(hook.script.encode("utf-8", "replace")).hexdigest()[:12]
        return await run_lines(
            self._ground, lines, caller, f"{HOOK}{hook.name}:{script}:{key}", job.given, LIMIT_S
        )


def ground_of(folder: StateFolder) -> Ground:
    """The plan's folder, and the worker's environment as verbs of this plan need it."""
    inside = ("LOCUST_TUI_RUN", "LOCUST_TUI_WORKSTREAM", "LOCUST_TUI_EVENTS", "LOCUST_TUI_TOKEN", VARIABLE)
    environ = {name: value for name, value in os.environ.items() if name not in inside}
    environ["LOCUST_TUI_PLAN"] = str(folder.plan_path)
    environ["LOCUST_TUI_STATE_DIR"] = str(folder.root)
    return Ground(folder.plan_path.parent, environ)


def _filled(argv: Sequence[str], known: Values) -> list[str]:
    """The words with their placeholders filled in, each on its own; what an agent wrote becomes no option."""
    words: list[str] = []
    for template in argv:
        before = words[-1] if words else ""
        words.append(hook_scripts.checked(template, before, filled_known(template, known)))
    return words


def depth_of(name: str) -> int:
    """How deep "hook:NAME/2" was set off."""
    _, _, depth = name.partition("/")
    return int(depth) if depth.isdecimal() else 1
