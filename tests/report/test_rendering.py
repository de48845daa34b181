"""What is printed is safe, whole and says the same in every form, whatever the record holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from histories import BODIES, PEOPLE
from locust_tui.cli.output import json_text
from locust_tui.domain.events import KINDS, NAMES, Event, RunChanged
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Need, NeedKind, Plan, Project, Workstream
from locust_tui.domain.snapshot import GateView
from locust_tui.domain.states import GateState, RunState, Verdict
from locust_tui.report.details import gate_text
from locust_tui.report.domains import phase_range
from locust_tui.report.event_line import event_json, event_line
from locust_tui.report.figures import age, iso, percent, week
from locust_tui.report.graph import dot, mermaid, plan_graph
from locust_tui.report.html import html
from locust_tui.report.markdown import markdown
from locust_tui.report.plain_text import plain_text
from locust_tui.report.report_json import report_document
from locust_tui.report.table import cells, fold, table
from locust_tui.report.weekly import DecisionLine, Domain, RiskLine, StatusReport

MOMENTS = st.floats(0, 4e9)
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")
PLAIN_TAGS = frozenset(
    (
        "!doctype", "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "nav",
        "h1", "h2", "h3", "ul", "ol", "li", "p", "dl", "dt", "dd", "div", "small", "strong", "span",
    )
)  # fmt: skip
TEXT = st.text(max_size=30) | st.sampled_from(
    [
        "\x1b[2J",
        "# Heading",
        "a\n# b",
        "[x](javascript:y)",
        "<script>",
        "`code`",
        "\u202eevil",
        "1. one",
        "| a | b |",
    ]
)


@given(revision=st.integers(1, 2**53), at=MOMENTS, by=PEOPLE, body=BODIES)
def test_every_event_is_one_safe_line_and_valid_json(
    revision: int, at: float, by: object, body: object
) -> None:
    event = Event(revision, at, by, body)  # type: ignore[arg-type]
    line = event_line(event)
    assert not CONTROL.search(line)
    assert "\n" not in line
    again = json.loads(json_text(event_json(event), line=True))
    assert again["kind"] in KINDS
    assert KINDS[again["kind"]] is type(body)


def test_every_kind_of_event_has_words() -> None:
    from locust_tui.report.event_line import _say

    assert set(NAMES) <= set(_say.registry)


@given(st.dictionaries(st.text(max_size=5), st.text() | st.lists(st.text(max_size=9))))
def test_json_comes_back_as_it_was_and_steers_no_terminal(value: dict[str, object]) -> None:
    text = json_text(value)
    assert json.loads(text) == value
    assert not CONTROL.search(text)


def domain(name: str, items: tuple[str, ...]) -> Domain:
    return Domain(name, name, "1", 40.9, None, items, items)


@given(st.lists(TEXT, min_size=6, max_size=6))
def test_no_text_adds_a_heading_a_link_or_a_control_character(texts: list[str]) -> None:
    a, b, c, d, e, f = texts
    report = StatusReport(
        a, a, 3, 0.0, 1, "x", b, 36.99, 20.0, Verdict.AT_RISK, (c, d), (domain(b, (c, d)), domain(e, ())),
        (RiskLine("r", c, d, 6.0, "high", "open", e),), (DecisionLine("i", e, f),), (f,),
    )  # fmt: skip
    told = markdown(report)
    assert not CONTROL.search(told)
    assert [line.split(" ")[0] for line in told.splitlines() if line.startswith("#")] == [
        "#", "##", "##", "###", "###", "##", "##", "##",
    ]  # fmt: skip
    assert not re.search(r"(?<!\\)\[", told)
    assert not re.search(r"(?<!\\)<[a-zA-Z/!]", told)
    assert "- Completion: 36%" in told
    assert not CONTROL.search(plain_text(report))
    page = html(report)
    assert not CONTROL.search(page)
    assert set(re.findall(r"<([a-z0-9!]+)", page)) <= PLAIN_TAGS
    json.loads(json_text(report_document(report)))


def test_empty_lists_say_none_and_unknowns_are_dashes() -> None:
    report = StatusReport(
        "P",
        "P",
        1,
        0.0,
        0,
        "",
        "",
        None,
        None,
        Verdict.UNKNOWN,
        (),
        (Domain("o", "O", "", None, None, (), ()),),
        (),
        (),
        (),
    )
    assert markdown(report) == (
        "# P Development Status - Week 1\n\n## Overall Progress\n- Phase: None\n- Completion: —\n- On Track: Unknown\n\n"
        "## Domain Status\n### O\n- Progress: —\n- Blockers: None\n- Next Week: None\n\n"
        "## Risk Register\nNone\n\n## Decisions Required\nNone\n\n## Resource Adjustments\n- None\n"
    )


def test_phase_ranges_join_neighbours_only() -> None:
    order = ["1", "2", "3", "4", "5"]
    assert phase_range({"2", "3"}, order) == "2-3"
    assert phase_range({"1", "3", "4", "5"}, order) == "1, 3-5"
    assert phase_range(set(), order) == ""


def test_figures_round_down_and_never_guess() -> None:
    assert [percent(p) for p in (None, 0.0, 99.99, 37.0, 36.9999999999)] == ["—", "0%", "99%", "37%", "37%"]
    assert [age(s) for s in (None, -5.0, 59.9, 60.0, 3_599.0, 7_200.0, 200_000.0)] == [
        "—",
        "0s",
        "59s",
        "1m",
        "59m",
        "2h",
        "2d",
    ]
    assert [week(w) for w in (None, 12.0, 12.74)] == ["—", "12", "12.7"]
    assert iso(1_763_337_600.9) == "2025-11-17T00:00:00Z"


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=5))
def test_columns_line_up_whatever_they_hold(rows: list[tuple[str, str, str]]) -> None:
    lines = table(("A", "B", "C"), rows)
    assert not any(CONTROL.search(line) for line in lines)
    if lines:
        assert len(lines) == len(rows) + 1


def test_wide_characters_take_two_columns() -> None:
    assert (cells("日本"), cells("é"), cells("e\u0301")) == (4, 1, 1)
    first, second = table(("A", "B"), [("日本", "x"), ("abcd", "y")])[1:]
    assert first.index("x") + 2 == second.index("y")


def test_graphs_quote_every_name() -> None:
    needs = (Need('a"b', NeedKind.PERCENT, 50.0),)
    plan = Plan(
        Project("P", "P"),
        {'a"b': Workstream('a"b', 'say "hi" --> [x]'), "c": Workstream("c", "c", needs=needs)},
    )
    graph = plan_graph(plan)
    drawn = mermaid(graph)
    assert drawn.count('"') == 2 * (3 + 1)
    assert '-.->|"50%"|' in drawn
    assert r"say \"hi\"" in dot(graph)


def test_a_run_that_is_being_stopped_says_why() -> None:
    event = Event(
        1, 0.0, WORKER, RunChanged("a.1", RunState.RUNNING, "process", "stopping: timed out after 3s")
    )
    assert event_line(event).endswith("is being stopped: timed out after 3s")


def test_a_gate_that_is_pending_says_who_must_still_say_yes() -> None:
    gate = GateView(
        id="g", name="g", state=GateState.PENDING, closes=None, opens=None, due_week=None, mode="hard", reason="",
        decision=None, decisions=0, approvers=("lead", "qa", "ops"), min_approvals=2, approved_by=("lead",),
        criteria=(), passed=0, waits_on=(), starts=(), evidence_digest="", choices=("go", "hold"),
    )  # fmt: skip
    text = gate_text(gate)
    assert "1 of 2 (lead); still to say yes: 1 of qa, ops" in text
    assert "possible   go, hold" in text
    assert "still to say yes: qa, ops" in gate_text(replace(gate, min_approvals=3))


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), st.integers(12, 60))
def test_a_table_is_never_wider_than_its_terminal(rows: list[tuple[str, str]], width: int) -> None:
    for line in table(("A", "B"), rows, width=width):
        assert cells(line) <= width


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), st.integers(12, 60), st.integers(0, 1))
def test_a_column_that_yields_keeps_the_others_whole(
    rows: list[tuple[str, str]], width: int, yields: int
) -> None:
    for line in table(("A", "B"), rows, width=width, yields=yields):
        assert cells(line) <= width


def test_names_are_cut_before_the_figures_behind_them() -> None:
    lines = table(("NAME", "WEEK", "STATE"), [("a very long name of work", "12", "late")], width=24, yields=0)
    assert lines == ["NAME         WEEK  STATE", "a very lon…  12    late"]


@given(st.lists(st.text("ab日,", min_size=1, max_size=9), min_size=1, max_size=30), st.integers(26, 90))
def test_folded_words_fit_and_none_is_lost(words: list[str], width: int) -> None:
    line = "  note  " + " ".join(words)
    lines = fold(line, width, 6)
    assert all(cells(one) <= width for one in lines)
    assert " ".join(lines).split() == line.split()
    assert fold(line, None, 6) == [line]


def test_a_cut_line_ends_with_a_mark() -> None:
    lines = table(("ID", "WHY"), [("a", "a reason that is longer than the terminal is wide")], width=20)
    assert lines[1] == "a   a reason that i…"
