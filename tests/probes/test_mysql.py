"""MySQL checks, against MariaDB and scripted servers."""

import hashlib
import socket
import ssl
import subprocess
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from databases import checker
from hypothesis import given
from hypothesis import strategies as st
from servers import NASTY_PASSWORDS, folder_of, free_port, run_as, running

from monitor.checks.run_probe import run_probe
from monitor.config.interpolate import Interpolation
from monitor.demo.certs import Authority
from monitor.demo.server import Handler, serve
from monitor.errors import ProbeError
from monitor.model import Reason, Status
from monitor.probes.mysql import Mysql, _cells
from monitor.redact import as_url
from monitor.wire.tls import TlsOptions

USERS = """
CREATE USER alice@'127.0.0.1' IDENTIFIED BY 'open sesame';
CREATE USER nobody@'127.0.0.1' IDENTIFIED BY '';
INSTALL SONAME 'auth_ed25519';
CREATE USER eddy@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('pässword, of any length: 0123456789');
CREATE DATABASE shop;
GRANT ALL ON shop.* TO alice@'127.0.0.1';
"""
for _number, _password in enumerate(NASTY_PASSWORDS):
    _quoted = _password.replace("\\", "\\\\").replace("'", "''")
    USERS += f"CREATE USER odd{_number}@'127.0.0.1' IDENTIFIED BY '{_quoted}';\n"


@pytest.fixture(scope="module")
def port(needs: Callable[[str], str], authority: Authority) -> Iterator[int]:
    """The port of a real server, with TLS."""
    install, server, port = needs("mariadb-install-db"), needs("mariadbd"), free_port()
    pem = authority.pem("valid").read_bytes()
    with folder_of("mysql") as folder:
        data, user = folder / "data", run_as("mysql")
        (folder / "server.pem").write_bytes(pem)
        options = [f"--datadir={data}", "--skip-name-resolve"]
        subprocess.run(
            [install, "--no-defaults", *options, "--auth-root-authentication-method=normal"],
            check=True,
            capture_output=True,
            cwd=folder,
            **user,  # type: ignore[call-overload]
        )
        options += [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/sock"]
        options += [f"--ssl-cert={folder}/server.pem", f"--ssl-key={folder}/server.pem"]
        with running([server, "--no-defaults", *options], port, folder=folder, **user):
            client = [needs("mariadb"), "--no-defaults", "--wait", f"--socket={folder}/sock", "-u", "root"]
            subprocess.run(client, input=USERS, text=True, check=True, capture_output=True)
            yield port


check = checker(Mysql)


@pytest.mark.parametrize("mode", ["disable", "prefer", "require"])
async def test_a_real_server_lets_us_in(port: int, mode: str) -> None:
    result = await check(f"mysql://alice:open%20sesame@127.0.0.1:{port}/shop?sslmode={mode}")
    assert (result.status, result.reason) == (Status.UP, None)
    assert result.message.startswith("MariaDB 1")
    assert result.message.endswith(", 1 row")
    assert ("tls" in result.phases_ms) is (mode != "disable")


@pytest.mark.parametrize("mode", ["disable", "require"])
async def test_ed25519_is_spoken(port: int, mode: str) -> None:
    password = quote("pässword, of any length: 0123456789", safe="")
    url = f"mysql://eddy:{{}}@127.0.0.1:{port}?sslmode={mode}"
    result = await check(url.format(password))
    assert (result.status, result.reason) == (Status.UP, None)
    assert (await check(url.format("wrong"))).reason is Reason.AUTH_ERROR


async def test_a_user_without_a_password_may_log_in(port: int) -> None:
    assert (await check(f"mysql://nobody@127.0.0.1:{port}")).status is Status.UP


@pytest.mark.parametrize(
    "login", ["alice:wrong@127.0.0.1:{}", "bob:x@127.0.0.1:{}", "alice@127.0.0.1:{}/shop"]
)
async def test_who_may_not_enter_is_an_auth_error(port: int, login: str) -> None:
    assert (await check(f"mysql://{login.format(port)}")).reason is Reason.AUTH_ERROR


async def test_the_certificate_is_verified_where_that_is_asked_for(port: int, authority: Authority) -> None:
    url = f"mysql://nobody@localhost:{port}"
    assert (await check(f"{url}?sslmode=verify-full")).reason is Reason.CERTIFICATE_UNTRUSTED
    result = await check(url, tls=TlsOptions(ca=str(authority.ca)))
    assert result.certificate is not None


@pytest.mark.parametrize(
    ("query", "rows", "value", "reason"),
    [
        ("SELECT 42", 1, {"ge": 42}, None),
        ("SELECT REPEAT('x', 70000)", 1, {"matches": "^x{1000}"}, None),
        ("SELECT REPEAT('x', 300)", 1, {"matches": "^x{300}$"}, None),
        (
            "WITH RECURSIVE n AS (SELECT 7 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 800) SELECT i FROM n",
            794,
            "7",
            None,
        ),
        ("SELECT NULL", 1, None, None),
        ("SELECT 1 FROM dual WHERE false", 0, {"exists": False}, None),
        ("SELECT 1, 2, 3", 1, "2", Reason.VALUE_MISMATCH),
        ("SELECT nonsense", None, None, Reason.PROTOCOL_ERROR),
        ("SELECT 'grün', NULL, ''", 1, "grün", None),
        ("SELECT " + ", ".join(["1"] * 300), 1, "1", None),
        ("SELECT REPEAT('x', 1000) FROM seq_1_to_100000", None, None, Reason.PROTOCOL_ERROR),
        ("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t", None, None, Reason.PROTOCOL_ERROR),
        ("DO 1", 0, None, None),
    ],
)
async def test_what_the_query_gives_is_matched(
    port: int, query: str, rows: object, value: object, reason: Reason | None
) -> None:
    url = f"mysql://alice:open%20sesame@127.0.0.1:{port}/shop"
    assert (await check(url, rows, value, query=query)).reason is reason


async def test_what_came_and_what_was_refused_is_told_in_the_servers_words(port: int) -> None:
    url = f"mysql://alice:open%20sesame@127.0.0.1:{port}/shop"
    seen = await run_probe(Mysql(url=url, query="SELECT 1, NULL, 'x'"), 5.0)
    assert seen.explanation is not None
    assert seen.explanation.answer == "1 | NULL | x"
    assert seen.phases_ms.keys() == {"connect", "tls", "login", "wait", "transfer"}
    refused = await check(url, query="SELECT nonsense")
    assert refused.message.startswith("the server refused: Unknown column 'nonsense'")
    assert refused.message.endswith("(1054)")


@pytest.mark.parametrize("mode", ["disable", "prefer"])
async def test_an_unknown_database_is_told_by_its_name(port: int, mode: str) -> None:
    result = await check(f"mysql://root@127.0.0.1:{port}/nowhere?sslmode={mode}")
    assert result.reason is Reason.PROTOCOL_ERROR
    assert "Unknown database 'nowhere' (1049)" in result.message


# ---- what MariaDB does not speak: caching_sha2_password

NONCE = b"abcdefgh12345678ijkl"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def packet(number: int, data: bytes) -> bytes:
    return len(data).to_bytes(3, "little") + bytes([number]) + data


def greeting(plugin: bytes = b"caching_sha2_password", *, tls: bool = False) -> bytes:
    abilities = b"\xff\xff" if tls else b"\xff\xf7"
    head = b"\x0a8.4.0\0" + bytes(4) + NONCE[:8] + b"\0" + abilities + b"\x2d" + bytes(2) + b"\xff\xff\x15"
    return packet(0, head + bytes(10) + NONCE[8:] + b"\0" + plugin + b"\0")


EMPTY = packet(2, b"\xfe\0\0\0\0")
OK = b"\x00\x00\x00\x02\x00\x00\x00"


async def _packet(reader: StreamReader) -> bytes:
    head = await reader.readexactly(4)
    return await reader.readexactly(int.from_bytes(head[:3], "little"))


def scrambled(password: bytes) -> bytes:
    inner = hashlib.sha256(password).digest()
    mask = hashlib.sha256(hashlib.sha256(inner).digest() + NONCE).digest()
    return bytes(a ^ b for a, b in zip(inner, mask, strict=True))


def mysql8(*, cached: bool) -> Handler:
    """A server whose only user has the password "open sesame"."""

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(greeting())
        login = await _packet(reader)
        assert scrambled(b"open sesame") in login
        if cached:
            writer.write(packet(2, b"\x01\x03") + packet(3, OK))
        else:
            writer.write(packet(2, b"\x01\x04"))
            assert await _packet(reader) == b"\x02"
            form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            writer.write(packet(4, b"\x01" + KEY.public_key().public_bytes(*form)))
            secret = KEY.decrypt(
                await _packet(reader), padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
            )
            mask = NONCE * 2
            assert bytes(a ^ b for a, b in zip(secret, mask, strict=False)) == b"open sesame\0"
            writer.write(packet(6, OK))
        assert await _packet(reader) == b"\x03SELECT 1"
        writer.write(packet(1, OK))
        await reader.read()

    return talk


@pytest.mark.parametrize("cached", [True, False])
async def test_caching_sha2_passwords_are_known_or_sent_encrypted(cached: bool) -> None:
    async with serve(mysql8(cached=cached)) as port:
        result = await check(f"mysql://alice:open%20sesame@127.0.0.1:{port}?sslmode=disable")
    assert (result.status, result.message) == (Status.UP, "MySQL 8.4.0, 0 rows")


@pytest.mark.parametrize("switched", [True, False])
async def test_sha256_passwords_are_sent_encrypted(switched: bool) -> None:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(greeting(b"mysql_native_password" if switched else b"sha256_password"))
        login, number = await _packet(reader), 2
        assert b"open sesame" not in login
        if switched:
            writer.write(packet(2, b"\xfesha256_password\0" + NONCE + b"\0"))
            assert await _packet(reader) == b"\x01"
            number = 4
        form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        writer.write(packet(number, b"\x01" + KEY.public_key().public_bytes(*form)))
        secret = KEY.decrypt(
            await _packet(reader), padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
        )
        assert bytes(a ^ b for a, b in zip(secret, NONCE * 2, strict=False)) == b"open sesame\0"
        writer.write(packet(number + 2, OK))
        assert await _packet(reader) == b"\x03SELECT 1"
        writer.write(packet(1, OK))
        await reader.read()

    async with serve(talk) as port:
        result = await check(f"mysql://alice:open%20sesame@127.0.0.1:{port}?sslmode=disable")
    assert (result.status, result.message) == (Status.UP, "MySQL 8.4.0, 0 rows")


async def test_a_login_that_we_cannot_do_says_nothing_of_the_server() -> None:
    async with serve(says(greeting(), packet(2, b"\xfedialog\0"))) as port:
        result = await check(f"mysql://a:b@127.0.0.1:{port}?sslmode=disable")
    assert result.status is Status.INCONCLUSIVE
    assert result.message.startswith("the server requires a login by dialog; monitor supports ")


def says(*answers: bytes) -> Handler:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        for answer in answers:
            writer.write(answer)
            await writer.drain()
            await reader.read(1000)

    return talk


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ((b"HTTP/1.1 400 Bad Request\r\n",), Reason.PROTOCOL_ERROR),
        ((packet(0, b"\x0a8.0"),), Reason.PROTOCOL_ERROR),
        ((packet(0, b"\xff\x10\x04Too many connections"),), Reason.PROTOCOL_ERROR),
        ((packet(0, b"\xff\x6a\x04Host is not allowed"),), Reason.AUTH_ERROR),
        ((greeting(), packet(2, b"\xfedialog\0")), Reason.LOCAL_ERROR),
        ((greeting(), packet(2, b"\x01\x04"), packet(4, b"\x01nonsense")), Reason.PROTOCOL_ERROR),
        ((greeting(), packet(2, b"\x01\x05")), Reason.PROTOCOL_ERROR),
        ((greeting(b"mysql_native_password"), packet(2, b"\x01\x04")), Reason.PROTOCOL_ERROR),
        ((greeting(), packet(2, b"")), Reason.PROTOCOL_ERROR),
        ((greeting(), packet(2, OK), packet(1, b"\xfb/etc/passwd")), Reason.PROTOCOL_ERROR),
        ((greeting(), packet(2, OK), packet(1, b"\xfe" + b"\xff" * 8)), Reason.PROTOCOL_ERROR),
        (
            (greeting(), packet(2, OK), packet(1, b"\x01") + EMPTY * 2 + packet(4, b"\x09x")),
            Reason.PROTOCOL_ERROR,
        ),
        ((greeting(), packet(2, OK), packet(1, b"\x01") + b"\xff\xff\xff\x02"), Reason.PROTOCOL_ERROR),
    ],
)
async def test_what_the_server_says_is_the_reason(answers: tuple[bytes, ...], reason: Reason) -> None:
    async with serve(says(*answers)) as port:
        result = await check(f"mysql://a:b@127.0.0.1:{port}?sslmode=disable")
    assert result.reason is reason


async def test_a_server_without_tls_is_told_when_it_is_required() -> None:
    async with serve(says(greeting())) as port:
        result = await check(f"mysql://a:b@127.0.0.1:{port}?sslmode=require")
    assert (result.reason, result.message) == (Reason.TLS_ERROR, "the server has TLS turned off")


async def test_where_tls_fails_it_is_done_without_unless_it_is_required() -> None:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(greeting(b"mysql_native_password", tls=True))
        asked = await _packet(reader)
        if len(asked) == 32:  # the bare request for TLS
            await reader.read(1000)
            writer.write(b"nonsense")
        else:
            writer.write(packet(2, OK))
            assert await _packet(reader) == b"\x03SELECT 1"
            writer.write(packet(1, OK))

    async with serve(talk) as port:
        assert (await check(f"mysql://127.0.0.1:{port}")).message == "MySQL 8.4.0, 0 rows"
        required = await check(f"mysql://127.0.0.1:{port}?sslmode=require")
    assert required.reason is Reason.TLS_ERROR


async def test_escape_codes_of_a_server_are_no_escape_codes_in_the_message() -> None:
    async with serve(says(packet(0, b"\xff\x10\x04\x1b[2J[bold]bad"))) as port:
        result = await check(f"mysql://127.0.0.1:{port}")
    assert "\x1b" not in result.message
    assert "␛[2J" in result.message


@contextmanager
def mysql8_over_tls(context: ssl.SSLContext, *, cached: bool) -> Iterator[int]:
    """The same over TLS: blocking, so that nothing is read ahead of the handshake."""

    def talk() -> None:
        sock, _ = listener.accept()
        with sock:
            sock.sendall(greeting(tls=True))
            sock.recv(36, socket.MSG_WAITALL)
            with context.wrap_socket(sock, server_side=True) as secure, secure.makefile("rb") as stream:
                login = _read(stream)
                heard.append(scrambled(b"open sesame") in login)
                secure.sendall(packet(3, b"\x01\x03" if cached else b"\x01\x04"))
                heard.append(cached or _read(stream) == b"open sesame\0")
                secure.sendall(packet(5, OK))
                heard.append(_read(stream) == b"\x03SELECT 1")
                secure.sendall(packet(1, OK))
                stream.read()

    heard: list[bool] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = Thread(target=talk)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()
    assert heard == [True, True, True]


def _read(stream: BufferedReader) -> bytes:
    head = stream.read(4)
    return stream.read(int.from_bytes(head[:3], "little"))


@pytest.mark.parametrize("cached", [True, False])
async def test_over_tls_the_password_needs_no_other_cover(authority: Authority, cached: bool) -> None:
    with mysql8_over_tls(authority.server_context(), cached=cached) as port:
        result = await check(f"mysql://alice:open%20sesame@127.0.0.1:{port}?sslmode=require")
    assert (result.status, result.reason) == (Status.UP, None)
    assert result.certificate is not None


@given(st.binary(max_size=60))
def test_a_row_of_garbage_is_a_protocol_error_or_a_row(garbage: bytes) -> None:
    try:
        _cells(garbage)
    except ProbeError as error:
        assert error.reason is Reason.PROTOCOL_ERROR  # noqa: PT017


@given(st.lists(st.none() | st.binary(max_size=300), max_size=10))
def test_a_row_is_read_as_it_was_written(cells: list[bytes | None]) -> None:
    assert _cells(b"".join(map(_written, cells))) == cells


def _written(cell: bytes | None) -> bytes:
    if cell is None:
        return b"\xfb"
    size = len(cell)
    return (bytes([size]) if size < 251 else b"\xfc" + size.to_bytes(2, "little")) + cell


@pytest.mark.parametrize("number", range(len(NASTY_PASSWORDS)))
async def test_a_password_that_was_brought_in_logs_in_whatever_it_is(port: int, number: int) -> None:
    filling = Interpolation({"PW": NASTY_PASSWORDS[number], "WRONG": NASTY_PASSWORDS[number] + "x"})
    for name, reason in (("PW", None), ("WRONG", Reason.AUTH_ERROR)):
        template = f"mysql://odd{number}:${{{name}}}@127.0.0.1:{port}/"
        url = filling.fill(template, Path(), lambda *said: pytest.fail(str(said)))
        assert (await check(as_url(url))).reason is reason


def test_a_row_with_more_cells_than_columns_is_broken_and_found_out_at_once() -> None:
    begun = time.process_time()
    with pytest.raises(ProbeError, match="broken row"):
        _cells(bytes(1 << 24), most=3)
    assert time.process_time() - begun < 1
