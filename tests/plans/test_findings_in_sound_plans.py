"""No false alarms: plans that keep their promises get no warnings, and a large one is checked in no time."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite

from effort import cpu_s
from locust_tui.plans.problem import Severity
from locust_tui.plans.reading import read_data, read_plan

DEMOS = Path(__file__).parents[2] / "demo_plans"
_NAMES = st.sampled_from(
    ["Core Types", "Navigation", "Documentation", "Integration Patterns", "Overlay", "Release notes"]
)


@composite
def sound_plans(draw: DrawFn) -> str:
    """Plans whose dates follow their needs, with gates due at the end of their phases and caps that are reached."""
    works: dict[str, dict[str, object]] = {}
    ends: dict[str, int] = {}
    phases: dict[str, dict[str, str]] = {}
    gates: dict[str, dict[str, object]] = {}
    first = 1
    for phase in range(1, draw(st.integers(1, 3)) + 1):
        mine: list[str] = []
        for _ in range(draw(st.integers(1, 4))):
            id = f"WS-{len(works) + 1:02}"
            targets = draw(st.lists(st.sampled_from(mine), unique=True, max_size=2)) if mine else []
            start = max((ends[t] + 1 for t in targets), default=first)
            start += draw(st.integers(0, 1))
            last = start + draw(st.integers(0, 2))
            ends[id] = last
            work: dict[str, object] = {
                "name": draw(_NAMES),
                "run": "make",
                "phase": str(phase),
                "weeks": f"{start}-{last}",
            }
            if targets:
                work["needs"] = targets
            works[id] = work
            mine.append(id)
        begin = min(int(str(works[w]["weeks"]).split("-")[0]) for w in mine)
        end = max(ends[w] for w in mine)
        phases[str(phase)] = {"name": f"Phase {phase}", "weeks": f"{begin}-{end}"}
        gates[f"g{phase}"] = {
            "closes": str(phase), "week": end, "mode": draw(st.sampled_from(["hard", "overlap", "advisory"])),
            "criteria": [{"name": "tests pass", "run": "make test"}, {"name": "coverage", "coverage": "lcov.info", "above": "80%", "as": f"cov{phase}"}],
        }  # fmt: skip
        first = end + 1
    longest = [id for id in ends if ends[id] == max(ends.values())]
    return yaml.safe_dump(
        {
            "project": {"name": "sound", "window": f"1-{max(ends.values())}"},
            "phases": phases,
            "workstreams": works,
            "gates": gates,
            "kpis": {
                "velocity": {"name": "Finished per week", "measure": "workstreams_completed / week", "min": len(works) / max(ends.values())},
                "quality": {"name": "First-pass acceptance", "measure": "first_pass / reviewed", "above": "80%"},
            },
            "risks": [
                {"id": "R1", "risk": "Delay", "mitigation": f"{longest[0]} is done by week {max(ends.values())}"},
                {"id": "R2", "risk": "Quality", "mitigation": "Continuous benchmarks from week 1", "watch": {"fact": "cov1", "above": "85%"}},
            ],
            "success": [{"name": "Quality", "check": "cov1 > 80"}],
        },
        sort_keys=False,
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(sound_plans())
def test_a_sound_plan_gets_no_warning(text: str) -> None:
    reading = read_data(text.encode(), "plan.yaml", cached=False)
    assert [p.message for p in reading.problems if p.severity is not Severity.NOTE] == []
    assert {p.code for p in reading.problems} <= {"critical-path"}


@pytest.mark.parametrize("name", ["hello", "dogfood"])
def test_shipped_plans_are_sound(name: str) -> None:
    found = read_plan(DEMOS / name / "locust-plan.yaml", cached=False).problems
    assert [p.message for p in found if p.severity is not Severity.NOTE and p.code != "program"] == []


def test_the_demo_of_the_framework_has_only_the_contradictions_of_its_document() -> None:
    found = read_plan(DEMOS / "locust" / "locust-plan.yaml", cached=False).problems
    assert {p.code for p in found if p.severity is Severity.WARNING} - {"program"} == {
        "velocity", "limits", "kpi-measure", "descope", "cap", "pools",
    }  # fmt: skip


def test_a_thousand_workstreams_are_checked_in_no_time() -> None:
    lines = ["project: {window: 1-200}", "resources: {max_agents: 900}", "workstreams:"]
    for n in range(1000):
        week = 1 + n // 10 * 2
        need = f", needs: {{W{n - 10}: 50%, W{n - 9}: done}}" if n >= 20 else ""
        part = f"[{{id: d{n}, files: [out/{n}]}}]"
        lines.append(f"  W{n}: {{run: x, weeks: {week}-{week + 1}, deliverables: {part}{need}}}")
    lines.append("strategies: [{id: s, kind: descope, candidates: [W7, W8]}]")
    data = "\n".join(lines).encode()
    reading = read_data(data, "plan.yaml", cached=False)
    assert reading.plan is not None
    assert "dates-vs-needs" in {p.code for p in reading.problems}
    assert (
        cpu_s(lambda: read_data(data, "plan.yaml", cached=False), times=2) < 5
    )  # half a second on an idle machine
