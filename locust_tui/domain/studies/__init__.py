"""Studies: what is computed of a plan on demand, beyond the snapshot that is always at hand. One module a subject."""
