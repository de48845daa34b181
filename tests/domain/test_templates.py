"""Placeholders fill whole arguments: nothing that instructions hold is ever split, expanded or run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.domain.template import PLACEHOLDERS, TemplateError, check_template, fill

VALUES = dict.fromkeys(PLACEHOLDERS, "")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")))
def test_instructions_arrive_as_one_unchanged_argument(instructions: str) -> None:
    argv = fill(("claude", "-p", "{instructions}"), {**VALUES, "instructions": instructions})
    assert argv == ("claude", "-p", instructions)


def test_a_placeholder_inside_an_argument_and_doubled_braces() -> None:
    argv = fill(("x", "--name={workstream}", "{{literal}}"), {**VALUES, "workstream": "{run}"})
    assert argv == ("x", "--name={run}", "{literal}")


@pytest.mark.parametrize("argv", [("x", "{instruction}"), ("x", "{}"), ("x", "{0}")])
def test_an_unknown_placeholder_is_an_error(argv: tuple[str, ...]) -> None:
    with pytest.raises(TemplateError, match="unknown placeholder"):
        check_template(argv)


@pytest.mark.parametrize("shell", ["sh", "/bin/bash", "/usr/bin/env-less/dash"])
def test_a_placeholder_in_a_shells_text_is_an_error(shell: str) -> None:
    with pytest.raises(TemplateError, match="shell"):
        check_template((shell, "-c", "echo {instructions}"))
    check_template((shell, "-c", 'echo "$1"', "_", "{instructions}"))
    check_template((shell, "script.sh", "{instructions}"))


def test_options_of_a_shell_before_c() -> None:
    with pytest.raises(TemplateError):
        check_template(("bash", "-e", "-uc", "echo {run}"))
