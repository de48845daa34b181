"""Runs a hook's lines as processes: this program's verbs joined by pipes, or, where the plan says so, a shell."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from locust_tui.client.request_keys import VARIABLE
from locust_tui.domain.dataclass import dataclass

MOST_KEPT = 65_536
"""Bytes of output, and of errors, that are kept of each command."""


@dataclass(frozen=True, slots=True)
class Outcome:
    ok: bool
    said: str
    """What the last command of each line printed, or why a line failed."""


@dataclass(slots=True)
class Ground:
    """What processes of a hook stand on. `callers`: pid → whose words it speaks, as long as it lives."""

    folder: Path
    environ: dict[str, str]
    callers: dict[int, str] = field(default_factory=dict)


async def run_lines(
    ground: Ground,
    lines: Sequence[Sequence[Sequence[str]]],
    caller: str,
    key: str,
    given: bytes,
    limit_s: float,
) -> Outcome:
    """The pipelines one after the other, until one fails. `key` makes the requests of a repeated run apply once;
    `given` is what each line's first command reads.
    """
    said: list[str] = []
    try:
        async with asyncio.timeout(limit_s):
            for number, line in enumerate(lines):
                commands = [[sys.executable, "-P", "-m", "locust_tui", *argv] for argv in line]
                keys = [f"{key}:{number}:{place}" for place in range(len(commands))]
                ended = await _pipeline(ground, commands, caller, keys, given)
                said.append(ended.said)
                if not ended.ok:
                    return Outcome(False, "".join(said))
    except TimeoutError:
        return Outcome(False, "".join([*said, f"it took longer than {limit_s:g} s and was ended\n"]))
    return Outcome(True, "".join(said))


async def run_shell(ground: Ground, script: str, caller: str, given: bytes, limit_s: float) -> Outcome:
    """The script as /bin/sh has it."""
    try:
        async with asyncio.timeout(limit_s):
            return await _pipeline(ground, [["/bin/sh", "-c", script]], caller, [""], given)
    except TimeoutError:
        return Outcome(False, f"it took longer than {limit_s:g} s and was ended\n")


async def _pipeline(
    ground: Ground, commands: Sequence[Sequence[str]], caller: str, keys: Sequence[str], given: bytes
) -> Outcome:
    """A pipeline fails when one of its commands does. Whatever happens, none of its processes is left."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        outputs = _start(ground, commands, caller, keys, given, started)
        read = await asyncio.gather(*(_read(fd) for fd in outputs))
        await asyncio.gather(*(_exited(process) for process in started))
    finally:
        for process in started:
            ground.callers.pop(process.pid, None)
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    *errors, output = [data.decode("utf-8", "replace") for data in read]
    failed = [
        f"{' '.join(command[4:] or command)}: exit {process.returncode}: {error.strip()}"
        for command, process, error in zip(commands, started, errors, strict=True)
        if process.returncode != 0
    ]
    if failed:
        return Outcome(False, "\n".join([*([output.rstrip("\n")] if output else []), *failed, ""]))
    return Outcome(True, output)


def _start(
    ground: Ground,
    commands: Sequence[Sequence[str]],
    caller: str,
    keys: Sequence[str],
    given: bytes,
    started: list[subprocess.Popen[bytes]],
) -> list[int]:
    """Start all, each reading what the one before writes. Fds to be read: everyone's errors, then the last one's output."""
    errors: list[int] = []
    with tempfile.TemporaryFile() as first:
        first.write(given)
        first.seek(0)
        before = os.dup(first.fileno())
        try:
            for command, key in zip(commands, keys, strict=True):
                output, writes = os.pipe2(os.O_CLOEXEC)
                error, complains = os.pipe2(os.O_CLOEXEC)
                errors.append(error)
                try:
                    process = subprocess.Popen(
                        command,
                        cwd=ground.folder,
                        env={**ground.environ, **({VARIABLE: key} if key else {})},
                        stdin=before,
                        stdout=writes,
                        stderr=complains,
                        start_new_session=True,
                    )
                    started.append(process)
                    ground.callers[process.pid] = caller
                finally:
                    os.close(writes)
                    os.close(complains)
                    os.close(before)
                    before = output
        except BaseException:
            for fd in (*errors, before):
                with suppress(OSError):
                    os.close(fd)
            raise
    return [*errors, before]


async def _read(fd: int) -> bytes:
    """All that comes, of which the first MOST_KEPT bytes are kept."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    with os.fdopen(fd, "rb", buffering=0) as pipe:
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        kept, left_out = b"", 0
        try:
            while chunk := await reader.read(MOST_KEPT):
                room = MOST_KEPT - len(kept)
                kept += chunk[:room]
                left_out += max(0, len(chunk) - room)
        finally:
            transport.close()
    return kept + f"\n… (+{left_out} bytes)\n".encode() if left_out else kept


async def _exited(process: subprocess.Popen[bytes]) -> None:
    """Its outputs are closed: it is about to end."""
    opened: Callable[[int], int] | None = getattr(os, "pidfd_open", None)
    if opened is None:
        await asyncio.to_thread(process.wait)
        return
    fd = opened(process.pid)
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(fd, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(fd)
        os.close(fd)
    process.wait()
