"""The tool server before its judges: the protocol's conformance tests, and the MCP Inspector, by HTTP and by stdio."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from project import Project, until

STRUCTURAL = (
    "server-initialize",
    "server-session-lifecycle",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "server-sse-multiple-streams",
    "sep-2164-resource-not-found",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
)
PARTLY = {
    "server-stateless": {
        "sep-2575-server-rejects-undeclared-capability",
        "sep-2575-missing-capability-http-400",
    }
}
"""Scenario → its checks that call a tool of the reference server, one that needs a capability of the client's."""
NEED_FIXTURES = {
    "tools-call-*": "calls tools of the reference server: test_simple_text, test_image_content and so on",
    "resources-read-*": "reads the reference server's test://static-text and test://static-binary",
    "resources-templates-read": "reads the reference server's test://template",
    "prompts-get-*": "gets prompts of the reference server: test_simple_prompt and so on",
    "json-schema-2020-12": "looks for the reference server's json_schema_2020_12_tool",
    "http-custom-header-server-validation": "looks for a tool with parameters in headers; ours has none",
    "server-sse-polling": "calls a tool of the reference server, and needs a store of events to resume from",
    "input-required-*": "our server asks people by a tool that waits, never by asking the client",
    "elicitation-*": "as above",
    "logging-set-level": "our server offers no log",
    "completion-complete": "our server completes no arguments",
    "resources-subscribe": "our resources are read, not subscribed to",
    "resources-unsubscribe": "as above",
    "tasks-*": "an extension that our server does not offer",
}
AGENT = """\
#!/bin/sh
umask 077
echo "$LOCUST_TUI_TOKEN" > token.new && mv token.new token
exec cat > /dev/null
"""
LOCUST = str(Path(sys.executable).with_name("locust-tui"))


def start(project: Project) -> None:
    """One run that speaks a protocol, and waits."""
    project.script("agent", AGENT)
    project.write(
        "project: Judged\nagents: {c: {kind: claude, command: ./agent}}\n"
        "workstreams: {api: {agent: c, instructions: Build it}}\n"
    )
    project.up()
    until((project.path / "token").exists, what="the agent's start")


def token(project: Project) -> str:
    return (project.path / "token").read_text().strip()


def url(project: Project) -> str:
    port = json.loads((project.folder.root / "tools.json").read_text())["port"]
    return f"http://127.0.0.1:{port}/mcp"


def run(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=cwd, env=os.environ | env, capture_output=True, text=True, timeout=90, check=False
    )


def covered(scenario: str) -> bool:
    patterns = [re.escape(name).replace(r"\*", ".*") for name in (*STRUCTURAL, *PARTLY, *NEED_FIXTURES)]
    return any(re.fullmatch(pattern, scenario) for pattern in patterns)


def test_the_structural_conformance_scenarios_pass_with_a_runs_token(
    plan_folder: Project, conformance: list[str]
) -> None:
    start(plan_folder)
    preload = plan_folder.path / "token.cjs"  # the program takes no header of ours
    preload.write_text(
        "const plain = globalThis.fetch;\n"
        "globalThis.fetch = (at, how = {}) => { const headers = new Headers(how.headers);\n"
        f'headers.set("authorization", "Bearer {token(plan_folder)}");\n'
        "return plain(at, {...how, headers}); };\n"
    )
    failed: dict[str, Any] = {}
    for scenario in (*STRUCTURAL, *PARTLY):
        done = run(
            *conformance, "server", "--url", url(plan_folder), "--scenario", scenario, "--force",
            cwd=plan_folder.path, NODE_OPTIONS=f"--require {preload}",
        )  # fmt: skip
        said = re.sub(r"\x1b\[\d+m", "", done.stdout + done.stderr)
        failures = set(re.findall(r"\[([\w-]+)\s*\] FAILURE", said))
        if failures != PARTLY.get(scenario, set()) or not re.search(r"Passed: [1-9]", said):
            failed[scenario] = failures or said[-600:]
    assert failed == {}


def test_every_scenario_is_run_or_left_out_for_a_reason(tmp_path: Path, conformance: list[str]) -> None:
    said = run(*conformance, "list", "--server", cwd=tmp_path).stdout
    scenarios = re.findall(r"^  - ([\w-]+) ", said, re.MULTILINE)
    assert len(scenarios) > 40
    assert [one for one in scenarios if not covered(one)] == []


class Inspected:
    """The Inspector's command line against one server."""

    def __init__(self, inspector: list[str], target: list[str], cwd: Path) -> None:
        self.command, self.cwd = [*inspector, "--cli", *target], cwd

    def __call__(self, method: str, *words: str) -> dict[str, Any]:
        done = self.run(method, *words)
        assert done.returncode == 0, done
        return dict(json.loads(done.stdout))

    def run(self, method: str, *words: str) -> subprocess.CompletedProcess[str]:
        return run(*self.command, "--method", method, *words, cwd=self.cwd)

    def call(self, tool: str, *arguments: str) -> dict[str, Any]:
        given = [word for argument in arguments for word in ("--tool-arg", argument)]
        done = self.run("tools/call", "--tool-name", tool, *given)
        return dict(json.loads(done.stdout or "{}"))


def test_the_inspector_works_with_the_tools_over_http(plan_folder: Project, inspector: list[str]) -> None:
    start(plan_folder)
    header = ["--header", f"Authorization: Bearer {token(plan_folder)}"]
    inspect = Inspected(inspector, [url(plan_folder), *header], plan_folder.path)
    listed = inspect.run("tools/list", "--strict")
    assert listed.returncode == 0, listed.stderr
    tools = {tool["name"]: tool for tool in json.loads(listed.stdout)["tools"]}
    assert {"report_progress", "ask_person", "memory_write"} <= set(tools)
    assert all(len(tool["description"]) > 20 for tool in tools.values())
    assert inspect.call("report_progress", "percent=40", "note=half way")["structuredContent"] == {
        "recorded": True
    }
    inspect.call("memory_write", "key=api/port", "value=8080")
    read = inspect.call("memory_read", "key=api/*")
    assert read["structuredContent"]["entries"][0]["value"] == 8080
    assert json.loads(read["content"][0]["text"]) == read["structuredContent"]
    resource = inspect("resources/read", "--uri", "memory://api/port")["contents"][0]
    assert json.loads(resource["text"])["entries"][0]["by"] == "api.1"
    around = inspect("resources/read", "--uri", "plan://mine")["contents"][0]
    assert json.loads(around["text"])["workstream"] == "api"
    assert "plan_around" in json.dumps(inspect("prompts/get", "--prompt-name", "begin"))
    gone = inspect.run("resources/read", "--uri", "memory://api/nothing")
    assert gone.returncode != 0
    assert "there is no memory of api/nothing" in gone.stderr
    assert plan_folder.world().workstream("api").reported == 40.0
    stranger = Inspected(
        inspector, [url(plan_folder), "--header", "Authorization: Bearer x"], plan_folder.path
    )
    refused = stranger.call("report_progress", "percent=90")
    assert refused["isError"]
    assert "this is no run's token" in refused["content"][0]["text"]
    for uri in ("plan://mine", "memory://api/port"):
        unread = stranger.run("resources/read", "--uri", uri)
        assert unread.returncode != 0
        assert "this is no run's token" in unread.stderr
        assert "8080" not in unread.stdout + unread.stderr
    assert plan_folder.world().workstream("api").reported == 40.0


def test_a_run_speaks_for_itself_over_stdio(plan_folder: Project, inspector: list[str]) -> None:
    client = [*inspector, "--cli", LOCUST, "mcp", "--method", "tools/call", "--tool-name", "report_progress"]
    command = shlex.join([*client, "--tool-arg", "percent=55", "note=by stdio"])
    plan_folder.write(
        f"project: Shell\nagents: {{s: {{command: {json.dumps(command)}}}}}\n"
        "workstreams: {api: {agent: s, instructions: Build it}}\n"
    )
    plan_folder.up()
    world = plan_folder.ends(60)
    assert (world.workstream("api").reported, world.workstream("api").note) == (55.0, "by stdio")
    assert not (plan_folder.folder.root / "tools.json").exists(), "plain commands need no server on a port"


def test_a_persons_own_agent_reads_and_writes_in_their_name(
    plan_folder: Project, inspector: list[str]
) -> None:
    start(plan_folder)
    inspect = Inspected(inspector, [LOCUST, "mcp"], plan_folder.path)
    around = inspect.call("plan_around")["structuredContent"]
    assert [one["id"] for one in around["workstreams"]] == ["api"]
    inspect.call("memory_write", "key=api/port", "value=80")
    by = plan_folder.world().memory["api/port"].by
    assert by not in ("", "api.1")
    for tool, arguments in (("report_progress", ["percent=9"]), ("ask_person", ["question=well?"])):
        refused = inspect.call(tool, *arguments)
        assert refused["isError"]
        assert "inside" in refused["content"][0]["text"], refused
    assert plan_folder.world().workstream("api").reported is None


def test_without_a_worker_a_person_is_told_so(plan_folder: Project, inspector: list[str]) -> None:
    plan_folder.write("project: Quiet\nworkstreams: {api: {run: 'true'}}\n")
    inspect = Inspected(inspector, [LOCUST, "mcp"], plan_folder.path)
    refused = inspect.call("plan_around")
    assert refused["isError"]
    text = refused["content"][0]["text"]
    assert "the plan's worker does not answer" in text
    assert "locust-tui up" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("words", [["--plan", "none.yaml"], []], ids=["no such plan", "no plan here"])
def test_without_a_plan_it_ends_in_words(tmp_path: Path, words: list[str]) -> None:
    done = run(LOCUST, *words, "mcp", cwd=tmp_path)
    assert done.returncode == 3, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
