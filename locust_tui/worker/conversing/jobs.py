"""The file `job.json` of a run that speaks a protocol: what its adapter was made of, for a later worker to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from locust_tui import whole_file
from locust_tui.agents.vocabulary import JOB_FILE, Job
from locust_tui.domain.dataclass import dataclass
from locust_tui.plain_file import read_plain

GIVEN = "given"
"""Folder, in the run's, of the files that the program is given by name."""


@dataclass(frozen=True, slots=True)
class Talk:
    """How a run is spoken to."""

    kind: str
    job: Job
    files: dict[str, str]
    """Name in `job.folder` → content."""


class _Stored(msgspec.Struct):
    kind: str
    job: Job


def put_down(run_folder: Path, talk: Talk) -> None:
    """Before the start: the job, without the tokens in it, and the files that the program is given. Raises OSError."""
    run_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tools = tuple(replace(tool, token="") for tool in talk.job.tools)
    stored = _Stored(talk.kind, replace(talk.job, tools=tools))
    whole_file.put(run_folder / JOB_FILE, msgspec.json.encode(stored), sync=False)
    write_files(Path(talk.job.folder), talk.files)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, content in files.items():
        whole_file.put(folder / name, content, sync=False)


def spoken(run_folder: Path) -> bool:
    """Whether the run speaks a protocol."""
    return (run_folder / JOB_FILE).exists()


def take_up(run_folder: Path) -> tuple[str, Job] | None:
    """(kind, job) of a run that speaks a protocol; None of one that does not, or whose file is damaged."""
    try:
        stored = msgspec.json.decode(read_plain(run_folder / JOB_FILE), type=_Stored)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return stored.kind, stored.job
