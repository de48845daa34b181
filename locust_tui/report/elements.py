"""Elements of HTML and SVG. All text goes through the safe door on its way in, and is escaped on its way out."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

from ..safe_text import safe

_LONGEST = 600

Child = Element | str | None


def el(tag: str, *children: Child, **attributes: str | float | None) -> Element:
    """`el("p", "text", class_="note", data_label="x")`: an attribute of None is left out, a text is never markup."""
    made = Element(tag)
    for name, value in attributes.items():
        if value is not None:
            text = value if isinstance(value, str) else figure(value)
            made.set(name.rstrip("_").replace("_", "-"), _safe(text))
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            made.append(child)
            last = child
        elif child:
            text = _safe(child)
            if last is None:
                made.text = (made.text or "") + text
            else:
                last.tail = (last.tail or "") + text
    return made


def figure(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def markup(element: Element) -> str:
    """As HTML has it: void elements stay open, all others are closed."""
    return tostring(element, encoding="unicode", method="html")


def _safe(text: str) -> str:
    return safe(text, limit=_LONGEST, oneline=True)
