"""One git command: no shell, no pager, no prompt, nothing a repository configured for reading, bounded in time and output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

from locust_tui.domain.dataclass import dataclass
from locust_tui.errors import LocustTuiError

QUICK_S = 60.0
"""Seconds for commands that read."""
SLOW_S = 600.0
"""Seconds for commands that write a whole work tree, or run people's hooks."""
OUTPUT_LIMIT = 16 * 1024 * 1024
_ERROR_LIMIT = 64 * 1024
_AT_ONCE = 4
_FINISH_S = 30.0
_GRACE_S = 2.0
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_SSH", "GIT_SSH_COMMAND")
_KEPT_PREFIXES = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_SSL_")
_GUARDS = (
    "git",
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "submodule.recurse=false",
)
_WITHOUT_HOOKS = ("-c", "core.hooksPath=/dev/null")
READING = (*_GUARDS, *_WITHOUT_HOOKS)
"""How a command that only reads begins."""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class GitError(LocustTuiError):
    """git, or what it was asked to do, failed; nothing was half done that the message does not name."""


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    out: bytes
    """At most the asked limit."""
    error: str
    cut: bool = False
    """There was more output than the limit."""

    @property
    def text(self) -> str:
        return os.fsdecode(self.out).strip()

    def fields(self) -> list[str]:
        """NUL-separated output, without the empty end."""
        parts = os.fsdecode(self.out).split("\0")
        return parts[:-1] if parts and not parts[-1] else parts


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, without what would lead git to another repository, index, pager or editor."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    fixed = {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_EDITOR": "true",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
    }
    return kept | fixed | dict(extra or {})


async def git(
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    allowed: Collection[int] = (0,),
    limit: int = OUTPUT_LIMIT,
    within: float = QUICK_S,
    hooks: bool = False,
    umask: int = -1,
) -> Answer:
    """Run `git arguments` in `folder`; at most four at a time.

    `hooks`: let the repository's hooks run, for commands a person would expect them of; these get no `stdin`, and
    their output is in `error`. `umask` -1 inherits ours.
    Raises GitError for an exit code not in `allowed`, a timeout, and where git or the folder is missing.
    """
    guards = _GUARDS if hooks else (*_GUARDS, *_WITHOUT_HOOKS)
    name = next((a for a in arguments if not a.startswith("-")), "")
    async with _turn():
        try:
            argv, clean = (*guards, *arguments), clean_environment(env)
            if hooks:
                answer = await _with_hooks(argv, folder, clean, within, umask)
            else:
                answer = await execute(argv, folder, clean, stdin, limit, within, umask)
        except TimeoutError:
            raise GitError(f"git {name} took more than {within:g} s in {folder}") from None
        except FileNotFoundError:
            what = "the program git is not installed" if folder.is_dir() else f"{folder} does not exist"
            raise GitError(what) from None
        except OSError as error:
            raise GitError(f"git {name} could not start in {folder}: {error.strerror}") from error
    if answer.code not in allowed and not answer.cut:
        said = one_line(answer.error) or end_words(answer.code)
        raise GitError(f"git {name} failed in {folder}: {said}")
    return answer


def _turn() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _turns:
        _turns[loop] = asyncio.Semaphore(_AT_ONCE)
    return _turns[loop]


async def execute(
    argv: tuple[str, ...],
    folder: Path,
    env: Mapping[str, str],
    stdin: bytes = b"",
    limit: int = OUTPUT_LIMIT,
    within: float = QUICK_S,
    umask: int = -1,
) -> Answer:
    """Run a program in a session of its own; its whole group is ended on timeout, cancellation and too much output.

    Raises TimeoutError, and OSError when it cannot start.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=folder,
        env=dict(env),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        umask=umask,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    feeding = asyncio.create_task(_feed(process.stdin, stdin))
    complaint = asyncio.create_task(_read(process.stderr, _ERROR_LIMIT, drain=True))
    try:
        async with asyncio.timeout(within):
            out, cut = await _read(process.stdout, limit, drain=False)
            if cut:
                await end_group(process)
            await feeding
            error, _ = await complaint
            code = await process.wait()
    finally:
        await asyncio.shield(end_group(process))
        for task in (feeding, complaint):
            task.cancel()
        await asyncio.gather(feeding, complaint, return_exceptions=True)
    return Answer(code, out, error.decode("utf-8", "replace"), cut)


async def _with_hooks(
    argv: tuple[str, ...], folder: Path, env: Mapping[str, str], within: float, umask: int
) -> Answer:
    """As `execute`, with output to a file: a daemon that a hook leaves behind would hold a pipe open."""
    with tempfile.TemporaryFile() as output:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=folder,
            env=dict(env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            umask=umask,
        )
        code = await wait_bounded(process, within, finish=True)
        output.seek(max(0, os.fstat(output.fileno()).st_size - _ERROR_LIMIT))
        said = output.read(_ERROR_LIMIT).decode("utf-8", "replace")
    if code is None:
        raise TimeoutError
    return Answer(code, b"", said)


async def wait_bounded(
    process: asyncio.subprocess.Process, within: float, *, finish: bool = False
) -> int | None:
    """Exit code, negative for a signal; None when time ran out: its whole group is ended then.

    Cancelled, it ends the group, too; with `finish` it lets the program come to its end first, as far as that takes
    no more than half a minute: a checkout that stops half way leaves somebody's files in two states.
    """
    waiting = asyncio.ensure_future(process.wait())
    try:
        done, _ = await asyncio.wait([waiting], timeout=within)
    except asyncio.CancelledError:
        if finish:
            await asyncio.wait([waiting], timeout=_FINISH_S)
        raise
    finally:
        await asyncio.shield(end_group(process))
    return waiting.result() if done else None


async def end_group(process: asyncio.subprocess.Process) -> None:
    """TERM, which lets git take its lock files away, and KILL for what does not listen."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await process.wait()


async def _feed(pipe: asyncio.StreamWriter, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(data)
        await pipe.drain()
    pipe.close()


async def _read(pipe: asyncio.StreamReader, limit: int, *, drain: bool) -> tuple[bytes, bool]:
    """Up to `limit` bytes, and whether there were more; with `drain` the rest is read and dropped."""
    kept, size, cut = [], 0, False
    while block := await pipe.read(65_536):
        kept.append(block[: max(0, limit - size)])
        size += len(block)
        if size > limit:
            cut = True
            if not drain:
                break
    return b"".join(kept), cut


def one_line(text: str, limit: int = 400) -> str:
    """What git said, in one line."""
    words = " ".join(text.replace("fatal: ", "").replace("error: ", "").split())
    return words if len(words) <= limit else f"{words[:limit]}…"


def end_words(code: int) -> str:
    """The end of a program in words; `code` as subprocess has it."""
    if code >= 0:
        return f"exit {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"
