"""Commands that open another screen over the main one."""

from __future__ import annotations

from .panes import Panes


class Opening(Panes):
    def do_open(self) -> None: ...
    def do_log(self) -> None: ...
