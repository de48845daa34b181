"""What the end of a workstream's work rests on: checks, a merge or a pull request, and a person's word."""

from __future__ import annotations

from locust_tui.domain.states import OUT_OF_SCOPE, WorkstreamState
from locust_tui.domain.world import WorkstreamStatus


def came_to(status: WorkstreamStatus) -> str:
    """In words: "exit 0, 2 checks passed, merged to main (1a2b3c4d5), yes of ana"; empty while it has not come to an end."""
    if status.state is not WorkstreamState.ACCEPTED and status.state not in OUT_OF_SCOPE:
        return ""
    person = status.passed_by if status.state is WorkstreamState.ACCEPTED else status.by
    told = [status.reason] if status.reason else []
    if open_pull_request(status):
        told.append("which is open")
    if person and person != "worker" and person not in status.reason:
        told.append(f"by {person}" if status.state in OUT_OF_SCOPE else f"yes of {person}")
    return ", ".join(told)


def open_pull_request(status: WorkstreamStatus) -> str:
    """The address of the pull request that accepted work waits in, as far as was fetched; empty: in none."""
    return status.pull_request if status.state is WorkstreamState.ACCEPTED else ""
