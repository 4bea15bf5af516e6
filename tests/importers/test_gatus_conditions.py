"""Gatus's conditions: the expectation passes and fails as the condition did there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from monitor.demo.http import application
from monitor.demo.server import serve
from monitor.importers._gatus_conditions import parse
from monitor.model import Status
from monitor.service.once import check_all

Convert = Callable[..., Any]

BODY = """{"name": "john.doe", "age": 42, "ok": true, "tags": ["a", "b"], "price": 1.5,
 "user": {"id": 42, "my-key": "x"}}"""

CASES = [
    # condition, what the server answers, whether it held in Gatus
    ("[STATUS] == 200", 200, BODY, True),
    ("[STATUS] == 200", 201, BODY, False),
    ("200 == [STATUS]", 200, BODY, True),
    ("[STATUS] != 200", 201, BODY, True),
    ("[STATUS] < 300", 206, BODY, True),
    ("[STATUS] < 300", 404, BODY, False),
    ("[STATUS] <= 404", 404, BODY, True),
    ("[STATUS] > 400", 400, BODY, False),
    ("[STATUS] > 400", 401, BODY, True),
    ("[STATUS] == any(200, 429)", 429, BODY, True),
    ("[STATUS] == any(200, 429)", 428, BODY, False),
    ("[STATUS] == pat(4*)", 451, BODY, True),
    ("[STATUS] == pat(4*)", 500, BODY, False),
    ("[CONNECTED] == true", 500, BODY, True),
    ("[RESPONSE_TIME] < 5000", 500, BODY, True),
    ("[RESPONSE_TIME] < 5s", 200, BODY, True),
    ("[BODY] == OK", 200, "OK\n", True),
    ("[BODY] == OK", 200, "NOT OK", False),
    ("[BODY] != OK", 200, "KO", True),
    ("[BODY] == pat(*john*)", 200, BODY, True),
    ("[BODY] == pat(*jane*)", 200, BODY, False),
    ("[BODY] != pat(*jane*)", 200, BODY, True),
    ("[BODY] == pat(*<h1>*</h1>*)", 200, "<p>\n<h1>a\nb</h1>", True),
    ("[BODY] == any(a, b)", 200, "b", True),
    ("[BODY] == any(a, b)", 200, "c", False),
    ("has([BODY]) == true", 200, "x", True),
    ("has([BODY]) == true", 200, "", False),
    ("[BODY].name == john.doe", 200, BODY, True),
    ("[BODY].name == john", 200, BODY, False),
    ("[BODY].name == pat(john*)", 200, BODY, True),
    ("[BODY].name == pat(*doe)", 200, BODY, True),
    ("[BODY].name != pat(jane*)", 200, BODY, True),
    ("[BODY].age == 42", 200, BODY, True),
    ("[BODY].age == 43", 200, BODY, False),
    ("[BODY].age > 41", 200, BODY, True),
    ("[BODY].age <= 41", 200, BODY, False),
    ("[BODY].ok == true", 200, BODY, True),
    ("[BODY].price == 1.5", 200, BODY, True),
    ("[BODY].age == any(1, 42)", 200, BODY, True),
    ("[BODY].age != any(1, 42)", 200, BODY, False),
    ("[BODY].tags[1] == b", 200, BODY, True),
    ("[BODY][0].id == 1", 200, '[{"id": 1}]', True),
    ("[BODY].user.my-key == x", 200, BODY, True),
    ("[BODY].age == [BODY].user.id", 200, BODY, True),
    ("[BODY].age != [BODY].user.id", 200, BODY, False),
    ("len([BODY].tags) == 2", 200, BODY, True),
    ("len([BODY].tags) > 2", 200, BODY, False),
    ("len([BODY].name) == 8", 200, BODY, True),
    ("len([BODY]) == 2", 200, "[1, 2]", True),
    ("len([BODY]) == 2", 200, "[]", False),
    ("len([BODY]) < 2", 200, "[]", True),
    ("len([BODY]) < 2", 200, "[1, 2]", False),
    ("len([BODY]) > 0", 200, "[]", False),
    ("len([BODY]) > 0", 200, "[[]]", True),
    ("len([BODY]) > 0", 200, "text", True),
    ("len([BODY]) >= 1", 200, "{}", True),
    ("len([BODY]) != 0", 200, " \n", False),
    ("len([BODY]) < 1", 200, "", True),
    ("len([BODY]) == 0", 200, "text", False),
    ("len([BODY]) == 0", 200, "[]", True),
    ("has([BODY].errors) == false", 200, BODY, True),
    ("has([BODY].errors) == false", 200, '{"errors": []}', False),
    ("has([BODY].errors) == false", 200, '{"errors": null, "a": 1}', True),
    ("has([BODY].a.errors) == false", 200, '{"a": {"errors": null}}', True),
    ("has([BODY].a.errors) == false", 200, '{"a": {"errors": "x"}}', False),
    ("has([BODY].errors) == false", 200, "{}", True),
    ("has([BODY].tags) == true", 200, BODY, True),
]


@asynccontextmanager
async def answering(status: int, body: str) -> AsyncIterator[int]:
    async def route(exchange: Any) -> None:
        await exchange.send(status, body.encode())

    async with serve(application({"/": route})) as port:
        yield port


@pytest.mark.parametrize(
    ("condition", "status", "body", "held"), CASES, ids=[f"{c[0]} of {c[1]}" for c in CASES]
)
async def test_an_endpoint_passes_as_it_did_there(
    condition: str, status: int, body: str, held: bool, convert: Convert
):
    async with answering(status, body) as port:
        given = {"endpoints": [{"name": "a", "url": f"http://127.0.0.1:{port}/", "conditions": [condition]}]}
        result = await asyncio.to_thread(convert, "gatus", given)
        assert not [note for note in result.notes if "counts the items of a list" not in note]
        config = result.config()
        (checked,) = await check_all(config.endpoints, config.settings, config.redact)
    assert (checked.status is Status.UP) is held, checked.message


def test_a_length_of_the_whole_body_is_noted(convert: Convert):
    given = {"endpoints": [{"name": "a", "url": "https://a.example", "conditions": ["len([BODY]) > 2"]}]}
    assert "a: len([BODY]) > 2: counts the items of a list, and no characters" in convert("gatus", given).said


LOST = {
    "[IP] == 127.0.0.1": "which address",
    "[DOMAIN_EXPIRATION] > 720h": "registration",
    "[RESPONSE_TIME] > 5": "only an upper limit",
    "[CERTIFICATE_EXPIRATION] < 48h": "only a lower limit",
    "[BODY].a == null": "TOML has no null",
    "[BODY].a[ == 1": "a path that RFC 9535 cannot express",
    "[CONTEXT].a == 1": "what others answered",
    "[DNS_RCODE] < 3": "only one code",
    "[STATUS] == 999": "no status fits",
    "[WEATHER] == fine": "not known here",
    "nonsense": "compares nothing",
    "1 == 1": "compares nothing",
    "len([STATUS]) == 3": "the length or a part",
    "[CONNECTED] == false": "does not exist here",
}


@pytest.mark.parametrize(("condition", "why"), LOST.items(), ids=LOST)
def test_a_condition_that_cannot_be_carried_over_is_noted(condition: str, why: str, convert: Convert):
    given = {"endpoints": [{"name": "a", "url": "https://a.example", "conditions": [condition]}]}
    result = convert("gatus", given)
    assert f"a: {condition}: " in result.said
    assert why in result.said


def test_what_only_passes_without_a_connection_is_not_enabled(convert: Convert):
    given = {"endpoints": [{"name": "a", "url": "tcp://a.example:1", "conditions": ["[CONNECTED] == false"]}]}
    assert convert("gatus", given).only()["enabled"] is False


EXPECTED = {
    "[CERTIFICATE_EXPIRATION] > 48h": {"certificate": "2d"},
    "[CERTIFICATE_EXPIRATION] >= 90m": {"certificate": "1h30m"},
    "[RESPONSE_TIME] < 300": {"latency": "300ms"},
    "[RESPONSE_TIME] <= 1500": {"latency": "1.5s"},
    "[STATUS] == 200": {"status": 200},
    "[BODY].a == b": {"json": {"$.a": "b"}},
}


@pytest.mark.parametrize(("condition", "wanted"), EXPECTED.items(), ids=EXPECTED)
def test_a_condition_reads_as_a_person_would_have_written_it(
    condition: str, wanted: dict[str, Any], convert: Convert
):
    given = {
        "endpoints": [{"name": "a", "url": "https://a.example", "conditions": [condition, "[STATUS] == 200"]}]
    }
    assert convert("gatus", given).only()["expect"] == {"status": 200, **wanted}


def test_a_secret_that_is_expected_is_taken_out(convert: Convert):
    given = {"name": "a", "url": "https://a.example", "conditions": ["[BODY].session.token == s3cr3t"]}
    result = convert("gatus", {"endpoints": [given]})
    assert result.only()["expect"]["json"] == {"$.session.token": "${A_TOKEN}"}
    assert "s3cr3t" not in result.text


def test_two_conditions_on_one_value_are_one_matcher(convert: Convert):
    conditions = ["[BODY].a > 1", "[BODY].a < 9", "[STATUS] > 199", "[STATUS] < 300", "[BODY].a > 3"]
    result = convert(
        "gatus", {"endpoints": [{"name": "a", "url": "https://a.example", "conditions": conditions}]}
    )
    assert result.only()["expect"] == {"json": {"$.a": {"gt": 1, "lt": 9}}}
    assert "a second condition of that kind" in result.said


OTHER_KINDS = {
    "a TCP reply": ("tcp://a:1", "[BODY] == pat(*ok*)", {"reply": {"contains": "ok"}}),
    "a DNS record": ("dns", "[BODY] == 192.0.2.1", {"records": ["192.0.2.1"]}),
    "a DNS failure": ("dns", "[DNS_RCODE] == NXDOMAIN", {"rcode": "NXDOMAIN"}),
    "a health service": ("grpc://a:1", "[BODY].status == SERVING", None),
    "an SSH greeting": ("ssh://a:22", "[STATUS] == 0", None),
}


@pytest.mark.parametrize(("url", "condition", "wanted"), OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_other_kinds_have_expectations_of_their_own(url: str, condition: str, wanted: Any, convert: Convert):
    given: dict[str, Any] = {"name": "a", "url": url, "conditions": [condition]}
    if url == "dns":
        given |= {"url": "9.9.9.9", "dns": {"query-name": "a.example", "query-type": "A"}}
    result = convert("gatus", {"endpoints": [given]})
    assert result.only().get("expect") == wanted
    assert not result.notes


def test_a_long_condition_is_taken_apart_quickly():
    started = time.perf_counter()
    assert parse("[" * 20_000 + " == " + "]" * 20_000) is None
    assert time.perf_counter() - started < 1
