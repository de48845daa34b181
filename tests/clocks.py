"""Clocks of a test's own: a library before the C library's adds to what every clock says, and a file says how much."""

from __future__ import annotations

import atexit
import functools
import mmap
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static const volatile double *added; /* seconds: wall, since boot, monotonic */
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
    real = dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("TEST_CLOCKS");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at = fd < 0 ? MAP_FAILED : mmap(0, 24, PROT_READ, MAP_SHARED, fd, 0);
    added = at == MAP_FAILED ? 0 : at;
}

int clock_gettime(clockid_t id, struct timespec *ts) {
    if (!real) begin();
    int answer = real(id, ts);
    int which = id == CLOCK_REALTIME ? 0 : id == CLOCK_BOOTTIME ? 1 : id == CLOCK_MONOTONIC ? 2 : -1;
    if (answer == 0 && added && which >= 0) ts->tv_sec += (time_t)added[which];
    return answer;
}

int gettimeofday(struct timeval *tv, void *zone) {
    struct timespec ts;
    int answer = clock_gettime(CLOCK_REALTIME, &ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return answer;
}

time_t time(time_t *where) {
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    if (where) *where = ts.tv_sec;
    return ts.tv_sec;
}
"""


class Clocks:
    """Of every process that is started from now on, and of all that those start."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = folder / "clocks"
        file.write_bytes(bytes(24))
        with file.open("r+b") as stream:
            self._added = mmap.mmap(stream.fileno(), 24)
        monkeypatch.setenv("LD_PRELOAD", _library())
        monkeypatch.setenv("TEST_CLOCKS", str(file))
        self.assert_followed()

    def set_wall(self, seconds: float) -> None:
        """Somebody sets the wall clock by so much: no other clock moves."""
        self._add(seconds, 0.0)

    def sleep(self, seconds: float) -> None:
        """The machine is suspended for so long: the monotonic clock stands still, as the kernel's does."""
        self._add(seconds, seconds)

    def _add(self, wall: float, boot: float) -> None:
        then = struct.unpack("3d", self._added)
        self._added[:] = struct.pack("3d", then[0] + wall, then[1] + boot, then[2])

    def assert_followed(self) -> None:
        """A Python like the worker's sees what was added, or the tests that rest on it show nothing."""
        self._add(1000.0, 500.0)
        code = "import time as t; print(t.time(), t.clock_gettime(t.CLOCK_BOOTTIME), t.monotonic())"
        said = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True).stdout
        wall, boot, steady = map(float, said.split())
        assert 900 < wall - _now("CLOCK_REALTIME") < 1001
        assert 400 < boot - _now("CLOCK_BOOTTIME") < 501
        assert -100 < steady - _now("CLOCK_MONOTONIC") < 1
        self._add(-1000.0, -500.0)


def _now(clock: str) -> float:
    import time

    return time.clock_gettime(getattr(time, clock))


@functools.cache
def _library() -> str:
    """Built once for all tests of a process."""
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler: cc")
    folder = Path(tempfile.mkdtemp(prefix="clocks-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    source, library = folder / "clocks.c", folder / "clocks.so"
    source.write_text(_SOURCE)
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    source.unlink()
    return os.fspath(library)
