"""Names to addresses."""

import asyncio
import socket
import threading
from pathlib import Path

import pytest

from monitor.errors import LocalError, ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire import resolve as resolving
from monitor.wire.hosts_file import HostsFile
from monitor.wire.resolve import Address, resolve


@pytest.mark.parametrize(
    ("host", "said"), [("192.0.2.1", "192.0.2.1:80"), ("2001:db8::1", "[2001:db8::1]:80")]
)
async def test_an_address_needs_no_looking_up(host: str, said: str) -> None:
    trace = Trace()
    assert [str(address) for address in await resolve(host, 80, trace)] == [said]
    trace.finish()
    assert "dns" not in trace.phases_ms


@pytest.mark.parametrize("host", ["localhost.", "shop.localhost", "shop.localhost."])
async def test_names_of_this_machine_lead_to_it_whether_the_resolver_knows_them(host: str) -> None:
    assert [str(one) for one in await resolve(host, 80, Trace(), 4)] == ["127.0.0.1:80"]


async def test_a_name_is_looked_up_in_the_phase_dns() -> None:
    trace = Trace()
    found = await resolve("localhost", 80, trace, 4)
    trace.finish()
    assert found == [Address(socket.AF_INET, ("127.0.0.1", 80))]
    assert trace.phases_ms.keys() == {"dns"}


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".test", "-", "a..b"])
async def test_a_name_that_does_not_resolve_is_a_dns_error(host: str) -> None:
    with pytest.raises(ProbeError) as caught:
        await resolve(host, 80, Trace())
    assert caught.value.reason is Reason.DNS_ERROR


async def test_an_address_of_the_other_family_is_unreachable() -> None:
    with pytest.raises(ProbeError) as caught:
        await resolve("192.0.2.1", 80, Trace(), 6)
    assert caught.value.reason is Reason.UNREACHABLE


@pytest.mark.parametrize(("switch", "in_thread"), [("hosts: files dns", False), ("hosts: dns files", True)])
async def test_a_name_in_the_hosts_file_needs_no_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, switch: str, in_thread: bool
) -> None:
    (tmp_path / "hosts").write_text("10.0.0.5 shop\n")
    (tmp_path / "switch").write_text(switch)
    file = HostsFile(tmp_path / "hosts", tmp_path / "switch", tmp_path / "none")
    monkeypatch.setattr(resolving, "_hosts_file", file)
    threads = []

    def look_up(name: str, port: int, family: int, _kind: int) -> list[object]:
        threads.append(threading.current_thread())
        return [(family, 0, 0, "", (name, port))]

    monkeypatch.setattr(resolving.socket, "getaddrinfo", look_up)
    assert await resolve("shop", 80, Trace(), 4) == [Address(socket.AF_INET, ("shop", 80))]
    assert (threads[0] is not threading.main_thread()) is in_thread


async def test_a_resolver_that_hangs_delays_no_other_name(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    real = socket.getaddrinfo

    def slow(host: str, *rest: int) -> object:
        if host == "slow.test":
            release.wait()
        return real("127.0.0.1", *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(resolving.socket, "getaddrinfo", slow)
    hanging = asyncio.create_task(resolve("slow.test", 80, Trace()))
    await asyncio.sleep(0)
    assert await resolve("quick.test", 80, Trace())
    assert not hanging.done()
    release.set()
    assert await hanging


async def test_more_names_at_once_than_may_be_looked_up_wait_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resolving, "_threads", resolving._Threads(2))
    found = await asyncio.gather(*(resolve("localhost", port, Trace()) for port in range(1, 200)))
    assert all(found)


async def test_when_all_that_may_run_hang_this_machine_is_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(resolving, "HANGING", 0.0)
    monkeypatch.setattr(resolving, "_threads", resolving._Threads(1))
    monkeypatch.setattr(resolving.socket, "getaddrinfo", lambda *_: release.wait() and [])
    hanging = asyncio.create_task(resolve("slow.test", 80, Trace()))
    await asyncio.sleep(0)
    with pytest.raises(LocalError, match="hanging"):
        await resolve("other.test", 80, Trace())
    release.set()
    assert await hanging == []


async def test_a_name_with_several_answers_names_each_address_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))
    monkeypatch.setattr(resolving.socket, "getaddrinfo", lambda *_: [one, one])
    assert len(await resolve("twice.test", 80, Trace())) == 1


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("fe80::1", "a link-local address needs its interface, as in fe80::1%eth0"),
        ("ff02::1", "a link-local address needs its interface, as in ff02::1%eth0"),
        ("fe80::1%nowhere", "fe80::1%nowhere: this machine has no such interface"),
    ],
)
async def test_a_link_local_address_needs_an_interface_of_ours(host: str, said: str) -> None:
    with pytest.raises(LocalError) as caught:
        await resolve(host, 80, Trace())
    assert caught.value.message == said


@pytest.mark.parametrize("host", ["fe80::1%lo", "fe80::1%25lo"])
async def test_a_link_local_address_with_its_interface_is_one(host: str) -> None:
    (found,) = await resolve(host, 80, Trace())
    assert found.sockaddr[3] == socket.if_nametoindex("lo")


async def test_a_name_is_not_asked_at_an_address_without_its_interface(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[object] = [(socket.AF_INET6, 1, 6, "", ("fe80::1", 80, 0, 0))]
    monkeypatch.setattr(resolving.socket, "getaddrinfo", lambda *_: found)
    with pytest.raises(LocalError, match=r"near\.test is at fe80::1: a link-local address needs"):
        await resolve("near.test", 80, Trace())
    found.append((socket.AF_INET, 1, 6, "", ("192.0.2.1", 80)))
    assert await resolve("near.test", 80, Trace()) == [Address(socket.AF_INET, ("192.0.2.1", 80))]
