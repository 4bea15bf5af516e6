"""Expectations on a DNS answer: its response code, and its records, compared by type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from monitor.errors import FieldError
from monitor.judge.assertions import KEPT_LIMIT
from monitor.judge.expectations import Expectation
from monitor.model import Failed, Reason
from monitor.redact import shown
from monitor.text import decode, plain

if TYPE_CHECKING:
    from dns.rdata import Rdata

    from monitor.model import Assertion, Observation

_RCODES = (
    *("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"),
    *("YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE", "BADVERS"),
)


@dataclass(frozen=True)
class HasRecords:
    """Holds if all of these are among the records.

    Values are compared by the record's type: addresses as numbers, names without regard to case or a
    final dot, TXT by its bytes.
    """

    records: tuple[str, ...]

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        found: Sequence[Rdata] = observation.facts.get("records", ())
        missing = [text for text in self.records if not any(is_record(text, one) for one in found)]
        if not missing:
            return None
        return Failed(
            check="records",
            severity=severity,
            expected=_listed(map(shown, self.records)),
            actual=_listed(map(text_of, found)) + _without(missing, self.records),
            reason=Reason.RECORD_MISMATCH,
        )


def _listed(texts: Iterable[str]) -> str:
    return plain(", ".join(texts), KEPT_LIMIT) or "nothing"


def _without(missing: Sequence[str], wanted: Sequence[str]) -> str:
    """The missing records in words; empty if all are missing."""
    return f" (missing: {_listed(map(shown, missing))})" if len(missing) < len(wanted) else ""


@dataclass(frozen=True)
class HasRcode:
    """Holds if the response code is this one; for NOERROR, there must be a record, too."""

    rcode: str

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        rcode = observation.facts.get("rcode")
        if rcode != self.rcode:
            wrong = Reason.RECORD_MISMATCH if rcode == "NOERROR" else Reason.DNS_ERROR
            return self._failed(severity, "nothing" if rcode is None else plain(rcode), wrong)
        if rcode == "NOERROR" and not observation.facts.get("records"):
            record_type = observation.facts.get("record_type", "")
            return self._failed(severity, f"no {record_type} record", Reason.DNS_ERROR)
        return None

    def _failed(self, severity: str, actual: str, reason: Reason) -> Failed:
        return Failed(check="rcode", severity=severity, expected=self.rcode, actual=actual, reason=reason)


def text_of(record: Rdata) -> str:
    """A record's value as in a zone file, but TXT as one text without quotes."""
    strings = _strings(record)
    return record.to_text() if strings is None else decode(b"".join(strings))


def _strings(record: Rdata) -> Sequence[bytes] | None:
    strings: Sequence[bytes] | None = getattr(record, "strings", None)
    return strings


def is_record(text: str, record: Rdata) -> bool:
    """Whether ``text``, as written by a user, is the same value as ``record``."""
    strings = _strings(record)
    if strings is not None and b"".join(strings) == text.encode():
        return True
    wanted = _parsed(text, record.rdtype)
    if wanted is None:
        return False
    wanted_strings = _strings(wanted)
    if strings is not None and wanted_strings is not None:
        return b"".join(strings) == b"".join(wanted_strings)
    return bool(wanted == record)


@lru_cache(maxsize=4096)
def _parsed(text: str, record_type: int) -> Rdata | None:
    """``text`` parsed as a record of that type; None if it is not one."""
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

    try:
        return dns.rdata.from_text(
            dns.rdataclass.IN,
            dns.rdatatype.RdataType.make(record_type),
            str(text),
            origin=dns.name.root,
            relativize=False,
        )
    except (dns.exception.DNSException, ValueError, UnicodeError):
        return None


# ── the keys ────────────────────────────────────────────────────────────────────────────────────


def _records(key: str, value: Any) -> tuple[Assertion, ...]:
    wanted = [value] if isinstance(value, str) else value
    if not isinstance(wanted, list) or not wanted or not all(isinstance(item, str) for item in wanted):
        raise FieldError(key, 'is a list of records that must all be there, as in ["192.0.2.1"]')
    return (HasRecords(tuple(wanted)),)


def _rcode(key: str, value: Any) -> tuple[Assertion, ...]:
    name = value.upper() if isinstance(value, str) else ""
    if name not in _RCODES:
        near = get_close_matches(name, _RCODES, n=1) or ["NOERROR", "NXDOMAIN"]
        raise FieldError(key, f"is a DNS response code such as {' or '.join(map(repr, near))}")
    return (HasRcode(name),)


RECORDS = Expectation(
    "Records that must all be in the answer, compared as their type has them: "
    "addresses by value, names without regard to case or a final dot.",
    _records,
    {"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}]},
)
RCODE = Expectation("The DNS response code; NOERROR also needs an answer.", _rcode, {"enum": list(_RCODES)})
