"""Globs mean what shells mean, and no glob can hang."""

from __future__ import annotations

import fnmatch
import glob
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.criteria.globs import expand_braces, find_files, matches
from locust_tui.criteria.reading import MeasureError


@pytest.mark.parametrize(
    ("pattern", "alternatives"),
    [
        ("a.rs", ("a.rs",)),
        ("{a,b}.rs", ("a.rs", "b.rs")),
        ("x/{a,b/{c,d}}.rs", ("x/a.rs", "x/b/c.rs", "x/b/d.rs")),
        ("{a,b}{1,2}", ("a1", "a2", "b1", "b2")),
        ("{a}", ("{a}",)),
        ("{}", ("{}",)),
        ("a{,.bak}", ("a", "a.bak")),
        ("{a,b", ("{a,b",)),
        ("a,b}", ("a,b}",)),
        (r"\{a,b\}", (r"\{a,b\}",)),
        ("{{a,b}}", ("{a}", "{b}")),
        ("{a,a}", ("a",)),
    ],
)
def test_braces_expand_as_in_a_shell(pattern: str, alternatives: tuple[str, ...]) -> None:
    assert expand_braces(pattern) == alternatives


@given(
    st.lists(st.lists(st.text("abc", min_size=1, max_size=3), min_size=2, max_size=3), min_size=1, max_size=4)
)
def test_every_combination_of_alternatives_appears_once(groups: list[list[str]]) -> None:
    expected = [""]
    for group in groups:
        expected = [before + f"{choice}/" for before in expected for choice in group]
    pattern = "".join("{" + ",".join(group) + "}/" for group in groups)
    assert expand_braces(pattern) == tuple(dict.fromkeys(expected))


@given(st.text("ab{},\\/*", max_size=40))
def test_any_text_of_braces_expands(pattern: str) -> None:
    assert all(isinstance(one, str) for one in expand_braces(pattern[:24]))


def test_a_brace_bomb_is_refused() -> None:
    with pytest.raises(MeasureError, match="alternatives"):
        expand_braces("{a,b}" * 40)


@pytest.mark.parametrize(
    ("pattern", "path", "holds"),
    [
        ("src/core/**", "src/core/a.rs", True),
        ("src/core/**", "src/core/deep/er/a.rs", True),
        ("src/core/**", "src/corey/a.rs", False),
        ("src/core/**", "vendor/src/core/a.rs", False),
        ("**/core/**", "vendor/src/core/a.rs", True),
        ("**/core/**", "core/a.rs", True),
        ("src/**/a.rs", "src/a.rs", True),
        ("src/**/a.rs", "src/x/y/a.rs", True),
        ("src/*.rs", "src/x/a.rs", False),
        ("src/{a,b}/*.rs", "src/b/x.rs", True),
        ("src/?.rs", "src/é.rs", True),
        ("src/[!a].rs", "src/a.rs", False),
        ("src/[!a].rs", "src/b.rs", True),
        ("src/[]x].rs", "src/].rs", True),
        ("src/[ab", "src/[ab", True),
        (r"src/\*.rs", "src/*.rs", True),
        (r"src/\*.rs", "src/a.rs", False),
        (r"a\\?", "a\\b", True),
        ("src/core", "src/core/a.rs", True),
        ("src/core/", "src/core/a.rs", True),
        ("./src/*.rs", "./src/a.rs", True),
        ("a+b(c).rs", "a+b(c).rs", True),
        ("src/a.rs", "src/aXrs", False),
        ("/abs/*.rs", "/abs/a.rs", True),
        ("*.rs", "a\nb.rs", True),
    ],
)
def test_matching(pattern: str, path: str, holds: bool) -> None:
    assert matches(pattern, path) is holds


@given(st.text("ab*?[]!.", max_size=10), st.text("ab.[]!", min_size=1, max_size=10))
def test_one_part_matches_like_the_standard_library(pattern: str, name: str) -> None:
    if "**" in pattern or pattern in ("", ".") or "[^" in pattern or name in (".",):
        return
    assert matches(pattern, name) is fnmatch.fnmatchcase(name, pattern)


def test_a_hostile_glob_takes_linear_time() -> None:
    assert not matches("*a" * 60 + "b", "a" * 4000)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a.rs", "b.rs", "x/a.rs", "x/y/c.rs", ".hidden/d.rs", ".github/workflows/ci.yml", "x/.e.rs"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    (tmp_path / "x" / "loop").symlink_to(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "pattern",
    ["*.rs", "**/*.rs", "x/*.rs", "a.rs", "nothing", "x/**", ".github/workflows/*.yml", ".*/*.rs", "x/.*"],
)
def test_files_are_found_as_the_standard_library_finds_them(tree: Path, pattern: str) -> None:
    (tree / "x" / "loop").unlink()
    expected = {name for name in glob.glob(pattern, root_dir=tree, recursive=True) if (tree / name).is_file()}
    assert {os.path.relpath(path, tree) for path in find_files(tree, pattern)} == expected


def test_a_link_to_a_folder_above_does_not_loop(tree: Path) -> None:
    assert [path.name for path in find_files(tree, "**/a.rs")] == ["a.rs", "a.rs"]


def test_alternatives_find_each_file_once(tree: Path) -> None:
    assert len(find_files(tree, "{*.rs,a.rs,./a.rs}")) == 2


def test_a_folder_that_may_not_be_read_is_an_error(tree: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root reads everything")
    (tree / "x").chmod(0)
    try:
        with pytest.raises(MeasureError, match="cannot look into"):
            find_files(tree, "**/*.rs")
    finally:
        (tree / "x").chmod(0o755)


def test_a_name_that_is_not_utf8_is_found(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.rs")
    (tmp_path / name).write_text("x")
    assert [path.name for path in find_files(tmp_path, "*.rs")] == [name]


def test_an_impossible_range_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(MeasureError, match="not usable"):
        find_files(tmp_path, "[z-a]")
