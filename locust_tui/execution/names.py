"""The names of what is in a run folder beside the records. No imports: the shims load it."""

OUTPUTS = ("log", "stderr")
STDIN_CLOSED = "stdin.closed"
STDIN_TORN = "stdin.torn"
TRIMMING = "trimming"
"""Lies there while a run is stopped so that the head of its output can be given up."""


def trim_record(output: str) -> str:
    """The file that says how much of the head of this output was given up."""
    return "trim.json" if output == "log" else f"{output}.trim.json"
