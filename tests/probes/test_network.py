"""What checks of a host and a port share."""

import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.process import RunningZoo
from monitor.errors import FieldError
from monitor.probes.tcp import Tcp
from monitor.probes.tls import Tls


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
