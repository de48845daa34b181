"""Exercise a folder's modules and write which of their lines ran, as lcov: coverage.py FOLDER OUT."""

import dis
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from exercise import exercise, modules


def lines_of(code: CodeType) -> set[int]:
    """Every line that can run."""
    found = {line for _, line in dis.findlinestarts(code) if line}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= lines_of(constant)
    return found


def main(folder: str, out: str) -> None:
    """Trace, count, write."""
    ran: dict[str, set[int]] = {}

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename.startswith(folder):
            ran.setdefault(frame.f_code.co_filename, set()).add(frame.f_lineno)
        return trace

    paths = modules([folder])
    sys.settrace(trace)
    for path in paths:
        exercise(path)
    sys.settrace(None)
    records = []
    for path in paths:
        lines = sorted(lines_of(compile(path.read_text(), str(path), "exec")))
        hit = ran.get(str(path), set())
        records.append(f"SF:{path}")
        records += [f"DA:{line},{int(line in hit)}" for line in lines]
        records += [f"LF:{len(lines)}", f"LH:{len(hit & set(lines))}", "end_of_record"]
    Path(out).write_text("\n".join(records) + "\n")
    print(f"{len(paths)} modules traced into {out}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
