"""The commands of a Markdown document's shell blocks, each as what would be run, or why it would not."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from ..analysis.hook_scripts import own_verb, words_of
from ..errors import UsageError

LANGUAGES = frozenset({"bash", "sh", "shell", "zsh"})
CONSOLES = frozenset({"console", "shell-session", "terminal"})
"""Blocks in which commands stand behind a prompt, and other lines are what they printed."""
_PROMPT = re.compile(r"^\s*[$>%]\s+")
_OURS = re.compile(
    r"(?:npx|bunx|pnpx)\s+(?:-y\s+|--yes\s+)*(?:claude-flow|ruv-swarm)(?:@[\w.-]+)?(?=\s|$)|(?<![\w/-])claude-flow(?=\s)"
)
_SUBSTITUTED = re.compile(r"\$[({A-Za-z_]|`")
_SIGNS = frozenset({"&&", "||", ";", "&", ">", ">>", "<", "<<", "|&", "(", ")", ">&", "&>", ";;", "<<<"})


@dataclass(frozen=True, slots=True)
class Command:
    line: int
    """In the document, from 1."""
    text: str
    """As it stands there."""
    argvs: tuple[tuple[str, ...], ...] = ()
    """Words of this program's verbs, one for each part of a pipe; empty: `why`."""
    why: str = ""
    """Why it is no command of this program alone."""
    help: str = ""

    @property
    def shown(self) -> str:
        """What would be run, to be typed."""
        return " | ".join(shlex.join(["locust-tui", *argv]) for argv in self.argvs) or self.text


def read(text: str) -> list[Command]:
    """Every command of every shell block, in order."""
    from markdown_it import MarkdownIt

    found: list[Command] = []
    for token in MarkdownIt("commonmark").parse(text):
        if token.type != "fence" or token.map is None:
            continue
        language = (token.info.split() or [""])[0].lower()
        if language in LANGUAGES | CONSOLES:
            first = token.map[0] + 2
            for line, command in _commands(token.content, first, prompted=language in CONSOLES):
                found.append(_command(line, command))
    return found


def shell_text(text: str) -> str:
    """The command for a shell, with other names of this program's replaced by ours."""
    return _OURS.sub("locust-tui", text)


def _commands(block: str, first: int, *, prompted: bool) -> Iterator[tuple[int, str]]:
    """Lines that belong together: continued by a backslash, or by a quote that is still open."""
    parts: list[str] = []
    begun = first
    for number, line in enumerate(block.splitlines(), first):
        if not parts:
            if not line.strip() or line.lstrip().startswith("#") or (prompted and not _PROMPT.match(line)):
                continue
            begun, line = number, _PROMPT.sub("", line)
        parts.append(line)
        whole = "\n".join(parts)
        if not _goes_on(whole):
            yield begun, whole
            parts = []
    if parts:
        yield begun, "\n".join(parts)


def _goes_on(text: str) -> bool:
    """Whether a quote is open at its end, or a backslash continues it."""
    quote, at = "", 0
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            if at + 1 >= len(text):
                return True
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "#" and (at == 0 or text[at - 1].isspace()):
            end = text.find("\n", at)
            if end < 0:
                return False
            at = end
        at += 1
    return bool(quote)


def _command(line: int, text: str) -> Command:
    joined = re.sub(r"\\\n", " ", text)
    if _SUBSTITUTED.search(re.sub(r"'[^']*'", "", joined)):
        return Command(
            line, text, why="only a shell replaces $… in it", help="{date}, {week}, {ts}; or --shell"
        )
    try:
        words = words_of(_without_remark(joined))
    except UsageError as error:
        return Command(line, text, why="its quotes are never closed", help=error.help or "")
    parts: list[list[str]] = [[]]
    for word in words:
        if word in _SIGNS:
            return Command(
                line, text, why=f'only a shell knows "{word}"', help="one command a line; or --shell"
            )
        if word == "|":
            parts.append([])
        else:
            parts[-1].append(word)
    argvs = []
    for part in parts:
        argv = own_verb(tuple(part))
        if not part or (argv == tuple(part) and not _is_verb(part[0])):
            what = part[0] if part else "nothing"
            return Command(
                line, text, why=f'"{what}" is another program', help="--shell runs it, after showing it"
            )
        if argv[:1] == ("exec",):
            why = "it runs another document, and what that holds is not shown here"
            return Command(line, text, why=why, help="locust-tui exec, with that document")
        argvs.append(argv)
    return Command(line, text, tuple(argvs))


def _is_verb(word: str) -> bool:
    """`summarize` and its like stand in pipes without the program's name."""
    return word == "summarize"


def _without_remark(text: str) -> str:
    """Without what stands behind a # at the end of a line, outside of quotes."""
    quote = ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "#" and at and text[at - 1].isspace():
            end = text.find("\n", at)
            return text[:at] if end < 0 else text[:at] + _without_remark(text[end:])
    return text
