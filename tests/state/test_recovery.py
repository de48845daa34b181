"""A damaged record is set aside, restored as far as copies reach, and nobody is left in the dark about it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from locust_tui.domain import events as e
from locust_tui.domain.people import WORKER, Approval, Decision, Person, Signature, Waiver
from locust_tui.domain.plan import Plan, Project, Workstream
from locust_tui.domain.states import GATE_TRANSITIONS, DecisionKind, GateState, WorkstreamState
from locust_tui.domain.world import GateStatus, World
from locust_tui.state import backups, readmit
from locust_tui.state.errors import StoreError
from locust_tui.state.journal import Journal
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

ANA = Person("ana", role="tech", uid=1000)
PLAN = Plan(Project("Demo", "demo"), {"a": Workstream("a", "A")})
GO = Decision(DecisionKind.GO, ANA, 5.0, note="ship it")


class Clock:
    def __init__(self) -> None:
        self.now = 1.75e9

    def __call__(self) -> float:
        self.now += 60.0
        return self.now


def zeroed(database: Path) -> None:
    with database.open("r+b") as file:
        file.write(b"\0" * 4096)


def garbage(database: Path) -> None:
    database.write_bytes(os.urandom(database.stat().st_size))


def halved(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 2 // 4096 * 4096)


def holed(database: Path) -> None:
    with database.open("r+b") as file:
        for page in range(2, database.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)


def removed(database: Path) -> None:
    database.unlink()


def emptied(database: Path) -> None:
    os.truncate(database, 0)


DAMAGE = [zeroed, garbage, halved, holed, removed, emptied]


async def decide(store: Store) -> None:
    await store.put_plan("d1", "/plan.yaml", "text", PLAN)
    await store.append(ANA, e.PlanAccepted("d1", "/plan.yaml"))
    await store.append(WORKER, e.GateMoved("g", GateState.NOT_DUE, GateState.PENDING))
    await store.append(ANA, e.GateApproved("g", Approval("tech", ANA, 4.0)), e.GateDecided("g", GO))
    await store.append(ANA, e.CriterionSigned("g", Signature("docs", ANA, 5.0)))
    await store.append(ANA, e.CriterionWaived("g", Waiver("speed", ANA, 5.0, "later")))


@pytest.mark.fault(34, "the database is zeroed, overwritten, cut in half, holed, removed, emptied")
@pytest.mark.parametrize("damage", DAMAGE)
async def test_backup_and_journal_bring_a_damaged_record_back(
    database: Path, damage: Callable[[Path], None]
) -> None:
    clock = Clock()
    async with Store.open(database, clock) as store:
        await store.append(WORKER, e.WorkstreamMoved("a", WorkstreamState.PLANNED, WorkstreamState.READY))
        await store.backup()
        await store.append(WORKER, e.WorkstreamMoved("a", WorkstreamState.READY, WorkstreamState.RUNNING))
        await decide(store)
        before = store.world
    damage(database)
    async with Store.open(database, clock) as store:
        said = store.recovered or ""
        assert ("damaged" if damage not in (removed, emptied) else "missing") in said
        assert "restored from the backup store-" in said
        assert "put back from decisions.jsonl" in said
        gate = store.world.gates["g"]
        assert (gate.state, gate.decision) == (GateState.GO, GO)
        assert gate.approvals == before.gates["g"].approvals
        assert gate.signatures == before.gates["g"].signatures
        assert gate.waivers == before.gates["g"].waivers
        assert store.world.project.plan_digest == "d1"
        assert await store.get_plan("d1") == PLAN
        assert store.world.workstreams["a"].state is WorkstreamState.READY
        await store.append(WORKER, e.Noted("error", said))
        restored = store.world
    if damage not in (removed, emptied):
        assert len(list(database.parent.glob("store.db.corrupt-*"))) == 1
    async with Store.open(database, clock) as store:
        assert store.recovered is None
        assert store.world == restored
    with ReadOnlyStore(database) as reader:
        assert reader.verify() is None
        assert reader.differences() == []


@pytest.mark.fault(34, "the database is damaged before the first backup")
async def test_without_a_backup_it_starts_empty_and_says_so(database: Path) -> None:
    async with Store.open(database) as store:
        await decide(store)
    zeroed(database)
    async with Store.open(database) as store:
        assert "no whole backup" in (store.recovered or "")
        assert store.world.gates["g"].state is GateState.GO


@pytest.mark.fault(34, "the newest backup is damaged too")
async def test_a_damaged_backup_is_passed_over(database: Path) -> None:
    clock = Clock()
    async with Store.open(database, clock) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        good = await store.backup()
        await store.append(WORKER, e.Noted("info", "two"))
        zeroed(await store.backup())
    zeroed(database)
    async with Store.open(database, clock) as store:
        assert good.name in (store.recovered or "")
        assert store.world.revision == 1


async def test_a_new_record_is_no_recovery(database: Path) -> None:
    async with Store.open(database) as store:
        assert store.recovered is None


async def test_only_the_newest_backups_are_kept_and_each_is_whole(database: Path) -> None:
    clock = Clock()
    async with Store.open(database, clock) as store:
        made = []
        for i in range(backups.KEEP + 3):
            await store.append(WORKER, e.Noted("info", str(i)))
            made.append(await store.backup())
    assert backups.existing(database) == made[: -backups.KEEP - 1 : -1]
    for revision, backup in enumerate(made[3:], start=4):
        assert backup.stat().st_mode & 0o777 == 0o600
        with ReadOnlyStore(backup) as reader:
            assert reader.read_world().revision == revision


@pytest.mark.fault(
    29, "what a killed backup left lies beside the backups", modelled="see the deaths at every write"
)
async def test_what_a_killed_backup_left_goes_with_the_next(database: Path) -> None:
    folder = backups.folder_of(database)
    async with Store.open(database) as store:
        folder.mkdir(mode=0o700)
        for name in ("store-20200101T000000.000Z.draft", "store-20200101T000000.000Z.draft-journal"):
            (folder / name).write_bytes(b"half of it")
        made = await store.backup()
    assert list(folder.iterdir()) == [made]


async def test_a_lost_write_ahead_log_is_noticed_by_the_decisions_in_it(
    database: Path, tmp_path: Path
) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "one"))
    early = database.read_bytes()
    async with Store.open(database) as store:
        await decide(store)
    database.write_bytes(early)
    async with Store.open(database) as store:
        assert "5 decisions were put back" in (store.recovered or "")
        assert store.world.gates["g"].decision == GO


EVERY_KIND = ["criterion.signed", "criterion.waived", "gate.approved", "gate.decided", "plan.accepted"]


async def test_decisions_are_on_file_before_anyone_is_told(database: Path) -> None:
    journal = Journal(database.with_name("decisions.jsonl"))
    async with Store.open(database) as store:
        store.subscribe(lambda revision: seen.append((revision, [entry.kind for entry in journal.read()[0]])))
        seen: list[tuple[int, list[str]]] = []
        await store.append(ANA, e.Noted("info", "no decision"))
        await store.append(ANA, e.GateApproved("g", Approval("tech", ANA, 4.0)))
    assert seen == [(1, []), (2, ["gate.approved"])]
    assert journal.path.stat().st_mode & 0o777 == 0o600


async def test_an_altered_line_is_skipped_said_and_written_again(database: Path) -> None:
    async with Store.open(database) as store:
        await decide(store)
    journal = Journal(database.with_name("decisions.jsonl"))
    text = journal.path.read_text()
    assert "ship it" in text
    journal.path.write_text(text.replace("ship it", "ship me"))
    async with Store.open(database) as store:
        assert "1 unreadable line skipped" in (store.recovered or "")
        await store.append(WORKER, e.Noted("info", "anything"))
        assert store.world.gates["g"].decision == GO
    entries, broken = journal.read()
    assert broken == 1
    assert sorted({entry.kind for entry in entries}) == EVERY_KIND


@pytest.mark.fault(
    29,
    "a death in the middle of a line of the second copy of decisions",
    modelled="the line is cut short, nobody dies",
)
@pytest.mark.parametrize("kept", [1, 9, 40, -2, -1])
async def test_a_line_whose_writer_was_killed_is_written_anew_and_no_news(database: Path, kept: int) -> None:
    async with Store.open(database) as store:
        await decide(store)
    journal = Journal(database.with_name("decisions.jsonl"))
    whole = journal.path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    journal.path.write_bytes(whole[:last] + whole[last:][:kept])
    async with Store.open(database) as store:
        assert store.recovered is None
        await store.append(ANA, e.GateApproved("g", Approval("tech", ANA, 9.0)))
    content = journal.path.read_bytes()
    assert content.startswith(whole)
    assert journal.read()[1] == 0
    assert content.count(b"\n") == whole.count(b"\n") + 1


@pytest.mark.fault(33, "the file of decisions cannot be written", modelled="a folder lies in its place")
async def test_a_journal_that_cannot_be_written_is_trouble_and_no_loss(database: Path) -> None:
    blocker = database.with_name("decisions.jsonl")
    async with Store.open(database) as store:
        blocker.mkdir()
        assert await store.append(ANA, e.GateApproved("g", Approval("tech", ANA, 4.0))) == 1
        assert "decisions.jsonl cannot be written" in (store.trouble or "")
        blocker.rmdir()
        await store.append(ANA, e.Noted("info", "later"))
        assert store.trouble is None
    assert [entry.kind for entry in Journal(blocker).read()[0]] == ["gate.approved"]


@pytest.mark.parametrize("kind", list(DecisionKind))
@pytest.mark.parametrize("state", list(GateState))
def test_any_decision_can_be_put_back_on_any_gate(state: GateState, kind: DecisionKind) -> None:
    from locust_tui.domain.fold import apply

    world = World(gates={"g": GateStatus("g", state=state)})
    body = e.GateDecided("g", Decision(kind, ANA, 1.0))
    bodies = readmit.steps(world, body)
    assert bodies[-1] == body
    for revision, step in enumerate(bodies, start=1):
        if isinstance(step, e.GateMoved):
            assert step.new in GATE_TRANSITIONS[step.old]
        apply(world, e.Event(revision, 1.0, ANA, step))
    assert world.gates["g"].decision == body.decision


@pytest.mark.fault(35, "the database is moved, replaced, and put back")
async def test_a_record_moved_away_under_the_worker_takes_no_more(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.Noted("info", "one"))
        database.rename(database.with_name("elsewhere.db"))
        with pytest.raises(StoreError, match="could not be written"):
            await store.append(WORKER, e.Noted("info", "two"))
        database.touch()
        with pytest.raises(StoreError, match="moved, replaced or removed"):
            await store.append(WORKER, e.Noted("info", "two"))
        database.with_name("elsewhere.db").rename(database)
        assert await store.append(WORKER, e.Noted("info", "two")) == 2


async def test_projections_that_do_not_stand_where_the_log_ends_are_rebuilt_and_said(database: Path) -> None:
    async with Store.open(database) as store:
        await store.append(WORKER, e.WorkstreamReported("a", progress=5.0))
        world = store.world
    connection = sqlite3.connect(database)
    connection.executescript("UPDATE head SET revision = 0; DELETE FROM workstream_status")
    connection.close()
    async with Store.open(database) as store:
        assert "rebuilt" in (store.recovered or "")
        assert store.world == world
