"""locust-tui: runs a plan of workstreams, gates and agents, and shows the truth about it."""

__version__ = "0.1.0"
