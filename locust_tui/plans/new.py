"""A first plan, with comments that say what to write where."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import OutputError, RefusedError
from .find import DEFAULT_NAME
from .marks import scalar

_TEXT = """\
# What should happen, and in which order. Check it with: locust-tui check {file}
project: {name}

# The work. Each workstream has a command (run), or an agent and instructions.
workstreams:
  build:
    run: mkdir -p build && date > build/app # your command; a text is run by the shell, a list as it stands
  test:
    needs: build # starts when build is accepted: it ended with exit code 0
    run: test -s build/app
  guide:
    needs: build
    agent: demo # a scripted agent, which needs no model
    instructions: Write a guide for users, in docs/guide.md.
    deliverables:
      - {{id: guide, files: [docs/guide.md]}} # verified when the file is there

# A gate opens when its criteria pass and somebody says yes.
gates:
  ship:
    needs: [test, guide]
    criteria:
      - {{name: the app is there, files: [build/app]}}
      - {{name: the tests pass, run: test -s build/app}}
#     - manual: Is it ready to ship? # a question that only a person can answer

# A real agent: name it here, and say agent: coder in a workstream. {{instructions}} becomes one argument.
# agents:
#   coder: {{command: "claude -p {{instructions}}"}}

# Further on: phases, weeks, orchestrators, kpis, risks, reports. All keys: locust-tui schema
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
            f"{target} exists already; nothing was written",
            help=f"look at it with: locust-tui check {target}; or write another: locust-tui new other.plan.yaml",
        ) from None
    except OSError as error:
        raise OutputError(
            f"{target} could not be written: {(error.strerror or 'unknown error').lower()}"
        ) from None
    return target
