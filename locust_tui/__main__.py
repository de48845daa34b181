"""The command `locust-tui`."""

from __future__ import annotations

import sys


def main() -> None:
    """Answer `--version` at once, hand everything else to the command line; never returns."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from locust_tui import __version__

        sys.stdout.write(f"locust-tui {__version__}\n")
        return
    try:
        from locust_tui.cli.start import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
