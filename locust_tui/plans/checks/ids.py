"""Ids: usable as file names and arguments, and unique without regard to case."""

from __future__ import annotations

import re
import unicodedata

from ...domain.plan import Plan
from ..findings import Findings
from ..tree import Tree, Where
from .places import milestone_place

_ID = re.compile(r"[\w][\w.-]{0,63}\Z")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_SECTIONS = ("workstreams", "gates", "phases", "orchestrators", "agents", "kpis")


def check_ids(plan: Plan, tree: Tree, findings: Findings) -> None:
    """Shape of every id; workstreams, gates and milestones share one set of names."""
    for section in _SECTIONS:
        for id_ in getattr(plan, section):
            if (section, id_) != ("agents", "demo") or tree.events((section, id_)):
                _check_shape(id_, (section, id_), findings)
    _check_unique(plan, tree, findings)
    _check_run_names(plan, findings)
    _check_facts(plan, tree, findings)


def _check_shape(id_: str, where: Where, findings: Findings) -> None:
    if not _ID.match(id_):
        wrong = next((c for c in id_ if not (c.isalnum() or c in "_.-")), None)
        if len(id_) > 64:
            message = f'id "{id_[:20]}…" has {len(id_)} characters; 64 are the most'
        elif not id_:
            message = "an id must not be empty"
        elif wrong is not None:
            message = f'id "{id_}" holds "{wrong}"'
        else:
            message = f'id "{id_}" begins with "{id_[0]}"'
        findings.error(
            "id",
            message,
            "ids are letters, digits, _ . and -, and begin with a letter or digit",
            at=where,
            key=True,
        )
    elif (written := _as_written(where, findings)) is not None and written != id_:
        findings.warning(
            "id",
            f'id "{id_}" is written with combining characters; it is read as the composed letters',
            "nothing looks different; type it anew to write what is read",
            at=where,
            key=True,
        )


def _as_written(where: Where, findings: Findings) -> str | None:
    """The key at `where` as the file has it, before its letters were composed."""
    events = findings.tree.events(where) if findings.tree is not None else None
    return None if events is None else getattr(events[0], "value", None)


def _fold(id_: str) -> str:
    return unicodedata.normalize("NFC", id_).casefold()


def _check_unique(plan: Plan, tree: Tree, findings: Findings) -> None:
    places: list[tuple[str, str, Where]] = [
        ("workstream", id_, ("workstreams", id_)) for id_ in plan.workstreams
    ]
    places += [("gate", id_, ("gates", id_)) for id_ in plan.gates]
    places += [("milestone", m.id, milestone_place(tree, n)) for n, m in enumerate(plan.milestones)]
    seen: dict[str, tuple[str, str, Where]] = {}
    for kind, id_, where in places:
        first = seen.setdefault(_fold(id_), (kind, id_, where))
        if first[2] == where:
            continue
        span = tree.key_span(first[2])
        line = f" on line {span.line}" if span else ""
        told = (
            "is written twice"
            if first[1] == id_ and first[0] == kind
            else f'is also the {first[0]} "{first[1]}"'
        )
        place = f"(first{line})" if told == "is written twice" else f"({line.strip()})"
        findings.error(
            "duplicate",
            f'{kind} "{id_}" {told} {place}',
            "rename one; ids are unique across workstreams, gates and milestones",
            at=where,
            key=True,
        )


_ATTEMPT = re.compile(r"(.+)\.([0-9]+)\Z", re.ASCII)
_CHECK = re.compile(r"check-.+-[0-9]+\Z", re.ASCII)


def _check_run_names(plan: Plan, findings: Findings) -> None:
    """A run is called by its workstream and attempt, a check by `check-` and a number: no workstream may be."""
    subjects = {_fold(id_): id_ for id_ in (*plan.workstreams, *plan.orchestrators)}
    if plan.meta is not None:
        subjects.setdefault(_fold(plan.meta.id), plan.meta.id)
    for section in ("workstreams", "orchestrators"):
        for id_ in getattr(plan, section):
            attempt = _ATTEMPT.match(_fold(id_))
            if attempt is not None and attempt.group(1) in subjects:
                owner = subjects[attempt.group(1)]
                findings.error(
                    "id",
                    f'id "{id_}" is also what attempt {int(attempt.group(2))} of {owner} is called',
                    f"rename it, to {id_.replace('.', '-')} for example",
                    at=(section, id_),
                    key=True,
                )
            elif _CHECK.match(_fold(id_)):
                findings.error(
                    "id",
                    f'id "{id_}" looks like the run of a check',
                    "do not begin with check- and end with a number",
                    at=(section, id_),
                    key=True,
                )


def _check_facts(plan: Plan, tree: Tree, findings: Findings) -> None:
    for name in (f.fact for f in plan.facts):
        if name is not None and not _NAME.match(name):
            findings.error(
                "id",
                f'fact "{name}" cannot be used in an expression',
                "letters, digits and _ only",
                at=("facts", name),
                key=True,
            )
    for gate in plan.gates.values():
        for position, criterion in enumerate(gate.criteria):
            if criterion.fact is not None and not _NAME.match(criterion.fact):
                where: Where = ("gates", gate.id, "criteria", position, "as")
                findings.error(
                    "id",
                    f'fact "{criterion.fact}" cannot be used in an expression',
                    "letters, digits and _ only",
                    at=where,
                )
