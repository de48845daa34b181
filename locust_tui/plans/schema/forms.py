"""Short forms of blocks: a lone value, and a block of names where a list is expected."""

from __future__ import annotations

from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from ..quantities import BadValueError


class Listed:
    """Annotation: besides a list of items, a block of id → item is accepted; the id goes to `key`."""

    def __init__(self, key: str, hint: str, lone: str | None = None) -> None:
        self.key = key
        self.hint = hint
        self.lone = lone

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return core_schema.no_info_before_validator_function(self.unfold, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        items = handler(schema)
        return {"anyOf": [items, {"type": "object"}]}

    def unfold(self, value: Any) -> Any:
        """The list that `value` stands for."""
        if value is None:
            return []
        if isinstance(value, str | int | float):
            return [value]
        if not isinstance(value, dict):
            return value
        return [self._item(name, item) for name, item in value.items()]

    def _item(self, name: str, item: Any) -> dict[str, Any]:
        if isinstance(item, dict):
            return {self.key: name, **item}
        if item is None:
            return {self.key: name}
        if self.lone and isinstance(item, str | int | float):
            return {self.key: name, self.lone: item}
        raise BadValueError(f"{name} must be a block", self.hint, (name,))


class Lone:
    """Annotation: a lone value stands for a block with only `key`."""

    def __init__(self, key: str, *choices: str) -> None:
        self.key = key
        self.choices = choices

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return core_schema.no_info_before_validator_function(self.unfold, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        lone: dict[str, Any] = (
            {"enum": list(self.choices)} if self.choices else {"type": ["string", "number"]}
        )
        return {"anyOf": [lone, handler(schema)]}

    def unfold(self, value: Any) -> Any:
        """The block that `value` stands for."""
        return {self.key: value} if isinstance(value, str | int | float) else value
