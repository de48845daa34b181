"""Changes of strategies in a plan's text: what it then says is what was meant, and every line that was not meant stays."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_tui.analysis.strategies.edits import edited
from locust_tui.domain.plan import Need, NeedKind, Plan
from locust_tui.domain.studies.strategies import (
    CapRaised,
    CrewSet,
    Deferred,
    NeedLoosened,
    NeedMoved,
    PlanEdit,
)
from locust_tui.errors import UsageError
from locust_tui.plans.editing import as_additions, edit_text, plan_diff, split
from locust_tui.plans.entries import put_item, take_out
from locust_tui.plans.reading import read_data

HALF = Need("a", NeedKind.PERCENT, percent=50.0)


def plan_in(text: str) -> Plan:
    reading = read_data(text.encode(), "p.yaml", cached=False)
    assert reading.plan is not None, reading.problems
    return reading.plan


def needing(needs: str) -> str:
    """A plan whose workstream c has `needs` as written."""
    return (
        "# head\nproject: P   # p\nworkstreams:\n  a: {run: x, deliverables: [d]}\n  b:   # b\n    run: x\n    needs: a\n"
        f"  c:\n    run: x\n{needs}    notes: 'quoted'   # tail\n  d: {{run: x}}\n\n# end"
    )


FORMS = (
    "    needs: b   # why\n",
    "    needs: [b, a]   # why\n",
    "    needs: [ b ,a ]\n",
    "    needs: {b: done, a: done}   # why\n",
    "    needs: {a: started, b: }   # why\n",
    "    needs:\n      - a   # first\n      - b   # second\n      # between\n",
    "    needs:\n    - b\n    - a\n",
    "    needs:\n      # first\n      a: started\n      b: done   # second\n",
    "    needs:\n      b:\n      a: 25%\n",
    "    needs:\n      - {b: done}   # second\n",
    "    needs:\n      - b: done   # second\n        a: started\n",
    "    needs: [\n      a,   # first\n      b,   # second\n    ]\n",
    '    depends_on: ["b"]\n',
)
forms = st.sampled_from(FORMS)
edits_of_c = st.sampled_from(
    [
        NeedLoosened("c", "b", "50%"),
        NeedLoosened("c", "b", "started"),
        NeedMoved("c", "b", ()),
        NeedMoved("c", "b", (Need("d"),)),
        NeedMoved("c", "b", (replace(HALF, target="d"),)),
        NeedMoved("c", "b", (Need("d", hard=True),)),
        CrewSet("c", 2, 0.7),
        Deferred("c", "v0.2"),
        Deferred("c", "when: it # suits"),
    ]
)
BREAKS = st.sampled_from(["\n", "\r\n"])


def touched(before: str, after: str) -> list[str]:
    """Lines of `before` that are there no more."""
    found = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line[2:] for line in found if line.startswith("- ")]


@given(forms, st.lists(edits_of_c, min_size=1, max_size=1), BREAKS, st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_text_says_what_was_meant_and_no_other_line_changes(
    form: str, edits: list[PlanEdit], newline: str, ends: bool
) -> None:
    text = (needing(form) + ("\n" if ends else "")).replace("\n", newline)
    after = edit_text(text, edits)
    assert plan_in(after) == edited(plan_in(text), edits)
    of_needs = {line.replace("\n", newline) for line in form.splitlines(keepends=True)}
    assert set(touched(text, after)) <= of_needs
    assert "\n" not in after.replace("\r\n", "") or newline == "\n"
    assert ("# end" + newline if ends else "# end") == after[-len("# end" + newline if ends else "# end") :]
    comments = [
        word for word in ("# head", "# p", "# b", "# tail", "# end", "# first", "# between") if word in text
    ]
    assert all(word in after for word in comments)


_SECTIONS = st.permutations(["resources", "agents"])


@given(
    st.sampled_from(["{max_agents: 4}   # n", "{max_parallel: 4, pools: {floating: 2}}", "\n  # n\n  max_agents: 4   # n\n  pools: {floating: 2}"]),
    st.sampled_from(['{hand: {command: x, max: 1}}', '\n  hand:\n    max: 1   # one\n    command: x']),
    _SECTIONS,
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_caps_are_raised_where_they_stand(resources: str, agents: str, order: list[str]) -> None:
    parts = {"resources": f"resources: {resources}\n", "agents": f"agents: {agents}\n"}
    text = "".join(parts[name] for name in order) + "workstreams: {a: {agent: hand, instructions: x}}\n"
    edits: list[PlanEdit] = [
        CapRaised(("resources", "max_agents"), 4, 6),
        CapRaised(("agents", "hand", "max"), 1, 3),
    ]
    if "floating" in resources:
        edits.append(CapRaised(("resources", "pools", "floating"), 2, 4))
    after = edit_text(text, edits)
    assert plan_in(after) == edited(plan_in(text), edits)
    assert len(after.splitlines()) == len(text.splitlines())
    assert after.count("#") == text.count("#")


def test_a_key_goes_behind_the_last_one_of_its_block_and_comments_stay() -> None:
    text = "workstreams:\n  a:\n    run: x   # it\n    # after\n\n  b: {run: y, needs: a}  # b\n"
    assert edit_text(text, [Deferred("a", "v2"), CrewSet("b", 3, 0.5)]) == (
        "workstreams:\n  a:\n    run: x   # it\n    defer: v2\n    # after\n\n"
        "  b: {run: y, needs: a, crew: {agents: 3, gain: 0.5}}  # b\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "x: &n [a, b]\nworkstreams: {a: {run: x}, b: {run: x}, c: {run: x, needs: *n}, d: {run: x, needs: *n}}\n",
        "base: &w {run: x, needs: [b]}\nworkstreams: {a: {run: x}, b: {run: x}, c: *w, d: *w}\n",
        "base: &w {run: x, needs: [b]}\nworkstreams:\n  a: {run: x}\n  b: {run: x}\n  c:\n    <<: *w\n",
    ],
)
def test_what_several_places_share_is_refused(text: str) -> None:
    for edit in (NeedLoosened("c", "b", "50%"), NeedMoved("c", "b", ())):
        with pytest.raises(UsageError) as told:
            edit_text(text, [edit])
        assert "by hand" in (told.value.help or "")


def test_an_anchor_stays_where_it_is() -> None:
    text = "workstreams:\n  a: &a {run: x}   # the mould\n  b: {<<: *a, needs: [a]}\n"
    after = edit_text(text, [NeedLoosened("b", "a", "50%"), Deferred("b", "v2")])
    assert (
        after == "workstreams:\n  a: &a {run: x}   # the mould\n  b: {<<: *a, needs: [{a: 50%}], defer: v2}\n"
    )


def test_tabs_and_broken_files_are_refused() -> None:
    import yaml

    for text in ("workstreams:\n\ta: {run: x}\n", "workstreams: {a: {run: x}\n"):
        with pytest.raises((UsageError, yaml.YAMLError)):
            edit_text(text, [Deferred("a", "v2")])


def test_the_only_entry_takes_its_block_with_it() -> None:
    assert take_out("a:\n  b:\n    - c  # it\nd: 1\n", ("a", "b", 0)) == "d: 1\n"
    assert take_out("a: {b: [c], d: 1}\n", ("a", "b", 0)) == "a: {d: 1}\n"
    assert put_item("a:\n- b # b\n# end", ("a",), {"c": "50%"}) == "a:\n- b # b\n- {c: 50%}\n# end"
    assert put_item("a: [b]", ("a",), "c") == "a: [b, c]"


def test_what_the_file_has_no_place_for_goes_over_it() -> None:
    text = "workstreams: {a: {run: x}}\n"
    edits: list[Any] = [
        Deferred("a", "v2"),
        CrewSet("z", 2, 0.7),
        CapRaised(("resources", "max_agents"), 2, 4),
    ]
    in_file, over = split(text, edits)
    assert (in_file, over) == ((edits[0],), tuple(edits[1:]))
    plan = plan_in("workstreams: {z: {run: x, needs: {y: 50%}}, y: {run: x}}\nresources: {max_agents: 2}\n")
    found = as_additions(edited(plan, over), over)
    assert {k: json.loads(v) for k, v in found.items()} == {
        "workstreams/z/crew": {"agents": 2, "gain": 0.7},
        "resources/max_agents": 4,
    }
    with pytest.raises(UsageError):
        as_additions(plan, [NeedMoved("z", "y", ())])
    assert split("", edits[:1]) == ((), (edits[0],))


def test_the_diff_names_the_file() -> None:
    diff = plan_diff("a\nb\n", "a\nc\n", "x.plan.yaml")
    assert diff.splitlines()[:2] == ["--- a/x.plan.yaml", "+++ b/x.plan.yaml"]
    assert "-b" in diff
    assert "+c" in diff
