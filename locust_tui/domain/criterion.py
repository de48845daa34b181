"""A criterion: what must be measured, against which limit, and what was found."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from locust_tui.domain.dataclass import dataclass

from .states import CriterionState


class ProbeKind(StrEnum):
    RUN = "run"
    FILES = "files"
    COVERAGE = "coverage"
    METRIC = "metric"
    MEMORY = "memory"
    TIME = "time"
    HTTP = "http"
    MANUAL = "manual"
    AGENT = "agent"
    """Advisory: an agent's opinion, never counted."""
    FACT = "fact"
    """The latest value of the fact that `Probe.text` names; nothing is measured."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something to execute: `argv` as it will be run, `text` as the plan wrote it."""

    argv: tuple[str, ...]
    text: str
    shell: bool = False
    """The plan wrote a string: argv is ("/bin/sh", "-c", text)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`above` and `below` exclude the limit, `minimum` and `maximum` include it; all in `unit`."""

    above: float | None = None
    below: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    expect: str | None = None
    """An exact value, or `/regex/`, of the command's output, the status code, or the value itself."""
    text: str = ""
    """As the plan wrote it, for example "< 10 ms"."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One measurement of a criterion; several probes of one criterion must all pass."""

    kind: ProbeKind
    command: Command | None = None
    """run, memory, time; metric when the value comes from a command's output."""
    patterns: tuple[str, ...] = ()
    """files: globs with braces; coverage and metric: the one file to read."""
    url: str | None = None
    at: str | None = None
    """metric: dotted path into the JSON file."""
    unit: str | None = None
    """metric: unit of the value found."""
    include: tuple[str, ...] = ()
    """coverage: globs of the source files that count."""
    baseline: Command | None = None
    """memory and time: measured too, and subtracted."""
    by: str | None = None
    """manual: the role that must sign; None: any permitted approver of the gate."""
    text: str = ""
    """manual and agent: the question; fact: its name."""


@dataclass(frozen=True, slots=True)
class Criterion:
    id: str
    """Slug of the name, unique in its owner."""
    name: str
    probes: tuple[Probe, ...]
    limit: Limit | None = None
    must: bool = True
    fact: str | None = None
    """`as:`: the fact that holds this criterion's latest value."""
    max_age: float | None = None
    """Seconds after which a result is stale."""
    after: str | None = None
    """"decision": only looked at once the gate is decided; else a gate's id that must be open first."""
    inputs: tuple[str, ...] = ()
    """Globs whose content the result depends on, outside git."""
    timeout: float | None = None
    cwd: str | None = None
    env: dict[str, str] = field(default_factory=dict)

    @property
    def machine(self) -> tuple[Probe, ...]:
        return tuple(p for p in self.probes if p.kind not in (ProbeKind.MANUAL, ProbeKind.AGENT))

    @property
    def manual(self) -> tuple[Probe, ...]:
        return tuple(p for p in self.probes if p.kind is ProbeKind.MANUAL)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind a result. `log` is a path relative to the state folder."""

    at: float
    """When the measurement ended, seconds since the epoch."""
    duration_s: float = 0.0
    command: str | None = None
    exit_code: int | None = None
    commit: str | None = None
    """HEAD when it was measured, with "+dirty" when the work tree differed."""
    input_digest: str | None = None
    """What the result is bound to; another digest makes it stale."""
    log: str | None = None
    run: str | None = None
    detail: str = ""
    """One line in words: "2 of 3 files", "cargo: not found"."""


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """The latest measurement of the criterion `key` (see `criterion_key`)."""

    key: str
    state: CriterionState
    value: float | None = None
    unit: str | None = None
    text: str | None = None
    """The value where it is no number: a status, a line of output."""
    evidence: Evidence | None = None
    first_passed: bool | None = None
    """Whether the very first evaluation passed."""
    evaluations: int = 0


def criterion_key(owner: str, criterion: str) -> str:
    """Key of a criterion's result: `owner` is "gate:ID", "accept:WS", "invariant:WS", "deliverable:WS", "fact" or "risk"."""
    return f"{owner}/{criterion}"
