"""The plan file as a JSON Schema, for editors and for whoever wants to know every key and name."""

from __future__ import annotations

from typing import Any

SCHEMA_ID = "https://locust-tui.dev/plan.schema.json"


def plan_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a plan; `x-names` lists what expressions and placeholders may use."""
    from ..analysis.expression import OF_WORK
    from ..analysis.quantities import KNOWN_QUANTITIES
    from ..analysis.watched import METRICS
    from ..domain.template import PLACEHOLDERS
    from .schema.document import PlanBlock

    schema: dict[str, Any] = PlanBlock.model_json_schema(by_alias=True)
    for block in (schema, *schema.get("$defs", {}).values()):
        _free_keys(block)
    for model in _models(PlanBlock):
        block = schema if model is PlanBlock else schema["$defs"].get(model.__name__)
        if block is not None:
            _aliases(model, block)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "locust-tui plan",
        "x-names": {
            "expressions": KNOWN_QUANTITIES,
            "expressions-of-work": OF_WORK,
            "metrics": METRICS,
            "placeholders": PLACEHOLDERS,
        },
    }


def _free_keys(block: dict[str, Any]) -> None:
    """Keys that begin with x- are allowed in every block."""
    if block.get("additionalProperties") is False:
        block["patternProperties"] = {"^x-": {}}


def _aliases(model: Any, block: dict[str, Any]) -> None:
    """Every accepted spelling of a key is a property."""
    for name, field in model.model_fields.items():
        choices = [c for c in getattr(field.validation_alias, "choices", ()) if isinstance(c, str)]
        known = next((c for c in (name, *choices) if c in block.get("properties", {})), None)
        for choice in choices if known else ():
            block["properties"].setdefault(choice, block["properties"][known])


def _models(root: Any) -> list[Any]:
    from .schema.values import Block

    found, waiting = [], [Block]
    while waiting:
        model = waiting.pop()
        found.append(model)
        waiting += model.__subclasses__()
    return found
