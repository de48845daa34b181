"""What keeps a worker from its work right now. It is told over the socket, because the record may be what fails."""

from __future__ import annotations

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """`about` tells one from another: "record", "socket", or the duty that fails."""

    about: str
    what: str
    """What is wrong and what to do about it, for people."""
    since: float
