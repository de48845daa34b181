"""From bytes to the partial structs: parts of an odd shape are left out, half characters mended, nothing raises."""

from __future__ import annotations

import json
import re
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

T = TypeVar("T", bound=Struct)
_decoders: dict[type[Struct], msgspec.json.Decoder[Struct]] = {}
_SURROGATE = re.compile("[\ud800-\udfff]")
_INJECTED = re.compile(rb'\{\s*"type"\s*:\s*"rate_limit_event"')
_broken = (msgspec.MsgspecError, UnicodeError, ValueError, RecursionError)


def decode(kind: type[T], line: bytes) -> T | None:
    """What a line says; parts of an unexpected shape are as if they were not there. None: no JSON object."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        return decoder.decode(line)  # type: ignore[return-value]
    except msgspec.ValidationError:
        return _loosely(kind, line)
    except _broken:
        mended = _mended(line)
        return _loosely(kind, mended) if mended is not None else None


def plain(raw: Raw | bytes) -> object:
    """Any JSON value; None for what is none."""
    try:
        return msgspec.json.decode(raw)
    except _broken:
        mended = _mended(bytes(raw))
        return None if mended is None else msgspec.json.decode(mended)


def parted(line: bytes) -> tuple[bytes, bytes] | None:
    """A limit's event that another writer put into the middle of a line: (the event, the line without it)."""
    found = _INJECTED.search(line, 1)
    if found is None:
        return None
    text = line[found.start() :].decode("utf-8", "replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    event = text[:end].encode()
    return event, line[: found.start()] + text[end:].encode()


def _loosely(kind: type[T], line: bytes) -> T | None:
    try:
        values = msgspec.json.decode(line, type=dict[str, Raw])
    except _broken:
        return None
    kept: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name in values:
            try:
                raw = values[field.encode_name]
                kept[field.name] = raw if field.type is Raw else msgspec.json.decode(raw, type=field.type)
            except _broken:
                continue
    return kind(**kept)


def _mended(line: bytes) -> bytes | None:
    """The line with half characters and bytes that are no text replaced; None: it is broken otherwise."""
    try:
        value = json.loads(line.decode("utf-8", "replace"))
        return _SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False)).encode()
    except _broken:
        return None
