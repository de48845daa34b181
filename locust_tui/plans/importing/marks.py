"""Markdown inside one text: taken away, or read as a label."""

from __future__ import annotations


def plain(text: str) -> str:
    """`text` without Markdown's marks: bold, code, breaks; of a link, its words."""
    for mark in ("**", "`", "\\"):
        text = text.replace(mark, "")
    for mark in ("<br/>", "<br>", "<br />"):
        text = text.replace(mark, " ")
    return " ".join(_unlinked(text).split())


def _unlinked(text: str) -> str:
    parts: list[str] = []
    while (middle := text.find("](")) >= 0:
        start, end = text.rfind("[", 0, middle), text.find(")", middle)
        if start < 0 or end < 0:
            break
        parts.append(text[:start] + text[start + 1 : middle])
        text = text[end + 1 :]
    return "".join(parts) + text


def labelled(text: str) -> tuple[str, str]:
    """("Scope", "Phase 1") of `**Scope**: Phase 1`, `Scope: Phase 1` and `**Scope** – Phase 1`; ("", text) without a label."""
    text = text.strip()
    if text.startswith("**"):
        end = text.find("**", 2)
        if end > 2:
            label = plain(text[2:end]).rstrip(":").strip()
            return label, plain(text[end + 2 :].lstrip()).lstrip(":：–—-→ ").strip() if text[
                end + 2 :
            ].lstrip()[:1] != "→" else text[end + 2 :].strip()
    head, colon, rest = text.partition(":")
    if colon and rest[:1] in (" ", "") and 0 < len(head) <= 40 and "(" not in head:
        return plain(head), plain(rest)
    return "", plain(text)
