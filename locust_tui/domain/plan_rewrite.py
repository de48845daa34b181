"""A change of the plan file that is on its way: on record before the file is written, so that no death can halve it."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass

from .people import Person


@dataclass(frozen=True, slots=True)
class PlanRewrite:
    """Everything that the record is to say once the file is written. Files are told by the digests of their bytes."""

    by: Person
    file_before: str
    file_after: str
    plan_after: str
    """Digest of the plan that is in force then."""
    values: tuple[tuple[str, str], ...] = ()
    """Laid over the file: place → JSON; "": taken back."""
    made: tuple[tuple[str, str], ...] = ()
    """Events of the change, by stored name and data."""
    note: str = ""
    key: str = ""
    """Of the request, which is answered from the record when it is made again."""
    answer: str = "{}"
    """JSON: what it is told, besides that the plan is in force."""
