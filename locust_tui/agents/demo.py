"""The scripted agent behind `locust-tui agent demo`: no model, no network, but real files, real time and real reports.

For each deliverable of its workstream it writes the files that the deliverable's check asks for, at the
pace the plan gives where its weeks are scaled down to a minute or less, and reports on stdout as any agent may.
"""

from __future__ import annotations

import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from locust_tui.domain.criterion import ProbeKind
from locust_tui.domain.plan import Deliverable, Plan, Workstream

PACE = 0.8
"""Share of its planned time that the agent takes."""
LONGEST_WEEK_S = 60.0
"""A plan whose weeks are longer is no rehearsal: nobody waits days for a script."""
UNSCALED_S = 3.0
"""What the agent takes for a workstream of such a plan."""

_MODULE = '''"""{title}: part of {workstream}."""

NAME = "{name}"


def handle(event):
    """Consume an event that carries a key; let every other one pass."""
    if "key" not in event:
        return None
    return (NAME, event["key"])


def render(width, height):
    """Draw the frame as rows of text, all of one width."""
    return [f"{{NAME}} {{row}}".ljust(width)[:width] for row in range(height)]
'''

_TESTS = '''"""{title}: part of {workstream}."""

import runpy
import unittest
from pathlib import Path


class EveryModule(unittest.TestCase):
    def test_consumes_its_events_only(self):
        for path in sorted(Path("src").rglob("*.py")):
            space = runpy.run_path(str(path))
            self.assertEqual(space["handle"]({{"key": "x"}}), (space["NAME"], "x"))
            self.assertIsNone(space["handle"]({{}}))


if __name__ == "__main__":
    unittest.main()
'''

_WORKFLOW = """name: {name}
on: [push]
jobs:
  {name}:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python3 -m unittest discover -s tests
"""

_PAGE = "# {title}\n\n{instructions}\n\nPart of {workstream}.\n"


def perform(
    plan: Plan,
    subject: str,
    root: Path,
    say: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Do the work of `subject` below `root`; the exit code. `say` takes one line of output."""
    workstream = plan.workstreams.get(subject)
    if workstream is None:
        return _coordinate(plan, subject, say)
    steps = list(workstream.deliverables)
    pause = _seconds(plan, workstream) / max(1, len(steps))
    say(f"{subject}: {workstream.name}")
    for number, deliverable in enumerate(steps, 1):
        sleep(pause)
        written = list(_make(deliverable, workstream, root))
        for path, size in written:
            say(f"wrote {path} ({size} bytes)")
        note = written[0][0] if written else deliverable.name
        say(f"::locust progress={100 * number // len(steps)},deliverable={deliverable.id}::wrote {note}")
    if not steps:
        sleep(pause)
    say(f"::locust progress=100,next=review::{subject} is ready for review")
    return 0


def _seconds(plan: Plan, workstream: Workstream) -> float:
    if plan.calendar.week_s > LONGEST_WEEK_S:
        return UNSCALED_S
    weeks = workstream.weeks.duration if workstream.weeks else 1
    return PACE * weeks * plan.calendar.week_s


def _coordinate(plan: Plan, subject: str, say: Callable[[str], None]) -> int:
    """An orchestrator's turn: read the plan, say how the work is cut."""
    if subject not in plan.orchestrators and (plan.meta is None or plan.meta.id != subject):
        say(f"{subject} is not in the plan")
        return 1
    for orchestrator in plan.orchestrators.values():
        say(f"{orchestrator.name}: weeks {orchestrator.weeks}, {', '.join(orchestrator.workstreams)}")
    for gate in plan.gates.values():
        say(f"{gate.name}: due in week {gate.week}, {len(gate.criteria)} criteria")
    return 0


def _make(deliverable: Deliverable, workstream: Workstream, root: Path) -> Iterator[tuple[str, int]]:
    probes = deliverable.check.probes if deliverable.check else ()
    for pattern in (p for probe in probes if probe.kind is ProbeKind.FILES for p in probe.patterns):
        if any(sign in pattern for sign in "*?[{"):
            continue
        target = root / pattern
        if not target.resolve().is_relative_to(root.resolve()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.name.endswith(".tar.gz"):
            with tarfile.open(target, "w:gz") as archive:
                archive.add(root / "src", arcname="src")
        else:
            target.write_text(_content(target, deliverable, workstream), encoding="utf-8")
        yield pattern, target.stat().st_size


def _content(target: Path, deliverable: Deliverable, workstream: Workstream) -> str:
    title = deliverable.name.replace("-", " ").capitalize()
    template = {".py": _TESTS if target.name.startswith("test_") else _MODULE, ".yml": _WORKFLOW}.get(
        target.suffix, _PAGE
    )
    return template.format(
        title=title,
        name=deliverable.id,
        workstream=workstream.name,
        instructions=workstream.instructions or "",
    )
