"""Digest credentials, by the examples of RFC 7616, 3.9.1, and the ``auth`` table."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FieldError
from monitor.wire.auth import Auth, Challenge, challenge, digest, parse_challenges
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


def test_digest_beside_basic_in_one_line_is_answered() -> None:
    offer = challenge(refusal(f'Basic realm="a, b", {OFFER.format("MD5")}, Bearer'))
    assert offer is not None
    assert offer["algorithm"] == "MD5"


@pytest.fixture
def curl(needs: Callable[[str], str]) -> Callable[..., str]:
    """The ``Authorization`` with which curl answers a challenge."""
    program = needs("curl")

    def answer(offer: str, user: str, *options: str) -> str:
        asked: list[bytes] = []
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def refuse() -> None:
                for _ in range(2):
                    with listener.accept()[0] as client:
                        asked.append(client.recv(65536))
                        head = f"HTTP/1.1 401 No\r\nConnection: close\r\nWWW-Authenticate: {offer}\r\n\r\n"
                        client.sendall(head.encode())

            thread = Thread(target=refuse, daemon=True)
            thread.start()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/a?b=c"
            command = [program, "-q", "-s", "--digest", "-u", f"{user}:sesame \u0141", *options, url]
            subprocess.run(command, capture_output=True, check=True, env={}, timeout=20)
            thread.join(5)
        lines = asked[-1].decode("latin-1").split("\r\n")
        return next(line.partition(" ")[2] for line in lines if line.startswith("Authorization"))

    return answer


@pytest.mark.parametrize("user", ["demo", "\u0141ukasz"])
@pytest.mark.parametrize(
    "offer",
    [
        'Digest realm="x", nonce="abc"',
        'Digest realm="x", nonce="abc", algorithm=MD5, qop="auth"',
        'Digest realm="x", nonce="abc", algorithm=MD5-sess, qop="auth-int,auth"',
        'Digest realm="x", nonce="abc", algorithm=SHA-256, qop=auth, opaque="o"',
        'Digest realm="Caf\u00e9", nonce="abc", qop="auth"',
        'Digest realm="a \\"b\\"", nonce="abc", qop="auth"',
        'Digest nonce="abc", realm="x", qop="auth-int"',
    ],
)
def test_the_answer_is_the_one_that_curl_gives(offer: str, user: str, curl: Callable[..., str]) -> None:
    theirs = parse_challenges([curl(offer, user)])[0].parameters
    got = challenge(refusal(offer.encode().decode("latin-1")))
    assert got is not None
    request = Request(method="GET", url=parse("http://x/a?b=c"))
    ours = digest(request, user, "sesame \u0141", got, theirs.get("cnonce", ""))
    known = parse_challenges([ours])[0].parameters
    for name in ("response", "username", "realm", "nonce", "uri", "qop", "opaque"):
        assert known.get(name) == theirs.get(name), name


def test_auth_int_covers_the_body() -> None:
    offer = challenge(refusal('Digest realm="x", nonce="n", qop="auth-int"'))
    assert offer is not None
    answers = {
        digest(Request(method="POST", url=parse("http://x/"), body=body), "a", "b", offer, "c")
        for body in (b"", b"one", b"two")
    }
    assert len(answers) == 3


@pytest.mark.parametrize(
    "offer", ['Digest realm="x\r", nonce="n"', 'Digest realm="x", nonce="n", qop="auth-conf"']
)
def test_a_challenge_that_would_spoil_the_request_is_not_answered(offer: str) -> None:
    assert challenge(refusal(offer)) is None


@pytest.mark.parametrize("offer", ["Digest", "Digest realm=x", "Basic realm=x", OFFER.format("ROT13"), ""])
def test_what_cannot_be_answered_is_no_challenge(offer: str) -> None:
    assert challenge(refusal(offer)) is None


@pytest.mark.parametrize(
    "keys", [{}, {"basic": ("a", "b"), "bearer": "c"}, {"basic": ("a",)}, {"bearer": "a\nb"}]
)
def test_a_table_that_makes_no_sense_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(FieldError):
        Auth(**keys)


# ---- challenges


BASIC = Challenge("basic", {"realm": "x"})


@pytest.mark.parametrize(
    ("values", "challenges"),
    [
        ([], []),
        (["Negotiate"], [Challenge("negotiate")]),
        (["Basic realm=x"], [BASIC]),
        (['Basic realm="x"', "Negotiate"], [BASIC, Challenge("negotiate")]),
        (
            ['Digest realm="a, b", nonce=n, Basic realm="x"'],
            [Challenge("digest", {"realm": "a, b", "nonce": "n"}), BASIC],
        ),
        (['Basic realm="x", Digest nonce="n"'], [BASIC, Challenge("digest", {"nonce": "n"})]),
        (["Negotiate abc==, Basic realm=x"], [Challenge("negotiate"), BASIC]),
        (["NTLM, Basic  realm = x"], [Challenge("ntlm"), BASIC]),
        ([r'Digest realm="a \"b\" \\c"'], [Challenge("digest", {"realm": r'a "b" \c'})]),
        ([", ,Basic realm=x,"], [BASIC]),
        (['Basic realm="x" charset=utf-8'], [Challenge("basic", {"realm": "x", "charset": "utf-8"})]),
        (['Basic realm="x, never closed'], [Challenge("basic", {"realm": "x, never closed"})]),
        (["Basic REALM=x, realm=y"], [BASIC]),
        (["realm=x"], []),
        (["Digest qop=auth,auth-int"], [Challenge("digest", {"qop": "auth"}), Challenge("auth-int")]),
    ],
)
def test_challenges_are_taken_apart(values: list[str], challenges: list[Challenge]) -> None:
    assert parse_challenges(values) == challenges


@given(st.lists(st.text(max_size=300), max_size=3))
def test_nothing_that_a_server_sends_raises(values: list[str]) -> None:
    assert all(challenge.scheme == challenge.scheme.lower() for challenge in parse_challenges(values))


def test_a_header_without_end_is_read_up_to_a_bound() -> None:
    assert len(parse_challenges(["a, " * 100_000])) == 32
    assert parse_challenges(['Digest a="' + "\\x" * 100_000])
