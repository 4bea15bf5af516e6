"""What checks of a host and a port share."""

import asyncio
from asyncio import StreamReader, StreamWriter
from typing import Any

import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.process import RunningZoo
from monitor.demo.server import serve
from monitor.demo.tls import serve_tls
from monitor.errors import FieldError
from monitor.model import Reason
from monitor.probes import probe_class, schemes
from monitor.probes._network import TlsProbe
from monitor.probes.tcp import Tcp
from monitor.probes.tls import Tls
from monitor.wire.tls import TlsOptions


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("tcp://db.example.com:5432", "db.example.com", 5432),
        ("tcp://[2001:db8::1]:80", "2001:db8::1", 80),
        ("tcp://user:secret@db.example.com:1/x", "db.example.com", 1),
    ],
)
def test_host_and_port_come_from_the_url(url: str, host: str, port: int) -> None:
    probe = Tcp(url=url)
    assert (probe.host, probe.port) == (host, port)


def test_a_kind_may_have_a_port_of_its_own() -> None:
    assert Tls(url="tls://example.com").port == 443


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"url": "tcp://:80"}, "url"),
        ({"url": "tcp://a:99999"}, "url"),
        ({"url": "tcp://[::1:80"}, "url"),
        ({"url": "tcp://a:80", "connect_to": ":80"}, "connect_to"),
    ],
)
def test_what_cannot_be_connected_to_is_refused(keys: dict[str, str], key: str) -> None:
    with pytest.raises(FieldError) as caught:
        Tcp(**keys)
    assert caught.value.key == key


async def test_connect_to_dials_another_address(zoo: RunningZoo) -> None:
    probe = Tcp(url="tcp://nowhere.invalid:1", connect_to=zoo.addresses["tcp-banner"])
    seen = await run_probe(probe, 2.0)
    assert (seen.reason, seen.address) == (None, zoo.addresses["tcp-banner"])


async def test_a_connect_to_without_a_port_keeps_the_urls(zoo: RunningZoo) -> None:
    port = zoo.addresses["tcp-banner"].rpartition(":")[2]
    seen = await run_probe(Tcp(url=f"tcp://nowhere.invalid:{port}", connect_to="127.0.0.1"), 2.0)
    assert seen.reason is None


# ---- options


@pytest.mark.parametrize(
    "url",
    [
        "redis://a?x=1",
        "redis://a/0#1",
        "smtp://a?",
        "mqtt://a/?keepalive=1",
        "tcp://a:1?send=x",
        "postgres://a?sslmode=require&application_name=x",
        "ldaps://a/dc=x??sub",
        "nats://a?",
        "grpc://a:1/service?x=1",
    ],
)
def test_an_option_that_means_nothing_is_refused(url: str) -> None:
    if url.endswith("?"):
        assert probe(url).options == {}
        return
    with pytest.raises(FieldError, match="option that means nothing") as caught:
        probe(url)
    assert caught.value.key == "url"


@pytest.mark.parametrize("url", ["tcp://u:12/w@b:80", "redis://u:p@a/1@b", "mysql://u@a?x@b", "nats://a#@b"])
def test_an_at_behind_the_host_is_not_overlooked(url: str) -> None:
    with pytest.raises(FieldError, match="@ behind its host"):
        probe(url)


# ---- TLS from the first byte

ENCRYPTED = ("smtp", "ldap", "amqp", "mqtt", "redis")


def probe(url: str, **keys: Any) -> Any:
    return probe_class(schemes()[url.partition(":")[0]])(url=url, **keys)


@pytest.mark.parametrize("plain", ENCRYPTED)
def test_the_scheme_of_tls_has_its_usual_port(plain: str) -> None:
    cls = probe_class(plain)
    assert issubclass(cls, TlsProbe)
    encrypted, other = probe(f"{cls.tls_scheme}://a"), probe(f"{plain}://a")
    assert (encrypted.encrypted, other.encrypted) == (True, False)
    assert (encrypted.port, other.port) == (cls.tls_port or cls.default_port, cls.default_port)


@pytest.mark.parametrize("plain", ENCRYPTED)
async def test_the_scheme_of_tls_begins_with_a_verified_handshake(plain: str, authority: Authority) -> None:
    async def close(reader: StreamReader, writer: StreamWriter) -> None:
        pass

    scheme = probe_class(plain).tls_scheme  # type: ignore[attr-defined]
    async with serve_tls(authority, "valid", close) as port:
        seen = await run_probe(probe(f"{scheme}://u:p@localhost:{port}"), 3.0)
        assert seen.reason is Reason.CERTIFICATE_UNTRUSTED
        trusting = TlsOptions(ca=str(authority.ca))
        seen = await run_probe(probe(f"{scheme}://u:p@localhost:{port}", tls=trusting), 3.0)
    assert (seen.reason, "tls" in seen.phases_ms) == (Reason.PROTOCOL_ERROR, True)
    assert "write" not in seen.message


@pytest.mark.parametrize("plain", sorted({*ENCRYPTED} - {"smtp"}))
async def test_a_server_of_tls_is_told_from_a_broken_one(plain: str, authority: Authority) -> None:
    async with serve_tls(authority, "valid", _say_nothing) as port:
        seen = await run_probe(probe(f"{plain}://u:p@127.0.0.1:{port}"), 3.0)
    assert seen.message.endswith(f"if this port is for TLS, write {probe_class(plain).tls_scheme}://")


@pytest.mark.parametrize("plain", sorted({*ENCRYPTED} - {"redis"}))
async def test_nobody_waits_for_words_on_the_usual_port_of_tls(
    plain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.probes._network.QUIET", 0.1)
    port = probe_class(plain).tls_port  # type: ignore[attr-defined]
    async with serve(_say_nothing) as silent:
        checked = probe(f"{plain}://u:p@127.0.0.1:{port}", connect_to=f"127.0.0.1:{silent}")
        seen = await run_probe(checked, 30.0)
    assert seen.reason is Reason.PROTOCOL_ERROR
    assert seen.message == (
        f"the server says nothing; if this port is for TLS, write {probe_class(plain).tls_scheme}://"
    )


async def test_a_server_that_speaks_on_the_usual_port_of_tls_has_all_the_time_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitor.probes._network.QUIET", 0.05)

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"220-a\r\n")
        await asyncio.sleep(0.2)  # longer than a silent server has
        writer.write(b"220 b\r\n")
        await reader.read()

    async with serve(talk) as port:
        seen = await run_probe(probe("smtp://127.0.0.1:465", connect_to=f"127.0.0.1:{port}"), 5.0)
    assert (seen.reason, seen.message) == (None, "220-a")


async def _say_nothing(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.read()
