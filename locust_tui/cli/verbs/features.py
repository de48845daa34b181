"""`features`: what is switched on in this project, each a real behaviour that can be switched off again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...errors import NotFoundError, did_you_mean
from ..command import Settings, sub_verb, verb_group
from ..output import narrate, painter, put, put_json
from ..target import State, find_target, read_state

if TYPE_CHECKING:
    from ...client.wire import Reply

FEATURES = {
    "performance-tracking": "samples CPU, memory and storage of every live run, every 5 s: agent metrics, ps",
    "github-integration": "accepted work of worktrees is pushed to its branch and becomes a pull request, by gh",
    "learned-estimates": "forecasts draw on this plan's own finished work, by agent type, and correct its estimates",
}
ASKED_AS = {"neural-training": "learned-estimates"}
"""Another name → the feature that it switches."""
NO_NETWORK = "no neural network is trained: durations are drawn from this plan's own finished work"


@verb_group("features")
def command() -> None:
    """List what can be switched on; switch it on and off."""


@sub_verb(command, "ls")
@click.option("--json", "as_json", is_flag=True, help="An array of {name, on, does, note}.")
def ls(settings: Settings, as_json: bool) -> int:
    """List every feature: whether it is on, since when, and what it does."""
    state = read_state(find_target(settings))
    found = [_told(state, name) for name in (*FEATURES, *ASKED_AS)]
    if as_json:
        put_json(found)
        return 0
    from ...report.glyphs import Tone
    from ...report.table import table

    rows = [
        (
            f["name"],
            ("on", Tone.DONE) if f["on"] else ("off", Tone.QUIET),
            f["set_by"] or "",
            f["does"],
            f["note"] or "",
        )
        for f in found
    ]
    put("\n".join(table(("FEATURE", "", "SET BY", "DOES", "NOTE"), rows, paint=painter(settings))) + "\n")
    return 0


@sub_verb(command, "enable")
@click.argument("name")
@click.option("--by", metavar="NAME", help="Who switches it (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def enable(settings: Settings, name: str, by: str | None, as_json: bool) -> int:
    """Switch a feature on."""
    return _switch(settings, name, True, by, as_json)


@sub_verb(command, "disable")
@click.argument("name")
@click.option("--by", metavar="NAME", help="Who switches it (default: the OS user).")
@click.option("--json", "as_json", is_flag=True)
def disable(settings: Settings, name: str, by: str | None, as_json: bool) -> int:
    """Switch a feature off."""
    return _switch(settings, name, False, by, as_json)


def _switch(settings: Settings, name: str, on: bool, by: str | None, as_json: bool) -> int:
    from ..adding import add

    feature = ASKED_AS.get(name, name)
    if feature not in FEATURES:
        known = (*FEATURES, *ASKED_AS)
        near = did_you_mean(name, known) or f"features: {', '.join(known)}"
        raise NotFoundError(f'there is no feature "{name}"', help=near)
    target = find_target(settings)
    reply: Reply | None = None
    state = read_state(target)
    if not state.recorded or (feature in state.plan.features) is not on:
        reply = add(settings, target, {f"features/{feature}": on}, by)
        state = read_state(target)
    told = _told(state, name)
    if as_json:
        put_json(
            {
                **told,
                "changed": reply is not None,
                "revision": reply.revision if reply else state.world.revision,
            }
        )
        return 0
    word = "on" if on else "off"
    put(f"{feature} is {word}, revision {reply.revision}\n" if reply else f"{feature} is {word} already\n")
    if on:
        put(f"  {FEATURES[feature]}\n")
    if name in ASKED_AS:
        put(f"  {NO_NETWORK}\n")
    if told["note"] and on and told["note"] != NO_NETWORK:
        narrate(f"  {told['note']}")
    return 0


def _told(state: State, name: str) -> dict[str, Any]:
    feature = ASKED_AS.get(name, name)
    on = feature in state.plan.features
    addition = state.world.additions.get(f"features/{feature}")
    set_by = addition.by if addition is not None and addition.value else "the plan file" if on else None
    does = f"switches {feature}: {NO_NETWORK}" if name in ASKED_AS else FEATURES[feature]
    return {
        "name": name,
        "on": on,
        "does": does,
        "set_by": set_by,
        "note": _note(state, feature) if on else None,
    }


def _note(state: State, feature: str) -> str | None:
    """What it still lacks to have an effect here."""
    if feature == "learned-estimates":
        from ...analysis.durations import HISTORY, learned_from

        count = learned_from(state.plan, state.world, state.at)
        if count < HISTORY:
            return f"{count} finished so far: it begins to learn at {HISTORY}"
        return f"learns from {count} finished workstreams"
    if feature == "github-integration":
        import shutil

        if shutil.which("gh") is None:
            return "gh is not on PATH: accepted work waits in review until it is"
        if not any(w.worktree for w in state.plan.workstreams.values()):
            return "no workstream has worktree: true, so nothing is pushed"
    return None
