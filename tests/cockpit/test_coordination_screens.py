"""Memory, alerts, dashboards, orchestrators and escalations in the cockpit."""

from __future__ import annotations

import dataclasses
import json

import hostile
import pytest
import sample
import sample_coordination
from piloting import Open, host, lines, settled, text
from rich.cells import cell_len
from sample import NOW
from textual.pilot import Pilot

from locust_tui.client.port import Link, LinkState
from locust_tui.client.requests import AcknowledgeAlert, AnswerAsk, SendMessage
from locust_tui.domain.coordination import AlertStatus, EscalationStatus, MemoryEntry, TaskStatus
from locust_tui.domain.snapshot import WaitingView
from locust_tui.domain.states import AlertState
from locust_tui.safe_text import safe
from locust_tui.screens import memory
from locust_tui.screens.alerts import AlertsScreen, alerts_of
from locust_tui.screens.bell import Bell
from locust_tui.screens.memory import MemoryScreen, spread
from locust_tui.screens.monitors import MonitorsScreen, value_words
from locust_tui.screens.orchestrator import OrchestratorScreen
from locust_tui.screens.plan_change import PlanScreen
from locust_tui.widgets.inbox import GUTTER
from locust_tui.widgets.sparkline import chart


async def opened(pilot: Pilot[None], *keys: str) -> str:
    await pilot.press(*keys)
    await settled(pilot)
    return text(pilot)


# memory


async def test_a_memory_is_laid_out_behind_the_bar_and_says_how_it_is_changed(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        said = await opened(pilot, "M")
        assert "locust-tui memory store api/overlay/contract --value VALUE" in said
        assert f"{GUTTER}" + '  "trait": "Overlay",' in said
        assert "by WS-05, 1h ago · 109 bytes" in said
        said = await opened(pilot, "j")
        assert f"{GUTTER}draw() is called once a frame;" in said  # a text reads as a text


async def test_what_stood_there_before_is_one_key_away(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        port.versions["perf/baseline"] = sample_coordination.versions("perf/baseline")
        said = await opened(pilot, "M", "G", "h")
        assert "History of perf/baseline" in said
        assert "version 2  1d ago by WS-05 · revision 610" in said
        assert "removed  2h ago by ana" in said
        assert f"{GUTTER}" + '  "why": "first run"' in said
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, MemoryScreen)
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, MemoryScreen)


async def test_keys_are_filtered_as_they_are_typed(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        await opened(pilot, "M", "slash", *"overlay")
        screen = pilot.app.screen
        assert isinstance(screen, MemoryScreen)
        assert [e.key for e in screen.items.items] == ["api/overlay/contract", "api/overlay/notes"]


def test_what_cannot_be_read_as_json_is_shown_as_it_is() -> None:
    assert spread("{broken") == "{broken"
    assert spread("[" * 100_000) == "[" * 100_000
    assert spread("1" * 10_000).startswith("1111")
    assert spread('{"a":[1,2]}') == json.dumps({"a": [1, 2]}, indent=2)


COMPUTED = {
    "locust/dependencies/WS-01-WS-02": MemoryEntry(
        "locust/dependencies/WS-01-WS-02", '{"state": "met"}', 0, NOW, "derived"
    ),
    "locust/status/WS-01": MemoryEntry(
        "locust/status/WS-01", '{"workstream": "WS-01", "verified": 40.0}', 0, NOW, "derived"
    ),
}


async def test_computed_keys_stand_behind_what_was_stored_and_say_that_nobody_wrote_them(
    cockpit: Open,
) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        port.computed = COMPUTED
        said = await opened(pilot, "M", "G")
        assert "Memory 5 keys, 2 computed" in said
        shown = [line for line in lines(pilot) if line.rstrip(" │").endswith(" computed")]
        assert [line.split()[1] for line in shown] == list(COMPUTED)
        assert "from the plan and its state" in said
        assert f"{GUTTER}" + '  "verified": 40.0' in said
        said = await opened(pilot, "h")
        assert "nobody writes what is computed" in said
        assert "History of" not in said
        said = await opened(pilot, "slash", *"dependencies", "enter")
        assert f"{GUTTER}" + '  "state": "met"' in said


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
@pytest.mark.parametrize("key", ["m", "b", "d", "M", "exclamation_mark"])
async def test_where_there_is_nothing_no_empty_box_stands_under_the_words_that_say_so(
    cockpit: Open, no_waiting: None, key: str, size: tuple[int, int]
) -> None:
    nothing = dataclasses.replace(
        sample.running(), waiting=(), alerts=(), alert_rules=(), messages=(), monitors=()
    )
    async with cockpit(nothing, size) as (pilot, _):
        await opened(pilot, key)
        assert not any(f"╭  {'─' * 9}" in line or line.startswith("  ───") for line in lines(pilot))


async def test_thousands_of_memories_build_rows_only_for_what_is_in_view(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[MemoryEntry] = []
    real = memory.memory_row

    def counted(entry: MemoryEntry, width: int, now: float) -> object:
        built.append(entry)
        return real(entry, width, now)

    monkeypatch.setattr(memory, "memory_row", counted)
    async with cockpit(sample_coordination.crowded(), (80, 24)) as (pilot, _):
        await opened(pilot, "M")
        assert 0 < len(built) <= 40


async def test_a_task_with_a_name_for_an_id_is_read_whole(cockpit: Open) -> None:
    task = TaskStatus("request-agents", "Ask for two more", "plugins", NOW - 60, "ana")
    asked = dataclasses.replace(sample_coordination.coordinating(), tasks=(task,))
    async with cockpit(asked, (80, 24)) as (pilot, _):
        host(pilot).main.select("plugins")
        said = await opened(pilot, "1", "enter")
        assert "○ request-agents  medium" in said


async def test_an_orchestrator_is_read_from_its_first_line_while_lines_come_in_above_its_work(
    cockpit: Open,
) -> None:
    first = sample_coordination.coordinating()
    plain = dataclasses.replace(first, tasks=(), messages=(), waiting=())
    async with cockpit(plain, (80, 24)) as (pilot, port):
        host(pilot).main.select("plugins")
        await opened(pilot, "1", "enter")
        began = lines(pilot)[1]
        port.change(tasks=first.tasks, messages=first.messages, waiting=first.waiting)
        await settled(pilot)
        assert "Open tasks 2" in text(pilot)
        assert lines(pilot)[1] == began


# alerts


def test_firing_ones_come_first_then_by_severity_and_rules_that_never_moved_last() -> None:
    found = alerts_of(sample_coordination.coordinating())
    assert [(a.name, str(a.state)) for a in found] == [
        ("phase-behind", "firing"),
        ("gate-overdue", "acknowledged"),
        ("phase-behind", "pending"),
        ("budget-half", "resolved"),
        ("no-velocity", "quiet"),
        ("rework", "quiet"),
    ]


async def test_an_alert_says_what_it_rests_on_and_how_often_it_fired(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        said = await opened(pilot, "b")
        assert "phase_progress < expected_progress - 10" in said
        assert "phase_progress 41" in said
        assert "fired      3 times" in said
        assert "severity   warning · once it has held for 10m" in said
        assert "quiet: it has never moved" in await opened(pilot, "G")


async def test_an_alert_without_a_rule_in_the_plan_says_why(cockpit: Open) -> None:
    left = dataclasses.replace(sample_coordination.coordinating(), alert_rules=())
    async with cockpit(left) as (pilot, _):
        assert "the plan has no such rule any more" in await opened(pilot, "b")
        assert "a gate is shut after the end of its week" in await opened(pilot, "j")


async def test_only_a_firing_alert_is_acknowledged(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot, "b", "a")
        assert port.asked == [AcknowledgeAlert("phase-behind/2")]
        said = await opened(pilot, "a")
        assert "phase-behind is acknowledged by ana: there is nothing to acknowledge" in said
        assert len(port.asked) == 1
        gone = Link(LinkState.GONE, None, "it ended")
        port.change(alerts=sample_coordination.alerts())
        port.show(gone)
        assert "no worker runs" in await opened(pilot, "g", "a")
        assert len(port.asked) == 1


async def test_half_a_second_passes_before_an_alert_that_came_up_is_acknowledged(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        assert "wait half a second" in await opened(pilot, "b", "a")
        assert port.asked == []


async def test_enter_leads_to_the_gate_that_an_alert_names(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        await opened(pilot, "b", "j", "enter")
        assert pilot.app.screen.id == "gate-screen"
        await opened(pilot, "escape", "k", "enter")
        assert pilot.app.screen.id == "overview"


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_firing_alert_is_a_line_until_somebody_knows_of_it(
    cockpit: Open, size: tuple[int, int]
) -> None:
    async with cockpit(sample_coordination.coordinating(), size) as (pilot, port):
        assert "alert phase-behind in 2 is firing" in text(pilot)
        assert "b alerts" in text(pilot)
        known = tuple(dataclasses.replace(a, state=AlertState.ACKNOWLEDGED) for a in port.snapshot.alerts)
        port.change(alerts=known)
        await settled(pilot)
        assert "is firing" not in text(pilot)


async def test_where_the_line_says_something_more_urgent_the_headline_names_the_alert(cockpit: Open) -> None:
    gone = Link(LinkState.GONE, None, "it ended")
    async with cockpit(sample_coordination.coordinating(), (200, 40), link=gone) as (pilot, _):
        assert "⚠ phase-behind (b)" in lines(pilot)[0]
        assert "worker stopped" in text(pilot)


def test_the_bell_rings_once_for_an_alert_that_fires() -> None:
    rings: list[float] = []
    now = 100.0
    bell = Bell(lambda: rings.append(now), lambda: now)
    firing = AlertStatus("a/", "a", "", AlertState.FIRING, 90.0)
    bell.look([], [])
    bell.look([], [dataclasses.replace(firing, state=AlertState.PENDING)])
    assert rings == []
    bell.look([], [firing])
    now = 200.0
    bell.look([], [firing])
    assert rings == [100.0]
    bell.look([], [dataclasses.replace(firing, state=AlertState.RESOLVED, since=210.0)])
    bell.look([], [dataclasses.replace(firing, since=220.0)])
    assert rings == [100.0, 200.0]


async def test_the_plans_last_word_on_alerts_without_any(cockpit: Open) -> None:
    async with cockpit(sample.running()) as (pilot, _):
        assert "The plan has no alerts." in await opened(pilot, "b")
        assert isinstance(pilot.app.screen, AlertsScreen)


# dashboards


async def test_a_dashboard_draws_each_metric_with_its_value_and_how_it_went(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        for name in ("main", "costs"):
            port.readings[name] = sample_coordination.reading(name)  # type: ignore[assignment]
        said = await opened(pilot, "d")
        assert "1.3 /wk" in said
        assert "1288 samples, 5m ago" in said
        assert "always 86%" in said
        assert "█" in said
        said = await opened(pilot, "j")
        assert "$4.52" in said
        assert "493k tokens" in said
        assert "0 samples" in said
        assert port.monitors_asked == ["main", "costs"]


async def test_the_palette_goes_to_a_dashboard_by_its_name(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        port.readings["costs"] = sample_coordination.reading("costs")  # type: ignore[assignment]
        said = await opened(pilot, "colon", *"dashboard costs", "enter")
        assert isinstance(pilot.app.screen, MonitorsScreen)
        assert "$4.52" in said


async def test_measurements_are_not_asked_for_at_every_frame(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        port.readings["main"] = sample_coordination.reading("main")  # type: ignore[assignment]
        await opened(pilot, "d")
        for revision in range(900, 920):
            port.change(revision=revision)
            await settled(pilot)
        assert port.monitors_asked == ["main"]


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ["", ""]),
        ([None], ["", ""]),
        ([0.0, 0.0], ["  ", "▁▁"]),
        ([5.0, 5.0], ["  ", "██"]),
        ([0.0, None, 10.0], ["  █", "▁ █"]),
        ([0.0, 5.0, 10.0], [" ▁█", "▁██"]),
    ],
)
def test_a_chart_stands_between_its_least_and_greatest(values: list[float | None], drawn: list[str]) -> None:
    assert chart(values, 10, 2) == drawn


def test_a_chart_is_as_wide_as_it_may_be() -> None:
    assert all(len(line) == 7 for line in chart([float(n) for n in range(100)], 7, 4))


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (46.0, "%", "46%"),
        (None, "%", "—"),
        (0.004, "$", "<$0.01"),
        (81_400.0, "tokens", "81k tokens"),
        (4.0, "", "4"),
    ],
)
def test_values_have_their_units(value: float | None, unit: str, said: str) -> None:
    assert value_words(value, unit) == said


# orchestrators


async def test_enter_on_an_orchestrator_says_how_its_domain_stands(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating(), (120, 60)) as (pilot, _):
        host(pilot).main.select("plugins")
        said = await opened(pilot, "1", "enter")
        assert isinstance(pilot.app.screen, OrchestratorScreen)
        for words in (
            "14 points behind", "4 of 10 at work", "2 of them granted, until 01:38 UTC", "coder · plugins.1 · ● running",
            "Blockers 2", "asks: which border style?", "finish WS-05 Omnibar Core", "Open tasks 2",
            "Look through the hint overlay with WS-04", "Workstreams 7",
        ):  # fmt: skip
            assert words in said, words
        assert "Retire the old adapter" not in said
        await opened(pilot, "enter")
        assert pilot.app.screen.id == "workstream"


async def test_an_orchestrator_that_people_lead_says_so_and_empty_lists_say_none(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating(), (120, 60)) as (pilot, _):
        host(pilot).main.select("integration")
        said = await opened(pilot, "1", "enter")
        assert "people: the plan gives it no agent" in said
        assert "✓ as planned" in said
        assert "Open tasks\n" in "\n".join(line.strip("│ ") for line in said.split("\n"))
        assert "Waits for its word 1" in said


async def test_the_meta_orchestrators_domain_is_the_whole_plan(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating(), (120, 60)) as (pilot, _):
        host(pilot).main.select("locust-meta")
        said = await opened(pilot, "1", "enter")
        assert isinstance(pilot.app.screen, OrchestratorScreen)
        assert "6 of 20 at work" in said
        assert "Blockers 4" in said
        assert "orchestrator · locust-meta.1 · ● running" in said


async def test_a_message_to_an_orchestrator_is_written_from_where_it_is_looked_at(
    cockpit: Open, no_waiting: None
) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        host(pilot).main.select("core")
        await opened(pilot, "1", "enter", "n", "enter", "enter", *"hold on", "enter", *"send", "enter")
        assert SendMessage("core", "hold on", priority="normal") in port.asked


# escalations


async def test_an_escalation_shows_its_way_whom_it_waits_for_and_what_was_answered(cockpit: Open) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        said = await opened(pilot, "exclamation_mark")
        assert "✓ locust-meta + ◐ tech-review  every one of them has to answer" in said
        assert "23h left, until 19 Dec 13:58 UTC; then it is told again" in said
        assert f"{GUTTER}split the trait" in said
        said = await opened(pilot, "j")
        assert "◐ integration knows of it → locust-meta" in said
        assert "2h left, until 17:08 UTC; then locust-meta is asked" in said


async def test_a_part_of_what_is_asked_for_is_granted_by_its_number(cockpit: Open, no_waiting: None) -> None:
    asked = WaitingView("request:core:2", "request", "operator", "core asks for 3 more agents", NOW - 60, None, ("grant", "grant 1", "grant 2", "deny"), "core", "", "d1")  # fmt: skip
    async with cockpit(dataclasses.replace(sample.running(), waiting=(asked,))) as (pilot, port):
        said = await opened(pilot, "exclamation_mark")
        assert "1 grant 1  2 grant 2  d deny" in said
        assert "grants 2 of them" in await opened(pilot, "2")
        await opened(pilot, "y")
        assert port.asked == [AnswerAsk("request:core:2", "grant 2", "", None, "d1")]


async def test_a_matter_that_was_escalated_is_one_entry_with_its_way(cockpit: Open) -> None:
    base = sample_coordination.coordinating()
    grown = EscalationStatus("E3", "workstream", "WS-07", "no answer", NOW - 60, "worker", route=("plugins",), item="input:WS-07", due=NOW - 5)  # fmt: skip
    waiting = tuple(w for w in base.waiting if w.item == "input:WS-07")
    shown = dataclasses.replace(base, waiting=waiting, escalations=(grown,))
    async with cockpit(shown, (120, 50)) as (pilot, _):
        said = await opened(pilot, "exclamation_mark")
        assert "Waits for you 1" in said
        assert "◐ plugins" in said
        assert "over since 5s; then it is told again" in said


@pytest.mark.parametrize("part", range(4))
async def test_hostile_text_is_harmless_on_every_screen(cockpit: Open, no_waiting: None, part: int) -> None:
    poison = "".join(hostile.CORPUS[part::4])
    snapshot = hostile.poisoned(sample_coordination.coordinating(), poison)
    async with cockpit(snapshot, (100, 40)) as (pilot, port):
        reading = sample_coordination.reading("main")
        for monitor in snapshot.monitors:
            port.readings[monitor.name] = dataclasses.replace(
                hostile.poisoned(reading, poison), name=monitor.name
            )
        for entry in snapshot.memory:
            port.versions[entry.key] = hostile.poisoned(sample_coordination.versions("perf/baseline"), poison)
        host(pilot).main.select("plugins")
        for keys in (["b"], ["j"], ["q", "d"], ["j"], ["q", "M"], ["h"], ["q", "exclamation_mark"], ["j"],
                     ["q", "1", "enter"], ["q", "colon", *"dash"]):  # fmt: skip
            await opened(pilot, *keys)
            for line in lines(pilot):
                assert safe(line, oneline=True) == line
                assert cell_len(line) == 100


@pytest.mark.parametrize("key", ["m", "b", "d", "M"])
async def test_help_and_keys_know_the_screens(cockpit: Open, key: str) -> None:
    async with cockpit(sample_coordination.coordinating(), (120, 160)) as (pilot, _):
        said = await opened(pilot, key, "question_mark")
        own = {"m": "Among messages", "b": "Among alerts"}
        for place, words in own.items():
            assert (words in said) is (place != key)  # its own keys stand first, under a heading of their own
        assert ("Keys here" in said) is (key in own or key == "M")
        name = {"m": "messages", "b": "alerts", "d": "monitors", "M": "memory"}[key]
        assert f"Here: {name}" in said


@pytest.mark.parametrize("under", ["m", "d", "M", "o", "exclamation_mark"])
async def test_the_keys_that_the_warning_line_names_work_where_it_stands(
    cockpit: Open, no_waiting: None, under: str
) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, port):
        await opened(pilot, under)
        below = pilot.app.screen
        said = await opened(pilot, "b")
        assert isinstance(pilot.app.screen, AlertsScreen), said
        await opened(pilot, "b")
        assert pilot.app.screen is below
        port.show(sample.held_trust())
        assert "shows what it would run" in await opened(pilot)
        await opened(pilot, "y")
        assert isinstance(pilot.app.screen, PlanScreen)
        await opened(pilot, "escape")
        assert pilot.app.screen is below


async def test_the_overview_opens_once(cockpit: Open, no_waiting: None) -> None:
    async with cockpit(sample_coordination.coordinating()) as (pilot, _):
        await opened(pilot, "o", "o", "escape")
        assert pilot.app.screen is host(pilot).main
