"""The history on disk: one SQLite file, one writer in the engine's process, readers in any process."""

from monitor.store.reader import Reader
from monitor.store.writer import Writer

__all__ = ["Reader", "Writer"]
