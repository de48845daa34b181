"""What an agent is given besides its work: secrets, the word it speaks by, a fence; and what is masked because of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from locust_tui.agents.vocabulary import JOB_FILE, ToolServer
from locust_tui.domain.plan import Plan
from locust_tui.errors import LocustTuiError
from locust_tui.execution.git_places import repository_places
from locust_tui.execution.sandbox import Place, check_fence, fenced
from locust_tui.masking import MaskFile, secret_values
from locust_tui.plans.cache import user_state_folder
from locust_tui.state.folder import StateFolder

from .launching import Launch
from .notifications import VARIABLE, Notifications
from .run_tokens import RunTokens
from .secrets import fetch
from .speaking import speaks
from .tool_server import TOKEN_VARIABLE, ToolServers

log = logging.getLogger(__name__)


class Outfitter:
    """One per plan."""

    def __init__(
        self,
        folder: StateFolder,
        tokens: RunTokens,
        servers: ToolServers,
        masks: MaskFile,
        notifications: Notifications,
    ) -> None:
        self._folder, self._tokens, self._servers = folder, tokens, servers
        self._notifications = notifications
        self._masks = masks

    async def tools(self, plan: Plan, run_id: str, agent_type: str) -> tuple[ToolServer, ...]:
        """The servers that a run is offered; none where it speaks no protocol, or the server does not come up."""
        if not speaks(plan.agents.get(agent_type)):
            return ()
        try:
            server = await self._servers.there()
        except LocustTuiError as error:
            log.error("%s starts without tools: %s", run_id, error.message)
            return ()
        return (replace(server, token=self._tokens.of(run_id)),)

    async def tools_answer(self, run_id: str) -> None:
        """Wait for the tool server: not every agent waits for its tools before its first turn."""
        try:
            await self._servers.answers()
        except LocustTuiError as error:
            log.error("%s starts all the same: %s", run_id, error.message)

    def outfit(
        self,
        plan: Plan,
        subject: str,
        run_id: str,
        agent_type: str,
        launch: Launch,
    ) -> Launch:
        """`launch` with its secrets in the environment; they are known to be masked first.

        Raises LocustTuiError when a secret cannot be fetched, or the fence that it is to have cannot be put up.
        """
        kind, workstream = plan.agents.get(agent_type), plan.workstreams.get(subject)
        references = {**(kind.secrets if kind else {}), **(workstream.secrets if workstream else {})}
        found = fetch(references, self._folder.plan_path.parent)
        env = {**launch.env, **found}
        if kind is not None:
            env[TOKEN_VARIABLE] = self._tokens.of(run_id)
        shown = {**env, TOKEN_VARIABLE: env.get(TOKEN_VARIABLE, "").rpartition(":")[2]}
        self._masks.add(secret_values(shown, (*found, TOKEN_VARIABLE)))
        ours = {*found}
        if launch.talk is None and (heard := self._notifications.listen(run_id)) is not None:
            env[VARIABLE] = str(heard)
            ours.add(VARIABLE)
        if kind is not None and kind.sandbox:
            check_fence(kind.sandbox, env)
        names = tuple(sorted({*launch.env_names, *ours}))
        return replace(launch, env=env, env_names=names)

    def fence(self, plan: Plan, run_id: str, agent_type: str, launch: Launch, place: Path | None) -> Launch:
        """`launch` inside its agent type's fence; `place`: the plan's folder in its worktree, which is there now.

        Raises LocustTuiError where the fence cannot be put up.
        """
        kind = plan.agents.get(agent_type)
        if kind is None or not kind.sandbox:
            return launch
        folder, plan_folder = self._folder, self._folder.plan_path.parent
        places = [
            Place(folder.socket.parent),
            Place(folder.top),
            Place(folder.root),
            Place(folder.root / "tools.key", hidden=True),
            Place(folder.plan_path),
            Place(user_state_folder()),
        ]
        if place is not None:
            places.append(Place(_top_of(place), True))
        places += repository_places(place or plan_folder, commits=place is not None)
        run_folder = folder.runs / run_id
        places += [Place(run_folder, True), Place(run_folder / JOB_FILE)]
        return replace(launch, argv=fenced(launch.argv, kind.sandbox, launch.cwd, launch.env, places))


def _top_of(place: Path) -> Path:
    """The worktree that holds `place`."""
    return next((up for up in (place, *place.parents) if (up / ".git").is_file()), place)
