"""What the plan's state looks like on paper: the weekly report, the status document, tables and event lines."""
