"""Chains as servers send them, right and wrong, and what is to be said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from issuing import (
    AUTHORITY,
    CLIENT,
    NOT_AUTHORITY,
    SERVER,
    Wanted,
    alternative_names,
    authority,
    constraints,
    distinguished,
    extension,
    leaf,
    root,
    sequence,
    tlv,
    usage,
)

from monitor.model import Reason

EXPIRED = Reason.CERTIFICATE_EXPIRED
UNTRUSTED = Reason.CERTIFICATE_UNTRUSTED
MISMATCH = Reason.CERTIFICATE_NAME_MISMATCH


@dataclass(frozen=True, kw_only=True)
class Case:
    """One server. ``sent`` begins with its own certificate."""

    sent: Sequence[Wanted]
    roots: Sequence[Wanted] = (root("R"),)
    host: str = "host.example"
    reason: Reason | None = None
    days: float = 90
    """What the verified path has left."""
    unneeded: int = 0
    served: bool = True
    """Whether a server that is built on OpenSSL sends it at all."""
    openssl: bool | None = None
    """What ``openssl verify`` says, where that is another verdict than ours."""
    go: bool | None = None
    """What Go says, where that is another verdict than ours."""


def _with(name: str, **keys: object) -> Wanted:
    return leaf("I", name, **keys)


I = authority("I", "R")  # noqa: E741 -- the usual letter of an intermediate
STALE = authority("Old", "R", until=-3)
EDI = tlv(0xA5, tlv(0xA1, tlv(0x0C, b"party")))
UNKNOWN = extension("1.2.3.4", b"\x05\0")
X400 = tlv(0xA3, sequence())
ODD_NAME = sequence(
    tlv(0x31, sequence(b"\x06\x03\x55\x04\x0a", tlv(0x13, b"Odd * _ @ & Sons \xe9"))),
    tlv(0x31, sequence(b"\x06\x03\x55\x04\x03", tlv(0x13, b"host.example"))),
)

CASES = {
    "a plain chain": Case(sent=(leaf("I"), I)),
    "an intermediate that ends first": Case(sent=(leaf("I"), authority("I", "R", until=20)), days=20),
    "a root that ends first": Case(sent=(leaf("I"), I), roots=(root("R", until=10),), days=10),
    "the root sent too": Case(sent=(leaf("I"), I, root("R"))),
    # ── stale extras
    "an expired extra behind": Case(
        sent=(leaf("I"), authority("I", "R", until=20), STALE), days=20, unneeded=1
    ),
    "an expired extra between": Case(
        sent=(leaf("I"), STALE, authority("I", "R", until=20)), days=20, unneeded=1
    ),
    "the expired leaf of before": Case(sent=(leaf("I"), leaf("I", until=-3, since=-60), I), unneeded=1),
    "the expired leaf of before, of the same key": Case(
        sent=(leaf("I"), I, leaf("I", until=-3, since=-60, serial=b"\x02")), unneeded=1
    ),
    "an expired form of the intermediate": Case(
        sent=(leaf("I"), authority("I", "R", until=-3), I), unneeded=1
    ),
    "an expired cross-signed form of the root": Case(
        sent=(leaf("I"), I, authority("R", "Ancient", until=-3)), unneeded=1
    ),
    "an extra that is not yet valid": Case(sent=(leaf("I"), I, authority("I", "R", since=5)), unneeded=1),
    # ── several valid paths
    "two intermediates, the short one first": Case(
        sent=(leaf("I"), authority("I", "R", until=20), authority("I", "R", until=300)), unneeded=1
    ),
    "two intermediates, the long one first": Case(
        sent=(leaf("I"), authority("I", "R", until=300), authority("I", "R", until=20)), unneeded=1
    ),
    "two intermediates of two roots": Case(
        sent=(leaf("I"), authority("I", "R", until=20), authority("I", "R2", until=50)),
        roots=(root("R"), root("R2")),
        days=50,
        unneeded=1,
    ),
    "a trusted root that ends, cross-signed by one that lasts": Case(
        sent=(leaf("I"), I, authority("R", "R2", until=400)),
        roots=(root("R", until=5), root("R2")),
    ),
    "a trusted root that has expired, cross-signed by one that lasts": Case(
        sent=(leaf("I"), I, authority("R", "R2", until=400)),
        roots=(root("R", until=-3), root("R2")),
        openssl=False,
    ),
    "a trusted root that has expired beside its successor of the same key": Case(
        sent=(leaf("I"), I), roots=(root("R", until=-3), root("R"))
    ),
    "a trusted root that has expired beside another": Case(
        sent=(leaf("I"), I), roots=(root("R", until=-3), root("R2")), reason=EXPIRED, days=-3
    ),
    "a trusted root that has expired": Case(
        sent=(leaf("I"), I), roots=(root("R", until=-3),), reason=EXPIRED, days=-3
    ),
    "a longer path whose intermediate is forged": Case(
        sent=(leaf("I"), authority("I", "R", until=20), authority("I", "R", signer="X", until=300)),
        days=20,
        unneeded=1,
    ),
    "a longer path that is not trusted": Case(
        sent=(leaf("I"), authority("I", "R", until=20), authority("I", "X", until=300), root("X")),
        days=20,
        unneeded=2,
    ),
    "a longer path through no authority": Case(
        sent=(
            leaf("I"),
            authority("I", "R", until=20),
            authority("I", "R", until=300, extensions=(NOT_AUTHORITY,)),
        ),
        days=20,
        unneeded=1,
    ),
    "a longer path of another purpose": Case(
        sent=(
            leaf("I"),
            authority("I", "R", until=20),
            authority("I", "R", until=300, extensions=(AUTHORITY, usage(CLIENT))),
        ),
        days=20,
        unneeded=1,
    ),
    "a longer path signed with SHA-1": Case(
        sent=(leaf("I"), authority("I", "R", until=20), authority("I", "R", until=300, digest="sha1")),
        days=20,
        unneeded=1,
    ),
    # ── order and number
    "wrong order": Case(
        sent=(leaf("J"), authority("I", "R", until=40), authority("J", "I", until=60)), days=40
    ),
    "duplicates": Case(sent=(leaf("I"), I, I, leaf("I"))),
    "a leaf alone, signed by the root": Case(sent=(leaf("R"),)),
    "a leaf alone, without its intermediate": Case(sent=(leaf("I"),), reason=UNTRUSTED),
    "an intermediate that is trusted by itself": Case(sent=(leaf("I"),), roots=(I,)),
    "a leaf that is trusted by itself": Case(
        sent=(leaf("host.example", own_key="host.example"),),
        roots=(leaf("host.example", own_key="host.example"),),
    ),
    "self-signed": Case(sent=(leaf("host.example"),), reason=UNTRUSTED),
    "a chain to a root that nobody trusts": Case(
        sent=(leaf("J"), authority("J", "X"), root("X")), reason=UNTRUSTED
    ),
    "an expired chain to a root that nobody trusts": Case(
        sent=(leaf("J", until=-3), authority("J", "X"), root("X")), reason=EXPIRED, days=-3
    ),
    # ── what an issuer may do
    "an issuer that is no authority": Case(
        sent=(leaf("I"), authority("I", "R", extensions=(NOT_AUTHORITY,))), reason=UNTRUSTED
    ),
    "an issuer without basic constraints": Case(
        sent=(leaf("I"), authority("I", "R", extensions=(usage(SERVER),))), reason=UNTRUSTED
    ),
    "a host that the constraints permit": Case(
        sent=(leaf("I"), authority("I", "R", extensions=(AUTHORITY, constraints("example"))))
    ),
    "a host that the constraints forbid": Case(
        sent=(leaf("I"), authority("I", "R", extensions=(AUTHORITY, constraints("other.test")))),
        reason=UNTRUSTED,
    ),
    "a certificate for clients only": Case(
        sent=(leaf("I", extensions=(alternative_names("host.example"), usage(CLIENT))), I), reason=UNTRUSTED
    ),
    # ── weak
    "a leaf signed with SHA-1": Case(sent=(leaf("I", digest="sha1"), I), reason=UNTRUSTED),
    "an intermediate signed with SHA-1": Case(
        sent=(leaf("I"), authority("I", "R", digest="sha1")), reason=UNTRUSTED
    ),
    "a root signed with SHA-1": Case(sent=(leaf("I"), I), roots=(root("R", digest="sha1"),)),
    "a key of 1024 bits": Case(sent=(leaf("I", bits=1024), I), reason=UNTRUSTED, go=True),
    "a key of 2048 bits": Case(sent=(leaf("I", bits=2048), I)),
    # ── names
    "a name in the common name alone": Case(
        sent=(leaf("I", extensions=(usage(SERVER),)), I), reason=MISMATCH, openssl=True
    ),
    "a name in the common name beside a URI": Case(
        sent=(_with("https://host.example/"), I), reason=MISMATCH, openssl=True
    ),
    "a name in upper case": Case(sent=(_with("HOST.Example"), I)),
    "a host in upper case": Case(sent=(_with("host.example"), I), host="HOST.example"),
    "a host with a final dot": Case(sent=(_with("host.example"), I), host="host.example."),
    "a wildcard": Case(sent=(_with("*.host.example"), I), host="www.host.example"),
    "a wildcard for two labels": Case(
        sent=(_with("*.host.example"), I), host="a.www.host.example", reason=MISMATCH
    ),
    "a wildcard for a whole top-level domain": Case(sent=(_with("*.example"), I), reason=MISMATCH, go=True),
    "a part of a label as a wildcard": Case(sent=(_with("ho*.example"), I), reason=MISMATCH),
    "an IDN name": Case(sent=(_with("xn--strae-oqa.example"), I), host="straße.example"),
    "an IDN name by the rules of 2003": Case(
        sent=(_with("strasse.example"), I), host="straße.example", reason=MISMATCH
    ),
    "an IDN name below a wildcard": Case(sent=(_with("*.host.example"), I), host="straße.host.example"),
    "an address": Case(sent=(_with("192.0.2.1"), I), host="192.0.2.1"),
    "an address of IPv6": Case(sent=(_with("2001:db8::1"), I), host="2001:DB8:0::1"),
    "an address as a host name": Case(
        sent=(leaf("I", tlv(0x82, b"192.0.2.1")), I), host="192.0.2.1", reason=MISMATCH
    ),
    "an address in the common name": Case(
        sent=(leaf("I", subject="192.0.2.1", own_key="host.example", extensions=(usage(SERVER),)), I),
        host="192.0.2.1",
        reason=MISMATCH,
    ),
    "another name": Case(sent=(_with("other.example"), I), reason=MISMATCH),
    "another name on an expired certificate": Case(
        sent=(_with("other.example", until=-3), I), reason=EXPIRED, days=-3
    ),
    "another name on one that is not yet valid": Case(
        sent=(_with("other.example", since=5), I), reason=UNTRUSTED
    ),
    # ── time
    "expired": Case(sent=(leaf("I", until=-3), I), reason=EXPIRED, days=-3),
    "an expired intermediate": Case(sent=(leaf("I"), authority("I", "R", until=-3)), reason=EXPIRED, days=-3),
    "not yet valid": Case(sent=(leaf("I", since=5), I), reason=UNTRUSTED),
    "after 2049": Case(
        sent=(leaf("I", until=20000), authority("I", "R", until=20000)),
        roots=(root("R", until=30000),),
        days=20000,
    ),
    "at the end of time": Case(
        sent=(leaf("I", until_der=tlv(0x18, b"99991231235959Z")), authority("I", "R", until=40)), days=40
    ),
    # ── what OpenSSL reads and stricter parsers refuse
    "version 4": Case(sent=(leaf("I", version=4), I), go=False),
    "version 1": Case(sent=(leaf("I", version=1, extensions=()), I), reason=MISMATCH, openssl=True),
    "an EDI party among the names": Case(sent=(leaf("I", EDI, "host.example"), I)),
    "an X.400 address among the names": Case(sent=(leaf("I", X400, "host.example"), I)),
    "odd characters in a PrintableString": Case(sent=(leaf("I", subject_der=ODD_NAME), I), go=False),
    "a negative serial number": Case(sent=(leaf("I", serial=b"\xf0"), I)),
    "serial number zero": Case(sent=(leaf("I", serial=b"\0"), I)),
    "an unknown extension twice": Case(
        sent=(leaf("I", extensions=(alternative_names("host.example"), UNKNOWN, UNKNOWN)), I), go=False
    ),
    "a known extension twice": Case(
        sent=(leaf("I", extensions=(alternative_names("host.example"), usage(SERVER), usage(SERVER))), I),
        reason=UNTRUSTED,
        served=False,
    ),
    "alternative names twice": Case(
        sent=(leaf("I", extensions=(alternative_names("host.example"), alternative_names("b.example"))), I),
        reason=UNTRUSTED,
        served=False,
    ),
    "an extra with a known extension twice": Case(
        sent=(leaf("I"), I, authority("Old", "R", extensions=(AUTHORITY, AUTHORITY))), unneeded=1
    ),
    "an intermediate with a known extension twice": Case(
        sent=(leaf("I"), authority("I", "R", extensions=(AUTHORITY, AUTHORITY))), reason=UNTRUSTED
    ),
    "garbage among the extensions": Case(
        sent=(leaf("I", extensions=(alternative_names("host.example"), extension("1.2.3.4", b"\xff"))), I)
    ),
    "an empty subject": Case(sent=(leaf("I", subject_der=sequence()), I)),
    "a name in BMP characters": Case(sent=(leaf("I", subject_der=distinguished("\0h\0i", 0x1E)), I)),
}
