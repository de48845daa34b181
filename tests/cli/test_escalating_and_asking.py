"""`escalate`, `request-agents` and `risk` as people and scripts type them, against a real worker."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Tui = Callable[..., subprocess.CompletedProcess[str]]

PLAN = """\
project: Harbour
resources: {max_agents: 3, pools: {core: 1}}
agents: {rust: {command: sleep 600, max: 1}}
meta: {id: boss}
orchestrators: {core: {id: core-orchestrator}}
people: {review: [tom]}
workstreams:
  WS-01: {orchestrator: core, agent: rust, instructions: x}
  WS-02: {orchestrator: core, agent: rust, instructions: x}
escalation:
  - {kind: architecture, to: [boss, review], within: 1d}
risks:
  - {id: R1, risk: Drift, owner: core, impact: high, mitigation: Pin it}
  - {id: R2, risk: Storm, probability: low}
"""


@pytest.fixture
def harbour(tmp_path: Path, tui: Tui) -> Iterator[Tui]:
    (tmp_path / "locust-plan.yaml").write_text(PLAN)
    assert tui("trust", "--yes").returncode == 0
    assert tui("up").returncode == 0
    yield tui
    tui("down", "--stop-agents")


def said(result: subprocess.CompletedProcess[str], code: int = 0) -> str:
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout if code == 0 else result.stderr


def told(result: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(said(result))


def test_an_issue_goes_up_is_seen_and_is_decided(harbour: Tui) -> None:
    up = said(harbour("escalate", "the parser is wrong", "--about", "ws01", "--urgency", "high"))
    assert up.startswith("E1: workstream escalation, waits for core, revision ")
    (one,) = told(harbour("escalate", "ls", "--json"))
    assert (one["state"], one["route"], one["urgency"]) == ("open", ["core", "boss"], "high")
    (entry,) = told(harbour("inbox", "--json"))
    assert (entry["item"], entry["kind"], entry["for"]) == ("escalation:E1", "escalation", "core")
    assert "acknowledged for core" in said(harbour("answer", "escalation:E1", "acknowledge"))
    assert "only once" in said(harbour("escalate", "ack", "e1"), 4)
    passed = said(harbour("escalate", "answer", "E1", "--pass-on", "--note", "too big"))
    assert passed.startswith("E1: passed on by core, waits for boss")
    assert said(harbour("answer", "escalation:E1", "write a new one")).startswith(
        "E1: answered for boss: write a new one; closed"
    )
    assert harbour("escalate", "ls").stdout == ""
    shown = said(harbour("escalate", "show", "E1"))
    assert "decision:     write a new one" in shown
    assert "E1 is settled already: write a new one" in said(harbour("escalate", "answer", "E1", "x"), 4)


def test_an_architecture_waits_for_both_and_for_those_the_plan_names(harbour: Tui) -> None:
    up = told(harbour("escalate", "the architecture does not hold", "--about", "core", "--json"))
    assert (up["kind"], up["to"]) == ("architecture", ["boss", "review"])
    first = said(harbour("escalate", "answer", "E1", "split it", "--consequences", "two crates"))
    assert "answered for boss: split it; still open, waits for review" in first
    assert "tom" in said(harbour("escalate", "answer", "E1", "split it"), 4)
    assert told(harbour("escalate", "answer", "E1", "split it", "--by", "tom", "--json"))["closed"] is True
    record = told(harbour("escalate", "show", "E1", "--json"))["record"]
    assert record == {
        "context": "the architecture does not hold",
        "decision": "split it",
        "consequences": "two crates",
    }


@pytest.mark.parametrize(
    ("words", "code", "help"),
    [
        (("escalate", "lss"), 2, "did you mean ls"),
        (("escalate", "x", "--abut", "WS-01"), 2, "--about"),
        (("escalate", "x", "--about", "WS-09"), 3, "did you mean"),
        (("escalate", "x", "--kind", "timelin"), 3, "did you mean timeline"),
        (("escalate", "answer", "E7", "x"), 3, "escalate ls"),
        (("escalate", "answer", "E7"), 2, "--pass-on"),
        (("request-agents", "rust", "--for", "x"), 2, "COUNT"),
        (("request-agents", "rus", "2", "--for", "x"), 3, "did you mean rust"),
        (("request-agents", "2", "--for", "x"), 3, "core"),
        (("request-agents", "2", "--for", "x", "--orchestrator", "core", "--expires", "soon"), 2, "4h"),
        (("request-agents", "release", "request:core:1"), 3, "request-agents ls"),
        (("risk", "close", "R9", "--note", "x"), 3, "did you mean"),
        (("risk", "close", "R1"), 2, "--note TEXT"),
    ],
)
def test_what_is_meant_wrongly_is_answered_with_what_may_be_meant(
    harbour: Tui, words: tuple[str, ...], code: int, help: str
) -> None:
    assert help in said(harbour(*words), code)


def test_agents_are_asked_for_granted_in_part_and_released(harbour: Tui) -> None:
    asked = said(harbour("request-agents", "2", "--for", "navigation", "--orchestrator", "core-orchestrator"))
    assert asked.startswith("request:core:1: waits for an answer")
    assert "open already, for 2" in said(
        harbour("request-agents", "1", "--for", "x", "--orchestrator", "core")
    )
    assert said(harbour("answer", "request:core:1", "1")).startswith("request:core:1: 1")
    typed = told(harbour("request-agents", "rust", "1", "--for", "tests", "--expires", "4h", "--json"))
    assert said(harbour("answer", typed["item"], "grant"))
    found = told(harbour("request-agents", "ls", "--json"))
    assert [(f["item"], f["state"], f["granted"], f["count"]) for f in found] == [
        ("request:core:1", "partly granted", 1, 2),
        ("request:rust:1", "granted", 1, 1),
    ]
    assert found[1]["until"] is not None
    assert "1 slots taken back" in said(harbour("request-agents", "release", "request:rust:1"))
    assert "counts no more" in said(harbour("request-agents", "release", "request:rust:1"), 4)
    assert [f["item"] for f in told(harbour("request-agents", "ls", "--json"))] == ["request:core:1"]


def test_the_register_is_listed_and_moved_by_hand(harbour: Tui) -> None:
    listed = told(harbour("risk", "ls", "--json"))
    assert [(r["id"], r["score"], r["state"]) for r in listed] == [("R1", 6.0, "open"), ("R2", 2.0, "open")]
    assert said(harbour("risk", "trigger", "r1", "--note", "it moved")).startswith(
        "R1 is triggered, its owner core is told, revision "
    )
    assert "nothing was changed" in said(harbour("risk", "trigger", "R1", "--note", "again"), 4)
    assert "triggered for" in said(harbour("risk", "show", "R1"))
    assert "risk R1 has triggered: Drift" in told(harbour("status", "--json"))["reasons"]
    said(harbour("risk", "close", "R1", "--by", "ana", "--note", "it is over"))
    assert told(harbour("risk", "show", "R1", "--json"))["by"] == "ana"
    said(harbour("risk", "reopen", "R1", "--note", "it may come back"))
    assert told(harbour("risk", "ls", "--json"))[0]["state"] == "open"


def test_what_nobody_escalated_is_an_empty_list(harbour: Tui) -> None:
    for verb in ("escalate", "request-agents"):
        assert told(harbour(verb, "ls", "--json")) == []
    assert json.loads(harbour("escalate", "ls", "--all", "--json").stdout) == []
