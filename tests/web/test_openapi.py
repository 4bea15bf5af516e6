"""The API's description, held against what is really answered."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema
import pytest

from monitor.web.openapi import document

WRITING = {"Authorization": "Bearer write-token"}


def _schema(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "components": document()["components"]}


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("get", "/endpoints", "/endpoints"),
        ("get", "/endpoints/nobody", "/endpoints/{id}"),
        ("get", "/endpoints/nobody/history?since=1m", "/endpoints/{id}/history"),
        ("get", "/incidents", "/incidents"),
        ("get", "/report?since=1h&by=group", "/report"),
        ("post", "/endpoints/nobody/acknowledge", "/endpoints/{id}/acknowledge"),
        ("get", "/silences", "/silences"),
        ("get", "/endpoints/nope", "/endpoints/{id}"),
        ("get", "/incidents?open=x", "/incidents"),
    ],
)
async def test_answers_are_as_described(
    site: Any, http: httpx.AsyncClient, method: str, path: str, operation: str
):
    await site.down()
    answer = await http.request(method.upper(), f"/api/v1{path}", headers=WRITING)
    described = document()["paths"][operation][method]["responses"][str(answer.status_code)]
    jsonschema.validate(answer.json(), _schema(described["content"]["application/json"]["schema"]))


async def test_every_route_is_described(http: httpx.AsyncClient):
    told = (await http.get("/api/v1/openapi.json")).json()
    assert told == document()
    for path, operations in told["paths"].items():
        for method in operations:
            place = path.replace("{id}", "nobody")
            if place == "/events":
                continue  # never ends
            answer = await http.request(method.upper(), f"/api/v1{place}")
            assert answer.status_code not in (404, 405), path
