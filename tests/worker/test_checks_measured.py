"""Checks run under shims, within their number and time; their results carry evidence, and no killed worker leaves one."""

from __future__ import annotations

import re
import sys
import time

import pytest

from locust_tui.client.requests import DecideGate, EvaluateGate
from locust_tui.domain.criterion import CriterionResult
from locust_tui.domain.events import CriterionMeasured
from locust_tui.domain.states import CriterionState, DecisionKind, GateState
from project import Project, is_running, until


def gate_of(*criteria: str, more: str = "") -> str:
    lines = "".join(f"      - {c}\n" for c in criteria)
    return f"project: C\n{more}workstreams:\n  w: {{run: 'true'}}\ngates:\n  g:\n    needs: [w]\n    criteria:\n{lines}"


def measured(project: Project, *criteria: str, more: str = "") -> dict[str, CriterionResult]:
    """Results of the gate's criteria by id, once all are there."""
    project.write(gate_of(*criteria, more=more))
    project.up()
    world = project.reaches(lambda w: w.gate("g").state in (GateState.READY, GateState.PENDING), 60)
    return {key.rpartition("/")[2]: result for key, result in world.criteria.items()}


def test_a_result_says_what_was_run_where_and_how_it_ended(project: Project) -> None:
    results = measured(project, "{name: said, run: 'echo 42 things; echo problem >&2; exit 3'}")
    result = results["said"]
    assert result.state is CriterionState.FAIL
    evidence = result.evidence
    assert evidence is not None
    assert evidence.command == "echo 42 things; echo problem >&2; exit 3"
    assert evidence.exit_code == 3
    assert evidence.run is not None
    assert evidence.log is not None
    assert (project.folder.root / evidence.log).read_bytes() == b"42 things\nproblem\n"
    assert abs(evidence.at - time.time()) < 60
    assert evidence.input_digest
    assert evidence.duration_s is not None


def test_no_more_checks_at_once_than_the_plan_allows(project: Project) -> None:
    three = "until [ $(wc -l < trace) -ge 3 ]; do sleep 0.05; done"
    project.script("check", f"#!/bin/sh\necho + >> trace\n{three}\nsleep 0.2\necho - >> trace\n")
    measured(
        project, *(f"{{name: c{n}, run: ./check}}" for n in range(8)), more="resources: {max_checks: 3}\n"
    )
    running = most = 0
    for sign in (project.path / "trace").read_text().split():
        running += 1 if sign == "+" else -1
        most = max(most, running)
    assert most == 3


def test_a_check_that_takes_too_long_is_an_error_and_leaves_nothing(project: Project) -> None:
    results = measured(project, "{name: slow, run: 'echo begun; setsid sleep 77 & sleep 78', timeout: 1s}")
    assert results["slow"].state is CriterionState.ERROR
    assert results["slow"].evidence is not None
    assert "longer than 1 s" in results["slow"].evidence.detail
    assert project.agents() == []


def test_a_missing_program_is_an_error_and_never_a_failure(project: Project) -> None:
    results = measured(project, "{name: gone, run: [./nothing-here]}", "{name: held, run: 'false'}")
    assert results["gone"].state is CriterionState.ERROR
    assert results["held"].state is CriterionState.FAIL


def test_an_unmeasurable_criterion_is_not_measured_over_and_over(project: Project) -> None:
    results = measured(
        project, "{name: c, metric: absent.json, at: x, below: 3}", "{name: d, run: 'true', cwd: nowhere}"
    )
    assert {r.state for r in results.values()} == {CriterionState.ERROR}
    before = len(project.events(CriterionMeasured))
    time.sleep(1.0)
    assert len(project.events(CriterionMeasured)) == before


def test_files_are_judged_together_and_bound_to_their_content(project: Project) -> None:
    for n in range(30):
        (project.path / f"f{n}").write_text(str(n))
    results = measured(project, *(f"{{name: c{n}, files: [f{n}]}}" for n in range(30)))
    assert {r.state for r in results.values()} == {CriterionState.PASS}
    digests = {r.evidence.input_digest for r in results.values() if r.evidence}
    assert len(digests) == 30


def test_a_check_left_by_a_killed_worker_is_ended_and_measured_anew(project: Project) -> None:
    project.script(
        "check", "#!/bin/sh\necho $$ >> pids\n[ -e again ] && exit 0\ntouch again\nexec sleep 60\n"
    )
    project.write(gate_of("{name: c, run: ./check}"))
    project.up()
    pids = project.path / "pids"
    until(lambda: pids.exists() and pids.read_text().endswith("\n"))
    stray = int(pids.read_text())
    until(lambda: (project.path / "again").exists())
    project.kill()
    assert is_running(stray)
    project.up()
    assert not is_running(stray)
    project.reaches(lambda w: w.gate("g").state is GateState.PENDING)
    assert len(project.events(CriterionMeasured)) == 1
    project.assert_sound()


def test_a_workstream_may_be_called_check(project: Project) -> None:
    project.write(
        "project: C\nworkstreams:\n  check: {run: 'true'}\n  check-x: {run: 'true', needs: check}\n"
    )
    project.up()
    project.ends()
    assert set(project.states().values()) == {"accepted"}


@pytest.mark.parametrize(("mib", "state"), [(1, CriterionState.PASS), (40, CriterionState.FAIL)])
def test_memory_is_the_commands_own_and_not_that_of_what_starts_it(
    project: Project, mib: int, state: CriterionState
) -> None:
    project.script("fill.py", f"x = b'x' * ({mib} << 20)\n")
    command = "[/bin/true]" if mib == 1 else f"[{sys.executable}, -I, -S, fill.py]"
    results = measured(project, f"{{name: small, memory: {command}, below: 6MB}}")
    result = results["small"]
    assert result.state is state, result
    assert result.value is not None
    assert result.unit == "MB"
    assert (0.1 < result.value < 6) if mib == 1 else (40 < result.value < 80), result


def test_a_measured_commands_exit_code_and_output_stay_its_own(project: Project) -> None:
    results = measured(project, "{name: broken, memory: 'echo about to fail; exit 9', below: 100MB}")
    result = results["broken"]
    assert result.state is CriterionState.ERROR or result.state is CriterionState.FAIL
    assert result.evidence is not None
    assert result.evidence.exit_code == 9
    assert result.evidence.log is not None
    assert (project.folder.root / result.evidence.log).read_bytes() == b"about to fail\n"


def test_a_gate_is_measured_now_on_request(project: Project) -> None:
    measured(project, "{name: c, run: 'echo once >> count'}")
    answer = project.ask(EvaluateGate("g")).data
    assert [c["state"] for c in answer["criteria"]] == ["pass"]
    assert re.fullmatch("[0-9a-f]{64}", answer["evidence_digest"])
    assert (project.path / "count").read_text().count("once") == 2


def test_in_a_repository_a_result_is_bound_to_the_commit_and_what_is_dirty(project: Project) -> None:
    import subprocess

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=project.path, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    (project.path / "source").write_text("one")
    results_text = "{name: c, run: 'test -s source'}"
    project.write(gate_of(results_text))
    git("add", "-A")
    git("commit", "-qm", "one")
    project.up()
    world = project.reaches(lambda w: w.gate("g").state is GateState.PENDING)
    evidence = world.criteria["gate:g/c"].evidence
    assert evidence is not None
    assert evidence.commit == git("rev-parse", "HEAD")
    (project.path / "source").write_text("two")
    project.decide("g")
    latest = project.world().criteria["gate:g/c"].evidence
    assert latest is not None
    assert latest.at > evidence.at
    assert latest.commit == f"{git('rev-parse', 'HEAD')}+dirty"


def test_editing_a_file_after_a_pass_makes_the_result_stale_for_all_to_see(project: Project) -> None:
    project.write(
        "project: One\nworkstreams:\n  a: {run: 'echo yes > ok.txt'}\n"
        "gates:\n  g: {needs: a, criteria: [{name: t, run: 'cat ok.txt', expect: 'yes', inputs: [ok.txt]}]}\n"
    )
    project.up()
    key = "gate:g/t"
    project.reaches(lambda w: w.gate("g").state is GateState.PENDING)
    assert project.world().criteria[key].state is CriterionState.PASS
    (project.path / "ok.txt").write_text("no\n")
    found = project.reaches(lambda w: w.criteria[key].state is CriterionState.STALE)
    assert found.gates["g"].state is GateState.PENDING
    assert "t (fail)" in project.refused(DecideGate("g", DecisionKind.GO)).message
