"""The plan file as it lies there, and putting another text in its place: in one step, with its mode, its byte order mark
and the link that leads to it kept.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import EventBody
from locust_tui.domain.plan import Plan
from locust_tui.errors import RefusedError, UsageError
from locust_tui.plans.diff import diff_plans
from locust_tui.plans.marks import replace_file
from locust_tui.plans.reading import PlanReading, read_data
from locust_tui.plans.source import BOM, UnreadableError, content_digest, decode_text, read_bytes
from locust_tui.plans.trust import trust_state


@dataclass(frozen=True, slots=True)
class Digests:
    """Of the plan and of the file's bytes, before and after; the latter empty without a file."""

    plan_before: str
    plan_after: str
    file_before: str
    file_after: str


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A change of the plan that a person approved."""

    change: Callable[[str], str]
    """The file's text → the text to be written."""
    made: Callable[[Digests], Sequence[EventBody]]
    """What the record says of it."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Laid over the file: place → JSON; "": taken back."""
    expected: Plan | None = None
    """What the person saw; None: whatever comes of it."""
    only: str = ""
    """Digest of the only bytes of the file that it may replace."""
    becomes: str = ""
    """Digest of the only bytes that it may write."""
    answer: Mapping[str, Any] = field(default_factory=dict)
    """What the person is told, besides that the plan is in force."""


@dataclass(frozen=True, slots=True)
class PlanFile:
    path: Path
    data: bytes
    mode: int

    @property
    def text(self) -> str:
        return decode_text(self.data)

    @property
    def digest(self) -> str:
        return content_digest(self.data)

    def with_text(self, text: str) -> bytes:
        return (BOM if self.data.startswith(BOM) else b"") + text.encode()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change that may be written. `file` is None where there is none; then only the values change."""

    file: PlanFile | None
    data: bytes
    alone: PlanReading | None
    """What the file will say; `reading` and `plan` with what commands added over it."""
    reading: PlanReading
    plan: Plan
    digests: Digests


def prepare(
    path: Path, what: Rewriting, additions: Mapping[str, str], in_force: str | None, without_file: bool
) -> Prepared:
    """Work the change out and hold it against what is in force and trusted. Reads files: call it in a thread.

    Raises RefusedError, UsageError where it would be no plan.
    """
    file = plan_file(path)
    if file is None and not without_file:
        raise RefusedError(f"{path}: no such plan; nothing was changed")
    data = file.data if file is not None else b""
    old = read_data(data, path, additions=additions)
    if old.digest != in_force or (what.only and (file is None or file.digest != what.only)):
        raise RefusedError(
            f"{path.name} was changed since; nothing was written",
            help="look at the change first: locust-tui baseline changes",
        )
    new = data if file is None else file.with_text(what.change(file.text))
    if what.becomes and content_digest(new) != what.becomes:
        raise RefusedError("the record holds other bytes than the file had; nothing was written")
    reading = read_data(new, path, additions={k: v for k, v in {**additions, **what.values}.items() if v})
    if reading.plan is None:
        raise no_plan(reading)
    if what.expected is not None:
        check_same(what.expected, reading.plan)
    alone = read_data(new, path) if file is not None else None
    if alone is not None and alone.plan is not None and not trust_state(path, alone.plan).trusted:
        raise RefusedError("it would execute other things than are trusted; nothing was written")
    files = (file.digest, content_digest(new)) if file is not None else ("", "")
    return Prepared(file, new, alone, reading, reading.plan, Digests(old.digest, reading.digest, *files))


def no_plan(reading: PlanReading) -> UsageError:
    """What is wrong with an addition; the file it was laid over has no fault, and no place in it is to blame."""
    wrong = [p for p in reading.problems if p.severity == "error"]
    return UsageError("; ".join(p.message for p in wrong), help=wrong[0].help)


def plan_file(path: Path) -> PlanFile | None:
    """The file at `path` now; None where there is none. RefusedError where it cannot be read."""
    try:
        data, facts = read_bytes(path)
        decode_text(data)
    except FileNotFoundError:
        return None
    except UnreadableError as error:
        raise RefusedError(f"{path}: {error.message}", help=error.help) from None
    return PlanFile(path, data, stat.S_IMODE(facts.st_mode))


def put_in_place(file: PlanFile, data: bytes) -> None:
    """Write `data` where `file` is, which must not have changed since it was read."""
    now = plan_file(file.path)
    if now is None or now.data != file.data:
        raise RefusedError(f"{file.path} was changed meanwhile", help="look at it, and try again")
    try:
        replace_file(Path(os.path.realpath(file.path)), data, file.mode)
    except OSError as error:
        raise RefusedError(
            f"{file.path} cannot be written: {(error.strerror or 'unknown error').lower()}"
        ) from None


def check_same(expected: Plan, found: Plan) -> None:
    """RefusedError where what would be written is another plan than the one that was approved."""
    if expected == found:
        return
    others = ", ".join(change.words for change in diff_plans(expected, found).changes)
    raise RefusedError(
        f"written into the plan file it would be another plan: {others or 'of other values'}",
        help="make the change by hand: locust-tui whatif NAME shows it",
    )
