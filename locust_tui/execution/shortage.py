"""What a machine may lack for a while: no fault of what was to be done with it, so it is waited for."""

from __future__ import annotations

import errno
from collections.abc import Mapping

LACKS: Mapping[int, str] = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk takes no writes",
    errno.EIO: "the disk answers with errors",
    errno.EMFILE: "no file descriptors are left",
    errno.ENFILE: "the whole machine has no file descriptors left",
    errno.EAGAIN: "no more processes can be made",
    errno.ENOMEM: "no memory is left",
}
"""By errno, in words."""
_NO_THREAD = "can't start new thread"


def lack_in(error: BaseException | None) -> str | None:
    """What the machine lacked, in words, where `error` comes of that; None for an error of any other kind.

    An error of ours is as much about the machine as the one that it says it was raised from.
    """
    while error is not None:
        if isinstance(error, MemoryError):
            return LACKS[errno.ENOMEM]
        if isinstance(error, RuntimeError) and str(error) == _NO_THREAD:
            return LACKS[errno.EAGAIN]
        if (lack := LACKS.get(getattr(error, "errno", None) or 0)) is not None:
            return lack
        error = error.__cause__
    return None
