"""Conversations with agents that speak a protocol: read from the run's log, written into its FIFO, kept on record."""
