"""Strategies for a plan that never ran: there is no record yet, so the plan file is changed by who asks for it.

What was approved lies in the state folder until the first worker takes it into the record: who, why, and the bytes before.
"""

from __future__ import annotations

import base64
import os
from dataclasses import replace
from pathlib import Path

import msgspec

from locust_tui import whole_file
from locust_tui.analysis.strategies.edits import taken_back
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.events import Noted, StrategyApplied
from locust_tui.domain.people import WORKER, Person
from locust_tui.domain.plan import Plan
from locust_tui.domain.studies.strategies import CriterionSetAside, Preview, as_texts, reversible
from locust_tui.errors import NotFoundError, RefusedError
from locust_tui.fault import point
from locust_tui.plans.editing import edit_text, reverse_text, split
from locust_tui.plans.reading import read_data
from locust_tui.plans.source import content_digest
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from .rewriting import PlanFile, check_same, plan_file, put_in_place


@dataclass(frozen=True, slots=True)
class Approved:
    """One strategy that was applied before the first start."""

    strategies: tuple[str, ...]
    words: tuple[str, ...]
    note: str
    by: Person
    at: float
    digest: str
    before: str
    """The plan file's bytes, in base64."""
    file_before: str
    file_after: str
    edits: tuple[str, ...] = ()
    undone_as: str = ""
    """Digest of the file's bytes without its changes, while those are being taken back."""


def apply_before_start(
    folder: StateFolder, plan: Plan, shown: Preview, expected: Plan, note: str, by: Person, now: float
) -> Approved:
    """Write the previewed changes into the plan file. RefusedError where the file is not the one that was read, or the
    changes are of the record alone."""
    if any(isinstance(edit, CriterionSetAside) for edit in shown.edits):
        raise RefusedError("a waiver stands on record, and the plan has none yet", help="locust-tui up")
    file = plan_file(folder.plan_path)
    if file is None or read_data(file.data, folder.plan_path).plan != plan:
        raise RefusedError(
            f"{folder.plan_path} was changed meanwhile; nothing was written", help="look at it again"
        )
    in_file, _ = split(file.text, shown.edits)
    data = file.with_text(edit_text(file.text, in_file))
    written = read_data(data, folder.plan_path)
    if written.plan is None:
        raise RefusedError("written into the plan file it would be no plan; nothing was changed")
    check_same(expected, written.plan)
    folder.prepare()
    approved = Approved(
        shown.ids, tuple(c.words for c in shown.changes), note, by, now, shown.digest,
        base64.b64encode(file.data).decode(), file.digest, content_digest(data), as_texts(shown.edits),
    )  # fmt: skip
    known = approved_before(folder)
    _keep(folder, [*known, approved])
    point("approved.kept")
    try:
        put_in_place(file, data)
    except RefusedError:
        _keep(folder, known)
        raise
    return approved


def undo_before_start(folder: StateFolder, *, reverse: bool = False) -> Approved:
    """Give the plan file the bytes it had before the last strategy; with `reverse` take back its changes alone.

    NotFoundError, RefusedError.
    """
    known = approved_before(folder)
    if not known:
        raise NotFoundError("no strategy was applied", help="locust-tui whatif")
    last, file = known[-1], plan_file(folder.plan_path)
    if file is not None and reverse and file.digest != last.file_after:
        data = _reversed(last, file, folder)
        _keep(folder, [*known[:-1], replace(last, undone_as=content_digest(data))])
        point("approved.undoing")
        put_in_place(file, data)
        point("approved.undone")
        _keep(folder, known[:-1])
        return last
    if file is None or file.digest != last.file_after:
        raise RefusedError(
            f"{folder.plan_path.name} was changed since {' + '.join(last.strategies)} was applied; nothing was written",
            help="locust-tui whatif --undo --reverse takes back its changes where they still stand",
        )
    put_in_place(file, base64.b64decode(last.before))
    point("approved.undone")
    _keep(folder, known[:-1])
    return last


def _reversed(last: Approved, file: PlanFile, folder: StateFolder) -> bytes:
    """The file as it is now without the strategy's changes, each of which has to stand where it was made."""
    edits = reversible(last.edits)
    plan = read_data(file.data, folder.plan_path).plan
    if edits is None or plan is None:
        why = "its changes have no opposite" if edits is None else "the plan file has errors"
        raise RefusedError(f"{why}; nothing was written", help="take them back by hand in the plan file")
    expected = taken_back(plan, edits)
    data = file.with_text(reverse_text(file.text, edits))
    written = read_data(data, folder.plan_path)
    if written.plan is None:
        raise RefusedError("without its changes the plan file would be no plan; nothing was written")
    check_same(expected, written.plan)
    return data


def approved_before(folder: StateFolder) -> list[Approved]:
    """Oldest first; those that a worker has taken up already are gone. RefusedError where the file is damaged.

    The note is written before the plan file and taken away after it: what a death in between left of it is not told.
    """
    path = _path(folder)
    try:
        return _made(msgspec.json.decode(path.read_bytes(), type=list[Approved]), folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except msgspec.DecodeError as error:
        raise RefusedError(
            f"{path} cannot be read ({error}): what was approved before the first start is not known",
            help=f"look into it, then move it away: mv {path} {path.name}.damaged",
        ) from error


def _made(approved: list[Approved], folder: StateFolder) -> list[Approved]:
    """Without those whose changes the plan file does not have: it is as it was before them."""
    try:
        file = plan_file(folder.plan_path) if approved else None
    except RefusedError:  # it cannot be read: nobody knows
        file = None
    if file is None:
        return approved
    for number, one in enumerate(approved):
        if file.digest in (one.file_before, one.undone_as):
            return approved[:number]
    return approved


async def take_up(store: Store, folder: StateFolder) -> None:
    """Put what was approved before the first start on record, in the names of those who approved it.

    Call it before anything runs. A file that is damaged, or that came when agents had run, who could have written it,
    is set aside, and the record says so.
    """
    try:
        approved = approved_before(folder)
        if approved and store.world.runs:
            raise RefusedError(f"{_path(folder)} came when agents had run: it is nobody's word")
    except RefusedError as refused:
        aside = _path(folder).with_suffix(".refused")
        os.replace(_path(folder), aside)
        await store.append(WORKER, Noted("warning", f"{refused.message}; it was set aside as {aside.name}"))
        return
    for number, one in enumerate(approved, 1):
        if str(number) in store.world.strategies:
            continue
        reading = read_data(base64.b64decode(one.before), folder.plan_path)
        if reading.plan is not None:
            await store.put_plan(reading.digest, str(folder.plan_path), reading.text, reading.plan)
        event = StrategyApplied(
            str(number), one.strategies, "; ".join(one.words), f"{one.note} (before the first start)",
            one.file_before, one.file_after, one.file_before, one.file_after, (), one.words, one.digest,
            edits=one.edits,
        )  # fmt: skip
        await store.append(one.by, event)
    _path(folder).unlink(missing_ok=True)


def _path(folder: StateFolder) -> Path:
    return folder.root / "plan-approved.json"


def _keep(folder: StateFolder, approved: list[Approved]) -> None:
    path = _path(folder)
    if not approved:
        path.unlink(missing_ok=True)
        return
    whole_file.put(path, msgspec.json.encode(approved))
