"""LDAP checks, against OpenLDAP and scripted servers."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from servers import free_port, running, says

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.server import Handler, serve
from monitor.errors import FieldError
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.ldap import Ldap
from monitor.wire.ber import tlv
from monitor.wire.tls import TlsOptions

ADMIN = "cn=admin,dc=example,dc=com"
CONFIG = f"""
include /etc/ldap/schema/core.schema
database ldif
suffix "dc=example,dc=com"
directory {{folder}}
rootdn "{ADMIN}"
rootpw "open sesame"
TLSCertificateFile {{pem}}
TLSCertificateKeyFile {{pem}}
"""


@pytest.fixture(scope="module")
def ports(
    tmp_path_factory: pytest.TempPathFactory, needs: Callable[[str], str], authority: Authority
) -> Iterator[tuple[int, int]]:
    """Ports of a real server: plain, and over TLS."""
    folder, port, secure = tmp_path_factory.mktemp("slapd"), free_port(), free_port()
    config = folder / "slapd.conf"
    config.write_text(CONFIG.format(folder=folder, pem=authority.pem("valid")))
    listen = f"ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{secure}/"
    command = [needs("slapd"), "-d", "256", "-f", config, "-h", listen]
    with running(command, secure, folder=folder):
        yield port, secure


@pytest.fixture
def port(ports: tuple[int, int]) -> int:
    return ports[0]


async def check(url: str, **keys: Any) -> Result:
    return judge("x", await run_probe(Ldap(url=url, **keys), 3.0), (), ())


async def test_a_real_server_takes_the_bind_over_tls(ports: tuple[int, int], authority: Authority) -> None:
    trusting = TlsOptions(ca=str(authority.ca))
    result = await check(f"ldaps://{quote(ADMIN)}:open%20sesame@localhost:{ports[1]}", tls=trusting)
    assert (result.status, result.message) == (Status.UP, "bind accepted")
    assert result.certificate is not None
    plain = await check(f"ldap://127.0.0.1:{ports[1]}")
    assert plain.message.endswith("if this port is for TLS, write ldaps://")


@pytest.mark.parametrize("login", ["", f"{quote(ADMIN)}:open%20sesame@"])
async def test_a_real_server_takes_the_bind(port: int, login: str) -> None:
    result = await check(f"ldap://{login}127.0.0.1:{port}")
    assert (result.status, result.message) == (Status.UP, "bind accepted")


@pytest.mark.parametrize("login", [f"{quote(ADMIN)}:wrong@", "cn%3Dnobody:x@"])
async def test_a_refused_bind_is_an_auth_error(port: int, login: str) -> None:
    result = await check(f"ldap://{login}127.0.0.1:{port}")
    assert (result.reason, result.message) == (
        Reason.AUTH_ERROR,
        "the bind was refused: invalid credentials",
    )


async def test_a_user_that_is_no_name_is_reported(port: int) -> None:
    result = await check(f"ldap://nonsense:x@127.0.0.1:{port}")
    assert result.reason is Reason.PROTOCOL_ERROR
    assert "invalid DN" in result.message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x7f\x04\x00",
        b"\x30\x0b\x02\x01\x01\x61\x06\x0a\x00\x04\x00\x04\x00",
        b"\x30\x80\x00\x00",
    ],
)
async def test_what_is_no_ldap_is_a_protocol_error(data: bytes) -> None:
    async with serve(says(data)) as port:
        assert (await check(f"ldap://127.0.0.1:{port}")).reason is Reason.PROTOCOL_ERROR


async def test_a_server_that_ends_the_session_is_heard_out() -> None:
    notice = tlv(0x0A, b"\x34") + tlv(0x04, b"") + tlv(0x04, b"\x1b[2Jshutting down")
    async with serve(says(tlv(0x30, tlv(0x02, b"\0") + tlv(0x78, notice)))) as port:
        result = await check(f"ldap://127.0.0.1:{port}")
    assert result.reason is Reason.PROTOCOL_ERROR
    assert result.message == "the server ended the session: unavailable (␛[2Jshutting down)"


def test_a_user_without_a_password_would_prove_nothing() -> None:
    with pytest.raises(FieldError, match="without a password"):
        Ldap(url="ldap://cn%3Dadmin@a")


def refuses(code: int) -> Handler:
    response = tlv(0x0A, bytes([code])) + tlv(0x04, b"") + tlv(0x04, b"")
    return says(tlv(0x30, tlv(0x02, b"\x01") + tlv(0x61, response)))


@pytest.mark.parametrize("code", [7, 8])
async def test_a_login_that_we_cannot_do_says_nothing_of_the_server(code: int) -> None:
    async with serve(refuses(code)) as port:
        result = await check(f"ldap://a:b@127.0.0.1:{port}")
    assert result.status is Status.INCONCLUSIVE
    assert "another login than a simple bind" in result.message


async def test_a_server_that_wants_tls_is_told_with_the_scheme_of_it() -> None:
    async with serve(refuses(13)) as port:
        result = await check(f"ldap://a:b@127.0.0.1:{port}")
    assert (result.reason, result.message) == (
        Reason.AUTH_ERROR,
        "the bind was refused: confidentiality required; write ldaps://",
    )
