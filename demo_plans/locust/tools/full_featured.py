"""Hold every module that was built and draw frames with each: full_featured.py FRAMES. Its peak memory is what the gate measures."""

import runpy
import sys
from pathlib import Path

frames = int(sys.argv[1])
plugins = [runpy.run_path(str(p)) for p in sorted(Path("src").rglob("*.py"))]
for frame in range(frames):
    plugins[frame % len(plugins)]["render"](80, 24)
print(f"{len(plugins)} plugins, {frames} frames")
