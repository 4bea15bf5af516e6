"""DNS: one question to one server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from urllib.parse import parse_qsl, unquote

from monitor.errors import FieldError, LocalError, ProbeError
from monitor.fields import key
from monitor.judge.expectations import CERTIFICATE, LATENCY, RCODE, RECORDS, Expectation
from monitor.probe import BaseProbe, split_url
from monitor.probes._nameserver import Nameserver, Way, ask, parse_nameserver, prepare_for
from monitor.text import decode, plain
from monitor.trace import Trace
from monitor.wire.resolve import IpVersion
from monitor.wire.tls import DEFAULT, TlsOptions

if TYPE_CHECKING:
    from dns.message import Message, QueryMessage
    from dns.rdata import Rdata

PAYLOAD = 1232
"""Bytes of a UDP answer that pass every network unfragmented (DNS flag day 2020)."""
HEAD_START = 2.0
"""Seconds that one of the system's servers gets before the next one is asked instead."""
_SHOWN = 3


class _Question(NamedTuple):
    name: str
    type: str
    server: Nameserver | None


@dataclass(frozen=True, kw_only=True)
class Dns(BaseProbe):
    """Asks a DNS server for a name's records."""

    kind: ClassVar[str] = "dns"
    schemes: ClassVar[tuple[str, ...]] = ("dns",)
    expectations: ClassVar[Mapping[str, Expectation]] = {
        "latency": LATENCY,
        "records": RECORDS,
        "rcode": RCODE,
        "certificate": CERTIFICATE,
    }
    default_expect: ClassVar[Mapping[str, Any]] = {"rcode": "NOERROR"}

    ip_version: IpVersion = key("Address family to reach the server over.", default="auto")
    tls: TlsOptions = key("TLS settings, for a server that is asked over TLS or HTTPS.", default=DEFAULT)

    def __post_init__(self) -> None:
        _ = self._question

    @cached_property
    def _question(self) -> _Question:
        parts = split_url(self.url)
        name, path = unquote(parts.netloc), unquote(parts.path.strip("/"))
        if ":" in name or (name and path):  # as RFC 4501 and others have the server
            told = f"dns://{path or name.partition(':')[0]}?type=A&server={name if path else 'ADDR:PORT'}"
            raise FieldError("url", f"names a server or a port before what to ask for; write {plain(told)}")
        name = name or path
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        unknown = set(options) - {"type", "server"}
        if unknown:
            raise FieldError(
                "url", f"has no option {min(unknown)!r}; there are ?type=A and &server=ADDR:PORT"
            )
        record_type = options.get("type", "A").upper()
        _check(name, record_type)
        server = parse_nameserver(options["server"]) if "server" in options else None
        return _Question(name, record_type, server)

    @property
    def _way(self) -> Way:
        return Way(self.ip_version, self.tls)

    def prepare(self) -> None:
        prepare_for(self._question.server, self._way)

    async def check(self, trace: Trace) -> str:
        name, record_type, server = self._question
        trace.asked = f"{name} {record_type}" + (f" of {server}" if server else "")
        answer = await self._answer([server] if server else _system_servers(), trace)
        trace.enter(None)
        records = _records(answer, record_type)
        trace.facts["rcode"] = rcode = _rcode(answer)
        trace.facts["records"] = records
        trace.answer = answer.to_text()
        return _message(rcode, records)

    async def _answer(self, servers: Sequence[Nameserver], trace: Trace) -> Message:
        """The answer of the first server that gives one; the last may take all the time there is."""
        query = _query(self._question)
        for server in servers[:-1]:
            try:
                async with asyncio.timeout(HEAD_START):
                    return await ask(server, query, self._way, trace)
            except (TimeoutError, ProbeError):
                continue
        return await ask(servers[-1], query, self._way, trace)


def _check(name: str, record_type: str) -> None:
    import dns.exception
    import dns.name
    import dns.rdatatype

    try:
        dns.rdatatype.from_text(record_type)
    except (dns.exception.DNSException, ValueError):
        raise FieldError(
            "url", f"?type={plain(record_type)} is no record type; write A, AAAA, MX, TXT …"
        ) from None
    try:
        dns.name.from_text(name)
    except (dns.exception.DNSException, UnicodeError, ValueError) as error:
        raise FieldError("url", f"{plain(name)!r} is no domain name: {error}") from None
    if not name:
        raise FieldError("url", "asks for no name; write dns://example.com?type=A")


def _system_servers() -> list[Nameserver]:
    import dns.exception
    import dns.resolver

    try:
        servers = [Nameserver(str(server)) for server in dns.resolver.Resolver().nameservers]
    except (dns.exception.DNSException, OSError) as error:
        raise LocalError(f"this machine has no DNS server configured: {error}") from None
    if not servers:
        raise LocalError("this machine has no DNS server configured")
    return servers


def _query(question: _Question) -> QueryMessage:
    import dns.message

    return dns.message.make_query(question.name, question.type, use_edns=0, payload=PAYLOAD)


def _rcode(answer: Message) -> str:
    import dns.rcode

    return dns.rcode.to_text(answer.rcode())


def _records(answer: Message, record_type: str) -> tuple[str, ...]:
    """The text of every record of that type: aliases were followed by the server."""
    import dns.rdatatype

    wanted = dns.rdatatype.from_text(record_type)
    return tuple(
        _text(rdata)
        for rrset in answer.answer
        if wanted in (rrset.rdtype, dns.rdatatype.ANY)
        for rdata in rrset
    )


def _text(rdata: Rdata) -> str:
    """As in a zone file, but TXT without the quotes and cuts that it has there."""
    strings: Sequence[bytes] | None = getattr(rdata, "strings", None)
    return rdata.to_text() if strings is None else decode(b"".join(strings))


def _message(rcode: str, records: Sequence[str]) -> str:
    if not records:
        return rcode
    more = f" (+{len(records) - _SHOWN})" if len(records) > _SHOWN else ""
    return plain(", ".join(records[:_SHOWN])) + more
