"""The process that forks shims: small, single-threaded, without state, and free to die at any time.

Run as a script by the worker (`python -I -S -E zygote.py UMASK FILES CAP`), never forked from it. Its stdin is a packet socket:
each packet is a flag with two descriptors, the run's start socket and its folder. End of file ends it. Its stdout is a pipe
that ends with the worker.
"""

from __future__ import annotations

import gc
import posix
import sys
from _signal import SIG_DFL, SIG_SETMASK, SIGCHLD, pthread_sigmask, signal  # type: ignore[import-not-found]
from _socket import CMSG_SPACE, MSG_CMSG_CLOEXEC, socket
from _struct import Struct
from posix import WNOHANG, close, dup, dup2, fork, waitpid, write

KEEP, END = b"k", b"e"  # what to do with processes that outlive the agent's main process
INHERIT = -1
_CAUGHT = (1, 2, 3, 13, 15, 25)  # HUP INT QUIT PIPE TERM XFSZ
_ANCILLARY = CMSG_SPACE(8)
_two_ints = Struct("@ii").unpack


def entitle(text: bytes) -> None:
    """Show `text` as command line and name, so that an agent's `pkill -f python` does not mean us; shims inherit it."""
    with open("/proc/self/stat", "rb", buffering=0) as file:
        field = file.read().rpartition(b")")[2].split()
    begin, end = int(field[45]), int(field[46])  # arg_start, arg_end
    if 0 < begin < end:
        shown = text[: end - begin - 1].ljust(end - begin, b"\0")
        try:
            with open("/proc/self/mem", "r+b", buffering=0) as memory:
                memory.seek(begin)
                memory.write(shown)
        except OSError:  # forbidden on some hardened kernels
            import ctypes

            ctypes.memmove(begin, shown, len(shown))
    with open("/proc/self/comm", "wb", buffering=0) as file:
        file.write(text[:15])


def reap(*_: object) -> None:
    """Collect dead shims; the kernel would do it unasked, but then their CPU time would be missing from our own."""
    try:
        while waitpid(-1, WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def prepare_process(files: int) -> None:
    """Signals and limits: what shims live with, and agents get back by their exec."""
    import resource  # wait4 wants it too; loaded here it is shared by all shims

    from locust_tui.execution.rest import note

    if files != INHERIT:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        if hard == resource.RLIM_INFINITY or files <= hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    for number in range(1, 65):
        if number not in (9, 19, 32, 33):  # KILL and STOP cannot, the C library's own must not
            signal(number, note if number in _CAUGHT else SIG_DFL)
    signal(SIGCHLD, reap)
    pthread_sigmask(SIG_SETMASK, ())


def main(umask: int, files: int, cap: int) -> None:
    """Fork a shim for every packet until the worker goes away."""
    sys.path.append(__file__.rsplit("/", 3)[0])
    from locust_tui.execution.fault import point
    from locust_tui.execution.rest import Rest
    from locust_tui.execution.shim import serve

    prepare_process(files)
    entitle(b"locust-shim")
    control, rest = socket(fileno=dup(0)), Rest(dup(1), cap)
    null = posix.open("/dev/null", posix.O_RDWR | posix.O_CLOEXEC)
    dup2(null, 0)
    dup2(null, 1)
    shims = 0
    receive = control.recvmsg
    gc.collect()
    gc.freeze()
    gc.disable()
    while True:
        data, ancillary, _, _ = receive(8, _ANCILLARY, MSG_CMSG_CLOEXEC)
        if not data:
            return
        shims += 1
        point("zygote.asked", shims)
        if not ancillary or len(ancillary[0][2]) != 8:
            continue  # no room for the descriptors; their closing tells the worker
        start, folder = _two_ints(ancillary[0][2])
        try:
            child = fork()
        except OSError as problem:
            write(start, b"failed\0%d\0cannot fork a shim: %s" % (problem.errno or 0, str(problem).encode()))
            child = -1
        if child == 0:
            dup2(null, 2)
            control.close()
            serve(start, folder, rest, data == KEEP, umask, shims)
        point("zygote.forked", shims)
        close(start)
        close(folder)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
