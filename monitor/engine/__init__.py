"""The engine: it schedules and runs checks, tracks states, and publishes events."""

from monitor.engine.engine import Engine
from monitor.engine.feed import Feed

__all__ = ["Engine", "Feed"]
