"""Measuring criteria: what to execute, what a report says, whether the limit is met, and how long that holds.

`commands_of` names the commands, the worker runs them, `judge` turns what they showed into a state. Nothing
here starts an agent or writes a file of the project.
"""
