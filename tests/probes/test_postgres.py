"""PostgreSQL checks, against a real server and scripted ones."""

import shutil
import subprocess
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator

import pytest
from servers import folder_of, free_port, run_as, running

from monitor.demo.certs import Authority
from monitor.demo.server import Handler, serve
from monitor.expectations import ROWS, VALUE
from monitor.model import Reason, Result, Status
from monitor.observe import observe
from monitor.probes.postgres import Postgres
from monitor.verdict import judge
from monitor.wire.tls import TlsOptions

ACCESS = """
host all scram 127.0.0.1/32 scram-sha-256
host all md5 127.0.0.1/32 md5
host all plain 127.0.0.1/32 password
host all postgres 127.0.0.1/32 trust
"""
USERS = """
CREATE ROLE scram LOGIN PASSWORD 'open sesame';
CREATE ROLE plain LOGIN PASSWORD 'open sesame';
SET password_encryption = md5;
CREATE ROLE md5 LOGIN PASSWORD 'open sesame';
CREATE DATABASE shop;
"""


@pytest.fixture(scope="module")
def port(needs: Callable[[str], str], authority: Authority) -> Iterator[int]:
    """The port of a real server, with TLS and a user for each way of logging in."""
    initdb, postgres, port = needs("initdb"), needs("postgres"), free_port()
    with folder_of("postgres") as folder:
        data, user = folder / "data", run_as("postgres")
        subprocess.run(
            [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-N"],
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
        (data / "pg_hba.conf").write_text("local all all trust\n" + ACCESS)
        options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder}
        options |= {"fsync": "off", "ssl": "on", "ssl_cert_file": pem, "ssl_key_file": pem}
        command = [postgres, "-D", data, *(f"-c{name}={value}" for name, value in options.items())]
        with running(command, port, folder=folder, **user):
            psql = [needs("psql"), "-q", "-h", folder, "-p", str(port), "-U", "postgres"]
            subprocess.run(psql, input=USERS, text=True, check=True, capture_output=True)
            yield port


async def check(url: str, rows: object = None, value: object = None, **keys: object) -> Result:
    expect = () if rows is None else ROWS.compile("expect.rows", rows)
    expect += () if value is None else VALUE.compile("expect.value", value)
    seen = await observe(Postgres(url=url, **keys), 5.0, expect)  # type: ignore[arg-type]
    return judge("x", seen, expect, ())


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
        ("SELECT nonsense", None, None, Reason.VALUE_MISMATCH),
        ("SELECT pg_sleep(60)", None, None, Reason.READ_TIMEOUT),
    ],
)
async def test_what_the_query_gives_is_matched(
    port: int, query: str, rows: object, value: object, reason: Reason | None
) -> None:
    url = f"postgres://127.0.0.1:{port}/shop"
    if reason is Reason.READ_TIMEOUT:
        seen = await observe(Postgres(url=url, query=query), 0.3)
        assert seen.reason is reason
    else:
        assert (await check(url, rows, value, query=query)).reason is reason


async def test_a_database_that_is_not_there_is_told(port: int) -> None:
    result = await check(f"postgres://127.0.0.1:{port}/nowhere")
    assert result.reason is Reason.PROTOCOL_ERROR
    assert 'database "nowhere" does not exist (3D000)' in result.message


def says(*answers: bytes) -> Handler:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        for answer in answers:
            await reader.read(1000)
            writer.write(answer)
            await writer.drain()

    return talk


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
