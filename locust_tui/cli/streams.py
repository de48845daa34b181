"""Standard streams, also once nobody reads them."""

from __future__ import annotations

import os
import sys


def drop_stdout() -> None:
    """Nobody takes our output any more: what is left in the buffer goes nowhere, silently."""
    _lead_nowhere(1)


def tell(text: str) -> None:
    """Write `text` to stderr now. Where nobody takes it no harm is done, at the end of the process neither."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        _lead_nowhere(2)


def _lead_nowhere(stream: int) -> None:
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, stream)
    os.close(devnull)
