"""Worktrees of the plan's workstreams: made before a run, looked at after it, merged once everything agrees."""

from __future__ import annotations

import asyncio
import logging
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from locust_tui.analysis.coming_home import git_key
from locust_tui.domain import events as e
from locust_tui.domain.changes import Changes
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import GitSettings, Plan, Workstream
from locust_tui.domain.world import WorkstreamStatus
from locust_tui.errors import LocustTuiError, RefusedError
from locust_tui.state.errors import StoreError
from locust_tui.state.folder import StateFolder
from locust_tui.state.store import Store

from . import actions as a
from .launching import Launch

if TYPE_CHECKING:
    from locust_tui.git.cleaning import Removed
    from locust_tui.git.workspace import Workspace

log = logging.getLogger(__name__)

_LEADS_AWAY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")
"""Variables of a git hook that started us: in a worktree they would name another repository's files."""


class Branches:
    """One per worker. `done` is called after each recorded result."""

    def __init__(
        self, store: Store, folder: StateFolder, umask: int | None, done: Callable[[], None]
    ) -> None:
        self._store = store
        self._folder = folder
        self._umask = -1 if umask is None else umask
        self._done = done
        self._spaces: dict[GitSettings, Workspace] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}

    @property
    def under_way(self) -> frozenset[str]:
        """`git_key` of every workstream that is being collected or merged."""
        return frozenset(self._under_way)

    async def space(self, plan: Plan) -> Workspace:
        """The plan's workspace. Raises GitError where there can be none."""
        from locust_tui.git.workspace import open_workspace

        known = self._spaces.get(plan.git)
        if known is None:
            known = self._spaces[plan.git] = await open_workspace(
                self._folder.plan_path.parent,
                self._folder.root / "worktrees",
                prefix=plan.git.prefix,
                base=plan.git.base,
                umask=self._umask,
            )
        return known

    async def place(self, plan: Plan, workstream: str) -> Path | None:
        """Where the plan's folder is in a workstream's worktree, which it has or gets; None: it works without. Raises GitError."""
        wanted = plan.workstreams.get(workstream)
        if wanted is None or not wanted.worktree:
            return None
        space, here = await self.space(plan), self._folder.plan_path.parent.resolve()
        return space.path(workstream) / here.relative_to(space.repository.top.resolve())

    async def measured_in(self, plan: Plan, workstream: str | None) -> Path:
        """Where a workstream's checks look: in its worktree as long as that stands. Raises GitError when it is gone."""
        from locust_tui.git.calling import GitError

        status = self._store.world.workstreams.get(workstream) if workstream is not None else None
        if status is None or workstream is None or not status.worktree:
            return self._folder.plan_path.parent
        place = await self.place(plan, workstream)
        if place is None:
            return self._folder.plan_path.parent
        if not place.is_dir():
            raise GitError(f"{place} is gone", help=f"locust-tui ws retry {workstream} checks it out again")
        return place

    async def ready(self, plan: Plan, workstream: str, launch: Launch, run_id: str) -> Launch:
        """Make or find the worktree for the next attempt and record it; the launch with its variables. Raises GitError."""
        from locust_tui.git.preparing import Wanted, prepare

        space, wanted = await self.space(plan), plan.workstreams[workstream]
        needs = _builds_on(plan, wanted)
        request = Wanted(
            workstream, needs, plan.git.setup, {k: v for k, v in wanted.env.items() if "\0" not in v}
        )
        made = await prepare(space, request, self._folder.root / "setup" / f"{run_id}.log")
        parts = tuple(need for need in needs if self._store.world.workstream(need).branch)
        bodies: list[e.EventBody] = [
            e.WorktreeMade(workstream, str(made.path), made.branch, made.base, space.integration, parts)
        ]
        bodies += [e.Noted("warning", f"{workstream}: {remark}", workstream) for remark in made.remarks]
        await self._store.append(WORKER, *bodies)
        env = {name: value for name, value in launch.env.items() if name not in _LEADS_AWAY}
        return replace(launch, env={**env, **made.env})

    def begin(self, plan: Plan, action: a.Collect | a.Merge) -> None:
        """Collect or merge in the background; what comes of it is recorded."""
        key = git_key(action.workstream)
        if key in self._under_way:
            return
        work = self._collect(plan, action) if isinstance(action, a.Collect) else self._merge(plan, action)
        task = self._under_way[key] = asyncio.create_task(work)
        task.add_done_callback(lambda done: self._finished(key, done))

    async def remove(self, plan: Plan, workstream: str, *, discard: bool) -> Removed:
        """Remove its worktree, or raise RefusedError with what has not come home. Raises GitError."""
        from locust_tui.git.cleaning import clean

        if git_key(workstream) in self._under_way:
            raise RefusedError(f"{workstream} stays: its work is being looked at or merged", help="ask again")
        log_path = self._folder.root / "setup" / f"{workstream}.teardown.log"
        space = await self.space(plan)
        return await clean(space, workstream, log_path, teardown=plan.git.teardown, discard=discard)

    def forget(self, plan: Plan, workstream: str) -> None:
        """The end of a removal that is on record."""
        from locust_tui.git.cleaning import forget

        forget(self._spaces[plan.git], workstream)

    async def look_again(self, plan: Plan, workstream: str) -> e.WorkCollected | None:
        """Collect now, for a person's yes; None where it has no worktree. Raises GitError."""
        status = self._store.world.workstream(workstream)
        if not status.worktree:
            return None
        return await self._collected(plan, plan.workstreams[workstream], status)

    async def conflict(self, plan: Plan, workstream: str) -> str:
        """What keeps its commits from being merged, in words; empty: nothing does. Raises GitError."""
        from locust_tui.git.merging import foresee

        found = await foresee(await self.space(plan), workstream)
        status = self._store.world.workstream(workstream)
        if not found.conflicts:
            return ""
        with_whom = ", ".join(found.others) or f"commits on {found.into}"
        files = ", ".join(found.conflicts[:20])
        return f"it conflicts with {with_whom} in {files}: merge {found.into} into {status.branch} in {status.worktree}"

    async def _collect(self, plan: Plan, action: a.Collect) -> None:
        status = self._store.world.workstream(action.workstream)
        try:
            found = await self._collected(plan, plan.workstreams[action.workstream], status)
        except LocustTuiError as error:
            found = e.WorkCollected(action.workstream, action.attempt, "", 0, 0, problem=_words(error))
        await self._record(found)

    async def _collected(
        self, plan: Plan, workstream: Workstream, status: WorkstreamStatus
    ) -> e.WorkCollected:
        from locust_tui.git.calling import GitError
        from locust_tui.git.committing import commit_left
        from locust_tui.git.looking import changes

        space, committed, problem = await self.space(plan), None, ""
        if plan.git.commit == "auto":
            name = workstream.agent or workstream.id
            try:
                committed = await commit_left(
                    space, workstream.id, agent=name, subject=workstream.name, attempt=status.attempt
                )
            except GitError as error:
                problem = _words(error)
        found = await changes(space, workstream.id)
        if found is None:
            raise GitError(f"{workstream.id} has no worktree")
        return e.WorkCollected(
            workstream=workstream.id,
            attempt=status.attempt,
            head=found.head,
            commits=found.commit_count,
            files=found.file_count,
            committed=committed or "",
            uncommitted=found.uncommitted[:50],
            problem=problem or _left_over(found),
        )

    async def _merge(self, plan: Plan, action: a.Merge) -> None:
        status, workstream = (
            self._store.world.workstream(action.workstream),
            plan.workstreams[action.workstream],
        )
        try:
            if plan.git.pr and status.commits:
                await self._record(await self._published(plan, workstream, action))
            else:
                await self._record(*await self._merged(plan, workstream, action))
        except LocustTuiError as error:
            await self._record(
                e.WorkCollected(
                    workstream.id, status.attempt, "", status.commits, 0,
                    uncommitted=status.uncommitted, problem=_words(error),
                )
            )  # fmt: skip

    async def _merged(self, plan: Plan, workstream: Workstream, action: a.Merge) -> list[e.EventBody]:
        from locust_tui.git.merging import Acceptance, MergeEnd, merge

        yes = Acceptance(workstream.id, workstream.name, action.attempt, action.by, action.evidence)
        done = await merge(await self.space(plan), yes)
        if done.end is MergeEnd.CONFLICT:
            return [e.MergeConflicted(workstream.id, done.conflicts[:200], done.others)]
        return [e.WorkMerged(workstream.id, done.commit or done.head or "", done.into)]

    async def _published(self, plan: Plan, workstream: Workstream, action: a.Merge) -> e.WorkMerged:
        from locust_tui.git.publishing import open_pull_request

        space = await self.space(plan)
        lines = [
            f"Attempt {action.attempt}, accepted by {action.by}.",
            "",
            *(f"- {one}" for one in action.evidence),
        ]
        opened = await open_pull_request(
            space, workstream.id, title=f"{workstream.id}: {workstream.name}", body="\n".join(lines) + "\n"
        )
        return e.WorkMerged(workstream.id, opened.head, space.integration, opened.url)

    async def _record(self, *bodies: e.EventBody) -> None:
        """Write down what came of it; while the disk refuses, try again: it would be done twice else."""
        delay = 1.0
        while True:
            try:
                await self._store.append(WORKER, *bodies)
            except StoreError as error:
                log.error("%s", error)
                await asyncio.sleep(delay)
                delay = min(30.0, delay * 2)
            else:
                return

    def _finished(self, key: str, task: asyncio.Task[None]) -> None:
        self._under_way.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work in git came to no end", exc_info=error)
        self._done()

    async def close(self) -> None:
        """Give up what is under way; it is taken up again by the next worker."""
        tasks = set(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _builds_on(plan: Plan, workstream: Workstream) -> tuple[str, ...]:
    """Workstreams with a worktree that it needs, in the plan's order; those of milestones and gates included."""
    waiting, seen = [n.target for n in workstream.needs], dict[str, None]()
    while waiting:
        target = waiting.pop(0)
        if target in seen:
            continue
        seen[target] = None
        waiting += [n.target for m in plan.milestones if m.id == target for n in m.needs]
        if target in plan.gates:
            waiting += [n.target for n in plan.gates[target].needs]
    return tuple(
        id for id, w in plan.workstreams.items() if id in seen and w.worktree and id != workstream.id
    )


def _left_over(found: Changes) -> str:
    from locust_tui.git.status import some

    if found.unfinished:
        return f"a {found.unfinished} is unfinished in {found.path}: finish it there"
    if found.stands_on:
        there = found.stands_on.removeprefix("branch ").removeprefix("commit ").partition(",")[0]
        path = shlex.quote(found.path)
        back = f"git -C {path} switch {shlex.quote(found.branch)} && git -C {path} merge {shlex.quote(there)}"
        return f"its worktree stands on {found.stands_on}; bring its commits back, then accept again: {back}"
    if found.uncommitted:
        count = len(found.uncommitted)
        what = f"{count} file{'' if count == 1 else 's'} not committed: {some(found.uncommitted)}"
        return f"{what}; commit them in {found.path}, or reject it with a note"
    return ""


def _words(error: LocustTuiError) -> str:
    return f"{error.message}; {error.help}" if error.help else error.message
