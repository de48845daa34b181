"""Every state has one look, in every place and in plain ASCII too; and who gets the ASCII set."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from locust_tui import signs
from locust_tui.domain.states import (
    AlertState,
    CriterionState,
    DecisionKind,
    GateState,
    PhaseState,
    RunState,
    Verdict,
    WorkstreamState,
)
from locust_tui.report.glyphs import Tone, glyph, tone, word
from locust_tui.signs import environ_at_start, look_of, wants_ascii
from locust_tui.widgets import words
from locust_tui.widgets.tones import STYLES

KINDS = [WorkstreamState, GateState, RunState, CriterionState, Verdict, PhaseState, DecisionKind, AlertState]


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_has_a_sign_a_word_and_a_tone_that_reports_and_cockpit_share(kind: type[Verdict]) -> None:
    for state in kind:
        look = look_of(state)
        assert len(look.glyph) == len(look.ascii) == 1
        assert look.ascii.isascii()
        assert look.word
        assert look.tone in STYLES
        assert glyph(state) == look.glyph
        assert glyph(state, ascii_only=True) == look.ascii
        assert word(state) == look.word
        assert tone(state) == Tone(look.tone)


def test_the_cockpit_draws_from_the_same_table() -> None:
    assert words.WORKSTREAM is signs.WORKSTREAM
    assert words.GATE[GateState.READY].word == word(GateState.READY) == "not met"
    assert word(WorkstreamState.READY) == "ready"
    assert word(WorkstreamState.NEEDS_INPUT) == "needs you"


def test_no_two_signs_share_a_stand_in() -> None:
    assert len(set(signs.ASCII.values())) == len(signs.ASCII)


def test_a_word_that_is_no_state_has_no_sign() -> None:
    assert look_of("nonsense").glyph == "?"
    assert look_of("warning").glyph == "⚠"
    assert look_of("failed") == signs.WORKSTREAM[WorkstreamState.FAILED]


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "—"), (0.0, "0%"), (46.9, "46%"), (99.7, "99%"), (99.99, "99%"), (100.0, "100%")],
)
def test_percentages_are_rounded_down_everywhere(value: float | None, said: str) -> None:
    from locust_tui.report.figures import percent

    assert words.points(value) == percent(value) == said


@pytest.mark.parametrize(
    ("environ", "encoding", "ascii_only"),
    [
        ({}, "utf-8", False),
        ({}, "UTF8", False),
        ({}, "latin-1", True),
        ({}, "ANSI_X3.4-1968", True),
        ({}, "nonsense", True),
        ({}, None, True),
        ({"LANG": "C"}, "utf-8", True),
        ({"LANG": "POSIX"}, "utf-8", True),
        ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, "utf-8", True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, "utf-8", False),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, "utf-8", False),
        ({"LOCUST_TUI_ASCII": "1"}, "utf-8", True),
        ({"LOCUST_TUI_ASCII": "0"}, "utf-8", False),
        ({"LOCUST_TUI_ASCII": "0", "LANG": "C"}, "utf-8", False),
    ],
)
def test_ascii_where_the_terminal_has_no_more(
    environ: dict[str, str], encoding: str | None, ascii_only: bool
) -> None:
    assert wants_ascii(environ, encoding) is ascii_only


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the first environment is read from /proc")
@pytest.mark.parametrize(
    ("locale", "ascii_only"),
    [({"LANG": "C"}, True), ({"LC_ALL": "C"}, True), ({"LC_CTYPE": "C"}, True), ({"LANG": "C.UTF-8"}, False), ({}, False)],
    ids=str,
)  # fmt: skip
def test_python_cannot_hide_that_the_locale_is_ascii(locale: dict[str, str], ascii_only: bool) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "LOCUST_TUI"))}
    asked = (
        "import os, sys; from locust_tui.signs import *; "
        "print(wants_ascii(environ_at_start(os.environ), sys.stdout.encoding))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], env={**environ, **locale}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(ascii_only)


def test_the_rest_of_the_environment_stays_as_it_is_now() -> None:
    assert environ_at_start({"LANG": "C", "X": "1"})["X"] == "1"
