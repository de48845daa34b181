"""Run as a script by the shell that has just waited for a command: writes the command's peak memory down, ends as it did.

Arguments: file to write, KiB of the shell when it began, exit status of the command.
"""

from __future__ import annotations

import resource
import sys

file, floor_kib, status = sys.argv[1:]
peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
with open(file, "x", encoding="ascii") as out:
    out.write(f'{{"peak_kib": {peak_kib}, "floor_kib": {floor_kib}}}\n')
sys.exit(int(status))
