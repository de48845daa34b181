"""Domain values as JSON text and back. What comes back always equals what was meant, or it is an error."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, TypeVar, cast

import msgspec

from locust_tui.domain.events import KINDS, NAMES, EventBody
from locust_tui.domain.people import Person
from locust_tui.domain.plan import Plan

from .errors import StoreError, UnknownEventError

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def encode(value: object) -> str:
    """`value` (a domain dataclass, or what JSON knows) as one line of JSON.

    JSON has no place for a lone surrogate (a file name that is no UTF-8) nor for NaN or infinity: the first
    becomes U+FFFD, the others null.
    """
    try:
        return _encoder.encode(value).decode()
    except UnicodeEncodeError:
        return _encoder.encode(_without_surrogates(msgspec.to_builtins(value))).decode()


def decode(text: str | bytes, kind: type[T]) -> T:
    """The `kind` that `text` holds; StoreError where it holds anything else."""
    try:
        found: T = _decoder(cast(Any, kind)).decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreError(f"the record holds an unreadable {kind.__name__}: {error}") from error
    return found


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def encode_body(body: EventBody) -> tuple[str, str]:
    """Stored name and data of an event."""
    return NAMES[type(body)], encode(body)


def decode_body(kind: str, data: str) -> EventBody:
    """The event of the stored name `kind`; UnknownEventError where this version knows no such event."""
    known = KINDS.get(kind)
    if known is None:
        raise UnknownEventError(
            f"the log holds events of kind {kind!r}, which locust-tui {_version()} does not know",
            help="use the newer locust-tui that wrote this record",
        )
    return decode(data, known)


@lru_cache(maxsize=1024)
def encode_person(person: Person) -> str:
    return encode(person)


@lru_cache(maxsize=1024)
def decode_person(text: str) -> Person:
    return decode(text, Person)


def encode_plan(plan: Plan) -> str:
    return encode(plan)


def decode_plan(text: str) -> Plan:
    return decode(text, Plan)


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _mended(value)
    if isinstance(value, dict):
        return {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(v) for v in value]
    return value


def _mended(text: str) -> str:
    return "".join("\N{REPLACEMENT CHARACTER}" if "\ud800" <= c <= "\udfff" else c for c in text)


def _version() -> str:
    from locust_tui import __version__

    return __version__
