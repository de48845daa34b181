"""Where agents may read and write through us, by the words of a path."""

from __future__ import annotations

import os.path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.agents.acp_paths import below


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/w/a", "a"),
        ("a/b", "a/b"),
        ("/w/./a//b/", "a/b"),
        ("/w/..a", "..a"),
        ("/w/.git/x", ".git/x"),
        ("//w/a", "a"),
    ],
)
def test_below(path: str, meant: str) -> None:
    assert below("/w", path) == meant


@pytest.mark.parametrize(
    "path", ["", "/", "/w", "/w/", ".", "/wx/a", "/etc/passwd", "../a", "a/../b", "/w/../w/a", "/w/a\0b", "/w/a/.."]
)  # fmt: skip
def test_not_below(path: str) -> None:
    assert below("/w", path) is None


@pytest.mark.parametrize("root", ["", "w", "../w", "/w/../x"])
def test_a_root_that_is_no_plain_absolute_path_holds_nothing(root: str) -> None:
    assert below(root, "a") is None


PIECES = st.lists(st.sampled_from(["..", ".", "", "a", "w", "etc", "..."]), max_size=6).map("/".join)


@given(
    PIECES,
    st.sampled_from(["", "/", "//", "/w/", "/w/sub/", "///"]),
    st.sampled_from(["/w", "/w/sub", "/w/"]),
)
def test_what_is_let_through_lies_below(path: str, start: str, root: str) -> None:
    inside = below(root, start + path)
    if inside is not None:
        whole = os.path.normpath(os.path.join(root, inside))
        assert whole.startswith(os.path.normpath(root) + "/")
        assert ".." not in inside.split("/")
        assert not os.path.isabs(inside)
