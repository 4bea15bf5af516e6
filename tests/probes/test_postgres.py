"""PostgreSQL checks, against a real server and scripted ones."""

import shutil
import struct
import subprocess
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import checker
from hypothesis import given
from hypothesis import strategies as st
from servers import NASTY_PASSWORDS, folder_of, free_port, run_as, running, says

from monitor.checks.run_probe import run_probe
from monitor.config.interpolate import Interpolation
from monitor.demo.certs import Authority
from monitor.demo.server import Handler, reset, serve
from monitor.errors import ProbeError
from monitor.model import Reason, Result, Status
from monitor.probes.postgres import Postgres, _cells
from monitor.redact import as_url
from monitor.wire.tls import TlsOptions

ACCESS = """
host all scram 127.0.0.1/32 scram-sha-256
host all md5 127.0.0.1/32 md5
host all plain 127.0.0.1/32 password
host all müller 127.0.0.1/32 scram-sha-256
host all postgres 127.0.0.1/32 trust
hostnossl all clear 127.0.0.1/32 scram-sha-256
hostssl all secure 127.0.0.1/32 scram-sha-256
"""
USERS = """
CREATE ROLE scram LOGIN PASSWORD 'open sesame';
CREATE ROLE müller LOGIN PASSWORD 'öpen sesame';
CREATE ROLE clear LOGIN PASSWORD 'open sesame';
CREATE ROLE plain LOGIN PASSWORD 'open sesame';
SET password_encryption = md5;
CREATE ROLE md5 LOGIN PASSWORD 'open sesame';
CREATE DATABASE shop;
"""
USERS += "SET password_encryption = 'scram-sha-256';\n"
for _number, _password in enumerate(NASTY_PASSWORDS):
    _quoted = _password.replace("'", "''")
    ACCESS += f"host all odd{_number} 127.0.0.1/32 scram-sha-256\n"
    USERS += f"CREATE ROLE odd{_number} LOGIN PASSWORD '{_quoted}';\n"


@pytest.fixture(scope="module")
def port(needs: Callable[[str], str], authority: Authority) -> Iterator[int]:
    """The port of a real server, with TLS and a user for each way of logging in."""
    initdb, postgres, port = needs("initdb"), needs("postgres"), free_port()
    with folder_of("postgres") as folder:
        data, user = folder / "data", run_as("postgres")
        subprocess.run(
            [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"],
            check=True,
            capture_output=True,
            cwd=folder,
            **user,  # type: ignore[call-overload]
        )
        pem = folder / "server.pem"
        shutil.copy(authority.pem("valid"), pem)
        if user:
            shutil.chown(pem, "postgres")
        pem.chmod(0o600)
        (data / "pg_hba.conf").write_text("local all all trust\n" + ACCESS, encoding="utf-8")
        options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder}
        options |= {"fsync": "off", "ssl": "on", "ssl_cert_file": pem, "ssl_key_file": pem}
        options |= {"client_connection_check_interval": "100ms"}  # so that ending does not wait for a sleep
        settings = [f"-c{name}={value}" for name, value in options.items()]
        command: list[str | Path] = [postgres, "-D", data, *settings]
        with running(command, port, folder=folder, **user):
            psql: list[str | Path] = [needs("psql"), "-q", "-h", folder, "-p", str(port), "-U", "postgres"]
            subprocess.run(psql, input=USERS, text=True, check=True, capture_output=True)
            yield port


check = checker(Postgres)


@pytest.mark.parametrize("user", ["scram", "md5", "plain"])
@pytest.mark.parametrize("mode", ["disable", "prefer", "require"])
async def test_every_way_of_logging_in(port: int, user: str, mode: str) -> None:
    result = await check(f"postgres://{user}:open%20sesame@127.0.0.1:{port}/postgres?sslmode={mode}")
    assert (result.status, result.reason) == (Status.UP, None)
    assert result.message.startswith("PostgreSQL 1")
    assert result.message.endswith(", 1 row")
    assert ("tls" in result.phases_ms) is (mode != "disable")


@pytest.mark.parametrize("login", ["scram:wrong", "md5:wrong", "plain:wrong", "nobody:x"])
async def test_a_refused_login_is_an_auth_error(port: int, login: str) -> None:
    result = await check(f"postgres://{login}@127.0.0.1:{port}/postgres")
    assert result.reason is Reason.AUTH_ERROR
    assert "wrong" not in result.message


async def test_a_login_need_not_be_ascii(port: int) -> None:
    result = await check(f"postgres://m%C3%BCller:%C3%B6pen%20sesame@127.0.0.1:{port}/shop")
    assert (result.status, result.reason) == (Status.UP, None)
    assert result.phases_ms.keys() == {"connect", "tls", "login", "wait", "transfer"}


async def test_a_user_whom_no_rule_lets_in_is_an_auth_error(port: int) -> None:
    result = await check(f"postgres://carol@127.0.0.1:{port}")
    assert result.reason is Reason.AUTH_ERROR
    assert "no pg_hba.conf entry" in result.message


async def test_whom_only_a_rule_without_tls_lets_in_is_let_in_unless_tls_is_required(port: int) -> None:
    url = f"postgres://clear:open%20sesame@127.0.0.1:{port}/shop"
    seen = await run_probe(Postgres(url=url), 5.0)
    assert seen.reason is None
    assert seen.explanation is not None
    assert "no pg_hba.conf entry" in seen.explanation.hops[0].answered
    assert (await check(f"{url}?sslmode=require")).reason is Reason.AUTH_ERROR


async def test_who_is_let_in_neither_way_is_told_both_refusals(port: int) -> None:
    result = await check(f"postgres://clear:wrong@127.0.0.1:{port}/shop")
    assert result.reason is Reason.AUTH_ERROR
    assert result.message.startswith('the server refused: password authentication failed for user "clear"')
    assert "; over TLS: the server refused: no pg_hba.conf entry" in result.message


async def test_a_password_that_is_refused_over_tls_is_not_said_in_clear(port: int) -> None:
    result = await check(f"postgres://secure:wrong@127.0.0.1:{port}/shop")
    assert result.reason is Reason.AUTH_ERROR
    assert "over TLS" not in result.message


async def test_the_certificate_is_verified_where_that_is_asked_for(port: int, authority: Authority) -> None:
    url = f"postgres://localhost:{port}/postgres?sslmode=verify-full"
    assert (await check(url)).reason is Reason.CERTIFICATE_UNTRUSTED
    result = await check(f"postgres://localhost:{port}/postgres", tls=TlsOptions(ca=str(authority.ca)))
    assert result.status is Status.UP
    assert result.certificate is not None


@pytest.mark.parametrize(
    ("query", "rows", "value", "reason"),
    [
        ("SELECT 42", 1, "42", None),
        ("SELECT 42", None, {"ge": 40}, None),
        ("SELECT 42", None, {"lt": 40}, Reason.VALUE_MISMATCH),
        ("SELECT * FROM generate_series(1, 2500)", 2500, "1", None),
        ("SELECT NULL", 1, {"exists": True}, None),
        ("SELECT 1 WHERE false", {"gt": 0}, None, Reason.VALUE_MISMATCH),
        ("SELECT 1 WHERE false", 0, {"exists": False}, None),
        ("SELECT 'grün', 2", 1, "grün", None),
        ("SELECT n, repeat('x', 100) FROM generate_series(7, 20006) n", 20000, 7, None),
        ("SET work_mem = '1MB'; SELECT 3", 1, "3", None),
        ("CREATE TEMP TABLE t (a int)", 0, None, None),
        (";", 0, None, None),
        ("SELECT nonsense", None, None, Reason.PROTOCOL_ERROR),
        ("COPY (SELECT 1) TO STDOUT", None, None, Reason.PROTOCOL_ERROR),
        ("COPY pg_class FROM STDIN", None, None, Reason.PROTOCOL_ERROR),
        ("SELECT repeat('x', 1000) FROM generate_series(1, 100000)", None, None, Reason.PROTOCOL_ERROR),
        ("SELECT pg_sleep(60)", None, None, Reason.READ_TIMEOUT),
    ],
)
async def test_what_the_query_gives_is_matched(
    port: int, query: str, rows: object, value: object, reason: Reason | None
) -> None:
    url = f"postgres://127.0.0.1:{port}/shop"
    if reason is Reason.READ_TIMEOUT:
        seen = await run_probe(Postgres(url=url, query=query), 0.3)
        assert seen.reason is reason
    else:
        assert (await check(url, rows, value, query=query)).reason is reason


async def test_what_came_and_what_was_refused_is_told_in_the_servers_words(port: int) -> None:
    url = f"postgres://127.0.0.1:{port}/shop"
    seen = await run_probe(Postgres(url=url, query="SELECT 1, NULL, 'x'"), 5.0)
    assert seen.explanation is not None
    assert seen.explanation.answer == "1 | NULL | x"
    result = await check(url, query="SELECT nonsense")
    assert result.message == 'the server refused: column "nonsense" does not exist (42703)'


async def test_a_database_that_is_not_there_is_reported(port: int) -> None:
    result = await check(f"postgres://127.0.0.1:{port}/nowhere")
    assert result.reason is Reason.PROTOCOL_ERROR
    assert 'database "nowhere" does not exist (3D000)' in result.message


@pytest.mark.parametrize(
    "answers",
    [
        (b"",),
        (b"HTTP/1.1 400 Bad Request\r\n",),
        (b"N", b""),
        (b"N", b"HTTP/1.1 400 Bad Request\r\n"),
        (b"N", b"R\xff\xff\xff\xff"),
        (b"N", b"Z\x00\x00\x00\x05I"),
        (b"N", b"R\x00\x00\x00\x08\x00\x00\x00\x00S\x00\x00\x00\x03"),
    ],
)
async def test_what_is_no_postgres_is_a_protocol_error(answers: tuple[bytes, ...]) -> None:
    async with serve(says(*answers)) as port:
        assert (await check(f"postgres://127.0.0.1:{port}")).reason is Reason.PROTOCOL_ERROR


async def test_a_server_without_tls_is_told_when_it_is_required() -> None:
    async with serve(says(b"N")) as port:
        result = await check(f"postgres://127.0.0.1:{port}?sslmode=require")
    assert (result.reason, result.message) == (Reason.TLS_ERROR, "the server has TLS turned off")


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


AUTHENTICATION_OK = message(b"R", struct.pack(">I", 0))
READY = message(b"Z", b"I")
LET_IN = AUTHENTICATION_OK + message(b"S", b"server_version\x00\x1b[31m9.9\0") + READY


def error(code: str, text: str) -> bytes:
    return message(b"E", f"SFATAL\0C{code}\0M{text}\0\0".encode())


async def scripted(*answers: bytes, mode: str = "prefer") -> Result:
    async with serve(says(*answers)) as port:
        return await check(f"postgres://me:pw@127.0.0.1:{port}/?sslmode={mode}")


async def test_a_server_without_tls_is_asked_in_clear_where_that_is_allowed() -> None:
    row = message(b"D", struct.pack(">hi", 1, -1))
    result = await scripted(b"N", LET_IN, row + READY)
    assert (result.status, result.message) == (Status.UP, "PostgreSQL ␛[31m9.9, 1 row")
    refused = await scripted(b"N", LET_IN, row + READY, mode="require")
    assert refused.reason is Reason.TLS_ERROR


def offers_tls_in_vain(ending: bytes | None) -> Handler:
    """Answers the client's TLS greeting with ``ending``, or else resets; lets in whoever asks for no TLS."""

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        if await reader.read(1000) != struct.pack(">II", 8, 80877103):
            writer.write(LET_IN)
            await reader.read(1000)
            writer.write(message(b"D", struct.pack(">hi", 1, -1)) + READY)
            return
        writer.write(b"S")
        await reader.read(1000)
        if ending is None:
            reset(writer)
        else:
            writer.write(ending)

    return talk


@pytest.mark.parametrize("ending", [b"\x15\x03\x01\0\x02\x02\x46", b"nonsense", b"", None])
async def test_where_tls_fails_it_is_done_without_unless_it_is_required(ending: bytes | None) -> None:
    async with serve(offers_tls_in_vain(ending)) as port:
        seen = await run_probe(Postgres(url=f"postgres://127.0.0.1:{port}"), 5.0)
        required = await check(f"postgres://127.0.0.1:{port}?sslmode=require")
    assert (seen.reason, seen.message) == (None, "PostgreSQL ␛[31m9.9, 1 row")
    assert seen.explanation is not None
    assert [(hop.asked, hop.answered) for hop in seen.explanation.hops] == [("TLS", required.message)]
    assert required.reason is (Reason.CONNECTION_RESET if ending is None else Reason.TLS_ERROR)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ((b"",), Reason.PROTOCOL_ERROR),
        ((b"HTTP/1.1 400 Bad Request\r\n",), Reason.PROTOCOL_ERROR),
        ((b"N", b""), Reason.PROTOCOL_ERROR),
        ((b"N", b"HTTP/1.1 400 Bad Request\r\n"), Reason.PROTOCOL_ERROR),
        ((b"N", b"R\xff\xff\xff\xff"), Reason.PROTOCOL_ERROR),
        ((b"N", b"R\0\0\0\0"), Reason.PROTOCOL_ERROR),
        ((b"N", message(b"R", b"")), Reason.PROTOCOL_ERROR),
        ((b"N", message(b"R", struct.pack(">I", 7))), Reason.LOCAL_ERROR),
        ((b"N", message(b"R", struct.pack(">I", 10) + b"SCRAM-SHA-512\0\0")), Reason.LOCAL_ERROR),
        ((b"N", message(b"R", struct.pack(">I", 11))), Reason.PROTOCOL_ERROR),
        (
            (b"N", message(b"R", struct.pack(">I", 3)), message(b"R", struct.pack(">I", 3))),
            Reason.PROTOCOL_ERROR,
        ),
        ((b"N", error("28P01", "no")), Reason.AUTH_ERROR),
        ((b"N", error("53300", "sorry, too many clients already")), Reason.PROTOCOL_ERROR),
        ((b"N", AUTHENTICATION_OK + message(b"T", b"")), Reason.PROTOCOL_ERROR),
        ((b"N", LET_IN, error("57P01", "terminating")), Reason.PROTOCOL_ERROR),
        ((b"N", LET_IN, message(b"D", b"\0\1\0\0\0\x09x") + READY), Reason.PROTOCOL_ERROR),
        ((b"N", LET_IN, message(b"D", b"\0\0")), Reason.PROTOCOL_ERROR),
    ],
)
async def test_every_refusal_and_every_nonsense_has_its_reason(
    answers: tuple[bytes, ...], reason: Reason
) -> None:
    assert (await scripted(*answers)).reason is reason


async def test_notices_may_come_at_any_time_of_a_login() -> None:
    notice = message(b"N", b"SNOTICE\0Mhello\0\0")
    result = await scripted(b"N", notice + message(b"v", bytes(8)) + LET_IN, notice + READY)
    assert (result.status, result.reason) == (Status.UP, None)


async def test_a_server_that_talks_without_end_is_given_up() -> None:
    result = await scripted(b"N", message(b"N", bytes(100_000)) * 200)
    assert result.reason is Reason.PROTOCOL_ERROR
    assert "more than 16 MiB" in result.message


async def test_a_server_that_answers_more_than_asked_before_tls_is_not_trusted() -> None:
    result = await scripted(b"S" + LET_IN)
    assert result.reason is Reason.PROTOCOL_ERROR


async def test_escape_codes_of_a_server_are_no_escape_codes_in_the_message() -> None:
    result = await scripted(b"N", error("XX000", "\x1b[2J[bold]bad[/bold]"))
    assert "\x1b" not in result.message
    assert "␛[2J" in result.message


@given(st.binary(max_size=60))
def test_a_row_of_garbage_is_a_protocol_error_or_a_row(garbage: bytes) -> None:
    try:
        _cells(garbage)
    except ProbeError as error:
        assert error.reason is Reason.PROTOCOL_ERROR  # noqa: PT017


@given(st.lists(st.none() | st.binary(max_size=20), max_size=10))
def test_a_row_is_read_as_it_was_written(cells: list[bytes | None]) -> None:
    written = [b"\xff\xff\xff\xff" if cell is None else len(cell).to_bytes(4, "big") + cell for cell in cells]
    assert _cells(len(cells).to_bytes(2, "big") + b"".join(written)) == cells


@pytest.mark.parametrize("number", range(len(NASTY_PASSWORDS)))
async def test_a_password_that_was_brought_in_logs_in_whatever_it_is(port: int, number: int) -> None:
    filling = Interpolation({"PW": NASTY_PASSWORDS[number], "WRONG": NASTY_PASSWORDS[number] + "x"})
    for name, reason in (("PW", None), ("WRONG", Reason.AUTH_ERROR)):
        template = f"postgres://odd{number}:${{{name}}}@127.0.0.1:{port}/postgres"
        url = filling.fill(template, Path(), lambda *said: pytest.fail(str(said)))
        assert (await check(as_url(url))).reason is reason
