"""The tables of current state: their columns, derived from the status dataclasses, and the one statement that
reads what changed since a revision. A single statement sees a single snapshot, so no reader needs a transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from enum import StrEnum
from operator import attrgetter
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from locust_tui.domain.applied import StrategyStatus
from locust_tui.domain.coordination import (
    Addition,
    AlertStatus,
    EscalationStatus,
    GrantStatus,
    HookStatus,
    MemoryEntry,
    MessageStatus,
    ReportStatus,
    RiskStatus,
    SuccessStatus,
    TaskStatus,
)
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.fold import Touched
from locust_tui.domain.world import (
    AccountStatus,
    AskStatus,
    BudgetStatus,
    GateStatus,
    ProjectStatus,
    RunStatus,
    WorkstreamStatus,
    World,
)

from .codec import decode, encode
from .log import GENESIS

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    sql_type: str
    store: Convert | None = None
    """To what SQLite keeps; None where that is the value itself. Never called with None."""
    load: Convert | None = None


def _column(name: str, hint: Any) -> _Column:
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    if hint is bool:
        return _Column(name, "INTEGER", int, bool)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _Column(name, "TEXT", lambda v: v._value_, {m.value: m for m in hint}.__getitem__)
    simple = {str: "TEXT", int: "INTEGER", float: "REAL"}.get(hint)
    if simple:
        return _Column(name, simple)
    empty = "[]"
    return _Column(
        name,
        "TEXT",
        lambda v: empty if v == () else encode(v),
        lambda text: () if text == empty else decode(text, hint),
    )


class Projection:
    """One table: a row per status, keyed by the status' first field ("" for the project's one row)."""

    def __init__(self, world_field: str, table: str, status: type[Any]) -> None:
        self.world_field = world_field
        self.table = table
        self.status = status
        hints = get_type_hints(status)
        self.columns = [_column(f.name, hints[f.name]) for f in fields(status)]
        self.single = world_field == "project"
        self.key = "id" if self.single else self.columns[0].name
        names = [c.name for c in self.columns]
        self._values = attrgetter(*names)
        self._stores = [(i, c.store) for i, c in enumerate(self.columns) if c.store]
        self._loads = [(i, c.load) for i, c in enumerate(self.columns) if c.load]
        stored = [*(["id"] if self.single else []), *names, "revision"]
        places = ", ".join("?" * len(stored))
        self.upsert = f"INSERT OR REPLACE INTO {table} ({_quoted(stored)}) VALUES ({places})"
        self.names = _quoted(names)

    @property
    def ddl(self) -> tuple[str, ...]:
        defined = [f'"{c.name}" {c.sql_type}' for c in self.columns if c.name != self.key]
        columns = ", ".join([f'"{self.key}" TEXT PRIMARY KEY', *defined, "revision INTEGER NOT NULL"])
        return (
            f"CREATE TABLE {self.table} ({columns})",
            f"CREATE INDEX {self.table}_by_revision ON {self.table} (revision)",
        )

    def row(self, status: Any, revision: int) -> tuple[Any, ...]:
        """`status` as parameters of `upsert`."""
        values = list(self._values(status))
        for i, store in self._stores:
            if values[i] is not None:
                values[i] = store(values[i])
        return ("", *values, revision) if self.single else (*values, revision)

    def load(self, values: list[Any]) -> Any:
        """The status of a row of `names`."""
        for i, convert in self._loads:
            if values[i] is not None:
                values[i] = convert(values[i])
        return self.status(*values)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


PROJECTIONS = (
    Projection("project", "project_status", ProjectStatus),
    Projection("workstreams", "workstream_status", WorkstreamStatus),
    Projection("runs", "run_status", RunStatus),
    Projection("gates", "gate_status", GateStatus),
    Projection("criteria", "criterion_result", CriterionResult),
    Projection("asks", "ask_status", AskStatus),
    Projection("accounts", "account_status", AccountStatus),
    Projection("budgets", "budget_status", BudgetStatus),
    Projection("memory", "memory_entry", MemoryEntry),
    Projection("messages", "message_status", MessageStatus),
    Projection("grants", "grant_status", GrantStatus),
    Projection("additions", "addition", Addition),
    Projection("tasks", "task_status", TaskStatus),
    Projection("escalations", "escalation_status", EscalationStatus),
    Projection("risks", "risk_status", RiskStatus),
    Projection("strategies", "strategy_status", StrategyStatus),
    Projection("alerts", "alert_status", AlertStatus),
    Projection("hooks", "hook_status", HookStatus),
    Projection("reports", "report_status", ReportStatus),
    Projection("successes", "success_status", SuccessStatus),
)
BY_FIELD = {p.world_field: p for p in PROJECTIONS}

DDL = tuple(statement for p in PROJECTIONS for statement in p.ddl)
SHAPE = hashlib.sha256("\n".join(DDL).encode()).hexdigest()[:16]
"""Changes whenever a projection's columns do; tables of another shape are rebuilt from the log."""


def _delta() -> str:
    width = max(len(p.columns) for p in PROJECTIONS)
    head = ["-1", "revision", "hash", "shape"]
    arms = [f"SELECT {', '.join([*head, *['NULL'] * (width + 1 - len(head))])} FROM head"]
    for i, p in enumerate(PROJECTIONS):
        padding = ", NULL" * (width - len(p.columns))
        arms.append(f"SELECT {i}, {p.names}{padding} FROM {p.table} WHERE revision > ?1")
    return " UNION ALL ".join(arms)


DELTA = _delta()
"""Rows that changed after revision ?1 and the head, in one statement; -1 reads everything."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands."""

    revision: int = 0
    hash: str = GENESIS
    shape: str = SHAPE


def head_of(rows: Iterable[Sequence[Any]]) -> Head:
    """The head among the rows of DELTA."""
    return next(Head(*row[1:4]) for row in rows if row[0] == -1)


def absorb(world: World, rows: Iterable[Sequence[Any]]) -> bool:
    """Bring `world` to the state that the rows of DELTA describe; True when anything changed."""
    before = world.revision
    for row in rows:
        which = row[0]
        if which == -1:
            world.revision = row[1]
            continue
        projection = PROJECTIONS[which]
        status = projection.load(list(row[1 : 1 + len(projection.columns)]))
        if projection.single:
            world.project = status
        else:
            getattr(world, projection.world_field)[row[1]] = status
    return world.revision != before


def replace(world: World, other: World) -> None:
    """Give `world` the content of `other`, in place."""
    world.revision, world.project = other.revision, other.project
    for projection in PROJECTIONS[1:]:
        mine = getattr(world, projection.world_field)
        mine.clear()
        mine.update(getattr(other, projection.world_field))


def status_at(world: World, touched: Touched) -> Any:
    """The status that a fold's `Touched` names."""
    if touched.table == "project":
        return world.project
    return getattr(world, touched.table)[touched.id]


def statuses(world: World) -> Iterable[tuple[Projection, Any]]:
    """Every row that the projections of `world` have."""
    yield BY_FIELD["project"], world.project
    for projection in PROJECTIONS[1:]:
        for status in getattr(world, projection.world_field).values():
            yield projection, status
