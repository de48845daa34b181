"""The worker: decides purely, and does what was decided: runs, measurements, reloads, requests."""
