"""Nothing of a plan runs before a person trusted it, and only what they saw."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from locust_tui.domain.plan import Plan
from locust_tui.errors import RefusedError
from locust_tui.plans.reading import load_plan
from locust_tui.plans.surface import executable_surface, surface_digest
from locust_tui.plans.trust import file_flaws, grant, revoke, trust_state, trust_store, trusted_plans

TEXT = "workstreams: {a: {run: make a}}\ngates: {g: {criteria: [{name: t, run: make test}, {name: w, http: 'https://example.org'}]}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir(mode=0o755)
    return folder


def write(path: Path, text: str = TEXT) -> Plan:
    path.write_text(text)
    path.chmod(0o644)
    return load_plan(path)


def test_new_plan_is_untrusted_and_shows_its_commands(project: Path) -> None:
    plan = write(project / "plan.yaml")
    state = trust_state(project / "plan.yaml", plan)
    assert not state.trusted
    assert not state.refused
    assert state.reasons == ("nobody has trusted it yet",)
    assert [c.text for c in state.commands] == ["make a", "make test", "https://example.org"]
    assert state.diff_to_last_trusted is None


def test_trust_holds_until_what_runs_changes(project: Path) -> None:
    path = project / "plan.yaml"
    grant(path, write(path))
    assert trust_state(path, load_plan(path)).trusted
    assert trust_state(path, write(path, "# a comment\nproject: New name\n" + TEXT)).trusted
    changed = trust_state(path, write(path, TEXT.replace("make a", "make all")))
    assert not changed.trusted
    assert changed.diff_to_last_trusted is not None
    assert [e.text for e in changed.diff_to_last_trusted.added] == ["make all"]
    assert [e.text for e in changed.diff_to_last_trusted.removed] == ["make a"]


@pytest.mark.fault(51, "each value that is executed is changed")
@pytest.mark.parametrize(
    "change",
    [
        ("run: make a}", "run: make a, env: {A: b}}"),
        ("run: make a}", "run: make a, cwd: /}"),
        ("run: make a}", "run: [make, a]}"),
        ("run: make test", "run: make tests"),
        ("example.org", "example.com"),
        ("gates:", "notify: {x: [{command: mail me}]}\ngates:"),
        ("gates:", "notify: {x: [{webhook: 'https://example.org'}]}\ngates:"),
        ("gates:", "agents: {c: {command: run-me}}\ngates:"),
        ("gates:", "facts: {bugs: {run: count}}\ngates:"),
        ("gates:", "risks: [{risk: r, watch: {run: look}}]\ngates:"),
        ("gates:", "meta: {invariants: [{run: look}]}\ngates:"),
        ("gates:", "after_release: [{name: n, run: look}]\ngates:"),
        ("name: t, run: make test", "name: t, memory: x, baseline: y, run: make test"),
    ],
)
def test_every_way_to_execute_is_part_of_the_surface(project: Path, change: tuple[str, str]) -> None:
    before = write(project / "a.yaml")
    after = write(project / "a.yaml", TEXT.replace(*change))
    assert surface_digest(executable_surface(before)) != surface_digest(executable_surface(after))


def test_instructions_are_followed_so_they_count(project: Path) -> None:
    text = "agents: {c: {command: 'x {instructions}'}}\nworkstreams: {a: {instructions: be good}}\n"
    before, after = write(project / "a.yaml", text), write(project / "a.yaml", text.replace("good", "bad"))
    assert surface_digest(executable_surface(before)) != surface_digest(executable_surface(after))


def test_order_and_names_do_not_count(project: Path) -> None:
    one = write(project / "a.yaml", "workstreams: {a: {run: x}, b: {run: y}}\n")
    two = write(project / "a.yaml", "workstreams: {b: {run: y, name: B, weight: 3}, a: {run: x, notes: n}}\n")
    assert surface_digest(executable_surface(one)) == surface_digest(executable_surface(two))


def test_a_copy_elsewhere_is_not_trusted(project: Path) -> None:
    plan = write(project / "plan.yaml")
    grant(project / "plan.yaml", plan)
    assert not trust_state(project / "copy.yaml", write(project / "copy.yaml")).trusted


def test_revoked_and_listed(project: Path) -> None:
    path = project / "plan.yaml"
    grant(path, write(path))
    assert [r.path for r in trusted_plans()] == [os.path.realpath(path)]
    assert revoke(path)
    assert not revoke(path)
    assert trusted_plans() == ()
    assert not trust_state(path, load_plan(path)).trusted


def test_store_is_private_and_outside_the_project(project: Path) -> None:
    path = project / "plan.yaml"
    grant(path, write(path))
    assert stat.S_IMODE(trust_store().stat().st_mode) == 0o700
    (record,) = trust_store().glob("*.json")
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert not list(project.glob("**/*trust*"))


def test_record_somebody_else_may_write_counts_for_nothing(project: Path) -> None:
    path = project / "plan.yaml"
    grant(path, write(path))
    (record,) = trust_store().glob("*.json")
    record.chmod(0o666)
    assert not trust_state(path, load_plan(path)).trusted
    record.chmod(0o600)
    value = json.loads(record.read_text())
    record.write_text(json.dumps({**value, "path": "/elsewhere"}))
    assert not trust_state(path, load_plan(path)).trusted
    record.write_text("{")
    assert not trust_state(path, load_plan(path)).trusted


@pytest.mark.fault(52, "files and folders that others may write")
def test_files_that_others_may_write_are_refused(project: Path) -> None:
    path = project / "plan.yaml"
    plan = write(path)
    path.chmod(0o646)
    assert list(file_flaws(path)) == ["everybody may write the file"]
    with pytest.raises(RefusedError, match="everybody may write") as caught:
        grant(path, plan)
    assert caught.value.help == f"chmod go-w {path}"
    path.chmod(0o644)
    project.chmod(0o777)
    assert "everybody may write the folder" in next(iter(file_flaws(path)))
    project.chmod(0o1777)
    assert not list(file_flaws(path))
    project.chmod(0o755)


@pytest.mark.fault(52, "files of others")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_foreign_files_and_groups_are_refused(project: Path) -> None:
    path = project / "plan.yaml"
    plan = write(path)
    os.chown(path, 65534, -1)
    assert "belongs to" in next(iter(file_flaws(path)))
    state = trust_state(path, plan)
    assert state.refused
    assert not state.trusted
    os.chown(path, 0, 65534)
    path.chmod(0o664)
    assert "the group" in next(iter(file_flaws(path)))
    os.chown(path, 0, 0)
    assert not list(file_flaws(path))


@pytest.mark.fault(52, "links that leave the project")
def test_links_that_leave_the_project_and_odd_files_are_refused(project: Path, tmp_path: Path) -> None:
    plan = write(tmp_path / "outside.yaml")
    (project / "plan.yaml").symlink_to(tmp_path / "outside.yaml")
    assert "leaves its folder" in next(iter(file_flaws(project / "plan.yaml")))
    with pytest.raises(RefusedError):
        grant(project / "plan.yaml", plan)
    write(project / "real.yaml")
    (project / "inside.yaml").symlink_to("real.yaml")
    assert not list(file_flaws(project / "inside.yaml"))
    os.mkfifo(project / "fifo")
    assert list(file_flaws(project / "fifo")) == ["it is not a regular file"]
