"""Name servers and certificate authorities that failures accuse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from simulation import endpoint

from monitor.judge.shared_services import (
    Failure,
    Seen,
    common_name,
    distrusted,
    issuers,
    resolves,
    unresolved,
)
from monitor.model import Certificate, Endpoint, Reason

NOW = 1000.0
R3 = Certificate(subject="CN=R3", issuer="CN=Root", not_before=0.0, not_after=5000.0)
LEAF = Certificate(subject="CN=a", issuer="CN=R3", not_before=0.0, not_after=2000.0, issuers=(R3,))


@dataclass(frozen=True)
class Fake:
    """A probe with the keys that lead elsewhere than to the target."""

    target: str
    kind: str = "http"
    connect_to: str | None = None
    proxy: str | None = None

    async def check(self, trace: Any) -> str:
        raise NotImplementedError


def made(target: str, **keys: Any) -> Endpoint:
    return replace(endpoint("a"), probe=Fake(target, **keys))


RESOLVES = [
    (made("https://shop.example/"), True),
    (made("tcp://shop.example:25"), True),
    (made("https://192.0.2.1/"), False),
    (made("https://[fe80::1%25eth0]:443/"), False),
    (made("https://shop.example/", connect_to="10.0.0.5:8443"), False),
    (made("https://192.0.2.1/", connect_to="node.example:8443"), True),
    (made("https://192.0.2.1/", proxy="http://proxy.example:3128"), True),
    (made("https://shop.example/", proxy="http://10.0.0.1:3128"), False),
    (made("dns://shop.example", kind="dns"), True),
    (made("dns://shop.example?server=9.9.9.9", kind="dns"), False),
    (made("exec:check_disk", kind="exec"), False),
    (made("push:backup", kind="push"), False),
    (made("http://[broken", kind="http"), False),
]


@pytest.mark.parametrize(("made", "expected"), RESOLVES, ids=[f"{one.probe}" for one, _ in RESOLVES])
def test_a_check_asks_this_machines_name_servers_for_a_name_that_it_connects_to(
    made: Endpoint, expected: bool
):
    assert resolves(made) is expected


WEB, DNS = made("https://shop.example/"), made("dns://shop.example", kind="dns")
UNRESOLVED = [
    (WEB, Reason.DNS_ERROR, "shop.example does not resolve", True),
    (WEB, Reason.CONNECT_TIMEOUT, "no answer within 10s (looking up the name)", True),
    (WEB, Reason.CONNECT_TIMEOUT, "no answer within 10s (connecting)", False),
    (WEB, Reason.CONNECTION_REFUSED, "connection refused", False),
    (WEB, Reason.READ_TIMEOUT, "no answer within 10s (waiting for the answer)", False),
    (DNS, Reason.READ_TIMEOUT, "no answer within 2s (waiting for the answer)", True),
    (DNS, Reason.RECORD_MISMATCH, "no such record", False),
    (made("https://192.0.2.1/"), Reason.DNS_ERROR, "", False),
]


@pytest.mark.parametrize(("one", "reason", "text", "expected"), UNRESOLVED)
def test_a_name_that_is_not_resolved_accuses_the_resolver(
    one: Endpoint, reason: Reason, text: str, expected: bool
):
    assert bool(unresolved([Failure("a", reason, text)], {"a": one})) is expected


EXPIRED = replace(LEAF, not_after=NOW)
DISTRUSTED = [
    (Reason.CERTIFICATE_UNTRUSTED, LEAF, ("CN=R3", "CN=Root")),
    (Reason.CERTIFICATE_EXPIRED, LEAF, ("CN=R3", "CN=Root")),
    (Reason.CERTIFICATE_EXPIRED, EXPIRED, None),
    (Reason.CERTIFICATE_NAME_MISMATCH, LEAF, None),
    (Reason.TLS_ERROR, LEAF, None),
    (Reason.CERTIFICATE_UNTRUSTED, replace(LEAF, issuer="CN=a", issuers=()), ()),
    (Reason.CERTIFICATE_UNTRUSTED, None, ()),
]


@pytest.mark.parametrize(("reason", "certificate", "expected"), DISTRUSTED)
def test_a_certificate_accuses_its_issuers_unless_it_expired_itself(
    reason: Reason, certificate: Certificate | None, expected: tuple[str, ...] | None
):
    found = distrusted([Failure("a", reason)], {"a": Seen("", certificate, NOW)})
    assert found == ({} if expected is None else {"a": expected})


def test_an_endpoint_that_was_never_seen_accuses_nobody():
    assert distrusted([Failure("a", Reason.CERTIFICATE_UNTRUSTED)], {}) == {}
    assert issuers(None) == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CN=R3,O=Let's Encrypt,C=US", "R3"),
        ("O=Example,CN=Issuing CA 2", "Issuing CA 2"),
        ("O=Example\\, Inc.,CN=A", "A"),
        ("CN=Smith\\, John", "Smith\\, John"),
        ("OU=web+CN=both", "both"),
        ("O=only", "O=only"),
        ("", ""),
    ],
)
def test_an_authority_is_called_by_its_common_name(name: str, expected: str):
    assert common_name(name) == expected
