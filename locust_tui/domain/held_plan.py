"""A newer plan that is not in force; apart from `world`, for viewers need it without the rest."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class PlanError:
    """What keeps a plan file from being read as a plan."""

    where: str
    """`file:line:col`, or the file where it is meant as a whole; named as seen from the plan's folder."""
    message: str
    help: str = ""
    """One thing to do about it; "" where there is none to name."""
    source: str = ""
    """The line that is meant, cut around the place where it is long; "" where there is none."""
    caret: str = ""
    """What stands under `source` to show the place: blanks and ^~~."""

    def __str__(self) -> str:
        return f"{self.where}: error: {self.message}"


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """A newer plan on disk that is not in force, and why not."""

    digest: str
    why: str
    """error, trust, confirm, gone"""
    summary: str
    lines: tuple[str, ...] = ()
    """For people: the errors, what would run, or the changes that wait for a yes."""
    at: float = 0.0
    errors: tuple[PlanError, ...] = ()
    """error: each of them, with its help."""
    removed: tuple[str, ...] = ()
    """confirm, trust: ids of the workstreams and orchestrators that the newer plan leaves out."""
    compared: bool = False
    """trust: `lines` are marked against what was trusted before."""
    refused: bool = False
    """trust: the file itself forbids it, so that asking for it leads nowhere."""
    during: tuple[str, ...] = ()
    """Runs that were live when the file was changed: any of them may have done it."""

    @property
    def edited_while(self) -> str:
        """ "edited while a.1 and b.1 were running"; "" where no agent was."""
        if not self.during:
            return ""
        shown, more = self.during[:3], len(self.during) - 3
        names = [*shown, f"{more} more"] if more > 0 else [*shown]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        return f"edited while {listed} {'was' if len(names) == 1 else 'were'} running"
