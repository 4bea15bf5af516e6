"""Certificates as they were presented."""

import ssl
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.certs import Authority
from monitor.wire.certificate import from_chain, parse


def der(authority: Authority, kind: str) -> bytes:
    pem = authority.pem(kind).read_text()
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert(begin + pem.partition(begin)[2].partition(end)[0] + end)


def test_a_certificate_tells_its_names_issuer_and_days(authority: Authority) -> None:
    found = parse(der(authority, "valid"))
    assert "localhost" in found.names
    assert "127.0.0.1" in found.names
    assert "monitor demo CA" in found.issuer
    assert found.days_left(time.time()) == pytest.approx(90, abs=1)
    assert found.fingerprint == found.fingerprint.lower()


def test_the_earliest_expiry_of_the_chain_counts(authority: Authority) -> None:
    leaf, sooner = der(authority, "valid"), der(authority, "expiring")
    chain = from_chain((leaf, sooner))
    assert chain.not_after == parse(leaf).not_after
    assert [one.fingerprint for one in chain.issuers] == [parse(sooner).fingerprint]
    assert chain.days_left(time.time()) == pytest.approx(5, abs=1)


def test_an_expired_certificate_has_negative_days(authority: Authority) -> None:
    assert parse(der(authority, "expired")).days_left(time.time()) < 0


@given(st.binary(max_size=200))
def test_garbage_is_a_value_error(garbage: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- whatever the parser says
        parse(garbage)
