"""A plan of one orchestrator and one workstream in which much waits for an answer, and how it stood a week earlier."""

from __future__ import annotations

from dataclasses import replace

from locust_tui.analysis.overview import build_snapshot
from locust_tui.domain.coordination import (
    AlertStatus,
    EscalationReply,
    EscalationStatus,
    GrantStatus,
    MessageStatus,
    TaskStatus,
)
from locust_tui.domain.plan import Orchestrator, Plan, Project, Workstream
from locust_tui.domain.snapshot import AnsweredView, WaitingView
from locust_tui.domain.states import AlertState, TaskState
from locust_tui.domain.world import World

AT = 20_000.0
PLAN = Plan(
    Project("Demo", "demo"),
    {"w1": Workstream("w1", "Parser", orchestrator="core")},
    orchestrators={"core": Orchestrator("core", "Core", workstreams=("w1",))},
)
WEEK = build_snapshot(PLAN, "d", "plan.yaml", World(), AT, worker_pid=None)
BEFORE = replace(
    WEEK,
    at=10_000.0,
    grants=(GrantStatus("request:coder:1", "", 1, agent_type="coder"), GrantStatus("request:old:1", "core", 1, ended="over")),
)  # fmt: skip
NOW = replace(
    WEEK,
    started=1.0,
    messages=(MessageStatus("m1", "core", "x", "w1", 1.0), MessageStatus("m2", "cor", "x", "w1", 1.0, dead="nobody")),
    tasks=(TaskStatus("T1", "look", "core", 5.0, "ana"), TaskStatus("T2", "done", "core", 5.0, "ana", state=TaskState.DONE)),
    alerts=(AlertStatus("slow/", "slow", "", AlertState.FIRING, 19_000.0, (("velocity", 0.5),), fired=1),),
    grants=(
        GrantStatus("request:core:1", "core", 2, 40_000.0),
        GrantStatus("request:coder:1", "", 1, 15_000.0, "coder", "its time is over"),
        GrantStatus("request:old:1", "core", 1, ended="over"),
    ),
    escalations=(
        EscalationStatus("E1", "workstream", "w1", "no GPU", AT - 9_000, "w1", route=("core", "meta"), acknowledged=("core",), item="failed:w1"),
        EscalationStatus("E2", "architecture", "w1", "two traits claim the overlay", AT - 2_000, "core", route=("meta", "tech-review"), mode="all", due=86_400.0, replies=(EscalationReply("meta", "meta", "split it", "", AT - 500),)),
        EscalationStatus("E0", "resource", "core", "more", 1.0, "core", route=("meta",), closed=2.0),
    ),
    waiting=(
        WaitingView("failed:w1", "escalation", "core", "Parser: exit 1", AT - 9_000, choices=("retry",), subject="w1"),
        WaitingView("escalation:E2", "escalation", "tech-review", "two traits claim the overlay", AT - 2_000, subject="w1"),
        WaitingView("request:core:2", "request", "operator", "core asks for 2 more agents at a time", AT - 400, choices=("grant", "grant 1", "deny"), subject="core"),
    ),
    answered=(
        AnsweredView("request:core:3", "request", "core", "core asks for 3 more agents", 12_000.0, "deny", by="the plan's rule", asked=11_000.0),
        AnsweredView("request:core:0", "request", "core", "core asks for 9 more agents", 9_000.0, "grant", by="ana"),
    ),
)  # fmt: skip
