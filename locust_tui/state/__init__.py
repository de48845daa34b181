"""The record of a plan: an append-only event log in SQLite, its projections, and what keeps both safe."""
