"""Field types shared by the models: short forms are read here, so that errors keep their place in the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, PlainValidator, WithJsonSchema

from ...domain.criterion import Command
from ...domain.plan import Need, Weeks
from ...errors import did_you_mean
from ..commands import parse_address, parse_command, parse_environment, parse_template
from ..quantities import (
    BadValueError,
    parse_date,
    parse_days,
    parse_duration,
    parse_every,
    parse_quantity,
    parse_range,
    parse_week,
    parse_weeks,
)
from .needs import composed, parse_needs


class Block(BaseModel):
    """A block of keys; unknown ones are errors."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, arbitrary_types_allowed=True)


SomeBlock = TypeVar("SomeBlock", bound=Block)


def _json(**schema: Any) -> WithJsonSchema:
    return WithJsonSchema(schema)


_TEXT_OR_LIST = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    found = []
    for position, item in enumerate(items):
        if isinstance(item, dict | list) or item is None:
            kind = "a block" if isinstance(item, dict) else "a list" if isinstance(item, list) else "empty"
            raise BadValueError(
                f"a name must be a text, not {kind}", "[one, two]", (position,) if value is items else ()
            )
        found.append(str(item).lower() if isinstance(item, bool) else str(item))
    return tuple(found)


def _reference(value: Any) -> str:
    """A name that points at an id: written with composed letters, as ids are."""
    return composed(_scalar_text(value))


def _references(value: Any) -> tuple[str, ...]:
    return tuple(map(composed, _names(value)))


def parse_phases(value: Any) -> tuple[str, ...]:
    """`1`, `2-3`, `[2, 3]` or names: 2-3 is the set of 2 and 3."""
    found: list[str] = []
    for item in _references(value):
        first, dash, last = item.replace("–", "-").partition("-")
        if dash and first.strip().isdigit() and last.strip().isdigit():
            weeks = parse_weeks(item)
            if weeks.last - weeks.first > 1000:
                raise BadValueError(f"{item} are more phases than a plan can have", "2-3")
            found += [str(n) for n in range(weeks.first, weeks.last + 1)]
        else:
            found.append(item)
    return tuple(found)


def _estimate(value: Any) -> tuple[float, float, float]:
    """Three durations in weeks: optimistic, most likely, pessimistic."""
    if not isinstance(value, list) or len(value) != 3:
        raise BadValueError(
            "an estimate has three parts: optimistic, most likely, pessimistic", "estimate: [1, 2, 4]"
        )
    numbers: list[float] = []
    for position, item in enumerate(value):
        text = str(item).strip()
        try:
            weeks = float(text)
        except ValueError:
            weeks = parse_duration(text) / 604_800
        if not 0 <= weeks < 10_000:
            raise BadValueError(f"{text} is no number of weeks", "estimate: [1, 2, 4]", (position,))
        numbers.append(weeks)
    if not numbers[0] <= numbers[1] <= numbers[2]:
        raise BadValueError(
            "an estimate must rise: optimistic, most likely, pessimistic", "estimate: [1, 2, 4]"
        )
    return numbers[0], numbers[1], numbers[2]


def _quantity(value: Any) -> tuple[float, str | None]:
    return parse_quantity(value)


def _points(value: Any) -> float:
    number, unit = parse_quantity(value)
    if unit not in (None, "%") or not 0 <= number <= 100:
        raise BadValueError(f'"{value}" is not a share', "write it in points, like 80 or 80%")
    return number


def _command_lines(value: Any) -> tuple[Command, ...]:
    """One command as a text, or a list of commands, each a text or a list of its own."""
    if value is None:
        return ()
    if not isinstance(value, list):
        return (parse_command(value),)
    return tuple(parse_command(one) for one in value)


def _window(value: Any) -> tuple[float, float]:
    low, high, _ = parse_range(value)
    return (low, high) if high is not None else (0.0, low)


def _scalar_text(value: Any) -> str:
    if isinstance(value, dict | list) or value is None:
        raise BadValueError("this must be one value", "put it in quotes")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _zone(value: Any) -> str:
    from zoneinfo import ZoneInfo, available_timezones

    name = str(value)
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise BadValueError(
            f'"{name}" is not a time zone',
            did_you_mean(name, available_timezones()) or "write it like Europe/Berlin",
        ) from None
    return name


_DURATION_JSON = _json(
    type="string", pattern=r"^(\d+(\.\d+)?\s*(ms|s|m|min|h|d|w))+$", examples=["30s", "5m", "4h", "2d", "1w"]
)
_WEEKS_JSON = _json(anyOf=[{"type": "integer", "minimum": 1}, {"type": "string"}], examples=["3-8", 4])
_LIMIT_JSON = _json(type=["number", "string"], examples=["80%", "10ms", "10MB", 3])

Text = Annotated[str, PlainValidator(_scalar_text), _json(type=["string", "number", "boolean"])]
Names = Annotated[tuple[str, ...], PlainValidator(_names), _json(**_TEXT_OR_LIST)]
Ref = Annotated[str, PlainValidator(_reference), _json(type=["string", "number", "boolean"])]
Refs = Annotated[tuple[str, ...], PlainValidator(_references), _json(**_TEXT_OR_LIST)]
Phases = Annotated[
    tuple[str, ...],
    PlainValidator(parse_phases),
    _json(anyOf=[{"type": ["integer", "string"]}, {"type": "array"}], examples=["2-3", 1]),
]
Duration = Annotated[float, PlainValidator(parse_duration), _DURATION_JSON]
WeekRange = Annotated[Weeks, PlainValidator(parse_weeks), _WEEKS_JSON]
Week = Annotated[int, PlainValidator(parse_week), _WEEKS_JSON]
Window = Annotated[
    tuple[float, float], PlainValidator(_window), _json(type=["string", "number"], examples=["8-12"])
]
Date = Annotated[Any, PlainValidator(parse_date), _json(type="string", format="date")]
Every = Annotated[
    str, PlainValidator(parse_every), _json(type="string", examples=["fri 17:00", "day 9:00", "1w"])
]
Zone = Annotated[str, PlainValidator(_zone), _json(type="string", examples=["UTC", "Europe/Berlin"])]
Days = Annotated[tuple[int, ...], PlainValidator(parse_days), _json(**_TEXT_OR_LIST, examples=["mon-fri"])]
Quantity = Annotated[tuple[float, str | None], PlainValidator(_quantity), _LIMIT_JSON]
Points = Annotated[float, PlainValidator(_points), _json(type=["number", "string"], examples=[80, "80%"])]
Estimate = Annotated[
    tuple[float, float, float],
    PlainValidator(_estimate),
    _json(type="array", items={"type": ["number", "string"]}, minItems=3, maxItems=3),
]
CommandLine = Annotated[
    Command,
    PlainValidator(parse_command),
    _json(
        oneOf=[
            {"type": "string"},
            {"type": "array", "items": {"type": ["string", "number", "boolean"]}, "minItems": 1},
        ],
        description="A text is run by /bin/sh; a list is the argument vector as it stands.",
    ),
]
CommandLines = Annotated[
    tuple[Command, ...],
    PlainValidator(_command_lines),
    _json(
        anyOf=[
            {"type": "string"},
            {"type": "array", "items": {"type": ["string", "array"], "items": {"type": "string"}}},
        ],
        description="Commands, one after the other; each as in run.",
    ),
]
Template = Annotated[
    tuple[str, ...],
    PlainValidator(parse_template),
    _json(
        **_TEXT_OR_LIST,
        description="How to start the agent; {instructions}, {instructions_file}, {workstream}, {run}, {subject} and {week} are filled in.",
    ),
]
_SECRET = {
    "type": "object",
    "properties": {"secret": {"type": "string", "pattern": "^(env|file):."}},
    "required": ["secret"],
    "additionalProperties": False,
}
Address = Annotated[
    str,
    PlainValidator(parse_address),
    _json(
        anyOf=[{"type": "string", "pattern": "://"}, _SECRET],
        description="Where it is sent; an address that is a secret is named by where it is: {secret: env:MY_HOOK}.",
    ),
]
Environment = Annotated[
    dict[str, str],
    PlainValidator(parse_environment),
    _json(
        type="object",
        additionalProperties={
            "anyOf": [
                {"type": ["string", "number", "boolean", "null"]},
                _SECRET,
            ]
        },
        description="Variables; a secret is named by where it is: {TOKEN: {secret: env:MY_TOKEN}} or file:~/token.",
    ),
]
Needs = Annotated[
    tuple[Need, ...],
    PlainValidator(parse_needs),
    _json(
        anyOf=[
            {"type": ["string", "number"]},
            {"type": "array", "items": {"type": ["string", "number", "object"]}},
            {"type": "object", "additionalProperties": {"type": ["string", "object", "null"]}},
        ],
        description="WS-01 (done), [A, B] (both done), or {A: done, B: 50%, C: started, D: api}.",
    ),
]


def empty(model: type[SomeBlock]) -> Callable[[], SomeBlock]:
    """A default: the block with nothing written in it."""
    return lambda: model.model_validate({})


__all__ = [
    "Address", "Block", "CommandLine", "CommandLines", "Date", "Days", "Duration", "Environment", "Estimate", "Every", "Names", "Needs", "Phases", "Points",
    "Quantity", "Ref", "Refs", "Template", "Text", "Week", "WeekRange", "Window", "Zone", "empty",
]  # fmt: skip
