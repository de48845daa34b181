"""The command `locust-tui`."""

from __future__ import annotations

import sys


def main() -> None:
    """Answer `--version` and agents' plain calls at once, hand everything else to the command line; never returns."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.exit(_version())
    try:
        from locust_tui.cli.quick import quick

        code = quick(sys.argv[1:])
        if code is None:
            from locust_tui.cli.start import run

            code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _version() -> int:
    """Print the version; the exit code."""
    import os

    from locust_tui import __version__

    try:
        os.write(1, f"locust-tui {__version__}\n".encode())
    except BrokenPipeError:
        return 0
    except OSError as error:
        from locust_tui.cli.streams import tell

        tell(f"error: the output could not be written: {error.strerror}\n")
        return 74
    return 0


if __name__ == "__main__":
    main()
