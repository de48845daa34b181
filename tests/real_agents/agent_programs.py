"""A real agent program with a home of its own, a scripted model, and no way to anywhere else."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fakes.anthropic_messages import AnthropicMessages
from fakes.model_server import FakeModel
from fakes.openai_responses import OpenAIResponses
from fakes.outside import Outside

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("LOCUST_TUI_TEST_AGENTS") or ROOT / ".agents")
PATH = os.environ.get("PATH", os.defpath)
CODEX_CONFIG = """\
model = "fake-1"
model_provider = "fake"
check_for_update_on_startup = false
{extra}
[model_providers.fake]
name = "fake"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "FAKE_KEY"
request_max_retries = 1
stream_max_retries = 1
supports_websockets = false

[analytics]
enabled = false

[features]
apps = false
plugins = false
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """What `install.py` left: how to start each program, and why others are missing."""

    programs: Mapping[str, list[str]]
    missing: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path = FOLDER) -> Installed:
        try:
            found = json.loads((folder / "installed.json").read_text())
        except FileNotFoundError:
            return cls({}, {})
        there = {name: argv for name, argv in found["programs"].items() if all(map(os.path.exists, argv))}
        gone = {name: f"{argv[-1]} is gone" for name, argv in found["programs"].items() if name not in there}
        return cls(there, {**found["missing"], **gone})

    def why_missing(self, name: str) -> str:
        return self.missing.get(name, "not installed; run: make test-agents")


@dataclass(frozen=True, slots=True)
class AgentProgram:
    """How to start one program: `argv` to put arguments behind, its whole environment, its working folder."""

    argv: list[str]
    env: dict[str, str]
    folder: Path
    model: FakeModel
    outside: Outside


def _env(home: Path, outside: Outside) -> dict[str, str]:
    """Nothing of the caller's but PATH: a suite that an agent runs must not hand its own settings on."""
    return {
        "PATH": PATH,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "xterm-256color",
        "HTTPS_PROXY": outside.url,
        "HTTP_PROXY": outside.url,
        "NO_PROXY": "127.0.0.1,localhost",
    }


def claude(argv: list[str], home: Path, model: AnthropicMessages, outside: Outside) -> AgentProgram:
    """Claude Code with a dummy key."""
    env = _env(home, outside) | {
        "ANTHROPIC_BASE_URL": model.url,
        "ANTHROPIC_API_KEY": "dummy",
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_MAX_RETRIES": "2",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
        "IS_SANDBOX": "1",
    }
    return AgentProgram(argv, env, _work(home), model, outside)


def codex(
    argv: list[str], home: Path, model: OpenAIResponses, outside: Outside, extra: str = ""
) -> AgentProgram:
    """Codex with a provider of its own; `extra` are more top-level lines of its config.toml."""
    settings = home / ".codex"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "config.toml").write_text(CODEX_CONFIG.format(url=model.url, extra=extra))
    temporary = home / "tmp"  # in the system's own, Codex does without the helpers that its sandbox needs
    temporary.mkdir(exist_ok=True)
    env = _env(home, outside) | {"CODEX_HOME": str(settings), "FAKE_KEY": "dummy", "TMPDIR": str(temporary)}
    return AgentProgram(argv, env, _work(home), model, outside)


def subscribed(program: AgentProgram) -> AgentProgram:
    """Claude Code as a subscriber: only then it speaks of usage limits."""
    env = {name: value for name, value in program.env.items() if name != "ANTHROPIC_API_KEY"}
    env["CLAUDE_CODE_OAUTH_TOKEN"] = "sk-ant-oat01-dummy"
    return AgentProgram(program.argv, env, program.folder, program.model, program.outside)


def _work(home: Path) -> Path:
    folder = home / "work"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
