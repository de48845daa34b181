"""What a feature of the plan switches, and that saying otherwise in the plan goes before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.plans.reading import read_data

BASE = "workstreams: {a: {run: 'true'}}\n"


@pytest.mark.parametrize(
    ("text", "pull_requests"),
    [
        ("", False),
        ("features: {github-integration: true}\n", True),
        ("features: {github-integration: false}\n", False),
        ("features: {github-integration: true}\ngit: {pr: false}\n", False),
        ("git: {pr: true}\n", True),
    ],
)
def test_github_integration_opens_pull_requests_unless_the_plan_says_no(
    tmp_path: Path, text: str, pull_requests: bool
) -> None:
    found = read_data((BASE + text).encode(), tmp_path / "locust-plan.yaml")
    assert found.plan is not None
    assert found.plan.git.pr is pull_requests


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("features: {github-integratoin: true}\n", "github-integration"),
        ("monitors: [{name: m, refresh: 5s, metrics: [velocty]}]\n", "velocity"),
        ("monitors: [{name: m, refresh: 0s, metrics: [velocity]}]\n", "300s"),
        ("alerts: [{name: gate-overdue, when: progress < 1}]\n", "another one"),
        ("alerts: [{name: x, when: progres < 1}]\n", "progress"),
    ],
)
def test_what_cannot_be_watched_or_switched_is_an_error_with_its_place(
    tmp_path: Path, text: str, help_: str
) -> None:
    found = read_data((BASE + text).encode(), tmp_path / "locust-plan.yaml")
    (error,) = [p for p in found.problems if p.severity == "error"]
    assert error.line == 2
    assert help_ in (error.help or "")


def test_what_commands_add_to_a_project_of_one_word_keeps_its_name(tmp_path: Path) -> None:
    text = b"project: Ferry\n" + BASE.encode()
    added = {"project/repo": '"owner/name"', "project/pr_prefix": '"feat/"'}
    found = read_data(text, tmp_path / "locust-plan.yaml", additions=added)
    assert found.plan is not None
    project = found.plan.project
    assert (project.name, project.repo, found.plan.git.prefix) == ("Ferry", "owner/name", "feat/")
