"""The messages' keys and ids, and the reading of lines that may be anything."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.agents.jsonrpc import (
    Lines,
    answered,
    as_json,
    brief,
    decode,
    number,
    reference,
    whole,
)


def test_an_id_says_what_was_asked_so_that_the_log_alone_tells_what_an_answer_answers() -> None:
    sent = Lines("2.0").request("turn/start", {}, "m1", "say:m1")
    assert sent.key == "say:m1"
    wire = decode(json.dumps({"id": json.loads(sent.line)["id"], "result": {}}).encode())
    assert wire is not None
    assert answered(wire) == ("turn/start", "m1")


def test_the_dialect_without_a_version_has_no_such_member() -> None:
    assert json.loads(Lines().notify("initialized").line) == {"method": "initialized"}
    assert json.loads(Lines("2.0").notify("x", {"a": 1}, "k").line) == {
        "jsonrpc": "2.0",
        "method": "x",
        "params": {"a": 1},
    }


def test_numbers_and_words_as_ids_are_not_mixed_up() -> None:
    assert reference(3) == "3"
    assert reference("3") != reference(3)
    assert reference("a") == "a"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"[1]",
        b"{}",
        b'{"a": 1}',
        b'{"id": 1.5, "method": "x"}',
        b'{"id": [1]}',
        b'{"method": 3}',
    ],
)
def test_what_is_no_message_is_none(line: bytes) -> None:
    assert decode(line) is None


@given(st.binary(max_size=80))
def test_decoding_never_raises(line: bytes) -> None:
    decode(line)
    decode(b'{"id":0,"result":' + line)


def test_paths_that_are_no_text_can_be_sent() -> None:
    line = Lines().request("x", {"cwd": "/tmp/\udcff"}).line
    assert json.loads(line)["params"]["cwd"] == "/tmp/\udcff"


def test_values_have_the_type_that_is_asked_for_or_none() -> None:
    assert whole(3) == 3
    assert whole(-1) is whole(True) is whole(3.0) is whole("3") is None
    assert number(2) == 2.0
    assert number(True) is number("1") is number(1e300) is number(10**400) is None


def test_one_line_is_one_line() -> None:
    assert brief("\n\n  first  \nsecond") == "first"
    assert brief("x" * 300, 10) == "x" * 9 + "…"
    assert brief("\n" * 100) == ""


def test_json_comes_back_as_json() -> None:
    assert json.loads(as_json({"a": [1, "é"]})) == {"a": [1, "é"]}
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert as_json(deep) == "…"
