"""The record at any revision: what checkpoints lead to is what the log folded from its start leads to."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import histories
from locust_tui.domain import events as e
from locust_tui.domain.events import Event
from locust_tui.domain.people import WORKER, Decision, Person
from locust_tui.domain.states import DecisionKind, GateState
from locust_tui.errors import NotFoundError
from locust_tui.state import rebuild
from locust_tui.state.history import History, death_after, find_moment, time_axis, warnings
from locust_tui.state.log import revision_at
from locust_tui.state.reader import ReadOnlyStore
from locust_tui.state.store import Store

START = 1_700_000_000.0


async def write(path: Path, told: list[Event]) -> None:
    async with Store.open(path, ballast=0) as store:
        for event in told:
            store.append_nowait(event.by, event.body, at=event.at)


@pytest.fixture
async def many(tmp_path: Path) -> Path:
    """A record of 300 events, a minute apart."""
    path = tmp_path / "store.sqlite"
    bodies: list[e.EventBody] = [e.WorkerStarted(7, "boot", "1"), e.ProjectStarted()]
    bodies += [e.WorkstreamReported(f"WS-{n % 9}", progress=n % 100) for n in range(298)]
    await write(path, [Event(n, START + 60 * n, WORKER, body) for n, body in enumerate(bodies, 1)])
    return path


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_worlds_by_checkpoints_are_worlds_from_the_start(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    told = data.draw(histories(max_size=30))
    folder = tmp_path_factory.mktemp("as-of")
    asyncio.run(write(folder / "store.sqlite", told))
    history = History(every=data.draw(st.integers(1, 7)), most=data.draw(st.integers(1, 4)))
    steps = data.draw(st.lists(st.integers(0, len(told) + 1), min_size=1, max_size=12))
    with ReadOnlyStore(folder / "store.sqlite") as store:
        kept = []
        for revision in steps:
            world = history.world(store.connection, revision)
            assert world == rebuild.fold_log(store.connection, upto=revision)
            kept.append((revision, world))
        for revision, world in kept:  # later steps change none of what was given out
            assert world == rebuild.fold_log(store.connection, upto=revision)
    shutil.rmtree(folder)


async def test_checkpoints_are_bounded_and_reach_back_to_the_beginning(many: Path) -> None:
    history = History(every=10, most=8)
    with ReadOnlyStore(many) as store:
        history.world(store.connection, 300)
        assert len(history.checkpoints) <= 8
        assert history.checkpoints[0] <= 80
        for revision in (299, 300, 150, 151, 3, 0):
            assert history.world(store.connection, revision).revision == revision


async def test_a_step_folds_no_more_than_to_the_nearest_checkpoint(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded = 0

    def counting(*args: object) -> object:
        nonlocal folded
        folded += 1
        return apply(*args)  # type: ignore[arg-type]

    from locust_tui.state import history as module

    apply = module.apply
    monkeypatch.setattr(module, "apply", counting)
    history = History(every=50)
    with ReadOnlyStore(many) as store:
        history.world(store.connection, 300)
        assert folded == 300
        for revision, most in ((299, 49), (298, 49), (299, 1), (120, 20), (121, 1), (121, 0)):
            folded = 0
            history.world(store.connection, revision)
            assert folded <= most, revision


async def test_checkpoints_of_a_record_that_was_replaced_are_not_used(many: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    await write(
        other,
        [Event(n, START, WORKER, e.WorkstreamReported("X", progress=n % 100)) for n in range(1, 301)],
    )
    history = History(every=50)
    with ReadOnlyStore(many) as store:
        history.world(store.connection, 300)
    with ReadOnlyStore(other) as store:
        for revision in (300, 120):
            found = history.world(store.connection, revision)
            assert found == rebuild.fold_log(store.connection, upto=revision)


async def test_decisions_put_back_later_count_from_where_they_stand(tmp_path: Path) -> None:
    ana = Person("ana")
    go = e.GateDecided("g", Decision(DecisionKind.GO, ana, START))
    bodies: list[tuple[float, e.EventBody]] = [
        (START, e.WorkerStarted(7, "b", "1")),
        (START + 10, e.GateMoved("g", GateState.NOT_DUE, GateState.PENDING)),
        (START + 100, e.WorkerStarted(8, "b", "1")),
        (START + 5, go),  # lost with the database, put back by the journal
        (START + 101, e.Noted("error", "1 decision was put back from decisions.jsonl")),
    ]
    path = tmp_path / "store.sqlite"
    await write(path, [Event(n, at, WORKER, body) for n, (at, body) in enumerate(bodies, 1)])
    with ReadOnlyStore(path) as store:
        assert [revision_at(store.connection, START + at) for at in (-1, 0, 20, 99, 100, 101)] == [
            0,
            1,
            2,
            2,
            4,
            5,
        ]
        assert store.world_at(START + 20).gate("g").state is GateState.PENDING
        assert store.world_at(START + 200).gate("g").state is GateState.GO
        assert warnings(store, 4) == ()
        (told,) = warnings(store, 5)
        assert "may not tell everything: r5: 1 decision was put back" in told
        axis = time_axis(store)
        assert axis is not None
        assert list(axis.stamps) == sorted(axis.stamps)
        assert axis.warnings == (told,)
        died = death_after(store, History().world(store.connection, 2))
        assert died is not None
        assert "worker 7 wrote nothing more" in died
        assert death_after(store, History().world(store.connection, 1)) is None


async def test_a_log_that_was_tampered_with_says_from_where(many: Path) -> None:
    import sqlite3

    with sqlite3.connect(many) as connection:
        connection.execute("DROP TRIGGER events_are_never_changed")
        connection.execute("UPDATE events SET at = at + 1 WHERE revision = 201")
    with ReadOnlyStore(many) as store:
        axis = time_axis(store)
        assert axis is not None
        assert axis.warnings == warnings(store, 300)
        assert warnings(store, 200) == ()
        assert any("from r201 on the log is not as it was written" in w for w in warnings(store, 300))


async def test_unknown_moments_name_what_there_is(many: Path) -> None:
    from locust_tui.analysis.moments import AtEvent, AtRevision, AtWeek

    with ReadOnlyStore(many) as store:
        with pytest.raises(NotFoundError, match="no revision 999") as error:
            find_moment(store, AtRevision(999), time.time())
        assert error.value.help == "it goes from r1 to r300"
        with pytest.raises(NotFoundError, match="no weeks yet"):
            find_moment(store, AtWeek(2), time.time())
        with pytest.raises(NotFoundError, match="is on the record"):
            find_moment(store, AtEvent("gate", "g1"), time.time())
        assert find_moment(store, AtEvent("start"), time.time()).revision == 2
