"""A real project in which everything that people or agents may put into words attacks the terminal or the toolkit."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

from hostile import CORPUS

from locust_tui.domain.world import World
from project import Project

AGENT = r"""
import json, os, socket, subprocess, sys, time
corpus = json.load(open(os.environ["CORPUS"]))
for one in corpus:
    print(one + "said", flush=True)
with open(os.environ["LOCUST_TUI_EVENTS"], "a") as events:
    for one in corpus:
        events.write(json.dumps({"progress": 10, "note": one + "noted", "next": one + "next"}) + "\n")
    events.write(json.dumps({"blocker": corpus[0] + "blocked"}) + "\n")
refused = []
def ask(op, **arguments):
    with socket.socket(socket.AF_UNIX) as worker:
        worker.connect(os.environ["SOCKET"])
        frame = {"v": 1, "id": 1, "op": op, "key": "", "args": arguments}
        worker.sendall(json.dumps(frame).encode() + b"\n")
        answer = json.loads(worker.makefile("rb").readline())
        if not answer.get("ok", True):
            refused.append([op, arguments, answer])
for number, one in enumerate(corpus):
    ask("memory.store", key=f"k{number}", value=json.dumps(one + "kept"))
    ask("message.send", to="yard", text=one + "text", subject=one + "subject")
for one in corpus[::3]:
    ask("escalation.raise", what=one + "what", detail=one + "detail")
    ask("agent.ask", text=one + "question", options=[one + "yes", "no"])
for number, one in enumerate(corpus):
    name = one.replace("/", "").replace("\0", "")
    open(f"{number}{name}", "w").write(one + "\n" + one)
subprocess.run(["git", "add", "-A"], check=True)
subprocess.run(["git", "commit", "-qm", "".join(corpus).replace("\0", "")], check=True)
open("another" + corpus[2].replace("/", ""), "w").write(corpus[2])
with open(os.environ["SAID"] + ".new", "w") as file:
    json.dump(refused, file)
os.rename(os.environ["SAID"] + ".new", os.environ["SAID"])
time.sleep(600)
"""
FAILS = r"""
import json, os, sys
for one in json.load(open(os.environ["CORPUS"])):
    print(one + "failed", file=sys.stderr)
sys.exit(3)
"""
PLAN = """\
project: {name: @, short: @, window: 2-3, repo: kite, branch: main}
calendar: {start: 2026-01-05}
agents:
  hand: {command: [PYTHON, AGENT], env: {CORPUS: CORPUS-FILE, SOCKET: SOCKET-FILE, SAID: SAID-FILE}}
phases:
  1: {name: @, weeks: 1-2}
  2: {name: @, weeks: 2-3}
orchestrators:
  yard: {name: @, phases: [1, 2], focus: @, role: @}
workstreams:
  works: {name: @, phase: 1, weeks: 1-2, agent: hand, worktree: true, instructions: @, notes: @, deliverables: [{id: d1, name: @, manual: @}, {id: d2, name: @, files: [none]}]}
  fails: {name: @, phase: 1, weeks: 1, run: [PYTHON, FAILS], env: {CORPUS: CORPUS-FILE}, notes: @}
  done: {name: @, phase: 1, weeks: 1, run: 'true', reviewers: [ana], accept: [{name: @, manual: @}]}
  judged: {name: @, phase: 1, weeks: 1, run: 'true', accept: [{name: @, run: [PYTHON, FAILS], env: {CORPUS: CORPUS-FILE}}]}
  later: {name: @, phase: 2, weeks: 2-3, needs: [works], run: 'true', notes: @}
gates:
  fly: {name: @, closes: 1, week: 2, approvers: [ana], criteria: [{name: @, manual: @}, {name: @, agent: @}, {name: @, files: [absent]}, {name: @, run: "printf %s 12", below: 9}]}
  soon: {name: @, needs: [done], criteria: [{name: @, manual: @}]}
milestones:
  flies: {name: @, week: 2, needs: [later]}
kpis:
  pace: {name: @, measure: workstreams_completed / week, target: 1-2}
risks:
  - {id: R1, risk: @, probability: high, impact: high, mitigation: @, owner: ana}
  - {id: R2, risk: @, probability: low, impact: low, response: accept}
strategies:
  - {id: s1, name: @, kind: add-capacity, description: @}
monitors:
  main: {refresh: 1h, metrics: [workstreams_completed]}
success:
  - {name: @, manual: @}
after_release:
  - {name: @, due: 1 month, manual: @}
"""


def quoted(text: str) -> str:
    """A YAML string."""
    escaped = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text
    )
    return f'"{escaped}"'


def plan(folder: Path, project: Project) -> str:
    """The plan; no field begins with what the one before begins with."""
    poison = itertools.cycle(CORPUS)
    numbers = itertools.count(1)
    text = "".join(
        part + (quoted(f"{next(poison)}field {next(numbers)}") if more else "")
        for part, more in zip(PLAN.split("@"), [True] * PLAN.count("@") + [False], strict=True)
    )
    for name, value in {
        "PYTHON": sys.executable,
        "AGENT": folder / "agent.py",
        "FAILS": folder / "fails.py",
        "CORPUS-FILE": folder / "corpus.json",
        "SOCKET-FILE": project.folder.socket,
        "SAID-FILE": folder / "said",
    }.items():
        text = text.replace(name, json.dumps(str(value)))
    return text


def documents(project: Project) -> None:
    """Beside it: a document of commands, a plan that nobody trusts, and one that is broken."""
    printable = [one.replace("\0", "") for one in CORPUS]
    blocks = [
        f'## {one}title\n\n{one}text\n\n```bash\nlocust-tui message send yard "{one}said"\n```\n'
        for one in printable
    ]
    (project.path / "hostile.md").write_text("# Kite\n\n" + "\n".join(blocks))
    runs = [f"  w{n}: {{name: {quoted(one)}, run: {quoted(one)}}}" for n, one in enumerate(CORPUS)]
    (project.path / "other.plan.yaml").write_text("\n".join(["project: Other", "workstreams:", *runs]) + "\n")
    keys = [f"  w{n}: {{{quoted(one)}: {quoted(one)}, needs: {quoted(one)}}}" for n, one in enumerate(CORPUS)]
    (project.path / "broken.plan.yaml").write_text(
        "\n".join(["project: Broken", "workstreams:", *keys]) + "\n"
    )
    (project.path / "torn.plan.yaml").write_text("project: Torn\n" + "\n".join(printable))


def settle(project: Project, folder: Path) -> World:
    """Start it, and wait until everything that attacks is on record; `folder` is for what is not of the project."""
    folder.mkdir()
    (folder / "corpus.json").write_text(json.dumps(CORPUS))
    (folder / "agent.py").write_text(AGENT)
    (folder / "fails.py").write_text(FAILS)
    config = folder / "gitconfig"
    config.write_text("[user]\n name = Ana\n email = ana@example.org\n[init]\n defaultBranch = main\n")
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", *words], cwd=project.path, check=True)
    project.write(plan(folder, project))
    documents(project)
    project.up()
    states = {"fails": "failed", "done": "review"}
    world = project.reaches(
        lambda w: (
            (folder / "said").exists()
            and all(w.workstream(work).state == state for work, state in states.items())
            and len(w.memory) >= len(CORPUS)
            and len(w.messages) >= len(CORPUS)
            and w.escalations
            and w.open_asks()
        )
    )
    assert json.loads((folder / "said").read_text()) == []
    return world
