"""The only orchestration: due -> probe -> verdict -> health -> whoever looks."""

from monitor.engine.core import Engine
from monitor.engine.feed import Feed

__all__ = ["Engine", "Feed"]
