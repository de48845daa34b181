"""The one writer of the record: events go in, the world follows at once, and commits are shared by all who wait."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from locust_tui.domain.clock import Clock
from locust_tui.domain.events import EventBody
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError

from . import ballast as reserve
from .codec import decode_body, decode_person, decode_plan, encode_plan
from .errors import StoreError
from .group_commit import Batch, commit, is_busy
from .journal import Entry, StoredPlan
from .log import event_of, row_of
from .opening import LogConnection, Opening, open_log
from .projections import DELTA, absorb, head_of, replace
from .readmit import steps
from .sqlite_thread import JobConnection, SqliteThread, finish
from .trial import Trial
from .upkeep import Upkeep

KEEP_REPLIES_S = 30 * 86_400.0
_BUSY_TRIES = 12


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered to an idempotency key, and the revision that its call led to."""

    revision: int
    at: float
    body: bytes | None


class Store:
    """Use `async with Store.open(path) as store`. All methods belong to the event loop that opened it.

    `world` is the fold of every event appended so far, committed or about to be; never change it yourself.
    `recovered` says, for people, what had to be repaired at opening; None when nothing was.
    """

    def __init__(self, path: Path, clock: Clock, ballast: reserve.Ballast) -> None:
        self.path = path
        self.world = World()
        self.committed = 0
        """The last revision that is durable."""
        self.recovered: str | None = None
        self._clock = clock
        self._opening = Opening()
        self._thread = SqliteThread(lambda: open_log(path, clock(), ballast, self._opening))
        self._upkeep: Upkeep
        self._connection: LogConnection
        self._batch = Batch()
        self._flushing: asyncio.Task[None] | None = None
        self._subscribers: list[Callable[[int], None]] = []
        self._keys: dict[str, int] = {}
        self._plans: dict[str, Plan] = {}
        self._stale = False
        self._closed = False
        self._trouble: str | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, clock: Clock = time.time, *, ballast: int = reserve.SIZE
    ) -> AsyncIterator[Store]:
        """The store at `path`, made, migrated or repaired first where needed; closed at the end, come what may.

        `ballast` is the size in bytes of the disk space held in reserve. Raises what `opening.open_log` raises.
        """
        store = cls(path, clock, reserve.Ballast(path.with_name("ballast"), ballast))
        await store._open()
        try:
            yield store
        finally:
            await finish(store._close())

    @property
    def trouble(self) -> str | None:
        """What a person should know about the record now (locked, moved, grown, unwritable), or None."""
        return self._trouble or self._connection.journal.trouble or self._upkeep.trouble

    def append_nowait(
        self,
        by: Person,
        *bodies: EventBody,
        key: str | None = None,
        reply: bytes | None = None,
        at: float | None = None,
    ) -> asyncio.Future[int]:
        """Apply `bodies` to the world now and write them soon; the future is done after their commit.

        All or nothing: IllegalTransitionError (or KeyError for a run that was never created) leaves world and log
        as they were. The result is the revision of the last body. `key` makes the call idempotent: a key seen
        before applies nothing and leads to its first revision; `reply` is kept for `reply_for`.
        The future raises StoreError when the commit fails; then none of what waited is in the world any more.
        """
        self._check_usable()
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if key is not None and key in self._keys:
            self._batch.waiters.append((future, self._keys[key]))
        else:
            self._batch.waiters.append((future, self._admit(by, bodies, key, reply, at)))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return future

    async def append(
        self,
        by: Person,
        *bodies: EventBody,
        key: str | None = None,
        reply: bytes | None = None,
        at: float | None = None,
    ) -> int:
        """Like `append_nowait`, returning after the commit. Cancelling the wait does not take the events back."""
        if self._stale:
            await self._reload()
        return await self.append_nowait(by, *bodies, key=key, reply=reply, at=at)

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call `callback(revision)` after each commit; returns what ends that. It must not block."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    async def put_plan(self, digest: str, path: str, text: str, plan: Plan) -> None:
        """Keep a plan under its digest, for `PlanAccepted` to name; the same digest again changes nothing."""
        self._check_usable()
        self._plans[digest] = plan
        self._batch.plans.append(StoredPlan(digest, path, encode_plan(plan), text, self._clock()))
        await self.append_nowait(Person("worker"))

    async def get_plan(self, digest: str) -> Plan:
        """The plan kept under `digest`; NotFoundError."""
        plan = self._plans.get(digest)
        if plan is None:
            row = await self._thread.run(
                lambda c: c.execute("SELECT body FROM plans WHERE digest = ?", (digest,)).fetchone()
            )
            if row is None:
                raise NotFoundError(f"no plan with digest {digest} was ever in force")
            plan = self._plans[digest] = decode_plan(row[0])
        return plan

    async def reply_for(self, key: str) -> Reply | None:
        """What was answered to `key`, once that is durable; None for a key never seen."""
        if key not in self._keys:
            return None
        if self._flushing is not None:
            await asyncio.shield(self._flushing)
        row = await self._thread.run(
            lambda c: c.execute("SELECT revision, at, reply FROM requests WHERE key = ?", (key,)).fetchone()
        )
        return Reply(*row) if row else None

    async def backup(self) -> Path:
        """Write a backup now, beside the hourly ones."""
        return await self._upkeep.backup()

    def _check_usable(self) -> None:
        if self._closed:
            raise StoreError("the record is closed")
        if self._stale:
            raise StoreError(f"the record cannot be written: {self._trouble}")

    def _admit(
        self,
        by: Person,
        bodies: tuple[EventBody, ...],
        key: str | None,
        reply: bytes | None,
        at: float | None,
    ) -> int:
        moment = self._clock() if at is None else at
        trial = Trial(self.world, many=len(bodies) > 1)
        rows = []
        for body in bodies:
            row = row_of(trial.world.revision + 1, moment, by, body)
            trial.apply(event_of(row))
            rows.append(row)
        trial.keep()
        batch, revision = self._batch, self.world.revision
        batch.rows += rows
        batch.touched.update(trial.touched)
        if key is not None:
            self._keys[key] = revision
            batch.replies.append((key, moment, revision, reply))
        return revision

    async def _flush(self) -> None:
        """Commit all that waits, again and again until nothing does."""
        try:
            while self._batch.waiters:
                batch, self._batch = self._batch, Batch()
                try:
                    await self._commit(batch)
                except (sqlite3.Error, OSError, StoreError, OverflowError) as error:
                    await self._fail(batch, error)
                    continue
                for future, revision in batch.waiters:
                    if not future.done():
                        future.set_result(revision)
                if not batch.empty:
                    self._announce()
        finally:
            self._flushing = None

    async def _commit(self, batch: Batch) -> None:
        if batch.empty:
            return
        batch.seal(self.world)
        for tries in range(1, _BUSY_TRIES + 1):
            try:
                await self._thread.run(lambda _: commit(self._connection, batch))
            except sqlite3.OperationalError as error:
                if not is_busy(error) or tries == _BUSY_TRIES:
                    raise
                self._trouble = f"another program holds {self.path.name} locked; changes wait"
            else:
                self._trouble = None
                self.committed = max(self.committed, batch.revision)
                self._upkeep.committed()
                return

    async def _fail(self, batch: Batch, error: Exception) -> None:
        """Nothing that waits was kept: back to what the database holds, and tell every caller."""
        self._stale = True
        self._trouble = str(error)
        waiters = batch.waiters + self._batch.waiters
        self._batch = Batch()
        await self._reload()
        help_ = error.help if isinstance(error, StoreError) else "see `doctor`; nothing acknowledged is lost"
        for future, _ in waiters:
            if not future.done():
                future.set_exception(StoreError(f"the record could not be written: {error}", help=help_))

    async def _open(self) -> None:
        await self._thread.open()
        try:
            await self._thread.run(_prune(self._clock() - KEEP_REPLIES_S))
            await self._load()
            self._upkeep = Upkeep(self._thread, self.path, self._connection.inode, self._clock)
            self._upkeep.start()
            await self._readmit(self._opening.lost)
            self.recovered = "; ".join(self._opening.recovered) or None
        except BaseException:
            await finish(self._close())
            raise

    async def _load(self) -> None:
        rows, keys, self._connection = await self._thread.run(_read)
        self._keys = dict(keys)
        self._plans.clear()
        fresh = World()
        absorb(fresh, rows)
        replace(self.world, fresh)
        self.committed = fresh.revision

    async def _reload(self) -> None:
        try:
            await self._load()
        except sqlite3.Error as error:
            self._trouble = f"{self.path} can be neither written nor read: {error}"
        else:
            self._stale = False

    async def _readmit(self, lost: list[Entry]) -> None:
        for entry in lost:
            if entry.plan is not None:
                self._batch.plans.append(entry.plan)
            body = decode_body(entry.kind, entry.data)
            await self.append(decode_person(entry.by), *steps(self.world, body), at=entry.at)
        if lost:
            many = "s were" if len(lost) > 1 else " was"
            self._opening.recovered.append(f"{len(lost)} decision{many} put back from decisions.jsonl")

    async def _close(self) -> None:
        while self._flushing is not None:
            await asyncio.wait([self._flushing])
        self._closed = True
        if hasattr(self, "_upkeep"):
            await self._upkeep.stop()
        await self._thread.close()

    def _announce(self) -> None:
        for callback in tuple(self._subscribers):
            try:
                callback(self.committed)
            except Exception as error:
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "a subscriber of the store failed", "exception": error}
                )


def _read(connection: JobConnection) -> tuple[list[tuple[Any, ...]], list[tuple[str, int]], LogConnection]:
    """Everything the store keeps in memory, and the connection with its place in the chain set right."""
    writer = cast(LogConnection, connection)
    if writer.in_transaction:
        writer.execute("ROLLBACK")
    rows = writer.execute(DELTA, (-1,)).fetchall()
    writer.head = head_of(rows).hash
    return rows, writer.execute("SELECT key, revision FROM requests").fetchall(), writer


def _prune(before: float) -> Callable[[JobConnection], object]:
    return lambda connection: connection.execute("DELETE FROM requests WHERE at < ?", (before,))
