"""Trust while no worker lives that asks for it: what the plan on disk would run that nobody allowed, and allowing it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from locust_tui.domain.held_plan import HeldPlan
from locust_tui.errors import LocustTuiError, RefusedError
from locust_tui.plans.reading import PlanReading, read_plan
from locust_tui.plans.trust import grant, trust_state
from locust_tui.plans.trust_lines import trust_lines


class TrustLook:
    """Of one plan file; it is read again only where it was changed, or waits for trust. Blocks: call it in a thread."""

    def __init__(self, path: Path, guard: Callable[[], None], found: Callable[[PlanReading], None]) -> None:
        """`guard` raises RefusedError where the caller may not give trust; `found` is told what was read."""
        self._path, self._guard, self._found = path, guard, found
        self._held: HeldPlan | None = None
        self._looked_at: object = None
        """What tells the file that was read from a changed one."""

    def look(self) -> HeldPlan | None:
        """What waits for trust; None where nothing does, or the file cannot be read."""
        path = self._path
        try:
            facts = os.stat(path)
            about = (facts.st_mtime_ns, facts.st_size, facts.st_ino, facts.st_mode)
            if about != self._looked_at or self._held is not None:
                reading = read_plan(path)
                trust = trust_state(path, reading.plan) if reading.plan is not None else None
                self._looked_at, self._held = about, None
                self._found(reading)
                if trust is not None and not trust.trusted:
                    words = "; ".join(trust.reasons)
                    self._held = HeldPlan(
                        reading.digest, "trust", words, trust_lines(trust), facts.st_mtime,
                        compared=bool(trust.diff_to_last_trusted), refused=trust.refused,
                    )  # fmt: skip
        except (OSError, LocustTuiError):
            return None
        return self._held

    def grant(self, digest: str) -> None:
        """Trust the plan with this digest. RefusedError where the caller may not, or the file is another by now."""
        self._guard()
        reading = read_plan(self._path)
        if reading.plan is None or reading.digest != digest:
            raise RefusedError(
                "the plan changed again while you looked", help="look at what it would run now"
            )
        grant(self._path, reading.plan)
        self._held = None
