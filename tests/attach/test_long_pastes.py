"""A paste into an agent's terminal arrives whole or not at all, however long it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from console import Console

from project import Project, until

PLAN = """\
project: Pastes
agents: {reader: {command: [sh, -c, "stty raw -echo; echo ready; exec cat >got"], pty: true}}
workstreams: {W1: {name: reads, agent: reader, instructions: x}}
"""
Attach = Callable[..., Console]


@pytest.mark.fault(66, "100 000 characters, then 5 MB, are pasted into an agent's terminal")
def test_it_arrives_whole_or_not_at_all(project: Project, attach: Attach) -> None:
    project.write(PLAN)
    project.up()
    project.reaches(lambda w: w.runs.get("W1.1") and w.runs["W1.1"].pid)
    got = next(iter(until(lambda: list(Path(project.path).glob("**/got")), what="the agent's file")))
    person = attach("W1")
    person.until("ready")
    text = "".join(f"line {n:05}\t\n" for n in range(8_000))
    paste(person, text)
    typed = text.replace("\n", "\r").encode()
    until(lambda: person.pump(0) and got.stat().st_size >= len(typed), what="the text")
    assert got.read_bytes() == typed
    paste(person, "x" * 5_000_000)
    person.until("none of it was typed")
    assert got.read_bytes() == typed
    person.type("\x1d")
    assert person.ends() == 0


def paste(person: Console, text: str) -> None:
    data = f"\x1b[200~{text}\x1b[201~"
    for start in range(0, len(data), 4_096):
        person.type(data[start : start + 4_096])
        person.pump(0)
