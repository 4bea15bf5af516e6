"""Challenges taken out of headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire.challenges import Challenge, parse

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
    assert parse(values) == challenges


@given(st.lists(st.text(max_size=300), max_size=3))
def test_nothing_that_a_server_sends_raises(values: list[str]) -> None:
    assert all(challenge.scheme == challenge.scheme.lower() for challenge in parse(values))


def test_a_header_without_end_is_read_up_to_a_bound() -> None:
    assert len(parse(["a, " * 100_000])) == 32
    assert parse(['Digest a="' + "\\x" * 100_000])
