"""The published JSON Schema says what the reader says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from locust_tui.plans.builder import build_tree
from locust_tui.plans.jsonschema import plan_json_schema
from locust_tui.plans.reading import read_plan

ROOT = Path(__file__).parents[2]
PLANS = [*sorted((ROOT / "demo_plans").glob("*/*.yaml")), Path(__file__).parent / "framework-plan.yaml"]


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = plan_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    "plan",
    [p for p in PLANS if read_plan(p, cached=False).plan is not None],
    ids=lambda p: p.name,
)
def test_every_plan_that_loads_is_valid(plan: Path, validator: Any) -> None:
    value = build_tree(plan.read_text(encoding="utf-8")).value
    assert [error.message for error in validator.iter_errors(value)] == []


def test_other_spellings_and_short_forms_are_valid(validator: Any) -> None:
    text = """
        project: Hello
        x-team: [a]
        resources: {max_parallel: 3}
        workstreams:
          a: {run: [make, 3], x-note: 1, deliverables: {api: The interface}}
          b: {run: x, depends_on: {a: 50%}}
        notify: {me: inbox, you: [bell, {webhook: "https://example.org"}]}
        gates: {g: {needs: b, criteria: {tests: {run: make test}, read: {manual: Read it}}}}
    """
    assert [e.message for e in validator.iter_errors(build_tree(text).value)] == []


@pytest.mark.parametrize(
    "text",
    [
        "workstreams: {a: {rum: x}}",
        "gates: {}",
        "workstreams: {a: {run: x, priority: urgent}}",
        "workstreams: [a]",
        "foo: 1\nworkstreams: {a: {run: x}}",
        "workstreams: {}",
    ],
)
def test_what_the_reader_refuses_is_invalid(text: str, validator: Any) -> None:
    assert list(validator.iter_errors(build_tree(text).value))


def test_names_are_listed() -> None:
    names = plan_json_schema()["x-names"]
    assert "phase_progress" in names["expressions"]
    assert "instructions" in names["placeholders"]
    assert "velocity" in names["metrics"]
