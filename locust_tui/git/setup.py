"""The plan's commands around a worktree: setup before its first attempt, teardown before it goes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from locust_tui.domain.criterion import Command

from .calling import GitError, end_words, one_line, wait_bounded

SETUP_S = 1800.0
"""Seconds one command may take."""
_SHOWN = 2000


async def run_commands(
    commands: Sequence[Command],
    folder: Path,
    env: Mapping[str, str],
    log: Path,
    *,
    within: float = SETUP_S,
    umask: int = -1,
) -> None:
    """Run the commands one after another in `folder`, with all they print appended to `log`.

    Stops at the first that fails. Raises GitError with its exit code and last words.
    """
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for command in commands:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        output = os.open(log, flags, 0o600)
        try:
            os.write(output, f"$ {command.text}\n".encode("utf-8", "surrogateescape"))
            begin = os.fstat(output).st_size
            code = await _run(command, folder, env, output, within, umask)
        finally:
            os.close(output)
        if code != 0:
            said = one_line(_last_words(log, begin))
            ending = end_words(code) if code is not None else f"not done after {within:g} s"
            raise GitError(
                f"`{command.text}` failed in {folder} ({ending}): {said or 'it said nothing'}",
                help=f"read {log}",
            )


async def _run(
    command: Command, folder: Path, env: Mapping[str, str], output: int, within: float, umask: int
) -> int | None:
    """Exit code, negative for a signal; None when time ran out. Its whole group ends with it."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command.argv,
            cwd=folder,
            env=dict(env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=umask,
        )
    except OSError as error:
        raise GitError(f"`{command.text}` could not start in {folder}: {error.strerror}") from error
    return await wait_bounded(process, within)


def _last_words(log: Path, begin: int) -> str:
    with open(log, "rb") as file:
        file.seek(max(begin, log.stat().st_size - _SHOWN))
        return file.read(_SHOWN).decode("utf-8", "replace")
