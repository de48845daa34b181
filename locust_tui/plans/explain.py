"""A validator's errors in words of the plan: what is wrong, where, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..errors import did_you_mean, nearest
from .findings import Findings
from .places import aliases_of, describe, dotted, example_of, keys_of, kind_of
from .quantities import BadValueError
from .tree import Where

_BLOCK_TYPES = frozenset({"model_type", "model_attributes_type", "dict_type", "dataclass_type"})
_LIST_TYPES = frozenset({"list_type", "tuple_type", "set_type"})
_NUMBER_TYPES = frozenset({"float_type", "float_parsing", "finite_number"})
_INT_TYPES = frozenset({"int_type", "int_parsing", "int_from_float", "int_parsing_size"})
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("greater than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


def explain(errors: list[Any], findings: Findings, value: Any) -> list[Where]:
    """Add one finding per validation error; the answer lists the places to leave out for further checks."""
    leave_out: list[Where] = []
    for error in errors:
        where = as_written(tuple(error["loc"]), value)
        kind = str(error["type"])
        if kind == "missing":
            _missing(where, findings, value)
            leave_out.append(where[:-1])
        elif kind == "extra_forbidden":
            _unknown_key(where, findings, value)
            leave_out.append(where)
        else:
            _bad_value(kind, error, where, findings)
            leave_out.append(where)
    return leave_out


def as_written(loc: Where, value: Any) -> Where:
    """The error's path as the file writes it: ids where a block of items was read as a list."""
    steps: list[str | int] = []
    for step in loc:
        if isinstance(value, dict) and isinstance(step, int) and step < len(value):
            step = list(value)[step]
        steps.append(step)
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
    return tuple(steps)


def _missing(where: Where, findings: Findings, value: Any) -> None:
    parent, key = where[:-1], where[-1]
    kind = kind_of(parent)
    if where == ("workstreams",):
        no_workstreams(findings, ())
        return
    findings.error(
        "missing",
        f'{describe(parent, value)} lacks "{key}"',
        f"write it like {kind.example}" if kind else None,
        at=parent,
        key=True,
    )


def no_workstreams(findings: Findings, where: Where) -> None:
    """The error of a plan in which there is nothing to do."""
    help_ = "workstreams: {build: {run: make}}; locust-tui new writes a first plan"
    findings.error("missing", "the plan has no workstreams", help_, at=where, key=bool(where))


def _unknown_key(where: Where, findings: Findings, value: Any) -> None:
    parent, key = where[:-1], str(where[-1])
    kind = kind_of(parent)
    help_ = None
    if joined := re.match(r"([\w.-]+):(\S.*)", key):
        findings.error(
            "colon",
            f'a space is missing after "{joined.group(1)}:"',
            f"{joined.group(1)}: {joined.group(2)}",
            at=where,
            key=True,
        )
        return
    if kind is not None:
        keys = keys_of(kind)
        alias = aliases_of(kind).get(key)
        if alias is not None:
            findings.error(
                "unknown-key",
                f"{key} says the same as {alias}, which is there too",
                f"keep {alias}",
                at=where,
                key=True,
            )
            return
        help_ = (
            _elsewhere(parent, key)
            or _in_full(parent, key, value)
            or _near_key(key, [*keys, *aliases_of(kind)])
            or f"known keys: {', '.join(keys)}; x-{key} is left alone"
        )
    place = f" in {describe(parent, value)}" if parent else ""
    message = f'unknown key "{key}"{place}'
    findings.error("unknown-key", message, help_, at=where, key=True)


_BLOCKS = ("resources", "calendar", "project", "meta")


def _elsewhere(parent: Where, key: str) -> str | None:
    """For a key at the top of the plan that only one of its blocks knows."""
    if parent:
        return None
    blocks = ((block, kind_of((block,))) for block in _BLOCKS)
    return next(
        (f"{b}: {{{key}: …}}" for b, kind in blocks if kind is not None and key in keys_of(kind)), None
    )


def _in_full(parent: Where, key: str, value: Any) -> str | None:
    """For a key beside a part that was written in short, where the part itself knows it: `manual: text, by: boss`."""
    block = value
    for step in parent:
        try:
            block = block[step]
        except (KeyError, IndexError, TypeError):
            return None
    if not isinstance(block, dict) or key != "by" or not isinstance(block.get("manual"), str):
        return None
    who = block[key] if isinstance(block[key], str) else "ROLE"
    return f"manual: {{text: …, by: {who}}}"


def _near_key(key: str, known: list[str]) -> str | None:
    bare = key.lower().replace("_", "").replace("-", "").replace(" ", "")
    exact = next((k for k in known if k.lower().replace("_", "") == bare), None)
    best = exact or next(iter(nearest(key.lower(), known, n=1, cutoff=0.75)), None)
    return f"did you mean {best}?" if best else did_you_mean(key, known)


def _bad_value(kind: str, error: Any, where: Where, findings: Findings) -> None:
    label = dotted(where)
    given = error.get("input")
    if kind == "value_error":
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, BadValueError):
            findings.error("value", cause.message, cause.help, at=(*where, *cause.at))
        else:
            findings.error("value", f"{label} cannot be read: {cause}", at=where)
    elif where == ("version",):
        quoted = str(given).strip() == "1"
        findings.error(
            "version",
            'version must be the number 1, not the text "1"'
            if quoted
            else f"this program reads version 1 of the plan format, not {shown(given)}",
            "version: 1" if quoted else "version: 1, or a newer locust-tui",
            at=where,
        )
    elif where == ("workstreams",) and given is None:
        no_workstreams(findings, where)
    elif kind in _BLOCK_TYPES and isinstance(given, str) and (joined := re.match(r"([\w.-]+):(\S.*)", given)):
        findings.error(
            "colon",
            f'a space is missing after "{joined.group(1)}:"',
            f"{joined.group(1)}: {joined.group(2)}",
            at=where,
        )
    elif kind in _BLOCK_TYPES:
        short, example = example_of(where) or ("{key: value}", "{key: value}")
        findings.error(
            "type",
            f"{label or 'the plan'} must be a block like {short}, not {shape(given)}",
            _written_at(where, example),
            at=where,
        )
    elif kind in _LIST_TYPES:
        message = f"{label} must be a list, not {shape(given)}"
        findings.error("type", message, _written_at(where, "[one, two]"), at=where)
    else:
        key = next((step for step in reversed(where) if isinstance(step, str)), "the plan")
        message, help_ = _simple(kind, error, key, given)
        findings.error("value", message, help_, at=where)


def _written_at(where: Where, example: str) -> str:
    """The example as it would stand there: behind its key, or as an item of its list."""
    if where and isinstance(where[-1], int):
        return f"- {example}"
    return f"{where[-1] if where else 'the plan'}: {example}"


def _simple(kind: str, error: Any, name: str, given: Any) -> tuple[str, str | None]:
    ctx = error.get("ctx", {})
    if kind in _INT_TYPES:
        return f"{name} must be a whole number, not {shown(given)}", f"{name}: 2"
    if kind in _NUMBER_TYPES:
        return f"{name} must be a number, not {shown(given)}", f"{name}: 1.5"
    if kind.startswith("bool"):
        return f"{name} must be true or false, not {shown(given)}", f"{name}: true"
    if kind in ("enum", "literal_error"):
        allowed = _choices(str(ctx.get("expected", "")))
        return f"{name} cannot be {shown(given)}", did_you_mean(
            str(given), allowed
        ) or f"one of {', '.join(allowed)}"
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"{name} must be {words} {ctx.get(key)}, not {shown(given)}", None
    return f"{name} must be a text, not {shape(given)}", f"{name}: text"


def _choices(expected: str) -> list[str]:
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",") if part.strip()]


def shape(value: Any) -> str:
    """What kind of value somebody wrote: "a list", "a text"."""
    shapes: tuple[tuple[Callable[[Any], bool], str], ...] = (
        (lambda v: v is None, "empty"),
        (lambda v: isinstance(v, bool), "true or false"),
        (lambda v: isinstance(v, list | tuple), "a list"),
        (lambda v: isinstance(v, dict), "a block"),
        (lambda v: isinstance(v, int | float), "a number"),
    )
    return next((name for test, name in shapes if test(value)), "a text")


def shown(value: Any) -> str:
    """A value as a message shows it: texts in quotes, blocks by their shape."""
    if value is None or isinstance(value, list | dict):
        return shape(value)
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if isinstance(value, int | float) else f'"{text[:60]}"'
