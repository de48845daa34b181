"""The verdict on a criterion from what was observed: error is never fail, and an agent's opinion counts for nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path

from locust_tui.domain.criterion import Criterion, Probe, ProbeKind
from locust_tui.domain.dataclass import dataclass
from locust_tui.domain.quantity import QuantityError, dimension
from locust_tui.domain.states import CriterionState

from .finding import Finding, Question
from .limits import has_bounds
from .observation import FactOutcome, HttpOutcome, ProbeOutcome, outcome_key
from .probes import judge_probe
from .reading import MeasureError, folder_of, one_line

Outcome = ProbeOutcome | HttpOutcome | FactOutcome

_WORST_FIRST = (
    CriterionState.ERROR,
    CriterionState.FAIL,
    CriterionState.NOT_RUN,
    CriterionState.WAITING,
    CriterionState.PASS,
)
_NATURAL_UNIT = {ProbeKind.COVERAGE: "%", ProbeKind.MEMORY: "B", ProbeKind.TIME: "s"}
_MEASURING = (
    (ProbeKind.COVERAGE, ProbeKind.METRIC, ProbeKind.MEMORY, ProbeKind.TIME),
    (ProbeKind.FILES,),
    (ProbeKind.RUN,),
    (ProbeKind.HTTP,),
    (ProbeKind.FACT,),
)
_ANSWERING = ((ProbeKind.HTTP,), (ProbeKind.METRIC,), (ProbeKind.RUN,), (ProbeKind.FACT,))


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict: `value` is in `unit`; `text` stands where the value is no plain number ("2 of 3")."""

    state: CriterionState
    value: float | None = None
    unit: str | None = None
    text: str | None = None
    detail: str = ""
    """One line in words, why the state is what it is."""
    command: str | None = None
    """Of the probe that decided, as the plan writes it."""
    exit_code: int | None = None


def judge(
    criterion: Criterion,
    observed: Mapping[str, Outcome],
    root: Path,
    *,
    signed: Collection[int] = (),
) -> Judged:
    """The state of `criterion`: any error, else any fail, else what is not run, else waiting, else pass.

    `observed` holds the outcome of each command (`ProbeCommand.key`) and of each http and fact probe
    (`outcome_key` of its index); files and reports are read now, below `root`, so call it off the event loop. `signed` are the
    indexes of the manual probes that somebody permitted has signed.
    """
    bounded, expecting = limited_probes(criterion)
    findings: list[tuple[Probe, Finding]] = []
    if criterion.machine and criterion.limit and criterion.limit.expect is not None and not expecting:
        kinds = " and ".join(dict.fromkeys(probe.kind.value for probe in criterion.machine))
        nothing = Finding(
            CriterionState.ERROR, detail=f"{kinds} gives no answer that expect could be compared with"
        )
        findings.append((criterion.machine[0], nothing))
    for index, probe in enumerate(criterion.probes):
        if probe.kind is ProbeKind.AGENT:
            continue
        if probe.kind is ProbeKind.MANUAL:
            findings.append((probe, _signature(probe, index in signed)))
            continue
        question = Question(
            probe=probe,
            limit=criterion.limit,
            bounded=index in bounded,
            expecting=index in expecting,
            wants_number=criterion.fact is not None and (not bounded or index in bounded),
            folder=folder_of(root, criterion),
        )
        outcome, baseline = (observed.get(outcome_key(index, baseline=b)) for b in (False, True))
        try:
            finding = judge_probe(question, outcome, baseline)
        except (MeasureError, QuantityError) as error:
            hint = f" ({error.help})" if isinstance(error, MeasureError) and error.help else ""
            code = outcome.exit_code if isinstance(outcome, ProbeOutcome) else None
            finding = Finding(CriterionState.ERROR, detail=f"{error}{hint}", exit_code=code)
        findings.append((probe, finding))
    if not findings:
        only = "an agent's opinion does not count" if criterion.probes else "nothing is measured"
        signed_by_hand = CriterionState.PASS if signed else CriterionState.WAITING
        findings.append((Probe(ProbeKind.MANUAL), Finding(signed_by_hand, detail=f"{only}; a person signs")))
    return _combined(findings, [criterion.probes[i] for i in bounded])


async def measure(
    criterion: Criterion,
    outcomes: Mapping[str, Outcome],
    root: Path,
    *,
    signed: Collection[int] = (),
) -> Judged:
    """Ask the addresses that the criterion names, then `judge` in a thread."""
    import anyio.to_thread

    from .web import TIMEOUT_S, fetch

    observed: dict[str, Outcome] = dict(outcomes)
    expect = (criterion.limit.expect if criterion.limit else None) or ""
    for index, probe in enumerate(criterion.probes):
        if probe.kind is ProbeKind.HTTP and probe.url:
            observed[outcome_key(index)] = await fetch(
                probe.url, criterion.timeout or TIMEOUT_S, follow=not expect.strip().startswith("3")
            )
    return await anyio.to_thread.run_sync(partial(judge, criterion, observed, root, signed=signed))


def limited_probes(criterion: Criterion) -> tuple[frozenset[int], frozenset[int]]:
    """Indexes of the probes that the bounds, and that `expect`, are about; the others only have to succeed.

    Bounds are about what measures: coverage, metric, memory, time before a count of files before a command's
    number; of several, those whose value has the limit's kind of unit. `expect` is about a web answer before
    a metric before a command's output.
    """
    limit = criterion.limit
    bounded = _first_present(criterion, _MEASURING) if has_bounds(limit) else frozenset()
    if limit is not None and limit.unit and len(bounded) > 1:
        same = frozenset(i for i in bounded if _fits(criterion.probes[i], limit.unit))
        bounded = same or bounded
    expects = limit is not None and limit.expect is not None
    return bounded, _first_present(criterion, _ANSWERING) if expects else frozenset()


def _first_present(criterion: Criterion, ranks: tuple[tuple[ProbeKind, ...], ...]) -> frozenset[int]:
    for kinds in ranks:
        found = frozenset(i for i, probe in enumerate(criterion.probes) if probe.kind in kinds)
        if found:
            return found
    return frozenset()


def _fits(probe: Probe, unit: str) -> bool:
    natural = probe.unit or _NATURAL_UNIT.get(probe.kind)
    try:
        return dimension(natural) == dimension(unit)
    except QuantityError:
        return True


def _signature(probe: Probe, is_signed: bool) -> Finding:
    if is_signed:
        return Finding(CriterionState.PASS, detail="signed")
    who = f" by {probe.by}" if probe.by else ""
    return Finding(
        CriterionState.WAITING, detail=f"to be signed{who}: {one_line(probe.text or 'yes or no', 100)}"
    )


def _combined(findings: list[tuple[Probe, Finding]], bounded: Collection[Probe]) -> Judged:
    """One verdict of all findings; its value is that of the probe the limit is about."""
    worst = min((finding.state for _, finding in findings), key=_WORST_FIRST.index)
    deciding = [(probe, finding) for probe, finding in findings if finding.state is worst]
    by_limit = sorted(findings, key=lambda found: not any(found[0] is probe for probe in bounded))
    valued = next((f for _, f in by_limit if f.value is not None), None)
    valued = valued or next((f for _, f in findings if f.text is not None), None)
    commands = [(p, f) for p, f in (*deciding, *findings) if p.command is not None]
    details = dict.fromkeys(finding.detail for _, finding in deciding if finding.detail)
    return Judged(
        state=worst,
        value=valued.value if valued else None,
        unit=valued.unit if valued else None,
        text=valued.text if valued else None,
        detail="; ".join(details),
        command=commands[0][0].command.text if commands and commands[0][0].command else None,
        exit_code=commands[0][1].exit_code if commands else None,
    )
