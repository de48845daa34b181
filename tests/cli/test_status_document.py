"""`status --json` and its relatives: the keys that stay, and values that rest on something."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

Tui = Callable[..., CompletedProcess[str]]

NUMBER = (int, float)
NONE = type(None)
SHAPE: dict[str, Any] = {
    "schema": int,
    "plan": {"name": str, "path": str, "hash": str},
    "revision": int,
    "at": str,
    "week": int,
    "worker": {"running": bool, "pid": (int, NONE)},
    "progress": NUMBER,
    "expected_progress": (*NUMBER, NONE),
    "verdict": str,
    "reasons": [str],
    "phases": [
        {"id": str, "name": str, "state": str, "progress": NUMBER, "expected_progress": (*NUMBER, NONE)}
    ],
    "orchestrators": [
        {
            "id": str,
            "name": str,
            "progress": NUMBER,
            "workstreams": [str],
            "agents_running": int,
            "quota": (int, NONE),
        }
    ],
    "workstreams": [
        {
            "id": str,
            "name": str,
            "phase": (str, NONE),
            "orchestrator": (str, NONE),
            "state": str,
            "verified": NUMBER,
            "reported": (*NUMBER, NONE),
            "attempt": int,
            "needs": [{"id": str, "condition": str, "met": bool}],
            "why": (str, NONE),
        }
    ],
    "gates": [
        {
            "id": str,
            "name": str,
            "state": str,
            "due_week": (int, NONE),
            "decision": ({"kind": str, "by": str, "at": str, "note": str}, NONE),
            "criteria": [
                {
                    "name": str,
                    "kind": str,
                    "state": str,
                    "value": (*NUMBER, NONE),
                    "limit": (*NUMBER, NONE),
                    "evidence": (dict, NONE),
                }
            ],
        }
    ],
    "agents": [
        {
            "run": str,
            "name": str,
            "workstream": str,
            "type": str,
            "state": str,
            "pid": (int, NONE),
            "attempt": int,
            "started": (str, NONE),
            "age_s": (*NUMBER, NONE),
            "source": str,
            "tokens": (int, NONE),
            "cost_usd": (*NUMBER, NONE),
        }
    ],
    "kpis": [{"id": str, "value": (*NUMBER, NONE), "target": str, "ok": (bool, NONE), "trend": [NUMBER]}],
    "forecast": {
        "p50_week": (*NUMBER, NONE),
        "p85_week": (*NUMBER, NONE),
        "p95_week": (*NUMBER, NONE),
        "in_window": (*NUMBER, NONE),
    },
    "waiting": [{"item": str, "kind": str, "for": str, "since": (str, NONE)}],
}


def fits(value: Any, shape: Any, where: str) -> None:
    """Every key of the shape is there, with a value of its kind; more keys are welcome."""
    if isinstance(shape, tuple) and any(isinstance(s, dict) for s in shape):
        if value is not None:
            fits(value, next(s for s in shape if isinstance(s, dict)), where)
    elif isinstance(shape, dict):
        assert isinstance(value, dict), where
        for key, inner in shape.items():
            assert key in value, f"{where}.{key} is missing"
            fits(value[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        for i, item in enumerate(value):
            fits(item, shape[0], f"{where}[{i}]")
    else:
        kinds = shape if isinstance(shape, tuple) else (shape,)
        assert isinstance(value, kinds), f"{where} is {value!r}"
        assert not (isinstance(value, bool) and bool not in kinds), where


@pytest.fixture
def document(tui: Tui, sailed: Path) -> dict[str, Any]:
    told = tui("status", "--json")
    assert (told.returncode, told.stderr) == (0, "")
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_every_key_of_the_contract_is_there(document: dict[str, Any]) -> None:
    fits(document, SHAPE, "status")
    for part in ("phases", "orchestrators", "workstreams", "gates", "agents", "waiting"):
        assert document[part], part


def test_the_document_says_what_the_record_says(document: dict[str, Any]) -> None:
    states = {w["id"]: w["state"] for w in document["workstreams"]}
    assert states == {"keel": "accepted", "ribs": "failed", "mast": "running", "sails": states["sails"]}
    (gate,) = document["gates"]
    assert (gate["state"], gate["decision"]["kind"], gate["decision"]["by"]) == ("go", "go", "ana")
    assert gate["decision"]["at"] == "2026-01-28T09:00:00Z"
    (criterion,) = gate["criteria"]
    assert (criterion["state"], criterion["evidence"]["exit_code"]) == ("pass", 0)
    mast = next(w for w in document["workstreams"] if w["id"] == "mast")
    assert (mast["verified"], mast["reported"]) == (0, 40)
    assert document["worker"] == {"running": False, "pid": None}


def test_a_run_that_nobody_watches_is_not_called_running(document: dict[str, Any]) -> None:
    agents = {a["run"]: a for a in document["agents"]}
    assert (agents["mast.1"]["state"], agents["mast.1"]["pid"]) == ("unknown", None)
    assert (agents["keel.1"]["state"], agents["keel.1"]["exit_code"], agents["keel.1"]["pid"]) == (
        "exited",
        0,
        None,
    )


def test_what_cannot_be_computed_is_null_with_its_reason(tui: Tui, tmp_path: Path) -> None:
    (tmp_path / "locust-plan.yaml").write_text("workstreams: {build: {run: make}}\n")
    found = json.loads(tui("status", "--json").stdout)
    for key in ("expected_progress",):
        assert found[key] is None
        assert found[f"{key}_reason"]
    assert found["forecast"]["p50_week"] is None
    assert found["forecast"]["p50_week_reason"] == "no dates in the plan"
    assert found["forecast"]["in_window_reason"]
    text = tui("status").stdout
    assert "—" in text


def nulls(value: Any) -> list[dict[str, Any]]:
    """Every object of a document that holds a figure, however deep."""
    if isinstance(value, list):
        return [found for item in value for found in nulls(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for item in value.values() for found in nulls(item))]


FIGURES = ("tokens", "cost_usd", "value", "limit", "in_window", "p50_week", "progress", "completion", "ok")


@pytest.mark.parametrize("words", [["status", "--json"], ["report", "--json"], ["gate", "ls", "--json"]])
def test_a_figure_that_is_null_has_its_reason_and_only_then(tui: Tui, sailed: Path, words: list[str]) -> None:
    found = nulls(json.loads(tui(*words).stdout))
    for part in found:
        for key in FIGURES:
            if key in part:
                assert (f"{key}_reason" in part) == (part[key] is None), (key, part)
                assert part.get(f"{key}_reason") != ""


def test_what_waits_is_for_a_role_a_person_or_an_orchestrator(document: dict[str, Any]) -> None:
    (item,) = document["waiting"]
    assert (item["item"], item["for"]) == ("failed:ribs", "hull")


def test_every_moment_in_an_event_is_iso(tui: Tui, sailed: Path) -> None:
    events = json.loads(tui("events", "--json").stdout)
    measured = next(e for e in events if e["kind"] == "criterion.measured")
    assert measured["data"]["result"]["evidence"]["at"] == "2026-01-27T09:00:00.000Z"
    decided = next(e for e in events if e["kind"] == "gate.decided")
    assert decided["data"]["decision"]["at"] == "2026-01-28T09:00:00.000Z"
    for part in nulls(events):
        assert not any(isinstance(v, float) and v > 1e9 for v in part.values()), part


def test_a_moment_in_the_past_is_told_as_it_was(tui: Tui, sailed: Path) -> None:
    asked = [tui(*words, "--at", "2026-01-16T12:00", "--json").stdout for words in (["status"], ["replay"])]
    assert asked[0] == asked[1]
    found = json.loads(asked[0])
    states = {w["id"]: w["state"] for w in found["workstreams"]}
    assert (states["keel"], states["ribs"], found["week"]) == ("accepted", "planned", 2)
    assert found["at"] == "2026-01-16T12:00:00Z"
    before = json.loads(tui("status", "--at", "2026-01-01", "--json").stdout)
    assert before["verdict"] == "not-started"


def test_lists_are_arrays_of_the_documents_parts(tui: Tui, sailed: Path, document: dict[str, Any]) -> None:
    assert json.loads(tui("ws", "ls", "--json").stdout) == document["workstreams"]
    assert json.loads(tui("gate", "ls", "--json").stdout) == document["gates"]
    runs = [a["run"] for a in json.loads(tui("agent", "ls", "--json").stdout)]
    assert runs == [a["run"] for a in document["agents"]]
    assert [a["run"] for a in json.loads(tui("ps", "--json").stdout)] == ["mast.1"]
    (item,) = json.loads(tui("inbox", "--json").stdout)
    assert set(item) >= {"item", "kind", "for", "since", "run", "what", "digest", "choices"}
    assert item["item"] == "failed:ribs"


def test_people_read_the_same_without_colour_in_a_pipe(tui: Tui, sailed: Path) -> None:
    told = tui("status")
    assert told.returncode == 0
    assert "\x1b" not in told.stdout
    for word in ("Harbour Ferry", "ribs", "failed", "g1", "go by ana", "failed:ribs"):
        assert word in told.stdout


def test_reading_changes_nothing_on_disk(tui: Tui, sailed: Path) -> None:
    def look() -> dict[str, int]:
        files = (p for p in (sailed.parent / ".locust-tui").rglob("*") if p.is_file())
        return {p.name: p.stat().st_size for p in files if not p.name.endswith(("-wal", "-shm"))}

    before = look()
    for words in (["status"], ["ps"], ["--report"], ["inbox"], ["events"], ["gate", "ls"], ["doctor"]):
        tui(*words)
    assert look() == before
