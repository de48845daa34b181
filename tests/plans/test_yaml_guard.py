"""Whatever bytes stand where a plan should be: a clear answer, soon, and never a crash."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_tui.plans.reading import read_data, read_plan
from locust_tui.plans.scalars import resolve

_LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)
_MERGES = "a: &a {k: 1}\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} {{<<: [{', '.join(['*' + chr(97 + n)] * 9)}]}}\n" for n in range(8)
)
HOSTILE: dict[str, tuple[bytes, str]] = {
    "billion laughs": (_LAUGHS.encode(), "50,000 values"),
    "merge bomb": (_MERGES.encode(), "50,000 values"),
    "deep lists": (b"a: " + b"[" * 100_000, "40 deep"),
    "deep keys": (b"? " * 100_000, "40 deep"),
    "many values": (b"a: [" + b"x, " * 60_000 + b"x]", "50,000 values"),
    "too large": (b"# " + b"x" * (1 << 20) + b"\n", "larger than 1 MiB"),
    "contains itself": (b"a: &a [*a]\n", "contain itself"),
    "unknown alias": (b"workstreams: {a: {run: *gone}}\n", 'cannot begin with "*"'),
    "python tag": (b"workstreams: !!python/object/apply:os.system [id]\n", "YAML tag"),
    "block as key": (b"{a: b}: c\nworkstreams: {a: {run: x}}\n", "a key must be a text"),
    "NUL": (b"workstreams:\n  a\0b: {run: x}\n", "NUL byte"),
    "escape": (b"workstreams:\n  a: {run: \x1b[31m}\n", "U+001B"),
    "UTF-16": ("workstreams: {a: {run: x}}".encode("utf-16"), "UTF-16"),
    "UTF-16 without mark": ("workstreams: {a: {run: x}}".encode("utf-16-le"), "UTF-16"),
    "Latin-1": (b"project: caf\xe9\n", "not UTF-8"),
    "two documents": (b"workstreams: {a: {run: x}}\n---\nb: c\n", "second document"),
    "huge number": (b"version: " + b"9" * 5000 + b"\nworkstreams: {a: {run: x}}\n", "version"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_is_refused_in_words_and_soon(name: str, tmp_path: Path) -> None:
    data, words = HOSTILE[name]
    path = tmp_path / "plan.yaml"
    path.write_bytes(data)
    reading = read_plan(path)
    assert reading.plan is None
    assert words in " ".join(p.message for p in reading.problems), reading.problems


def test_place_of_a_bad_byte_is_named() -> None:
    (problem,) = read_data(b"project: x\nname: caf\xe9\n", "p").problems
    assert (problem.line, problem.col, problem.source) == (2, 10, "name: caf")


@pytest.mark.fault(47, "byte order marks and other line ends")
@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfworkstreams: {a: {run: make}}\n",
        b"workstreams:\r\n  a: {run: make}\r\n  b: {run: make, needs: a}\r\n",
        b"workstreams: {a: {run: make}}",
    ],
    ids=["byte order mark", "CRLF", "no newline at the end"],
)
def test_other_editors_files_load(data: bytes) -> None:
    reading = read_data(data, "p")
    assert reading.plan is not None
    assert not reading.problems


@pytest.mark.fault(47, "a FIFO, a folder, a device, a socket in the plan's place")
def test_what_is_no_file_is_named_and_never_waited_for(tmp_path: Path) -> None:
    fifo, folder, listener = tmp_path / "fifo", tmp_path / "folder", tmp_path / "socket"
    os.mkfifo(fifo)
    folder.mkdir()
    kinds = {fifo: "named pipe", folder: "directory", Path("/dev/zero"): "device"}
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(listener))
        kinds[listener] = "not a regular file"
        for path, kind in kinds.items():
            (problem,) = read_plan(path).problems
            assert kind in problem.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_unreadable_file_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("workstreams: {a: {run: make}}\n")
    path.chmod(0)
    (problem,) = read_plan(path).problems
    assert "permission denied" in problem.message
    path.chmod(stat.S_IRUSR)


def test_merge_keys_take_in_a_block_and_own_keys_win() -> None:
    text = (
        "x-base: &base {retry: 2, run: make}\nworkstreams:\n  a: {<<: *base}\n  b: {run: other, <<: *base}\n"
    )
    plan = read_data(text.encode(), "p").plan
    assert plan is not None
    assert [(w.retry, w.run.text if w.run else None) for w in plan.workstreams.values()] == [
        (2, "make"),
        (2, "other"),
    ]


def test_scalars_follow_yaml_1_2() -> None:
    written = [
        "yes",
        "no",
        "on",
        "off",
        "17:00",
        "1:30",
        "2025-11-17",
        ".inf",
        ".nan",
        "9" * 30,
        "0b1",
        "1_000",
    ]
    assert [resolve(text) for text in written] == written
    assert [resolve(t) for t in ("010", "0o10", "0x1F", "+3", "1.50", "1e3", "~", "true", "FALSE")] == [
        10, 8, 31, 3, 1.5, 1000.0, None, True, False,
    ]  # fmt: skip
    assert [str(resolve(text)) for text in ("010", "0x1F", "1.50", "1e3")] == ["010", "0x1F", "1.50", "1e3"]


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_plan_or_problems(data: bytes) -> None:
    reading = read_data(data, "p", cached=False)
    assert (reading.plan is None) == any(p.is_error for p in reading.problems)


_PIECES = st.sampled_from(
    ["workstreams", "a", "b", ":", ": ", "\n", "\n  ", "\n    ", "\t", "{", "}", "[", "]", "- ", ", ", "'", '"', "&a ", "*a",
     "<<: ", "!x ", "| ", ">", "# c", "run: make", "needs: a", "weeks: 3-8", "@", "`", "?", "%", "\\", "é", "\u2028", "0"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=25).map("".join))
@settings(max_examples=500, deadline=None)
def test_any_soup_of_yaml_is_a_plan_or_problems(text: str) -> None:
    reading = read_data(text.encode(), "p", cached=False)
    assert (reading.plan is None) == any(p.is_error for p in reading.problems)
    lines = text.splitlines()
    for problem in reading.problems:
        assert problem.line is None or 1 <= problem.line <= len(lines) + 1


@pytest.mark.fault(45, "every prefix of the large plan is read")
def test_every_prefix_of_a_plan_is_a_plan_or_problems(framework_text: str) -> None:
    hello = b"project: Hello\nworkstreams:\n  build: {run: make}\n  unit:  {needs: build, run: 'make test'}\ngates:\n  ship: {needs: [unit]}\n"
    for end in range(len(hello)):
        reading = read_data(hello[:end], "p", cached=False)
        assert (reading.plan is None) == any(p.is_error for p in reading.problems), end
    data = framework_text.encode()
    for end in range(0, len(data), 37):
        reading = read_data(data[:end], "p", cached=False)
        assert (reading.plan is None) == any(p.is_error for p in reading.problems), end
