"""A DNS server over UDP and TCP; the first label of the name asked for picks the temperament."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from monitor.demo.server import serve, serve_datagrams

Answer = Callable[[dns.message.Message, bool], Awaitable[bytes | None]]
"""A query, and whether it came over TCP -> the response, or None for silence."""

ZONE = "demo.test."
RECORDS: Mapping[str, tuple[str, ...]] = {
    "A": ("192.0.2.1", "192.0.2.2"),
    "AAAA": ("2001:db8::1",),
    "CNAME": ("a.demo.test.",),
    "MX": ("10 mail.demo.test.",),
    "NS": ("ns.demo.test.",),
    "TXT": ('"v=spf1 -all" "second"',),
    "SOA": ("ns.demo.test. admin.demo.test. 1 3600 600 86400 60",),
    "SRV": ("0 5 443 a.demo.test.",),
    "CAA": ('0 issue "ca.example"',),
    "PTR": ("a.demo.test.",),
}
"""The records of every healthy name."""


def _reply(query: dns.message.Message, rcode: dns.rcode.Rcode = dns.rcode.NOERROR) -> dns.message.Message:
    reply = dns.message.make_response(query, recursion_available=True)
    reply.set_rcode(rcode)
    return reply


def _records(query: dns.message.Message, name: str | None = None) -> dns.rrset.RRset:
    asked = query.question[0]
    kind = dns.rdatatype.to_text(asked.rdtype)
    return dns.rrset.from_text(name or asked.name, 60, "IN", kind, *RECORDS.get(kind, ()))


async def healthy(query: dns.message.Message, tcp: bool) -> bytes | None:  # noqa: ARG001 -- an Answer's shape
    reply = _reply(query)
    if records := _records(query):
        reply.answer.append(records)
    return reply.to_wire()


async def alias(query: dns.message.Message, tcp: bool) -> bytes | None:  # noqa: ARG001
    """A CNAME, and the records of its target."""
    reply = _reply(query)
    target = RECORDS["CNAME"][0]
    reply.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "CNAME", target))
    reply.answer.append(_records(query, target))
    return reply.to_wire()


def _says(rcode: dns.rcode.Rcode) -> Answer:
    async def answer(query: dns.message.Message, tcp: bool) -> bytes | None:  # noqa: ARG001
        return _reply(query, rcode).to_wire()

    return answer


async def truncated(query: dns.message.Message, tcp: bool) -> bytes | None:
    """A truncated answer over UDP, the whole one over TCP."""
    if tcp:
        return await healthy(query, tcp)
    reply = _reply(query)
    reply.flags |= dns.flags.TC
    return reply.to_wire()


async def silent(query: dns.message.Message, tcp: bool) -> bytes | None:  # noqa: ARG001
    return None


async def wrong_id(query: dns.message.Message, tcp: bool) -> bytes | None:
    answer = await healthy(query, tcp)
    assert answer is not None
    return bytes((answer[0] ^ 0xFF, *answer[1:]))


async def wrong_question(query: dns.message.Message, tcp: bool) -> bytes | None:
    """An answer to another question with the right id, as a spoofer may guess it."""
    other = dns.message.make_query(f"elsewhere.{ZONE}", query.question[0].rdtype, id=query.id)
    return await healthy(other, tcp)


async def garbage(query: dns.message.Message, tcp: bool) -> bytes | None:  # noqa: ARG001
    return query.id.to_bytes(2, "big") + b"\x81\x80" + b"\xff" * 20


async def slow(query: dns.message.Message, tcp: bool) -> bytes | None:
    await asyncio.sleep(0.2)
    return await healthy(query, tcp)


TEMPERAMENTS: Mapping[str, Answer] = {
    "alias": alias,
    "nxdomain": _says(dns.rcode.NXDOMAIN),
    "servfail": _says(dns.rcode.SERVFAIL),
    "refused": _says(dns.rcode.REFUSED),
    "empty": _says(dns.rcode.NOERROR),
    "truncated": truncated,
    "silent": silent,
    "wrong-id": wrong_id,
    "wrong-question": wrong_question,
    "garbage": garbage,
    "slow": slow,
}
"""First label -> temperament; any other name is healthy."""


async def answer(wire: bytes, tcp: bool = False) -> bytes | None:
    """The response of this server to a query."""
    query = dns.message.from_wire(wire)
    label = query.question[0].name.labels[0].decode("ascii").lower()
    return await TEMPERAMENTS.get(label, healthy)(query, tcp)


async def _handle_tcp(reader: StreamReader, writer: StreamWriter) -> None:
    """Messages with their length before them (RFC 7766, 8)."""
    while True:
        length = int.from_bytes(await reader.readexactly(2), "big")
        reply = await answer(await reader.readexactly(length), tcp=True)
        if reply is not None:
            writer.write(len(reply).to_bytes(2, "big") + reply)


@asynccontextmanager
async def serve_dns() -> AsyncIterator[int]:
    """The server on one port for UDP and TCP; yields the port."""
    async with AsyncExitStack() as running:
        yield await _on_one_port(running)


async def _on_one_port(running: AsyncExitStack) -> int:
    while True:
        port = await running.enter_async_context(serve(_handle_tcp))
        try:
            return await running.enter_async_context(serve_datagrams(answer, port=port))
        except OSError:
            continue  # that port is free only for TCP: try another one
