"""The plan file is the person's: changes touch the one value, tidying touches only white space."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_tui.errors import RefusedError, UsageError
from locust_tui.plans.builder import build_tree
from locust_tui.plans.fmt import format_file, format_text
from locust_tui.plans.marks import scalar, set_value, write_back
from locust_tui.plans.new import new_plan_text, write_new_plan
from locust_tui.plans.reading import PlanInvalidError, plan_digest, read_data, read_plan


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


@pytest.mark.parametrize(
    ("where", "value", "line"),
    [
        (("workstreams", "WS-02", "weeks"), "3-4", "+     weeks: 3-4"),
        (("phases", "2", "weeks"), "3-7", "+   2: {name: Omnibar,                     weeks: 3-7}"),
        (
            ("workstreams", "WS-04", "needs"),
            {"WS-02": "50%", "WS-03": "done"},
            "+     needs: {WS-02: 50%, WS-03: done}",
        ),
        (("workstreams", "WS-15", "timeout"), "2d", "+     timeout: 2d"),
        (("workstreams", "WS-02", "notes"), "Hello: you", '+     notes: "Hello: you"'),
        (("kpis", "velocity", "unit"), "a week", None),
        (
            ("resources", "max_agents"),
            4,
            "+   max_agents: 4                     # whole plan, orchestrators included",
        ),
        (("orchestrators", "core", "deliverables", 1), "events", None),
        (("gates", "g1", "criteria", 5, "above"), "85%", None),
    ],
)
def test_one_value_changes_and_nothing_else(
    framework_text: str, where: Any, value: Any, line: str | None
) -> None:
    after = set_value(framework_text, where, value)
    lines = [entry for entry in changed_lines(framework_text, after) if entry[0] in "+-"]
    assert len([entry for entry in lines if entry.startswith("+")]) == 1
    assert len(lines) <= 2
    if line is not None:
        assert lines[-1] == line


def test_shared_values_are_not_changed_behind_ones_back() -> None:
    text = "x: &x {retry: 1}\nworkstreams: {a: *x, b: *x}\n"
    with pytest.raises(UsageError):
        set_value(text, ("workstreams", "a", "retry"), 2)


def test_unknown_block_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no workstreams\.b"):
        set_value("workstreams: {a: {run: x}}\n", ("workstreams", "b", "run"), "y")


@given(
    st.one_of(
        st.text(max_size=30),
        st.integers(),
        st.booleans(),
        st.none(),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
    )
)
@settings(max_examples=300)
def test_any_value_reads_back_as_itself(value: Any) -> None:
    if isinstance(value, str) and any(ord(c) in range(0xD800, 0xE000) for c in value):
        return
    if isinstance(value, int) and abs(value) >= 10**18:
        return
    for text in ("a: {b: 1, c: 2}\n", "a:\n  b: 1\n  c: 2\n", "a: ['x', {b: 3}]\n"):
        where: Any = ("a", 1, "b") if "[" in text else ("a", "b")
        tree = build_tree(set_value(text, where, value))
        found = tree.value
        for step in where:
            found = found[step]
        assert found == value
        assert type(found) is type(value) or isinstance(found, type(value)) or float(found) == value


def test_write_back_keeps_mode_line_ends_and_mark(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    data = b"\xef\xbb\xbfworkstreams:\r\n  a: {run: make, weeks: 1-2} # c\r\n"
    path.write_bytes(data)
    path.chmod(0o640)
    digest = write_back(path, [(("workstreams", "a", "weeks"), "2-3")], digest=read_plan(path).digest)
    assert path.read_bytes() == data.replace(b"1-2", b"2-3")
    assert path.stat().st_mode & 0o777 == 0o640
    assert digest == read_plan(path).digest
    assert os.listdir(tmp_path) == ["plan.yaml"]


def test_write_back_refuses_a_file_that_changed_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("workstreams: {a: {run: make}}\n")
    with pytest.raises(RefusedError, match="changed meanwhile"):
        write_back(path, [(("workstreams", "a", "run"), "x")], digest=plan_digest("something else"))
    assert path.read_text() == "workstreams: {a: {run: make}}\n"


def test_formatting_leaves_a_tidy_plan_alone(framework_text: str) -> None:
    assert format_text(framework_text) == framework_text


def test_formatting_tidies_white_space_and_keeps_comments() -> None:
    text = "workstreams:\r\n\tbuild:   # first\r\n\t\trun: make  \r\n\r\n\r\n\r\n\t# about unit\r\n\tunit: {needs: build,   run: x}\r\n"
    assert format_text(text) == (
        "workstreams:\n  build:   # first\n    run: make\n\n  # about unit\n  unit: {needs: build,   run: x}\n"
    )


def test_formatting_evens_indentation() -> None:
    text = "workstreams:\n      build:\n            run: make\n            accept:\n            -   run: x\n                name: y\n"
    assert format_text(text) == (
        "workstreams:\n  build:\n    run: make\n    accept:\n      - run: x\n        name: y\n"
    )


def test_formatting_keeps_block_texts() -> None:
    text = "workstreams:\n    a:\n        run: |\n            one  \n              two\n\n\n            three\n        notes: >\n            x\n            y\n"
    formatted = format_text(text)
    assert build_tree(formatted).value == build_tree(text).value
    assert format_text(formatted) == formatted
    assert formatted.startswith("workstreams:\n  a:\n    run: |\n")


def test_formatting_refuses_what_it_cannot_read() -> None:
    with pytest.raises(PlanInvalidError):
        format_text("workstreams: {a: @x}\n")


_WORDS = st.sampled_from(
    [
        "a",
        "b c",
        "3-8",
        "50%",
        "'q'",
        '"d: e"',
        "~",
        "|\n{i}  text  \n{i}  more\n",
        ">-\n{i}  x\n\n{i}  y\n",
        "[x,  y]",
        "{k:  v}",
        "# c",
    ]
)


@st.composite
def block_texts(draw: st.DrawFn, depth: int = 0, indent: int = 0) -> str:
    """Block YAML with uneven indentation, comments, lists, texts that span lines."""
    lines = []
    step = draw(st.integers(1, 5))
    as_list = depth > 0 and draw(st.booleans())
    for n in range(draw(st.integers(1, 3))):
        lead = " " * indent + ("-" + " " * draw(st.integers(1, 3)) if as_list else f"k{n}:")
        if depth < 3 and draw(st.booleans()) and not as_list:
            lines.append(
                lead
                + draw(st.sampled_from(["", "   # note", "  "]))
                + "\n"
                + draw(block_texts(depth + 1, indent + step))
            )
        else:
            value = draw(_WORDS).replace("{i}", " " * (indent + step))
            if as_list and draw(st.booleans()):
                value = f"k: v\n{' ' * len(lead)}j: w" + draw(
                    st.sampled_from(["", f"\n{' ' * len(lead)}l:\n{' ' * len(lead)}- x"])
                )
            lines.append(lead + ("" if as_list else " ") + value + ("" if value.endswith("\n") else "\n"))
        if draw(st.integers(0, 5)) == 0:
            lines.append(
                draw(st.sampled_from(["\n", "\n\n\n", " " * indent + "# between\n", "# at the side\n"]))
            )
    return "".join(lines)


@given(block_texts())
@settings(max_examples=300, deadline=None)
def test_formatting_keeps_the_meaning_and_is_done_after_once(text: str) -> None:
    try:
        formatted = format_text(text)
    except PlanInvalidError:
        return
    assert build_tree(formatted).value == build_tree(text).value
    assert format_text(formatted) == formatted


def test_format_file_in_place_and_check_only(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("workstreams:\n\ta: {run: x}\n")
    assert format_file(path, check=True)
    assert "\t" in path.read_text()
    assert format_file(path)
    assert path.read_text() == "workstreams:\n  a: {run: x}\n"
    assert not format_file(path)


@pytest.mark.parametrize("name", ["Hello", "My: project", "yes", "17", "[odd] {name}", 'say "hi"', "émile"])
def test_first_plan_reads_without_problems(name: str) -> None:
    reading = read_data(new_plan_text(name).encode(), "p", cached=False)
    assert not reading.problems
    assert reading.plan is not None
    assert reading.plan.project.name == name


def test_first_plan_is_never_written_over_another(tmp_path: Path) -> None:
    written = write_new_plan(tmp_path)
    assert written.name == "locust-plan.yaml"
    with pytest.raises(RefusedError):
        write_new_plan(tmp_path)
    assert format_text(written.read_text()) == written.read_text()


def test_scalars_are_plain_where_they_can_be() -> None:
    assert [scalar(v) for v in ("make test", "50%", "true", "3", "a: b", "", "x #y", "é")] == [
        "make test", "50%", '"true"', '"3"', '"a: b"', '""', '"x #y"', "é",
    ]  # fmt: skip


def test_a_key_alone_keeps_no_gap_and_a_column_stays_a_column() -> None:
    text = "project:   Foo\nworkstreams:\n  a:    {run: x}\n  long: {run: x}\n  b:\n    run:   x  y\n"
    assert format_text(text) == text.replace("project:   Foo", "project: Foo").replace("run:   x", "run: x")
