"""A duty goes on until it is cancelled: one that fails is told of and begun again, and never ends the worker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from locust_tui.errors import LocustTuiError

from .troubles import Troubles

log = logging.getLogger(__name__)

Begin = Callable[[], Coroutine[Any, Any, None]]
"""Makes the coroutine that ends only by being cancelled."""
FIRST_S, LONGEST_S = 1.0, 60.0
"""A duty that failed rests so long, twice as long each time, until it has worked for as long as it rested."""


async def carry_on(name: str, begin: Begin, troubles: Troubles, *, first_s: float = FIRST_S) -> None:
    """Do what `begin` makes, again after every failure; a trouble called `name` tells that it fails."""
    rest = first_s
    while True:
        began, over = time.monotonic(), partial(troubles.over, name)
        well = asyncio.get_running_loop().call_later(rest, over)
        try:
            await begin()
            what = "it came to an end"
        except LocustTuiError as error:
            log.error("%s: %s", name, error)
            what = error.message
        except Exception as error:
            log.exception("%s failed", name)
            what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        finally:
            well.cancel()
        if time.monotonic() - began > rest:
            rest = first_s
        troubles.tell(name, f"{what}; it is tried again")
        await asyncio.sleep(rest)
        rest = min(LONGEST_S, 2 * rest)
