"""Notices changes of config files by comparing their contents regularly.

That detects a replaced file, a swapped symbolic link, and a file that was missing for a while, and it
works on network file systems, where notifications do not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from glob import glob
from pathlib import Path

from monitor.config.document import digest

INTERVAL = 1.0
"""Seconds between two comparisons."""
_MOMENT = 0.1
"""Seconds to wait for a file that may be in the middle of being written."""
_SETTLED = 3.0
"""Age in seconds from which an unchanged modification time proves that a file is unchanged."""

_Stamp = tuple[int, int, int, int]
_Print = Mapping[str, str | None]


def _matching(pattern: str) -> list[str]:
    return glob(pattern, recursive=True)  # noqa: PTH207 -- the pattern may be absolute


class Watcher:
    """Notices when files, or the set of files that match patterns, change.

    Contents are compared; a file whose time and size stay as they were long ago is not read again.
    """

    def __init__(
        self,
        files: Iterable[str],
        patterns: Iterable[str] = (),
        *,
        interval: float = INTERVAL,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval = interval
        self._sleep = sleep
        self._known: dict[str, tuple[_Stamp, str]] = {}
        self.watch(files, patterns)

    def watch(self, files: Iterable[str], patterns: Iterable[str] = ()) -> None:
        """Watch these from now on; their present contents are the old ones."""
        self._files, self._patterns = tuple(files), tuple(patterns)
        self._last = self._look()

    async def changed(self) -> None:
        """Wait until something has changed, and was the same in two comparisons since."""
        before = self._last
        while True:
            await self._sleep(self._interval)
            now = await asyncio.to_thread(self._look)
            if now == self._last != before:
                return
            self._last = now

    async def still(self, seen: Mapping[str, str]) -> bool:
        """Whether files have, a moment later, the contents whose digests were ``seen``.

        An editor may empty a file before it writes: a version in between may be valid, but short.
        """
        await self._sleep(_MOMENT)
        return await asyncio.to_thread(lambda: all(self._contents(one) == seen[one] for one in seen))

    def _look(self) -> _Print:
        found = {name for pattern in self._patterns for name in _matching(pattern)}
        return {name: self._contents(name) for name in sorted({*self._files, *found})}

    def _contents(self, name: str) -> str | None:
        """A digest of the file; None when it cannot be read."""
        try:
            status = Path(name).stat()
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_dev)
            known = self._known.get(name)
            if known and known[0] == stamp and time.time() - status.st_mtime > _SETTLED:
                return known[1]
            contents = digest(Path(name).read_bytes())
        except OSError:
            return None
        self._known[name] = (stamp, contents)
        return contents
