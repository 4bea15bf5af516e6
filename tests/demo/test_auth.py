import httpx
import pytest

from monitor.demo.auth import AUTH, PASSWORD, TOKEN, USER
from monitor.demo.http import application
from monitor.demo.server import serve

BASIC = httpx.BasicAuth(USER, PASSWORD)
DIGEST = httpx.DigestAuth(USER, PASSWORD)
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
async def client():
    app = application(AUTH)
    async with serve(app) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "auth", "status"),
    [
        ("/auth/basic", None, 401),
        ("/auth/basic", BASIC, 200),
        ("/auth/basic", httpx.BasicAuth(USER, "wrong"), 401),
        ("/auth/digest", None, 401),
        ("/auth/digest", DIGEST, 200),
        ("/auth/digest?algorithm=SHA-256", DIGEST, 200),
        ("/auth/digest", httpx.DigestAuth(USER, "wrong"), 401),
        ("/auth/digest", BASIC, 401),
    ],
)
async def test_who_asks_matters(client: httpx.AsyncClient, path: str, auth: httpx.Auth | None, status: int):
    assert (await client.get(path, auth=auth)).status_code == status


@pytest.mark.parametrize(("token", "status"), [(TOKEN, 200), ("wrong", 401)])
async def test_a_bearer_shows_a_token(client: httpx.AsyncClient, token: str, status: int):
    answer = await client.get("/auth/bearer", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("auth", "form", "status"),
    [
        (BASIC, GRANT, 200),
        (httpx.BasicAuth(USER, "open+sesame"), GRANT, 200),
        (None, {**GRANT, "client_id": USER, "client_secret": PASSWORD}, 200),
        (None, GRANT, 401),
        (BASIC, {"grant_type": "password"}, 401),
    ],
)
async def test_a_token_is_for_clients_that_are_known(
    client: httpx.AsyncClient, auth: httpx.Auth | None, form: dict[str, str], status: int
):
    answer = await client.post("/oauth2/token", data=form, auth=auth)
    assert answer.status_code == status
    assert (answer.json().get("access_token") == TOKEN) == (status == 200)
