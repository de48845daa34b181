"""Time one function of a module and write the mean in nanoseconds: bench.py MODULE FUNCTION OUT."""

import json
import runpy
import sys
import time
from pathlib import Path

ARGUMENTS = {"handle": ({"key": "f"},), "render": (200, 60)}


def main(module: str, function: str, out: str) -> None:
    """Call it fifty times and write the mean."""
    call = runpy.run_path(module)[function]
    arguments = ARGUMENTS[function]
    times = []
    for _ in range(50):
        began = time.perf_counter_ns()
        call(*arguments)
        times.append(time.perf_counter_ns() - began)
    mean = sum(times) / len(times)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    Path(out).write_text(json.dumps({"mean": {"point_estimate": mean, "unit": "ns"}, "runs": len(times)}))
    print(f"{module}:{function} {mean:.0f} ns")


if __name__ == "__main__":
    main(*sys.argv[1:4])
