"""Reading a plan file: bytes → tree → models → plan, with every problem found on the way."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from locust_tui.domain.dataclass import dataclass

from ..domain.plan import Plan
from ..errors import NotFoundError, UsageError
from .additions import digest_with, lay_over
from .cache import ParsedPlan, collection_paused, recall, remember
from .find import near_plans
from .findings import Findings, by_place
from .problem import Problem, Severity, count_problems, render_problems
from .programs import missing_programs, program_warnings
from .quantities import BadValueError
from .source import BOM, UnreadableError, content_digest, decode_text, project_folder, read_bytes

if TYPE_CHECKING:
    from .schema.document import PlanBlock
    from .tree import Tree, Where


class PlanInvalidError(UsageError):
    """The plan file has errors; `problems` are all that was found, warnings included."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        told = [p for p in problems if p.severity is not Severity.NOTE]
        super().__init__(render_problems(told).rstrip("\n"))
        self.problems = problems

    @property
    def summary(self) -> str:
        return count_problems(self.problems)


@dataclass(frozen=True, slots=True)
class PlanReading:
    """One look at a plan file. `plan` is None when there are errors; `text` and `digest` are what was read."""

    path: Path
    plan: Plan | None
    problems: tuple[Problem, ...]
    digest: str = ""
    """SHA-256 of the file's bytes, in hex."""
    text: str = ""

    @property
    def ok(self) -> bool:
        return self.plan is not None


def read_plan(path: str | os.PathLike[str], *, cached: bool = True) -> PlanReading:
    """Read and check the plan at `path`; a broken plan is an answer, not an exception.

    Raises NotFoundError (with near names) when there is no such file. With `cached`, a plan that was read
    before is taken from the cache of this user.
    """
    try:
        data, _ = read_bytes(path)
    except FileNotFoundError:
        raise NotFoundError(f"{path}: no such plan", help=near_plans(path)) from None
    except UnreadableError as error:
        return _unreadable(path, error)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        return _unreadable(path, UnreadableError(f"the file cannot be read: {reason}"))
    return read_data(data, path, cached=cached)


def read_data(
    data: bytes,
    path: str | os.PathLike[str],
    *,
    cached: bool = True,
    additions: Mapping[str, str] = MappingProxyType({}),
) -> PlanReading:
    """`read_plan` of bytes that were read already; `path` names them in messages, its folder the project.

    `additions` (place → JSON) are laid over the file's values; with them the digest is of both.
    """
    file = os.fspath(path)
    folder = project_folder(path).name or "plan"
    digest = digest_with(content_digest(data), additions)
    if cached and (known := recall(digest, folder, file)) is not None:
        problems = by_place([*known.problems, *missing_programs(known.programs, project_folder(path))])
        return PlanReading(Path(path), known.plan, problems, digest, data.removeprefix(BOM).decode())
    try:
        text = decode_text(data)
    except UnreadableError as error:
        return _unreadable(path, error)
    findings = Findings(file, text.splitlines())
    with collection_paused():
        parsed = _parse(text, folder, findings, additions)
    found = findings.sorted()
    if parsed is None or findings.failed:
        return PlanReading(Path(path), None, found, digest, text)
    parsed = ParsedPlan(parsed.plan, found, parsed.programs)
    if cached:
        remember(digest, folder, parsed)
    problems = by_place([*found, *missing_programs(parsed.programs, project_folder(path))])
    return PlanReading(Path(path), parsed.plan, problems, digest, text)


def load_plan(path: str | os.PathLike[str]) -> Plan:
    """The plan at `path`. Raises PlanInvalidError with every problem, or NotFoundError."""
    reading = read_plan(path)
    if reading.plan is None:
        raise PlanInvalidError(reading.problems)
    return reading.plan


def plan_digest(text: str | bytes) -> str:
    """The digest a reading of this content has: SHA-256 in hex."""
    return content_digest(text.encode() if isinstance(text, str) else text)


def _unreadable(path: str | os.PathLike[str], error: UnreadableError) -> PlanReading:
    findings = Findings(os.fspath(path), [])
    if error.span is not None:
        findings.lines = [""] * (error.span.line - 1) + [error.line]
    findings.error("unreadable", error.message, error.help, span=error.span)
    return PlanReading(Path(path), None, findings.sorted())


def _parse(text: str, folder: str, findings: Findings, additions: Mapping[str, str]) -> ParsedPlan | None:
    from .checks import check_plan
    from .syntax import read_tree

    tree = read_tree(text, findings)
    if tree is None:
        return None
    findings.tree = tree
    if additions and tree.value is None:
        tree.value = {}
    if not isinstance(tree.value, dict):
        _not_a_block(tree, findings)
        return None
    if additions:
        lay_over(tree.value, additions)
    free = {key: value for key, value in tree.value.items() if key.startswith("x-")}
    plan = _models(tree, folder, free, findings)
    if plan is None:
        return None
    check_plan(plan, tree, findings)
    return ParsedPlan(plan, (), program_warnings(plan, tree, findings))


def _not_a_block(tree: Tree, findings: Findings) -> None:
    from .explain import shape

    if tree.value is None:
        findings.tree = None
        findings.error("empty", _what_is_there(findings.lines), "locust-tui new writes a first plan")
        return
    findings.error(
        "type",
        f"a plan is a block of keys, not {shape(tree.value)}",
        "workstreams: {build: {run: make}}",
        at=(),
    )


def _what_is_there(lines: list[str]) -> str:
    """Of a file that says nothing."""
    if not lines:
        return "the file is empty"
    said = [line.strip() for line in lines if line.strip()]
    if not said:
        return "the file holds nothing but white space"
    if all(line.startswith("#") for line in said):
        return "the file holds nothing but comments"
    return "the file holds nothing but an empty value"


def _models(tree: Tree, folder: str, free: dict[str, Any], findings: Findings) -> Plan | None:
    """The plan the tree says; with errors, the plan that is left when the wrong parts are taken out."""
    from pydantic import ValidationError

    from .explain import explain
    from .resolve import resolve
    from .schema.document import validate

    value = {
        key: item
        for key, item in tree.value.items()
        if key not in free and (item is not None or key == "workstreams")
    }
    block: PlanBlock | None
    try:
        block = validate(value)
    except ValidationError as error:
        raw = [e for e in error.errors(include_url=False) if not _is_free(e)]
        leave_out = explain(raw, findings, tree.value)
        leave_out += [tuple(e["loc"]) for e in error.errors(include_url=False) if _is_free(e)]
        block = _what_is_left(value, leave_out)
        if block is None:
            return None
    try:
        return resolve(block, folder=folder, free=free)
    except BadValueError as error:
        findings.error("value", error.message, error.help, at=error.at)
        return None


_ROUNDS = 4
"""Leaving a part out may leave its block incomplete, and that one the block around it."""


def _what_is_left(value: dict[str, Any], leave_out: list[Where]) -> PlanBlock | None:
    """The models of the tree without the parts that are wrong; None where nothing sensible is left."""
    from pydantic import ValidationError

    from .explain import as_written
    from .schema.document import validate

    for _ in range(_ROUNDS):
        left = _without(value, leave_out)
        try:
            return validate(left)
        except ValidationError as error:
            for e in error.errors(include_url=False):
                where = as_written(tuple(e["loc"]), left)
                leave_out = [*leave_out, where[:-1] if e["type"] == "missing" else where]
            if () in leave_out:
                return None
    return None


def _is_free(error: Any) -> bool:
    return error["type"] == "extra_forbidden" and str(error["loc"][-1]).startswith("x-")


def _without(value: dict[str, Any], places: list[Where]) -> dict[str, Any]:
    """A copy of the tree without the values at `places`; list positions are taken from the end."""
    left: Any = copy.deepcopy(value)
    for where in sorted(
        set(places), key=lambda w: (len(w), [s if isinstance(s, int) else 0 for s in w]), reverse=True
    ):
        parent = left
        try:
            for step in where[:-1]:
                parent = parent[step]
            if where:
                del parent[where[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    return dict(left)
