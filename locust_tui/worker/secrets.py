"""Values that the plan names by where they are: fetched when a run starts, kept nowhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from locust_tui.errors import LocustTuiError

MOST_BYTES = 65_536


def fetch(references: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Variable → value, of "env:NAME" (the worker's environment) and "file:PATH" (relative to the plan's `folder`).

    A file's last newline is not part of its value. Raises LocustTuiError naming the reference, never a value.
    """
    return {variable: _value(variable, reference, folder) for variable, reference in references.items()}


def _value(variable: str, reference: str, folder: Path) -> str:
    kind, _, where = reference.partition(":")
    if kind == "env":
        value = os.environ.get(where.strip())
        if value is None:
            raise LocustTuiError(
                f"the secret {variable} is to come from the variable {where}, which the worker does not have",
                help=f"export {where}=…, then: locust-tui down, locust-tui up",
            )
        return value
    path = folder / Path(where.strip()).expanduser()
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise LocustTuiError(
            f"the secret {variable} is to come from the file {path}: {error.strerror}"
        ) from error
    if len(data) > MOST_BYTES or "\0" in text:
        raise LocustTuiError(f"the secret {variable} in {path} is no text of at most {MOST_BYTES} bytes")
    return text
