"""A process that leaves its own pid and session behind every two milliseconds."""

import os
import time

os.write(1, b"READY\n")
while True:
    if os.fork():
        os._exit(0)
    os.setsid()
    time.sleep(0.002)
