"""The API's description, held against what is really answered."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
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


CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_nothing_that_the_description_allows_breaks_it(daemon: Any, tmp_path: Path):
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{daemon.url}/api/v1/openapi.json"]
    bearer = ["-H", "Authorization: Bearer hunter2hunter2", "--url", f"{daemon.url}/api/v1"]
    options = ["--exclude-path", "/events", "-n", "5", "--rate-limit", "40/s", "-c", CHECKS]
    ended = subprocess.run(
        [*command, *bearer, *options], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert ended.returncode == 0, ended.stdout
    assert "Tested: 12" in ended.stdout
