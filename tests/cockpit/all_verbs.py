"""Every command line of a list, one after the other in one process: python tests/cockpit/all_verbs.py FILE."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from locust_tui.cli.start import run

if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text())
    os.chdir(asked["folder"])
    for words in asked["calls"]:
        print(f"=== {' '.join(words)}", flush=True)
        try:
            code = run(words)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        print(f"=== ended with {code}", flush=True)
