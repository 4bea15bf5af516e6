"""Who reported in."""

import asyncio

from monitor.probes._heartbeats import NOBODY, heartbeats


async def test_nobody_listens_at_first():
    hub = heartbeats()
    assert hub.deaf == NOBODY
    hub.listen()
    assert hub.deaf == ""
    hub.stop("the address is taken")
    assert hub.deaf == "the address is taken"


async def test_every_loop_has_its_own():
    assert heartbeats() is heartbeats()
    heartbeats().hear("a")

    async def elsewhere() -> object:
        return heartbeats().last("a")

    assert await asyncio.to_thread(lambda: asyncio.run(elsewhere())) is None


async def test_the_last_heartbeat_is_kept():
    hub = heartbeats()
    names = []
    hub.heard = names.append
    hub.listen()
    hub.hear("a", "one")
    hub.hear("a", "two")
    beat = hub.last("a")
    assert beat is not None
    assert beat.note == "two"
    assert beat.at <= asyncio.get_running_loop().time()
    assert hub.last("b") is None
    assert names == ["a", "a"]


async def test_what_was_heard_before_we_were_deaf_is_forgotten():
    hub = heartbeats()
    hub.listen()
    hub.hear("a")
    hub.stop()
    hub.listen()
    assert hub.last("a") is None


async def test_the_next_heartbeat_ends_every_wait():
    hub = heartbeats()
    waits = [asyncio.create_task(hub.next("a", 60)) for _ in range(3)]
    await asyncio.sleep(0)
    hub.hear("b")
    hub.hear("a", "now")
    assert [beat and beat.note for beat in await asyncio.gather(*waits)] == ["now"] * 3


async def test_a_wait_ends_without_one_and_harms_no_other():
    hub = heartbeats()
    other = asyncio.create_task(hub.next("a", 60))
    assert await hub.next("a", 0.0) is None
    hub.hear("a")
    assert await other is not None
