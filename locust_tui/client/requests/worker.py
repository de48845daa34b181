"""Requests about the worker itself and the plan in force."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Ping:
    """Is somebody there? The answer's data: pid, version, plan, and troubles where there are any."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """From now on this connection is told every new revision, and what is wrong. The answer's data: troubles."""

    viewer: bool = True
    """A cockpit: the worker stays while it is connected."""


@dataclass(frozen=True, slots=True)
class ConfirmPlan:
    """Put the held plan in force, with everything it removes."""

    digest: str
    by: str | None = None
    note: str = ""
    """Why the plan changed; kept with the change."""


@dataclass(frozen=True, slots=True)
class NotePlanChange:
    """Say why a plan changed. Its data: plan (the revision), digest."""

    plan: int
    """Revision at which it came into force."""
    note: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class SetBaseline:
    """Agree to the plan in force: from now on it is what later ones are compared with. Its data: digest."""

    note: str
    by: str | None = None
    digest: str = ""
    """Of the plan that was seen; another one by now refuses it. Empty: whatever is in force."""


@dataclass(frozen=True, slots=True)
class RecheckPlan:
    """Read the plan file and its trust again, at once."""


@dataclass(frozen=True, slots=True)
class AddToPlan:
    """Put values into the plan in force, over what its file says: all of them or none. Its data: summary, changes."""

    values: tuple[tuple[str, str], ...]
    """(place, JSON of what the plan file could hold there): ("workstreams/docs-1", '{"agent": "coder"}')."""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class TakeFromPlan:
    """Take back what commands had put into the plan at these places."""

    paths: tuple[str, ...]
    by: str | None = None


@dataclass(frozen=True, slots=True)
class RecreateRecord:
    """Write the record anew where its file was taken away under the worker. Its data: set_aside (a path, or None)."""

    by: str | None = None


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """`up`: the worker stays although nothing runs."""


@dataclass(frozen=True, slots=True)
class Shutdown:
    """End the worker; agents go on unless told otherwise."""

    stop_agents: bool = False
