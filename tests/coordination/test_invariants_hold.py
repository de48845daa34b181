"""The meta-orchestrator's invariants are run on every acceptance, whichever workstream, and the one that fails is named."""

from __future__ import annotations

from locust_tui.client.requests import WorkstreamAction
from locust_tui.domain.events import CriterionMeasured
from locust_tui.domain.states import WorkstreamState as S
from project import Project

PLAN = """\
project: Whole
meta:
  id: boss
  invariants:
    - {name: builds, run: "true"}
    - {name: one style, run: test ! -e mess}
    - {name: API unchanged, run: "false", after: g}
workstreams:
  a: {run: echo made > a, accept: [{name: made, files: a}]}
  b: {run: echo made > b; test -e tidy || touch mess, needs: a, accept: [{name: made, files: b}]}
  c: {run: touch c, needs: [a, b]}
gates:
  g: {needs: [a, b, c]}
"""


def test_a_failing_invariant_bars_work_that_is_good_in_itself_and_is_named(project: Project) -> None:
    project.write(PLAN)
    project.up()
    world = project.reaches(lambda w: w.workstream("b").state is S.NEEDS_INPUT)
    assert world.criteria["accept:b/made"].state == "pass"
    assert "invariant one style" in world.workstream("b").reason
    assert "builds" not in world.workstream("b").reason
    (project.path / "mess").unlink()
    (project.path / "tidy").touch()
    project.steer("b", WorkstreamAction.RETRY)
    world = project.reaches(lambda w: w.workstream("c").state is S.ACCEPTED)
    measured = {m.result.key for m in project.events(CriterionMeasured) if m.result.key.startswith("inv")}
    assert measured == {f"invariant:{w}/{name}" for w in "abc" for name in ("builds", "one-style")}
    project.assert_sound()
