"""What checks that begin as HTTP share."""

import pytest

from monitor.errors import FieldError
from monitor.probes.grpc import Grpc
from monitor.probes.websocket import WebSocket


@pytest.mark.parametrize(
    ("url", "web", "secure"),
    [
        ("ws://a.example/x?y=1", "http://a.example/x?y=1", False),
        ("WSS://a.example", "https://a.example/", True),
    ],
)
def test_the_url_is_one_of_http(url: str, web: str, secure: bool) -> None:
    probe = WebSocket(url=url)
    assert (str(probe.web_url), probe.secure_scheme) == (web, secure)


def test_credentials_of_the_url_are_sent_and_not_shown() -> None:
    probe = WebSocket(url="ws://alice:sesame@a/")
    assert ("Authorization", "Basic YWxpY2U6c2VzYW1l") in probe.own_headers()
    assert "sesame" not in probe.request.as_text("1.1", probe.target)
    assert "YWxpY2U6c2VzYW1l" not in probe.request.as_text("1.1", probe.target)


def test_headers_replace_ours() -> None:
    probe = WebSocket(
        url="ws://alice:sesame@a/", headers={"user-agent": "mine", "authorization": "Bearer abc"}
    )
    assert probe.own_headers() == (("user-agent", "mine"), ("authorization", "Bearer abc"))


def test_headers_that_cannot_be_sent_are_told_by_their_key() -> None:
    with pytest.raises(FieldError) as caught:
        Grpc(url="grpc://a:1", headers={"X": "日本"})
    assert caught.value.key == "headers.X"
