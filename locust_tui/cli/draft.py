"""What a verb is about to put into the plan in force: values at places, none that stands there already."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    from ..client.connection import Connection
    from ..domain.world import World


class Draft:
    """Values for places of the plan, each the place of one value: what stands beside it stays as it is."""

    def __init__(self, world: World) -> None:
        self._there = {path: a.value for path, a in world.additions.items() if a.value}
        self.values: dict[str, str] = {}

    def put(self, place: str, value: Any, *, over: Any = None) -> None:
        """`value` at `place`; not where the plan says the same there, which is `over`, or a command did before."""
        text = json.dumps(value, ensure_ascii=False)
        if value != over and self._there.get(place) != text:
            self.values[place] = text

    def added(self, place: str) -> Any:
        """What a command put there earlier; None: nothing."""
        text = self._there.get(place)
        return None if text is None else json.loads(text)

    def send(self, connection: Connection, by: str | None = None) -> int | None:
        """Put them into the plan in force, all or none; the revision, None where there was nothing to put."""
        from ..client.requests import AddToPlan

        if not self.values:
            return None
        return connection.ask(AddToPlan(tuple(self.values.items()), by)).revision


def check_name(name: str, what: str) -> str:
    """The name with composed letters. UsageError for what cannot be an id in the plan."""
    import re
    import unicodedata

    found = unicodedata.normalize("NFC", name)
    if not re.fullmatch(r"[\w][\w.-]{0,63}", found):
        raise UsageError(
            f'"{name}" can be no {what}',
            help="letters, digits, _ . and -, 64 at most, and first a letter or digit",
        )
    return found
