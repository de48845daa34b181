"""Writes its arguments and environment as NUL-separated bytes, then its signal dispositions and descriptors."""

import os
import sys
from pathlib import Path

raw = Path("/proc/self/cmdline").read_bytes()
environment = b"\0".join(sorted(key + b"=" + value for key, value in os.environb.items()))
status = dict(line.split(b":", 1) for line in Path("/proc/self/status").read_bytes().splitlines())
with open(os.environ["ANSWER"], "wb") as answer:
    answer.write(b"\xff".join([raw, environment, status[b"SigIgn"].strip(), status[b"SigBlk"].strip()]))
with open(os.environ["ANSWER"] + ".fds", "w") as answer:
    own = answer.fileno()
    held = [fd for fd in range(3, 256) if fd != own and os.path.lexists(f"/proc/self/fd/{fd}")]
    answer.write(f"{held} {os.getsid(0) == os.getpid()} {os.getcwd()}")
sys.exit(0)
