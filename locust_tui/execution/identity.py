"""Who a process is, beyond its number: (boot, pid, start ticks, pid namespace), checked through a pidfd.

A signal goes out only through a pidfd whose process was proved after it was opened; otherwise not at all.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import struct
from collections.abc import Mapping
from functools import cache

from locust_tui.domain.dataclass import dataclass
from locust_tui.machine import boot_id as boot_id


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process for ever: `start` is field 22 of /proc/PID/stat (clock ticks since boot), `pidns` its namespace's inode."""

    pid: int
    start: int
    boot_id: str
    pidns: int

    @classmethod
    def from_record(cls, record: Mapping[str, object]) -> ProcessIdentity | None:
        """The identity a shim wrote down, or None when the record does not hold one."""
        pid, start, boot_id, pidns = (record.get(key) for key in ("pid", "start", "boot_id", "pidns"))
        if (
            isinstance(pid, int)
            and isinstance(start, int)
            and isinstance(boot_id, str)
            and isinstance(pidns, int)
        ):
            return cls(pid, start, boot_id, pidns) if pid > 1 else None
        return None


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """What /proc/PID/stat says: times in clock ticks, `rss` in pages. `state` is the kernel's letter (R S D T Z …)."""

    pid: int
    state: str
    ppid: int
    session: int
    cpu: int
    children_cpu: int
    start: int
    rss: int

    @property
    def gone(self) -> bool:
        """Dead, though perhaps not yet reaped."""
        return self.state in "ZXx"


@cache
def pid_namespace() -> int:
    """The inode of our pid namespace; a pid means something only inside it."""
    return os.stat("/proc/self/ns/pid").st_ino


def read_stat(pid: int) -> ProcessStat | None:
    """What the kernel says of `pid`, None when there is no such process."""
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, ProcessLookupError):
        return None
    try:
        text = os.read(fd, 4096)
    except ProcessLookupError:
        return None
    finally:
        os.close(fd)
    field = text[text.rindex(b")") + 2 :].split()
    return ProcessStat(
        pid=pid,
        state=chr(field[0][0]),
        ppid=int(field[1]),
        session=int(field[3]),
        cpu=int(field[11]) + int(field[12]),
        children_cpu=int(field[13]) + int(field[14]),
        start=int(field[19]),
        rss=int(field[21]),
    )


def has_ended(pidfd: int) -> bool:
    """Whether the process behind this pidfd is dead (reaped or not)."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(0))


def has_group(pidfd: int) -> bool:
    """Whether somebody is left in the process group that this process began: until then its number is given to nobody else.

    Needs Linux 6.9; False on older kernels.
    """
    try:
        signal.pidfd_send_signal(pidfd, 0, None, _PIDFD_SIGNAL_PROCESS_GROUP)
    except OSError as error:
        return error.errno == errno.EPERM
    return True


def open_process(identity: ProcessIdentity) -> int | None:
    """A pidfd of exactly this process, None when it is dead or cannot be proved to be the one meant. The caller closes it."""
    if identity.boot_id != boot_id() or identity.pidns != pid_namespace():
        return None
    try:
        pidfd = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return None
    proved = False
    try:
        stat = read_stat(identity.pid)
        # still alive after its start was read: the number had one owner from open to here
        alive = stat is not None and not stat.gone and not has_ended(pidfd)
        proved = alive and stat is not None and stat.start == identity.start
    finally:
        if not proved:
            os.close(pidfd)
    return pidfd if proved else None


def is_alive(identity: ProcessIdentity) -> bool:
    """Whether this very process lives, as far as this kernel view can tell."""
    pidfd = open_process(identity)
    if pidfd is None:
        return False
    os.close(pidfd)
    return True


def send_signal(pidfd: int, signum: int) -> bool:
    """Signal the process behind a proved pidfd; False when it is already gone."""
    try:
        signal.pidfd_send_signal(pidfd, signum)
    except ProcessLookupError:
        return False
    return True


_PIDFD_SIGNAL_PROCESS_GROUP = 4
_PIDFD_GET_INFO = 0xC040FF0B  # _IOWR(0xFF, 11, struct pidfd_info), its first 64 bytes
_PIDFD_INFO_EXIT = 1 << 3


def exit_status(pidfd: int, pid: int) -> int | None:
    """The wait status of a dead process that is not our child (kernel 6.15 and later); None when the kernel cannot say.

    After it was reaped the pidfd knows; before, its zombie does. Older kernels are not asked about zombies: there the
    figure is wrong for a program whose first thread ended before the others.
    """
    info = bytearray(64)
    struct.pack_into("=Q", info, 0, _PIDFD_INFO_EXIT)
    try:
        fcntl.ioctl(pidfd, _PIDFD_GET_INFO, info)
    except OSError:
        return None
    (mask,) = struct.unpack_from("=Q", info, 0)
    (status,) = struct.unpack_from("=i", info, 60)
    return int(status) if mask & _PIDFD_INFO_EXIT else _zombie_status(pidfd, pid)


def _zombie_status(pidfd: int, pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            fields = file.readall().rpartition(b")")[2].split()
        with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as file:
            still = dict(line.split(":", 1) for line in file)["Pid"]
    except (FileNotFoundError, ProcessLookupError):
        return None
    # not reaped even after the read: the number was still this process's
    return int(fields[-1]) if fields[0] == b"Z" and int(still) == pid else None
