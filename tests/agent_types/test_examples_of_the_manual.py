"""Every plan in the manual page about agents is one that `check` accepts, and every link in it leads somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from git_project import run_git
from locust_tui.plans.schema.work import AgentBlock

PAGE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text()
PROGRAMS = ("claude", "codex", "gemini", "opencode", "my-agent", "npm")
PLANS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", PLANS, ids=range(len(PLANS)))
def test_a_plan_of_the_page_is_accepted(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = tmp_path / "locust-plan.yaml"
    plan.write_text(text)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("work.sh", "deploy.sh", "check.sh", *(f"bin/{p}" for p in PROGRAMS)):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    run_git(tmp_path, "init", "-q")
    run_git(tmp_path, "add", "-A")
    run_git(tmp_path, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "-m", "begin")
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    done = subprocess.run(
        [sys.executable, "-m", "locust_tui", "check", "--strict", str(plan)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_plan_for_each_kind() -> None:
    assert len(PLANS) >= 6
    assert all(f"kind: {kind}" in PAGE for kind in ("claude", "codex", "acp"))


def test_every_key_is_explained() -> None:
    table = PAGE.partition("## What the keys do")[2].partition("\n## ")[0]
    named = set(
        re.findall(
            r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))
        )
    )
    assert named == set(AgentBlock.model_fields)


def test_its_links_lead_to_its_headings() -> None:
    headings = {h.lower().replace(" ", "-") for h in re.findall(r"^## (.+)$", PAGE, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= headings
