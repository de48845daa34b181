"""What the cockpit has computed on demand: one method a study, each answered with values of `domain.studies`."""

from __future__ import annotations

from typing import Protocol


class Studies(Protocol):
    """NotFoundError where there is no plan to look at, StoreError where the record cannot be read."""
