"""What plain commands say in other systems' forms: understood, never more than a claim, whatever comes."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.agents.shell_lines import (
    LONGEST_TEXT,
    Claim,
    DirectiveBuffer,
    Remark,
    SignOfLife,
    parse_directive,
    parse_notify,
)
from locust_tui.agents.shell_terminal import TerminalSigns
from locust_tui.agents.vocabulary import Reports


@pytest.mark.parametrize(
    ("line", "claim"),
    [
        (b"::notice file=a.py,line=3,title=Note::done 50%25 of it%0Anext", Remark("notice", "Note: done 50% of it next", "a.py", 3)),
        (b"::warning::careful\r", Remark("warning", "careful")),
        (b"::error title=a%3Ab::it broke: twice", Remark("error", "a:b: it broke: twice")),
        (b"::debug::deep", Remark("debug", "deep")),
        (b"::error file=C:\\x,line=999999999999::m", Remark("error", "m", "C:\\x")),
        (b"::group::Build", Reports(note="Build")),
        (b"##vso[task.setprogress value=75;]Upload", Reports(75.0, "Upload")),
        (b"##vso[task.setprogress value=12.5]", Reports(12.5)),
        (b"##vso[task.logissue type=error;sourcepath=a/b.cs;linenumber=1;code=100;]broken", Remark("error", "broken", "a/b.cs", 1)),
        (b"##vso[task.logissue type=warning]odd", Remark("warning", "odd")),
        (b"##teamcity[progressMessage 'Compiling |'x|'']", Reports(note="Compiling 'x'")),
        (b"##teamcity[message text='a|nb |[c|] |0x00e9' status='ERROR']", Remark("error", "a b [c] \xe9")),
        (b"##teamcity[message text='fine']", Remark("notice", "fine")),
        (b"##teamcity[buildProblem description='no disk' identity='x']", Remark("error", "no disk")),
        (b"##teamcity[blockOpened name='Tests']", Reports(note="Tests")),
    ],
)  # fmt: skip
def test_directives(line: bytes, claim: Claim) -> None:
    assert parse_directive(line) == claim


@pytest.mark.parametrize(
    "line",
    [
        b" ::error::indented", b"x ::error::inside", b"::endgroup::", b"::add-mask::secret", b"::set-output name=a::b", b"::error::",
        b"::locust progress=5::", b"::errors::x", b"## a heading", b"##[section]x", b"##vso[task.setprogress value=101;]x",
        b"##vso[task.setprogress value=nan;]x", b"##vso[task.complete result=Failed;]x", b"##vso[task.setvariable variable=a]b",
        b"##teamcity[progressMessage 'open", b"##teamcity[testStarted name='x']", b"##teamcity[x]", b"", b"::", b"##",
        b"::approve gate=g1::yes", b"::error" + b"x" * 70_000 + b"::y",
    ],
)  # fmt: skip
def test_other_lines_are_none(line: bytes) -> None:
    assert parse_directive(line) is None


def test_control_characters_are_gone() -> None:
    found = parse_directive(b"::error::\x1b[31mred\x1b[0m\x07\x00 \xc2\x9b5m bell%0D%0A%1b")
    assert isinstance(found, Remark)
    assert found.text == "red 5m bell %1b"


@given(st.binary(max_size=300))
def test_nothing_raises_and_everything_is_a_claim_on_one_line(tail: bytes) -> None:
    signs, heads = (
        TerminalSigns(),
        (b"", b"::error ", b"::notice::", b"##vso[task.logissue ", b"##teamcity[message "),
    )
    found = [parse_directive(head + tail) for head in heads]
    found += [*parse_notify(b"STATUS=" + tail), *signs.feed(b"\x1b]9;" + tail + b"\x07"), *signs.feed(tail)]
    for claim in filter(None, found):
        assert isinstance(claim, get_args(Claim))
        words = (
            claim.text
            if isinstance(claim, Remark)
            else (claim.note or "")
            if isinstance(claim, Reports)
            else ""
        )
        assert len(words) <= LONGEST_TEXT
        assert words.isprintable() or not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in words)
        if isinstance(claim, Reports) and claim.progress is not None:
            assert 0 <= claim.progress <= 100


@pytest.mark.parametrize(
    ("data", "claims"),
    [
        (b"\x1b]9;4;1;42\x1b\\", [Reports(42.0)]),
        (b"\x1b]9;4;1;42\x07\x1b]9;4;0;\x07", [Reports(42.0)]),
        (b"\x1b]9;4;2;80\x07", [Remark("error", "the program shows an error at 80 %")]),
        (b"\x1b]9;4;3;\x07", []),
        (b"\x1b]9;4;4;10\x07", [Reports(10.0)]),
        (b"\x1b]9;4;1;420\x07", []),
        (b"\x1b]9;all done; now rest\x07", [Remark("notice", "all done; now rest")]),
        (b"\x1b]9;12\x07\x1b]9;1;500\x07", []),
        (b"\x1b]777;notify;Claude Code;needs you\x07", [Remark("notice", "Claude Code: needs you")]),
        (b"\x1b]777;other;x\x07\x1b]0;title\x07\x1b]52;c;aGk=\x07", []),
        (b"\x1b]9;one\x1b]9;two\x07", [Remark("notice", "one"), Remark("notice", "two")]),
        (b"\x1b]9;never ends" + b"x" * 5000 + b"\x1b]9;4;1;7\x07", [Reports(7.0)]),
        (b"\x1b]9;" + b"x" * 5000 + b"\x07\x1b]9;4;1;7\x07", [Reports(7.0)]),
    ],
)  # fmt: skip
def test_signs_through_the_terminal_wherever_they_are_cut(data: bytes, claims: list[Claim]) -> None:
    assert TerminalSigns().feed(b"text" + data + b"text") == claims
    signs = TerminalSigns()
    assert [claim for at in range(len(data)) for claim in signs.feed(data[at : at + 1])] == claims


PIECES = st.sampled_from(
    [b"\x1b", b"]", b"9", b";", b"4;1;50", b"\x07", b"\\", b"text", b"\x1b]9;", b"\x1b\\", b"777;notify;a;b"]
)


@given(st.lists(PIECES, max_size=30).map(b"".join), st.lists(st.integers(0, 200), max_size=6))
def test_chunks_make_no_difference_to_signs(data: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    signs = TerminalSigns()
    pieces = [claim for a, b in itertools.pairwise(places) for claim in signs.feed(data[a:b])]
    assert pieces == TerminalSigns().feed(data)


LINES = st.sampled_from(
    [b"::error::x", b"##vso[a]", b"plain", b"", b"x::error::y", b":", b"#", b"::", b"# #", b"::y" * 9]
)


@given(st.lists(LINES, max_size=20).map(b"\n".join), st.lists(st.integers(0, 150), max_size=6))
def test_the_buffer_gives_out_the_lines_that_begin_so_and_where_they_end(
    data: bytes, cuts: list[int]
) -> None:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    buffer = DirectiveBuffer(1000)
    found = [one for a, b in itertools.pairwise(places) for one in buffer.feed(data[a:b])]
    wanted, at = [], 0
    for line in data.split(b"\n")[:-1]:
        at += len(line) + 1
        if line.startswith((b"::", b"##")):
            wanted.append((1000 + at, line))
    assert found == wanted
    assert buffer.offset == 1000 + len(data)


def test_a_line_that_is_too_long_is_passed_over_and_the_next_is_not() -> None:
    buffer = DirectiveBuffer()
    data = b"::" + b"x" * 200_000 + b"\n::notice::here\n"
    found = [line for at in range(0, len(data), 4096) for _, line in buffer.feed(data[at : at + 4096])]
    assert found == [b"::notice::here"]


@pytest.mark.parametrize(
    ("datagram", "claims"),
    [
        (b"STATUS=compiling 3/7\nX_PROGRESS=42", (Reports(42.0, "compiling 3/7"),)),
        (b"READY=1", (SignOfLife(),)),
        (b"WATCHDOG=1\n", (SignOfLife(),)),
        (b"WATCHDOG=trigger", ()),
        (b"STATUS=\x1b[1mbold\x1b[0m", (Reports(None, "bold"),)),
        (b"X_PROGRESS=200", ()),
        (b"MAINPID=1\nSTOPPING=1\n\xff\xfe", ()),
    ],
)
def test_datagrams(datagram: bytes, claims: tuple[Claim, ...]) -> None:
    assert parse_notify(datagram) == claims


def test_a_program_that_speaks_all_of_them_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import os, socket\n"
        "print('plain'); print('::warning::careful'); print('##vso[task.setprogress value=75;]Upload')\n"
        "print('\\x1b]9;4;1;42\\x1b\\\\', end=''); print('\\n##teamcity[progressMessage |', end=''); print(\"\")\n"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ['NOTIFY_SOCKET'])\n"
        "s.send(b'STATUS=compiling\\nX_PROGRESS=42'); s.send(b'WATCHDOG=1')\n"
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        monkeypatch.chdir(tmp_path)  # the whole path may be longer than an address can be
        receiver.bind("n")
        receiver.settimeout(30)
        env = {**os.environ, "NOTIFY_SOCKET": "n"}
        out = subprocess.run(
            [sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, check=True
        ).stdout
        heard = [claim for _ in range(2) for claim in parse_notify(receiver.recv(4096))]
    lines = [parse_directive(line) for _, line in DirectiveBuffer().feed(out)]
    assert lines == [Remark("warning", "careful"), Reports(75.0, "Upload"), None]
    assert TerminalSigns().feed(out) == [Reports(42.0)]
    assert heard == [Reports(42.0, "compiling"), SignOfLife()]
