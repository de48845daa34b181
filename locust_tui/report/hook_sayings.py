"""In words: what hooks and scheduled reports did."""

from __future__ import annotations

from ..domain import events as e
from ..domain.events.watching import MOST_MISSED
from .saying import Said, joined, say

_LONGEST = 300


@say.register
def _(body: e.HookArmed) -> Said:
    if not body.when:
        return Said("stopped", "the plan has this hook no more")
    since = f" from revision {body.seen} on" if body.seen else ""
    return Said("info", f"the hook waits for {body.when}{since}")


@say.register
def _(body: e.HookBegan) -> Said:
    return Said("running", f"the hook's shell begins for {body.trigger}")


@say.register
def _(body: e.HookRan) -> Said:
    said = " ".join(body.said.split())[:_LONGEST]
    return Said("pass" if body.ok else "fail", joined(f"the hook ran for {body.trigger}", said))


@say.register
def _(body: e.HookMissed) -> Said:
    least = "at least " if body.count >= MOST_MISSED else ""
    times = "once" if body.count == 1 else f"{least}{body.count} times"
    return Said("stale", joined(f"the hook was missed {times}, last for {body.last}", body.why))


@say.register
def _(body: e.ReportWritten) -> Said:
    return Said("done", f"report {body.report} of week {body.week}, due {body.due}, stands in {body.path}")
