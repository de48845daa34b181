"""What people read of a run that speaks a protocol, as the agents' room makes it."""

from __future__ import annotations

from ..agents.transcript import Transcript, TranscriptStream, transcript_of

__all__ = ["Transcript", "TranscriptStream", "transcript_of"]
