"""The process and its interpreter: memory and its limit, pauses for garbage collection, lag of event loops."""

from telemetry.runtime.event_loop import watch_event_loop
from telemetry.runtime.figures import RuntimeFigures

__all__ = ["RuntimeFigures", "watch_event_loop"]
