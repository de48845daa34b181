"""Keys as xterm sends them. Names are Textual's ("ctrl+c", "shift+left", "f5"), which are those of most toolkits."""

from __future__ import annotations

_LETTERED = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_NUMBERED = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21,
    "f11": 23, "f12": 24, "f13": 25, "f14": 26, "f15": 28, "f16": 29, "f17": 31, "f18": 32, "f19": 33, "f20": 34,
}  # fmt: skip
_FUNCTION = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_SIMPLE = {
    "enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f", "space": " ", "shift+tab": "\x1b[Z",
    "ctrl+backspace": "\x08", "shift+enter": "\n", "shift+space": " ", "shift+backspace": "\x7f",
    "ctrl+space": "\0", "ctrl+@": "\0", "ctrl+at": "\0", "ctrl+left_square_bracket": "\x1b", "ctrl+backslash": "\x1c",
    "ctrl+right_square_bracket": "\x1d", "ctrl+circumflex_accent": "\x1e", "ctrl+underscore": "\x1f",
    "ctrl+slash": "\x1f", "ctrl+question_mark": "\x7f", "ctrl+minus": "\x1f", "ctrl+enter": "\r",
}  # fmt: skip
_MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4, "meta": 2}
BRACKETS = b"\x1b[200~", b"\x1b[201~"


def encode(key: str, character: str | None, *, application_cursor: bool = False) -> bytes:
    """What this key sends; empty when it sends nothing.

    `character`: what it prints, if anything. `application_cursor`: the agent asked for the other form of the arrow keys.
    """
    if key in _SIMPLE:
        return _SIMPLE[key].encode()
    *modifiers, name = key.split("+") if key != "+" else [key]
    held = sum({_MODIFIERS[m] for m in modifiers if m in _MODIFIERS})
    if name in _LETTERED:
        if held:
            return f"\x1b[1;{held + 1}{_LETTERED[name]}".encode()
        return f"\x1b{'O' if application_cursor else '['}{_LETTERED[name]}".encode()
    if name in _FUNCTION:
        return (f"\x1b[1;{held + 1}{_FUNCTION[name]}" if held else f"\x1bO{_FUNCTION[name]}").encode()
    if name in _NUMBERED:
        return f"\x1b[{_NUMBERED[name]}{f';{held + 1}' if held else ''}~".encode()
    if "alt" in modifiers:
        rest = "+".join(m for m in modifiers if m != "alt")
        inner = encode(f"{rest}+{name}" if rest else name, character)
        return b"\x1b" + inner if inner else b""
    if modifiers in (["ctrl"], ["ctrl", "shift"]) and len(name) == 1 and name.isascii() and name.isalpha():
        return bytes([ord(name.lower()) - 96])
    if character is not None and "ctrl" not in modifiers:
        return character.encode("utf-8", "ignore")
    return name.encode() if not modifiers and len(name) == 1 else b""


def paste(text: str, *, bracketed: bool) -> bytes:
    """A paste: lines end as Enter does; no control in it can end the brackets or press a key of its own, tabs excepted."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    harmless = "".join(c for c in lines if c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f"))
    data = harmless.replace("\n", "\r").encode("utf-8", "ignore")
    return BRACKETS[0] + data + BRACKETS[1] if bracketed else data


_NAMED = {
    "]": "right_square_bracket", "[": "left_square_bracket", "\\": "backslash", "^": "circumflex_accent", "_": "underscore",
    "@": "at", "/": "slash", "-": "minus", ".": "full_stop", ",": "comma", ";": "semicolon",
}  # fmt: skip
DETACH = "ctrl+]"


def key_name(written: str) -> str | None:
    """The name of a key as a person writes it ("ctrl+]", "Ctrl-Q", "F12"), None when it can serve no one to leave with:
    a bare character, or what every line needs (enter, tab, escape, ctrl+c, arrows)."""
    parts = written.strip().lower().replace("ctrl-", "ctrl+").replace("alt-", "alt+").split("+")
    *modifiers, name = parts
    name = _NAMED.get(name, name)
    if not name or any(m not in ("ctrl", "alt", "shift") for m in modifiers):
        return None
    strong = "ctrl" in modifiers or "alt" in modifiers
    known = (
        len(name) == 1
        or name in _NAMED.values()
        or name in _LETTERED
        or name in _NUMBERED
        or name in _FUNCTION
    )
    function = name.startswith("f") and name[1:].isdigit()
    order = [m for m in ("alt", "ctrl", "shift") if m in modifiers]
    found = "+".join([*order, name])
    if not known or not (strong or function):
        return None
    return None if found in ("ctrl+c", "ctrl+m", "ctrl+i", "ctrl+j", "ctrl+left_square_bracket") else found
