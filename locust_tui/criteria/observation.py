"""What must be executed to measure a criterion, and what the execution showed."""

from __future__ import annotations

from dataclasses import field

from locust_tui.domain.criterion import Command, Criterion, ProbeKind
from locust_tui.domain.dataclass import dataclass

OUTPUT_LIMIT = 1024 * 1024
"""Bytes of a command's output that a judgement looks at: the last ones."""

_EXECUTED = (ProbeKind.RUN, ProbeKind.METRIC, ProbeKind.MEMORY, ProbeKind.TIME)
_MEASURED = (ProbeKind.MEMORY, ProbeKind.TIME)


@dataclass(frozen=True, slots=True)
class ProbeCommand:
    """One command of a criterion; `key` is where `judge` looks for its outcome."""

    key: str
    probe: int
    """Index into `criterion.probes`."""
    command: Command
    baseline: bool = False
    timeout: float | None = None
    """Seconds; None: the plan sets none."""
    cwd: str | None = None
    """As the plan writes it, relative to the plan's folder."""
    env: dict[str, str] = field(default_factory=dict)
    measure_rss: bool = False
    measure_time: bool = False


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """How a command ended. `error` says why nothing was measured: not found, timed out, its run was lost."""

    exit_code: int | None = None
    signal: int | None = None
    max_rss_kib: int | None = None
    """Peak resident memory of the largest process, KiB (Linux `ru_maxrss`)."""
    rss_floor_kib: int | None = None
    """Resident memory of the process that started the command. Linux counts it into the command's `ru_maxrss`
    (it is taken over at exec), so that a peak this low only says "at most". None: the peak is the command's own.
    """
    wall_s: float | None = None
    output: str = ""
    """The last OUTPUT_LIMIT bytes at most, decoded with replacement."""
    truncated: bool = False
    """There was more output before `output`."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class HttpOutcome:
    """What a web address answered; `error` says why it did not."""

    status: int | None = None
    body: str = ""
    truncated: bool = False
    wall_s: float = 0.0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class FactOutcome:
    """The latest value of a fact, in `unit` where it is a number; None: nobody knows it yet."""

    name: str
    value: float | bool | str | None = None
    unit: str | None = None


def outcome_key(probe: int, *, baseline: bool = False) -> str:
    """Key of one outcome in the mapping that `judge` takes."""
    return f"{probe}.baseline" if baseline else str(probe)


def commands_of(criterion: Criterion) -> tuple[ProbeCommand, ...]:
    """Every command that must have run before `judge`, in the plan's order, a baseline before its subject.

    They are meant to run one after the other: a later one, or a report read afterwards, may need what an
    earlier one wrote.
    """
    found: list[ProbeCommand] = []
    for index, probe in enumerate(criterion.probes):
        for command, baseline in ((probe.baseline, True), (probe.command, False)):
            if command is None or probe.kind not in _EXECUTED:
                continue
            found.append(
                ProbeCommand(
                    key=outcome_key(index, baseline=baseline),
                    probe=index,
                    command=command,
                    baseline=baseline,
                    timeout=criterion.timeout,
                    cwd=criterion.cwd,
                    env=dict(criterion.env),
                    measure_rss=probe.kind is ProbeKind.MEMORY,
                    measure_time=probe.kind in _MEASURED,
                )
            )
    return tuple(found)
