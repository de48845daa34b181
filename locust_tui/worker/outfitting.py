"""What an agent is given besides its work: secrets, the word it speaks by, a fence; and what is masked because of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from locust_tui.domain.plan import Plan
from locust_tui.execution.sandbox import fenced
from locust_tui.masking import MaskFile, secret_values
from locust_tui.state.folder import StateFolder

from .launching import Launch
from .run_tokens import RunTokens
from .secrets import fetch
from .tool_server import TOKEN_VARIABLE


class Outfitter:
    """One per plan."""

    def __init__(self, folder: StateFolder, tokens: RunTokens) -> None:
        self._folder, self._tokens = folder, tokens
        self._masks = MaskFile(folder.masks)

    def outfit(
        self,
        plan: Plan,
        subject: str,
        run_id: str,
        agent_type: str,
        launch: Launch,
        writable: tuple[Path, ...],
    ) -> Launch:
        """`launch` with its secrets in the environment and its fence around; the secrets are known to be masked first.

        `writable`: what the fence lets through besides the working folder. Raises LocustTuiError when a secret cannot
        be fetched or the fence cannot be put up.
        """
        kind, workstream = plan.agents.get(agent_type), plan.workstreams.get(subject)
        references = {**(kind.secrets if kind else {}), **(workstream.secrets if workstream else {})}
        found = fetch(references, self._folder.plan_path.parent)
        env = {**launch.env, **found}
        if kind is not None:
            env[TOKEN_VARIABLE] = self._tokens.of(run_id)
        self._masks.add(secret_values(env, (*found, TOKEN_VARIABLE)))
        argv = launch.argv
        if kind is not None and kind.sandbox:
            run_folder = self._folder.runs / run_id
            argv = fenced(argv, kind.sandbox, launch.cwd, env, (run_folder, *writable))
        names = tuple(sorted({*launch.env_names, *found}))
        return replace(launch, argv=argv, env=env, env_names=names)
