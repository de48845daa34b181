"""What is said once the screen is left: what goes on without it, and the way back."""

from __future__ import annotations

from locust_tui.client.port import LinkState
from locust_tui.widgets.view import View
from locust_tui.widgets.words import plural

DEFAULT_PLAN = "locust-plan.yaml"
"""The plan that `locust-tui open` finds by itself in the current folder."""


def leaving_words(view: View | None, plan_path: str) -> str:
    """One line; the plan is named where it would not be found by itself."""
    import shlex

    named = "" if plan_path == DEFAULT_PLAN else f" {shlex.quote(plan_path)}"
    back = f"locust-tui open{named} brings you back."
    if view is None:
        return f"Nothing was changed. {back}"
    pid = view.link.worker_pid or view.snapshot.worker_pid
    if view.link.state is not LinkState.LIVE or not pid:
        return f"No worker runs. {back}"
    running = view.snapshot.agents_running
    agents = f"{plural(running, 'agent')} running" if running else "no agent runs"
    return f"Worker {pid} goes on; {agents}. {back}"
