"""Gates, milestones, measures, risks, routes and reports."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AliasChoices,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictBool,
    StrictFloat,
    StrictInt,
    model_validator,
)
from pydantic_core import core_schema

from ...domain.plan import GateMode
from ..commands import SecretReference
from ..quantities import BadValueError
from ..resolve_measures import resolve_kpi, resolve_verdict
from .criteria import Criteria, CriterionBlock
from .forms import Lone
from .values import Address, Block, Duration, Every, Needs, Quantity, Ref, Refs, Template, Text, Week


class GateBlock(Block):
    """A decision point: criteria that are measured, and people who decide."""

    name: Text | None = None
    closes: Ref | None = Field(None, description="The phase it closes.")
    opens: Ref | None = Field(None, description="The phase it opens; default: the next.")
    needs: Needs = Field((), validation_alias=AliasChoices("needs", "depends_on"))
    week: Week | None = Field(None, description="Due at the end of this week; never a condition.")
    mode: GateMode | None = None
    criteria: Criteria = []
    approvers: Refs = ()
    min_approvals: int | None = Field(None, ge=1)


class MilestoneBlock(Block):
    name: Text
    week: Week | None = None
    needs: Needs = Field((), validation_alias=AliasChoices("needs", "depends_on"))


class KpiBlock(Block):
    name: Text | None = None
    measure: Text
    target: Text | None = Field(None, description="2-3 (both included), or 90% (at least).")
    above: Quantity | None = None
    below: Quantity | None = None
    min: Quantity | None = None
    max: Quantity | None = None
    unit: Text | None = None

    @model_validator(mode="after")
    def _target_is_readable(self) -> Self:
        resolve_kpi("", self)
        return self


Level = (
    Literal["very-low", "low", "medium", "high", "very-high"]
    | Annotated[StrictFloat | StrictInt, Field(ge=0, le=1)]
)


class WatchBlock(CriterionBlock):
    """What a risk watches: something measured, or something that is measured anyway."""

    kpi: Ref | None = Field(None, description="A KPI of the plan: missing its target triggers the risk.")
    gate: Ref | None = Field(
        None, description="With `criterion`: a gate whose criterion triggers the risk by failing."
    )
    criterion: Text | None = Field(None, description="Name of a criterion of that gate.")
    when: Text | None = Field(
        None,
        description='An expression that triggers the risk: verified("docs") < verified_rest("docs") - 20.',
    )

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        named = [key for key in ("kpi", "gate", "when") if getattr(self, key) is not None]
        if bool(self.gate) != bool(self.criterion):
            raise BadValueError("gate and criterion stand together", "{gate: g2, criterion: API stability}")
        if len(named) > 1 or (named and measured(self)):
            raise BadValueError(
                "a watch looks at one thing: something measured, a KPI, a gate's criterion, or when"
            )
        return self


def measured(watch: WatchBlock) -> bool:
    """Whether it says anything to measure."""
    probes = ("run", "files", "coverage", "metric", "memory", "time", "http", "manual", "agent", "fact")
    return any(getattr(watch, name) is not None for name in probes)


class RiskBlock(Block):
    id: Ref | None = None
    risk: Text
    scale: Literal["levels", "pmbok"] | None = Field(
        None,
        description="levels: low, medium, high as 1, 2, 3. pmbok: probability .1 to .9 times impact .05 to .8; "
        "one risk that says so, or uses its values, puts the whole register on it.",
    )
    probability: Level = "medium"
    impact: Level = "medium"
    delay: Duration | None = Field(None, description="What it costs where it happens: 5d.")
    owner: Ref | None = None
    mitigation: Text | None = None
    response: Literal["avoid", "mitigate", "transfer", "accept"] | None = None
    watch: WatchBlock | None = Field(
        None, description="Looked at now and then; when it fails the risk is triggered."
    )
    score: float | None = Field(None, ge=0)


class StrategyBlock(Block):
    """A way to finish earlier; its further keys belong to its kind."""

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)

    id: Ref
    name: Text | None = None
    kind: Literal["crash", "descope", "waive", "add-capacity", "fast-track"]
    description: Text | None = None


class EscalationBlock(Block):
    kind: Text
    to: Refs
    within: Duration | None = None
    mode: Literal["all", "steps"] | None = None


CHANNELS = ("inbox", "bell", "desktop")


class ChannelBlock(Block):
    """One way to reach somebody: a word, a command, a webhook, or a service that apprise knows (e-mail, chat)."""

    word: Literal["inbox", "bell", "desktop"] | None = None
    command: Template | None = Field(
        None, description="{subject} is filled in; the message comes on standard input."
    )
    webhook: Address | None = Field(None, description="A web address that the message is posted to, as JSON.")
    apprise: Address | None = Field(
        None, description="E-mail or chat, as an address of apprise: mailtos://…, slack://…, ntfy://…"
    )

    @model_validator(mode="after")
    def _webhook_is_of_the_web(self) -> Self:
        url = self.webhook
        if (
            url is not None
            and not isinstance(url, SecretReference)
            and not url.lower().startswith(("http://", "https://"))
        ):
            raise BadValueError("a webhook is an http or https address", "other services: {apprise: …}")
        return self


class _Channels:
    """Annotation: one channel may stand without its list."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return core_schema.no_info_before_validator_function(
            lambda v: v if isinstance(v, list) else [v], handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        items = handler(schema)
        return {"anyOf": [items, items["items"]]}


Channels = Annotated[list[Annotated[ChannelBlock, Lone("word", *CHANNELS)]], _Channels()]


class MonitorBlock(Block):
    name: Text
    refresh: Duration
    metrics: Refs = ()

    @model_validator(mode="after")
    def _refresh_is_bearable(self) -> Self:
        if self.refresh < 1:
            raise BadValueError("a monitor samples at most once a second", "refresh: 300s")
        return self


class AlertBlock(Block):
    name: Text
    when: Text
    notify: Refs = ()
    severity: Literal["info", "warning", "critical"] = "warning"
    for_: Duration | None = Field(None, alias="for", description="How long it must hold before it fires.")


class VerdictBlock(Block):
    """From where on the plan is at risk or off track."""

    gap_at_risk: float | None = Field(
        None, ge=0, le=100, description="Points behind plan: at risk; default 10."
    )
    gap_off_track: float | None = Field(
        None, ge=0, le=100, description="Points behind plan: off track; default 20."
    )
    spi_at_risk: float | None = Field(
        None, ge=0, le=10, description="Schedule performance index below this: at risk; default 0.95."
    )
    spi_off_track: float | None = Field(
        None, ge=0, le=10, description="Schedule performance index below this: off track; default 0.85."
    )
    spi_from: float | None = Field(
        None, ge=0, le=100, description="Points expected before a low index means off track; default 10."
    )
    gate_days: float | None = Field(
        None, ge=0, description="Working days a gate may be overdue before the plan is off track; default 5."
    )
    stuck_days: float | None = Field(
        None,
        ge=0,
        description="Working days critical work may be stuck before the plan is at risk; default 1.",
    )
    risk_score: float | None = Field(
        None, ge=0, description="Score from which a risk without a response puts the plan at risk; default 6."
    )

    @model_validator(mode="after")
    def _worse_is_worse(self) -> Self:
        resolve_verdict(self)
        return self


class HookBlock(Block):
    """A pipeline of this program's own verbs, run by the clock or after an event."""

    do: Text = Field(description="Lines of verbs, `status --json | memory store KEY`.")
    cron: Text | None = Field(None, description='Minute, hour, day, month, weekday: "0 9 * * 1-5".')
    event: Text | None = Field(
        None, description="blocker-detected, agent-exited, gate-failed, key-changed:GLOB, or an event's name."
    )
    shell: StrictBool | None = Field(None, description="The lines are the shell's, not this program's verbs.")


class ReportBlock(Block):
    name: Text
    every: Every = Field(description='Like "fri 17:00", "day 9:00" or "1w".')
    out: Refs = Field(
        (),
        description="File, or several, below the plan's folder: .md, .html, .txt or .json; {week} is filled in.",
    )
    to: Refs = ()


class SuccessBlock(CriterionBlock):
    """An end condition: an expression over facts, or a criterion."""

    name: Text
    check: Text | None = None
    due: Text | None = None
