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
from ..target import find_target, read_state

if TYPE_CHECKING:
    from ...agents.transcript import Transcript

CHUNK = 1 << 18
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
def command(settings: Settings, id: str, follow: bool, attempt: int | None, raw: bool) -> int:
    """Print the output of a run, or of the latest attempt of a workstream.

    Control characters are made visible and secrets masked, also into a pipe or file: what reads it may be a terminal in
    the end. --raw alone gives the bytes. Of an agent that speaks a protocol its transcript is printed: what it said, did and asked
    for.
    """
    from ..lookup import find_run

    target = find_target(settings)
    run = find_run(read_state(target).snapshot(forecast=False), id, attempt)
    folder = target.folder.runs / run.id
    transcript = None if raw else _transcript(folder)
    if transcript is not None:
        write, end = _teller(transcript, colour=colour_wanted(settings) and _on_terminal())
    elif raw:
        if target.folder.masks.exists():
            narrate("these are the bytes as the agent wrote them: secrets in them are not masked")
        write, end = _write_bytes, _nothing
    else:
        write, end = _printer(colour_wanted(settings) and _on_terminal())
    for data in _bytes(folder, follow=follow, whole_lines=transcript is not None):
        write(data)
    end()
    return 0


def _transcript(folder: Path) -> Transcript | None:
    """Of an agent that speaks a protocol, what tells people of it."""
    if not (folder / "job.json").exists():
        return None
    from ...agents.transcript import transcript_of

    return transcript_of(folder)


def _teller(transcript: Transcript, *, colour: bool) -> tuple[Callable[[bytes], None], Callable[[], None]]:
    from ...agents.transcript import TranscriptStream
    from ..agent_output import shown

    stream = TranscriptStream(transcript)

    def write(data: bytes) -> None:
        put("".join(shown(text, colour=colour) + "\n" for _, text in stream.feed(data)))

    def end() -> None:
        put("".join(shown(text, colour=colour) + "\n" for _, text in stream.end()))

    return write, end


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


def _bytes(folder: Path, *, follow: bool, whole_lines: bool = False) -> Iterator[bytes]:
    """The log from its first byte that is left; with `follow` until the run has ended and all is read.

    `whole_lines`: where the head was given up, from the first line on that is left whole.
    """
    from ...execution.log_file import LogProblem, tail

    log, offset, inode = folder / "log", 0, None
    told_trim = False
    while True:
        ended = (folder / "exit.json").exists()
        chunk = tail(log, offset, CHUNK, inode=inode)
        if chunk.problem is not None and not (follow and chunk.problem is LogProblem.MISSING and not ended):
            code = 3 if chunk.problem is LogProblem.MISSING else 5
            raise LocustTuiError(
                f"{log}: {chunk.problem.value}", help=f"locust-tui why {folder.name}", exit_code=code
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
            time.sleep(LOOK_S)
