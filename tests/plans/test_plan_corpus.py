"""Plans that are wrong in every way: an answer with its place, in little time, and no name that becomes a way out."""

from __future__ import annotations

import pytest
from test_yaml_guard import HOSTILE

from effort import cpu_s
from locust_tui.plans.problem import Problem
from locust_tui.plans.reading import read_data

HEAD = "project: P\n"
RUN = 'workstreams: {a: {run: "true"}}\n'


def errors(text: str | bytes) -> list[Problem]:
    data = text if isinstance(text, bytes) else text.encode()
    return [p for p in read_data(data, "plan.yaml").problems if p.severity == "error"]


@pytest.mark.fault(
    47, "aliases that explode, merges, deep nesting, a megabyte, tags, NUL, UTF-16, numbers without end"
)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_bomb_is_refused_at_once_with_its_place(name: str) -> None:
    data, _ = HOSTILE[name]
    found = errors(data)
    assert (
        cpu_s(lambda: errors(data)) < 0.5
    )  # 0.07 s at most on an idle machine; what is to be seen are minutes
    assert found
    whole = {"too large", "UTF-16", "UTF-16 without mark"}
    assert name in whole or all(p.line for p in found), found


TWICE = {
    "the same id": ('workstreams:\n  api: {run: "true"}\n  api: {run: "true"}\n', (4, "line 3")),
    "ids that differ in case": ('workstreams:\n  WS-A: {run: "true"}\n  ws-a: {run: "true"}\n', (4, "WS-A")),
    "ids that are composed otherwise": ('workstreams:\n  caf\u00e9: {run: "true"}\n  cafe\u0301: {run: "true"}\n', (4, "caf\u00e9")),
}  # fmt: skip


@pytest.mark.fault(
    48, "circles, a need of itself, unknown needs, ids twice or equal but for case, no phase, no agent"
)
@pytest.mark.parametrize("name", TWICE)
def test_ids_that_are_one_are_refused_with_both_places(name: str) -> None:
    text, (line, other) = TWICE[name]
    found = errors(HEAD + text)
    assert found, name
    assert any(p.line in (line, line + 1) and other in f"{p.message} {p.help}" for p in found), found


@pytest.mark.fault(
    48, "circles, a need of itself, unknown needs, ids twice or equal but for case, no phase, no agent"
)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('workstreams:\n  a: {run: "true", needs: b}\n  b: {run: "true", needs: a}\n', ("a", "b")),
        ('workstreams:\n  a: {run: "true", needs: a}\n', ("a",)),
        ('workstreams:\n  a: {run: "true", needs: nobody}\n', ("nobody", "a")),
        (
            'workstreams:\n  a: {run: "true", needs: g}\ngates:\n  g: {needs: [a], approvers: [x]}\n',
            ("a", "g"),
        ),
        ("workstreams: {}\n", ("no workstreams",)),
        ("agents: {}\nworkstreams:\n  a: {agent: [], instructions: x}\n", ("agent",)),
    ],
)
def test_what_cannot_be_done_is_refused_and_named(text: str, words: tuple[str, ...]) -> None:
    found = errors(HEAD + text)
    assert found
    said = " ".join(p.message for p in found)
    assert all(word in said for word in words), said
    assert all(p.line for p in found), found


@pytest.mark.fault(48, "a plan of ten thousand phases")
def test_ten_thousand_phases_take_no_ten_thousand_times_as_long() -> None:
    def plan(n: int) -> bytes:
        phases = "".join(f"  {k}: {{name: P{k}}}\n" for k in range(n))
        return f"{HEAD}phases:\n{phases}workstreams:\n  a: {{run: 'true', phase: 1}}\n".encode()

    few = max(0.02, cpu_s(lambda: read_data(plan(1_000), "plan.yaml")))
    reading = read_data(plan(10_000), "plan.yaml")
    assert reading.plan is not None or [p for p in reading.problems if p.severity == "error"]
    many = cpu_s(lambda: read_data(plan(10_001), "plan.yaml"))
    assert many < 25 * few, (few, many)


EVIL = ("../x", "a/b", "..", r"a\nb", r"\e[31m", "%s%n", "x" * 300, "-x", "\U0001f997")
PLACES = {
    "workstreams": 'workstreams: {"@": {run: "true"}}',
    "phases": 'phases: {"@": {name: One}}\nworkstreams: {a: {run: "true", phase: "@"}}',
    "gates": RUN + 'gates: {"@": {needs: [a], approvers: [ana]}}',
    "agents": 'agents: {"@": {command: "true"}}\nworkstreams: {a: {agent: "@", instructions: x}}',
    "orchestrators": 'phases: {1: {}}\norchestrators: {"@": {phases: 1}}\nworkstreams: {a: {run: "true", phase: 1}}',
    "kpis": RUN + 'kpis: {"@": {name: k, measure: week, target: 1}}',
    "hooks": RUN + 'hooks: {"@": {do: ps, cron: "* * * * *"}}',
    "reports": RUN + 'reports: [{name: "@", every: 1w}]',
}
"""Where an id is a part of a path or the word of a command."""


@pytest.mark.fault(
    49,
    "ids with slashes, dots, line ends, escapes, percents, 300 letters, emoji, a dash in front, in every section",
)
@pytest.mark.parametrize("place", PLACES)
def test_an_id_that_might_leave_its_place_is_refused(place: str) -> None:
    assert errors(HEAD + PLACES[place].replace("@", "good-1")) == []
    for evil in EVIL:
        found = errors(HEAD + PLACES[place].replace("@", evil))
        assert found, (place, evil)
        assert all(p.line for p in found)
