"""Measures, risks, routes and reports of the file → those of the plan."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..analysis.risks import LEVELS, PMBOK, risk_score
from ..domain.criterion import Command
from ..domain.plan import (
    DAY_S,
    AlertRule,
    EscalationRoute,
    Hook,
    Kpi,
    Monitor,
    NotifyRoute,
    ReportSchedule,
    Risk,
    RiskLink,
    Strategy,
    SuccessCheck,
    VerdictLimits,
)
from .commands import SecretReference
from .quantities import BadValueError, convert, parse_quantity, parse_range
from .resolve_criteria import resolve_criterion

if TYPE_CHECKING:
    from .schema.governance import (
        AlertBlock,
        ChannelBlock,
        EscalationBlock,
        HookBlock,
        KpiBlock,
        MonitorBlock,
        ReportBlock,
        RiskBlock,
        StrategyBlock,
        SuccessBlock,
        VerdictBlock,
    )

_SIGNS = {"above": ">", "below": "<", "min": "≥", "max": "≤"}
_PREFIXES = ((">=", "min"), ("<=", "max"), ("≥", "min"), ("≤", "max"), (">", "above"), ("<", "below"))


def resolve_kpi(id_: str, k: KpiBlock) -> Kpi:
    """A KPI; `target: 2-3` is a range, `target: 90%` and `target: ">= 90%"` are limits."""
    written = {sign: pair for sign in _SIGNS if (pair := getattr(k, sign)) is not None}
    low = high = None
    if k.target is not None and not written:
        sign, rest = _split_sign(k.target)
        if sign is None:
            low, high, percent = (
                parse_range(rest) if "-" in rest or "–" in rest or ".." in rest else (None, None, "")
            )
            sign = "min"
        if low is None:
            written[sign] = parse_quantity(rest)
        else:
            written_unit = "%" if percent else None
    unit = next((u for _, u in written.values() if u), None)
    if low is not None:
        unit = written_unit
    values = {sign: convert(value, own or unit, unit) for sign, (value, own) in written.items()}
    text = (
        k.target
        if low is not None and k.target
        else ", ".join(f"{_SIGNS[s]} {v:g}{u or ''}" for s, (v, u) in written.items())
    )
    return Kpi(
        id=id_,
        name=k.name or id_.replace("_", " ").capitalize(),
        measure=k.measure,
        low=low,
        high=high,
        above=values.get("above"),
        below=values.get("below"),
        minimum=values.get("min"),
        maximum=values.get("max"),
        unit=k.unit or unit,
        target=text,
    )


def _split_sign(text: str) -> tuple[str | None, str]:
    stripped = text.strip()
    for prefix, sign in _PREFIXES:
        if stripped.startswith(prefix):
            return sign, stripped[len(prefix) :].strip()
    return None, stripped


def resolve_risks(blocks: Sequence[RiskBlock]) -> tuple[Risk, ...]:
    """The register, all of it on one scale: that of the risk that names a wider one, or uses its values."""
    wide = any(r.scale == "pmbok" or not {r.probability, r.impact} <= LEVELS.keys() for r in blocks)
    return tuple(_risk(n, r, PMBOK if wide else "levels") for n, r in enumerate(blocks, 1))


def _risk(number: int, r: RiskBlock, scale: str) -> Risk:
    """Without `score:` it is probability × impact on the scale."""
    w = r.watch
    linked = w is not None and (w.kpi or w.gate or w.when)
    link = (
        RiskLink(w.kpi or "", w.gate or "", w.criterion or "", w.when or "")
        if w is not None and linked
        else None
    )
    made = Risk(
        id=r.id or f"R{number}",
        risk=r.risk,
        probability=_level(r.probability),
        impact=_level(r.impact),
        owner=r.owner,
        mitigation=r.mitigation or "",
        response=r.response,
        watch=None if link is not None or w is None else resolve_criterion(w),
        score=r.score,
        scale=scale,
        delay=None if r.delay is None else r.delay / DAY_S,
        link=link,
    )
    return made if made.score is not None else replace(made, score=risk_score(made))


def _level(given: str | float) -> str:
    return given if isinstance(given, str) else f"{given:g}"


def resolve_strategy(s: StrategyBlock) -> Strategy:
    options = {key: json.dumps(value, ensure_ascii=False) for key, value in (s.model_extra or {}).items()}
    return Strategy(s.id, s.name or s.id, s.kind, s.description or "", options)


def resolve_notify(address: str, channels: list[ChannelBlock]) -> NotifyRoute:
    """Words stay words; addresses become `webhook:URL`, `apprise:URL`, or `webhook:secret:env:NAME` by where they are."""
    words: list[str] = []
    commands: list[Command] = []
    for channel in channels:
        if channel.word:
            words.append(channel.word)
        if channel.command is not None:
            commands.append(Command(channel.command, shlex.join(channel.command)))
        for kind, where in (("webhook", channel.webhook), ("apprise", channel.apprise)):
            if where is not None:
                secret = "secret:" if isinstance(where, SecretReference) else ""
                words.append(f"{kind}:{secret}{where}")
    return NotifyRoute(address, tuple(words), tuple(commands))


def resolve_escalation(e: EscalationBlock) -> EscalationRoute:
    """A question of architecture is everybody's on its route, unless the plan says otherwise."""
    return EscalationRoute(e.kind, e.to, e.within, e.mode or ("all" if e.kind == "architecture" else "steps"))


def resolve_monitor(m: MonitorBlock) -> Monitor:
    return Monitor(m.name, m.refresh, m.metrics)


def resolve_alert(a: AlertBlock) -> AlertRule:
    return AlertRule(a.name, a.when, a.notify, a.severity, a.for_)


def resolve_hook(name: str, h: HookBlock) -> Hook:
    return Hook(name, h.do, h.cron or "", h.event or "", h.shell or False)


def resolve_report(r: ReportBlock) -> ReportSchedule:
    return ReportSchedule(r.name, r.every, r.out[0] if r.out else None, r.to, r.out[1:])


def resolve_success(s: SuccessBlock) -> SuccessCheck:
    criterion = resolve_criterion(s)
    return SuccessCheck(s.name, s.check, s.due, criterion if criterion.probes else None)


def resolve_verdict(v: VerdictBlock) -> VerdictLimits:
    """Limits of the verdict; raises BadValueError where off track would come before at risk."""
    limits = VerdictLimits(**v.model_dump(exclude_none=True))
    if limits.gap_off_track < limits.gap_at_risk:
        raise BadValueError(
            f"off track at {limits.gap_off_track:g} points behind comes before at risk at {limits.gap_at_risk:g}",
            f"gap_off_track: {2 * limits.gap_at_risk:g}",
        )
    if limits.spi_off_track > limits.spi_at_risk:
        raise BadValueError(
            f"off track below an index of {limits.spi_off_track:g} comes before at risk below {limits.spi_at_risk:g}",
            f"spi_off_track: {max(0.0, limits.spi_at_risk - 0.1):g}",
        )
    return limits
