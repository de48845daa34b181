"""The one writer of the record: events go in, the world follows at once, and commits are shared by all who wait."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from locust_tui.domain.clock import Clock
from locust_tui.domain.events import EventBody, Noted
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Plan
from locust_tui.domain.world import World
from locust_tui.errors import NotFoundError, RefusedError

from . import ballast as reserve
from . import replies
from .codec import decode_body, decode_person, decode_plan, encode_plan
from .committer import Committer
from .errors import StoreError
from .group_commit import Batch, commit
from .health import Health
from .journal import Entry, StoredPlan
from .log import event_of, row_of
from .moved import put_draft_in_place, write_draft
from .opening import LogConnection, open_log
from .projections import DELTA, absorb, head_of, replace
from .readmit import steps
from .repair import Opening
from .sqlite_thread import JobConnection, SqliteThread, finish
from .trial import Trial
from .upkeep import Upkeep

MOST_WAITING = 20_000
"""Events that may wait for one commit; more are refused, so that a record which takes nothing cannot fill the memory."""


class Store:
    """Use `async with Store.open(path) as store`. All methods belong to the event loop that opened it.

    `world` is the fold of every event appended so far, committed or about to be; never change it yourself.
    `recovered` says, for people, what had to be repaired at opening; None when nothing was.
    """

    def __init__(self, path: Path, clock: Clock, ballast: reserve.Ballast) -> None:
        self.path = path
        self.redact: Callable[[EventBody], EventBody] | None = None
        """What every event passes before it is written or believed: it takes out what must not be kept."""
        self.world = World()
        self.committed = 0
        """The last revision that is durable."""
        self.recovered: str | None = None
        self.is_older = False
        """Opening found less than was acknowledged: `recovered` says what became of the rest."""
        self._clock = clock
        self._opening = Opening()
        self._ballast = ballast
        self._thread = SqliteThread(self._open_log)
        self._queue = Committer(self.world, self._write, self._announce, self._failed)
        self._connection: LogConnection
        self._upkeep: Upkeep
        self._health: Health
        self._subscribers: list[Callable[[int], None]] = []
        self._keys: dict[str, int] = {}
        self._plans: dict[str, Plan] = {}
        self._stale = False
        """The world is ahead of a database that can neither be written nor read."""
        self._reloading = asyncio.Lock()
        self._closed = False

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
        """What a person should know about the record now (damaged, locked, moved, grown, unwritable), or None."""
        return self._health.trouble

    @property
    def moved(self) -> bool:
        """The database is not the file of its name any more: until it is, nothing is written."""
        return self._upkeep.moved

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
        if key is not None and key in self._keys:
            return self._queue.wait(self._keys[key])
        revision = self._admit(by, bodies, at, key, reply)
        return self._queue.wait(revision)

    async def append(
        self,
        by: Person,
        *bodies: EventBody,
        key: str | None = None,
        reply: bytes | None = None,
        at: float | None = None,
    ) -> int:
        """Like `append_nowait`, returning after the commit. Cancelling the wait does not take the events back."""
        if self._stale and not self._closed:
            await self._reload()
        return await self.append_nowait(by, *bodies, key=key, reply=reply, at=at)

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call `callback(revision)` after each commit; returns what ends that. It must not block."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def tell_again(self) -> None:
        """Call the subscribers with the last commit once more: what they look at beside the record changed."""
        for callback in tuple(self._subscribers):
            try:
                callback(self.committed)
            except Exception as error:
                asyncio.get_running_loop().call_exception_handler(
                    {"message": "a subscriber of the store failed", "exception": error}
                )

    async def put_plan(self, digest: str, path: str, text: str, plan: Plan) -> None:
        """Keep a plan under its digest, for `PlanAccepted` to name; the same digest again changes nothing."""
        self._check_usable()
        self._plans[digest] = plan
        self._queue.batch.plans.append(StoredPlan(digest, path, encode_plan(plan), text, self._clock()))
        await self._queue.wait(self.world.revision)

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

    async def reply_for(self, key: str) -> replies.Reply | None:
        """What was answered to `key`, once that is durable; None for a key never seen."""
        if key not in self._keys:
            return None
        await self._queue.wait(self.world.revision)
        return await self._thread.run(lambda connection: replies.reply_to(connection, key))

    async def recreate(self, by: Person) -> Path | None:
        """Write the record anew, up to the last commit, where its file was moved, replaced or removed: a person's word.

        Whatever has its name now is set aside; returns as what. Raises RefusedError where the file is in its place,
        StoreError where it cannot be written.
        """
        self._upkeep.look()
        if not self.moved:
            raise RefusedError(f"{self.path} is where it belongs", help="nothing is to be written anew")
        await self._queue.idle()
        async with self._reloading:  # a commit that fails takes it as well: none is waited for in here
            try:
                await self._thread.run(lambda connection: write_draft(connection, self.path))
                self._stale = True  # nothing comes in between two connections
                await finish(self._let_go())
                aside = await asyncio.to_thread(put_draft_in_place, self.path, self._clock())
                self._thread = SqliteThread(self._open_log)
                await self._thread.open()
                await self._load()
            except (sqlite3.Error, OSError) as error:
                raise StoreError(f"{self.path} could not be written anew: {error}") from error
            self._connection.notes_head = True
            self._look_after()
            self._stale, self._queue.trouble = False, None
        await self._readmit(self._opening.lost)
        await self.append(
            by, Noted("warning", f"the record was written anew: {self.path} had been taken away")
        )
        return aside

    async def backup(self) -> Path:
        """Write a backup now, beside the hourly ones."""
        return await self._upkeep.backup()

    def _check_usable(self) -> None:
        if self._closed:
            raise StoreError("the record is closed")
        if self._stale:
            raise StoreError(f"the record cannot be written: {self._queue.trouble}")

    def _admit(
        self,
        by: Person,
        bodies: tuple[EventBody, ...],
        at: float | None,
        key: str | None,
        reply: bytes | None,
    ) -> int:
        """Fold `bodies` as they will be read back, and queue their rows; returns the revision of the last."""
        if len(self._queue.batch.rows) >= MOST_WAITING:
            raise StoreError(
                f"{MOST_WAITING} events wait for the record already: {self.trouble or 'try again'}"
            )
        moment = self._clock() if at is None else at
        trial = Trial(self.world, many=len(bodies) > 1)
        rows = []
        for body in map(self.redact, bodies) if self.redact is not None else bodies:
            row = row_of(trial.world.revision + 1, moment, by, body)
            trial.apply(event_of(row))
            rows.append(row)
        trial.keep()
        batch, revision = self._queue.batch, self.world.revision
        batch.rows += rows
        batch.touched.update(trial.touched)
        if key is not None:
            self._keys[key] = revision
            batch.replies.append((key, moment, revision, reply))
        return revision

    async def _write(self, batch: Batch) -> None:
        await self._thread.run(lambda _: commit(self._connection, batch))

    def _announce(self, revision: int) -> None:
        self.committed = revision
        self._health.committed()
        self.tell_again()

    async def _failed(self, error: Exception) -> str:
        """Go back to what is on disk, and see that it is tried again; why it failed."""
        self._stale = True
        await self._reload()
        self._health.refused(error)
        return (self._queue.trouble if self._stale else None) or await self._health.why(error)

    def _open_log(self) -> LogConnection:
        return open_log(self.path, self._clock(), self._ballast, self._opening)

    async def _open(self) -> None:
        await self._thread.open()
        try:
            await self._load()
            self._look_after()
            await self._readmit(self._opening.lost)
            self._connection.notes_head = True
            self.is_older = self._opening.is_older or bool(self._opening.lost)
            self.recovered = "; ".join(self._opening.recovered) or None
        except BaseException:
            await finish(self._close())
            raise

    def _look_after(self) -> None:
        thread, connection = self._thread, self._connection
        begun = self.world.revision > 0
        self._upkeep = Upkeep(thread, self.path, connection.inode, self._ballast, self._clock, begun=begun)
        self._health = Health(self.path, thread, connection, self._queue, self._upkeep, self._reload)
        self._upkeep.start()

    async def _load(self) -> None:
        rows, self._keys, self._connection = await self._thread.run(_read)
        self._plans.clear()
        fresh = World()
        absorb(fresh, rows)
        replace(self.world, fresh)
        self.committed = fresh.revision

    async def _reload(self) -> None:
        async with self._reloading:
            if not self._stale:
                return
            try:
                await self._load()
            except sqlite3.Error as error:
                why = await self._health.why(error)
                self._queue.trouble = f"it can be neither written nor read: {why}"
            else:
                self._stale = False

    async def _readmit(self, lost: list[Entry]) -> None:
        for entry in lost:
            if entry.plan is not None:
                self._queue.batch.plans.append(entry.plan)
            body = decode_body(entry.kind, entry.data)
            await self.append(decode_person(entry.by), *steps(self.world, body), at=entry.at)
        if lost:
            many = "s were" if len(lost) > 1 else " was"
            self._opening.recovered.append(f"{len(lost)} decision{many} put back from decisions.jsonl")

    async def _close(self) -> None:
        self._closed = True
        await self._queue.idle()
        await self._let_go()

    async def _let_go(self) -> None:
        if hasattr(self, "_upkeep"):
            await self._health.stop()
            await self._upkeep.stop()
        await self._thread.close()


def _read(connection: JobConnection) -> tuple[list[tuple[Any, ...]], dict[str, int], LogConnection]:
    """Everything the store keeps in memory, and the connection with its place in the chain set right."""
    writer = cast(LogConnection, connection)
    if writer.in_transaction:
        writer.execute("ROLLBACK")
    rows = writer.execute(DELTA, (-1,)).fetchall()
    writer.head = head_of(rows).hash
    return rows, replies.known(writer), writer
