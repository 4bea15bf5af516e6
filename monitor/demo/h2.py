"""HTTP/2 temperaments, over TLS (chosen by ALPN) or in clear with prior knowledge."""

from __future__ import annotations

import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import RequestReceived
from h2.exceptions import ProtocolError

from monitor.demo.certs import Authority
from monitor.demo.server import Handler

Stream = Callable[[H2Connection, int, Mapping[str, str]], None]
"""Handles one request, given its stream and query."""


def healthy(connection: H2Connection, stream: int, query: Mapping[str, str]) -> None:
    """``?code=200``."""
    connection.send_headers(stream, [(":status", query.get("code", "200")), ("content-type", "text/plain")])
    connection.send_data(stream, b"ok over h2\n", end_stream=True)


def silence(connection: H2Connection, stream: int, query: Mapping[str, str]) -> None:
    """Never answers."""


def reset(connection: H2Connection, stream: int, query: Mapping[str, str]) -> None:  # noqa: ARG001
    connection.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)


def goaway(connection: H2Connection, stream: int, query: Mapping[str, str]) -> None:  # noqa: ARG001
    connection.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)


def cut_body(connection: H2Connection, stream: int, query: Mapping[str, str]) -> None:  # noqa: ARG001
    """Promises more than it sends before it resets the stream."""
    connection.send_headers(stream, [(":status", "200"), ("content-length", "1000")])
    connection.send_data(stream, b"too short")
    connection.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)


STREAMS: Mapping[str, Stream] = {
    "/healthy": healthy,
    "/silence": silence,
    "/reset": reset,
    "/goaway": goaway,
    "/cut-body": cut_body,
}
"""Path -> temperament; any other path is a 404."""


async def handle(reader: StreamReader, writer: StreamWriter) -> None:
    """One HTTP/2 connection."""
    connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
    connection.initiate_connection()
    writer.write(connection.data_to_send())
    try:
        while data := await reader.read(65536):
            _receive(connection, data)
            writer.write(connection.data_to_send())
    except ProtocolError:
        writer.write(connection.data_to_send())  # says why in a GOAWAY


def _receive(connection: H2Connection, data: bytes) -> None:
    for event in connection.receive_data(data):
        if isinstance(event, RequestReceived):
            assert event.headers is not None
            assert event.stream_id is not None
            _answer(connection, event.stream_id, dict(event.headers))


def _answer(connection: H2Connection, stream: int, headers: Mapping[bytes | str, bytes | str]) -> None:
    target = urlsplit(str(headers[":path"]))
    if target.path in STREAMS:
        STREAMS[target.path](connection, stream, dict(parse_qsl(target.query)))
    else:
        healthy(connection, stream, {"code": "404"})


async def garbage(reader: StreamReader, writer: StreamWriter) -> None:
    """Agrees to HTTP/2 and sends something else."""
    await reader.read(1)
    writer.write(b"this is no frame at all\r\n" * 10)


def negotiating(context: ssl.SSLContext) -> ssl.SSLContext:
    """``context``, offering HTTP/2 and HTTP/1.1."""
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def context(authority: Authority) -> ssl.SSLContext:
    """A valid certificate and both versions of HTTP."""
    return negotiating(authority.server_context())


def either(http1: Handler, http2: Handler = handle) -> Handler:
    """``http2`` for clients that negotiated it, ``http1`` for the others."""

    async def choose(reader: StreamReader, writer: StreamWriter) -> None:
        agreed = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        await (http2 if agreed == "h2" else http1)(reader, writer)

    return choose
