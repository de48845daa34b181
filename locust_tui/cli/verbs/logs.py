"""`logs`: every byte that an agent wrote, or its end as it grows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import LocustTuiError, OutputError
from ..command import Settings, verb
from ..output import colour_wanted, narrate, put
from ..target import Target, find_target, read_state

if TYPE_CHECKING:
    from ...agents.transcript import Transcript

CHUNK = 1 << 18
STDERR_LINES, STDERR_BYTES = 40, 64 * 1024
"""So much of the end of what it wrote to stderr is shown behind a transcript."""
LOOK_S = 0.1


@verb("logs")
@click.argument("id")
@click.option("--follow", "-f", is_flag=True, help="Go on until the run has ended.")
@click.option("--attempt", type=click.IntRange(min=1), help="This attempt (default: the latest).")
@click.option(
    "--raw",
    is_flag=True,
    help="The bytes as they are, also of a conversation; control characters and secrets too.",
)
@click.option(
    "--stderr", "errors", is_flag=True, help="What it wrote to stderr, where that has a file of its own."
)
def command(settings: Settings, id: str, follow: bool, attempt: int | None, raw: bool, errors: bool) -> int:
    """Print the output of a run, or of the latest attempt of a workstream.

    Control characters are made visible and secrets masked, also into a pipe or file: what reads it may be a terminal in
    the end. --raw alone gives the bytes. Of an agent that speaks a protocol its transcript is printed: what it said, did
    and asked for, what it was told; behind that, where it did not end well, the last lines that it wrote to stderr.
    --stderr prints all of these.
    """
    from ...domain.states import RunState
    from ...safe_text import safe
    from ..lookup import find_run

    target = find_target(settings)
    run = find_run(read_state(target).snapshot(forecast=False), id, attempt)
    folder = target.folder.runs / run.id
    colour = colour_wanted(settings) and _on_terminal()
    log = folder / ("stderr" if errors else "log")
    if errors and not log.exists():
        raise LocustTuiError(
            f"{run.id} writes stdout and stderr to one log", help=f"locust-tui logs {run.id}", exit_code=3
        )
    if run.state is RunState.FAILED and not log.exists() and run.reason:
        raise LocustTuiError(
            f"{run.id} never ran, so it wrote nothing: {safe(run.reason, oneline=True)}",
            help=f"locust-tui why {run.id}",
            exit_code=3,
        )
    transcript = None if raw or errors else _transcript(folder)
    look, wrote = _nothing, False
    if transcript is not None:
        write, look, end = _teller(folder, transcript, colour=colour)
    elif raw:
        if target.folder.masks.exists():
            narrate("these are the bytes as the agent wrote them: secrets in them are not masked")
        write, end = _write_bytes, _nothing
    else:
        write, end = _printer(colour)
    for data in _bytes(log, follow=follow, whole_lines=transcript is not None):
        if data:
            write(data)
            wrote = True
        else:
            look()
    end()
    if transcript is not None and (not wrote or _went_wrong(target, run.id)):
        _put_errors(folder, colour=colour)
    return 0


def _went_wrong(target: Target, run_id: str) -> bool:
    """Whether the run has ended, and otherwise than well."""
    from ...domain.states import RunState
    from ..lookup import find_run

    run = find_run(read_state(target).snapshot(forecast=False), run_id)
    return run.ended is not None and run.state is not RunState.EXITED


def _put_errors(folder: Path, *, colour: bool) -> None:
    """The last lines of its stderr, where it wrote any, marked as such."""
    from ...execution.log_file import tail
    from ..agent_output import Lines, shown

    try:
        last = tail(folder / "stderr", -STDERR_BYTES, STDERR_BYTES)
    except OSError:
        return
    lines = Lines()
    found = [line for line in (*lines.feed(last.data), *lines.end()) if line.strip()]
    if not found:
        return
    cut = last.offset > 0 or len(found) > STDERR_LINES
    head = "! its last words on stderr" if cut else "! on stderr"
    more = f" (all of them: locust-tui logs {folder.name} --stderr)" if cut else ""
    put(f"{head}{more}:\n")
    put("".join(f"    {shown(line, colour=colour)}\n" for line in found[-STDERR_LINES:]))


def _transcript(folder: Path) -> Transcript | None:
    """Of an agent that speaks a protocol, what tells people of it."""
    from ...client.run_files import speaks_a_protocol

    if not speaks_a_protocol(folder):
        return None
    from ...agents.transcript import transcript_of

    return transcript_of(folder)


def _teller(
    folder: Path, transcript: Transcript, *, colour: bool
) -> tuple[Callable[[bytes], None], Callable[[], None], Callable[[], None]]:
    """What to do with bytes, when none came, and at the end."""
    from ...agents.transcript import TranscriptStream
    from ..agent_output import shown

    stream = TranscriptStream(transcript, folder=folder)

    def tell(lines: list[tuple[int, str]]) -> None:
        if lines:
            put("".join(shown(text, colour=colour) + "\n" for _, text in lines))

    return lambda data: tell(stream.feed(data)), lambda: tell(stream.look()), lambda: tell(stream.end())


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _printer(colour: bool) -> tuple[Callable[[bytes], None], Callable[[], None]]:
    from ..agent_output import Lines, shown

    lines = Lines()

    def write(data: bytes) -> None:
        put("".join(shown(line, colour=colour) + "\n" for line in lines.feed(data)))

    def end() -> None:
        put("".join(shown(line, colour=colour) + "\n" for line in lines.end()))

    return write, end


def _nothing() -> None:
    return


def _write_bytes(data: bytes) -> None:
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"the output could not be written: {error.strerror}") from None


def _bytes(log: Path, *, follow: bool, whole_lines: bool = False) -> Iterator[bytes]:
    """The log from its first byte that is left; with `follow` until the run has ended and all is read.

    Empty: nothing came now. `whole_lines`: where the head was given up, from the first line on that is left whole.
    """
    from ...client.run_files import writer_inode
    from ...domain.log_problem import LogProblem
    from ...execution.log_file import tail

    folder, offset, inode = log.parent, 0, writer_inode(log)
    told_trim = False
    while True:
        ended = (folder / "exit.json").exists()
        chunk = tail(log, offset, CHUNK, inode=inode)
        if chunk.problem is not None and not (follow and chunk.problem is LogProblem.MISSING and not ended):
            code = 3 if chunk.problem is LogProblem.MISSING else 5
            raise LocustTuiError(
                f"{log} {chunk.problem.words}", help=f"locust-tui why {folder.name}", exit_code=code
            )
        inode = chunk.inode or inode
        if chunk.trimmed and not told_trim:
            told_trim = True
            narrate(f"the first {chunk.trimmed} bytes of this log were given up to keep it within its limit")
        if chunk.data:
            cut = chunk.data.find(b"\n") + 1 if whole_lines and chunk.trimmed and not offset else 0
            yield chunk.data[cut:]
            offset = chunk.next_offset
        elif not follow or ended:
            return
        else:
            yield b""
            time.sleep(LOOK_S)
