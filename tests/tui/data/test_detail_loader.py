"""Asking for details: as often as they change, one request at a time."""

import asyncio

from fake_source import NOW, info, row

from monitor.errors import LinkError
from monitor.link.messages import CheckProgress, Detail, Point
from monitor.model import NetworkPath, PathProtocol
from monitor.store.past import LastTime, Unanswered
from monitor.tui.data.board import Entry
from monitor.tui.data.detail_loader import DetailLoader


class Asked:
    """An engine that answers when it is let."""

    def __init__(self):
        self.asked, self.tasks, self.answers = [], [], 0
        self.may_answer = asyncio.Event()
        self.gone = ""
        self.entry = Entry(info(0), row(0))
        self.in_progress = []
        """What the next answers tell of a check under way; the later ones tell of none."""
        self.paths = []
        """The same of a trace."""
        self.loader = DetailLoader(self.ask, self.count, live=0.0)

    async def ask(self, handle, since):
        self.asked.append((handle, since))
        await self.may_answer.wait()
        if self.gone:
            raise LinkError(self.gone)
        points = (Point(NOW, "u", 1.0),)
        check = self.in_progress.pop(0) if self.in_progress else None
        path = self.paths.pop(0) if self.paths else None
        found = {"last": None, "last_failure": None, "last_good": None, "in_progress": check, "path": path}
        return Detail(handle=handle, points=points, phases_ms={}, **found)

    def count(self):
        self.answers += 1

    def keep_up(self, revision=1):
        self.entry.revision = revision
        self.loader.keep_up(self.entry, lambda work: self.tasks.append(asyncio.create_task(work())))

    async def settle(self):
        self.may_answer.set()
        await asyncio.gather(*self.tasks)


async def test_nothing_is_asked_twice_about_the_same_revision():
    asked = Asked()
    asked.loader.turn_to(0)
    for _ in range(3):
        asked.keep_up()
        await asked.settle()
    assert (asked.asked, asked.answers) == ([(0, 0.0)], 1)


async def test_only_one_request_is_under_way_and_the_next_asks_for_what_is_new():
    asked = Asked()
    asked.loader.turn_to(0)
    asked.keep_up(1)
    asked.keep_up(2)
    assert len(asked.tasks) == 1
    await asked.settle()
    asked.keep_up(2)
    await asked.settle()
    assert asked.asked == [(0, 0.0), (0, NOW)]


async def test_an_answer_goes_to_the_endpoint_that_was_asked_about():
    asked = Asked()
    asked.loader.turn_to(0)
    asked.keep_up()
    asked.loader.turn_to(7)
    await asked.settle()
    assert asked.loader.timeline.detail is None


async def test_an_engine_that_does_not_answer_is_told_of_until_it_does():
    asked = Asked()
    asked.gone = "no engine"
    asked.loader.turn_to(0)
    asked.keep_up(1)
    await asked.settle()
    assert asked.loader.wrong == "no engine"
    asked.gone = ""
    asked.keep_up(2)
    await asked.settle()
    assert asked.loader.wrong == ""


async def test_a_history_that_cannot_be_read_is_named_until_it_can_be():
    asked = Asked()
    asked.loader.turn_to(0)
    lookback = asked.loader.timeline.lookback
    lookback.take(Unanswered(text="the history cannot be read: disk I/O error"))
    assert asked.loader.why_incomplete() == "the history cannot be read: disk I/O error"
    lookback.take(LastTime())
    assert asked.loader.why_incomplete() == ""


async def test_why_an_endpoint_has_no_details_is_not_told_of_the_next():
    asked = Asked()
    asked.gone = "this endpoint is no longer in the config"
    asked.loader.turn_to(0)
    asked.keep_up()
    asked.loader.turn_to(7)
    await asked.settle()
    assert asked.loader.wrong == ""


async def test_what_an_engine_says_as_it_dies_is_made_fit_for_a_terminal():
    asked = Asked()
    asked.gone = "the engine ended: \x1b[2Jno memory"
    asked.loader.turn_to(0)
    asked.keep_up()
    await asked.settle()
    assert asked.loader.wrong == "the engine ended: ␛[2Jno memory"


async def test_a_check_under_way_is_looked_at_until_it_is_over():
    asked = Asked()
    asked.in_progress = [CheckProgress(phase) for phase in ("dns", "connect", "wait")]
    asked.loader.turn_to(0)
    asked.keep_up()
    await asked.settle()
    assert (len(asked.asked), asked.answers) == (4, 4)
    assert asked.loader.timeline.detail.in_progress is None


async def test_a_check_under_way_is_left_for_another_endpoint():
    asked = Asked()
    asked.loader = DetailLoader(asked.ask, asked.count, live=60.0)
    asked.in_progress = [CheckProgress("wait")] * 9
    asked.loader.turn_to(0)
    asked.keep_up()
    asked.may_answer.set()
    while not asked.answers:
        await asyncio.sleep(0)
    asked.loader.turn_to(7)
    await asked.settle()
    assert asked.asked == [(0, 0.0)]
    asked.in_progress.clear()
    asked.keep_up()
    await asked.settle()
    assert asked.asked[-1] == (7, 0.0)


async def test_what_was_known_at_another_time_is_forgotten():
    asked = Asked()
    asked.loader.turn_to(0)
    asked.loader.timeline.zoom = 3
    asked.keep_up()
    await asked.settle()
    asked.entry = Entry(info(0), row(0))
    asked.keep_up()
    assert (asked.loader.timeline.points, asked.loader.timeline.zoom) == ([], 3)
    await asked.settle()
    assert asked.asked == [(0, 0.0), (0, 0.0)]


async def test_a_trace_under_way_is_looked_at_until_it_is_over():
    asked = Asked()
    asked.loader.turn_to(0)
    trace = {"at": NOW, "target": "192.0.2.1:443", "protocol": PathProtocol.TCP}
    asked.paths = [NetworkPath(done=False, **trace), NetworkPath(done=False, **trace), NetworkPath(**trace)]
    asked.keep_up()
    await asked.settle()
    assert len(asked.asked) == 3
