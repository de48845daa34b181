"""What a plan would execute as single lines, for viewers that show what waits for trust."""

from __future__ import annotations

from .shown import shown_commands
from .trust import TrustState


def trust_lines(state: TrustState) -> tuple[str, ...]:
    """Every line of everything that would be executed, complete and safe to draw; what changed comes first.

    `+ workstream z, run (shell): echo ok`, and `+ │ touch x` for each further line of the same command. The mark is
    `+` new since the plan was trusted, `-` gone, a space for what is as it was (or never was trusted).
    """
    found = []
    for command in shown_commands(state):
        for line in command.lines:
            head = f"{command.owner}, {line.label}: " if line.label else "│ "
            found.append(f"{line.mark} {head}{line.text}")
    return tuple(found)
