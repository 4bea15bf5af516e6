"""Handing out events."""

import asyncio

from monitor.engine.publisher import Publisher
from monitor.model.events import ConnectivityChanged, Noted


def noted(number: int) -> Noted:
    return Noted(at=float(number), level="info", text=str(number))


def test_every_subscriber_receives_each_event_in_order():
    publisher, one, two = Publisher(), [], []
    publisher.subscribe(one.append)
    publisher.publish([noted(1)])
    publisher.subscribe(two.append)
    publisher.publish([noted(2), noted(3)])
    publisher.unsubscribe(one.append)
    publisher.publish([noted(4)])
    assert [event.at for event in one] == [1, 2, 3]
    assert [event.at for event in two] == [2, 3, 4]


def test_a_subscriber_may_choose_the_kinds_of_events():
    publisher, chosen, every = Publisher(), [], []
    publisher.subscribe(chosen.append, ConnectivityChanged)
    publisher.subscribe(every.append)
    gone = ConnectivityChanged(at=2.0, online=False)
    publisher.publish([noted(1), gone, noted(3)])
    assert chosen == [gone]
    assert len(every) == 3


async def test_a_queue_gives_everything_that_waits():
    publisher = Publisher()
    queue = publisher.queue(10)
    taking = asyncio.create_task(queue.take())
    await asyncio.sleep(0)
    publisher.publish([noted(1), noted(2)])
    assert (len(queue), queue.behind) == (2, 1.0)
    assert [event.at for event in await taking] == [1, 2]
    assert (len(queue), queue.behind, queue.lost) == (0, 0.0, 0)


async def test_a_full_queue_loses_the_oldest_and_says_so():
    publisher = Publisher()
    queue = publisher.queue(2)
    publisher.publish(map(noted, range(5)))
    assert queue.lost == 3
    assert [event.at for event in await queue.take()] == [3, 4]
