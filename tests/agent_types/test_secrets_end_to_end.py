"""A real worker, an agent that says its secret in every way, and every place where its words are shown or kept."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from project import Project

SECRET = "sk-live-Zq8/+w=&x 7Fj2LmPq"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwggSjAgEAAoIBAQ\n-----END PRIVATE KEY-----"
INHERITED = "ghp_0123456789abcdefABCDEF"
LONG = "eyJhbGciOiJIUzI1NiJ9." + "Zm9vYmFyYmF6cXV4" * 8 + ".c2lnbmF0dXJl"
SPEAKING = (Path(__file__).parent.parent / "worker" / "protocol_agent.py").read_text()
NEVER = [
    SECRET,
    INHERITED,
    LONG,
    *KEY.splitlines()[1:3],
    quote(SECRET, safe=""),
    base64.b64encode(SECRET.encode()).decode()[:-4],
    base64.b64encode(LONG.encode()).decode()[:60],
    base64.b64encode(LONG.encode()).decode()[80:140],
    json.dumps(SECRET)[1:-1],
]
AGENT = f"""#!{sys.executable} -S
import base64, json, os, subprocess, sys, time, urllib.parse
def out(text):
    sys.stdout.write(text); sys.stdout.flush()
S, K, L = os.environ["API_TOKEN"], os.environ["DEPLOY"], os.environ["LONG"]
out("plain " + S + "\\n")
out("b64 " + base64.b64encode(S.encode()).decode() + "\\n")
out("auth " + base64.b64encode(b"user:" + S.encode()).decode() + "\\n")
out("url " + urllib.parse.quote(S, safe="") + "\\n")
out("coloured " + S[:9] + "\\033[1m" + S[9:] + "\\033[0m\\n")
out("key\\n" + K + "\\n")
out("wrapped\\n" + base64.encodebytes(L.encode()).decode())
out("inherited " + os.environ["GITHUB_TOKEN"] + "\\n")
out("early " + S[:10]); time.sleep(0.4); out(S[10:] + "\\n")
out("::locust progress=10,blocker=" + S.replace(",", "%2C") + ",next=" + L + "::noted " + S + "\\n")
out("::error::" + S + "\\n")
with open(os.environ["LOCUST_TUI_EVENTS"], "a") as events:
    events.write(json.dumps({{"note": "file " + S, "next": base64.b64encode(S.encode()).decode()}}) + "\\n")
subprocess.run([sys.executable, "-m", "locust_tui", "agent", "report", "--blocker", "said " + S])
out("::add-mask::v3ry-own-f1nd\\n::notice::found v3ry-own-f1nd here\\n")
out("done TOKEN truefalse\\n")
sys.stderr.write("failing with " + S + "\\n")
time.sleep(0.6)
sys.exit(3)
"""


@pytest.fixture
def told(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("MY_API_TOKEN", SECRET)
    monkeypatch.setenv("GITHUB_TOKEN", INHERITED)
    monkeypatch.setenv("FEATURE_TOKEN", "truefalse")
    (project.path / "key.pem").write_text(KEY + "\n")
    (project.path / "jwt").write_text(LONG)
    project.script("agent", AGENT)
    project.write(
        "project: S\nagents:\n  sh:\n    command: ./agent\n    env:\n"
        "      API_TOKEN: {secret: 'env:MY_API_TOKEN'}\n      DEPLOY: {secret: 'file:key.pem'}\n"
        "      LONG: {secret: 'file:jwt'}\n"
        "workstreams:\n  a: {agent: sh, instructions: x}\n"
        "gates: {g: {needs: [a], criteria: [{name: c, run: 'true'}]}}\n"
    )
    project.up()
    project.reaches(lambda w: w.workstream("a").state in ("failed", "needs-input"))
    return project


def product(project: Project, *words: str, **more: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "locust_tui", *words],
        cwd=project.path,
        env={**os.environ, **more},
        capture_output=True,
        timeout=60,
    )
    return done.stdout + done.stderr


def clean(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = [secret for secret in NEVER if secret in text or json.dumps(secret)[1:-1] in text]
    assert found == []
    assert SECRET[10:] not in text


@pytest.mark.fault(
    28, "an agent says its secret in every way, then every verb and every file of the state is read"
)
def test_nowhere_is_it_shown_or_kept(told: Project) -> None:
    piped = product(told, "logs", "a")
    clean(piped)
    assert b"plain ***\n" in piped
    assert b"early ***\n" in piped
    assert b"done TOKEN truefalse\n" in piped
    assert b"v3ry-own-f1nd" not in piped
    clean(product(told, "logs", "-f", "a"))
    for words in (
        ("status", "--json"), ("status",), ("events",), ("events", "--json"), ("inbox", "--json"), ("inbox",),
        ("--report",), ("--report", "--format", "json"), ("--report", "--format", "html"), ("why", "a"), ("ps",),
        ("ps", "--json"), ("ws", "show", "a"), ("check", "locust-plan.yaml"), ("trust", "--list"), ("paths",), ("export", "--json"),
    ):  # fmt: skip
        clean(product(told, *words))
    note = told.world().workstream("a").blocked_by or ""
    assert "***" in note
    told.end()
    for file in told.folder.root.rglob("*"):
        if file.is_file() and file.parent.parent != told.folder.runs and file.parent != told.folder.runs:
            clean(file.read_bytes())


def test_the_bytes_themselves_are_asked_for_by_name(told: Project) -> None:
    raw = product(told, "logs", "--raw", "a")
    assert f"plain {SECRET}\n".encode() in raw
    assert b"not masked" in raw


@pytest.mark.skipif(shutil.which("script") is None, reason="no script here, which gives a terminal")
def test_on_a_terminal(told: Project) -> None:
    done = subprocess.run(
        ["script", "-qec", f"{sys.executable} -m locust_tui logs a", "/dev/null"],
        cwd=told.path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    assert b"plain ***" in done.stdout
    assert b"coloured ***" in done.stdout
    clean(done.stdout)


@pytest.mark.fault(28, "a secret comes in two writes a quarter of a second apart, with a reader behind")
def test_while_it_is_being_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_TOKEN", SECRET)
    project.script(
        "agent",
        '#!/bin/bash\nS=$API_TOKEN\nprintf "begin\\n"\nuntil [ -e go ]; do sleep 0.05; done\n'
        'for i in 1 2 3 4; do printf "%s" "${S:0:$((i*5))}"; sleep 0.25; printf "%s\\n" "${S:$((i*5))}"; done\n',
    )
    project.write(
        "project: S\nagents: {sh: {command: ./agent, env: {API_TOKEN: {secret: 'env:MY_API_TOKEN'}}}}\n"
        "workstreams: {a: {agent: sh, instructions: x}}\n"
    )
    project.up()
    project.reaches(lambda w: (r := w.runs.get("a.1")) and r.pid)
    following = subprocess.Popen(
        [sys.executable, "-m", "locust_tui", "logs", "-f", "a"], cwd=project.path, stdout=subprocess.PIPE
    )
    assert following.stdout is not None
    assert following.stdout.readline() == b"begin\n"
    (project.path / "go").touch()
    assert following.stdout.read() == b"***\n" * 4
    assert following.wait(30) == 0


def test_what_is_trusted_and_shown_names_where_it_is(told: Project) -> None:
    product(told, "trust", "--revoke", "locust-plan.yaml")
    shown = product(told, "trust", "locust-plan.yaml", "--yes")
    assert b"env:MY_API_TOKEN" in shown
    clean(shown)


def test_a_placeholder_of_a_secret_is_refused(project: Project) -> None:
    project.write(
        "project: S\nagents: {sh: {command: 'curl -H {secret}'}}\nworkstreams: {a: {agent: sh, instructions: x}}\n",
        trust=False,
    )
    assert b"secret" in product(project, "check", "locust-plan.yaml")


@pytest.mark.fault(28, "an agent asks, fails and runs commands with its secret in them")
def test_what_an_agent_that_speaks_a_protocol_asks(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_TOKEN", SECRET)
    in_base64 = base64.b64encode(SECRET.encode()).decode()
    works = {
        "perm": f"says {SECRET}\n@run curl -H 'Authorization: Bearer {SECRET}' {'x' * 280}{SECRET}",
        "ask": f"@question is {SECRET} or {in_base64} right?",
        "bad": f"@fail no model for {SECRET}",
    }
    lines = [
        "project: S",
        "agents:",
        "  dev: {kind: claude, command: ./claude, env: {FLEET: ., API_TOKEN: {secret: 'env:MY_API_TOKEN'}}}",
        "workstreams:",
    ]
    for name, script in works.items():
        (project.path / f"{name}.script").write_text(script)
        lines.append(f"  {name}: {{agent: dev, instructions: '@script {name}.script'}}")
    # the plan's words are a person's: the agent says its secrets by itself
    project.script(
        "claude", SPEAKING.replace("        turn(script)", "        turn(open(script.split()[1]).read())")
    )
    project.write("\n".join(lines) + "\n")
    project.up()
    project.reaches(lambda w: len(w.open_asks()) == 2)
    project.reaches(lambda w: w.workstream("bad").state in ("failed", "needs-input"))
    asks = project.world().open_asks()
    assert all("***" in a.detail or "***" in a.what for a in asks)
    for words in (
        ("status", "--json"), ("events", "--json"), ("inbox", "--json"), ("inbox",), ("--report",), ("why", "bad"),
        ("why", "perm"), ("logs", "perm"), ("logs", "ask"), ("logs", "bad"), ("ps",), ("ws", "show", "perm"),
    ):  # fmt: skip
        clean(product(project, *words))
    project.end()
    for file in (*project.folder.root.glob("*.*"), *project.folder.root.glob("backups/*")):
        if file.is_file():
            clean(file.read_bytes())
