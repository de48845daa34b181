"""A prompt is the script of a fake model: every line `@verb rest` is a step, a turn is the steps of one answer.

@text WORDS                    says them and ends its turn ("\\n" is a line break)
@say WORDS                     says them and goes on in the same turn; @think WORDS thinks them
@run COMMAND                   calls the agent's shell tool, whatever its name is
@tool NAME {json}              calls a tool; @tools NAME {..} ;; NAME {..} several at once
@custom NAME TEXT              a free-form tool of the Responses API (apply_patch)
@stream N MS                   N words, MS milliseconds apart
@sleep S, @hold NAME           answers after S seconds; when the test calls `release(NAME)`
@flaky K STATUS KIND MESSAGE   fails K times, then goes on in the same turn
@error STATUS KIND MESSAGE     fails every time
@limit EPOCH [WINDOW]          the usage limit is reached until EPOCH, then it goes on; WINDOW: five_hour, seven_day, seven_day_opus;
                               +S: until S seconds after it was first asked
@warn EPOCH USED [WINDOW]      the answer says that USED (0-1) of the limit is gone
@maxtok, @refuse               stops at the token limit; refuses
@failed CODE MESSAGE, @midfail an error event in mid-stream
@drop, @hang S                 the connection is cut; falls silent for S seconds in mid-stream
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GO_ON = "continue with your task where you left off."
"""A prompt that ends so goes on with the script of the one before."""
GOES_ON = frozenset({"say", "think", "sleep", "hold", "flaky", "warn", "limit"})
ENDS_TURN = frozenset({"text", "run", "tool", "tools", "custom", "stream", "error"}) | {
    "maxtok",
    "refuse",
    "failed",
    "midfail",
    "drop",
    "hang",
}
CALLS = frozenset({"run", "tool", "tools", "custom"})


@dataclass(frozen=True, slots=True)
class Step:
    verb: str
    rest: str

    def words(self, count: int) -> list[str]:
        """`rest` in `count` parts, the last one whole; missing parts are empty."""
        parts = self.rest.split(None, count - 1)
        return parts + [""] * (count - len(parts))

    def calls(self) -> list[tuple[str, str]]:
        """(tool, arguments) of a `@tool` or `@tools` step."""
        found = []
        for one in self.rest.split(";;") if self.verb == "tools" else [self.rest]:
            name, _, arguments = one.strip().partition(" ")
            found.append((name, arguments.strip() or "{}"))
        return found

    @property
    def call_count(self) -> int:
        return len(self.rest.split(";;")) if self.verb == "tools" else int(self.verb in CALLS)


Turn = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """What a prompt asks for. No turns: it holds no script and is answered plainly."""

    prompt: str
    turns: Sequence[Turn]


def read_script(prompt: str) -> Script:
    """The turns of a prompt; lines that are no steps are passed over."""
    turns: list[Turn] = []
    steps: list[Step] = []
    for line in prompt.splitlines():
        verb, _, rest = line.strip().removeprefix("@").partition(" ")
        if not line.lstrip().startswith("@") or verb not in GOES_ON | ENDS_TURN:
            continue
        steps.append(Step(verb, rest.strip()))
        if verb in ENDS_TURN:
            turns.append(tuple(steps))
            steps = []
    if steps:
        turns.append(tuple(steps))
    return Script(prompt, turns)


def turns_with_calls_done(script: Script, calls: int) -> int:
    """How many turns have been played when `calls` tool calls were made since the prompt."""
    for index, turn in enumerate(script.turns):
        wanted = sum(step.call_count for step in turn)
        if not wanted or calls < wanted:
            return index
        calls -= wanted
    return len(script.turns)
