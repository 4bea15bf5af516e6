"""Objects that belong to an event loop."""

from __future__ import annotations

import asyncio
import gc
from threading import Thread
from weakref import ref

from monitor.wire.per_loop import PerLoop


class Thing:
    pass


def things() -> PerLoop[Thing]:
    return PerLoop(lambda _loop: Thing())


async def asked(per_loop: PerLoop[Thing]) -> Thing:
    return per_loop()


def test_a_loop_has_one_object_and_another_loop_has_its_own() -> None:
    per_loop = things()
    with asyncio.Runner() as one, asyncio.Runner() as two:
        first = one.run(asked(per_loop))
        second = two.run(asked(per_loop))
        assert first is not second
        assert one.run(asked(per_loop)) is first
        assert two.run(asked(per_loop)) is second


def test_an_object_goes_with_its_loop() -> None:
    per_loop = things()
    gone = ref(asyncio.run(asked(per_loop)))
    gc.collect()
    assert gone() is None


def test_loops_of_several_threads_never_get_the_object_of_another() -> None:
    per_loop, mixed_up = things(), []

    async def ask() -> None:
        own = per_loop()
        for _ in range(2000):
            await asyncio.sleep(0)
            if per_loop() is not own:
                mixed_up.append(own)

    threads = [Thread(target=lambda: asyncio.run(ask())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mixed_up == []
