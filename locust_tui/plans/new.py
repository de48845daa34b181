"""A first plan, with comments that say what to write where."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import RefusedError
from .find import DEFAULT_NAME
from .marks import scalar

_TEXT = """\
# What should happen, and in which order. Check it with: locust-tui check {file}
project: {name}

# How to start an agent; {{instructions}} becomes one argument, whatever it holds. For example:
#   coder: {{command: "claude -p {{instructions}}"}}
agents:
  coder: {{command: "locust-tui agent demo {{workstream}}"}} # a scripted agent, to try the plan with

# The work. Each workstream has a command (run), or instructions for an agent.
workstreams:
  design:
    agent: coder
    instructions: Write down what the program must do, in docs/design.md.
  build:
    needs: design # starts when design is accepted
    agent: coder
    instructions: Write the program as docs/design.md says.
  test:
    needs: build
    run: echo "put your test command here" # a text is run by the shell, a list as it stands

# A gate opens when its criteria pass and somebody says yes.
gates:
  ship:
    needs: [test]
    criteria:
      - {{name: tests pass, run: echo "measured again at the gate"}}
      - manual: Is it ready to ship?

# Further on: phases, orchestrators, kpis, risks, reports. All keys: locust-tui schema
"""


def new_plan_text(name: str, file: str = DEFAULT_NAME) -> str:
    """A first plan for the project `name`; it reads without errors and runs without a network."""
    return _TEXT.format(name=scalar(name), file=file)


def write_new_plan(path: str | os.PathLike[str], name: str | None = None) -> Path:
    """Write a first plan to `path`, or to locust-plan.yaml in it when it is a folder.

    Never over an existing file: that raises RefusedError.
    """
    target = Path(path)
    if target.is_dir():
        target = target / DEFAULT_NAME
    text = new_plan_text(name or target.absolute().parent.name or "My project", target.name)
    try:
        with open(target, "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise RefusedError(
            f"{target} is already there", help="locust-tui check it, or give another name"
        ) from None
    return target
