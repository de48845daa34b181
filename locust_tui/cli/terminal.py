"""Asking a person on the terminal."""

from __future__ import annotations

import sys

import click

from ..safe_text import safe


def can_ask() -> bool:
    """Whether somebody sits there: stdin and stderr are terminals."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def asks(question: str) -> bool:
    """A yes or no on stderr; no is the default. Ctrl-C aborts the call."""
    return click.confirm(f"{safe(question)}?", default=False, err=True)
