"""The server on the port, as a worker starts it: PLAN STATE_DIR, and the numbers of the listening socket and of its lock."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from locust_tui.state.folder import StateFolder

from .serving import serve_http

if __name__ == "__main__":
    plan, root, listener, lock = sys.argv[1:]
    os.set_inheritable(int(listener), False)
    os.set_inheritable(int(lock), False)
    serve_http(StateFolder(Path(plan), Path(root)), int(listener))
