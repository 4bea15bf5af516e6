from unittest.mock import patch

import httpx
import pytest

from monitor.demo.http import Memory, application
from monitor.demo.pages import PAGES
from monitor.demo.serve import site
from monitor.demo.server import serve


@pytest.fixture
async def client():
    async with serve(site()) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/healthy", 200, "ok\n"),
        ("/slow?ms=1", 200, "ok\n"),
        ("/slow-body?ms=1", 200, "halfhalf"),
        ("/status?code=418", 418, "as you asked\n"),
        ("/redirect?hops=3", 200, "ok\n"),
        ("/redirect?to=/status", 503, "as you asked\n"),
        ("/close", 200, "ok\n"),
        ("/chunked", 200, "ok, chunked"),
        ("/gzip", 200, "ok, zipped\n"),
        ("/deflate", 200, "ok, deflated\n"),
        ("/size?bytes=5", 200, "xxxxx"),
        ("/latin-1", 200, "schön"),
        ("/no-content", 204, ""),
        ("/early-hints", 200, "ok\n"),
        ("/cookie/set", 200, "ok\n"),
        ("/cookie/check", 403, "no cookie\n"),
    ],
)
async def test_a_page_is_what_its_path_says(client: httpx.AsyncClient, path: str, status: int, body: str):
    answer = await client.get(path, follow_redirects=True)
    assert (answer.status_code, answer.text) == (status, body)


async def test_json_says_what_it_is_told_to(client: httpx.AsyncClient):
    assert (await client.get("/json")).json()["status"] == "ok"
    assert (await client.get("/json?status=starting")).json()["status"] == "starting"


async def test_a_flaky_page_follows_its_pattern_over_and_over(client: httpx.AsyncClient):
    codes = [(await client.get("/flaky?pattern=110")).status_code for _ in range(6)]
    assert codes == [200, 200, 503, 200, 200, 503]


@pytest.mark.parametrize(("age", "status"), [(0, 200), (39, 200), (41, 503), (69, 503), (71, 200)])
async def test_a_tide_comes_and_goes(age: float, status: int):
    handler = application(PAGES, Memory(started=1000.0))
    with patch("monitor.demo.pages.time") as clock:
        clock.monotonic.return_value = 1000.0 + age
        async with serve(handler) as port, httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/tide?up=40&down=30")
    assert answer.status_code == status


async def test_an_echo_says_what_was_asked(client: httpx.AsyncClient):
    said = (await client.post("/echo?a=b", content=b"hi", headers={"X-Y": "z"})).json()
    assert (said["method"], said["target"], said["body"], said["headers"]["x-y"]) == (
        "POST",
        "/echo?a=b",
        "hi",
        "z",
    )


@pytest.mark.parametrize("path", ["/redirect/loop", "/redirect/nowhere"])
async def test_redirects_may_lead_nowhere(client: httpx.AsyncClient, path: str):
    assert (await client.get(path)).status_code == 302


def test_every_page_is_a_function_with_a_path_of_its_own():
    assert len(set(PAGES.values())) == len(PAGES)
    assert all(path.startswith("/") for path in PAGES)
