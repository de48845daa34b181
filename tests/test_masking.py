"""Secrets that agents were given are masked wherever their words are shown."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui import safe_text
from locust_tui.errors import LocustTuiError
from locust_tui.masked_stream import MaskedStream
from locust_tui.masking import MASK, MaskFile, Masks, empty, ordinary, secret_values

SECRET = "sk-ant-oat01-Zq8/+w=&x%20"


def knowing(*values: str) -> Masks:
    masks = empty()
    masks.add(values)
    return masks


secrets = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=8, max_size=60)
texts = st.text(st.characters(codec="utf-8"), max_size=80)


@given(secrets, texts, texts)
def test_a_secret_is_masked_wherever_it_stands(secret: str, before: str, after: str) -> None:
    shown = knowing(secret).mask(before + secret + after)
    assert MASK in shown
    assert secret not in shown or secret in before + MASK + after


@pytest.mark.fault(28, "a secret in base64, at every alignment")
@given(st.binary(max_size=7), st.binary(max_size=7))
def test_its_base64_is_masked_at_every_alignment(before: bytes, after: bytes) -> None:
    encoded = base64.b64encode(before + SECRET.encode() + after).decode()
    shown = knowing(SECRET).mask(f"header {encoded} end")
    assert MASK in shown
    assert encoded[4:-4] not in shown
    assert len(shown.replace(MASK, "")) <= len("header  end") + 8 + len(base64.b64encode(before + after))


@given(secrets, st.binary(max_size=5), st.binary(max_size=5))
def test_no_character_of_base64_that_holds_bits_of_it_is_left(
    secret: str, before: bytes, after: bytes
) -> None:
    raw = secret.encode()
    first, last = len(before) * 8 // 6, -(-(len(before) + len(raw)) * 8 // 6)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(before + raw + after).decode()
        rest = encoded[last:] if after else ""
        masks = knowing(secret)
        for shown in (masks.mask(encoded), Masks.from_lines(masks.lines()).mask(encoded)):
            assert shown == encoded[:first] + MASK + rest or len(shown) < len(encoded[:first] + MASK + rest)


@pytest.mark.parametrize("before", ["", "u", "u:", "user:", "a:b"])
@pytest.mark.parametrize("line_end", ["", "\n", "ab"])
def test_base64_of_a_secret_alone_goes_whole(before: str, line_end: str) -> None:
    for length in range(8, 14):
        secret = "Zq8-wXv4%Lp7Yd"[:length]
        encoded = base64.b64encode((before + secret + line_end).encode()).decode()
        shown = knowing(secret).mask(encoded)
        kept = len(before) * 8 // 6
        assert shown.startswith(encoded[:kept] + MASK)
        assert len(shown) <= kept + len(MASK) + (5 if line_end else 0), (secret, shown)


@pytest.mark.parametrize(
    "form",
    [
        quote(SECRET, safe=""),
        json.dumps({"k": SECRET + '"\\'}),
        SECRET.encode().hex(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
@pytest.mark.fault(28, "a secret in hex, in an URL and in JSON")
def test_its_other_forms_are_masked(form: str) -> None:
    assert MASK in knowing(SECRET, SECRET + '"\\').mask(form)


@pytest.mark.fault(28, "each line of a key of several lines")
def test_each_line_of_a_key_is_masked() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwggSjAgEAAoIBAQ\n-----END KEY-----"
    shown = knowing(key).mask("log: EFAASCBKcwggSjAgEAAoIBAQ")
    assert shown == f"log: {MASK}"


@given(texts)
def test_text_without_a_secret_is_untouched(text: str) -> None:
    assert knowing("a secret that never occurs").mask(text) == text


def test_what_is_kept_holds_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "masks.jsonl"
    MaskFile(file).add([SECRET])
    kept = file.read_text()
    assert SECRET not in kept
    assert base64.b64encode(SECRET.encode()).decode()[:12] not in kept
    assert file.stat().st_mode & 0o777 == 0o600
    assert MaskFile(file).mask(f"it is {SECRET}.") == f"it is {MASK}."


def test_fingerprints_are_added_to_those_that_are_known(tmp_path: Path) -> None:
    file = tmp_path / "masks.jsonl"
    MaskFile(file).add(["first-secret"])
    MaskFile(file).add(["second-secret"])
    assert MaskFile(file).mask("first-secret second-secret") == f"{MASK} {MASK}"


def test_a_line_cut_short_costs_no_other(tmp_path: Path) -> None:
    file = tmp_path / "masks.jsonl"
    MaskFile(file).add(["first-secret"])
    with file.open("a") as open_file:
        open_file.write("[12, 3")
    MaskFile(file).add(["second-secret"])
    assert MaskFile(file).mask("first-secret second-secret") == f"{MASK} {MASK}"


def test_where_it_cannot_be_noted_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(LocustTuiError, match="cannot be noted"):
        MaskFile(tmp_path / "gone" / "masks.jsonl").add(["some-secret-value"])


@pytest.mark.parametrize(
    ("value", "ordinary_one"),
    [
        ("truefalse", True), ("us-international", True), ("PRODUCTION", True), ("Jane Doe", True), ("postgres", True),
        ("12345678", True), ("/etc/passwd", True), ("oauth-device", True), ("/no/such/t0ken", False),
        ("swordfish12", False), ("correct-horse-battery-staple", False), ("abcdefghijklmnop", False), ("p@ssw0rd!", False),
        ("ghp_0123456789abcdef", False),
    ],
)  # fmt: skip
def test_ordinary_words_are_no_secrets(value: str, ordinary_one: bool) -> None:
    assert ordinary(value) is ordinary_one
    assert secret_values({"MY_TOKEN": value}) == (() if ordinary_one else (value,))
    assert secret_values({"LISTED": value}, ["LISTED"]) == (value,)


@pytest.mark.parametrize("name", ["KEYBOARD", "AUTHOR", "TOKENIZERS_MODE", "SSH_AUTH_SOCK", "PATH"])
def test_names_that_only_hold_the_word_are_none(name: str) -> None:
    assert secret_values({name: "v4lue-0f-it"}) == ()


def test_a_long_secret_is_masked_in_the_lines_programs_break_it_into() -> None:
    long = "eyJhbGciOiJIUzI1NiJ9." + "Zm9vYmFyYmF6cXV4" * 12
    shown = knowing(long).mask(base64.encodebytes(long.encode()).decode())
    assert len(shown.replace(MASK, "").replace("\n", "")) < 8


@pytest.mark.fault(28, "a stream with secrets, cut anywhere")
def test_a_stream_may_be_cut_anywhere() -> None:
    masks = knowing(SECRET)
    data = f"a {SECRET} b\r{SECRET}\n\x1b[1m{SECRET[:5]}\x1b[0m{SECRET[5:]}\nend {SECRET}".encode()
    for cut in range(len(data)):
        stream = MaskedStream(masks.mask_bytes)
        shown = stream.feed(data[:cut]) + stream.feed(data[cut:]) + stream.end()
        assert shown == b"a *** b\r***\n***\nend ***", cut


def test_a_line_without_an_end_goes_out_too() -> None:
    stream, data = MaskedStream(knowing(SECRET).mask_bytes), b"x" * 65_530 + SECRET.encode()
    shown = b"".join(stream.feed(data[at : at + 1000]) for at in range(0, len(data), 1000))
    assert len(shown) > 60_000
    assert shown + stream.end() == b"x" * 65_530 + b"***"


def test_the_beginning_of_a_secret_is_not_shown_while_it_is_written() -> None:
    masks = knowing(SECRET)
    for length in range(8, len(SECRET)):
        assert masks.mask_growing(f"key: {SECRET[:length]}") == f"key: {MASK}"
    assert masks.mask_growing("key: none of it") == "key: none of it"


def test_a_broken_file_masks_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    file = tmp_path / "masks.jsonl"
    file.write_text('{"salt": "zz", "secrets": [1]}')
    assert MaskFile(file).mask("words") == "words"


def test_variables_that_name_a_secret_are_taken_and_sockets_are_not() -> None:
    env = {
        "GITHUB_TOKEN": "ghp_0123456789",
        "SSH_AUTH_SOCK": "/tmp/ssh-123/agent.1",
        "EDITOR": "some-long-editor",
        "DB_PASSWORD": "short",
        "MINE": "listed-in-the-plan",
    }
    assert secret_values(env, ["MINE"]) == ("ghp_0123456789", "listed-in-the-plan")


@pytest.fixture
def masked() -> Iterator[None]:
    safe_text.mask_with(knowing(SECRET).mask)
    yield
    safe_text.mask_with(None)


@pytest.mark.usefixtures("masked")
@given(st.text(string.printable, max_size=50))
def test_the_one_door_masks(before: str) -> None:
    assert SECRET not in safe_text.safe(f"{before}{SECRET}")


@pytest.mark.usefixtures("masked")
def test_a_secret_over_the_limit_is_not_half_shown() -> None:
    shown = safe_text.safe("x" * 90 + SECRET, limit=100)
    assert SECRET[:6] not in shown
