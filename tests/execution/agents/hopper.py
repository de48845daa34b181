"""Processes that leave their own pids and sessions behind every so often: hopper MARK HOW-MANY SECONDS."""

import os
import sys
import time

for _ in range(int(sys.argv[2]) - 1):
    if not os.fork():
        break
os.write(1, b"READY\n")
while True:
    if os.fork():
        os._exit(0)
    os.setsid()
    time.sleep(float(sys.argv[3]))
