"""Looking at a plan's worktrees from a call of our own: reads only, and needs no worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from .target import State, Target

if TYPE_CHECKING:
    from ..git.workspace import Workspace

T = TypeVar("T")


def in_git(target: Target, state: State, look: Callable[[Workspace], Awaitable[T]]) -> T:
    """What `look` finds in the plan's workspace. Raises GitError where there is none."""

    async def run() -> T:
        from ..git.workspace import open_workspace

        settings = state.plan.git
        space = await open_workspace(
            target.path.parent,
            target.folder.root / "worktrees",
            prefix=settings.prefix,
            base=settings.base,
            look_only=True,
        )
        return await look(space)

    return asyncio.run(run())
