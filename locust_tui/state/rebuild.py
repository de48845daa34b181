"""The log against everything derived from it: fold it again, compare, rewrite, and check its hash chain."""

from __future__ import annotations

import sqlite3

from locust_tui.domain.fold import apply
from locust_tui.domain.world import World

from .log import COLUMNS, GENESIS, LogRow, event_of, link, read_rows
from .projections import DDL, DELTA, PROJECTIONS, SHAPE, absorb, statuses


def fold_log(connection: sqlite3.Connection, upto: int | None = None) -> World:
    """The world that the events up to revision `upto` (default: all) lead to."""
    world = World()
    for row in read_rows(connection, upto=upto):
        apply(world, event_of(row))
    return world


def read_projections(connection: sqlite3.Connection) -> World:
    """The world as the projections hold it."""
    world = World()
    absorb(world, connection.execute(DELTA, (-1,)).fetchall())
    return world


def differences(connection: sqlite3.Connection) -> list[str]:
    """What the projections hold otherwise than the log says, one line each; empty when they agree."""
    said, held = fold_log(connection), read_projections(connection)
    found = []
    if said.revision != held.revision:
        found.append(f"the log ends at revision {said.revision}, the projections at {held.revision}")
    if said.project != held.project:
        found.append("project: differs")
    for projection in PROJECTIONS[1:]:
        theirs, ours = getattr(said, projection.world_field), getattr(held, projection.world_field)
        keys = sorted(theirs.keys() | ours.keys())
        found += [f"{projection.world_field} {k}: differs" for k in keys if theirs.get(k) != ours.get(k)]
    return found


def rewrite(connection: sqlite3.Connection) -> World:
    """Drop the projections and write them again from the log, in one transaction; returns the world."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        world = fold_log(connection)
        for projection in PROJECTIONS:
            connection.execute(f"DROP TABLE IF EXISTS {projection.table}")
        for statement in DDL:
            connection.execute(statement)
        for projection, status in statuses(world):
            connection.execute(projection.upsert, projection.row(status, world.revision))
        last = connection.execute("SELECT hash FROM events ORDER BY revision DESC LIMIT 1").fetchone()
        connection.execute(
            "UPDATE head SET revision = ?, hash = ?, shape = ?",
            (world.revision, last[0] if last else GENESIS, SHAPE),
        )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return world


def verify(connection: sqlite3.Connection) -> int | None:
    """The first revision at which the log is not as it was written (changed, missing, added), or None."""
    prev, expected = GENESIS, 1
    for *values, stored_prev, stored_hash in connection.execute(
        f"SELECT {COLUMNS}, prev, hash FROM events ORDER BY revision"
    ):
        row = LogRow(*values)
        if row.revision != expected or stored_prev != prev or stored_hash != link(prev, row):
            return expected
        prev, expected = stored_hash, expected + 1
    revision, hash_ = connection.execute("SELECT revision, hash FROM head").fetchone()
    return None if (revision, hash_) == (expected - 1, prev) else min(expected, revision + 1)
