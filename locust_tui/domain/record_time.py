"""The record's own time: the wall clock's, until somebody sets that; then it goes on as the seconds pass."""

from __future__ import annotations

from .world import World


def booted_at(world: World, boot_id: str, since_boot: float, wall: float, *, keep: bool = False) -> float:
    """When this boot was, in the record's time; with `since_boot` (seconds) added, the moment it is now.

    While something is timed by it, or with `keep`, the record's time goes on as it began; else it takes the wall's where that
    is not earlier. It never goes behind what the record holds of this boot or of one before.
    """
    project = world.project
    by_wall = wall - since_boot
    if project.booted is None or project.boot_id != boot_id:
        return max(by_wall, latest_moment(world) - since_boot)
    if keep or under_way(world):
        return project.booted
    return max(by_wall, project.booted)


def under_way(world: World) -> bool:
    """Whether a limit or a delay is being counted."""
    waiting = any(s.retry_at is not None for s in world.workstreams.values())
    return waiting or any(run.live for run in world.runs.values())


def latest_moment(world: World) -> float:
    """The latest moment that the record speaks of; 0.0 of an empty one."""
    moments = [
        world.project.started,
        world.project.ended,
        world.project.worker_since,
        world.project.plan_since,
    ]
    moments += [at for s in world.workstreams.values() for at in (s.since, s.reported_at)]
    moments += [at for r in world.runs.values() for at in (r.created, r.started, r.ended)]
    moments += [g.since for g in world.gates.values()]
    moments += [c.evidence.at for c in world.criteria.values() if c.evidence is not None]
    return max((at for at in moments if at is not None), default=0.0)
