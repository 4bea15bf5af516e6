"""A dashboard without a terminal, and somebody in front of it."""

import asyncio
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
from fake_source import NOW, FakeSource, mixed

from monitor.tui.app import Dashboard
from monitor.tui.settings_file import SettingsFile

_QUIET_TURNS = 10
_MOST = 1.0


async def _until_quiet(*_: Any) -> None:
    """Wait until the event loop has nothing left to do but wait for timers and sockets."""
    loop: Any = asyncio.get_running_loop()
    quiet, end = 0, monotonic() + _MOST
    while quiet < _QUIET_TURNS and monotonic() < end:
        await asyncio.sleep(0.0005)
        quiet = 0 if loop._ready else quiet + 1


@pytest.fixture(scope="session", autouse=True)
def _quick_pilot() -> Iterator[None]:
    """Textual's pilot watches the processor's time in steps of 20 ms; the event loop knows sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual.pilot.wait_for_idle", _until_quiet)
        patch.setattr("textual.app.wait_for_idle", _until_quiet)
        yield


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
