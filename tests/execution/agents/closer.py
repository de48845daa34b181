"""Closes its terminal, waits for SIGUSR1, opens it again by its path and ends with 5."""

import os
import signal

signal.signal(signal.SIGUSR1, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
path = os.ttyname(0)
os.write(1, b"before\n")
os.closerange(0, 3)
signal.sigwait({signal.SIGUSR1})
fd = os.open(path, os.O_RDWR)
os.write(fd, b"after\n")
os._exit(5)
