"""Prints COUNT numbered lines, one write each, over about SECONDS, the first when GO is there if it is named; exits with CODE."""

import os
import sys
import time

count, seconds, code = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
while sys.argv[4:] and not os.path.exists(sys.argv[4]):
    time.sleep(0.01)
for number in range(count):
    os.write(1, b"line %d of %d\n" % (number, count))
    time.sleep(seconds / count)
sys.exit(code)
