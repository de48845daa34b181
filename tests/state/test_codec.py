"""What is written comes back equal; what cannot be understood is said, with the version that would have to know it."""

from __future__ import annotations

import json
import math
from dataclasses import is_dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import BODIES, PEOPLE
from locust_tui import __version__
from locust_tui.domain import events as e
from locust_tui.domain import plan
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.people import Person
from locust_tui.domain.states import CriterionState, GateState
from locust_tui.domain.world import GateStatus
from locust_tui.state import codec
from locust_tui.state.errors import StoreError, UnknownEventError
from locust_tui.state.log import event_of, link, row_of


@pytest.mark.parametrize("kind", sorted(e.KINDS))
@given(data=st.data())
def test_every_kind_of_event_comes_back_equal(kind: str, data: st.DataObject) -> None:
    body = data.draw(st.from_type(e.KINDS[kind]))
    name, text = codec.encode_body(body)
    assert name == kind
    assert "\n" not in text
    assert codec.decode_body(name, text) == body


@given(PEOPLE)
def test_a_person_comes_back_equal(person: Person) -> None:
    assert codec.decode_person(codec.encode_person(person)) == person


PARTS = [cls for cls in vars(plan).values() if is_dataclass(cls) and cls is not plan.Plan]


@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_part_of_a_plan_comes_back_equal(part: type[object], data: st.DataObject) -> None:
    value = data.draw(st.from_type(part))
    assert codec.decode(codec.encode(value), part) == value


def test_a_plan_comes_back_equal() -> None:
    whole = plan.Plan(
        project=plan.Project("Demo", "demo"),
        workstreams={
            "b": plan.Workstream("b", "B", estimate=(1.0, 2.0, 4.0)),
            "a": plan.Workstream("a", "A"),
        },
        gates={"g": plan.Gate("g", "G", mode=plan.GateMode.HARD, approvers=("tech",))},
        people={"tech": ("ana", "bo")},
        free={"x-note": '"kept"'},
    )
    back = codec.decode_plan(codec.encode_plan(whole))
    assert back == whole
    assert list(back.workstreams) == ["b", "a"]


@given(BODIES, PEOPLE, st.floats(0, 4e9))
def test_a_row_comes_back_as_its_event(body: e.EventBody, by: Person, at: float) -> None:
    assert event_of(row_of(7, at, by, body)) == e.Event(7, at, by, body)


@given(BODIES, BODIES, PEOPLE)
def test_a_link_depends_on_every_part_of_its_row_and_on_the_link_before(
    body: e.EventBody, other: e.EventBody, by: Person
) -> None:
    row = row_of(7, 5.0, by, body)
    hash_ = link("0" * 64, row)
    assert hash_ == link("0" * 64, row)
    changed = [
        row._replace(revision=8),
        row._replace(at=6.0),
        row._replace(by=row.by + " "),
        row._replace(kind="x"),
        row._replace(subject=row.subject + "\n"),
        row._replace(data=row.data + " "),
    ]
    assert hash_ not in {link("0" * 64, one) for one in changed} | {link("1" * 64, row)}
    if body != other:
        assert hash_ != link("0" * 64, row_of(7, 5.0, by, other))


def test_an_unknown_kind_names_itself_and_this_version() -> None:
    with pytest.raises(UnknownEventError) as caught:
        codec.decode_body("gate.teleported", "{}")
    assert "'gate.teleported'" in caught.value.message
    assert __version__ in caught.value.message
    assert caught.value.help


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        '{"gate": 5, "old": "ready", "new": "go"}',
        '{"gate": "g", "old": "ready", "new": "gone"}',
        '{"gate": "g"}',
    ],
)
def test_data_of_another_form_is_refused(data: str) -> None:
    with pytest.raises(StoreError, match="unreadable GateMoved"):
        codec.decode_body("gate.moved", data)


def test_a_field_that_a_later_version_added_does_no_harm() -> None:
    body = e.WorkstreamReviewed("a", 1, True)
    later = json.dumps({**json.loads(codec.encode(body)), "mood": "good"})
    assert codec.decode_body("workstream.reviewed", later) == body


def test_a_field_that_an_earlier_version_lacked_has_its_default() -> None:
    assert codec.decode_body("run.started", '{"run":"a.1","pid":5}') == e.RunStarted("a.1", 5)


@given(st.text(st.characters(categories=["Cs", "L", "Cc"]), max_size=20))
def test_text_that_is_no_unicode_is_kept_as_far_as_it_can_be(text: str) -> None:
    name, data = codec.encode_body(e.RunCreated("a.1", "a", 1, "shell", (text,), text))
    back = codec.decode_body(name, data)
    assert isinstance(back, e.RunCreated)
    expected = "".join("\N{REPLACEMENT CHARACTER}" if 0xD800 <= ord(c) <= 0xDFFF else c for c in text)
    assert (back.argv, back.cwd) == ((expected,), expected)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_is_no_value(value: float) -> None:
    body = e.CriterionMeasured(CriterionResult("fact/x", CriterionState.ERROR, value=value))
    back = codec.decode_body(*codec.encode_body(body))
    assert isinstance(back, e.CriterionMeasured)
    assert back.result.value is None


def test_the_earlier_word_for_a_recycled_gate_is_read_and_the_present_one_written() -> None:
    moved = codec.decode_body("gate.moved", '{"gate":"g","old":"recycled","new":"not-due"}')
    assert moved == e.GateMoved("g", GateState.RECYCLED, GateState.NOT_DUE)
    assert json.loads(codec.encode_body(moved)[1])["old"] == "recycle"
    status = codec.decode('{"id":"g","state":"recycled"}', GateStatus)
    assert status.state is GateState.RECYCLED
    with pytest.raises(StoreError):
        codec.decode('{"id":"g","state":"recycling"}', GateStatus)
