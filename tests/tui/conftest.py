"""A dashboard without a terminal, and somebody in front of it."""

from collections.abc import Callable

import pytest
from fake_source import NOW, FakeSource, mixed

from monitor.tui.app import Dashboard
from monitor.tui.settings_file import SettingsFile

ENVIRON = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}


class Seat:
    """An operator in front of a dashboard whose clock stands still until told otherwise."""

    def __init__(self, source: FakeSource, settings_file: SettingsFile | None = None, **environ: str) -> None:
        self.source = source
        self.seconds = 0.0
        self.app = Dashboard(
            source,
            environ=ENVIRON | environ,
            settings_file=settings_file,
            clock=lambda: NOW,
            monotonic=lambda: self.seconds,
        )

    async def settle(self) -> None:
        """Until what was said has been taken."""
        await self.pilot.pause()
        while self.source.waiting or not self.app.board.revision:
            self.app.follower.hurry()
            await self.pilot.pause()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, holds: Callable[[], object]) -> None:
        """Let the app run until ``holds``; the test's own time limit ends a vain wait."""
        while not holds():
            await self.pilot.pause(0.01)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    def names(self) -> list[str]:
        table = self.app.overview.table
        return [line.entry.info.name if hasattr(line, "entry") else f"[{line.key}]" for line in table.lines]

    @property
    def current(self) -> str:
        entry = self.app.overview.current()
        return entry.info.name if entry else ""


@pytest.fixture
def make_seat():
    """Makes seats of other sizes and engines than the usual one."""
    return Seat


@pytest.fixture
async def seat(request):
    seat = Seat(getattr(request, "param", mixed)())
    async with seat.app.run_test(size=(120, 30)) as pilot:
        seat.pilot = pilot
        await seat.settle()
        yield seat
