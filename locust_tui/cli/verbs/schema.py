"""`schema`: JSON Schema of the plan file."""

from __future__ import annotations

from ..command import Settings, verb
from ..output import put_json


@verb("schema")
def command(settings: Settings) -> int:
    """Print the JSON Schema of the plan file, for editors and checkers."""
    from ...plans.jsonschema import plan_json_schema

    put_json(plan_json_schema())
    return 0
