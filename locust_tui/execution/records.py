"""What the shim writes into the run folder: records, whole or not at all and durable where a restart depends on them; log; stdin."""

from __future__ import annotations

import errno
import os
import stat

from locust_tui.execution import fault


def json_text(text: str) -> str:
    """A JSON string in ASCII; written by hand since `json` would cost every shim its memory."""
    units = text.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[i : i + 2], "big") for i in range(0, len(units), 2)]
    return '"' + "".join(chr(c) if 32 <= c < 127 and c not in (34, 92) else f"\\u{c:04x}" for c in codes) + '"'


def write_record(name: str, text: str, *folders: str, ordinal: int) -> None:
    """Put the whole of `text` in place as `name` in the current folder, and make it and `folders` survive power loss.

    Renamed first and synced once: should the power go in between, the name may stand for an empty file, which says no
    more than "unknown", as its absence would.
    """
    tmp = name + ".tmp"
    fd = os.open(tmp, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        data = text.encode("ascii")
        while data:
            data = data[os.write(fd, data) :]
        fault.point(f"{name}.tmp", ordinal)
        os.rename(tmp, name)
        os.fsync(fd)
    finally:
        os.close(fd)
    for folder in folders:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        os.fsync(fd)
        os.close(fd)


def _host() -> str:
    with open("/proc/sys/kernel/random/boot_id", "rb", buffering=0) as file:
        boot = file.read().strip().decode("ascii")
    return f'"boot_id":"{boot}","pidns":{os.stat("/proc/self/ns/pid").st_ino}'


_HOST = _host()  # once in the zygote, not in every shim


def identity_json(pid: int) -> str:
    """The JSON members that say who a process is: pid, start ticks, boot, pid namespace."""
    fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    text = os.read(fd, 4096)
    os.close(fd)
    start = int(text[text.rindex(b")") + 2 :].split()[19])
    return f'"pid":{pid},"start":{start},{_HOST}'


def open_log() -> int:
    """The run's log, appended to; refused when it is not a plain file of ours that nobody else has a name for."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    log = os.open("log", flags, 0o600)
    facts = os.fstat(log)
    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1 or facts.st_uid != os.geteuid():
        raise OSError(errno.ELOOP, "the log is not a plain file of ours alone")
    os.set_blocking(log, True)
    return log


def open_stdin(fifo: bool) -> int:
    """The agent's stdin: nothing, or a FIFO held open both ways, which survives any number of writers."""
    if not fifo:
        return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    if not os.path.lexists("stdin"):
        os.mkfifo("stdin", 0o600)
    fd = os.open("stdin", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISFIFO(os.fstat(fd).st_mode):
        raise OSError(errno.EINVAL, "stdin is not a FIFO")
    os.set_blocking(fd, True)
    return fd
