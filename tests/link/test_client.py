"""The dashboard's side of the link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import LinkError, UsageError
from monitor.link.client import PATIENCE, Client
from monitor.link.edits import Edited, Judged, Try, Undo
from monitor.link.figures import Report
from monitor.link.frames import read_frame, write_frame
from monitor.link.messages import Acknowledge, CheckNow, Done, Pause, Pull, Reload, decode_request, encode
from monitor.link.silences import ExtendSilence, StartSilence
from monitor.model import Certificate, Maintenance, Result, Silence, State, Status


@pytest.fixture
async def client(served: Any) -> AsyncIterator[Client]:
    client = Client(served.socket)
    yield client
    await client.close()


async def test_hello_connects_and_pulls_go_on_from_there(served: Any, client: Client):
    told = await client.hello()
    assert [info.name for info in told.infos] == ["a", "b", "c"]
    assert (await client.pull()).statuses == ()
    served.engine.pause([2])
    assert [row.state for row in (await client.pull()).statuses] == [State.PAUSED]


async def test_details_and_orders_are_answered(client: Client):
    await client.hello()
    assert (await client.command(Pause(handles=(0,)))).text == "paused 1 endpoint"
    assert (await client.command(Reload())).ok
    assert (await client.detail(1, 0.0)).handle == 1


async def test_the_certificates_of_very_many_come_in_parts(served: Any, client: Client, monkeypatch: Any):
    monkeypatch.setattr("monitor.engine.queries.PAGE", 2)
    await client.hello()
    for handle, watched in served.engine.endpoints.items():
        watched.last = seen(f"fingerprint {handle}")
    told = await client.certificates()
    assert [(one.handle, one.fingerprint) for one in told] == [
        (handle, f"fingerprint {handle}") for handle in (0, 1, 2)
    ]


async def test_the_past_of_very_many_comes_in_parts(served: Any, client: Client, monkeypatch: Any):
    monkeypatch.setattr("monitor.engine.queries.PAGE", 2)
    await client.hello()
    told = [[row.handle for row in rows] async for rows in client.states_at(served.engine.clock())]
    assert told == [[0, 1], [2]]
    chosen = client.states_at(served.engine.clock(), samples=3, handles=(2, 1))
    assert [[row.handle for row in rows] async for rows in chosen] == [[2, 1]]


def seen(fingerprint: str) -> Result:
    shown = Certificate(subject="CN=a", issuer="CN=b", not_before=0.0, not_after=1.0, fingerprint=fingerprint)
    return Result(endpoint="a", status=Status.UP, reason=None, message="", checked_at=1.0, certificate=shown)


async def test_what_the_engine_refuses_is_told_and_does_not_end_the_link(client: Client):
    await client.hello()
    with pytest.raises(LinkError, match="no longer in the config"):
        await client.detail(99, 0.0)
    assert (await client.pull()).statuses == ()


async def test_many_may_ask_at_once(client: Client):
    await client.hello()
    answers = await asyncio.gather(
        *(client.detail(handle, 0.0) for handle in (0, 1, 2) * 10),
        client.pull(),
        client.command(CheckNow(handles=(0,))),
    )
    assert [one.handle for one in answers[:-2]] == [0, 1, 2] * 10  # type: ignore[union-attr]


async def test_what_takes_its_time_holds_up_nobody_else(served: Any, client: Client):
    await client.hello()
    trying = asyncio.create_task(client.edit(Try(texts={}), Judged))
    assert (await client.pull()).statuses == ()
    assert not trying.done()
    served.tried.set()
    assert await trying == Judged()


async def test_a_config_that_may_not_be_changed_is_reported(client: Client):
    with pytest.raises(LinkError, match="read-only"):
        await client.edit(Undo(edit=1), Edited)


async def test_the_dashboard_says_how_many_samples_it_wants(served: Any):
    client = Client(served.socket, samples=0)
    await client.hello()
    served.engine.check_now([0])
    while not (rows := (await client.pull()).statuses):
        await asyncio.sleep(0)
    assert (rows[0].total, rows[0].outcomes) == (1, "")
    await client.close()


async def test_hello_again_is_a_new_connection(served: Any, client: Client):
    await client.hello()
    await client.hello()
    assert (await client.pull()).statuses == ()
    while len(served.engine._feeds) > 1:
        await asyncio.sleep(0)


async def test_without_an_engine_there_is_a_link_error(tmp_path: Path):
    with pytest.raises(LinkError, match="the engine cannot be reached: no such file"):
        await Client(tmp_path / "nobody").hello()


async def test_an_engine_that_goes_is_a_link_error_and_one_that_is_back_is_found(served: Any, client: Client):
    await client.hello()
    await served.server.close()
    for ask in (client.pull, client.pull, client.hello):
        with pytest.raises(LinkError):
            await ask()
    await served.server.listen(served.socket)
    assert (await client.hello()).title == "test"
    assert (await client.pull()).statuses == ()


async def test_who_gives_up_waiting_for_details_does_not_end_the_link(client: Client):
    """As when a screen is closed while its details are on their way."""
    await client.hello()
    for turns in range(6):
        asking = asyncio.create_task(client.detail(0, 0.0))
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        assert (await client.pull()).statuses == ()


async def test_a_closed_client_can_be_closed_again(client: Client):
    await client.close()
    await client.hello()
    await client.close()
    await client.close()


# ── engines that misbehave ──────────────────────────────────────────────────────────────────────

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def pretend(socket_path: Path) -> AsyncIterator[Callable[[Answering], Awaitable[Client]]]:
    """A client of an engine that is a function of its connection."""
    servers: list[asyncio.Server] = []
    clients: list[Client] = []

    async def start(answering: Answering, patience: float = PATIENCE) -> Client:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await answering(reader, writer)
            finally:
                writer.close()

        servers.append(await asyncio.start_unix_server(serve, socket_path))
        clients.append(Client(socket_path, patience=patience))
        return clients[-1]

    yield start
    for client in clients:
        await client.close()
    for server in servers:
        server.close()


def saying(raw: bytes) -> Answering:
    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_frame(reader)
        writer.write(raw)
        await writer.drain()

    return answering


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "the engine closed the connection"),
        (b"\x00\x00", "the connection ended within a message"),
        (b"\x00\x00\x00\x09abc", "the connection ended within a message"),
        (b"\x00\x00\x00\x03\xff\xff\xff", "the engine sent an invalid message"),
        (b"\xff\xff\xff\xff", "received a message of 4294967295 bytes"),
        (
            len(encode(Done(ok=True))).to_bytes(4, "big") + encode(Done(ok=True)),
            "the engine sent an unexpected answer",
        ),
    ],
)
async def test_a_bad_answer_is_a_link_error(pretend: Any, raw: bytes, told: str):
    client = await pretend(saying(raw))
    with pytest.raises(LinkError, match=told):
        await client.hello()


async def test_an_engine_that_does_not_answer_is_given_up(pretend: Any):
    stalled = asyncio.Event()

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stalled.wait()

    client = await pretend(answering, patience=0.01)
    with pytest.raises(LinkError, match=r"the engine has not answered for 0\.01 s"):
        await client.hello()
    stalled.set()


async def test_requests_that_wait_for_their_turn_give_up_at_the_same_time(pretend: Any):
    stalled = asyncio.Event()

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stalled.wait()

    client = await pretend(answering, patience=0.2)
    loop = asyncio.get_running_loop()
    began = loop.time()
    answers = await asyncio.gather(*(client.silences() for _ in range(10)), return_exceptions=True)
    assert {str(answer) for answer in answers} == {"the engine has not answered for 0.2 s"}
    assert loop.time() - began < 1.0
    stalled.set()


async def test_a_late_answer_is_never_taken_for_another(pretend: Any):
    """Who gives up a pull loses its changes: the link begins anew."""
    visits: list[list[str]] = []
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append([])
        while frame := await read_frame(reader):
            request = decode_request(frame)
            visits[-1].append(type(request).__name__)
            if isinstance(request, Pull):
                asked.set()
                await go_on.wait()
            await write_frame(writer, encode(Done(ok=True, text=f"of {type(request).__name__}")))

    client = await pretend(answering)
    pulling = asyncio.create_task(client.pull())
    await asked.wait()
    pulling.cancel()
    go_on.set()
    assert (await client.command(CheckNow(handles=()))).text == "of CheckNow"
    assert visits == [["Pull"], ["CheckNow"]]


# ── what the web address asks ───────────────────────────────────────────────────────────────────


async def test_text_that_is_no_utf8_is_refused_and_breaks_nothing(client: Client):
    order = Acknowledge(handles=(0,), by="ann", note=b"f\xfcr".decode(errors="surrogateescape"))
    with pytest.raises(UsageError, match="a name or a note is not UTF-8 text"):
        await client.command(order)
    assert [one.handle for one in await client.counts()] == [0, 1]


async def test_counts_come_page_by_page(client: Client):
    assert [one.handle for one in await client.counts()] == [0, 1]
    assert [one.handle for one in await client.counts(pages=1)] == [0]


async def test_uptimes_of_many_are_asked_for_in_parts(served: Any, client: Client):
    shares = await client.uptimes(tuple(range(60)), (0.0, 1.0))
    assert len(shares) == 60
    assert served.asked_at_once == 10


async def test_changes_of_state_come_page_by_page(client: Client):
    assert [one.number for one in await client.state_changes(0)] == [1, 2]
    assert [one.number for one in await client.state_changes(5)] == [6]


async def test_changes_of_state_are_counted_without_a_page(client: Client):
    assert await client.count_state_changes() == 7


async def test_measures_come_page_by_page(client: Client):
    assert [one.handle for one in await client.measures(0.0, 1.0)] == [0, 1]


async def test_a_heartbeat_is_handed_on(client: Client):
    assert (await client.report(Report(path="backup"))).text == "backup heard"


async def test_a_silence_is_started_or_why_not_is_reported(client: Client):
    started = await client.try_silence(StartSilence(select=("a",)))
    assert isinstance(started, Silence)
    assert list(await client.silences()) == [started]
    assert await client.try_silence(StartSilence(select=("nope",))) == "no endpoint matches nope"


async def test_a_silence_is_extended_and_windows_are_listed(served: Any, client: Client):
    silence = await client.silence(StartSilence(select=("a",), lasting=60.0))
    assert (await client.command(ExtendSilence(id=silence.id, lasting=600.0))).ok
    (extended,) = await client.silences()
    assert (extended.id, extended.until > silence.until + 500) == (silence.id, True)
    window = Maintenance(name="patches", cron="0 3 * * *", duration=60.0)
    served.engine.config = replace(served.engine.config, maintenance=(window,))
    assert [one.name for one in await client.maintenance()] == ["patches"]


async def test_a_client_that_is_read_only_says_so_on_each_connection(served: Any):
    client = Client(served.socket, read_only=True)
    await client.hello()
    assert (await client.command(Pause(handles=(0,)))).text == "this connection is read-only"
    with pytest.raises(LinkError, match="this connection is read-only"):
        await client.edit(Undo(edit=1), Edited)
    await client.close()
