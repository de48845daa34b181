"""What the check finds beside errors: every class of warning and note, why it matters, and how it is found."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class FindingClass(NamedTuple):
    code: str
    """Stable word for scripts."""
    title: str
    text: str
    """Why it matters, how it is found, and what to do."""


CLASSES: tuple[FindingClass, ...] = (
    FindingClass(
        "dates-vs-needs",
        "work is planned to start before what it needs is there",
        "A need without a condition is met when its workstream is accepted, and then planned to end; a percentage or a "
        "deliverable when that share of its planned weeks has passed. Work whose first week lies before that cannot start as "
        "dated. The weeks that the plan takes as written are the longest path through its needs with no start before its planned "
        "week. Move the work, or say from when on it may start: needs: {WS-01: 50%}.",
    ),
    FindingClass(
        "window",
        "the plan's own dates end behind its window",
        "project.window is the finish that is acceptable. Where the last planned week lies behind it, the plan is off track "
        "before it starts. Move the end, or the window.",
    ),
    FindingClass(
        "gate-before-work",
        "a gate is due before the work that it judges is planned to end",
        "A gate is looked at once all that it closes and needs is accepted. With an earlier due date it is overdue by the plan's "
        "own dates. Move its week to the last week of that work.",
    ),
    FindingClass(
        "gate-before-phase",
        "a phase begins before the gate that opens it is due",
        "With mode overlap, the default, work planned up to the gate's week may start and none of it is accepted before Go: a "
        "note. With mode hard nothing of the phase starts before Go, so its people wait and its dates do not hold: a warning. "
        "advisory holds nothing. Move the phase, or choose the mode that is meant.",
    ),
    FindingClass(
        "circular",
        "a gate asks for what only its decision makes possible",
        "A criterion that asks whether something is published, that looks at a file which work behind the gate makes, or that "
        "waits for its own gate, can never pass before the decision. after: decision looks at it once the gate is open.",
    ),
    FindingClass(
        "irreversible",
        "a check does what cannot be undone",
        "Checks run whenever their inputs change, and again before every decision. A command that publishes, pushes or applies "
        "would do so each time. Ask for the outcome instead (http: of the registry, after: decision), or use a dry run.",
    ),
    FindingClass(
        "critical-path",
        "the critical path is not the one that the plan states",
        "project.critical_path says which workstreams are believed to fix the finish. The check computes the path by the critical "
        "path method, overlaps included: work with float is not on it. Without a stated path, the computed one is a note.",
    ),
    FindingClass(
        "velocity",
        "the pace that is asked for is not the plan's own",
        "A KPI that counts finished workstreams a week asks for more than the plan's dates finish: workstreams divided by planned "
        "weeks, and the weeks in which enough of them end. It would be missed by a project that is exactly on plan.",
    ),
    FindingClass(
        "limits",
        "one number has different limits in several places",
        "Criteria, KPIs and end conditions that measure the same (the same report and files, the same path in the same file, the "
        "same command, the same fact) ask for different values on the same side. Watches of risks are left out: they warn early on purpose.",
    ),
    FindingClass(
        "kpi-measure",
        "a KPI counts something else than its name says",
        "First-pass acceptance is the share of workstreams whose first review said yes; passed reviews over all reviews is another "
        "number. The same is asked of rework, of milestones kept on time and of whatever is per week. Facts of the plan may count anything.",
    ),
    FindingClass(
        "descope",
        "leaving the candidates out saves no time",
        "The longest path through the plan is as long without them. They free hands, which help only where hands are short.",
    ),
    FindingClass(
        "strategy",
        "a strategy has a key that its kind does not know",
        "Nothing reads the key, so the strategy does something else than it seems to say. docs/delivery.md lists the keys of each kind; "
        "keys that begin with x- are free.",
    ),
    FindingClass(
        "deferred-need",
        "work needs what the plan leaves for later",
        "Deferred work is never accepted in this plan, so what needs it stays blocked. Take the need out, let it need what the "
        "deferred work needed, or defer it, too; locust-tui whatif descope does the second.",
    ),
    FindingClass(
        "crew",
        "a command has a crew",
        "A crew divides an agent's work; a command of the workstream's own takes as long as it takes.",
    ),
    FindingClass(
        "cap",
        "a cap is never reached",
        "No week has as many workstreams planned as the cap lets run, orchestrators' agents counted. Where the order of the work is "
        "known, the fewest at a time that delay nothing are found by levelling the plan with ever smaller caps.",
    ),
    FindingClass(
        "pools",
        "the pools add up to more than the cap",
        "What the orchestrators were promised cannot all run at one time; the cap wins, and who comes first is served first.",
    ),
    FindingClass(
        "text-vs-dates",
        "a sentence gives work other weeks than its dates do",
        "Read are only sentences that name a week behind from, by or until beside a workstream's id or, in mitigations and "
        "strategies, beside a distinctive word of its name (of the owner's workstreams where the owner is an orchestrator); "
        "and weeks behind the plan's last. Everything else that free text says is a person's to compare.",
    ),
    FindingClass(
        "spelling",
        "two names differ in nothing but their spelling",
        "Case, dashes, dots and leading zeros tell no people or workstreams apart for a reader; a message to one does not reach "
        "the other. Say which one is meant, or let aliases: {OTHER: ONE} make them the same.",
    ),
    FindingClass(
        "near-name",
        "a reviewer or signer is almost called like somebody of the plan",
        "Reviewers and signers may be anybody, so an unknown name is no error; one that differs in a letter or two from a name "
        "that the plan knows is probably a slip, and nobody could answer for it. Names of a series (dev-1, dev-2) are left alone.",
    ),
    FindingClass("phase-weeks", "a workstream lies outside the weeks of its phase", "Move one of them."),
    FindingClass("start", "week 1 does not begin on a Monday", "Every week of the plan begins on that day."),
    FindingClass(
        "no-command", "an agent type has nothing to start", "Its work waits for somebody who does it by hand."
    ),
    FindingClass("unknown-agent", "an agent type is not in agents", "Its work cannot start."),
    FindingClass(
        "program", "a program is not on this machine", "Whatever it is the command of cannot start here."
    ),
    FindingClass(
        "worktree", "worktrees need a git repository with a commit", "Without one the work cannot start."
    ),
    FindingClass(
        "partial-need",
        "part of a workstream is needed that nothing measures",
        "A percentage counts deliverables that are verified. Without a check of theirs, only a person verifies them: "
        "deliverables: [{id: api, files: [src/api.rs]}].",
    ),
    FindingClass("approvers", "a gate wants more yeses than it has approvers", "It could never open."),
    FindingClass("approver", "an approver has no address", "Nobody would be told that the gate waits."),
    FindingClass("recipient", "a message goes to nobody", "It would be kept, and reach nobody."),
    FindingClass("alias", "an alias leads to nothing", "What is sent to it would be kept, and reach nobody."),
    FindingClass("channel", "a channel names nobody", "It would be kept, and reach nobody."),
    FindingClass(
        "unknown-owner", "a risk's owner is not in the plan", "Nobody would be told when it triggers."
    ),
    FindingClass(
        "due-date",
        "nobody understands when something is due",
        "What is looked at after the release is due so long after it (1 month, 2 weeks), at each release, or on a date.",
    ),
    FindingClass("empty-gate", "a gate rests on nothing", "It only waits for a person, from the start."),
    FindingClass("no-limit", "a measure without a limit", "It always passes."),
    FindingClass("no-unit", "a limit and its value may be in different units", "Say the unit of both."),
    FindingClass("no-effect", "a key has no effect on this kind of agent", "It promises what nothing holds."),
    FindingClass("id", "an id is not as it looks", "It holds combining characters."),
)
"""Those that weigh most first."""


@cache
def _weights() -> dict[str, int]:
    return {one.code: number for number, one in enumerate(CLASSES)}


def weight(code: str) -> int:
    """Place of a class in the order of importance; classes without one come last."""
    return _weights().get(code, len(CLASSES))


def explained(code: str) -> FindingClass | None:
    """The class of that code; None where there is none."""
    number = _weights().get(code)
    return None if number is None else CLASSES[number]
