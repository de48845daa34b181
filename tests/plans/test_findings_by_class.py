"""Each class of findings: a plan that has it is told, its nearest sound neighbour is not."""

from __future__ import annotations

import pytest

from locust_tui.plans.problem import Problem
from locust_tui.plans.reading import read_data

WORK = "workstreams:\n"


def found(text: str, code: str) -> list[Problem]:
    reading = read_data(text.encode(), "plan.yaml", cached=False)
    assert reading.plan is not None, [p.message for p in reading.problems]
    return [p for p in reading.problems if p.code == code]


def chain(*weeks: str, strict: bool = True) -> str:
    """Workstreams a, b, c … with these weeks, each needing the one before."""
    lines = [WORK]
    for n, span in enumerate(weeks):
        need = f", needs: {'abcdef'[n - 1]}" if n else ""
        lines.append(f"  {'abcdef'[n]}: {{run: x, weeks: {span}{need if strict else ''}}}\n")
    return "".join(lines)


GATED = "phases: {1: {weeks: 1-2}, 2: {weeks: %s}}\nworkstreams:\n  a: {run: x, phase: 1, weeks: 1-2}\n  b: {run: x, phase: 2, weeks: %s}\n"
CRITERIA = "workstreams: {a: {run: x, phase: 1}, b: {run: x, phase: 2, deliverables: [{id: d, files: [out.md]}]}}\nphases: {1: {}, 2: {}}\n"
GATE = CRITERIA + "gates: {g: {closes: 1%s, criteria: [%s]}}\n"
KPI = "workstreams: {a: {run: x}}\nfacts: {own: {run: x, unit: '%%'}}\nkpis: {k: {%s}}\n"
TEXT = (
    "workstreams: {WS-1: {name: Documentation, run: x, weeks: 5-6}, WS-2: {run: x, weeks: 1-6}}\n"
    "risks: [{id: R1, risk: Lag, mitigation: %s}]\n"
)
STRATEGY = "strategies: [{id: s, kind: descope, candidates: [%s]}]\n"
LIMITS = (
    "workstreams: {a: {run: x, accept: [{coverage: l.info%s, above: %s}]}}\n"
    "gates: {g: {needs: a, criteria: [{name: c, coverage: l.info, above: 80%%, as: cov}]}}\n"
)

CASES = [
    ("dates-vs-needs", chain("1-2", "2-3"), chain("1-2", "3-4")),
    (
        "window",
        "project: {window: 1-3}\n" + chain("1-2", "3-4"),
        "project: {window: 1-4}\n" + chain("1-2", "3-4"),
    ),
    (
        "gate-before-work",
        GATED % ("3-4", "3-4") + "gates: {g: {closes: 1, week: 1, criteria: [{run: x}]}}\n",
        GATED % ("3-4", "3-4") + "gates: {g: {closes: 1, week: 2, criteria: [{run: x}]}}\n",
    ),
    (
        "gate-before-phase",
        GATED % ("2-4", "2-4") + "gates: {g: {closes: 1, week: 2, criteria: [{run: x}]}}\n",
        GATED % ("3-4", "3-4") + "gates: {g: {closes: 1, week: 2, criteria: [{run: x}]}}\n",
    ),
    (
        "gate-before-phase",
        GATED % ("2-4", "2-4") + "gates: {g: {closes: 1, week: 2, mode: hard, criteria: [{run: x}]}}\n",
        GATED % ("2-4", "2-4") + "gates: {g: {closes: 1, week: 2, mode: advisory, criteria: [{run: x}]}}\n",
    ),
    (
        "circular",
        GATE % ("", "{name: Published to PyPI, manual: Is it there?}"),
        GATE % ("", "{name: Published to PyPI, manual: Is it there?, after: decision}"),
    ),
    (
        "circular",
        GATE % ("", "{name: there, http: 'https://pypi.org/pypi/x/1.0/json'}"),
        GATE % ("", "{name: there, http: 'https://example.org/health'}"),
    ),
    ("circular", GATE % ("", "{name: c, run: x, after: g}"), GATE % ("", "{name: c, run: x}")),
    (
        "circular",
        GATE % (", mode: hard", "{name: c, files: [out.md]}"),
        GATE % (", mode: advisory", "{name: c, files: [out.md]}"),
    ),
    (
        "circular",
        GATE % ("", "{name: Service deployed to production, run: ./is-it-there}"),
        GATE % ("", "{name: Service deployed to staging, run: ./is-it-there}"),
    ),
    (
        "circular",
        GATE % ("", "{name: Tools deployed, manual: Are the tools deployed?}"),
        GATE % ("", "{name: Unreleased notes are empty, run: x}"),
    ),
    ("irreversible", GATE % ("", "{run: cargo publish}"), GATE % ("", "{run: cargo publish --dry-run}")),
    ("irreversible", GATE % ("", "{run: git push origin main}"), GATE % ("", "{run: git status}")),
    (
        "critical-path",
        "project: {critical_path: [c]}\n" + WORK + "  a: {run: x, weeks: 1-3}\n  c: {run: x, weeks: 1-2}\n",
        "project: {critical_path: [a]}\n" + WORK + "  a: {run: x, weeks: 1-3}\n  c: {run: x, weeks: 1-2}\n",
    ),
    (
        "velocity",
        chain("1-2", "3-4") + "kpis: {v: {measure: velocity, min: 1}}\n",
        chain("1", "2") + "kpis: {v: {measure: velocity, min: 1}}\n",
    ),
    ("limits", LIMITS % ("", "90%"), LIMITS % ("", "80%")),
    ("limits", LIMITS % ("", "90%"), LIMITS % (", include: 'src/**'", "90%")),
    (
        "limits",
        LIMITS % ("", "80%") + "success: [{name: s, check: cov > 85 and 1 < 2}]\n",
        LIMITS % ("", "80%") + "success: [{name: s, check: cov > 80}]\n",
    ),
    (
        "limits",
        LIMITS % ("", "80%") + "kpis: {c: {measure: cov, above: 70%}}\n",
        LIMITS % ("", "80%") + "risks: [{risk: r, watch: {fact: cov, above: 85%}}]\n",
    ),
    (
        "kpi-measure",
        KPI % "name: First-pass acceptance, measure: passed_reviews / total_reviews, above: 80%",
        KPI % "name: First-pass acceptance, measure: first_pass / reviewed, above: 80%",
    ),
    (
        "kpi-measure",
        KPI % "name: Rework, measure: blockers, below: 3",
        KPI % "name: Rework, measure: own, below: 20%",
    ),
    (
        "kpi-measure",
        KPI % "name: Gates per week, measure: gates_passed, min: 1",
        KPI % "name: Gates per week, measure: gates_passed / week, min: 0",
    ),
    (
        "descope",
        WORK + "  a: {run: x, weeks: 1-4}\n  b: {run: x, weeks: 1-2}\n" + STRATEGY % "b",
        WORK + "  a: {run: x, weeks: 1-4}\n  b: {run: x, weeks: 1-2}\n" + STRATEGY % "a",
    ),
    (
        "cap",
        "resources: {max_agents: 3}\n" + chain("1", "2", "3"),
        "resources: {max_agents: 1}\n" + chain("1", "2", "3"),
    ),
    (
        "cap",
        "agents: {c: {command: sh, max: 4}}\nworkstreams: {a: {agent: c, instructions: x}}\n",
        "agents: {c: {command: sh, max: 1}}\nworkstreams: {a: {agent: c, instructions: x}}\n",
    ),
    (
        "pools",
        "resources: {max_agents: 2, pools: {o: 3}}\norchestrators: {o: {phases: 1}}\nphases: {1: {}}\nworkstreams: {a: {run: x, phase: 1}}\n",
        "resources: {max_agents: 3, pools: {o: 3}}\norchestrators: {o: {phases: 1}}\nphases: {1: {}}\nworkstreams: {a: {run: x, phase: 1}}\n",
    ),
    ("text-vs-dates", TEXT % "Documentation team from week 1", TEXT % "Documentation team from week 5"),
    ("text-vs-dates", TEXT % "WS-1 is done by week 4", TEXT % "WS-1 is done by week 6"),
    ("text-vs-dates", TEXT % "a review in week 9", TEXT % "a review in week 6"),
    ("text-vs-dates", TEXT % "WS-1 and more from week 2", TEXT % "Continuous benchmarks from week 1"),
    (
        "spelling",
        "workstreams: {a: {run: x}}\npeople: {tech-review: [ana]}\ngates: {g: {needs: a, approvers: [tech_review], criteria: [{run: x}]}}\n",
        "workstreams: {a: {run: x}}\npeople: {tech-review: [ana]}\ngates: {g: {needs: a, approvers: [tech-review], criteria: [{run: x}]}}\n",
    ),
    (
        "spelling",
        "workstreams: {WS-01: {run: x}, ws1: {run: x}}\n",
        "workstreams: {WS-01: {run: x}, WS-11: {run: x}, v1.2: {run: x}, v12: {run: x}}\naliases: {ws1: WS-01}\n",
    ),
    (
        "alias",
        "workstreams: {WS-1: {run: x}}\naliases: {api: WS-2}\n",
        "workstreams: {WS-1: {run: x}}\naliases: {api: WS-1}\n",
    ),
    (
        "near-name",
        "workstreams: {a: {run: x, reviewers: [tech-reviev]}}\npeople: {tech-review: [ana]}\n",
        "workstreams: {a: {run: x, reviewers: [dev-2, bo]}}\npeople: {dev-1: [ana]}\n",
    ),
    (
        "near-name",
        "workstreams: {a: {run: x, accept: [{manual: {text: ok, by: edtior}}]}}\npeople: {editor: [ana]}\n",
        "workstreams: {a: {run: x, accept: [{manual: {text: ok, by: editor}}]}}\npeople: {editor: [ana]}\n",
    ),
]


@pytest.mark.parametrize(("code", "faulty", "sound"), CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)])
def test_the_faulty_plan_is_told_and_the_sound_one_is_not(code: str, faulty: str, sound: str) -> None:
    told = found(faulty, code)
    assert len(told) == 1, told
    assert told[0].line is not None
    assert told[0].help
    assert found(sound, code) == []


def test_a_keyword_means_the_owners_workstreams_alone() -> None:
    text = (
        "phases: {1: {}, 2: {}}\norchestrators: {core: {phases: 1}, late: {phases: 2}}\n"
        "workstreams: {a: {run: x, phase: 1, weeks: 1-2}, b: {name: Integration Patterns, run: x, phase: 2, weeks: 5-6}}\n"
        "risks: [{id: R1, risk: r, owner: %s, mitigation: Continuous integration from week 1}]\n"
    )
    assert not found(text % "core", "text-vs-dates")
    assert len(found(text % "late", "text-vs-dates")) == 1


def test_work_that_runs_in_that_week_already_is_no_contradiction() -> None:
    text = (
        "workstreams: {a: {name: Documentation drafts, run: x, weeks: 1-2}, b: {name: Documentation, run: x, weeks: 5-6}}\n"
        "risks: [{id: R1, risk: r, mitigation: Documentation team from week 1}]\n"
    )
    assert not found(text, "text-vs-dates")


def test_a_stated_path_names_workstreams_that_exist() -> None:
    reading = read_data(
        b"project: {critical_path: [a, bb]}\nworkstreams: {a: {run: x}, b: {run: x}}\n", "p", cached=False
    )
    (problem,) = reading.problems
    assert (problem.code, problem.is_error, problem.help) == ("unknown-workstream", True, "did you mean b?")
    assert problem.source[(problem.col or 0) - 1 :].startswith("bb")


def test_work_that_is_deferred_contradicts_nothing() -> None:
    text = chain("1-2", "2-3") + "resources: {max_agents: 1}\n"
    assert found(text, "dates-vs-needs")
    deferred = text.replace("b: {run: x,", "b: {run: x, defer: v2,")
    assert found(deferred, "dates-vs-needs") == []
    assert found(deferred.replace("max_agents: 1", "max_agents: 2"), "cap")
