"""DNS: one question to one server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from urllib.parse import parse_qsl, unquote

from monitor.errors import FieldError, LocalError, ProbeError
from monitor.fields import key
from monitor.judge.expectations import CERTIFICATE, LATENCY, Expectation
from monitor.model import Hop
from monitor.probe import BaseProbe, split_url
from monitor.probes._nameserver import Nameserver, Way, ask, parse_nameserver, prepare_for
from monitor.probes._records import RCODE, RECORDS, text_of
from monitor.redact import Secretive
from monitor.text import plain
from monitor.trace import Trace
from monitor.wire.hosts import host_on_wire
from monitor.wire.resolve import IpVersion
from monitor.wire.tls import DEFAULT, TlsOptions

if TYPE_CHECKING:
    from dns.message import Message, QueryMessage
    from dns.name import Name
    from dns.rdata import Rdata

PAYLOAD = 1232
"""Bytes of a UDP answer that passes every network unfragmented (DNS flag day 2020)."""
HEAD_START = 2.0
"""Timeout in seconds of one of the system's servers, before the next one is asked."""
_SHOWN = 3
_NO_EDNS = frozenset({"FORMERR", "NOTIMP", "BADVERS"})
"""Response codes of servers that do not support EDNS."""
_SERVER_LOGIN = re.compile(r"[?&]server=[^&/]*//([^/?#&]*)@")
_USAGE = "write dns://NAME?type=TYPE&server=ADDR:PORT"


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
        parts = split_url(self._url)
        if parts.credentials is not None or parts.fragment:
            raise FieldError("url", f"has a user, or a #; {_USAGE}")
        if parts.port is not None or ":" in parts.host or (parts.host and parts.path.strip("/")):
            raise self._misplaced_server()
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if set(options) - {"type", "server"} or (parts.query and not options):
            raise FieldError("url", f"has an option that means nothing to dns; {_USAGE}")
        name = parts.host or _name(unquote(parts.path.strip("/")))
        record_type = options.get("type", "A").upper()
        _check(name, record_type)
        server = parse_nameserver(options["server"]) if "server" in options else None
        return _Question(name, record_type, server)

    @property
    def _url(self) -> str:
        """The URL with the secrets in its server's user or password percent-encoded."""
        return (
            self.url.percent_encoded(_SERVER_LOGIN, times=2) if isinstance(self.url, Secretive) else self.url
        )

    def _misplaced_server(self) -> FieldError:
        """The error for a server where RFC 4501 and other tools put it; it names our spelling."""
        server, _, name = self.target.partition("?")[0].partition("://")[2].partition("/")
        right = f"dns://{name or server.partition(':')[0]}?type=A&server={server if name else 'ADDR:PORT'}"
        return FieldError("url", f"names a server or a port before the name to resolve; write {plain(right)}")

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
        trace.facts["record_type"] = record_type
        trace.facts["rcode"] = rcode = _rcode(answer)
        trace.facts["records"] = records = _records(answer, name, record_type)
        trace.answer = answer.to_text()
        return _message(rcode, record_type, records)

    async def _answer(self, servers: Sequence[Nameserver], trace: Trace) -> Message:
        """The answer of the first server that gives one; the last server may use all the remaining time."""
        for server in servers[:-1]:
            try:
                async with asyncio.timeout(HEAD_START):
                    return await self._ask(server, trace)
            except (TimeoutError, ProbeError):
                continue
        return await self._ask(servers[-1], trace)

    async def _ask(self, server: Nameserver, trace: Trace) -> Message:
        """The answer of ``server``; asked without EDNS if it does not support that (RFC 6891, 7)."""
        answer = await ask(server, _query(self._question, edns=True), self._way, trace)
        if _rcode(answer) not in _NO_EDNS:
            return answer
        trace.enter(None)
        answered = f"{_rcode(answer)}; asked again without EDNS"
        trace.hops.append(Hop(asked="a question with EDNS", answered=answered, address=trace.address))
        return await ask(server, _query(self._question, edns=False), self._way, trace)


def _name(text: str) -> str:
    """The name to ask for, in IDNA form. FieldError when it is none."""
    if text in ("", "."):
        return text
    try:
        return host_on_wire(text)
    except ValueError:
        raise FieldError("url", f"asks for no domain name; {_USAGE}") from None


def _check(name: str, record_type: str) -> None:
    import dns.exception
    import dns.name
    import dns.rdatatype

    try:
        dns.rdatatype.from_text(record_type)
    except (dns.exception.DNSException, ValueError):
        raise FieldError("url", "has a ?type= that is no record type; write A, AAAA, MX, TXT …") from None
    try:
        dns.name.from_text(name)
    except (dns.exception.DNSException, UnicodeError, ValueError):
        raise FieldError("url", f"asks for no domain name; {_USAGE}") from None
    if not name:
        raise FieldError("url", f"asks for no name; {_USAGE}")


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


def _query(question: _Question, *, edns: bool) -> QueryMessage:
    import dns.message

    options: dict[str, Any] = {"use_edns": 0, "payload": PAYLOAD} if edns else {}
    return dns.message.make_query(question.name, question.type, **options)


def _rcode(answer: Message) -> str:
    import dns.rcode

    return dns.rcode.to_text(answer.rcode())


def _records(answer: Message, name: str, record_type: str) -> tuple[Rdata, ...]:
    """The records of that type that belong to ``name``, or to a name that it is an alias for."""
    import dns.rdatatype

    wanted, owners = dns.rdatatype.from_text(record_type), _owners(answer, name)
    fitting = (
        rrset
        for rrset in answer.answer
        if rrset.name in owners and wanted in (rrset.rdtype, dns.rdatatype.ANY)
    )
    return tuple(rdata for rrset in fitting for rdata in rrset)


def _owners(answer: Message, name: str) -> set[Name]:
    """``name`` and the names that the answer's aliases lead to."""
    import dns.name
    import dns.rdatatype

    aliases = {rrset.name: rrset[0] for rrset in answer.answer if rrset.rdtype == dns.rdatatype.CNAME}
    owner, owners = dns.name.from_text(name), set()
    while owner not in owners:
        owners.add(owner)
        owner = aliases[owner].target if owner in aliases else owner
    return owners


def _message(rcode: str, record_type: str, records: Sequence[Rdata]) -> str:
    if not records:
        return f"no {record_type} record" if rcode == "NOERROR" else rcode
    more = f" (+{len(records) - _SHOWN})" if len(records) > _SHOWN else ""
    return plain(", ".join(map(text_of, records[:_SHOWN]))) + more
