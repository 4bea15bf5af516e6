"""Ways for an endpoint to be, and what `monitor check` says of each: the whole table in one run.

Placeholders such as ``{http}`` are servers of :mod:`monitor.demo.serve`; ``{ca}`` and ``{client}`` files.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from scripted import playing

from monitor.demo.process import RunningZoo
from monitor.model import Reason


@dataclass(frozen=True)
class Row:
    """``status`` is up, degraded, down or inconclusive; ``toml`` further keys of the endpoint."""

    name: str
    url: str
    status: str
    reason: str | None = None
    toml: str = ""


def up(name: str, url: str, toml: str = "") -> Row:
    return Row(name, url, "up", None, toml)


def degraded(name: str, url: str, reason: str, toml: str) -> Row:
    return Row(name, url, "degraded", reason, toml)


def down(name: str, url: str, reason: str, toml: str = "") -> Row:
    return Row(name, url, "down", reason, toml)


HURRY = 'timeout = "2s"'

WELL_BEHAVED = (
    up("healthy", "http://{http}/healthy"),
    up("HEAD", "http://{http}/healthy", 'method = "HEAD"'),
    up("no content", "http://{http}/no-content"),
    up("chunked", "http://{http}/chunked", 'expect.body = "ok, chunked"'),
    up("body until close", "http://{http}/close", 'expect.body = { contains = "ok" }'),
    up("gzip", "http://{http}/gzip", 'expect.body = { contains = "ok, zipped" }'),
    up("deflate", "http://{http}/deflate", 'expect.body = { contains = "ok, deflated" }'),
    up("latin-1", "http://{http}/latin-1", 'expect.body = "schön"'),
    up("informational answers first", "http://{http}/early-hints"),
    up("byte by byte", "http://{http}/drip"),
    up("a second after the first half", "http://{http}/slow-body?ms=300", 'expect.body = "halfhalf"'),
    up("big body", "http://{http}/size?bytes=5000000"),
    up(
        "request as told",
        "http://{http}/echo?a=b",
        'method = "PUT"\nbody = "hello"\nheaders = { X-Team = "shop" }\n'
        'expect.json = { "$.method" = "PUT", "$.body" = "hello", "$.headers[\'x-team\']" = "shop", '
        '"$.target" = "/echo?a=b" }',
    ),
    up(
        "JSON as told",
        "http://{http}/echo",
        'method = "POST"\njson = { a = [1, true] }\n'
        'expect.json = { "$.headers[\'content-type\']" = { contains = "application/json" }, '
        '"$.body" = { matches = \'"a"\' } }',
    ),
    up(
        "another address",
        "http://shop.example/echo",
        'connect_to = "{http}"\nexpect.json = { "$.headers.host" = "shop.example" }',
    ),
    up("HTTP/1.1 asked for", "https://{h2}/healthy", 'http_version = "1.1"\nexpect.http_version = "1.1"'),
    up("HTTP/2 asked for", "https://{h2}/healthy", 'http_version = "2"\nexpect.http_version = "2"'),
)

REDIRECTS = (
    up("three redirects", "http://{http}/redirect?hops=3"),
    up("as many as allowed", "http://{http}/redirect?hops=3", "max_redirects = 3"),
    up("cookie on the way", "http://{http}/cookie/set"),
    up(
        "not followed",
        "http://{http}/redirect",
        'follow_redirects = false\nexpect.status = "3xx"\nexpect.headers = { location = "/healthy" }',
    ),
    down(
        "not followed, not expected", "http://{http}/redirect", "status_mismatch", "follow_redirects = false"
    ),
    down("more than allowed", "http://{http}/redirect?hops=4", "too_many_redirects", "max_redirects = 3"),
    down("loop", "http://{http}/redirect/loop", "too_many_redirects"),
    down("to nowhere", "http://{http}/redirect/nowhere", "status_mismatch"),
    down("to a failing page", "http://{http}/redirect?to=/status", "status_mismatch"),
    down("to a refused port", "http://{http}/redirect?to=http://{refused}/", "connection_refused"),
)

EXPECTATIONS = (
    down("status", "http://{http}/status?code=503", "status_mismatch"),
    up("expected failure", "http://{http}/status?code=503", "expect.status = [404, 503]"),
    up("class of status", "http://{http}/status?code=404", 'expect.status = ["2xx", "4xx"]'),
    down("unexpected success", "http://{http}/healthy", "status_mismatch", "expect.status = 503"),
    down("body", "http://{http}/healthy", "body_mismatch", 'expect.body = { not_contains = "ok" }'),
    degraded("body, warned", "http://{http}/healthy", "body_mismatch", 'warn.body = { contains = "great" }'),
    up("header", "http://{http}/healthy", 'expect.headers = { X-Demo = "yes" }'),
    down("wrong header", "http://{http}/healthy", "header_mismatch", 'expect.headers = { x-demo = "no" }'),
    down("missing header", "http://{http}/healthy", "header_mismatch", 'expect.headers = { x-none = "no" }'),
    up("JSON", "http://{http}/json", 'expect.json = { "$.status" = "ok", "$.queue.depth" = { lt = 100 } }'),
    down(
        "wrong JSON", "http://{http}/json?status=no", "json_mismatch", 'expect.json = { "$.status" = "ok" }'
    ),
    down("missing JSON", "http://{http}/json", "json_mismatch", 'expect.json = { "$.none" = "ok" }'),
    down("no JSON at all", "http://{http}/healthy", "json_mismatch", 'expect.json = { "$.status" = "ok" }'),
    down("version", "http://{http}/healthy", "version_mismatch", 'expect.http_version = "2"'),
    down("too slow", "http://{http}/slow?ms=2500", "latency_exceeded", 'expect.latency = "100ms"'),
    degraded("rather slow", "http://{http}/slow?ms=2500", "latency_exceeded", 'warn.latency = "100ms"'),
    down(
        "the first reason in order",
        "http://{http}/status?code=503",
        "status_mismatch",
        'expect.body = "no"\nexpect.latency = "1ms"',
    ),
)

AUTHENTICATION = (
    up("basic", "http://{http}/auth/basic", 'auth = { basic = ["demo", "open sesame"] }'),
    up("basic in the URL", "http://demo:open%20sesame@{http}/auth/basic"),
    down("no password", "http://{http}/auth/basic", "status_mismatch"),
    down(
        "wrong password", "http://{http}/auth/basic", "status_mismatch", 'auth = { basic = ["demo", "no"] }'
    ),
    up("bearer", "http://{http}/auth/bearer", 'auth = { bearer = "demo-token" }'),
    up("digest", "http://{http}/auth/digest", 'auth = { digest = ["demo", "open sesame"] }'),
    up(
        "digest with SHA-256",
        "http://{http}/auth/digest?algorithm=SHA-256",
        'auth = { digest = ["demo", "open sesame"] }',
    ),
    down(
        "wrong digest", "http://{http}/auth/digest", "status_mismatch", 'auth = { digest = ["demo", "no"] }'
    ),
    up(
        "OAuth 2",
        "http://{http}/auth/bearer",
        'auth = { oauth2 = { token_url = "http://{http}/oauth2/token", client_id = "demo", '
        'client_secret = "open sesame" } }',
    ),
)

BROKEN_ANSWERS = (
    "empty",
    "cut-status",
    "cut-headers",
    "cut-body",
    "cut-chunk",
    "cut-last-chunk",
    "bad-chunk",
    "chunk-overrun",
    "garbage",
    "other-protocol",
    "http09",
    "bad-status",
    "bad-version",
    "bad-header",
    "bad-length",
    "two-lengths",
    "oversized-header",
    "endless-line",
    "endless-headers",
    "endless-hints",
    "wrong-encoding",
    "cut-gzip",
)

BROKEN_HTTP = (
    *(down(path.replace("-", " "), f"http://{{http}}/{path}", "protocol_error") for path in BROKEN_ANSWERS),
    down("reset", "http://{http}/reset", "connection_reset"),
    down("reset in the body", "http://{http}/reset-body", "connection_reset"),
    down("silence", "http://{http}/silence", "read_timeout", HURRY),
    down("body that never ends in time", "http://{http}/slow-body?ms=5000", "read_timeout", HURRY),
    down("answer slower than the timeout", "http://{http}/slow?ms=5000", "read_timeout", HURRY),
    down("drip slower than the timeout", "http://{http}/drip?ms=100", "read_timeout", HURRY),
    up("endless body, cut", "http://{http}/endless-body"),
    up("endless chunks, cut", "http://{http}/endless-chunks"),
    up("bomb, cut", "http://{http}/bomb"),
    up("unknown encoding", "http://{http}/unknown-encoding"),
    down("escape codes", "http://{http}/escapes", "status_mismatch"),
    down("escape codes in a header", "http://{http}/escaped-header", "status_mismatch"),
    down("the same, judged", "http://{http}/escaped-header", "protocol_error", "strict_http = true"),
    down("markup", "http://{http}/markup", "status_mismatch"),
    down("HTTP/2 reset", "https://{h2}/reset", "protocol_error", 'http_version = "2"'),
    down("HTTP/2 goodbye", "https://{h2}/goaway", "protocol_error", 'http_version = "2"'),
    down("HTTP/2 silence", "https://{h2}/silence", "read_timeout", f'http_version = "2"\n{HURRY}'),
    down("HTTP/2 garbage", "https://{h2-garbage}/healthy", "protocol_error", 'http_version = "2"'),
)

NETWORK = (
    down("http refused", "http://{refused}/", "connection_refused"),
    down("never accepted", "http://{unaccepted}/", "connect_timeout", HURRY),
    down("unknown name", "http://nowhere.invalid/", "dns_error"),
    down("not HTTP", "http://{tcp-banner}/", "protocol_error"),
    down("closes at once", "http://{tcp-close}/", "protocol_error"),
    down("accepts in silence", "http://{tcp-silent}/", "read_timeout", HURRY),
    down("resets at once", "http://{tcp-reset}/", "connection_reset"),
    down("resets when asked", "http://{tcp-reset-when-asked}/", "connection_reset"),
    up("HTTP proxy", "http://{http}/healthy", 'proxy = "http://{proxy}"'),
    up("HTTPS through a proxy", "https://{tls-valid}/healthy", 'proxy = "http://{proxy}"'),
    up("proxy with a login", "http://{http}/healthy", 'proxy = "http://demo:open%20sesame@{proxy-login}"'),
    up("SOCKS 5", "http://{http}/healthy", 'proxy = "socks5://{socks5}"'),
    up("HTTPS through SOCKS 5", "https://{tls-valid}/healthy", 'proxy = "socks5://{socks5}"'),
    up("SOCKS 5 login", "http://{http}/healthy", 'proxy = "socks5://demo:open%20sesame@{socks5-login}"'),
    down("refused proxy", "http://{http}/healthy", "connection_refused", 'proxy = "http://{refused}"'),
    down(
        "proxy that forbids", "http://{http}/healthy", "status_mismatch", 'proxy = "http://{proxy-refusing}"'
    ),
)

CERTIFICATES = {
    "expired": "certificate_expired",
    "expired-self-signed": "certificate_expired",
    "self-signed": "certificate_untrusted",
    "wrong-name": "certificate_name_mismatch",
    "not-yet-valid": "certificate_untrusted",
}

TLS = (
    up("https", "https://{tls-valid}/healthy", 'warn.certificate = "30d"'),
    up("tls", "tls://{tls-valid}"),
    *(down(f"https {kind}", f"https://{{tls-{kind}}}/healthy", why) for kind, why in CERTIFICATES.items()),
    *(down(f"tls {kind}", f"tls://{{tls-{kind}}}", why) for kind, why in CERTIFICATES.items()),
    up("expired, unverified", "https://{tls-expired}/healthy", "tls = { verify = false }"),
    up(
        "named otherwise",
        "https://{tls-wrong-name}/healthy",
        'tls.ca = "{ca}"\ntls.server_name = "elsewhere.example"',
    ),
    down("unknown authority", "https://{tls-valid}/healthy", "certificate_untrusted", 'group = "elsewhere"'),
    degraded(
        "https expiring", "https://{tls-expiring}/healthy", "certificate_expiring", 'warn.certificate = "30d"'
    ),
    down("tls expiring", "tls://{tls-expiring}", "certificate_expiring", 'expect.certificate = "30d"'),
    down("plain text instead of TLS", "https://{tls-plain}/", "tls_error"),
    down("tls, plain text instead", "tls://{tls-plain}", "tls_error"),
    down("handshake stalls", "https://{tls-stall}/", "tls_timeout", HURRY),
    down("tls, handshake stalls", "tls://{tls-stall}", "tls_timeout", HURRY),
    down("handshake cut", "https://{tls-cut}/", "tls_error"),
    down("handshake reset", "https://{tls-reset}/", "connection_reset"),
    down("handshake refused", "https://{tls-alert}/", "tls_error"),
    down("TLS 1.0 only", "https://{tls-strict-tls1.0}/", "tls_error"),
    down("TLS 1.1 only", "tls://{tls-strict-tls1.1}", "tls_error"),
    down(
        "older than wanted",
        "tls://{tls-strict-tls1.2}",
        "tls_error",
        'tls = { ca = "{ca}", min_version = "1.3" }',
    ),
    up("TLS 1.3 only", "tls://{tls-tls1.3}", 'tls = { ca = "{ca}", min_version = "1.3" }'),
    down("no client certificate", "tls://{tls-strict-client-cert}", "tls_error"),
    up(
        "client certificate",
        "https://{tls-client-cert}/healthy",
        'tls = { ca = "{ca}", cert = "{client}", key = "{client}" }',
    ),
    *(
        up(f"starttls {protocol}", f"tls://{{starttls-{protocol}}}", f'starttls = "{protocol}"')
        for protocol in ("smtp", "imap", "pop3", "ftp", "postgres", "ldap")
    ),
    down("no STARTTLS", "tls://{starttls-smtp-refused}", "protocol_error", 'starttls = "smtp"'),
    down(
        "PostgreSQL without TLS",
        "tls://{starttls-postgres-refused}",
        "protocol_error",
        'starttls = "postgres"',
    ),
    down("bytes before TLS", "tls://{starttls-early-bytes}", "protocol_error", 'starttls = "smtp"'),
    down("starttls with garbage", "tls://{tcp-binary}", "protocol_error", 'starttls = "smtp"'),
    down("starttls in silence", "tls://{tcp-silent}", "read_timeout", f'starttls = "smtp"\n{HURRY}'),
)

TCP = (
    up("opens", "tcp://{tcp-silent}"),
    up("greets", "tcp://{tcp-banner}", 'expect.reply = { contains = "220" }'),
    up("greets in pieces", "tcp://{tcp-pieces}", 'expect.reply = { contains = "ready" }'),
    up("answers", "tcp://{tcp-dialogue}", 'send = "PING\\r\\n"\nexpect.reply = { matches = "PONG" }'),
    up("echoes", "tcp://{tcp-echo}", 'send = "hello"\nexpect.reply = "hello"'),
    down(
        "greets otherwise",
        "tcp://{tcp-banner}",
        "reply_mismatch",
        f'expect.reply = {{ contains = "250" }}\n{HURRY}',
    ),
    down(
        "half a greeting", "tcp://{tcp-half-open}", "reply_mismatch", 'expect.reply = { contains = "ready" }'
    ),
    down(
        "says nothing",
        "tcp://{tcp-silent}",
        "read_timeout",
        f'expect.reply = {{ contains = "220" }}\n{HURRY}',
    ),
    down("talks for ever", "tcp://{tcp-endless}", "reply_mismatch", 'expect.reply = { contains = "220" }'),
    down("tcp refused", "tcp://{refused}", "connection_refused"),
    down("tcp never accepted", "tcp://{unaccepted}", "connect_timeout", HURRY),
    down("tcp unknown name", "tcp://nowhere.invalid:80", "dns_error"),
    down("tcp reset", "tcp://{tcp-reset-when-asked}", "connection_reset", 'send = "x"\nexpect.reply = "x"'),
)

DNS = (
    up("A", "dns://www.demo.test?server={dns}", 'expect.records = ["192.0.2.2", "192.0.2.1"]'),
    up("AAAA", "dns://www.demo.test?type=AAAA&server={dns}", 'expect.records = ["2001:db8::1"]'),
    up("MX", "dns://www.demo.test?type=MX&server={dns}", 'expect.records = ["10 mail.demo.test"]'),
    up("alias", "dns://alias.demo.test?server={dns}", 'expect.records = ["192.0.2.1"]'),
    up("over TCP", "dns://truncated.demo.test?server={dns}", 'expect.records = ["192.0.2.1"]'),
    down(
        "missing record",
        "dns://www.demo.test?server={dns}",
        "record_mismatch",
        'expect.records = ["192.0.2.9"]',
    ),
    *(
        down(f"DNS {label}", f"dns://{label}.demo.test?server={{dns}}", "dns_error")
        for label in ("nxdomain", "servfail", "refused", "empty")
    ),
    up("expected NXDOMAIN", "dns://nxdomain.demo.test?server={dns}", 'expect.rcode = "NXDOMAIN"'),
    down("silent server", "dns://silent.demo.test?server={dns}", "read_timeout", HURRY),
    down("wrong id", "dns://wrong-id.demo.test?server={dns}", "read_timeout", HURRY),
    down("wrong question", "dns://wrong-question.demo.test?server={dns}", "read_timeout", HURRY),
    down("DNS garbage", "dns://garbage.demo.test?server={dns}", "protocol_error"),
    down("no server there", "dns://www.demo.test?server={refused}", "connection_refused"),
)

SPOKEN = {
    "redis": "redis://{}",
    "postgres": "postgres://me@{}/db",
    "mysql": "mysql://me@{}/db",
    "smtp": "smtp://{}",
    "ssh": "ssh://{}",
    "mqtt": "mqtt://{}",
    "amqp": "amqp://{}",
    "nats": "nats://{}",
    "ldap": "ldap://{}",
    "websocket": "ws://{}/",
    "grpc": "grpc://{}/",
    "DNS over TCP": "dns://www.demo.test?server=tcp://{}",
}
"""Protocols in which the server has to say something, and how their URLs are written."""
STRANGERS = (
    ("a server of another kind", "{stranger}", "protocol_error", ""),
    ("a server that hangs up", "{tcp-close}", "protocol_error", ""),
    ("a server that hangs up on us", "{tcp-reset}", "connection_reset", ""),
    ("a server that says nothing", "{tcp-silent}", "read_timeout", HURRY),
    ("nobody", "{refused}", "connection_refused", ""),
    ("a server that is too busy", "{unaccepted}", "connect_timeout", HURRY),
    ("an unknown name", "nowhere.invalid:9", "dns_error", ""),
)
PROTOCOLS = tuple(
    down(f"{protocol}: {who}", url.format(where), reason, toml)
    for protocol, url in SPOKEN.items()
    for who, where, reason, toml in STRANGERS
    if (protocol, reason) != ("postgres", "read_timeout")  # it is asked for TLS first
)

COMMANDS = (
    up("a command that is content", "exec:echo fine"),
    Row("a command that warns", "exec:sh -c 'echo hm; exit 1'", "degraded", None),
    down("a command that fails", "exec:sh -c 'echo no; exit 2'", "command_failed"),
    down("a command that does not know", "exec:sh -c 'exit 3'", "command_failed"),
    down("a command that is killed", "exec:sh -c 'kill -9 $$$$'", "command_failed"),
    down("a command that hangs", "exec:sleep 60", "read_timeout", HURRY),
    down("a command that says otherwise", "exec:echo no", "reply_mismatch", 'expect.reply = "yes"'),
    Row("a command that is not there", "exec:/nowhere/to/be/found", "inconclusive", "local_error"),
)

DATAGRAMS = (
    up("an echo", "udp://{udp-echo}", 'send = "hello"\nexpect.reply = "hello"'),
    down("another echo", "udp://{udp-echo}", "reply_mismatch", f'send = "a"\nexpect.reply = "b"\n{HURRY}'),
    down("no echo", "udp://{udp-silent}", "read_timeout", f'send = "hello"\n{HURRY}'),
    down("no port", "udp://{refused}", "connection_refused", 'send = "hello"'),
)

SCRIPTED = (
    down("grpc: not serving", "grpc://{grpc-not-serving}/shop", "value_mismatch"),
    down("redis: no entry", "redis://{redis-no-entry}", "auth_error"),
    down("mqtt: no entry", "mqtt://{mqtt-no-entry}", "auth_error"),
    down("nats: no entry", "nats://{nats-no-entry}", "auth_error"),
    down("postgres: no entry", "postgres://me@{postgres-no-entry}/", "auth_error"),
    down("postgres: another value", "postgres://me@{postgres-x}/", "value_mismatch", 'expect.value = "y"'),
    down("postgres: more rows", "postgres://me@{postgres-x}/", "value_mismatch", "expect.rows = 2"),
    up("postgres: as expected", "postgres://me@{postgres-x}/", 'expect = { rows = 1, value = "x" }'),
    down("mysql: no entry", "mysql://me@{mysql-no-entry}/", "auth_error"),
    down("ldap: no entry", "ldap://cn%3Dme:pw@{ldap-no-entry}/", "auth_error"),
    down("websocket: no entry", "ws://{http-401}/", "auth_error"),
    down("smtp: not now", "smtp://{smtp-busy}", "protocol_error"),
    down("nobody of that family", "http://{http}/healthy", "unreachable", "ip_version = 6"),
)


def _postgres(kind: bytes, body: bytes = b"") -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


READY = _postgres(b"Z", b"I")
LET_IN = _postgres(b"R", bytes(4)) + READY
ONE_ROW = _postgres(b"D", b"\0\1\0\0\0\1x") + READY
ABILITIES = b"\xff\xf7\x2d\0\0\xff\xff\x15"
GREETING = b"\x0a8.4.0\0" + bytes(13) + ABILITIES + bytes(23) + b"mysql_native_password\0"
NOT_SERVING = (
    b"\0\0\0\4\0\0\0\0\0"  # settings
    b"\0\0\x01\1\4\0\0\0\1\x88"  # :status 200
    b"\0\0\7\0\0\0\0\0\1\0\0\0\0\2\x08\2"  # a message
    b"\0\0\x0f\1\5\0\0\0\1\0\x0bgrpc-status\x010"  # trailers
)
SCRIPTS = {
    "stranger": (b"hello\r\n" * 16_000,),
    "grpc-not-serving": (NOT_SERVING,),
    "redis-no-entry": (b"", b"-NOAUTH Authentication required.\r\n"),
    "mqtt-no-entry": (b"", b"\x20\x02\x00\x05"),
    "nats-no-entry": (b'INFO {"auth_required":true}\r\n', b"-ERR 'Authorization Violation'\r\n"),
    "postgres-no-entry": (b"", b"N", _postgres(b"E", b"SFATAL\0C28P01\0Mno\0\0")),
    "postgres-x": (b"", b"N", LET_IN, ONE_ROW),
    "mysql-no-entry": (
        len(GREETING).to_bytes(3, "little") + b"\0" + GREETING,
        b"\x15\0\0\2\xff\x15\x04#28000Access denied",
    ),
    "ldap-no-entry": (b"", b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00"),
    "http-401": (b"", b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"),
    "smtp-busy": (b"421 too busy\r\n",),
}

PUSH = (down("no heartbeat", "push:nobody", "missed", 'interval = "200ms"'),)

ROWS = (
    *WELL_BEHAVED,
    *REDIRECTS,
    *EXPECTATIONS,
    *AUTHENTICATION,
    *BROKEN_HTTP,
    *NETWORK,
    *TLS,
    *TCP,
    *DNS,
    *PROTOCOLS,
    *COMMANDS,
    *DATAGRAMS,
    *SCRIPTED,
    *PUSH,
)

HEADER = """
[monitor]
listen = "127.0.0.1:0"
[defaults]
timeout = "8s"
[groups.web]
tls = { ca = "{ca}" }
"""
WEB = ("http", "tls")
PLACE = re.compile(r"\{([a-z0-9.-]+)\}")


def _endpoint(row: Row) -> str:
    own_group = row.toml.startswith("group")
    group = 'group = "web"' if row.url.startswith(WEB) and not own_group else ""
    return f"[[endpoints]]\nname = {json.dumps(row.name)}\nurl = {json.dumps(row.url)}\n{group}\n{row.toml}\n"


def _config(zoo: RunningZoo, scripted: Mapping[str, str]) -> str:
    places = {**zoo.addresses, **scripted, "ca": zoo.ca, "client": zoo.client}
    text = HEADER + "\n".join(map(_endpoint, ROWS))
    return PLACE.sub(lambda place: places[place[1]], text)


@pytest.fixture(scope="module")
def results(zoo: RunningZoo, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Any]]:
    """Every row checked, all at the same time."""
    config: Path = tmp_path_factory.mktemp("faults") / "monitor.toml"
    with playing(SCRIPTS) as scripted:
        config.write_text(_config(zoo, scripted), encoding="utf-8")
        found = _check(config)
        busy = [row.name for row in ROWS if found[row.name]["reason"] == "local_error" != row.reason]
        return {**found, **(_check(config, *busy) if busy else {})}  # once more: this machine was too busy


def _check(config: Path, *names: str) -> dict[str, dict[str, Any]]:
    selection = [part for name in names for part in ("--select", f"name:{name}")]
    command = [
        sys.executable,
        "-P",
        "-m",
        "monitor",
        "check",
        "-c",
        str(config),
        "--format",
        "json",
        *selection,
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert (run.returncode, run.stderr) == (1, "")
    return {result["endpoint"]: result for result in json.loads(run.stdout)["results"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_check_says_how_an_endpoint_is(row: Row, results: Mapping[str, Mapping[str, Any]]):
    result = results[row.name]
    assert (result["status"], result["reason"]) == (row.status, row.reason), result["message"]


def test_every_reason_there_is_is_reached():
    assert {reason.value for reason in Reason} - {row.reason for row in ROWS} == set()


def test_every_row_is_answered_in_the_order_of_the_config(results: Mapping[str, Mapping[str, Any]]):
    assert list(results) == [row.name for row in ROWS]


def test_no_message_can_harm_a_terminal(results: Mapping[str, Mapping[str, Any]]):
    said = [result["message"] for result in results.values()]
    assert not [message for message in said if re.search(r"[\x00-\x1f\x7f-\x9f]", message)]


def test_what_is_not_up_says_why_in_words(results: Mapping[str, Mapping[str, Any]]):
    silent = [name for name, result in results.items() if result["reason"] and not result["message"]]
    assert not silent


def test_phases_add_up_to_no_more_than_the_latency(results: Mapping[str, Mapping[str, Any]]):
    timed = [result for result in results.values() if result["latency_ms"] is not None]
    late = [each["endpoint"] for each in timed if sum(each["phases_ms"].values()) > each["latency_ms"] + 0.01]
    assert timed
    assert not late


def test_a_body_is_never_read_beyond_its_limit(results: Mapping[str, Mapping[str, Any]]):
    read = {name: result["http"]["bytes"] for name, result in results.items() if result.get("http")}
    assert max(read.values()) == 1 << 20
    assert read["bomb, cut"] == 1 << 20


def test_no_password_is_shown(results: Mapping[str, Mapping[str, Any]]):
    assert "sesame" not in json.dumps(results)
