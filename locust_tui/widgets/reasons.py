"""Why a piece stands still, said as short as its place wants it."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import cell_len

from locust_tui.domain.snapshot import WorkstreamView
from locust_tui.domain.states import CriterionState

from .row import shown


def _late(match: re.Match[str]) -> str:
    late = float(match[2]) - float(match[3])
    return f"finish {late:.1f} wk late" if match[1] == "50" else f"finish may be {late:.1f} wk late"


_SHORTER: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\bgate (\S+) is shut"), r"\1 shut"),
    (re.compile(r"\bgate (\S+) is killed"), r"\1 killed"),
    (re.compile(r"(\S+) \((\d+) % of (\d+) %\)"), r"\1 \2/\3 %"),
    (re.compile(r"\bwaits for a yes of "), "wants "),
    (re.compile(r"\baccepted only after "), "after "),
    (re.compile(r"\bno free slot in pool "), "no slot in "),
    (re.compile(r"\bthe plan has not been started"), "plan not started"),
    (re.compile(r"\bno worker is running"), "no worker"),
    (re.compile(r"\bits result is being checked"), "being checked"),
    (re.compile(r"\bcheck (.+?) could not be measured"), r"\1 not measured"),
    (re.compile(r"\bcheck (.+?) failed"), r"\1 failed"),
    (re.compile(r"\bplanned for week (\d+)"), r"from week \1"),
    (re.compile(r"\bfinish P(50|85) wk ([\d.]+), window ends wk ([\d.]+)"), _late),
    (re.compile(r"\bprogress \d+ %, plan \d+ %: (\d+) points behind"), r"\1 points behind"),
    (re.compile(r"\bschedule performance index ([\d.]+), below [\d.]+"), r"SPI \1"),
    (re.compile(r"\bcritical workstream (\S+) (.+) for \d+ working days"), r"\1 \2"),
    (re.compile(r"\bgate (\S+) is (\d+) working days overdue"), r"\1 \2 days overdue"),
    (re.compile(r"\bgate (\S+) is (overdue|on hold)"), r"\1 \2"),
    (re.compile(r"\brisk (\S+) has triggered: .*"), r"risk \1 triggered"),
    (re.compile(r"\brisk (\S+) scores \S+ and has no response: .*"), r"risk \1 unanswered"),
    (re.compile(r"; "), " · "),
)
_TO_RUN = re.compile(r"\d+ of \d+ checks still to run")
_PASSED = frozenset({CriterionState.PASS, CriterionState.WAIVED})


def shorter(why: str) -> str:
    """The same reason in fewer words: "g1 shut", "needs WS-05 33/40 %"."""
    for long, short in _SHORTER:
        why = long.sub(short, why)
    return why


def reason_within(workstream: WorkstreamView, words: str, width: int) -> str:
    """`words` whole where they fit, else the shorter form, that may still be too long."""
    if cell_len(shown(words)) <= width:
        return words
    if workstream.checks:
        words = _TO_RUN.sub(checks_passed(workstream), words)
    return shorter(words)


def checks_passed(workstream: WorkstreamView) -> str:
    """ "2/3 checks"; "no checks"."""
    if not workstream.checks:
        return "no checks"
    passed = sum(1 for c in workstream.checks if c.state in _PASSED)
    return f"{passed}/{len(workstream.checks)} checks"
