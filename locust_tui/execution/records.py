"""What the shim writes into the run folder: records, whole or not at all; log; stdin."""

from __future__ import annotations

from _stat import S_ISFIFO, S_ISREG
from errno import EINVAL, ELOOP, ENXIO
from posix import (
    O_APPEND,
    O_CLOEXEC,
    O_CREAT,
    O_NOFOLLOW,
    O_NONBLOCK,
    O_RDONLY,
    O_RDWR,
    O_TRUNC,
    O_WRONLY,
    close,
    fstat,
    fsync,
    geteuid,
    mkfifo,
    read,
    rename,
    set_blocking,
    stat,
    unlink,
    write,
)
from posix import (
    open as open_fd,
)

from locust_tui.fault import point

SHIM = "shim.json"
"".encode("utf-16-be")  # loads it; a shim may need it when Python itself is being replaced
_NEW = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK


def text_of(raw: bytes) -> str:
    """Bytes of the system as text that turns into the same bytes again."""
    return raw.decode("utf-8", "surrogateescape")


def json_text(text: str) -> str:
    """A JSON string in ASCII; written by hand since `json` would cost every shim its memory."""
    units = text.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2)]
    return (
        '"' + "".join(chr(c) if 32 <= c < 127 and c not in (34, 92) else f"\\u{c:04x}" for c in codes) + '"'
    )


def seconds(nanoseconds: int) -> bytes:
    """A time in seconds with six decimals; of whole numbers, since printing a float costs far more."""
    return b"%d.%06d" % divmod(nanoseconds // 1000, 1_000_000)


def write_record(name: str, text: bytes, ordinal: int, folder: int = -1) -> None:
    """Put the whole of `text` in place as `name` in the current folder; with `folder`, its descriptor, both survive power loss.

    What is written survives the death of every process at once. After a power loss the name may be missing or stand for
    an empty file, which says no more than "unknown".
    """
    tmp = name + ".tmp"
    try:
        fd = open_fd(tmp, _NEW, 0o600)
    except OSError as problem:
        if problem.errno not in (ELOOP, ENXIO):
            raise
        unlink(tmp)  # the agent laid a link or a pipe there
        fd = open_fd(tmp, _NEW, 0o600)
    try:
        while text:
            text = text[write(fd, text) :]
        point(tmp, ordinal)
        rename(tmp, name)
        if folder >= 0:
            fsync(fd)
    finally:
        close(fd)
    if folder >= 0:
        fsync(folder)


def _host() -> bytes:
    fd = open_fd("/proc/sys/kernel/random/boot_id", O_RDONLY)
    boot = read(fd, 64).strip()
    close(fd)
    return b'"boot_id":"%s","pidns":%d' % (boot, stat("/proc/self/ns/pid").st_ino)


_HOST = _host()  # once in the zygote, not in every shim


def identity_json(pid: int) -> bytes:
    """The JSON members that say who a process is: pid, start ticks, boot, pid namespace."""
    return b'"pid":%d,"start":%s,%s' % (pid, start_of(pid), _HOST)


def start_of(pid: int) -> bytes:
    """The digits of its start: clock ticks since boot."""
    fd = open_fd(b"/proc/%d/stat" % pid, O_RDONLY | O_CLOEXEC)
    text = read(fd, 1024)
    close(fd)
    # the name before the last parenthesis may hold anything; field 22 is the 20th after it
    return text[text.rindex(b")") + 2 :].split(b" ", 20)[19]


def open_output(name: str) -> tuple[int, int]:
    """Descriptor and inode of a file the run's output is appended to; refused when it is not a plain file of ours alone."""
    fd = open_fd(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    facts = fstat(fd)
    if not S_ISREG(facts.st_mode) or facts.st_nlink != 1 or facts.st_uid != geteuid():
        raise OSError(ELOOP, "the log is not a plain file of ours alone")
    set_blocking(fd, True)
    return fd, facts.st_ino


def open_fifo() -> int:
    """The FIFO `stdin`, made if need be, open both ways: so it survives any number of writers. It does not block."""
    try:  # noqa: SIM105 - contextlib would cost every shim its memory
        mkfifo("stdin", 0o600)
    except FileExistsError:
        pass
    fd = open_fd("stdin", O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if not S_ISFIFO(fstat(fd).st_mode):
        raise OSError(EINVAL, "stdin is not a FIFO")
    return fd


def open_stdin(fifo: bool) -> tuple[int, int]:
    """The agent's stdin, nothing or the FIFO's read end, and the write end without which that would have an end (-1: none)."""
    if not fifo:
        return open_fd("/dev/null", O_RDONLY | O_CLOEXEC), -1
    both = open_fifo()  # neither end can be opened alone without waiting for the other
    name = b"/proc/self/fd/%d" % both
    ends = open_fd(name, O_RDONLY | O_CLOEXEC), open_fd(name, O_WRONLY | O_CLOEXEC)
    close(both)
    return ends
