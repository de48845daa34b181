"""monitor, alert, features, metrics, agent metrics and github, as a person types them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from locust_tui.domain.plan import Monitor
from locust_tui.report.monitors import monitor_text
from project import Project, until

PLAN = """\
project: P
calendar: {week: 1h}
phases: {1: {name: One, weeks: 1-2}}
orchestrators: {core: {phases: 1}}
meta: {id: locust-meta}
resources: {max_agents: 3}
workstreams:
  a: {phase: 1, weeks: 1, run: "true"}
  b: {phase: 1, weeks: 1-2, needs: a, run: "until [ -e end ]; do sleep 0.05; done; exit 3"}
"""
Typed = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "plan")
    made.write(PLAN)
    yield made
    made.end()


@pytest.fixture
def typed(project: Project) -> Typed:
    def run(*words: str, code: int = 0, path: str | None = None) -> subprocess.CompletedProcess[str]:
        env = dict(os.environ) if path is None else {**os.environ, "PATH": path}
        done = subprocess.run(
            [sys.executable, "-m", "locust_tui", *words], cwd=project.path, env=env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done

    return run


def told(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout)


def under_way(project: Project) -> None:
    project.up()
    project.reaches(lambda w: w.workstream("b").state == "running" and any(r.pid for r in w.live_runs()))


def test_a_monitor_is_created_shown_and_removed(project: Project, typed: Typed) -> None:
    under_way(project)
    done = typed("monitor", "create", "--name", "m", "--refresh", "1", "--metrics", "progress,agents")
    assert "samples every 1 s, revision" in done.stdout
    until(lambda: told(typed("monitor", "show", "m", "--json"))["series"][0]["samples"] >= 2)
    shown = told(typed("monitor", "show", "m", "--json"))
    assert [s["name"] for s in shown["series"]] == ["progress", "agents"]
    assert shown["series"][1]["value"] == 1.0
    assert len(shown["series"][1]["history"]) == shown["series"][1]["samples"]
    assert "█" in typed("monitor", "show", "m").stdout or "▄" in typed("monitor", "show", "m").stdout
    assert len(typed("monitor", "show", "m", "--history").stdout.splitlines()) >= 5
    assert [m["name"] for m in told(typed("monitor", "ls", "--json"))] == ["m"]
    assert "m: every 1 s" in typed("monitor", "--dashboard", "m").stdout
    assert "verified progress" in typed("monitor", "--dashboard", "core").stdout
    assert "did you mean m" not in typed("monitor", "show", "other", code=3).stdout
    typed("monitor", "rm", "m")
    typed("monitor", "show", "m", code=3)


def test_a_monitor_watches_only_what_there_is(project: Project, typed: Typed) -> None:
    under_way(project)
    done = typed("monitor", "create", "--name", "m", "--metrics", "progres", code=2)
    assert "did you mean progress" in done.stderr
    typed("monitor", "create", "--metrics", "progress", code=2)
    typed("monitor", "create", "--dashboard", "d")
    assert told(typed("monitor", "ls", "--json"))[0]["metrics"] == [
        "progress",
        "quality",
        "velocity",
        "blockers",
    ]


@pytest.mark.parametrize("name", ["a/b", "\x1b[31mred", "two\nlines", "back\u202ewards", " ", "x" * 65])
def test_what_is_registered_has_a_name_that_can_be_shown(project: Project, typed: Typed, name: str) -> None:
    under_way(project)
    bad = typed("monitor", "create", "--name", name, "--metrics", "progress", code=2)
    assert "can be no name of a monitor" in bad.stderr
    bad = typed("alert", "create", "--name", name, "--condition", "progress < 1", code=2)
    assert "can be no name of an alert" in bad.stderr
    assert "\x1b" not in bad.stderr


def test_a_monitors_name_from_a_plan_is_no_control_sequence() -> None:
    assert monitor_text(Monitor("\x1b[2Jm", 1.0, ()), [], 0.0).startswith("␛[2Jm: every 1 s")


def test_health_is_one_line_a_check_and_an_exit_code(project: Project, typed: Typed) -> None:
    under_way(project)
    lines = typed("monitor", "health", "--orchestrator", "core", "--checks", "blockers,stalled,quota").stdout
    assert [line.split()[:2] for line in lines.splitlines()[1:]] == [
        ["blockers", "ok"],
        ["stalled", "ok"],
        ["quota", "ok"],
    ]
    assert told(typed("monitor", "health", "--checks", "budget", "--json")) == [
        {"check": "budget", "ok": None, "said": "there is no budget"}
    ]
    (project.path / "end").touch()
    project.reaches(lambda w: w.workstream("b").state == "failed")
    done = typed("monitor", "health", "--orchestrator", "locust-meta", "--checks", "blockers", code=1)
    assert "FAIL" in done.stdout
    assert "did you mean blockers" in typed("monitor", "health", "--checks", "blocker", code=2).stderr
    typed("monitor", "health", "--orchestrator", "cor", code=3)


def test_an_alert_shows_what_it_finds_now(project: Project, typed: Typed) -> None:
    under_way(project)
    condition = "phase_progress < expected_progress - 10"
    done = typed(
        "alert", "create", "--name", "phase-gate", "--condition", condition, "--action", "notify:locust-meta"
    )
    assert "now (phase 1): expected_progress" in done.stdout
    assert "does not hold" in done.stdout
    found = {a["name"]: a for a in told(typed("alert", "ls", "--json"))}
    assert found["phase-gate"]["notify"] == ["locust-meta"]
    assert found["phase-gate"]["state"] == "ok"
    assert found["phase-gate"]["scopes"][0]["scope"] == "1"
    typed("alert", "test", "phase-gate", code=1)
    typed("alert", "test", "--condition", "agents_running > 0")
    bad = typed("alert", "create", "--name", "x", "--condition", "phase_progres < 10", code=2)
    assert "did you mean phase_progress" in bad.stderr
    typed("alert", "create", "--name", "gate-overdue", "--condition", "progress < 1", code=2)
    typed("alert", "create", "--name", "x", "--condition", "progress < 1", "--action", "rm -rf /", code=2)
    acting = typed(
        "alert", "create", "--name", "x", "--condition", "progress < 1",
        "--action", "memory store low --value 1",
    )  # fmt: skip
    assert "hook alert-x runs: memory store low --value 1" in acting.stderr
    assert "tells nobody" not in acting.stderr
    typed("alert", "rm", "phase-gate")
    assert "phase-gate" not in {a["name"] for a in told(typed("alert", "ls", "--json"))}


def test_a_firing_alert_is_acknowledged_and_runs_its_verbs(project: Project, typed: Typed) -> None:
    under_way(project)
    typed(
        "alert", "create", "--name", "busy", "--condition", "agents_running > 0",
        "--action", "notify --to locust-meta --priority high",
        "--action", "memory store --key alerts/busy --value 1",
    )  # fmt: skip
    world = project.reaches(lambda w: "alerts/busy" in w.memory)
    assert [m.priority for m in world.messages.values() if m.to == "locust-meta"] == ["high"]
    assert "alert busy is firing" in typed("status").stdout
    assert told(typed("alert", "ack", "busy", "--by", "ana", "--json"))["acknowledged"] == ["busy"]
    typed("alert", "ack", "busy", code=4)
    typed("alert", "rm", "busy")
    with project.record() as record:
        found = record.plan()
    assert found is not None
    assert (found[0].alerts, found[0].hooks) == ((), {})


def test_features_are_switched_visibly_and_back(project: Project, typed: Typed) -> None:
    under_way(project)
    done = typed("features", "enable", "neural-training")
    assert "no neural network is trained" in done.stdout
    assert "learned-estimates is on" in done.stdout
    on = {f["name"]: f["on"] for f in told(typed("features", "ls", "--json"))}
    assert on == {
        "performance-tracking": False,
        "github-integration": False,
        "learned-estimates": True,
        "neural-training": True,
    }
    assert told(typed("status", "--json"))["features"] == ["learned-estimates"]
    assert "on already" in typed("features", "enable", "learned-estimates").stdout
    typed("features", "disable", "learned-estimates")
    assert told(typed("status", "--json"))["features"] == []
    assert "did you mean" in typed("features", "enable", "nural-training", code=3).stderr


def test_the_load_of_live_runs_stands_in_ps_and_in_agent_metrics(project: Project, typed: Typed) -> None:
    under_way(project)
    typed("features", "enable", "performance-tracking")
    row = until(lambda: next((r for r in told(typed("ps", "--json")) if "rss_mb" in r), None))
    assert row["rss_mb"] > 0
    found = told(typed("agent", "metrics", "--group-by", "workstream", "--json"))
    assert [g["group"] for g in found["groups"]] == ["a", "b"]
    for name in ("agents", "runs", "busy_h", "idle_h", "done", "failed", "restarts"):
        assert sum(g[name] for g in found["groups"]) == pytest.approx(found["total"][name])
    assert found["total"]["peak_rss_mb"] > 0
    assert found["total"]["tokens"] is None
    assert found["total"]["tokens_reason"]
    text = typed("agent", "metrics").stdout
    assert "—" in text
    assert text.splitlines()[-1].startswith("of the work that could run")


def test_metrics_of_a_period_come_from_the_log(project: Project, typed: Typed) -> None:
    under_way(project)
    found = told(
        typed("metrics", "get", "--orchestrator", "core", "--period", "last-7-days", "--format", "json")
    )
    assert found["whole"]["accepted"] == 1
    assert found["whole"]["runs_started"] == 2
    assert "workstreams accepted" in typed("metrics", "get").stdout
    assert "ACCEPTED" in typed("metrics", "get", "--format", "table", "--period", "today").stdout
    typed("metrics", "get", "--period", "since-ever", code=2)
    typed("metrics", "get", "--orchestrator", "nobody", code=3)


def test_verbs_that_read_start_nothing(project: Project, typed: Typed) -> None:
    for words in (
        ["monitor", "ls"],
        ["alert", "ls"],
        ["features", "ls"],
        ["agent", "metrics"],
        ["metrics", "get"],
    ):
        typed(*words)
    typed("monitor", "health")
    assert not project.folder.store.exists()


@pytest.fixture
def repository(project: Project) -> Path:
    """The plan's folder as a repository with one commit, and a remote beside it that takes pushes."""
    remote = project.path.parent / "owner" / "name.git"
    for words in (
        ["init", "-q", "-b", "main", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", "one"],
        ["config", "user.name", "t"],
        ["config", "user.email", "t@t"],
        ["init", "-q", "--bare", str(remote)],
        ["remote", "add", "origin", str(remote)],
    ):
        subprocess.run(["git", *words], cwd=project.path, check=True, capture_output=True)
    return remote


def test_names_on_github_are_kept_and_held_against_the_remote(project: Project, typed: Typed) -> None:
    project.up()
    done = typed(
        "github", "config", "--repo", "owner/name", "--branch", "main", "--pr-prefix", "feat/locust-"
    )
    assert "is in no git repository" in done.stdout
    subprocess.run(["git", "init", "-q", "-b", "main", "."], cwd=project.path, check=True)
    subprocess.run(
        ["git", "remote", "add", "origin", "git@github.com:other/thing.git"], cwd=project.path, check=True
    )
    found = told(typed("github", "config", "--json"))
    assert (found["repo"], found["branch"], found["pr_prefix"]) == ("owner/name", "main", "feat/locust-")
    assert any("mismatch: no git remote is owner/name (origin is other/thing)" in r for r in found["remarks"])
    subprocess.run(
        ["git", "remote", "set-url", "origin", "https://github.com/Owner/name.git"],
        cwd=project.path,
        check=True,
    )
    assert "git remote origin is owner/name" in typed("github", "config").stdout
    for wrong in (["--repo", "nonsense"], ["--branch", "a..b"], ["--pr-prefix", "with space "]):
        typed("github", "config", *wrong, code=2)


def test_a_pull_request_is_shown_before_it_is_made_and_nothing_is_pushed_unasked(
    project: Project, typed: Typed, repository: Path, tmp_path: Path
) -> None:
    project.up()

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=project.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    assert "where pull requests go" in typed("github", "pr", "create", "--dry-run", code=4).stderr
    git("switch", "-q", "-c", "feat/x")
    git("commit", "-q", "--allow-empty", "-m", "Do $(touch y)")
    done = typed("github", "pr", "create", "--dry-run", "--auto-review")
    assert done.stdout.splitlines()[:2] == [
        "git push --quiet --set-upstream origin refs/heads/feat/x:refs/heads/feat/x",
        "gh pr create --head feat/x --base main --title 'Do $(touch y)' --body-file -",
    ]
    assert "Verified by locust-tui" in done.stdout
    assert "switched on" in typed("github", "pr", "create", code=4).stderr
    typed("features", "enable", "github-integration")
    tools = tmp_path / "tools"
    tools.mkdir()
    git_program = shutil.which("git")
    assert git_program is not None
    (tools / "git").symlink_to(git_program)
    assert "needs the program gh" in typed("github", "pr", "create", code=4, path=str(tools)).stderr
    assert git("ls-remote", "origin") == ""
    gh = tools / "gh"
    gh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/said\necho https://example.org/pull/7\n')
    gh.chmod(0o755)
    with_gh = f"{tools}:{os.environ['PATH']}"
    assert (
        "https://example.org/pull/7 opened: feat/x to main"
        in typed("github", "pr", "create", path=with_gh).stdout
    )
    assert "refs/heads/feat/x" in git("ls-remote", "origin")
    gh.write_text("#!/bin/sh\necho 'error connecting to api.github.com' >&2\nexit 1\n")
    assert "error connecting" in typed("github", "pr", "create", code=5, path=with_gh).stderr
    assert not (project.path / "y").exists()
