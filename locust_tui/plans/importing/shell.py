"""The commands of a document's shell blocks as words. They are read, never run."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from typing import Any

from .document import Document, Fence

LANGUAGES = frozenset({"bash", "sh", "shell", "zsh", "console", "shell-session", "terminal"})
VERBS: dict[tuple[str, str], str] = {
    ("swarm", "init"): "sets the cap of the plan",
    ("swarm", "status"): "prints the state of the plan",
    ("agent", "spawn"): "starts an agent",
    ("agent", "metrics"): "prints what agents used",
    ("task", "orchestrate"): "hands work to an orchestrator",
    ("task", "create"): "puts an item in a queue",
    ("task", "status"): "prints the state of work",
    ("memory", "store"): "keeps a value for every agent",
    ("memory", "get"): "prints values",
    ("hooks", "notify"): "sends a message",
    ("hooks", "schedule"): "runs verbs at times",
    ("hooks", "on-event"): "runs verbs after events",
    ("features", "enable"): "switches a behaviour on",
    ("github", "config"): "names the repository",
    ("github", "pr"): "opens a pull request",
    ("monitor", "create"): "keeps a dashboard",
    ("monitor", "health"): "checks the plan",
    ("metrics", "get"): "prints figures of a time",
    ("alert", "create"): "watches a condition",
    ("spawn", "orchestrator"): "adds an orchestrator",
}
"""Verbs of orchestration tools that this program has too → what they do here."""
_MOST_COMMANDS = 500
_PROGRAM_WORDS = 4
"""Before the verb: `npx --yes tool@latest`."""


@dataclass(slots=True)
class ShellCommand:
    """One command. `verb` is a key of VERBS; None: it has no equivalent, and `why` says why."""

    line: int
    text: str
    verb: tuple[str, str] | None = None
    words: list[str] = field(default_factory=list)
    """Behind the verb, options left out."""
    options: dict[str, str] = field(default_factory=dict)
    became: str = ""
    """The place in the plan that it became."""
    why: str = ""
    rest: list[str] = field(default_factory=list)
    block: int = 0
    """First line of the block that it stands in."""

    @property
    def ours(self) -> str:
        """The same for this program; "" where there is none."""
        if self.verb is None:
            return ""
        return " ".join(shlex.join(["locust-tui", *self.verb, *self.rest]).split())

    def config(self) -> dict[str, Any]:
        """The JSON of --config, or {} where that is no object."""
        for name in ("config", "agent-config", "value"):
            if name in self.options:
                try:
                    value = json.loads(self.options[name])
                except (ValueError, RecursionError):
                    return {}
                return value if isinstance(value, dict) else {}
        return {}


def read_commands(document: Document) -> list[ShellCommand]:
    """Every command of every shell block, in order; their blocks are taken."""
    found: list[ShellCommand] = []
    for _, block in document.blocks():
        if isinstance(block, Fence) and (block.language in LANGUAGES or _looks_so(block)):
            document.take(block)
            for line, text in _logical_lines(block.text, block.line):
                if len(found) < _MOST_COMMANDS:
                    new = _commands(line, text)
                    for command in new:
                        command.block = block.line
                    found.extend(new)
    return found


def _looks_so(block: Fence) -> bool:
    """A block without a language whose lines begin with a prompt."""
    return not block.language and block.text.lstrip().startswith("$ ")


def _logical_lines(text: str, line: int) -> list[tuple[int, str]]:
    """Commands with their continuation lines and texts of several lines, without comments."""
    found: list[tuple[int, str]] = []
    begun, quote = line, ""
    parts: list[str] = []
    for number, words in enumerate(text.split("\n"), line):
        if not parts:
            begun = number
        kept, quote, continued = _past(words, quote)
        parts.append(kept)
        if quote or continued:
            continue
        if "".join(parts).strip():
            found.append((begun, "\n".join(parts)))
        parts = []
    if "".join(parts).strip():
        found.append((begun, "\n".join(parts)))
    return found


def _past(words: str, quote: str) -> tuple[str, str, bool]:
    """A line without its comment, the quote that is open at its end, and whether a backslash continues it."""
    at = 0
    while at < len(words):
        char = words[at]
        if quote:
            if char == "\\" and quote == '"':
                at += 1
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char == "\\":
            if at == len(words.rstrip()) - 1:
                return words[:at] + " ", "", True
            at += 1
        elif char == "#" and (at == 0 or words[at - 1].isspace()):
            return words[:at], "", False
        at += 1
    return words, quote, False


def _commands(line: int, text: str) -> list[ShellCommand]:
    shown = " ".join(text.split())[:300]
    try:
        words = shlex.split(text)
    except ValueError:
        return [ShellCommand(line, shown, why="its quotes are never closed")]
    parts: list[list[str]] = [[]]
    for word in words:
        if word in ("|", "&&", "||", ";"):
            parts.append([])
        else:
            parts[-1].append(word)
    return [_command(line, shown if len(parts) == 1 else shlex.join(part), part) for part in parts if part]


def _command(line: int, shown: str, words: list[str]) -> ShellCommand:
    if words[0] in ("$", ">", "%"):
        words = words[1:]
    for at in range(min(_PROGRAM_WORDS, max(0, len(words) - 1))):
        verb = (words[at], words[at + 1])
        if verb in VERBS:
            command = ShellCommand(line, shown, verb, rest=words[at + 2 :])
            _sort(command, words[at + 2 :])
            return command
    return ShellCommand(line, shown, why="no verb of this program is like it", rest=words)


def _sort(command: ShellCommand, words: list[str]) -> None:
    """Options and other words apart."""
    at = 0
    while at < len(words):
        word = words[at]
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            if not equals and at + 1 < len(words) and not words[at + 1].startswith("--"):
                at += 1
                value = words[at]
            command.options[name] = value
        else:
            command.words.append(word)
        at += 1
