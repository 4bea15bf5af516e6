"""What well-behaved servers say, for mutations to begin with."""

from __future__ import annotations

import gzip
import hashlib
import ssl
import struct
import zlib
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

import dns.flags
import dns.message
import dns.rrset
from h2.config import H2Configuration
from h2.connection import H2Connection

from monitor.demo.certs import Authority


def http(body: bytes = b"ok\n", *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\nwiki\r\n5;x=y\r\npedia\r\n0\r\nTrailer: a\r\n\r\n"
)
HTTP = (
    http(),
    http(b'{"status": "ok", "queue": {"depth": 3}}', "Content-Type: application/json; charset=utf-8"),
    http(gzip.compress(b"ok" * 50), "Content-Encoding: gzip"),
    http(zlib.compress(b"ok" * 50), "Content-Encoding: deflate"),
    http(b"x", "Content-Encoding: br"),
    http(bytes.fromhex("28b52ffd0400190000686579214208a4"), "Content-Encoding: zstd"),
    http(b"", "Location: /elsewhere?a=b#c", "Set-Cookie: a=b; Path=/; Max-Age=60", status="302 Found"),
    http(
        b"", 'WWW-Authenticate: Digest realm="a", nonce="b", qop="auth", algorithm=SHA-256', status="401 No"
    ),
    http(b'{"access_token": "abc", "expires_in": 3600}', "Content-Type: application/json"),
    b"HTTP/1.1 100 Continue\r\n\r\n" + http(),
    CHUNKED,
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
)


def http2(
    *headers: tuple[str, str], body: bytes = b"ok", trailers: tuple[tuple[str, str], ...] = ()
) -> bytes:
    """What an HTTP/2 server sends for the first request of a connection."""
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    asked = [(":method", "GET"), (":path", "/"), (":scheme", "http"), (":authority", "a")]
    client.send_headers(1, asked, end_stream=True)
    server = H2Connection(H2Configuration(client_side=False))
    server.initiate_connection()
    server.receive_data(client.data_to_send())
    server.send_headers(1, [(":status", "200"), *headers])
    server.send_data(1, body, end_stream=not trailers)
    if trailers:
        server.send_headers(1, list(trailers), end_stream=True)
    return server.data_to_send()


HTTP2 = (http2(("content-type", "text/plain")), http2(("x", "y"), body=b"z" * 300))
GRPC = (
    http2(
        ("content-type", "application/grpc"),
        body=b"\0\0\0\0\2\x08\x01",
        trailers=(("grpc-status", "0"), ("grpc-message", "fine")),
    ),
)

ACCEPT = b"<accept>"
"""Stands for what a WebSocket server makes of our key."""
_SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: <accept>\r\n\r\n"
)
WEBSOCKET = (
    _SWITCHED + b"\x81\x05hello",
    _SWITCHED + b"\x89\x02hi\x01\x02he\x80\x03llo\x82\x7e\x01\x00" + b"x" * 256,
    _SWITCHED + b"\x81\x00\x88\x02\x03\xe8",
)


def accepted(request: bytes, data: bytes) -> bytes:
    """``data`` with the answer to the key in ``request``."""
    nonce = request.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
    digest = hashlib.sha1(nonce + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    return data.replace(ACCEPT, b64encode(digest))


def _dns() -> bytes:
    query = dns.message.make_query("a.test", "A", id=0x3C3E)
    reply = dns.message.make_response(query)
    reply.answer.append(dns.rrset.from_text("a.test.", 60, "IN", "A", "192.0.2.1"))
    reply.flags |= dns.flags.RA
    return reply.to_wire()


DNS = (_dns(),)
DNS_OVER_TCP = tuple(len(wire).to_bytes(2, "big") + wire for wire in DNS)


def same_id(request: bytes, data: bytes) -> bytes:
    """``data`` as an answer to the UDP ``request``: only the right id is read any further."""
    return request[:2] + data[2:]


def same_id_over_tcp(request: bytes, data: bytes) -> bytes:
    return data[:2] + request[2:4] + data[4:]


# ── databases, brokers, directories ─────────────────────────────────────────────────────────────


def _postgres(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


_LET_IN = (
    _postgres(b"R", struct.pack(">I", 0))
    + _postgres(b"S", b"server_version\x0015.3\0")
    + _postgres(b"K", bytes(8))
    + _postgres(b"Z", b"I")
)
_ROWS = (
    _postgres(b"T", b"\0\1a\0" + bytes(18))
    + _postgres(b"D", b"\0\1\0\0\0\1x")
    + _postgres(b"C", b"SELECT 1\0")
    + _postgres(b"Z", b"I")
)
POSTGRES = (
    b"N" + _LET_IN + _ROWS,
    b"N" + _postgres(b"R", struct.pack(">I", 5) + b"salt") + _LET_IN + _ROWS,
    b"N"
    + _postgres(b"R", struct.pack(">I", 10) + b"SCRAM-SHA-256\0\0")
    + _postgres(b"R", struct.pack(">I", 11)),
    b"N" + _postgres(b"E", b"SFATAL\0C28P01\0Mno\0\0"),
)


def _mysql(number: int, data: bytes) -> bytes:
    return len(data).to_bytes(3, "little") + bytes([number]) + data


_HELLO = (
    b"\x0a8.4.0\0"
    + bytes(4)
    + b"noncenon"
    + b"\0\xff\xf7\x2d\0\0\xff\xff\x15"
    + bytes(10)
    + b"cenoncenonce\0"
)
_OK = b"\x00\x00\x00\x02\x00\x00\x00"
_END = b"\xfe\0\0\2\0"
MYSQL = tuple(
    _mysql(0, _HELLO + plugin + b"\0") + answer
    for plugin in (b"mysql_native_password", b"caching_sha2_password", b"sha256_password")
    for answer in (
        _mysql(2, _OK) + _mysql(1, _OK),
        _mysql(2, b"\x01\x03") + _mysql(3, _OK) + _mysql(1, _OK),
        _mysql(2, b"\xfeclient_ed25519\0" + bytes(32)) + _mysql(4, _OK) + _mysql(1, _OK),
        _mysql(2, _OK)
        + _mysql(1, b"\x01")
        + _mysql(2, b"\3def\0\0\0\1a\0\x0c" + bytes(12))
        + _mysql(3, _END)
        + _mysql(4, b"\1x")
        + _mysql(5, _END),
        _mysql(2, b"\xff\x15\x04#28000Access denied"),
    )
)
REDIS = (
    b"+PONG\r\n",
    b"+OK\r\n+PONG\r\n",
    b"$3\r\nabc\r\n",
    b"*2\r\n:1\r\n$-1\r\n",
    b"-ERR no\r\n",
    b"_\r\n",
)
NATS = (b'INFO {"server_id":"a","version":"2.10.0","tls_required":false}\r\n+OK\r\nPONG\r\n',)
MQTT = (
    b"\x20\x02\x00\x00",
    b"\x20\x02\x00\x05",
    b"\x20\x03\x00\x84\x00",
    b"\x20\x82\x01\x00\x01" + bytes(128),
)
_START = (
    b"\0\x0a\0\x0a\0\x09"
    + struct.pack(">I", 0)
    + struct.pack(">I", 5)
    + b"PLAIN"
    + struct.pack(">I", 5)
    + b"en_US"
)


def _amqp(payload: bytes) -> bytes:
    return b"\1\0\0" + len(payload).to_bytes(4, "big") + payload + b"\xce"


AMQP = (
    _amqp(_START) + _amqp(b"\0\x0a\0\x1e" + struct.pack(">HIH", 0, 131072, 60)) + _amqp(b"\0\x0a\0\x29\0"),
    _amqp(_START) + _amqp(b"\0\x0a\0\x32" + struct.pack(">H", 403) + b"\x02no\0\0\0\0"),
)
LDAP = (
    b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
    b"\x30\x10\x02\x01\x01\x61\x0b\x0a\x01\x31\x04\x00\x04\x04oops",
)
SMTP = (
    b"220 mail ESMTP\r\n250-mail\r\n250 AUTH PLAIN\r\n235 ok\r\n221 bye\r\n",
    b"220 mail ESMTP\r\n250-mail\r\n250 AUTH LOGIN\r\n334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 ok\r\n",
)
SSH = (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", b"hello\r\nSSH-2.0-x y\r\n")
BANNER = (b"hello\r\n", b"\x1b[2Jhello [bold]you[/bold]\r\n")

# ── on the way ──────────────────────────────────────────────────────────────────────────────────

STARTTLS = {
    "smtp": (b"220 a ESMTP\r\n250-a\r\n250 STARTTLS\r\n220 go\r\n",),
    "lmtp": (b"220 a LMTP\r\n250-a\r\n250 STARTTLS\r\n220 go\r\n",),
    "mysql": (MYSQL[0],),
    "xmpp": (b"<stream:stream id='1'><stream:features><starttls/></stream:features><proceed xmlns='x'/>",),
    "sieve": (b'"IMPLEMENTATION" "a"\r\n"STARTTLS"\r\nOK "ready"\r\nOK "go"\r\n',),
    "nntp": (b"200 ready\r\n101 these\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n382 go\r\n",),
    "irc": (b":a NOTICE * :hello\r\n:a 670 * :go\r\n",),
    "imap": (b"* OK ready\r\n* CAPABILITY\r\na1 OK go\r\n",),
    "pop3": (b"+OK ready\r\n+OK go\r\n",),
    "ftp": (b"220-hi\r\n220 ready\r\n234 go\r\n",),
    "postgres": (b"S", b"N"),
    "ldap": (b"\x30\x24\x02\x01\x01\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20037",),
}
QUIC = (
    b"\xc0\0\0\0\1\x08abcdefgh\x08ijklmnop\0\x44\0" + bytes(1024),
    b"\x80\0\0\0\0\x08abcdefgh\x08ijklmnop\0\0\0\1\x1a\x2a\x3a\x4a",
    b"\xf0\0\0\0\1\x08abcdefgh\x08ijklmnoptoken" + bytes(16),
    b"\x40abcdefgh" + bytes(32),
)
HTTP_PROXY = (
    b"HTTP/1.1 200 Connection established\r\n\r\n",
    b"HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno",
)
SOCKS = (
    b"\5\0\5\0\0\1\x7f\0\0\1\0\x50" + http(),
    b"\5\2\1\0\5\0\0\3\4host\0\x50" + http(),
    b"\5\xff",
)
TLS = (
    b"\x15\x03\x01\x00\x02\x02\x28",
    b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"
    + bytes(32)
    + b"\x20"
    + bytes(32)
    + b"\x13\x02\x00\x00\x2e",
)


def _certificates() -> tuple[bytes, ...]:
    with TemporaryDirectory() as name:
        authority = Authority(Path(name))
        texts = [
            authority.ca.read_text(),
            authority.pem("valid").read_text().partition("-----BEGIN PRIVATE")[0],
        ]
    ours = map(ssl.PEM_cert_to_DER_cert, texts)
    return (*ours, *ssl.create_default_context().get_ca_certs(binary_form=True))


CERTIFICATES = _certificates()

URLS = (
    b"postgres://u:p%40ss@db.example:5432/shop?sslmode=require",
    b"http://[fe80::1%25eth0]:80/a?b#c",
    "https://straße.example./ü".encode(),
)

REPORTED_AT = 1_800_000_000.0
REPORTS = (
    (
        b'{"agent":"a","result":{"endpoint":"a","status":"up","reason":null,"message":"200 OK",'
        b'"checked_at":1800000000.5,"latency_ms":1.5,"phases_ms":{"dns":1.0},"http":{"status":200,"version":"HTTP/1.1"}}}'
    ),
    (
        b'{"agent":"a","result":{"endpoint":"a","status":"down","reason":"tls_error","message":"\\u001b[2J",'
        b'"checked_at":1800000000.5,"certificate":{"subject":"CN=a","issuer":"CN=b","not_before":1,"not_after":2},'
        b'"failed":[{"check":"status","severity":"expect","expected":"200","actual":"503","reason":"status_mismatch"}],'
        b'"explanation":{"asked":"GET /","hops":[{"asked":"GET /","answered":"503"}],"answer":"a"}}}'
    ),
)
