"""The nouns of the field and their rules. Standard library only, no I/O, no clock of its own."""
