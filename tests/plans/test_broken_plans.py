"""Every usual mistake is answered in plain words, at its place, with one thing to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.errors import NotFoundError, UsageError
from locust_tui.plans.problem import problems_json, render_problems
from locust_tui.plans.reading import PlanInvalidError, load_plan, read_data, read_plan

BROKEN = Path(__file__).parents[2] / "demo_plans" / "broken"
PLANS = sorted(path.name for path in BROKEN.glob("*.yaml"))


@pytest.mark.fault(48, "circles, unknown needs, ids twice, nothing to run, nobody who could approve")
@pytest.mark.parametrize("name", PLANS)
def test_answer_is_exactly_the_expected_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    answer = render_problems(read_plan(name).problems)
    assert answer == Path(name).with_suffix(".expected").read_text(encoding="utf-8")


def test_each_case_has_a_plan_and_an_answer() -> None:
    cases = {name.split("-")[0] for name in PLANS}
    assert {f"e{n:02}" for n in range(1, 22)} <= cases
    assert {path.stem for path in BROKEN.glob("*.expected")} == {Path(name).stem for name in PLANS}


def test_invalid_plan_raises_with_every_problem() -> None:
    with pytest.raises(PlanInvalidError) as caught:
        load_plan(BROKEN / "many-at-once.yaml")
    assert isinstance(caught.value, UsageError)
    assert caught.value.exit_code == 2
    assert len(caught.value.problems) == 9
    assert caught.value.summary == "9 errors"


def test_missing_plan_names_near_ones(tmp_path: Path) -> None:
    (tmp_path / "locust-plan.yaml").write_text("workstreams: {a: {run: make}}\n")
    with pytest.raises(NotFoundError) as caught:
        read_plan(tmp_path / "locust-plam.yaml")
    assert caught.value.exit_code == 3
    assert "locust-plan.yaml" in (caught.value.help or "")


def test_json_has_place_and_help() -> None:
    found = problems_json(read_plan(BROKEN / "e07-misspelt-key.yaml").problems)
    assert [(p["severity"], p["code"], p["line"], p["col"], p["help"]) for p in found] == [
        ("error", "unknown-key", 4, 5, "did you mean needs?")
    ]


def test_no_message_speaks_the_parsers_language() -> None:
    jargon = (
        "expected <",
        "scanning",
        "mapping values",
        "Input should",
        "pydantic",
        "token",
        "node",
        "scalar",
    )
    for name in PLANS:
        for problem in read_plan(BROKEN / name).problems:
            assert not [word for word in jargon if word in problem.message], problem.message


def test_hostile_text_is_made_visible_in_messages() -> None:
    reading = read_data(b'workstreams:\n  "a\\eb[31m": {run: make, "k\\u202Ey": 1}\n', "p\x1b.yaml")
    answer = render_problems(reading.problems)
    assert "\x1b" not in answer
    assert "\u202e" not in answer


def test_colour_only_when_asked() -> None:
    problems = read_plan(BROKEN / "e01-cycle.yaml").problems
    assert "\x1b[" in render_problems(problems, color=True)
    assert "\x1b[" not in render_problems(problems)
