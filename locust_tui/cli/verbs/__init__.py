"""One module a verb; each holds one click command of the verb's name."""
