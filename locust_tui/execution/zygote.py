"""The process that forks shims: small, single-threaded, without state, and free to die at any time.

Run as a script by the worker (`python -I -S -E zygote.py`), never forked from it. Its stdin is a unix socket: each
message carries two descriptors, the run's start socket and its folder; the shim reads the rest itself. End of file ends it.
"""

from __future__ import annotations

import _socket
import gc
import os
import signal
import struct
import sys

_IGNORED = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ)


def title(text: bytes) -> None:
    """Show `text` as this process's command line, so that an agent's `pkill -f python` does not mean us."""
    import ctypes

    with open("/proc/self/stat", "rb", buffering=0) as file:
        field = file.read().rpartition(b")")[2].split()
    begin, end = int(field[45]), int(field[46])  # arg_start, arg_end
    if 0 < begin < end:
        room = end - begin
        ctypes.memmove(begin, text[: room - 1].ljust(room, b"\0"), room)


def main() -> None:
    """Fork a shim for every message until the worker goes away."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.path.append(root)
    from locust_tui.execution import fault, shim

    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
            signal.signal(number, signal.SIG_IGN if number in _IGNORED else signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps shims; each sets its own rule for its agent
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    title(b"locust-zygote")
    control = _socket.socket(fileno=0)
    shims = 0
    gc.collect()
    gc.freeze()
    gc.disable()
    while True:
        data, ancillary, _, _ = control.recvmsg(1, _socket.CMSG_SPACE(8), _socket.MSG_CMSG_CLOEXEC)
        if not data:
            return
        fds = [fd for _, _, packed in ancillary for fd in struct.unpack(f"@{len(packed) // 4}i", packed)]
        shims += 1
        fault.point("zygote.asked", shims)
        if len(fds) == 2:
            try:
                child = os.fork()
            except OSError as problem:
                os.write(fds[0], b"failed\0%d\0cannot fork a shim" % (problem.errno or 0))
                child = -1
            if child == 0:
                null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
                for target in (0, 1, 2):
                    os.dup2(null, target)
                title(b"locust-shim")
                shim.serve(fds[0], fds[1], shims)
        fault.point("zygote.forked", shims)
        for fd in fds:
            os.close(fd)


if __name__ == "__main__":
    main()
