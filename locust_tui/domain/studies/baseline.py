"""What was agreed, and every change of it since: the field, its values, who, when and why."""

from __future__ import annotations

from enum import StrEnum

from locust_tui.domain.dataclass import dataclass


class ChangeClass(StrEnum):
    """What a change of the plan touches."""

    DATES = "dates"
    NEEDS = "needs"
    CRITERIA = "criteria"
    LIMIT = "limit"
    SCOPE = "scope"
    ESTIMATES = "estimates"
    RISKS = "risks"
    PEOPLE = "people"
    COMMANDS = "commands"
    OTHER = "other"


ONE_OF = {
    "workstreams": "workstream", "gates": "gate", "phases": "phase", "orchestrators": "orchestrator", "agents": "agent type",
    "kpis": "KPI", "notify": "channel", "milestones": "milestone", "risks": "risk", "strategies": "strategy", "facts": "fact",
    "monitors": "monitor", "alerts": "alert", "reports": "report", "success": "success criterion", "after_release": "after release",
    "hooks": "hook",
}  # fmt: skip
"""How one part of a section of the plan is called where it is not the section's name."""


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One field of the plan that differs. The fields from `revision` on are known where the record says them."""

    section: str
    """`workstreams`, `gates`, `calendar` …, as the plan has them."""
    subject: str
    """Id of the workstream, gate, phase …; empty for a block of the plan itself."""
    field: str
    """`weeks`, `limit`, `need WS-01` …; empty: the part itself came or went."""
    before: str
    """As a person reads it; empty: it was not there."""
    after: str
    """Empty: it is gone."""
    kind: ChangeClass
    criterion: str = ""
    """Name of the criterion that it is about."""
    key: str = ""
    """Key of that criterion's result, where it is measured."""
    eased: bool = False
    """It asks for less than before: a limit is looser, a criterion or an approval is gone, a must became a should."""
    revision: int = 0
    """Of the event that brought the plan into force; 0: two plans were compared, whatever lies between."""
    at: float | None = None
    by: str = ""
    """The named person, else the owner of the file; empty: not known."""
    why: str = ""
    """The note that a person gave."""
    found: str = ""
    """How the criterion stood when it was changed: "had failed with 76.2 %"."""
    how: str = ""
    """ "file", "yes", "command" or "strategy": what brought the plan into force."""

    @property
    def who(self) -> str:
        """ "ana"; where nobody said anything, "ana, owner of the file"; "nobody known"."""
        if not self.by:
            return "nobody known"
        return f"{self.by}, owner of the file" if self.how == "file" else self.by

    @property
    def place(self) -> str:
        """ "gate g1, Unit coverage: limit", "workstream WS-02: weeks"."""
        subject = " ".join(filter(None, (ONE_OF.get(self.section, self.section), self.subject)))
        where = f"{subject}, {self.criterion}" if self.criterion else subject
        return f"{where}: {self.field}" if self.field else where

    @property
    def values(self) -> str:
        """ "> 80 % → > 70 %", "added", "removed (was week 2)"."""
        if self.before and self.after:
            return f"{self.before} → {self.after}"
        if self.after:
            return f"added ({self.after})"
        return f"removed (was {self.before})"

    @property
    def words(self) -> str:
        return f"{self.place} {self.values}"


@dataclass(frozen=True, slots=True)
class PlanRevision:
    """A plan came into force. What is not known is empty or None."""

    revision: int
    at: float
    digest: str
    by: str
    """The person who said yes, or whose command it was; else who owns the file; empty: not known."""
    how: str
    """ "file", "yes", "command" or "strategy": what brought it into force."""
    changes: tuple[PlanChange, ...]
    """Against the plan that was in force before; empty for the first."""
    why: str = ""
    noted_by: str = ""
    saved_by: str = ""
    """Owner of the plan file, as the file system says."""
    saved_at: float | None = None
    trusted_by: str = ""
    trusted_at: float | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was agreed: the plan of `digest`, in force since `plan_at`."""

    number: int
    """1: what was in force when the project started."""
    digest: str
    revision: int
    """Of the event that made it the baseline: the project's start, or a person's decision."""
    at: float
    by: str
    plan_revision: int
    plan_at: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class AgreedPart:
    """A gate, milestone or workstream as it was agreed."""

    section: str
    id: str
    name: str
    when: str
    """ "2-3", "4"; empty: no week was agreed."""
    criteria: tuple[tuple[str, str], ...] = ()
    """(name, limit) of each; of a workstream those of its acceptance."""


@dataclass(frozen=True, slots=True)
class BaselineStudy:
    """What was agreed against what is in force."""

    baselines: tuple[Baseline, ...]
    """Oldest first; the last one is compared with. Empty: the project has not started."""
    revisions: tuple[PlanRevision, ...]
    """Every plan that came into force since the start, oldest first, the first one without changes."""
    drift: tuple[PlanChange, ...]
    """The baseline against the plan in force: each field once, with who changed it last, and when."""
    now: float = 0.0
    parts: tuple[AgreedPart, ...] = ()
    """What was agreed of gates, milestones and workstreams."""

    @property
    def agreed(self) -> Baseline | None:
        return self.baselines[-1] if self.baselines else None

    @property
    def changes(self) -> tuple[PlanChange, ...]:
        """Every single change since the start, oldest first."""
        return tuple(change for revision in self.revisions for change in revision.changes)
