"""Prints COUNT numbered lines, one write each, over about SECONDS; exits with CODE."""

import os
import sys
import time

count, seconds, code = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
for number in range(count):
    os.write(1, b"line %d of %d\n" % (number, count))
    time.sleep(seconds / count)
sys.exit(code)
