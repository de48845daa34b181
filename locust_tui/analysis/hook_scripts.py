"""Scripts of hooks: lines of this program's own verbs, joined by pipes. No shell reads them, and they decide nothing."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime

from locust_tui.domain.dataclass import dataclass
from locust_tui.errors import UsageError, did_you_mean

Argv = tuple[str, ...]
Pipeline = tuple[Argv, ...]

_PROGRAM = re.compile(r"(?:.*/)?locust-tui")
_FLOW = re.compile(r"(?:claude-flow|ruv-swarm)(?:@[\w.-]+)?")
_RUNNERS = ("npx", "bunx", "pnpx")
_SIGNS = frozenset({"&&", "||", ";", "&", ">", ">>", "<", "<<", "|&", "(", ")", ">&", "&>", ";;", "<<<"})
_ALL = ("",)
VERBS: dict[str, tuple[str, ...]] = {
    "status": _ALL, "report": _ALL, "ps": _ALL, "deps": _ALL, "critical-path": _ALL, "forecast": _ALL,
    "events": _ALL, "why": _ALL, "inbox": _ALL, "logs": _ALL, "export": _ALL, "summarize": _ALL,
    "escalate": _ALL, "request-agents": _ALL,
    "memory": ("store", "get", "ls", "history", "rm"),
    "message": ("send", "ls", "ack"),
    "hooks": ("notify", "ls"),
    "task": ("create", "status", "ls", "done", "move", "start"),
    "agent": ("ls", "metrics"),
    "swarm": ("status",),
    "metrics": ("get",),
    "monitor": ("ls", "health"),
    "alert": ("ls", "test"),
    "features": ("ls",),
    "gate": ("ls", "show"),
    "ws": ("ls", "show"),
}  # fmt: skip
"""Verbs that a hook may run, with the words that may follow; "" is anything. None of them decides or starts an agent."""
_ELSEWHERE = ("--plan", "--state-dir", "--out")
"""Options that reach beyond the plan: what a hook writes is in its record alone."""
_SHORT = {"notify": ("hooks", "notify"), "store": ("memory", "store"), "get": ("memory", "get")}
"""Verbs as people write them in actions, without their group."""


@dataclass(frozen=True, slots=True)
class Script:
    pipelines: tuple[Pipeline, ...]
    """One a line; a line begins when the one before has succeeded."""


def parse(text: str) -> Script:
    """The pipelines of a script's lines, as `lines_of` has them; lines that begin with # are remarks.

    Raises UsageError for what only a shell understands, and for verbs that a hook may not run.
    """
    found = tuple(_pipeline(line) for line in lines_of(text))
    if not found:
        raise UsageError("the script has no line that does anything", help="status --json | memory store KEY")
    return Script(found)


def lines_of(text: str) -> Iterator[str]:
    """Lines that say something. One goes on behind a backslash, within a quote, and at a pipe at either end."""
    whole = ""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        stripped = line.strip()
        if whole and not _complete(whole):
            whole += ("" if whole.endswith("|") else "\n") + line
        elif not stripped or stripped.startswith("#"):
            continue
        elif whole and stripped.startswith("|"):
            whole += f" {stripped}"
        else:
            if whole:
                yield whole
            whole = stripped
    if whole:
        yield whole.strip()


def _complete(line: str) -> bool:
    """Whether nothing has to follow: its quotes are closed, and it does not end in a pipe."""
    try:
        words = words_of(line)
    except UsageError:
        return False
    return not words or words[-1] != "|"


def words_of(line: str) -> list[str]:
    """The words of a line and the shell's signs among them. Raises UsageError for an open quote."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError as error:
        raise UsageError(f"{line}: {str(error).lower()}", help="close the quote") from None


def _pipeline(line: str) -> Pipeline:
    if "$(" in line or "`" in line:
        raise UsageError(
            f"{line}: only a shell replaces $(…)", help="write {date}, {week} or {ts}, or say --shell"
        )
    commands: list[list[str]] = [[]]
    for word in words_of(line):
        if word == "|":
            commands.append([])
        elif word in _SIGNS:
            raise UsageError(
                f'{line}: only a shell knows "{word}"', help="one command a line, or say --shell"
            )
        else:
            commands[-1].append(word)
    if not all(commands):
        raise UsageError(f"{line}: a pipe with nothing at one end")
    return tuple(allowed(own_verb(tuple(words))) for words in commands)


def own_verb(argv: Argv) -> Argv:
    """`argv` without the program's name: `npx claude-flow@alpha memory get` is `memory get`."""
    words = list(argv)
    if words and words[0] in _RUNNERS:
        rest = words[1:]
        while rest and rest[0] in ("-y", "--yes"):
            rest = rest[1:]
        if rest and _FLOW.fullmatch(rest[0]):
            words = rest[1:]
    elif words and (_PROGRAM.fullmatch(words[0]) or _FLOW.fullmatch(words[0])):
        words = words[1:]
    if words and words[0] in _SHORT:
        words[0:1] = _SHORT[words[0]]
    return tuple(words)


def allowed(argv: Argv) -> Argv:
    """`argv`, where a hook may run it. Raises UsageError."""
    if not argv:
        raise UsageError("a command is missing")
    verb, following = argv[0], next((w for w in argv[1:] if not w.startswith("-")), "")
    members = VERBS.get(verb)
    if members is None:
        near = did_you_mean(verb, VERBS, cutoff=0.7)
        raise UsageError(
            f'a hook can\'t run "{verb}"',
            help=near or f"it runs {', '.join(VERBS)}; other programs with --shell",
        )
    if members != _ALL and following not in members:
        raise UsageError(f'a hook can\'t run "{verb} {following}"', help=f"{verb} {' or '.join(members)}")
    if verb in ("logs", "events") and {"-f", "--follow"} & set(argv):
        raise UsageError(f"{verb} --follow never ends")
    for word in argv:
        if word.partition("=")[0] in _ELSEWHERE:
            raise UsageError(
                f"a hook can't say {word.partition('=')[0]}",
                help="it acts on its own plan, and writes no files",
            )
    return argv


def checked(template: str, before: str, filled: str) -> str:
    """A word with what an event filled in. Raises UsageError where that would become an option."""
    if filled.startswith("-") and not template.startswith("-") and not before.startswith("-"):
        raise UsageError(f"{template} became {filled[:40]}, which is an option", help=f"--message={template}")
    return filled


def already_expanded(text: str, now: float) -> list[str]:
    """What in a script is today's date, this moment or this week: a shell filled it in when the hook was registered."""
    day = datetime.fromtimestamp(now, UTC)
    local = datetime.fromtimestamp(now)
    dates = {d.strftime(f) for d in (day, local) for f in ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y")}
    found = [date for date in sorted(dates) if date in text]
    found += [m for m in re.findall(r"(?<!\d)\d{10}(?!\d)", text) if abs(int(m) - now) < 86_400]
    weeks = {d.strftime(f) for d in (day, local) for f in ("%U", "%V", "%W")}
    found += [m.group() for m in re.finditer(r"week[-_/ ]?(\d\d)(?!\d)", text) if m.group(1) in weeks]
    return found
