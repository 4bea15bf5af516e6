"""Who may ask what, how much and how often."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from monitor.model import Tokens
from monitor.web import guard as module
from monitor.web.guard import HEADERS, Bucket, Guard, Guesses


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


ROUTES = [Route("/{path:path}", _echo, methods=["GET", "POST", "DELETE"])]
BOTH = Tokens(read="reader", write="writer")


async def _at_once(_seconds: float) -> None:
    """Instead of a pause."""


def caller(tokens: Tokens, now: list[float] | None = None, address: str = "192.0.2.1") -> httpx.AsyncClient:
    moments = now if now is not None else [0.0]
    app = Guard(Starlette(routes=ROUTES), tokens, lambda: moments[0], _at_once)
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://x")


@pytest.mark.parametrize(
    ("tokens", "method", "path", "authorization", "status"),
    [
        (Tokens(), "GET", "/metrics", "", 200),
        (Tokens(), "POST", "/api", "", 403),
        (Tokens(), "POST", "/api", "Bearer x", 403),
        (Tokens(write="writer"), "GET", "/metrics", "", 200),
        (Tokens(write="writer"), "POST", "/api", "", 401),
        (Tokens(write="writer"), "POST", "/api", "Bearer writer", 200),
        (BOTH, "GET", "/metrics", "", 401),
        (BOTH, "GET", "/metrics", "Bearer nope", 401),
        (BOTH, "GET", "/metrics", "Bearer ünï", 401),
        (BOTH, "GET", "/metrics", "Basic reader", 401),
        (BOTH, "GET", "/metrics", "Bearer reader", 200),
        (BOTH, "GET", "/metrics", "bearer reader", 200),
        (BOTH, "GET", "/metrics", "Bearer writer", 200),
        (BOTH, "HEAD", "/metrics", "", 401),
        (BOTH, "POST", "/api", "Bearer reader", 403),
        (BOTH, "DELETE", "/api", "Bearer reader", 403),
        (BOTH, "POST", "/api", "Bearer writer", 200),
        (BOTH, "POST", "/api", "", 401),
        (BOTH, "GET", "/healthz", "", 200),
        (BOTH, "POST", "/push/backup", "", 200),
        (BOTH, "GET", "/pushy", "", 401),
    ],
)
async def test_tokens_open_what_they_should(
    tokens: Tokens, method: str, path: str, authorization: str, status: int
):
    headers = {"Authorization": authorization.encode()} if authorization else {}
    async with caller(tokens) as http:
        answer = await http.request(method, path, headers=headers)
    assert answer.status_code in ({405, 200} if status == 200 else {status})
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_cookie_reads_and_never_writes():
    cookie = {"Cookie": "a=b; monitor_token=writer"}
    async with caller(BOTH) as http:
        assert (await http.get("/x", headers=cookie)).status_code == 200
        assert (await http.post("/x", headers=cookie)).status_code == 401
        assert (await http.get("/x", headers={"Cookie": "monitor_token="})).status_code == 401
        assert (await http.get("/x", headers={"Cookie": '=;"\x01'})).status_code == 401


async def test_every_answer_has_headers_that_keep_browsers_safe():
    async with caller(BOTH) as http:
        for answer in (await http.get("/healthz"), await http.get("/metrics"), await http.put("/healthz")):
            assert HEADERS.items() <= {name.title(): value for name, value in answer.headers.items()}.items()


async def test_a_body_is_small():
    async with caller(Tokens(write="writer")) as http:
        bearer = {"Authorization": "Bearer writer"}
        fits = await http.post("/x", headers=bearer, content=b"x" * module.BODY_LIMIT)
        assert fits.text == str(module.BODY_LIMIT)
        assert (await http.post("/x", headers=bearer, content=b"x" * 65537)).status_code == 413
        claimed = await http.post("/x", headers={**bearer, "Content-Length": "9" * 30}, content=b"x")
        assert claimed.status_code == 413
        assert (await http.post("/push/x", content=b"x" * 65537)).status_code == 413

        async def chunks() -> Any:
            for _ in range(100):
                yield b"x" * 1000

        assert (await http.post("/x", headers=bearer, content=chunks())).status_code == 413


async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    app = Guard(Starlette(routes=ROUTES), Tokens())
    scope = {"type": "http", "method": "GET", "path": "/push/x", "headers": [], "client": ("192.0.2.1", 1)}
    await app(scope, receive, send)
    assert sent[0]["status"] == 408


async def test_who_asks_too_often_is_told_when_to_come_again():
    now = [0.0]
    async with caller(Tokens(), now) as http:
        statuses = [(await http.get("/x")).status_code for _ in range(301)]
        assert statuses == [200] * 300 + [429]
        answer = await http.get("/x")
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["error"]["code"] == "too_many_requests"
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.post("/push/x")).status_code == 200
        now[0] += 1.0
        assert (await http.get("/x")).status_code == 200


async def test_heartbeats_have_a_limit_of_their_own():
    async with caller(Tokens(), [0.0]) as http:
        statuses = [(await http.get("/push/x")).status_code for _ in range(3001)]
    assert statuses == [200] * 3000 + [429]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def guesses(http: httpx.AsyncClient, count: int) -> list[int]:
    """The statuses of so many different wrong tokens."""
    return [(await http.get("/x", headers=bearer(f"guess{number}"))).status_code for number in range(count)]


async def test_wrong_tokens_are_limited_and_a_right_one_from_the_same_address_always_works():
    now = [0.0]
    async with caller(BOTH, now) as http:
        assert await guesses(http, 12) == [401] * 10 + [429] * 2
        assert set(await guesses(http, 400)) == {429}
        assert (await http.get("/x", headers=bearer("reader"))).status_code == 200
        assert (await http.post("/x", headers=bearer("writer"))).status_code == 200
        assert (await http.get("/x", headers={"Cookie": "monitor_token=reader"})).status_code == 200
        assert (await http.get("/healthz")).status_code == 200
        now[0] += 5.0
        assert (await http.get("/x", headers=bearer("another"))).status_code == 401
        assert (await http.get("/x", headers=bearer("one more"))).status_code == 429


async def test_callers_without_a_token_use_up_nothing_of_those_with_one():
    async with caller(BOTH) as http:
        assert {(await http.get("/x")).status_code for _ in range(301)} == {401, 429}
        assert (await http.get("/x", headers=bearer("reader"))).status_code == 200


async def test_an_old_cookie_that_comes_again_and_again_is_no_guess():
    async with caller(BOTH) as http:
        assert {
            (await http.get("/x", headers={"Cookie": "monitor_token=old"})).status_code for _ in range(50)
        } == {401}
        assert await guesses(http, 10) == [401] * 9 + [429]


async def test_the_same_wrong_token_counts_each_time():
    async with caller(BOTH) as http:
        statuses = [(await http.get("/x", headers=bearer("wrong"))).status_code for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        answer = await http.get("/x", headers=bearer("wrong"))
        assert int(answer.headers["retry-after"]) == 5
        assert (await http.get("/x", headers=bearer("reader"))).status_code == 200


async def test_guesses_in_a_cookie_count_as_well():
    async with caller(BOTH) as http:
        statuses = [
            (await http.get("/x", headers={"Cookie": f"monitor_token=guess{number}"})).status_code
            for number in range(11)
        ]
    assert statuses == [401] * 10 + [429]


async def test_answers_to_guesses_are_held_back_but_only_so_many_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_HELD", 1)
    holding, go_on = asyncio.Event(), asyncio.Event()

    async def hold(seconds: float) -> None:
        assert seconds == module._HELD_FOR
        holding.set()
        await go_on.wait()

    app = Guard(Starlette(routes=ROUTES), BOTH, lambda: 0.0, hold)
    transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        await guesses(http, 10)
        held = asyncio.create_task(http.get("/x", headers=bearer("held")))
        await holding.wait()
        assert (await http.get("/x", headers=bearer("beyond"))).status_code == 429
        assert (await http.get("/x", headers=bearer("reader"))).status_code == 200
        assert not held.done()
        go_on.set()
        assert (await held).status_code == 429


async def test_the_read_token_is_no_guess_where_the_write_token_is_needed():
    reading = {"Authorization": "Bearer reader"}
    async with caller(BOTH, [0.0]) as http:
        assert [(await http.post("/x", headers=reading)).status_code for _ in range(20)] == [403] * 20
        assert (await http.get("/x", headers=reading)).status_code == 200


def test_a_burst_passes_and_then_so_many_a_second():
    now = [0.0]
    bucket = Bucket(3, 2.0, lambda: now[0])
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 1]
    assert bucket.take("b") == 0
    now[0] = 0.5
    assert bucket.take("a") == 0
    assert bucket.take("a") == 1
    now[0] = 100.0
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 1]


def test_callers_without_end_take_no_memory_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_CALLERS", 3)
    bucket = Bucket(1, 0.1, lambda: 0.0)
    for caller in "abcd":
        bucket.take(caller)
    assert list(bucket._levels) == ["b", "c", "d"]
    guessed = Guesses(lambda: 0.0)
    for token in "abcd":
        guessed.count("x", token, again=False)
    assert len(guessed._known) == 3
