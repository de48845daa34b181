"""Adapters: each turns one kind of agent into the same typed events by a pure reducer."""
