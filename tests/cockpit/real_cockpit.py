"""The cockpit of a real plan, for a terminal of a test: python tests/cockpit/real_cockpit.py PLAN."""

from __future__ import annotations

import sys

from locust_tui.cli.start import run

if __name__ == "__main__":
    sys.exit(run(["open", sys.argv[1]]))
