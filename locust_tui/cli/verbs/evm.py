"""`evm`: the same as `earned-value`."""

from __future__ import annotations

from copy import copy

from .earned_value import command as earned_value

command = copy(earned_value)
command.name = "evm"
