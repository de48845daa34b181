"""The report's JSON is as its schema says, and every number of it names the events that it was computed from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
from seed_weeks import GOLDEN

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"


def golden() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((GOLDEN / "week-3.json").read_text())
    return document


def test_the_schema_fits_and_describes_every_key() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(golden(), schema)
    assert set(golden()) == set(schema["properties"])


def numbers(value: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield pointer
    elif isinstance(value, dict):
        for key, inner in value.items():
            if (pointer, key) != ("", "rests_on"):
                yield from numbers(inner, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from numbers(inner, f"{pointer}/{number}")


def speaks_of(rests: dict[str, Any], pointer: str) -> dict[str, Any] | None:
    """What the longest pointer that leads to it says."""
    while pointer and pointer not in rests:
        pointer = pointer.rpartition("/")[0]
    found: dict[str, Any] | None = rests.get(pointer)
    return found


def test_every_number_names_its_events() -> None:
    document = golden()
    rests = document["rests_on"]
    found = {pointer: speaks_of(rests, pointer) for pointer in numbers(document)}
    assert len(found) > 300
    silent = [p for p, said in found.items() if said is None or not said["count"]]
    assert silent == ["/schema"]
    for said in rests.values():
        assert said["count"] == len(said["revisions"]) or not said["revisions"]
        assert all(1 <= r <= document["revision"] for r in said["revisions"])
        assert said["last"] is None or said["last"] <= document["revision"]


def test_figures_name_the_very_events(seed: Path) -> None:
    """Of the log as it is: the coverage that failed, the limit that was lowered, the last verification."""
    from locust_tui.domain.events import CriterionMeasured, PlanAccepted
    from locust_tui.state.folder import StateFolder
    from locust_tui.state.reader import ReadOnlyStore

    document = golden()
    with ReadOnlyStore(StateFolder(seed).store) as store:
        events = {event.revision: event for event in store.events()}
    gate = next(n for n, g in enumerate(document["gates"]) if g["id"] == "g1")
    measured = next(n for n, c in enumerate(document["gates"][gate]["criteria"]) if c["state"] == "fail")
    (revision,) = document["rests_on"][f"/gates/{gate}/criteria/{measured}"]["revisions"]
    body = events[revision].body
    assert isinstance(body, CriterionMeasured)
    assert body.result.value == document["gates"][gate]["criteria"][measured]["value"] == 76.2
    (changed,) = document["rests_on"]["/plan_changes/0"]["revisions"]
    assert isinstance(events[changed].body, PlanAccepted)
    assert document["plan_changes"][0]["by"] == "ana"
