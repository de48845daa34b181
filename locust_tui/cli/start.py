"""One call of the program, from its arguments to its exit code: streams, signals and how errors are said."""

from __future__ import annotations

import errno
import signal
import sys
from collections.abc import Sequence
from itertools import pairwise
from types import FrameType

import click

from ..errors import LocustTuiError, OutputError
from ..safe_text import safe
from .streams import drop_stdout, tell

INTERRUPTED = 130
TERMINATED = 143
NOT_WRITTEN = 74
UNDECIDED = 5

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def run(argv: Sequence[str]) -> int:
    """Carry out one command line and say how it ended. Never raises for what a person can act on."""
    _prepare_streams()
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = _call(rewritten(argv))
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        code = 0
        drop_stdout()
    except OSError as error:
        if error.errno not in _DISK:
            return _crashed(error)
        drop_stdout()
        where = f"{error.filename}: " if error.filename else ""
        what = "" if where and error.errno == errno.EIO else "the output could not be written: "
        code = _say(f"{where}{what}{error.strerror}", None, NOT_WRITTEN)
    except Exception as error:
        code = _crashed(error)
    return code


def rewritten(argv: Sequence[str]) -> list[str]:
    """The flag `--report` made the verb `report`, and `help VERB` made `VERB --help`."""
    words = list(argv)
    from .root import VERBS

    verb = next((w for w in words if not w.startswith("-")), None)
    if "--report" in words and verb not in VERBS:
        words.remove("--report")
        return ["report", *words]
    if words[:1] == ["help"]:
        return [*words[1:], "--help"]
    return words


def _call(argv: list[str]) -> int:
    from .root import root

    as_json = wants_json(argv)
    try:
        if sys.stdout is None and _wants_help(argv):
            raise OutputError("standard output is closed")  # click would print nothing and be content
        result = root.main(args=argv, prog_name="locust-tui", standalone_mode=False)
    except LocustTuiError as error:
        return _say_error(error, as_json)
    except click.Abort:
        tell("\n")
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        tell(error.format_message() + "\n")
        return error.exit_code
    except click.UsageError as error:
        words = error.message if getattr(error, "possibilities", None) else error.format_message()
        return _say(words.removesuffix("."), _usage_help(error), 2, as_json=as_json)
    except click.ClickException as error:
        return _say(error.format_message(), None, error.exit_code, as_json=as_json)
    return result if isinstance(result, int) else 0


def wants_json(argv: Sequence[str]) -> bool:
    """Whether the call asked for JSON on stdout: an error then is an object there, too."""
    words = _own_words(argv)
    return "--json" in words or "--format=json" in words or ("--format", "json") in pairwise(words)


def _wants_help(argv: Sequence[str]) -> bool:
    return not {"-h", "--help"}.isdisjoint(_own_words(argv))


def _own_words(argv: Sequence[str]) -> list[str]:
    """Those that may be options of ours."""
    return list(argv[: argv.index("--")] if "--" in argv else argv)


def _usage_help(error: click.UsageError) -> str | None:
    possible = getattr(error, "possibilities", None)
    if possible:
        return f"did you mean {' or '.join(sorted(possible))}?"
    if error.ctx is None:
        return None
    return getattr(error, "help", None) or f"{error.ctx.command_path} --help"


def _say_error(error: LocustTuiError, as_json: bool) -> int:
    problems = getattr(error, "problems", None)
    if problems and not as_json:
        tell(f"{error.message}\n")
        return error.exit_code
    if error.exit_code == NOT_WRITTEN:
        drop_stdout()
        as_json = False
    return _say(error.message, error.help, error.exit_code, as_json=as_json)


def _say(message: str, help: str | None, code: int, *, as_json: bool = False) -> int:
    if as_json and sys.stdout is not None:
        from .output import put_json

        try:
            put_json({"error": message, "help": help, "exit_code": code})
        except LocustTuiError:
            drop_stdout()
        else:
            return code
    lines = [f"error: {safe(message)}"]
    if help:
        lines.append(f"help: {safe(help)}")
    tell("\n".join(lines) + "\n")
    return code


def _crashed(error: Exception) -> int:
    """A fault of ours is said whole, with a code that no answer has."""
    import traceback

    text = "".join(traceback.format_exception(error))
    return _say(
        f"this is a fault of locust-tui\n{text.rstrip()}", "please report it with the lines above", UNDECIDED
    )


def _prepare_streams() -> None:
    """What a stream's encoding cannot say becomes "?", and is no crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _terminated(number: int, frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)
