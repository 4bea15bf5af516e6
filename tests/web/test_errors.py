"""What callers are told when something is wrong."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from monitor.errors import LinkError, UsageError
from monitor.web.errors import HANDLERS, ApiError


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (ApiError(409, "no"), 409, "conflict", "no"),
        (HTTPException(404), 404, "not_found", "not found"),
        (LinkError("it has gone"), 503, "unavailable", "the engine does not answer: it has gone"),
        (UsageError("what?"), 422, "invalid", "what?"),
        (RuntimeError("secret"), 500, "internal_error", "internal error: RuntimeError"),
    ],
)
async def test_an_error_has_a_status_a_code_and_a_sentence(
    error: Exception, status: int, code: str, message: str
):
    async def fail(_request: object) -> None:
        raise error

    app = Starlette(routes=[Route("/", fail)], exception_handlers=HANDLERS)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        answer = await http.get("/")
    assert (answer.status_code, answer.json()) == (status, {"error": {"code": code, "message": message}})
