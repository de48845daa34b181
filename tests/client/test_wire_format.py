"""The bytes on the socket: what is written is read back, and nothing else is taken for it."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.client import requests as r
from locust_tui.client.wire import (
    Reply,
    WireError,
    decode_reply,
    decode_request,
    encode_reply,
    encode_request,
)
from locust_tui.domain.people import Condition
from locust_tui.domain.states import DecisionKind
from locust_tui.errors import LocustTuiError

words = st.text(max_size=30)
maybe = st.none() | words
numbers = st.none() | st.floats(0, 100)

any_request = st.one_of(
    st.builds(r.Ping),
    st.builds(r.Subscribe, st.booleans()),
    st.builds(r.SteerWorkstream, words, st.sampled_from(r.WorkstreamAction), words, maybe, maybe),
    st.builds(r.EvaluateGate, words),
    st.builds(
        r.DecideGate, words, st.sampled_from(DecisionKind), words, maybe,
        st.lists(st.builds(Condition, words, maybe, maybe), max_size=3).map(tuple),
        st.lists(words, max_size=3).map(tuple), maybe,
    ),
    st.builds(r.SignCriterion, words, words, maybe, words),
    st.builds(r.WaiveCriterion, words, words, words, maybe, maybe),
    st.builds(r.ConfirmPlan, words, maybe),
    st.builds(r.RecheckPlan),
    st.builds(r.StopRun, words),
    st.builds(r.ReportProgress, words, maybe, numbers, maybe, maybe, maybe, maybe),
    st.builds(r.KeepAlive),
    st.builds(r.Shutdown, st.booleans()),
)  # fmt: skip


@given(any_request, st.integers(1, 2**31), words)
def test_every_request_comes_back_as_it_went(request: r.Request, number: int, key: str) -> None:
    line = encode_request(number, request, key)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    call = decode_request(line)
    assert (call.id, call.key, call.request) == (number, key, request)


@given(
    st.builds(
        Reply,
        st.integers(0, 9),
        st.booleans(),
        st.integers(0, 99),
        st.dictionaries(words, words),
        words,
        words,
        st.integers(0, 99),
    )
)
def test_every_reply_comes_back_as_it_went(reply: Reply) -> None:
    line = encode_reply(reply)
    assert line.count(b"\n") == 1
    assert decode_reply(line) == reply


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_in_words(line: bytes) -> None:
    with pytest.raises(WireError):
        decode_request(line + b"\n")
    with suppress(WireError):
        decode_reply(line)


def test_every_operation_has_a_name_and_none_that_decides_is_an_agents() -> None:
    assert set(r.NAMES) == set(r.OPERATIONS.values())
    assert set(r.OPERATIONS) >= r.AGENT_OPERATIONS
    deciding = (
        "gate.",
        "criterion.",
        "plan.confirm",
        "plan.note",
        "plan.add",
        "plan.take",
        "baseline.",
        "strategy.",
        "success.",
        "risk.",
        "alert.",
        "workstream.steer",
        "ask.",
        "account.",
        "run.s",
        "worker.",
    )
    assert [name for name in r.AGENT_OPERATIONS if name.startswith(deciding)] == []


def test_another_protocol_is_told_which_one_is_spoken_here() -> None:
    frame = json.loads(encode_request(7, r.Ping()))
    with pytest.raises(WireError, match="protocol 9, this worker speaks 1") as caught:
        decode_request(json.dumps({**frame, "v": 9}).encode())
    assert caught.value.id == 7


def test_an_error_is_raised_with_the_workers_words_and_code() -> None:
    with pytest.raises(LocustTuiError) as caught:
        Reply(1, False, message="no", help="do this", exit_code=4).check()
    assert (caught.value.message, caught.value.help, caught.value.exit_code) == ("no", "do this", 4)
