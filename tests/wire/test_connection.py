"""Connections of our own: dialling, reading, writing, TLS."""

import asyncio
import socket
import time
from asyncio import StreamReader, StreamWriter

import pytest

from monitor.demo.process import RunningZoo
from monitor.demo.server import serve
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire import connection as connections
from monitor.wire.connection import connect
from monitor.wire.resolve import Address
from monitor.wire.tls import TlsOptions, context


def split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


async def echo(reader: StreamReader, writer: StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def test_the_address_and_the_phase_are_noted(zoo: RunningZoo) -> None:
    trace = Trace()
    with await connect(*split(zoo.addresses["tcp-banner"]), trace) as connection:
        assert connection.peer == trace.address == zoo.addresses["tcp-banner"]
    trace.finish()
    assert trace.phases_ms.keys() == {"connect"}


@pytest.mark.parametrize(
    ("where", "reason"),
    [("refused", Reason.CONNECTION_REFUSED), ("255.255.255.255:9", Reason.LOCAL_ERROR)],
)
async def test_a_connection_that_cannot_be_made_has_its_reason(
    zoo: RunningZoo, where: str, reason: Reason
) -> None:
    with pytest.raises(ProbeError) as caught:
        await connect(*split(zoo.addresses.get(where, where)), Trace())
    assert caught.value.reason in {reason, Reason.UNREACHABLE}


async def test_megabytes_go_out_and_come_back() -> None:
    payload = bytes(range(256)) * 8192
    async with serve(echo) as port:
        with await connect("127.0.0.1", port, Trace()) as connection:
            writing = asyncio.create_task(connection.write(payload))
            assert await connection.read_exactly(len(payload)) == payload
            await writing


@pytest.mark.parametrize("ask", ["read_until", "read_exactly"])
async def test_a_stream_that_ends_early_is_a_protocol_error(zoo: RunningZoo, ask: str) -> None:
    with await connect(*split(zoo.addresses["tcp-close"]), Trace()) as connection:
        with pytest.raises(ProbeError) as caught:
            await (connection.read_until(b"\n") if ask == "read_until" else connection.read_exactly(5))
    assert caught.value.reason is Reason.PROTOCOL_ERROR


async def test_a_line_without_end_is_given_up(zoo: RunningZoo) -> None:
    with await connect(*split(zoo.addresses["tcp-endless"]), Trace()) as connection:
        with pytest.raises(ProbeError, match="no end of line"):
            await connection.read_until(b"\x00never\x00", 4096)


async def test_a_reset_is_told_as_one(zoo: RunningZoo) -> None:
    with pytest.raises(ProbeError) as caught:  # as early as when connecting
        with await connect(*split(zoo.addresses["tcp-reset"]), Trace()) as connection:
            await connection.read()
    assert caught.value.reason is Reason.CONNECTION_RESET


async def test_tls_notes_certificate_version_and_cipher(zoo: RunningZoo) -> None:
    trace = Trace()
    with await connect(*split(zoo.addresses["tls-valid"]), trace) as connection:
        await connection.start_tls(context(TlsOptions(ca=zoo.ca)), "localhost", trace)
        assert connection.protocol is None
    trace.finish()
    assert trace.tls.startswith("TLSv1.3 TLS_")
    assert trace.certificates
    assert trace.phases_ms.keys() == {"connect", "tls"}


async def test_a_handshake_that_fails_before_anything_is_agreed_on_notes_nothing(zoo: RunningZoo) -> None:
    trace = Trace()
    with await connect(*split(zoo.addresses["tcp-banner"]), trace) as connection:
        with pytest.raises(ProbeError) as caught:
            await connection.start_tls(context(), "localhost", trace)
    assert caught.value.reason is Reason.TLS_ERROR
    assert (trace.tls, trace.certificates) == ("", [])


async def test_cancelling_a_read_leaves_nothing_registered(zoo: RunningZoo) -> None:
    with await connect(*split(zoo.addresses["tcp-silent"]), Trace()) as connection:
        reading = asyncio.create_task(connection.read())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert not asyncio.get_running_loop().remove_reader(connection._sock.fileno())


async def test_the_next_address_is_tried_when_the_first_refuses(
    zoo: RunningZoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [split(zoo.addresses["refused"]), split(zoo.addresses["tcp-banner"])]

    async def several(*_: object) -> list[Address]:
        return [Address(socket.AF_INET, place) for place in places]

    monkeypatch.setattr(connections, "resolve", several)
    trace = Trace()
    began = time.perf_counter()
    with await connect("two.test", 1, trace):
        assert trace.address == zoo.addresses["tcp-banner"]
    assert time.perf_counter() - began < 5


async def test_of_several_refusals_the_most_telling_is_reported(
    zoo: RunningZoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = Address(socket.AF_INET, split(zoo.addresses["refused"]))
    nowhere = Address(socket.AF_INET6, ("2001:db8::1", 9, 0, 0))

    async def several(*_: object) -> list[Address]:
        return [nowhere, refused]

    monkeypatch.setattr(connections, "resolve", several)
    with pytest.raises(ProbeError) as caught:
        await asyncio.wait_for(connect("two.test", 1, Trace()), 5)
    assert caught.value.reason is Reason.CONNECTION_REFUSED


def test_families_take_turns() -> None:
    four = [Address(socket.AF_INET, (f"192.0.2.{n}", 1)) for n in (1, 2, 3)]
    six = [Address(socket.AF_INET6, ("2001:db8::1", 1, 0, 0))]
    assert connections._interleaved([*six, *four]) == [six[0], *four]
    assert connections._interleaved([*four, *six]) == [four[0], six[0], *four[1:]]
