"""Certificates that come and go."""

from dataclasses import replace

import pytest

from monitor.judge.certificates import KEPT, changes, known_with, shown
from monitor.model import Certificate, Explanation, Hop, Result, Status

DAY = 86400.0


def certificate(fingerprint: str, *, subject: str = "CN=shop", issuer: str = "CN=CA", days: float = 90):
    return Certificate(
        subject=subject, issuer=issuer, not_before=0.0, not_after=days * DAY, fingerprint=fingerprint
    )


def result(*certificates: Certificate) -> Result:
    """A check whose hops showed ``certificates``; the last one counts."""
    hops = tuple(Hop(asked="", answered="", certificate=one) for one in certificates)
    return Result(
        endpoint="a",
        status=Status.UP,
        reason=None,
        message="",
        checked_at=0.0,
        certificate=certificates[-1] if certificates else None,
        explanation=Explanation(hops=hops) if len(certificates) > 1 else None,
    )


A, B = certificate("a"), certificate("b", subject="CN=www")


def test_the_certificates_of_all_hops_are_shown_each_once():
    assert shown(result(A, B, A)) == (A, B)
    assert shown(result()) == ()


def test_the_first_certificates_are_no_change():
    assert changes((), result(A, B)) == []


def test_what_was_seen_before_is_no_change():
    known = known_with(known_with((), result(A)), result(B))
    assert known == (B, A)
    assert changes(known, result(A)) == []
    assert changes(known, result()) == []


@pytest.mark.parametrize(
    ("fresh", "text", "expected"),
    [
        (
            replace(A, fingerprint="n", not_after=180 * DAY),
            "certificate renewed: CN=shop, until 1970-06-30 (was 1970-04-01)",
            True,
        ),
        (
            replace(A, fingerprint="n", not_after=30 * DAY),
            "certificate changed: CN=shop, until 1970-01-31 (was 1970-04-01)",
            False,
        ),
        (
            replace(A, fingerprint="n", issuer="CN=Proxy"),
            "certificate changed: CN=shop, issued by CN=Proxy (was CN=CA), until 1970-04-01 (was 1970-04-01)",
            False,
        ),
        (
            replace(A, fingerprint="n", subject="CN=other"),
            "certificate changed: CN=other, until 1970-04-01 (was 1970-04-01)",
            False,
        ),
    ],
)
def test_a_change_is_reported(fresh: Certificate, text: str, expected: bool):
    assert changes((A,), result(fresh)) == [(text, expected)]


def test_a_renewal_is_compared_with_the_certificate_of_the_same_name():
    fresh = replace(B, fingerprint="n", not_after=180 * DAY)
    assert changes((A, B), result(fresh))[0].expected


def test_few_certificates_are_kept():
    known: tuple[Certificate, ...] = ()
    for number in range(KEPT + 3):
        known = known_with(known, result(certificate(str(number))))
    assert len(known) == KEPT
    assert known[0].fingerprint == str(KEPT + 2)


def test_nothing_new_keeps_what_is_known_as_it_is():
    known = known_with((), result(A, B))
    assert known_with(known, result(A, B)) is known
