"""What may be expected of a DNS answer."""

from typing import Any

import dns.name
import dns.rdata
import pytest
from dns.rdata import Rdata
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FieldError
from monitor.model import Failed, Observation, Reason
from monitor.probes._records import RCODE, RECORDS, is_record, text_of
from monitor.redact import MASK, Secretive


def record(kind: str, text: str) -> Rdata:
    return dns.rdata.from_text("IN", kind, text, origin=dns.name.root, relativize=False)


def observation(**facts: Any) -> Observation:
    return Observation(started=0.0, facts=facts)


def failed(key: str, value: Any, seen: Observation) -> Failed | None:
    (assertion,) = (RECORDS if key == "records" else RCODE).compile(key, value)
    return assertion.judge(seen, "expect")


@pytest.mark.parametrize(
    ("kind", "answer", "written"),
    [
        ("A", "192.0.2.1", "192.0.2.1"),
        ("AAAA", "2001:db8::1", "2001:0DB8:0:0:0:0:0:1"),
        ("AAAA", "::ffff:192.0.2.1", "::ffff:c000:201"),
        ("CNAME", "Mail.Example.COM.", "mail.example.com"),
        ("MX", "10 Mail.Example.COM.", "10  mail.example.com."),
        ("SRV", "0 5 443 a.example.", "0 5 443 A.example"),
        ("TXT", '"v=spf1 " "-all"', "v=spf1 -all"),
        ("TXT", '"v=spf1 " "-all"', '"v=spf1" " -all"'),
        ("TXT", '"say \\"hi\\""', 'say "hi"'),
        ("CAA", '0 issue "ca.example"', '0 issue "ca.example"'),
        ("CAA", '0 issue "ca.example"', "0 issue ca.example"),
        ("TLSA", "3 1 0 ABCDEF", "3 1 0 ab cd ef"),
        ("HTTPS", '1 . alpn="h2,h3"', "1 . alpn=h2,h3"),
    ],
)
def test_a_record_is_the_same_however_it_is_written(kind: str, answer: str, written: str) -> None:
    assert is_record(written, record(kind, answer))


@pytest.mark.parametrize(
    ("kind", "answer", "written"),
    [
        ("A", "192.0.2.1", "192.0.2.10"),
        ("AAAA", "2001:db8::1", "2001:db8::10"),
        ("TXT", '"Token=aBc"', "token=abc"),
        ("MX", "10 mail.example.", "20 mail.example."),
        ("MX", "10 mail.example.", "mail.example."),
        ("A", "192.0.2.1", "no address"),
        ("DNSKEY", "257 3 13 AAAA", "257 3 13 aaaa"),
    ],
)
def test_another_value_is_another_record(kind: str, answer: str, written: str) -> None:
    assert not is_record(written, record(kind, answer))


@given(st.text(max_size=30))
def test_any_text_is_a_record_or_none(text: str) -> None:
    for kind, answer in (("A", "192.0.2.1"), ("TXT", "x"), ("SOA", "a. b. 1 2 3 4 5")):
        assert is_record(text, record(kind, answer)) in (True, False)


def test_what_is_missing_is_named() -> None:
    seen = observation(records=(record("A", "192.0.2.1"), record("A", "192.0.2.2")))
    assert failed("records", ["192.0.2.2", "192.0.2.9"], seen) == Failed(
        check="records",
        severity="expect",
        expected="192.0.2.2, 192.0.2.9",
        actual="192.0.2.1, 192.0.2.2 (missing: 192.0.2.9)",
        reason=Reason.RECORD_MISMATCH,
    )
    assert failed("records", ["192.0.2.2", "192.0.2.1"], seen) is None


def test_nothing_is_missing_by_itself() -> None:
    assert failed("records", "192.0.2.1", observation()) == Failed(
        check="records",
        severity="expect",
        expected="192.0.2.1",
        actual="nothing",
        reason=Reason.RECORD_MISMATCH,
    )


def test_a_secret_record_is_not_shown() -> None:
    found = failed("records", [Secretive("hunter2", MASK)], observation(records=(record("TXT", "x"),)))
    assert found is not None
    assert (found.expected, found.actual) == (MASK, "x")


@pytest.mark.parametrize(
    ("wanted", "facts", "actual", "reason"),
    [
        ("NOERROR", {"rcode": "SERVFAIL"}, "SERVFAIL", Reason.DNS_ERROR),
        ("NXDOMAIN", {"rcode": "NOERROR"}, "NOERROR", Reason.RECORD_MISMATCH),
        ("NOERROR", {"rcode": "NOERROR", "record_type": "AAAA"}, "no AAAA record", Reason.DNS_ERROR),
        ("NOERROR", {}, "nothing", Reason.DNS_ERROR),
    ],
)
def test_another_response_code_is_a_failure(
    wanted: str, facts: dict[str, Any], actual: str, reason: Reason
) -> None:
    assert failed("rcode", wanted, observation(**facts)) == Failed(
        check="rcode", severity="expect", expected=wanted, actual=actual, reason=reason
    )


def test_the_response_code_that_is_expected_passes() -> None:
    assert failed("rcode", "nxdomain", observation(rcode="NXDOMAIN")) is None
    assert (
        failed("rcode", "NOERROR", observation(rcode="NOERROR", records=(record("A", "192.0.2.1"),))) is None
    )


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("records", [1], "list of records"),
        ("records", [], "list of records"),
        ("rcode", "NXDOMIAN", "'NXDOMAIN'"),
        ("rcode", 0, "response code"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(key: str, value: Any, text: str) -> None:
    with pytest.raises(FieldError, match=text):
        failed(key, value, observation())


def test_a_record_is_shown_as_in_a_zone_file_but_txt_as_its_text() -> None:
    assert text_of(record("MX", "10 mail.example.")) == "10 mail.example."
    assert text_of(record("TXT", '"a" "b"')) == "ab"
