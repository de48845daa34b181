"""The process that forks shims: small, single-threaded, without state, and free to die at any time.

Run as a script by the worker (`python -I -S -E zygote.py`), never forked from it. Its stdin is a packet socket: each packet
is MESSAGE with three descriptors: the run's start socket, its folder, and a pipe that ends with the worker. End of file ends it.
"""

from __future__ import annotations

import _socket
import gc
import os
import struct
import sys
from _signal import SIG_DFL, SIG_IGN, SIG_SETMASK, SIGCHLD, pthread_sigmask, signal  # type: ignore[import-not-found]

MESSAGE = struct.Struct("@?q")  # keep leftovers, log cap in bytes
_IGNORED = (1, 2, 3, 13, 15, 25)  # HUP INT QUIT PIPE TERM XFSZ


def entitle(text: bytes) -> None:
    """Show `text` as command line and name, so that an agent's `pkill -f python` does not mean us; shims inherit it."""
    import ctypes

    with open("/proc/self/stat", "rb", buffering=0) as file:
        field = file.read().rpartition(b")")[2].split()
    begin, end = int(field[45]), int(field[46])  # arg_start, arg_end
    if 0 < begin < end:
        ctypes.memmove(begin, text[: end - begin - 1].ljust(end - begin, b"\0"), end - begin)
    with open("/proc/self/comm", "wb", buffering=0) as file:
        file.write(text[:15])


def reap(*_: object) -> None:
    """Collect dead shims; the kernel would do it unasked, but then their CPU time would be missing from our own."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def main() -> None:
    """Fork a shim for every packet until the worker goes away."""
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    import resource  # noqa: F401 - os.wait4 wants it; loaded here it is shared by all shims

    from locust_tui.execution import fault, shim

    for number in range(1, 65):
        if number not in (9, 19, 32, 33):  # KILL and STOP cannot, the C library's own must not
            signal(number, SIG_IGN if number in _IGNORED else SIG_DFL)
    signal(SIGCHLD, reap)
    pthread_sigmask(SIG_SETMASK, ())
    entitle(b"locust-shim")
    control = _socket.socket(fileno=os.dup(0))
    null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    os.dup2(null, 0)
    shims = 0
    gc.collect()
    gc.freeze()
    gc.disable()
    while True:
        data, ancillary, _, _ = control.recvmsg(MESSAGE.size, _socket.CMSG_SPACE(12), _socket.MSG_CMSG_CLOEXEC)
        if not data:
            return
        fds = [fd for _, _, packed in ancillary for fd in struct.unpack(f"@{len(packed) // 4}i", packed)]
        shims += 1
        fault.point("zygote.asked", shims)
        if len(fds) == 3:
            try:
                child = os.fork()
            except OSError as problem:
                os.write(fds[0], b"failed\0%d\0cannot fork a shim: %s" % (problem.errno or 0, str(problem).encode()))
                child = -1
            if child == 0:
                os.dup2(null, 2)
                control.close()
                keep, log_cap = MESSAGE.unpack(data)
                shim.serve(fds[0], fds[1], fds[2], keep, log_cap, shims)
        fault.point("zygote.forked", shims)
        for fd in fds:
            os.close(fd)


if __name__ == "__main__":
    main()
