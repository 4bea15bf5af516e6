"""The engine: when to check, what the results mean, and who is sent the events."""

from monitor.engine.engine import Engine
from monitor.engine.feed import Feed

__all__ = ["Engine", "Feed"]
