"""Hooks of a real worker: once for every event whoever is killed, by the clock, and never with a person's word."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from locust_tui.client.requests import (
    AddToPlan,
    Ping,
    RemoveMemory,
    RunHook,
    Shutdown,
    StoreMemory,
    TakeFromPlan,
)
from locust_tui.domain.events import EventBody, HookArmed, HookMissed, HookRan, MemoryStored, Noted
from locust_tui.domain.people import WORKER
from locust_tui.errors import LocustTuiError
from locust_tui.state.store import Store
from locust_tui.worker.coordination.hook_lanes import Lane, Lanes
from project import Project, is_running, until

PLAN = """\
project: {name: P}
workstreams: {a: {run: "true", needs: never}}
gates: {never: {approvers: [nobody]}}
"""


def hook(project: Project, name: str, **keys: object) -> None:
    project.ask(AddToPlan(((f"hooks/{name}", json.dumps(keys)),)))
    if keys.keys() & {"event", "cron"}:
        project.reaches(lambda w: name in w.hooks)


def runs(project: Project, name: str) -> list[HookRan]:
    return [e for e in project.events(HookRan) if e.hook == name]


def value(project: Project, key: str) -> object:
    found = project.world().memory.get(key)
    return json.loads(found.value) if found is not None and found.value else None


@pytest.fixture
def up(project: Project) -> Project:
    project.write(PLAN)
    project.up()
    return project


def test_a_pipeline_runs_after_an_event_with_the_event_at_hand(up: Project) -> None:
    up.ask(StoreMemory("x/before", "1"))
    hook(
        up,
        "h",
        event="key-changed:x/*",
        do="memory store seen/{revision}\nmemory get {key} | memory store copy",
    )
    up.ask(StoreMemory("x/a", '{"n": [1, "two"]}'))
    up.ask(StoreMemory("y", "1"))
    world = up.reaches(lambda w: w.hooks["h"].runs == 1)
    (ran,) = runs(up, "h")
    assert ran.ok, ran.said
    assert value(up, "copy") == {"n": [1, "two"]}
    told = value(up, f"seen/{ran.trigger[1:]}")
    assert isinstance(told, dict)
    assert (told["kind"], told["data"]["key"]) == ("memory.stored", "x/a")
    assert world.memory["copy"].by == "hook:h"
    up.assert_sound()


def test_a_failing_line_ends_the_run_and_is_recorded(up: Project) -> None:
    hook(up, "h", do="memory get nothing | memory store k\nmemory store later --value 1")
    told = up.ask(RunHook("h", by="ana")).data
    assert not told["ok"]
    assert "there is no memory of nothing" in told["said"]
    assert value(up, "later") is None
    (ran,) = runs(up, "h")
    assert (ran.ok, ran.trigger) == (False, "ana")


def test_called_back_with_a_value(up: Project) -> None:
    hook(up, "h", do="summarize --json")
    told = up.ask(RunHook("h", input='[{"progress": 40}, {"progress": 60}]', about="k")).data
    assert json.loads(told["said"])["progress"] == 50.0
    assert runs(up, "h")[0].trigger == "key k"


def test_every_event_is_answered_once_whoever_is_killed(up: Project) -> None:
    hook(up, "h", event="key-changed:x/*", do="memory store log/{key}\nmemory store last --value {revision}")
    written = 0
    for _ in range(4):
        for _ in range(3):
            written += 1
            up.ask(StoreMemory(f"x/{written}", str(written)))
        up.reaches(lambda w, n=written: w.hooks["h"].runs >= n - 3)  # type: ignore[misc]
        up.kill()
        up.up()
    up.reaches(lambda w: w.hooks["h"].runs == written, 60)
    stored = Counter(e.key for e in up.events(MemoryStored) if e.key.startswith("log/"))
    assert stored == {f"log/x/{n}": 1 for n in range(1, written + 1)}
    assert Counter(r.trigger for r in runs(up, "h")).most_common(1)[0][1] == 1
    assert all(r.ok for r in runs(up, "h")), runs(up, "h")
    up.assert_sound()


def test_a_run_that_was_cut_off_is_run_again_and_changes_nothing_twice(up: Project) -> None:
    """Killed between a hook's first effect and its last: its requests have the keys that they had."""
    hook(
        up,
        "h",
        event="key-changed:x",
        do="memory store first --value 1\nlogs nobody\nmemory store last --value 1",
    )
    up.ask(StoreMemory("x", "1"))
    up.reaches(lambda w: "first" in w.memory)
    up.kill()
    up.up()
    up.reaches(lambda w: w.hooks["h"].runs == 1)
    assert [e.version for e in up.events(MemoryStored) if e.key == "first"] == [1]


def test_a_shell_that_was_cut_off_is_not_run_again(up: Project) -> None:
    hook(up, "h", event="key-changed:x", shell=True, do="echo $$ >> begun; while :; do sleep 0.05; done")
    up.ask(StoreMemory("x", "1"))
    begun = up.path / "begun"
    until(lambda: begun.exists() and begun.read_text())
    shell = int(begun.read_text())
    up.kill()
    os.kill(shell, 9)
    up.up()
    up.reaches(lambda w: w.hooks["h"].runs == 1)
    (ran,) = runs(up, "h")
    assert (ran.ok, "not run again" in ran.said) == (False, True)
    assert len(begun.read_text().splitlines()) == 1


def test_the_end_of_the_worker_ends_what_a_hook_runs(up: Project) -> None:
    hook(up, "h", event="key-changed:x", shell=True, do="echo $$ > begun; sleep 600")
    up.ask(StoreMemory("x", "1"))
    begun = up.path / "begun"
    until(lambda: begun.exists() and begun.read_text().strip())
    pid = int(begun.read_text())
    up.end()
    until(lambda: not is_running(pid), what="the end of the shell")


def test_the_last_events_are_answered_before_the_worker_ends(project: Project) -> None:
    """As `run` has it: the worker is stopped the moment that nothing can move any more."""
    plan = 'project: {name: P}\nworkstreams: {a: {run: "exit 3"}}\n'
    project.write(
        plan
        + "hooks: {h: {event: blocker-detected, do: 'memory store log/{workstream} --value {revision}'}}\n"
    )
    project.up()
    project.ends()
    project.ask(Shutdown())
    until(lambda: not is_running(project.pid()))
    assert [r.ok for r in runs(project, "h")] == [True]
    assert value(project, "log/a") is not None


def test_a_hook_has_an_agents_scope(up: Project) -> None:
    """Also what a trusted shell starts: no gate, no trust, no more hooks."""
    tui = f"{os.sys.executable} -m locust_tui"  # type: ignore[attr-defined]
    script = f"{tui} gate approve never; {tui} trust {up.plan} --yes; {tui} hooks rm h; {tui} memory store ok --value 1"
    hook(up, "h", shell=True, do=f"({script}) 2>&1")
    told = up.ask(RunHook("h"), timeout=60).data
    assert told["said"].count("only people may") + told["said"].count("is for people") >= 3, told["said"]
    assert value(up, "ok") == 1
    assert up.world().memory["ok"].by == "hook:h"
    assert up.world().additions["hooks/h"].value
    assert up.refused(RunHook("none")).exit_code == 3


def test_what_an_agent_wrote_becomes_no_option(up: Project) -> None:
    hook(up, "h", event="workstream.reported", do="message send operator {note}")
    hook(up, "g", event="workstream.reported", do="hooks notify --to operator --message {note}")
    up.ask(StoreMemory("locust/a/status", '{"note": "--plan=/elsewhere"}'))
    up.reaches(lambda w: w.hooks["h"].runs == 1 and w.hooks["g"].runs == 1)
    assert "became --plan=/elsewhere, which is an option" in runs(up, "h")[0].said
    assert runs(up, "g")[0].ok, runs(up, "g")
    assert [m.text for m in up.world().messages.values()] == ["--plan=/elsewhere"]


def test_hooks_that_set_each_other_off_come_to_an_end(up: Project) -> None:
    hook(up, "ping", event="key-changed:ping", do="memory store pong --value {revision}")
    hook(up, "pong", event="key-changed:pong", do="memory store ping --value {revision}")
    up.ask(StoreMemory("ping", "0"))
    up.reaches(lambda w: w.hooks["ping"].runs + w.hooks["pong"].runs == 3)
    up.reaches(lambda _: any("3 deep" in n.text for n in up.events(Noted)))
    assert len(runs(up, "ping") + runs(up, "pong")) == 3
    assert {e.by.name for e in up.all_events() if isinstance(e.body, MemoryStored)} > {
        "hook:ping",
        "hook:pong/2",
    }


def test_a_hook_runs_so_often_a_minute_and_the_rest_waits(up: Project) -> None:
    hook(up, "h", event="key-changed:x/*", shell=True, do="true")
    for n in range(33):
        up.ask(StoreMemory(f"x/{n}", "1"))
    up.reaches(lambda _: any("30 times within a minute" in n.text for n in up.events(Noted)))
    assert len(runs(up, "h")) == 30


def test_a_hook_that_is_removed_and_added_anew_answers_nothing_of_before(up: Project) -> None:
    hook(up, "h", event="key-changed:x", do="memory store n --value {revision}")
    up.ask(StoreMemory("x", "1"))
    up.reaches(lambda w: w.hooks["h"].runs == 1)
    up.ask(TakeFromPlan(("hooks/h",)))
    up.reaches(lambda w: not w.hooks["h"].when)
    up.ask(StoreMemory("x", "2"))
    hook(up, "h", event="key-changed:x", do="memory store n --value {revision}")
    up.reaches(lambda w: w.hooks["h"].when)
    up.ask(RemoveMemory("x"))
    up.reaches(lambda w: w.hooks["h"].runs == 2)
    assert [e.hook for e in up.events(HookArmed)] == ["h", "h", "h"]


async def _past(project: Project, *bodies: EventBody, ago: float) -> None:
    async with Store.open(project.folder.store, ballast=0) as store:
        await store.append(WORKER, *bodies, at=time.time() - ago)


def test_what_was_missed_is_recorded_and_made_up_for_once(project: Project) -> None:
    cron = f"{(time.gmtime().tm_min + 30) % 60} * * * *"
    project.write(PLAN + f"hooks: {{h: {{cron: '{cron}', do: memory store ran --value 1}}}}\n")
    project.folder.prepare()
    asyncio.run(_past(project, HookArmed("h", cron), ago=5 * 3600))
    project.up()
    project.reaches(lambda w: w.hooks["h"].runs == 1)
    (missed,) = project.events(HookMissed)
    (ran,) = runs(project, "h")
    assert (missed.count, ran.trigger, ran.ok) == (5, missed.last, True)
    project.kill()
    project.up()
    hook(project, "other", event="key-changed:x", do="status")
    project.ask(StoreMemory("x", "1"))
    project.reaches(lambda w: w.hooks["other"].runs == 1)
    assert len(runs(project, "h")) == 1


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "h: {do: ps, cron: '61 * * * *'}",
            'hook h: "61 * * * *" is no time for a hook: bad minute',
        ),
        ("h: {do: ps, event: blocker}", 'there is no event "blocker"'),
        ("h: {do: rm -rf /, event: run.ended}", 'a hook can\'t run "rm"'),
        ("h: {do: ps, event: run.ended, cron: '* * * * *'}", "it has both cron and event"),
    ],
)
def test_a_hook_of_the_plan_file_is_checked_where_it_stands(
    project: Project, written: str, told: str
) -> None:
    from locust_tui.plans.reading import read_plan

    project.write(f"{PLAN}hooks:\n  {written}\n", trust=False)
    problems = read_plan(project.plan).problems
    (problem,) = [p for p in problems if p.severity == "error"]
    assert told in problem.message
    assert (problem.line, (problem.col or 0) > 5) == (5, True)


def test_a_shell_in_the_plan_file_wants_trust_and_verbs_do_not(project: Project) -> None:
    from locust_tui.plans.reading import load_plan
    from locust_tui.plans.surface import executable_surface

    project.write(
        f"{PLAN}hooks:\n  s: {{do: make, shell: true, cron: '0 9 * * *'}}\n  v: {{do: ps}}\n", trust=False
    )
    found = [(x.owner, x.use, x.command) for x in executable_surface(load_plan(project.plan))]
    assert [x for x in found if "hook" in x[0]] == [("hook s", "0 9 * * *", "make")]
    with pytest.raises(LocustTuiError):
        project.ask(Ping())


async def test_what_cannot_be_noted_of_a_hook_keeps_it_from_nothing(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "store.db") as store:
        pass
    lanes = Lanes(store, None, None, lambda: 100.0, lambda: None)  # type: ignore[arg-type]
    lanes.note(Lane(), "five events wait")
