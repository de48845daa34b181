"""Reads no line before the file argv[1] is there, then says what it got, long ones only by their length."""

import sys
import time
from pathlib import Path

while not Path(sys.argv[1]).exists():
    time.sleep(0.01)
for line in sys.stdin:
    text = line.rstrip("\n")
    print("got", text if len(text) < 100 else f"{len(text)} long", flush=True)
