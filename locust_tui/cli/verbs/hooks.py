"""`hooks`: pipelines of this program's own verbs, run by the clock or after an event, and messages sent by name."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from ..command import verb_group


@verb_group("hooks")
def command() -> None:
    """Run verbs by the clock or after events; send a message."""


for _member in ("hooks_schedule", "hooks_notify"):
    if find_spec(f"{__package__}.{_member}") is not None:
        importlib.import_module(f"{__package__}.{_member}")
