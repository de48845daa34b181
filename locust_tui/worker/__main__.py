"""The worker's process: takes the plan's lock, says that it is ready, and runs until nothing needs it."""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import resource
import sys
from pathlib import Path

from locust_tui.errors import LocustTuiError
from locust_tui.safe_text import masked
from locust_tui.state import disk
from locust_tui.state.folder import StateFolder

from .hold import HeldByAnotherError, Hold
from .launching import AgentLimits

GC_THRESHOLD = 10_000
"""New objects between two collections: a burst of starts and ends makes many that all live on."""


LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Masking(logging.Formatter):
    """Errors may quote what an agent said."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def main() -> int:
    """Run the worker of one plan; the word on `--ready-fd` is one JSON line: pid, or error and help."""
    gc.disable()  # until everything is loaded: what is loaded stays
    parser = argparse.ArgumentParser(prog="locust_tui.worker")
    parser.add_argument("--plan", type=Path, required=True)
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--ready-fd", type=int)
    options = parser.parse_args()
    agents = AgentLimits(umask=os.umask(0o077), files=_raise_file_limit())
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, stream=sys.stderr)
    for handler in logging.root.handlers:
        handler.setFormatter(_Masking(LOG_FORMAT))
    if options.ready_fd is not None:
        os.set_inheritable(options.ready_fd, False)

    def say(**word: object) -> None:
        if options.ready_fd is not None:
            os.write(options.ready_fd, json.dumps(word).encode() + b"\n")
            os.close(options.ready_fd)
            options.ready_fd = None

    try:
        folder = StateFolder(options.plan, options.state_dir)
        folder.prepare()
        hold = Hold(folder)
        try:
            hold.take()
        except HeldByAnotherError:
            say(already=True)
            return 0
        from .ending_signals import run_hearing_signals
        from .runtime import Runtime

        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)
        gc.enable()
        runtime = Runtime(folder, agents, hold=hold, idle_exit_s=_idle_exit_s())
        return run_hearing_signals(lambda: runtime.run(lambda: say(pid=os.getpid())), runtime.asked_to_end)
    except LocustTuiError as error:
        logging.error("%s", error.message)
        say(error=error.message, help=error.help, exit_code=error.exit_code)
        return error.exit_code
    except OSError as error:
        logging.exception("the worker cannot start, or go on")
        where = f"{error.filename}: " if error.filename else ""
        say(
            error=f"the worker cannot start: {where}{disk.words(error)}",
            help="locust-tui doctor",
            exit_code=5,
        )
        return 5
    except Exception as error:
        logging.exception("the worker failed")
        say(
            error=f"the worker failed: {error!r}", help=f"look at {options.state_dir}/worker.log", exit_code=5
        )
        return 5


def _idle_exit_s() -> float:
    """Seconds after which a worker that nothing needs ends: LOCUST_TUI_IDLE_EXIT, else a minute."""
    try:
        return max(0.1, float(os.environ["LOCUST_TUI_IDLE_EXIT"]))
    except (KeyError, ValueError):
        return 60.0


def _raise_file_limit() -> int:
    """Let the worker hold many runs; the soft limit that the user had, which is the agents'."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return soft


if __name__ == "__main__":
    sys.exit(main())
