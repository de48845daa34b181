"""Events of the project, its worker and its plan."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from ..held_plan import PlanError
from ..plan_rewrite import PlanRewrite
from ..studies.baseline import PlanChange


@dataclass(frozen=True, slots=True)
class ProjectStarted:
    """The first time a worker was asked to run the plan."""

    user: str = ""
    """The OS user whose worker it is."""


@dataclass(frozen=True, slots=True)
class ProjectEnded:
    """Nothing can move without a person."""

    summary: str


@dataclass(frozen=True, slots=True)
class WorkerStarted:
    pid: int
    boot_id: str
    version: str
    since_boot: float | None = None
    """Seconds since the machine was started, by the clock that nobody sets: what ties the record's time to this boot."""
    suspended: float = 0.0
    """Of those, the ones in suspend."""


@dataclass(frozen=True, slots=True)
class WorkerStopped:
    reason: str


@dataclass(frozen=True, slots=True)
class MachineSlept:
    """The machine was suspended, and everything on it; told when it is awake again."""

    seconds: float


@dataclass(frozen=True, slots=True)
class PlanAccepted:
    """From now on this plan is in force. The plan itself is stored by its digest."""

    digest: str
    path: str
    summary: str = ""
    changes: tuple[str, ...] = ()
    how: str = ""
    """ "file": it was saved; "yes": a person said yes to it; "command": a command added to it; "strategy": a strategy was applied
    or taken back."""
    saved_by: str = ""
    """Owner of the plan file, as the file system says."""
    saved_at: float | None = None
    trusted_by: str = ""
    """Who trusted what it would run, on this machine."""
    trusted_at: float | None = None
    note: str = ""
    """Why, in the words of the person who said yes."""
    gates: tuple[PlanChange, ...] = ()
    """What it changed of gates, and how each criterion stood then."""


@dataclass(frozen=True, slots=True)
class PlanNoted:
    """A person says why a plan changed; a later note takes the place of an earlier one."""

    plan: int
    """Revision of its PlanAccepted."""
    note: str


@dataclass(frozen=True, slots=True)
class BaselineSet:
    """A person agrees to the plan of this digest: from now on it is what the plan in force is compared with."""

    digest: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlanHeld:
    """The file changed, and the last good plan stays in force."""

    digest: str
    why: str
    summary: str
    lines: tuple[str, ...] = ()
    errors: tuple[PlanError, ...] = ()
    removed: tuple[str, ...] = ()
    compared: bool = False
    refused: bool = False
    during: tuple[str, ...] = ()
    """Runs that were live when the file was changed."""


@dataclass(frozen=True, slots=True)
class PlanReleased:
    """What was held is no longer there: the file equals the plan in force again."""


@dataclass(frozen=True, slots=True)
class PlanRewriting:
    """A change of the plan file that a person approved is about to be written; the plan that comes of it is accepted next."""

    rewrite: PlanRewrite


@dataclass(frozen=True, slots=True)
class PlanNotRewritten:
    """The change that was about to be written was not made."""

    why: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth keeping that changes no state: a refused request, a clock jump."""

    level: str
    text: str
    subject: str = ""
    stream: str | None = None
    """"log" or "events", where the run `subject` said it: the file it stands in."""
    offset: int | None = None
    """Where reading that file goes on."""
