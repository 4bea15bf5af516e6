"""Requests and responses as values."""

from monitor.redact import MASK, Secretive
from monitor.wire.messages import Request, Response, overlaid, without
from monitor.wire.urls import parse


def test_a_request_is_written_with_host_and_length() -> None:
    request = Request(method="POST", url=parse("http://x:81/a"), headers=(("X", "y"),), body=b"hi")
    assert request.http1 == b"POST /a HTTP/1.1\r\nHost: x:81\r\nX: y\r\nContent-Length: 2\r\n\r\nhi"
    assert request.http1_absolute.startswith(b"POST http://x:81/a HTTP/1.1\r\n")


def test_what_is_secret_is_not_told() -> None:
    headers = (("Authorization", "Basic abc"), ("X-Key", Secretive("abc", MASK)), ("X", "y"))
    told = Request(method="GET", url=parse("http://x/"), headers=headers).as_text("1.1")
    assert "abc" not in told
    assert "X: y" in told


def test_headers_that_recur_are_joined() -> None:
    response = Response(
        status=299, phrase="\x1bOdd", version="1.1", headers=[("a", "1"), ("a", "2")], body=b""
    )
    assert response.headers_joined() == {"a": "1, 2"}
    assert response.header("a") == "1"
    assert response.line == "299 ␛Odd"


def test_headers_are_taken_out_whatever_their_case() -> None:
    assert without((("Cookie", "a"), ("X", "b")), ["cookie"]) == (("X", "b"),)


def test_headers_replace_those_of_the_same_name_whatever_their_case() -> None:
    ours = (("User-Agent", "monitor"), ("Accept", "*/*"))
    assert overlaid(ours, (("user-agent", "mine"), ("X", "y"))) == (
        ("Accept", "*/*"),
        ("user-agent", "mine"),
        ("X", "y"),
    )
