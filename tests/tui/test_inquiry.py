"""Asking for details: as often as they change, one request at a time."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from fake_source import NOW, card, row

from monitor.errors import LinkError
from monitor.link.messages import Detail, Point
from monitor.tui.board import Entry
from monitor.tui.inquiry import Inquiry


class Asked:
    """An engine that answers when it is let."""

    def __init__(self):
        self.asked, self.tasks, self.answers = [], [], 0
        self.may_answer = asyncio.Event()
        self.gone = ""
        self.inquiry = Inquiry(self.ask, self.count)

    async def ask(self, handle, since):
        self.asked.append((handle, since))
        await self.may_answer.wait()
        if self.gone:
            raise LinkError(self.gone)
        points = (Point(NOW, "u", 1.0),)
        return Detail(
            handle=handle, last=None, last_failure=None, last_good=None, points=points, phases_ms={}
        )

    def count(self):
        self.answers += 1

    def keep_up(self, revision=1):
        entry = Entry(card(0), row(0), revision=revision)
        self.inquiry.keep_up(entry, lambda work: self.tasks.append(asyncio.create_task(work)))

    async def settle(self):
        self.may_answer.set()
        await asyncio.gather(*self.tasks)


async def test_nothing_is_asked_twice_about_the_same_revision():
    asked = Asked()
    asked.inquiry.turn_to(0)
    for _ in range(3):
        asked.keep_up()
        await asked.settle()
    assert (asked.asked, asked.answers) == ([(0, 0.0)], 1)


async def test_only_one_request_is_under_way_and_the_next_asks_for_what_is_new():
    asked = Asked()
    asked.inquiry.turn_to(0)
    asked.keep_up(1)
    asked.keep_up(2)
    assert len(asked.tasks) == 1
    await asked.settle()
    asked.keep_up(2)
    await asked.settle()
    assert asked.asked == [(0, 0.0), (0, NOW)]


async def test_an_answer_goes_to_the_endpoint_that_was_asked_about():
    asked = Asked()
    asked.inquiry.turn_to(0)
    asked.keep_up()
    asked.inquiry.turn_to(7)
    await asked.settle()
    assert asked.inquiry.story.detail is None


async def test_an_engine_that_does_not_answer_is_told_of_until_it_does():
    asked = Asked()
    asked.gone = "no engine"
    asked.inquiry.turn_to(0)
    asked.keep_up(1)
    await asked.settle()
    assert asked.inquiry.wrong == "no engine"
    asked.gone = ""
    asked.keep_up(2)
    await asked.settle()
    assert asked.inquiry.wrong == ""
