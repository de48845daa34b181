"""Requests about alerts, hooks and risks."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.states import RiskState


@dataclass(frozen=True, slots=True)
class AcknowledgeAlert:
    alert: str
    """Its name, or NAME/SCOPE."""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class RunHook:
    """Run a hook's pipeline now, and wait for its end. Its data: ok, said."""

    hook: str
    by: str | None = None
    token: str = ""
    input: str = ""
    """What the first verb of each line reads on standard input."""
    about: str = ""
    """What it is called back for: the key of a memory; empty: a person asks."""


@dataclass(frozen=True, slots=True)
class RecordSuccess:
    """A person's word on an end condition, or on what is looked at after the release."""

    check: str
    met: bool
    value: str = ""
    note: str = ""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class MoveRisk:
    risk: str
    state: RiskState
    note: str = ""
    by: str | None = None
