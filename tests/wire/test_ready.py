"""Waiting until a socket can be read or written, by epoll and without."""

import asyncio
import select
import socket
from collections.abc import Iterator

import pytest

from monitor.wire import ready as module
from monitor.wire.per_loop import PerLoop
from monitor.wire.ready import Ready, _Epoll, _Selector, ready

WAYS = [_Selector, *([_Epoll] if hasattr(select, "epoll") else [])]
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair()
    with one, other:
        one.setblocking(False)
        other.setblocking(False)
        yield one, other


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
async def way(request: pytest.FixtureRequest) -> Ready:
    made: Ready = request.param(asyncio.get_running_loop())
    return made


def fill(sock: socket.socket) -> None:
    """Send until there is no room."""
    try:
        while True:
            sock.send(bytes(65536))
    except BlockingIOError:
        return


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_reader_wakes_when_something_comes(way: Ready, pair: Pair) -> None:
    for _ in range(3):
        waiting = asyncio.ensure_future(way.readable(pair[0].fileno()))
        await turns()
        assert not waiting.done()
        pair[1].send(b"x")
        await asyncio.wait_for(waiting, 5)
        pair[0].recv(10)


async def test_a_writer_wakes_when_there_is_room(way: Ready, pair: Pair) -> None:
    fill(pair[0])
    waiting = asyncio.ensure_future(way.writable(pair[0].fileno()))
    await turns()
    assert not waiting.done()
    while not waiting.done():
        try:
            pair[1].recv(1 << 20)
        except BlockingIOError:
            await turns()
    await waiting


async def test_one_socket_may_be_read_and_written_at_the_same_time(way: Ready, pair: Pair) -> None:
    reading = asyncio.ensure_future(way.readable(pair[0].fileno()))
    await turns()
    await asyncio.wait_for(way.writable(pair[0].fileno()), 5)
    assert not reading.done()
    pair[1].send(b"x")
    await asyncio.wait_for(reading, 5)


async def test_a_wait_that_was_given_up_does_not_spoil_the_next(way: Ready, pair: Pair) -> None:
    waiting = asyncio.ensure_future(way.readable(pair[0].fileno()))
    await turns()
    waiting.cancel()
    await asyncio.wait([waiting])
    pair[1].send(b"x")
    await turns()
    await asyncio.wait_for(way.readable(pair[0].fileno()), 5)


async def test_the_end_of_the_stream_wakes_a_reader(way: Ready, pair: Pair) -> None:
    waiting = asyncio.ensure_future(way.readable(pair[0].fileno()))
    await turns()
    pair[1].close()
    await asyncio.wait_for(waiting, 5)
    assert pair[0].recv(10) == b""


async def test_a_descriptor_may_be_closed_and_used_again(way: Ready) -> None:
    for _ in range(3):
        one, other = socket.socketpair()
        with one, other:
            other.send(b"x")
            await asyncio.wait_for(way.readable(one.fileno()), 5)


async def test_a_loop_has_one_and_the_next_loop_another() -> None:
    assert ready() is ready()
    other = await asyncio.to_thread(lambda: asyncio.run(_in_another_loop()))
    assert other is not ready()


async def _in_another_loop() -> Ready:
    return ready()


async def test_where_there_is_no_epoll_the_loop_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(module.select, "epoll", raising=False)
    assert isinstance(PerLoop(module._best)(), _Selector)


async def test_a_number_that_comes_back_is_another_socket(way: Ready) -> None:
    """With and without a word before it is closed."""
    for told in (True, False, True, False):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            for _ in range(2):
                waiting = asyncio.ensure_future(way.readable(ours.fileno()))
                await turns()
                theirs.send(b"x")
                await asyncio.wait_for(waiting, 5)
                assert ours.recv(10) == b"x"
            if told:
                way.forget(ours.fileno())
