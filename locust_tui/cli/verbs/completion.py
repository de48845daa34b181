"""`completion`: the script that teaches a shell our verbs and options."""

from __future__ import annotations

import click

from ..command import Settings, verb
from ..output import put


@verb("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(settings: Settings, shell: str) -> int:
    """Print a completion script.

    bash: eval "$(locust-tui completion bash)", zsh the same; fish: locust-tui completion fish | source
    """
    from click.shell_completion import get_completion_class

    from ..root import root

    maker = get_completion_class(shell)
    assert maker is not None
    completion = maker(root, {}, "locust-tui", "_LOCUST_TUI_COMPLETE")
    put(completion.source_template % completion.source_vars() + "\n")
    return 0
