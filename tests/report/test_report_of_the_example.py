"""The report of the example plan's third week: the template's headings in their order, and the same bytes whenever it is made.

`UPDATE_GOLDEN=1 pytest tests/report/test_report_of_the_example.py` writes the golden files anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from seed_weeks import ANA, GOLDEN, moment

from locust_tui.cli.verbs.report import news, rendered
from locust_tui.client.report_study import read_record, recorded_ground
from locust_tui.domain.events import MemoryStored, RiskMoved
from locust_tui.domain.states import RiskState
from locust_tui.errors import UsageError
from locust_tui.report.build import report_of
from locust_tui.state.folder import StateFolder
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

FORMS = {"md": "md", "text": "txt", "json": "json", "html": "html"}
TEMPLATE = """\
# Locust Development Status - Week 3

## Overall Progress
- Phase:
- Completion:
- On Track:

## Domain Status
### Core Framework (Phase 1)
- Progress:
- Blockers:
- Next Week:

### Plugin Development (Phase 2-3)
- Progress:
- Blockers:
- Next Week:

### Integration (Phase 4)
- Progress:
- Blockers:
- Next Week:

## Risk Register
1.

## Decisions Required
1.

## Resource Adjustments
-
""".splitlines()


def made(plan: Path, form: str, *, week: int = 3, now: float | None = None) -> str:
    with ReadOnlyStore(StateFolder(plan).store) as store:
        record = read_record(store)
    assert record is not None
    ground = recorded_ground(record, time.time() if now is None else now, week=week)
    return rendered(report_of(ground), form)


@pytest.mark.parametrize("form", FORMS)
def test_week_three_reads_as_it_was_agreed(seed: Path, form: str) -> None:
    golden = GOLDEN / f"week-3.{FORMS[form]}"
    text = made(seed, form)
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text(), "UPDATE_GOLDEN=1 writes it anew, where it is better now"


def test_it_begins_with_the_template(seed: Path) -> None:
    """Every heading and bullet of the template, in its order and with nothing else on its level, before all that is added."""
    text = made(seed, "md")
    ours = text.partition("\n## Forecast")[0].splitlines()
    kept = [line for line in ours if not line.startswith("  ")]
    shapes, wanted = [shape(line) for line in kept], [shape(line) for line in TEMPLATE]
    assert once(shapes) == once(wanted)


def shape(line: str) -> str:
    if line[:2].rstrip(".").isdigit():
        return "1."
    if line.startswith("- "):
        label, colon, _ = line.partition(":")
        return f"{label}:" if colon and label in ("- Phase", "- Completion", "- On Track", "- Progress", "- Blockers", "- Next Week") else "-"  # fmt: skip
    return line.rstrip()


def once(lines: list[str]) -> list[str]:
    """A list's further items left out, and blank lines."""
    kept = [line for line in lines if line]
    return [line for n, line in enumerate(kept) if line not in ("1.", "-") or n == 0 or kept[n - 1] != line]


def test_a_past_week_is_the_same_whatever_happened_since(seed: Path) -> None:
    first = [made(seed, form) for form in FORMS]

    async def go_on() -> None:
        async with Store.open(StateFolder(seed).store, ballast=0) as store:
            await store.append(ANA, MemoryStored("after/it", "1", 1), at=moment("2025-12-20T10:00"))
            await store.append(ANA, RiskMoved("R1", RiskState.CLOSED, "over"), at=moment("2025-12-20T11:00"))

    asyncio.run(go_on())
    assert [made(seed, form, now=time.time() + 1e6) for form in FORMS] == first
    assert not any("nobody knew" in text for text in first)


def test_it_is_the_same_in_any_process(seed_once: Path, tmp_path: Path) -> None:
    """Whatever the order of sets, the time zone and the language of the process."""
    ways = (
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
        {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
    )
    outs = []
    for number, way in enumerate(ways):
        names = [tmp_path / f"w{number}.{suffix}" for suffix in FORMS.values()]
        command = [sys.executable, "-m", "locust_tui", "report", "--week", "3"]
        for name in names:
            command += ["--out", str(name)]
        subprocess.run(
            command, cwd=seed_once.parent, env={**os.environ, **way}, check=True, capture_output=True
        )
        outs.append([name.read_bytes() for name in names])
    assert outs[0] == outs[1]
    assert outs[0] == [made(seed_once, form).encode() for form in FORMS]


def test_a_week_that_has_not_begun_is_refused(seed: Path) -> None:
    with pytest.raises(UsageError, match="week 99 has not begun: the plan is in week 4"):
        made(seed, "md", week=99, now=moment("2025-12-10T10:00"))


def test_the_first_week_has_nothing_to_be_compared_with(seed: Path) -> None:
    text = made(seed, "md", week=1)
    assert "since week 0" not in text
    assert "## Since Last Week" not in text
    assert "## Plan Changes" not in text


def test_the_present_week_knows_what_came_later(seed: Path) -> None:
    text = made(seed, "md", week=4, now=moment("2025-12-10T10:00"))
    assert "- Completion: 19%" in text
    assert "go by ana, 09 Dec 11:00: good enough" in text
    assert "pending → go" in text or "not-due → go" in text


def test_what_is_new_stands_alone_where_it_is_asked_for(seed: Path) -> None:
    with ReadOnlyStore(StateFolder(seed).store) as store:
        record = read_record(store)
    assert record is not None
    third = report_of(recorded_ground(record, time.time(), week=3))
    told = news(third, "md")
    assert told.startswith("# Locust Development Status - Week 3\n\n## Since Last Week\n")
    assert told.count("\n## ") == 1
    assert told.partition("## Since Last Week\n")[2].strip() in rendered(third, "md")
    assert "WS-03 Ratatui Adapters" in news(third, "text")
    assert json.loads(news(third, "json"))["from_revision"] > 0
    first = report_of(recorded_ground(record, time.time(), week=1))
    assert "no week before" in news(first, "md")
    assert json.loads(news(first, "json")) is None
    with pytest.raises(UsageError, match="no page"):
        news(third, "html")
