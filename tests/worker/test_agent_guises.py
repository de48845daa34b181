"""What a process inside a run tries by the program's own verbs and tools, as a child and as a daemon without an environment."""

from __future__ import annotations

import json
import shlex
import sys

import pytest

from locust_tui.domain.events import Noted
from locust_tui.domain.states import GateState
from project import Project, until

HIDE = r"""
import json, os, subprocess, sys
how, out, verbs = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
if how == "hidden":
    agent = os.getpid()
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    while os.getppid() == agent:
        pass
env = {} if how == "hidden" else dict(os.environ)
pipe = subprocess.PIPE
tried = [
    subprocess.Popen([sys.executable, "-m", "locust_tui", *verb], env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    for verb in verbs
]
said = []
for one, verb in zip(tried, verbs):
    talk = os.environ.get("TALK", "") if verb == ["mcp"] else ""
    if talk:
        one.stdin.write(talk)
        one.stdin.flush()
        words = [one.stdout.readline() for _ in range(2)]
        one.stdin.close()
        said.append([one.wait(), "".join(words)])
    else:
        words = "".join(one.communicate())
        said.append([one.returncode, words])
with open(out + ".new", "w") as file:
    json.dump(said, file)
os.rename(out + ".new", out)
"""
PLAN = """
project: Guises
workstreams:
  done:  {run: 'true'}
  agent: {run: ./agent}
  other: {run: exec sleep 60}
gates:
  ship: {needs: [done], criteria: [{files: [present]}, {name: fine, manual: Is it?}]}
risks:
  - {id: R1, risk: Calm, probability: high, impact: high}
"""
VERBS = [
    "gate approve ship --by ana",
    "gate waive ship present --note known --by ana",
    "gate sign ship fine --by ana",
    "ws cancel other",
    "kill other",
    "send other hello",
    "trust --yes",
    "risk close R1 --note over",
    "baseline set --note agreed",
    "answer gate:ship go",
    "down --stop-agents",
]
TALK = [
    {
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        },
    },
    {"method": "notifications/initialized"},
    {
        "id": 2,
        "method": "tools/call",
        "params": {"name": "memory_write", "arguments": {"key": "../../other.1/log", "value": "mine"}},
    },
]


def tried(project: Project, how: str, verbs: list[list[str]], environ: str = "") -> list[tuple[int, str]]:
    """Exit code and words of each verb, called by the workstream `agent` in that guise."""
    out = project.path / "said"
    project.script("hide.py", HIDE)
    words = shlex.join([sys.executable, "hide.py", how, str(out), json.dumps(verbs)])
    project.script("agent", f"#!/bin/sh\n{environ}{words}\nexec sleep 60\n")
    (project.path / "present").write_text("yes")
    project.write(PLAN)
    project.up()
    until(out.exists, 60, "the agent's attempts")
    return [(code, text) for code, text in json.loads(out.read_text())]


@pytest.mark.fault(
    56, "an agent calls every verb that is a person's: as a child, and as a daemon without environment"
)
@pytest.mark.parametrize("how", ["child", "hidden"])
def test_no_verb_of_a_persons_works_from_inside_a_run(project: Project, how: str) -> None:
    for verb, (code, said) in zip(VERBS, tried(project, how, [verb.split() for verb in VERBS]), strict=True):
        assert code == 4, (verb, said)
        assert "agent.1" in said, (verb, said)
        assert "Traceback" not in said
    world = project.reaches(lambda w: w.gate("ship").state is GateState.PENDING)
    assert world.runs["other.1"].live
    assert {e.by.name for e in project.all_events()} <= {"worker", "agent.1"}
    assert [e.text for e in project.events(Noted) if e.subject == "agent.1"]


@pytest.mark.fault(
    56, "an agent starts its own tool server as a daemon without token, and names paths as keys"
)
def test_a_tool_server_that_an_agent_hides_speaks_for_its_own_run(project: Project) -> None:
    talk = "\n".join(json.dumps({"jsonrpc": "2.0", **one}) for one in TALK) + "\n"
    ((code, said),) = tried(project, "hidden", [["mcp"]], f"export TALK={shlex.quote(talk)}\n")
    assert code == 0, said
    writers = {e.by.name for e in project.all_events() if "MemoryStored" in type(e.body).__name__}
    assert writers <= {"agent.1"}

    assert project.output("other.1") == b""
    told = json.loads(said.splitlines()[-1])["result"]
    assert bool(told.get("isError")) != bool(writers), told
