"""A run's token says which run speaks, and can only take away what a caller may do."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from locust_tui.client.requests import PlanAround, ReadMemory
from locust_tui.domain.events import RunCreated, RunEnded, RunStarted
from locust_tui.domain.people import WORKER
from locust_tui.domain.states import RunState
from locust_tui.errors import RefusedError
from locust_tui.state.store import Store
from locust_tui.worker.agent_requests import AgentRequests
from locust_tui.worker.callers import Caller
from locust_tui.worker.run_tokens import RunTokens

PERSON = Caller(0, 1, "ana", "/dev/pts/1", agent=False)
SERVER = Caller(0, 2, "ana", None, agent=True)
INSIDE = Caller(0, 3, "ana", None, agent=True, run="web.1")


def test_a_token_outlives_the_worker_and_is_of_one_run(tmp_path: Path) -> None:
    path = tmp_path / "key"
    token = RunTokens(path).of("api.1")
    assert RunTokens(path).run_of(token) == "api.1"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for other in (token.replace("api", "web"), token[:-1], f"{token}0", "", ":", "api.1:", "ä:ö"):
        with pytest.raises(RefusedError, match="no run's token"):
            RunTokens(path).run_of(other)


@pytest.mark.parametrize("left", [b"", b"half"])
def test_a_key_that_was_cut_short_is_made_anew(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(left)
    path.with_name("key.new").write_bytes(b"left over")
    token = RunTokens(path).of("api.1")
    assert len(path.read_bytes()) == 32
    assert RunTokens(path).run_of(token) == "api.1"


async def test_a_token_narrows_whoever_shows_it(tmp_path: Path) -> None:
    tokens = RunTokens(tmp_path / "key")
    async with Store.open(tmp_path / "store.db") as store:

        def plan() -> None:
            raise AssertionError("not asked for")

        requests = AgentRequests(store, plan, tokens)  # type: ignore[arg-type]
        shown = PlanAround(tokens.of("api.1"))
        with pytest.raises(RefusedError, match=r"api\.1 is over"):
            requests.caller(shown, SERVER)
        created = RunCreated("api.1", "api", 1, "c", (), "")
        await store.append(WORKER, created, RunStarted("api.1", 10, 11))
        for caller in (PERSON, SERVER):
            known = requests.caller(shown, caller)
            assert (known.agent, known.run, known.terminal) == (True, "api.1", None)
        with pytest.raises(RefusedError, match=r"api\.1's token, and the caller runs inside web\.1"):
            requests.caller(shown, INSIDE)
        assert requests.caller(ReadMemory("*"), INSIDE) is INSIDE
        await store.append(WORKER, RunEnded("api.1", RunState.FAILED, reason="x"))
        with pytest.raises(RefusedError, match=r"api\.1 is over"):
            requests.caller(shown, PERSON)
