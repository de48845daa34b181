"""An agent whose children do all they can to outlive it; prints READY when the whole tree is up."""

import os
import signal
import time

READY, told = os.pipe()


def child(*, session: bool = False, daemon: bool = False, deaf: bool = False, bare: bool = False) -> None:
    if pid := os.fork():
        if daemon:
            os.waitpid(pid, 0)  # it has gone before anybody counts us
        return
    if session or daemon:
        os.setsid()
    if daemon and os.fork():
        os._exit(0)
    if deaf:
        for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(signum, signal.SIG_IGN)
    os.write(told, b"x")
    if bare:
        os.execve("/bin/sleep", ["sleep", "600"], {})
    while True:
        time.sleep(600)


child()
child(session=True)
child(daemon=True)
child(deaf=True)
child(bare=True, daemon=True)
child(daemon=True, deaf=True)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
up = 0
while up < 6:
    up += len(os.read(READY, 6))
os.write(1, b"READY\n")
time.sleep(600)
