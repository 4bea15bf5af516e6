"""The assertions, made from TOML values, on observations."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.judge import expectations
from monitor.judge.assertions import about, hold
from monitor.judge.expectations import Expectation
from monitor.model import Certificate, Failed, Observation, Reason
from monitor.redact import MASK, Secretive

ALL = {name: value for name, value in vars(expectations).items() if isinstance(value, Expectation)}


def observation(**facts: Any) -> Observation:
    return Observation(started=0.0, latency_ms=812.0, facts=facts)


def judged(name: str, value: Any, seen: Observation) -> list[Failed]:
    assertions = ALL[name].compile("expect.key", value)
    return [failed for one in assertions if (failed := one.judge(seen, "expect"))]


def certificate(days: float, chain: float | None = None) -> Observation:
    own = Certificate(subject="CN=a", issuer="CN=b", not_before=0, not_after=days * 86400)
    issuers = () if chain is None else (replace(own, not_after=chain * 86400),)
    return Observation(started=0.0, certificate=replace(own, issuers=issuers))


JSON = b'{"status": "starting", "queue": {"depth": 3}, "nodes": [{"ok": true}, {"ok": false}], "none": null}'


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("LATENCY", "1s", observation()),
        ("LATENCY", 0.812, observation()),
        ("CERTIFICATE", "7d", certificate(7)),
        ("STATUS", 200, observation(status=200)),
        ("STATUS", "2XX", observation(status=204)),
        ("STATUS", [500, "3xx"], observation(status=301)),
        ("STATUS", 999, observation(status=999)),
        ("STATUS", "6xx", observation(status=600)),
        ("BODY", {"contains": "ü"}, observation(body="grün".encode("latin-1"), charset="latin-1")),
        ("BODY", "", observation(body=b"", charset=None)),
        ("HEADERS", {"X-A": "1", "x-gone": {"exists": False}}, observation(headers={"x-a": "1"})),
        ("HEADERS", {"Age": {"lt": 10}}, observation(headers={"age": "9"})),
        ("JSON", {"$.status": "starting"}, observation(body=JSON)),
        ("JSON", {"$.queue.depth": {"lt": 100}, "$.none": {"exists": True}}, observation(body=JSON)),
        ("JSON", {"$.nodes[?@.ok == true]": {"exists": True}}, observation(body=JSON)),
        ("JSON", {"$.gone": {"exists": False}}, observation(body=JSON)),
        ("JSON", {"$": {"contains": "status"}}, observation(body=JSON)),
        ("HTTP_VERSION", "1.1", observation(http_version="1.1")),
        ("REPLY", {"matches": "^220 "}, observation(reply="220 mail ready")),
    ],
)
def test_what_is_as_expected_passes(name: str, value: Any, seen: Observation) -> None:
    assert judged(name, value, seen) == []


@pytest.mark.parametrize(
    ("name", "value", "seen", "check", "expected", "actual", "reason"),
    [
        ("LATENCY", "500ms", observation(), "latency", "500 ms", "812 ms", Reason.LATENCY_EXCEEDED),
        ("LATENCY", "90s", Observation(started=0), "latency", "1m30s", "nothing", Reason.LATENCY_EXCEEDED),
        (
            "CERTIFICATE",
            "7d",
            certificate(3.2),
            "certificate",
            "7 days",
            "3 days left",
            Reason.CERTIFICATE_EXPIRING,
        ),
        (
            "CERTIFICATE",
            "7d",
            certificate(90, chain=2),
            "certificate",
            "7 days",
            "2 days left",
            Reason.CERTIFICATE_EXPIRING,
        ),
        (
            "CERTIFICATE",
            "12h",
            certificate(-1),
            "certificate",
            "12h",
            "expired 24 hours ago",
            Reason.CERTIFICATE_EXPIRING,
        ),
        (
            "CERTIFICATE",
            "7d",
            observation(),
            "certificate",
            "7 days",
            "no certificate",
            Reason.CERTIFICATE_EXPIRING,
        ),
        (
            "STATUS",
            [200, "3XX"],
            observation(status=503),
            "status",
            "200 or 3xx",
            "503",
            Reason.STATUS_MISMATCH,
        ),
        ("STATUS", 200, observation(), "status", "200", "nothing", Reason.STATUS_MISMATCH),
        ("BODY", "ok", observation(body=b"\x1b[2J"), "body", "ok", "␛[2J", Reason.BODY_MISMATCH),
        ("BODY", "ok", observation(), "body", "ok", "nothing", Reason.BODY_MISMATCH),
        (
            "HEADERS",
            {"X-A": "1"},
            observation(headers={}),
            "header x-a",
            "1",
            "nothing",
            Reason.HEADER_MISMATCH,
        ),
        (
            "JSON",
            {"$.status": "ok"},
            observation(body=JSON),
            "json $.status",
            "ok",
            "starting",
            Reason.JSON_MISMATCH,
        ),
        (
            "JSON",
            {"$.nodes[*].ok": True},
            observation(body=JSON),
            "json $.nodes[*].ok",
            "true",
            "false",
            Reason.JSON_MISMATCH,
        ),
        ("JSON", {"$.a": 1}, observation(body=b"<html>"), "json $.a", "1", "not JSON", Reason.JSON_MISMATCH),
        ("JSON", {"$.a": 1}, observation(), "json $.a", "1", "nothing", Reason.JSON_MISMATCH),
        ("JSON", {"$.a": 1}, observation(body=JSON), "json $.a", "1", "nothing", Reason.JSON_MISMATCH),
        (
            "HTTP_VERSION",
            "2",
            observation(http_version="1.1"),
            "http_version",
            "2",
            "1.1",
            Reason.VERSION_MISMATCH,
        ),
        ("REPLY", "PONG", observation(reply="-ERR"), "reply", "PONG", "-ERR", Reason.REPLY_MISMATCH),
    ],
)
def test_what_is_not_as_expected_says_so(
    name: str, value: Any, seen: Observation, check: str, expected: str, actual: str, reason: Reason
) -> None:
    wanted = Failed(check=check, severity="expect", expected=expected, actual=actual, reason=reason)
    assert judged(name, value, seen) == [wanted]


def test_assertions_are_equal_when_the_same_was_written() -> None:
    for name, value in (
        ("JSON", {"$.a": 1}),
        ("BODY", {"contains": "x"}),
        ("LATENCY", "1s"),
        ("HEADERS", {"A": "b"}),
    ):
        assert ALL[name].compile("k", value) == ALL[name].compile("k", value)
    assert ALL["JSON"].compile("k", {"$.a": 1}) != ALL["JSON"].compile("k", {"$.b": 1})


@pytest.mark.parametrize(("name", "value"), [("BODY", "S"), ("HEADERS", {"a": "S"}), ("JSON", {"$": "S"})])
def test_a_secret_that_was_expected_is_not_shown(name: str, value: Any) -> None:
    secret = Secretive("hunter2", MASK)
    value = secret if value == "S" else dict.fromkeys(value, secret)
    (failed,) = judged(name, value, observation(body=b'"x"', headers={}))
    assert failed.expected == MASK


def test_a_number_of_any_length_is_json() -> None:
    body = b'{"long": ' + b"9" * 5000 + b', "b": 12345678901234567890}'
    assert judged("JSON", {"$.b": 12345678901234567890, "$.long": {"gt": 1}}, observation(body=body)) == []


def test_json_that_was_cut_is_called_that() -> None:
    (failed,) = judged("JSON", {"$.a": 1}, observation(body=b'{"a": 1, "b"', cut=True))
    assert failed.actual == "a body that was cut at max_body"


def test_a_body_nested_too_deeply_is_called_that_and_nothing_worse() -> None:
    (failed,) = judged("JSON", {"$..a": 1}, observation(body=b"[" * 200_000))
    assert failed.actual == "JSON that is nested too deeply"
    for depth, path in ((400, "$..zzz"), (100_000, "$.a")):
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        failed = judged("JSON", {path: 1}, observation(body=deep))[0]
        assert failed.actual == "JSON that is nested too deeply"


# ---- a dialogue that asks while it listens


def test_the_assertions_about_one_fact_are_found_among_all() -> None:
    assertions = [
        *ALL["REPLY"].compile("expect.reply", {"contains": "a"}),
        *ALL["LATENCY"].compile("expect.latency", "1s"),
        *ALL["REPLY"].compile("warn.reply", {"contains": "b"}),
    ]
    assert [str(one.matcher) for one in about("reply", assertions)] == ["contains 'a'", "contains 'b'"]


@pytest.mark.parametrize(("reply", "holds"), [("ab", True), ("a", False), ("", False)])
def test_all_that_is_asked_has_to_hold(reply: str, holds: bool) -> None:
    asked = about(
        "reply",
        [
            *ALL["REPLY"].compile("expect.reply", {"contains": "a"}),
            *ALL["REPLY"].compile("warn.reply", {"contains": "b"}),
        ],
    )
    assert hold(asked, {"reply": reply}) is holds
