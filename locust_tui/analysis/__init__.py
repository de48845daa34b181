"""Pure mathematics over a plan and its world: no I/O, and the clock is an argument."""
