"""Digest credentials, by the examples of RFC 7616, 3.9.1, and the ``auth`` table."""

from typing import Any

import pytest

from monitor.errors import FieldError
from monitor.wire.auth import Auth, challenge, digest
from monitor.wire.messages import Request, Response
from monitor.wire.urls import parse

OFFER = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


def refusal(*offers: str) -> Response:
    headers = [("www-authenticate", offer) for offer in offers]
    return Response(status=401, phrase="", version="1.1", headers=headers, body=b"")


@pytest.mark.parametrize(
    ("algorithms", "proof"),
    [
        (["MD5"], "8ca523f5e9506fed4657c9700eebdbec"),
        (["MD5", "SHA-256"], "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_strongest_challenge_is_answered(algorithms: list[str], proof: str) -> None:
    offer = challenge(refusal("Basic realm=x", *(OFFER.format(name) for name in algorithms)))
    assert offer is not None
    request = Request(method="GET", url=parse("http://www.example.org/dir/index.html"))
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    assert f'response="{proof}"' in digest(request, "Mufasa", "Circle of Life", offer, cnonce)


@pytest.mark.parametrize("offer", ["Digest", "Digest realm=x", "Basic realm=x", OFFER.format("ROT13"), ""])
def test_what_cannot_be_answered_is_no_challenge(offer: str) -> None:
    assert challenge(refusal(offer)) is None


@pytest.mark.parametrize(
    "keys", [{}, {"basic": ("a", "b"), "bearer": "c"}, {"basic": ("a",)}, {"bearer": "a\nb"}]
)
def test_a_table_that_makes_no_sense_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(FieldError):
        Auth(**keys)
