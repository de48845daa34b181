"""Asking the worker for a change, starting it first where none runs. Callers inside a run never start one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import RefusedError, UnreachableError
from .agent_scope import run_we_are_in

if TYPE_CHECKING:
    from ..client.connection import Connection
    from ..client.requests import Request
    from ..client.wire import Reply
    from .command import Settings
    from .target import Target

ANSWER_S = 60.0
MEASURE_S = 24 * 3_600.0
"""A gate's evaluation may run test suites; their own time limits end it."""


def ask(settings: Settings, target: Target, request: Request, *, timeout: float = ANSWER_S) -> Reply:
    """Send one request and return the acknowledged answer. Raises the worker's words."""
    with connect(settings, target, timeout=timeout) as connection:
        return connection.ask(request)


def tell(settings: Settings, target: Target, request: Request, *, timeout: float = ANSWER_S) -> Reply:
    """`ask`, for what agents may ask as well: inside a run or a hook nothing is started, and UnreachableError says so."""
    from .target import worker_pid

    if worker_pid(target.folder) is None and (run := run_we_are_in(target.folder)) is not None:
        raise UnreachableError(
            f"no worker runs, and {f'run {run}' if run else 'a hook'} may not start one; nothing was changed",
            help="a person starts it: locust-tui up",
        )
    return ask(settings, target, request, timeout=timeout)


def connect(settings: Settings, target: Target, *, timeout: float = ANSWER_S) -> Connection:
    """A connection to the plan's worker, started when none runs and the plan is trusted."""
    from ..client.connection import Connection
    from .target import worker_pid

    if worker_pid(target.folder) is None:
        start_worker(settings, target)
    return Connection(target.folder.socket, timeout=timeout)


def start_worker(settings: Settings, target: Target) -> bool:
    """Start the worker, after trust; whether the one that runs now is it.

    RefusedError for an untrusted plan, and for a caller inside a run.
    """
    from ..client.launch import reach_worker
    from .trusting import require_trust

    run = run_we_are_in(target.folder)
    if run is not None:
        raise RefusedError(
            f"this call comes from inside {f'run {run}' if run else 'a hook'}, which may not start a worker",
            help="agents report with: locust-tui agent report",
        )
    require_trust(settings, target)
    connection, started = reach_worker(target.folder)
    connection.close()
    return started


def os_user() -> str:
    """The name that a decision is recorded under when nobody said --by."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
