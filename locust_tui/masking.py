"""Secrets in text: found by fingerprints, so that whoever shows an agent's words can mask what it must not know.

The worker knows the values it hands to agents and leaves salted fingerprints of them in the state folder, never the
values. A fingerprint is a 20-bit check of a form's first eight bytes, which finds candidates at the speed of a scan,
and a keyed digest of the whole, which decides. Forms are the value itself, its lines, and how it looks in base64
(at any alignment, in lines as programs break them), hexadecimal, a URL or a JSON text.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote
from zlib import crc32

from locust_tui.errors import LocustTuiError
from locust_tui.plain_file import read_plain

MASK = "***"
SHORTEST = 8
"""Shorter values are not masked: too much ordinary text would match."""
_ANCHOR = 8
_BITS = 0xFFFFF
LONGEST = 4096
"""Bytes of a line's end that are kept back while the line may go on with the rest of a secret."""
_NAMED_SECRET = re.compile(
    r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|AUTH|CREDENTIAL|PAT|PWD)S?(?:_|$)", re.IGNORECASE
)
_ORDINARY_WORDS = re.compile(
    r"(?:(?=[A-Za-z]{0,15}(?![A-Za-z]))(?:[A-Z]?[a-z]+(?:[A-Z][a-z]+){0,2}|[A-Z]*)[-_. :,]*)+|[\d.,:+-]{1,20}"
)
_ORDINARY_LENGTH = 24
_BROKEN_AT = (64, 76)
"""Characters of a line where programs break base64."""
_NO_SECRETS = frozenset({"SSH_AUTH_SOCK", "XAUTHORITY", "ICEAUTHORITY"})
_LOOK_AGAIN_S = 1.0

_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")
_BEFORE, _BEHIND = 1, 2
"""The character of base64 on that side of a form holds bits of the secret too, beside some of what is next to it."""

Fingerprint = tuple[int, int, str, int]
"""(check of the first eight bytes, length in bytes, digest, _BEFORE and _BEHIND in sum)"""


def secret_values(env: Mapping[str, str], named: Iterable[str] = ()) -> tuple[str, ...]:
    """Values of `env` to be masked: of those in `named`, and of variables whose names say so and that look like one."""
    wanted = set(named)
    return tuple(
        dict.fromkeys(
            value
            for name, value in env.items()
            if len(value) >= SHORTEST and (name in wanted or (_names_secret(name) and not ordinary(value)))
        )
    )


def _names_secret(name: str) -> bool:
    return _NAMED_SECRET.search(name) is not None and name not in _NO_SECRETS


def ordinary(value: str) -> bool:
    """Whether a value is a word or two, a number or the path of a file: masking it would blank out what is no secret."""
    if value.startswith(("/", "~/", "./")):
        return os.path.lexists(os.path.expanduser(value)) if "\0" not in value else False
    return len(value) < _ORDINARY_LENGTH and _ORDINARY_WORDS.fullmatch(value) is not None


def forms(value: str) -> set[tuple[bytes, int]]:
    """Every way `value` is looked for, with the sides (`_BEFORE`, `_BEHIND`) on which one more character is of it."""
    found: set[bytes] = set()
    encoded: set[tuple[bytes, int]] = set()
    for part in (value, *value.splitlines()):
        raw = part.encode("utf-8", "surrogateescape")
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode(), quote(raw, safe="").encode()}
        found |= {json.dumps(part, ensure_ascii=a)[1:-1].encode("utf-8", "replace") for a in (True, False)}
        found |= {raw.hex()[at : at + 60].encode() for at in range(0, 2 * len(raw), 60)}
        encoded |= set(_in_base64(raw))
        for line in _BROKEN_AT:
            encoded |= set(_broken(base64.b64encode(raw).rstrip(b"="), line))
    return {form for form in encoded | {(plain, 0) for plain in found} if len(form[0]) >= SHORTEST}


def _in_base64(raw: bytes) -> Iterator[tuple[bytes, int]]:
    """The characters that `raw` alone decides, wherever it begins in what was encoded."""
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        reach = (_BEFORE if before else 0) + (_BEHIND if (before + len(raw)) % 3 else 0)
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(before) + raw)[first:last], reach


def _broken(encoded: bytes, length: int) -> Iterator[tuple[bytes, int]]:
    """The lines of what was encoded alone; its very last character depends on what followed."""
    if len(encoded) > length:
        for at in range(0, len(encoded) - 1, length):
            last = min(at + length, len(encoded) - 1)
            yield encoded[at:last], 0 if last == at + length else _BEHIND


def _with_shared(data: bytes, first: int, last: int, reach: int) -> tuple[int, int]:
    """The span of a form in `data` with the characters of base64 that it shares with its neighbours, and the padding."""
    if reach & _BEFORE and first and data[first - 1] in _BASE64:
        first -= 1
    if reach & _BEHIND and last < len(data) and data[last] in _BASE64:
        last += 1
        last += len(data[last : last + 2]) - len(data[last : last + 2].lstrip(b"="))
    return first, last


class Masks:
    """Fingerprints of secrets, and the search for them."""

    def __init__(self, salt: bytes, fingerprints: Iterable[Fingerprint] = ()) -> None:
        self._salt = salt
        self._start = int.from_bytes(salt[:4], "big")
        self._known: dict[Fingerprint, None] = {}
        self._by_check: dict[int, list[tuple[int, str, int]]] = {}
        for one in fingerprints:
            self._learn(one)

    def _learn(self, one: Fingerprint) -> None:
        if one not in self._known:
            self._known[one] = None
            self._by_check.setdefault(one[0], []).append(one[1:])

    def add(self, values: Iterable[str]) -> bool:
        """Know these secrets too; True when any was new."""
        before = len(self._known)
        for value in values:
            for form, reach in forms(value) if len(value) >= SHORTEST else ():
                self._learn((self._check(form[:_ANCHOR]), len(form), self._digest(form), reach))
        return len(self._known) != before

    def _check(self, anchor: bytes) -> int:
        return crc32(anchor, self._start) & _BITS

    def _digest(self, form: bytes) -> str:
        return blake2b(form, key=self._salt, digest_size=16).hexdigest()

    def mask(self, text: str) -> str:
        """`text` with every known secret replaced; about a sixth of a microsecond a character."""
        if not self._by_check or len(text) < SHORTEST:
            return text
        data = text.encode("utf-8", "surrogatepass")
        masked = self.mask_bytes(data)
        return text if masked is data else masked.decode("utf-8", "surrogatepass")

    def mask_growing(self, text: str) -> str:
        """As `mask`, of a text that is not whole yet: what may be the beginning of a secret is masked up to its end.

        Now and then that is another word, which then is seen when the text is whole.
        """
        data = self.mask(text).encode("utf-8", "surrogatepass")
        start, known = self._start, self._by_check
        for at in range(len(data) - _ANCHOR + 1 if known else 0):
            check = crc32(data[at : at + _ANCHOR], start) & _BITS
            if any(at + length > len(data) for length, _, _ in known.get(check, ())):
                return data[:at].decode("utf-8", "replace") + MASK
        return data.decode("utf-8", "surrogatepass")

    def mask_bytes(self, data: bytes) -> bytes:
        """As `mask`; `data` itself where there is nothing to mask."""
        if not self._by_check or len(data) < SHORTEST:
            return data
        start, known = self._start, self._by_check
        spans = [
            _with_shared(data, at, at + length, reach)
            for at in range(len(data) - _ANCHOR + 1)
            if (check := crc32(data[at : at + _ANCHOR], start) & _BITS) in known
            for length, digest, reach in known[check]
            if at + length <= len(data) and self._digest(data[at : at + length]) == digest
        ]
        if not spans:
            return data
        kept, done = [], 0
        for first, last in sorted(spans):
            if first >= done:
                kept += [data[done:first], MASK.encode()]
            done = max(done, last)
        return b"".join((*kept, data[done:]))

    def lines(self, known_before: int = 0) -> str:
        """Its salt and fingerprints as they are kept; with `known_before` only those learnt since there were so many."""
        learnt = list(self._known)[known_before:]
        head = [json.dumps({"salt": self._salt.hex()})] if not known_before else []
        return "".join(f"{line}\n" for line in (*head, *map(json.dumps, learnt)))

    def __len__(self) -> int:
        return len(self._known)

    @classmethod
    def from_lines(cls, text: str) -> Masks:
        """Raises ValueError where there is no salt; a line that was cut short, as on a full disk, is passed over."""
        head, *rest = text.splitlines() or [""]
        try:
            masks = cls(bytes.fromhex(json.loads(head)["salt"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a list of fingerprints: {error}") from None
        for line in rest:
            with suppress(ValueError, TypeError):
                check, length, digest, *reach = json.loads(line)
                masks._learn((int(check), int(length), str(digest), int(sum(reach))))
        return masks


def empty() -> Masks:
    return Masks(secrets.token_bytes(16))


class MaskFile:
    """The fingerprints in a state folder: the worker adds to them, everyone else reads them again when they change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._masks = empty()
        self._look_at = 0.0

    def mask(self, text: str) -> str:
        """`text` with the secrets of this plan's agents masked."""
        return self._current().mask(text)

    def mask_growing(self, text: str) -> str:
        """As `mask`, of a text that is not whole yet."""
        return self._current().mask_growing(text)

    def mask_bytes(self, data: bytes) -> bytes:
        """As `mask`, of bytes that need not be text."""
        return self._current().mask_bytes(data)

    def _current(self) -> Masks:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_AGAIN_S
            self._read()
        return self._masks

    def add(self, values: Iterable[str]) -> None:
        """Know these secrets from now on, also after a restart. Before an agent gets them.

        Raises LocustTuiError where they cannot be written down; this process knows them even so.
        """
        self._read()
        before = len(self._masks)
        if not self._masks.add(values):
            return
        if before and self._path.exists():
            self._write(self._path, os.O_APPEND, f"\n{self._masks.lines(before)}")
        else:
            waiting = self._path.with_name(f"{self._path.name}.new")
            self._write(waiting, os.O_CREAT | os.O_TRUNC, self._masks.lines())
            waiting.replace(self._path)
        self._stamp = self._stat()

    @staticmethod
    def _write(path: Path, how: int, text: str) -> None:
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | how, 0o600)
            with os.fdopen(fd, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())  # what an agent said already is masked by it
        except OSError as error:
            raise LocustTuiError(
                f"what is to be masked cannot be noted in {path}: {error.strerror}",
                help="make room, or mend its rights",
            ) from error

    def add_named(self, value: str) -> None:
        """Know what an agent itself calls a secret; never an ordinary word, which would blank out what others say."""
        if SHORTEST <= len(value) <= LONGEST and not ordinary(value):
            with suppress(LocustTuiError):  # it is masked in the record, if not by other viewers
                self.add([value])

    def _stat(self) -> tuple[int, int] | None:
        try:
            about = os.stat(self._path)
        except OSError:
            return None
        return about.st_size, about.st_ino

    def _read(self) -> None:
        stamp = self._stat()
        if stamp is None or stamp == self._stamp:
            return
        try:
            self._masks = Masks.from_lines(read_plain(self._path).decode("ascii"))
        except (OSError, ValueError):
            return  # nothing that was ever written there
        self._stamp = stamp
