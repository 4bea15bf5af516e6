"""AMQP checks, against RabbitMQ and scripted brokers."""

import os
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

import pytest
from servers import folder_of, free_port, run_as, running

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.server import Handler, serve
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.amqp import Amqp, _method
from monitor.wire.tls import TlsOptions


async def check(url: str, **keys: Any) -> Result:
    return judge("x", await run_probe(Amqp(url=url, **keys), 5.0), (), ())


_ATTEMPTS = 4
"""Starts of a broker; its ports are free when they are chosen, and may be taken when it listens."""


@pytest.fixture(scope="module")
def ports(needs: Callable[[str], str], authority: Authority) -> Iterator[tuple[int, int]]:
    """Ports of a real broker: plain, and over TLS."""
    programs = needs("rabbitmq-server"), needs("epmd")
    with ExitStack() as stack:
        yield _started(stack, lambda: broker(*programs, authority))


Broker = Callable[[], AbstractContextManager[tuple[int, int]]]


def _started(stack: ExitStack, start: Broker) -> tuple[int, int]:
    """Enter a broker into ``stack``; with other ports if it does not start."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(RuntimeError):
            return stack.enter_context(start())
    return stack.enter_context(start())


@contextmanager
def broker(program: str, mapper: str, authority: Authority) -> Iterator[tuple[int, int]]:
    """A broker whose Erlang is on its own. Raises RuntimeError if it does not start."""
    port, secure, mapped = free_port(), free_port(), free_port()
    with folder_of("rabbitmq") as folder:
        (folder / "plugins").write_text("[].\n")
        pem, ca = folder / "server.pem", folder / "ca.pem"
        pem.write_bytes(authority.pem("valid").read_bytes())
        ca.write_bytes(authority.ca.read_bytes())
        (folder / "rabbitmq.conf").write_text(
            f"listeners.ssl.1 = 127.0.0.1:{secure}\nssl_options.cacertfile = {ca}\n"
            f"ssl_options.certfile = {pem}\nssl_options.keyfile = {pem}\n"
            "ssl_options.verify = verify_none\nssl_options.fail_if_no_peer_cert = false\n"
        )
        environ = os.environ | {
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"test{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "ERL_EPMD_PORT": str(mapped),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        names = [mapper, "-port", mapped, "-address", "127.0.0.1"]
        with (
            running(names, mapped, folder=folder),  # else Erlang starts one that stays
            running([program], secure, folder=folder, env=environ, **run_as("rabbitmq")),
        ):
            yield port, secure


def test_a_broker_whose_ports_are_taken_is_started_again_with_others():
    starts: list[int] = []

    @contextmanager
    def start() -> Iterator[tuple[int, int]]:
        starts.append(1)
        if len(starts) < _ATTEMPTS:
            raise RuntimeError("address in use")
        yield 1, 2

    def never() -> AbstractContextManager[tuple[int, int]]:
        starts.append(1)
        raise RuntimeError("address in use")

    with ExitStack() as stack:
        assert _started(stack, start) == (1, 2)
    starts.clear()
    with ExitStack() as stack, pytest.raises(RuntimeError, match="address in use"):
        _started(stack, never)
    assert len(starts) == _ATTEMPTS


@pytest.fixture
def port(ports: tuple[int, int]) -> int:
    return ports[0]


async def test_a_real_broker_opens_the_virtual_host_over_tls(
    ports: tuple[int, int], authority: Authority
) -> None:
    trusting = TlsOptions(ca=str(authority.ca))
    result = await check(f"amqps://localhost:{ports[1]}", tls=trusting)
    assert (result.status, result.message) == (Status.UP, "virtual host / opened")
    assert result.certificate is not None
    plain = await check(f"amqp://127.0.0.1:{ports[1]}")
    assert plain.message.endswith("if this port is for TLS, write amqps://")


async def test_a_real_broker_opens_the_virtual_host(port: int) -> None:
    result = await check(f"amqp://127.0.0.1:{port}")
    assert (result.status, result.message) == (Status.UP, "virtual host / opened")
    assert result.phases_ms.keys() == {"connect", "wait", "login"}


@pytest.mark.parametrize("rest", ["guest:wrong@127.0.0.1:{port}", "guest:guest@127.0.0.1:{port}/nowhere"])
async def test_what_is_not_allowed_is_an_auth_error(port: int, rest: str) -> None:
    assert (await check("amqp://" + rest.format(port=port))).reason is Reason.AUTH_ERROR


START = _method(
    10, b"\x00\x09" + struct.pack(">I", 0) + struct.pack(">I", 5) + b"PLAIN" + struct.pack(">I", 0)
)
TUNE = _method(30, struct.pack(">HIH", 0, 131072, 60))
CLOSE = _method(50, struct.pack(">H", 403) + b"\x0eACCESS_REFUSED" + b"\0\0\0\0")


def says(*answers: bytes) -> Handler:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        for answer in answers:
            await reader.read(1000)
            writer.write(answer)
            await writer.drain()
        if answers[-1]:
            await reader.read()

    return talk


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ((START, TUNE, _method(41, b"\0")), None),
        ((START, CLOSE), Reason.AUTH_ERROR),
        ((START, b""), Reason.AUTH_ERROR),
        ((b"AMQP\x00\x01\x00\x00",), Reason.PROTOCOL_ERROR),
        ((b"HTTP/1.1 400 Bad Request\r\n",), Reason.PROTOCOL_ERROR),
        ((START[:-1] + b"\x00",), Reason.PROTOCOL_ERROR),
        ((TUNE,), Reason.PROTOCOL_ERROR),
        ((b"",), Reason.PROTOCOL_ERROR),
    ],
)
async def test_what_the_broker_says_is_the_reason(answers: tuple[bytes, ...], reason: Reason | None) -> None:
    if reason is None:  # both of our last methods come in one read
        answers = (answers[0], answers[1] + answers[2])
    async with serve(says(*answers)) as port:
        assert (await check(f"amqp://127.0.0.1:{port}")).reason is reason


@pytest.mark.parametrize(
    ("url", "host"),
    [("amqp://a", "/"), ("amqp://a/", "/"), ("amqp://a/jobs", "jobs"), ("amqp://a/%2Fx", "/x")],
)
def test_the_path_is_the_virtual_host(url: str, host: str) -> None:
    assert Amqp(url=url).virtual_host == host
