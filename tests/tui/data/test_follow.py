"""Following an engine that answers, dies and returns."""

import asyncio

from fake_source import NOW, PROBLEMS, failed, mixed
from msgspec.structs import replace

from monitor.model import State
from monitor.tui.data.board import Board
from monitor.tui.data.follow import Follower, Link


class Following:
    """A follower, and a way to wait for what it brings."""

    def __init__(self) -> None:
        self.source = mixed()
        self.board = Board(clock=lambda: NOW)
        self.resting = False
        self._news = asyncio.Event()
        self.said: list[str] = []
        changed = self._news.set
        self.follower = Follower(self.source, self.board, changed, lambda: self.resting, self.said.append)

    async def __aenter__(self):
        self._task = asyncio.create_task(self.follower.run())
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def news(self):
        self._news.clear()
        self.follower.hurry()
        await self._news.wait()


async def test_the_first_answer_is_the_whole_picture():
    async with Following() as one:
        assert one.follower.link is Link.LOADING
        await one.news()
        assert one.follower.link is Link.CONNECTED
        assert len(one.board.entries) == 7


async def test_changes_follow():
    async with Following() as one:
        await one.news()
        one.source.push(failed(0))
        await one.news()
        assert one.board.entries[0].status.state is State.DOWN


async def test_nothing_is_asked_while_resting():
    async with Following() as one:
        await one.news()
        one.resting = True
        one.source.push(failed(0))
        one.follower.hurry()
        for _ in range(5):
            await asyncio.sleep(0)
        assert one.source.waiting


async def test_a_lost_engine_is_noted_and_met_again():
    async with Following() as one:
        await one.news()
        one.source.gone = "it died"
        await one.news()
        assert one.follower.link is Link.LOST
        assert one.follower.trouble == "it died"
        one.source.gone = ""
        await one.news()
        assert one.follower.link is Link.CONNECTED
        assert one.follower.trouble == ""
        assert one.said == ["connected again"]


async def test_a_restart_of_the_engine_is_said_once_it_is_met_again():
    async with Following() as one:
        await one.news()
        one.source.gone = "it died"
        await one.news()
        one.source.gone = ""
        one.source.snapshot = replace(one.source.snapshot, started_at=NOW + 60)
        await one.news()
        assert one.said == ["connected again: the engine has been restarted"]


async def test_what_keeps_an_engine_from_starting_is_kept_until_it_starts():
    async with Following() as one:
        await one.news()
        one.source.gone, one.source.wrong = "it does not start", PROBLEMS
        await one.news()
        assert one.board.problems == PROBLEMS
        one.source.wrong = ()
        await one.news()
        assert one.board.problems == PROBLEMS
        one.source.gone = ""
        await one.news()
        assert one.board.problems == ()


async def test_an_engine_that_does_not_answer_is_told_of_until_it_does(monkeypatch):
    monkeypatch.setattr("monitor.tui.data.follow.SILENCE", 0.0)
    async with Following() as one:
        await one.news()
        answer, one.source.pull = one.source.pull, lambda _: asyncio.Event().wait()
        await one.news()
        assert one.follower.link is Link.SILENT
    one.source.pull = answer
    one._task = asyncio.create_task(one.follower._ask())
    await one._task
    assert one.follower.link is Link.CONNECTED


async def test_what_comes_in_parts_is_pulled_at_once():
    async with Following() as one:
        await one.news()
        for handle in range(3):
            one.source.push(failed(handle), more=handle < 2)
        await one.news()
        while one.source.waiting:
            one._news.clear()
            await one._news.wait()  # without being hurried
        assert [one.board.entries[handle].status.state for handle in range(3)] == [State.DOWN] * 3
