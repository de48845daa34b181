"""What each block of a plan is called, which keys it may have, and how one looks."""

from __future__ import annotations

from typing import Any

from locust_tui.domain.dataclass import dataclass

from .schema import criteria, document, governance, work
from .schema.values import Block
from .tree import Where


@dataclass(frozen=True, slots=True)
class PlaceKind:
    pattern: tuple[str, ...]
    """Keys from the top; "*" stands for any id or position."""
    noun: str
    model: type[Block]
    example: str


_KINDS = (
    PlaceKind((), "the plan", document.PlanBlock, "{workstreams: {build: {run: make}}}"),
    PlaceKind(("project",), "project", document.ProjectBlock, "{name: Hello}"),
    PlaceKind(("calendar",), "calendar", document.CalendarBlock, "{start: 2025-11-17}"),
    PlaceKind(("budget",), "budget", work.BudgetBlock, "{cost: 20, tokens: 5000000}"),
    PlaceKind(("*", "*", "budget"), "budget", work.BudgetBlock, "{cost: 20, tokens: 5000000}"),
    PlaceKind(("accounts", "*"), "account", document.AccountBlock, "{reserve: 20%}"),
    PlaceKind(("git",), "git", document.GitBlock, "{prefix: work/, setup: make deps}"),
    PlaceKind(("features",), "features", document.FeaturesBlock, "{performance-tracking: true}"),
    PlaceKind(("resources",), "resources", work.ResourcesBlock, "{max_agents: 4}"),
    PlaceKind(("resources", "defaults"), "resources.defaults", work.DefaultsBlock, "{timeout: 5d, retry: 1}"),
    PlaceKind(("agents", "*"), "agent", work.AgentBlock, '{command: "claude -p {instructions}"}'),
    PlaceKind(("meta",), "meta", work.MetaBlock, "{agent: orchestrator}"),
    PlaceKind(("phases", "*"), "phase", work.PhaseBlock, "{name: Navigation, weeks: 1-4}"),
    PlaceKind(("orchestrators", "*"), "orchestrator", work.OrchestratorBlock, "{name: Core, phases: 1}"),
    PlaceKind(("workstreams", "*"), "workstream", work.WorkstreamBlock, "{run: make}"),
    PlaceKind(("workstreams", "*", "crew"), "crew", work.CrewBlock, "{agents: 2, gain: 0.7}"),
    PlaceKind(
        ("workstreams", "*", "deliverables", "*"),
        "deliverable",
        criteria.DeliverableBlock,
        "{id: api, files: [src/api.rs]}",
    ),
    PlaceKind(("gates", "*"), "gate", governance.GateBlock, "{needs: [build], criteria: [{run: make test}]}"),
    PlaceKind(
        ("milestones", "*"), "milestone", governance.MilestoneBlock, "{name: beta, week: 6, needs: build}"
    ),
    PlaceKind(
        ("kpis", "*"), "kpi", governance.KpiBlock, "{measure: workstreams_completed / week, target: 2-3}"
    ),
    PlaceKind(
        ("risks", "*"),
        "risk",
        governance.RiskBlock,
        "{risk: The API changes, probability: low, impact: high}",
    ),
    PlaceKind(
        ("strategies", "*"),
        "strategy",
        governance.StrategyBlock,
        "{id: descope, kind: descope, candidates: [docs]}",
    ),
    PlaceKind(("notify", "*", "*"), "channel", governance.ChannelBlock, "{command: mail -s {subject} me}"),
    PlaceKind(
        ("escalation", "*"),
        "escalation",
        governance.EscalationBlock,
        "{kind: workstream, to: [orchestrator], within: 4h}",
    ),
    PlaceKind(
        ("monitors", "*"),
        "monitor",
        governance.MonitorBlock,
        "{name: main, refresh: 300s, metrics: [progress]}",
    ),
    PlaceKind(
        ("alerts", "*"),
        "alert",
        governance.AlertBlock,
        "{name: late, when: phase_progress < expected_progress - 10}",
    ),
    PlaceKind(("verdict",), "verdict", governance.VerdictBlock, "{gap_at_risk: 10, gap_off_track: 20}"),
    PlaceKind(("hooks", "*"), "hook", governance.HookBlock, '{cron: "0 9 * * 1-5", do: status}'),
    PlaceKind(("reports", "*"), "report", governance.ReportBlock, "{name: weekly, every: fri 17:00}"),
    PlaceKind(("facts", "*"), "fact", criteria.CriterionBlock, "{run: ./count-bugs.sh}"),
    PlaceKind(
        ("success", "*"),
        "success check",
        governance.SuccessBlock,
        "{name: All done, check: phases_done == 4}",
    ),
    PlaceKind(
        ("after_release", "*"),
        "after-release check",
        governance.SuccessBlock,
        "{name: Used, due: 1 month, manual: List them}",
    ),
    PlaceKind(("risks", "*", "watch"), "watch", governance.WatchBlock, "{run: make bench}"),
)

_PARTS = {
    "manual": PlaceKind((), "manual", criteria.ManualBlock, "{text: Read it, by: editor}"),
    "http": PlaceKind((), "http", criteria.HttpBlock, "{url: https://example.org}"),
    "metric": PlaceKind((), "metric", criteria.MetricBlock, "{run: ./measure.sh}"),
    "agent": PlaceKind((), "agent", criteria.AgentOpinionBlock, "{text: Is it readable?}"),
}
_CRITERION = PlaceKind((), "criterion", criteria.CriterionBlock, "{name: tests pass, run: make test}")
_CRITERIA_KEYS = frozenset({"criteria", "accept", "invariants"})


def kind_of(where: Where) -> PlaceKind | None:
    """The kind of block that stands at `where`; None for a list, a value or an unknown place."""
    for kind in _KINDS:
        if len(kind.pattern) == len(where) and all(
            p in ("*", w) for p, w in zip(kind.pattern, where, strict=True)
        ):
            return kind
    if len(where) >= 2 and where[-2] in _CRITERIA_KEYS:
        return _CRITERION
    if where and where[-1] in _PARTS and kind_of(where[:-1]) is not None:
        return _PARTS[str(where[-1])]
    return None


def example_of(where: Where) -> tuple[str, str] | None:
    """How the block at `where` looks, in short and in full; None for a place that holds no block."""
    kind = kind_of(where)
    if kind is not None:
        short = (
            "{run: …}" if kind.noun == "workstream" else kind.example if len(kind.example) < 30 else "{…: …}"
        )
        return short, kind.example
    inner = kind_of((*where, "NAME"))
    if inner is None:
        return None
    name = {"workstream": "build", "gate": "ship", "phase": "1"}.get(inner.noun, "name")
    return f"{{{name}: {{…}}}}", f"{{{name}: {inner.example}}}"


def keys_of(kind: PlaceKind) -> list[str]:
    """The keys one may write there, aliases left out."""
    return [f.alias or name for name, f in kind.model.model_fields.items() if name != "word"]


def aliases_of(kind: PlaceKind) -> dict[str, str]:
    """Other spellings that are accepted → the key itself."""
    found: dict[str, str] = {}
    for name, field in kind.model.model_fields.items():
        choices = getattr(field.validation_alias, "choices", ())
        found.update({str(choice): name for choice in choices if choice != name})
    return found


def describe(where: Where, tree_value: Any) -> str:
    """`workstream unit`, `criterion "tests pass" of gate ship`, `risk R1`."""
    kind = kind_of(where)
    if kind is None:
        return dotted(where) or "the plan"
    if not where or len(kind.pattern) == 1:
        return kind.noun
    if kind.noun in ("criterion", "deliverable"):
        name = _value(where, tree_value)
        label = _label(name, where[-1])
        return f"{kind.noun} {label} of {describe(where[:-2], tree_value)}"
    if kind in _PARTS.values() or kind.noun == "watch":
        return f"{kind.noun} of {describe(where[:-1], tree_value)}"
    if isinstance(where[-1], int):
        return f"{kind.noun} {_label(_value(where, tree_value), where[-1])}"
    return f"{kind.noun} {where[-1]}" if kind.pattern[-1] == "*" else kind.noun


def _label(item: Any, position: str | int) -> str:
    if isinstance(item, dict):
        for key in ("id", "name", "kind"):
            if isinstance(item.get(key), str):
                return f'"{item[key]}"' if key == "name" else str(item[key])
    return str(position + 1) if isinstance(position, int) else str(position)


def _value(where: Where, value: Any) -> Any:
    for step in where:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def dotted(where: Where) -> str:
    """`workstreams.build.needs`; list positions count from 1."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in where)
