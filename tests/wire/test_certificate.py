"""Certificates as OpenSSL reads them, in order or not."""

import ssl
import time

import pytest
from chain_table import CASES, EDI, ODD_NAME
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from issuing import (
    AUTHORITY,
    CLIENT,
    SERVER,
    Wanted,
    alternative_names,
    authority,
    distinguished,
    extension,
    leaf,
    root,
    sequence,
    tlv,
    usage,
)

from monitor.demo.certs import Authority
from monitor.wire.certificate import issued_itself, may_have_issued, parse, serves_hosts


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


def test_an_expired_certificate_has_negative_days(authority: Authority) -> None:
    assert parse(der(authority, "expired")).days_left(time.time()) < 0


def _trusted_by_this_machine() -> list[bytes]:
    return ssl.create_default_context().get_ca_certs(binary_form=True)


def test_this_machines_authorities_read_as_a_strict_parser_reads_them() -> None:
    for encoded in _trusted_by_this_machine():
        try:
            strict = x509.load_der_x509_certificate(encoded)
        except Exception:  # noqa: BLE001 -- what it refuses or warns of, we read all the same
            assert parse(encoded).not_after > 0
            continue
        found = parse(encoded)
        assert (found.subject, found.issuer) == (
            strict.subject.rfc4514_string(),
            strict.issuer.rfc4514_string(),
        )
        assert found.not_before == strict.not_valid_before_utc.timestamp()
        assert found.not_after == strict.not_valid_after_utc.timestamp()


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (leaf("I", "a.example", "192.0.2.1", "2001:db8::1"), ("a.example", "192.0.2.1", "2001:db8::1")),
        (leaf("I", "https://a.example/"), ("https://a.example/",)),
        (leaf("I", tlv(0x81, b"me@a.example")), ("me@a.example",)),
        (leaf("I", tlv(0xA4, distinguished("somebody"))), ("CN=somebody",)),
        (leaf("I", tlv(0x88, b"\x2a\x03")), ("1.2.3",)),
        (leaf("I", EDI, "a.example"), ("a.example",)),
        (leaf("I", tlv(0x87, b"\1\2\3"), "a.example"), ("a.example",)),
        (leaf("I", "bücher.example"), ("bücher.example",)),
        (leaf("I", tlv(0x82, b"\xff.example")), ("ÿ.example",)),
        (leaf("I", tlv(0x82, b"\x1b[2J")), ("␛[2J",)),
        (
            leaf("I", extensions=(alternative_names("a.example"), alternative_names("b.example"))),
            ("a.example", "b.example"),
        ),
        (leaf("I", extensions=(extension("2.5.29.17", b"\x30\x7f\x82"),)), ()),
        (leaf("I", extensions=()), ()),
    ],
)
def test_names_of_every_kind_are_read(wanted: Wanted, names: tuple[str, ...]) -> None:
    assert parse(wanted.der()).names == names


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (distinguished("a,b+c"), r"CN=a\,b\+c"),
        (distinguished(" #x "), r"CN=\ #x\ "),
        (distinguished("#x"), r"CN=\#x"),
        (ODD_NAME, "CN=host.example,O=Odd * _ @ & Sons é"),
        (distinguished("\0h\0i", 0x1E), "CN=hi"),
        (distinguished("\0\0\0h", 0x1C), "CN=h"),
        (distinguished("x", 0x02), "CN=#020178"),
        (sequence(), ""),
        (sequence(b"\x31\x02\x30\x7f"), ""),
        (sequence(tlv(0x31, sequence(b"\x06\x03\x55\x04\x61", tlv(0x0C, b"7")))), "2.5.4.97=7"),
    ],
)
def test_a_name_is_told_whatever_is_in_it(subject: bytes, told: str) -> None:
    assert parse(leaf("I", subject_der=subject).der()).subject == told


@pytest.mark.parametrize("name", CASES)
def test_every_odd_certificate_is_read(name: str) -> None:
    for one in CASES[name].sent:
        found = parse(one.der())
        assert found.not_after > found.not_before > 0


def test_a_time_that_is_none_makes_the_certificate_an_expired_one() -> None:
    assert parse(leaf("I", until_der=tlv(0x17, b"tomorrow")).der()).not_after == 0


@pytest.mark.parametrize(
    ("above", "below", "may"),
    [
        (authority("I", "R"), leaf("I"), True),
        (authority("i ", "R"), leaf("I"), True),
        (authority("J", "R"), leaf("I"), False),
        (
            authority("I", "R", extensions=(AUTHORITY, extension("2.5.29.14", tlv(4, b"key")))),
            leaf("I", extensions=(extension("2.5.29.35", sequence(tlv(0x80, b"key"))),)),
            True,
        ),
        (
            authority("I", "R", extensions=(AUTHORITY, extension("2.5.29.14", tlv(4, b"key")))),
            leaf("I", extensions=(extension("2.5.29.35", sequence(tlv(0x80, b"other"))),)),
            False,
        ),
        (
            authority("I", "R", extensions=(AUTHORITY, extension("2.5.29.14", b"\x04\x7f"))),
            leaf("I", extensions=(extension("2.5.29.35", b"\x30\x7f"),)),
            True,
        ),
    ],
)
def test_an_issuer_is_known_by_its_name_and_key(above: Wanted, below: Wanted, may: bool) -> None:
    assert may_have_issued(above.der(), below.der()) is may


def test_a_root_issued_itself() -> None:
    assert issued_itself(root("R").der())
    assert not issued_itself(authority("I", "R").der())


@pytest.mark.parametrize(
    ("purposes", "serves"), [((), True), ((SERVER,), True), ((CLIENT, SERVER), True), ((CLIENT,), False)]
)
def test_the_purpose_says_whether_it_may_serve_hosts(purposes: tuple[str, ...], serves: bool) -> None:
    extensions = (AUTHORITY, *([usage(*purposes)] if purposes else []))
    assert serves_hosts(authority("I", "R", extensions=extensions).der()) is serves


@given(st.binary(max_size=200))
def test_garbage_is_a_value_error(garbage: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- whatever the parser says
        parse(garbage)
