"""What is answered on the address for heartbeats."""

import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.model import Endpoint
from monitor.probes._heartbeats import Call, heartbeats
from monitor.probes.push import Push
from monitor.probes.tcp import Tcp
from monitor.service import heartbeat_server as module
from monitor.service.heartbeat_server import Reception
from monitor.service.http_server import Asked


def endpoint(name: str, **keys: str) -> Endpoint:
    return Endpoint(id=name, name=name, probe=Push(url=f"push:{name}", **keys))


ENDPOINTS = (
    endpoint("open"),
    endpoint("backup", token="s3cret"),
    endpoint("nightly job"),
    Endpoint(id="x", name="x", probe=Tcp(url="tcp://192.0.2.1:1")),
)


@pytest.fixture
async def reception() -> AsyncIterator[Reception]:
    made = Reception()
    await made.use(("127.0.0.1", 0), ENDPOINTS)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("asked", "status", "heard"),
    [
        (Asked("GET", "/push/open"), 200, "open"),
        (Asked("POST", "/push/open/"), 200, "open"),
        (Asked("PUT", "/push/nightly job"), 200, "nightly job"),
        (Asked("GET", "/push/backup", {"token": "s3cret"}), 200, "backup"),
        (Asked("GET", "/push/backup", {}, {"authorization": "Bearer s3cret"}), 200, "backup"),
        (Asked("GET", "/push/backup"), 403, None),
        (Asked("GET", "/push/backup", {"token": "s3cre"}), 403, None),
        (Asked("GET", "/push/backup", {"token": "ünï"}), 403, None),
        (Asked("GET", "/push/open", {"status": "down", "msg": "no"}), 200, "open"),
        (Asked("GET", "/push/open", {"status": "sideways"}), 422, None),
        (Asked("POST", "/push/open/start"), 200, "open"),
        (Asked("GET", "/push/open/fail"), 200, "open"),
        (Asked("GET", "/push/nightly job/1"), 200, "nightly job"),
        (Asked("GET", "/push/open/256"), 422, None),
        (Asked("GET", "/push/open/finish"), 422, None),
        (Asked("GET", "/push/backup/fail"), 403, None),
        (Asked("GET", "/push/backup/nonsense"), 403, None),
        (Asked("GET", "/push/backup/fail", {"token": "s3cret"}), 200, "backup"),
        (Asked("GET", "/push/x"), 404, None),
        (Asked("GET", "/push/"), 404, None),
        (Asked("GET", "/"), 404, None),
        (Asked("GET", "/healthz"), 200, None),
        (Asked("HEAD", "/healthz"), 200, None),
        (Asked("HEAD", "/push/open"), 405, None),
        (Asked("DELETE", "/push/open"), 405, None),
    ],
)
async def test_what_is_answered(reception: Reception, asked: Asked, status: int, heard: str | None):
    names: list[str] = []
    heartbeats().heard = names.append
    assert reception.respond(asked).status == status
    assert names == [heard] * (heard is not None)


async def test_a_message_is_kept_and_harmless(reception: Reception):
    reception.respond(Asked("GET", "/push/open", {"msg": "3 files\x1b[2J"}))
    beat = heartbeats().last("open")
    assert beat is not None
    assert beat.note == "3 files␛[2J"


async def test_it_is_called_over_http(reception: Reception):
    async with httpx.AsyncClient() as client:
        response = await client.get(f"http://127.0.0.1:{reception.port}/push/backup?token=s3cret")
    assert (response.status_code, response.text) == (200, "ok\n")
    assert heartbeats().last("backup") is not None


async def test_new_endpoints_on_the_same_address_disturb_nobody(reception: Reception):
    heartbeats().take(Call("open"))
    await reception.use(("127.0.0.1", 0), ENDPOINTS[:1])
    assert heartbeats().last("open") is not None
    assert reception.respond(Asked("GET", "/push/backup")).status == 404


async def test_no_address_ends_the_listening(reception: Reception):
    await reception.use(None, ())
    assert reception.port is None
    assert heartbeats().deaf


async def test_a_name_that_no_resolver_knows_is_told_as_such():
    notes: list[tuple[str, str]] = []
    made = Reception(lambda level, text: notes.append((level, text)))
    await made.use(("fe80::1%nowhere", 1), ENDPOINTS)
    await made.close()
    assert notes[0][1].startswith("cannot listen for heartbeats on fe80::1%nowhere:1: ")
    assert "unknown error" not in notes[0][1]


async def test_an_address_that_is_taken_is_told_once_and_tried_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "AGAIN", 0.01)
    notes: list[tuple[str, str]] = []
    made = Reception(lambda level, text: notes.append((level, text)))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        await made.use(("127.0.0.1", port), ENDPOINTS)
        assert heartbeats().deaf.startswith(f"cannot listen for heartbeats on 127.0.0.1:{port}: ")
        assert await made._listen("127.0.0.1", port) is False
    assert made._retrying is not None
    await made._retrying
    assert made.port == port
    assert [level for level, _ in notes] == ["bad", "info"]
    assert not heartbeats().deaf
    await made.close()


async def test_trying_again_ends_with_the_reception():
    made = Reception()
    with socket.create_server(("127.0.0.1", 0)) as other:
        await made.use(other.getsockname(), ())
        await made.close()
    assert made.port is None
