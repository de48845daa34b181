"""An agent's terminal, as values: what is on its screen, what a key sends, how large it is. Nothing here draws."""
