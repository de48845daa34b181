"""Where a user's viewers keep how far they have seen each plan."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from locust_tui.plans.cache import user_state_folder

if TYPE_CHECKING:
    from locust_tui.state.folder import StateFolder


def seen_path(folder: StateFolder) -> Path:
    """One file a record; its name tells of no project."""
    key = hashlib.sha256(os.fsencode(folder.store.absolute())).hexdigest()[:32]
    return user_state_folder() / "seen" / f"{key}.json"
