"""Which session it is, what it began with, and what is wrong with its account or its tools."""

from __future__ import annotations

from ..vocabulary import AgentEvent, Failed, Job, Retrying, SessionStarted, Trouble
from . import faults
from .wire import System


class Session:
    """Each turn says anew how the session began; only what is new in that is passed on."""

    def __init__(self, job: Job) -> None:
        self._servers = job.tools
        self.id = ""
        self.kept = False
        """Whether the program has something to go on with: it keeps no conversation in which nothing was said."""
        self._started: SessionStarted | None = None
        self._told: set[str] = set()

    def known_as(self, id: str | None) -> None:
        self.id = self.id or id or ""

    def initialised(self, said: System) -> tuple[AgentEvent, ...]:
        """A `system/init` line."""
        self.id = said.session_id or self.id
        tools = tuple((server.name, server.status) for server in said.mcp_servers or ())
        auth = "" if said.key_source in (None, "none") else str(said.key_source)
        started = SessionStarted(self.id, said.model or "", said.version or "", auth, tools)
        events: tuple[AgentEvent, ...] = ()
        if started != self._started:
            self._started, events = started, (started,)
        return events + self._without(dict(tools))

    def retrying(self, said: System) -> tuple[AgentEvent, ...]:
        """A `system/api_retry` line. A refused account is retried for minutes in vain: it is told at the first one."""
        trouble = faults.of_request(said.error, said.error_status)
        delay = None if said.retry_delay_ms is None else said.retry_delay_ms / 1000
        message = " ".join(str(part) for part in (said.error, said.error_status) if part)
        again = Retrying(trouble, said.attempt or 1, said.max_retries, delay, message)
        if trouble not in (Trouble.AUTH, Trouble.BILLING) or trouble in self._told:
            return (again,)
        self._told.add(trouble)
        status = f" ({said.error_status})" if said.error_status else ""
        words = (
            f"the account is refused{status}: log in again, or set another key"
            if trouble is Trouble.AUTH
            else f"the account cannot pay{status}"
        )
        return again, Failed(trouble, words, fatal=True)

    def _without(self, status: dict[str, str]) -> tuple[AgentEvent, ...]:
        """Servers of ours that are not there: nothing else ever tells of them, and the run goes on."""
        events: tuple[AgentEvent, ...] = ()
        for server in self._servers:
            how = status.get(server.name, "missing")
            if how not in ("connected", "pending") and server.name not in self._told:
                self._told.add(server.name)
                words = f"the agent runs without the tools of {server.name} ({how}): it cannot report or ask through them"
                events += (Failed(Trouble.PROTOCOL, words),)
        return events
