"""MQTT checks, against Mosquitto and scripted brokers."""

import subprocess
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import free_port, running, says

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.server import Handler, serve
from monitor.errors import FieldError
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.mqtt import Mqtt, _connect_packet, _length
from monitor.wire.tls import TlsOptions


async def check(url: str, **keys: Any) -> Result:
    return judge("x", await run_probe(Mqtt(url=url, **keys), 3.0), (), ())


@pytest.fixture(scope="module")
def ports(
    tmp_path_factory: pytest.TempPathFactory, needs: Callable[[str], str], authority: Authority
) -> Iterator[tuple[int, int]]:
    """Ports of a real broker that lets nobody in without a password: plain, and over TLS."""
    folder, port, secure = tmp_path_factory.mktemp("mosquitto"), free_port(), free_port()
    passwords, config = folder / "passwords", folder / "mosquitto.conf"
    passwords.touch()
    folder.chmod(0o755)
    subprocess.run([needs("mosquitto_passwd"), "-b", passwords, "alice", "sesame"], check=True)
    passwords.chmod(0o644)
    pem = authority.pem("valid")
    config.write_text(
        f"allow_anonymous false\npassword_file {passwords}\nuser root\nlistener {port} 127.0.0.1\n"
        f"listener {secure} 127.0.0.1\ncertfile {pem}\nkeyfile {pem}\n"
    )
    with running([needs("mosquitto"), "-c", config], secure, folder=folder):
        yield port, secure


@pytest.fixture
def port(ports: tuple[int, int]) -> int:
    return ports[0]


async def test_a_real_broker_takes_the_session_over_tls(ports: tuple[int, int], authority: Authority) -> None:
    trusting = TlsOptions(ca=str(authority.ca))
    url = f"mqtts://alice:sesame@localhost:{ports[1]}"
    result = await check(url, tls=trusting)
    assert (result.status, result.message) == (Status.UP, "session accepted")
    assert result.certificate is not None
    plain = await check(f"mqtt://alice:sesame@127.0.0.1:{ports[1]}")
    assert plain.message.endswith("if this port is for TLS, write mqtts://")


async def test_a_real_broker_takes_the_session(port: int) -> None:
    result = await check(f"mqtt://alice:sesame@127.0.0.1:{port}")
    assert (result.status, result.message) == (Status.UP, "session accepted")


@pytest.mark.parametrize("login", ["", "alice:wrong@", "bob:sesame@"])
async def test_a_refused_login_is_an_auth_error(port: int, login: str) -> None:
    result = await check(f"mqtt://{login}127.0.0.1:{port}")
    assert result.reason is Reason.AUTH_ERROR


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x20\x02\x00\x00", None),
        (b"\x20\x02\x00\x03", Reason.PROTOCOL_ERROR),
        (b"\x20\xff\xff\xff\x7f", Reason.PROTOCOL_ERROR),
        (b"\x20\x02\x00\x04", Reason.AUTH_ERROR),
        (b"\x20\x02\x00\x63", Reason.PROTOCOL_ERROR),
        (b"HTTP/1.1 400\r\n", Reason.PROTOCOL_ERROR),
        (b"\x20", Reason.PROTOCOL_ERROR),
        (b"", Reason.PROTOCOL_ERROR),
    ],
)
async def test_what_the_broker_says_is_the_reason(data: bytes, reason: Reason | None) -> None:
    async with serve(says(data)) as port:
        assert (await check(f"mqtt://127.0.0.1:{port}")).reason is reason


def speaks_5(refusal: bytes, acceptance: bytes) -> Handler:
    """A broker that takes version 5 only."""

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        level = (await reader.read(1000))[8]
        writer.write(acceptance if level == 5 else refusal)
        await writer.drain()

    return talk


@pytest.mark.parametrize("refusal", [b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00"])
@pytest.mark.parametrize(
    ("acceptance", "reason", "message"),
    [
        (b"\x20\x03\x00\x00\x00", None, "session accepted; the broker speaks MQTT 5 only"),
        (
            b"\x20\x83\x01\x00\x00\x80\x01" + b"\x26" + b"\x00" * 127,
            None,
            "session accepted; the broker speaks MQTT 5 only",
        ),
        (b"\x20\x03\x00\x86\x00", Reason.AUTH_ERROR, "the broker refused user or password"),
        (
            b"\x20\x03\x00\x84\x00",
            Reason.PROTOCOL_ERROR,
            "the broker speaks neither MQTT 3.1.1 nor 5",
        ),
    ],
)
async def test_a_broker_that_speaks_version_5_only_is_spoken_to(
    refusal: bytes, acceptance: bytes, reason: Reason | None, message: str
) -> None:
    async with serve(speaks_5(refusal, acceptance)) as port:
        result = await check(f"mqtt://a:b@127.0.0.1:{port}")
    assert (result.reason, result.message) == (reason, message)


@given(st.integers(0, 268_435_455))
def test_a_length_is_seven_bits_a_byte(count: int) -> None:
    coded = _length(count)
    assert sum((byte & 127) << 7 * at for at, byte in enumerate(coded)) == count
    assert [byte >> 7 for byte in coded] == [1] * (len(coded) - 1) + [0]


def test_a_password_that_mqtt_cannot_carry_is_refused() -> None:
    with pytest.raises(FieldError):
        Mqtt(url=f"mqtt://a:{'x' * 70_000}@b")


@pytest.mark.parametrize(
    ("credentials", "flags", "words"),
    [
        (None, 0x02, b""),
        (("alice", ""), 0x82, b"\0\5alice"),
        (("alice", "pw"), 0xC2, b"\0\5alice\0\2pw"),
        (("", "pw"), 0xC2, b"\0\0\0\2pw"),
    ],
)
def test_a_password_never_goes_without_a_user(
    credentials: tuple[str, str] | None, flags: int, words: bytes
) -> None:
    packet = _connect_packet(credentials, 4)
    assert packet[9] == flags
    assert packet[packet.index(b"monitor-") + 20 :] == words
