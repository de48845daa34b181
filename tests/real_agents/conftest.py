"""Real agent programs as fixtures. One that cannot be had is skipped, and the end of the run says so aloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import agent_programs
import pytest
from agent_programs import AgentProgram, Installed
from fakes.anthropic_messages import AnthropicMessages
from fakes.openai_responses import OpenAIResponses
from fakes.outside import Outside

from project import Project

INSTALLED = Installed.read()
SKIPPED = "agent program not here: "


def argv_of(name: str) -> list[str]:
    """How to start a program, or a skip."""
    if name not in INSTALLED.programs:
        pytest.skip(f"{SKIPPED}{name}: {INSTALLED.why_missing(name)}")
    return list(INSTALLED.programs[name])


@pytest.fixture
def outside() -> Iterator[Outside]:
    """The closed world; a program that knocked at it fails its test."""
    with Outside() as closed:
        yield closed
    assert not closed.wanted, f"reached for {sorted(set(closed.wanted))}"


@pytest.fixture
def anthropic() -> Iterator[AnthropicMessages]:
    with AnthropicMessages() as model:
        yield model


@pytest.fixture
def openai() -> Iterator[OpenAIResponses]:
    with OpenAIResponses() as model:
        yield model


@pytest.fixture
def claude_env(own_machine: Path, anthropic: AnthropicMessages, outside: Outside) -> AgentProgram:
    return agent_programs.claude(argv_of("claude"), own_machine, anthropic, outside)


@pytest.fixture
def codex_env(own_machine: Path, openai: OpenAIResponses, outside: Outside) -> AgentProgram:
    return agent_programs.codex(argv_of("codex"), own_machine, openai, outside)


@pytest.fixture
def acp_env(own_machine: Path, anthropic: AnthropicMessages, outside: Outside) -> AgentProgram:
    """claude-agent-acp: Claude Code behind the Agent Client Protocol."""
    return agent_programs.claude(argv_of("claude-agent-acp"), own_machine, anthropic, outside)


@pytest.fixture
def plan_folder(tmp_path: Path) -> Iterator[Project]:
    """A folder for a plan, whose worker is started and ended for real."""
    project = Project(tmp_path / "plan")
    yield project
    project.end()


@pytest.fixture
def inspector() -> list[str]:
    """The MCP Inspector; `--cli` behind it makes it speak without a browser."""
    return argv_of("mcp-inspector")


@pytest.fixture
def conformance() -> list[str]:
    """The Model Context Protocol's conformance tests."""
    return argv_of("conformance")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every program whose tests did not run, on a line of its own."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    missing = [reason.partition(SKIPPED)[2] for reason in reasons if SKIPPED in reason]
    for line in sorted(set(missing)):
        count = missing.count(line)
        terminalreporter.write_line(f"NOT TESTED, {count} skipped: {line}", red=True, bold=True)
