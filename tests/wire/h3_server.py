"""A real HTTP/3 server, aioquic's own, with temperaments by path."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import QuicServer
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent
from cryptography.hazmat.primitives.serialization import Encoding

from monitor.demo.certs import Authority

Answer = Callable[["H3Server", int, Mapping[bytes, bytes], bytes], None]


class H3Server(QuicConnectionProtocol):
    """One connection."""

    def __init__(self, *arguments: object, **keys: object) -> None:
        super().__init__(*arguments, **keys)  # type: ignore[arg-type]
        self.session = H3Connection(self._quic)
        self._asked: dict[int, tuple[dict[bytes, bytes], bytearray]] = {}

    def quic_event_received(self, event: QuicEvent) -> None:
        for told in self.session.handle_event(event):
            if isinstance(told, HeadersReceived):
                self._asked[told.stream_id] = dict(told.headers), bytearray()
            elif isinstance(told, DataReceived):
                self._asked[told.stream_id][1].extend(told.data)
            if getattr(told, "stream_ended", False):
                headers, body = self._asked.pop(told.stream_id)
                ANSWERS.get(headers[b":path"], missing)(self, told.stream_id, headers, bytes(body))
                self.transmit()

    def send(
        self,
        stream: int,
        body: bytes = b"",
        *,
        status: bytes = b"200",
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        self.session.send_headers(stream, [(b":status", status), *headers])
        self.session.send_data(stream, body, end_stream=True)


def missing(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.send(stream, status=b"404")


def healthy(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.send(
        stream, b"ok over h3\n", headers=[(b"content-type", b"text/plain"), (b"alt-svc", b'h3=":443"')]
    )


def echo(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.send(
        stream, body, headers=[(b"x-method", headers[b":method"]), (b"x-host", headers[b":authority"])]
    )


def head(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.session.send_headers(stream, [(b":status", b"200"), (b"content-length", b"1000")], end_stream=True)


def big(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.send(stream, b"x" * 3_000_000)


def compressed(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.send(stream, gzip.compress(b"ok " * 1000), headers=[(b"content-encoding", b"gzip")])


def hints(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.session.send_headers(stream, [(b":status", b"103"), (b"link", b"</a.css>")])
    server.send(stream, b"ok")


def trailers(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.session.send_headers(stream, [(b":status", b"200")])
    server.session.send_data(stream, b"ok", end_stream=False)
    server.session.send_headers(stream, [(b"x-sum", b"1")], end_stream=True)


def redirect(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.send(stream, status=b"302", headers=[(b"location", b"/healthy")])


def silence(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    """Never answers."""


def half(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    """Never ends."""
    server.session.send_headers(stream, [(b":status", b"200")])
    server.session.send_data(stream, b"to be", end_stream=False)


def reset(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server._quic.reset_stream(stream, 0x102)


def close(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server._quic.close(error_code=0x107, reason_phrase="enough \x1b[2J")


def short(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    server.send(stream, b"short", headers=[(b"content-length", b"1000")])


def nothing(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    """Ends the stream without an answer."""
    server._quic.send_stream_data(stream, b"", end_stream=True)


def garbage(server: H3Server, stream: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
    """Sends a body without headers."""
    server._quic.send_stream_data(stream, b"\x00\x05hello", end_stream=True)


ANSWERS: Mapping[bytes, Answer] = {
    f"/{answer.__name__}".encode(): answer
    for answer in (
        healthy, echo, head, big, compressed, hints, trailers, redirect, silence, half, reset, close, short,
        nothing, garbage,
    )
}  # fmt: skip


class Encoded:
    """A certificate that goes out as these bytes."""

    def __init__(self, encoded: bytes, real: object = None) -> None:
        self._encoded, self._real = encoded, real

    def public_bytes(self, _encoding: Encoding) -> bytes:
        return self._encoded

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


@asynccontextmanager
async def serve_h3(
    authority: Authority,
    kind: str = "valid",
    *,
    retry: bool = False,
    alpn: list[str] = H3_ALPN,
    versions: list[int] | None = None,
    host: str = "127.0.0.1",
    changed: Callable[[bytes], bytes] = bytes,
    also: Sequence[bytes] = (),
) -> AsyncIterator[int]:
    """A server with that kind of certificate, ``changed``, and ``also`` others; yields the port."""
    configuration = QuicConfiguration(is_client=False, alpn_protocols=alpn)
    configuration.load_cert_chain(authority.pem(kind))
    der = configuration.certificate.public_bytes(Encoding.DER)
    configuration.certificate = Encoded(changed(der), configuration.certificate)
    configuration.certificate_chain += [Encoded(one) for one in also]
    if versions is not None:
        configuration.supported_versions = versions
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: QuicServer(configuration=configuration, create_protocol=H3Server, retry=retry),
        local_addr=(host, 0),
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        server.close()
