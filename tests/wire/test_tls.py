"""TLS settings, contexts, and what failed handshakes mean."""

import os
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from monitor.demo.certs import Authority
from monitor.errors import FieldError, LocalError
from monitor.model import Reason
from monitor.wire.tls import TlsOptions, context, handshake_fault, ready_context


def test_equal_settings_share_a_context(authority: Authority) -> None:
    ca = str(authority.ca)
    assert context(TlsOptions(ca=ca)) is context(TlsOptions(ca=ca))
    assert context(TlsOptions(ca=ca)) is not context(TlsOptions(ca=ca, min_version="1.3"))


def test_a_file_that_changed_makes_a_new_context(authority: Authority, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.ca.read_bytes())
    before = context(TlsOptions(ca=str(ca)))
    os.utime(ca, (1, 1))
    assert context(TlsOptions(ca=str(ca))) is not before


def test_a_file_that_has_gone_during_a_check_is_this_machines_fault(
    authority: Authority, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.ca.read_bytes())
    options = TlsOptions(ca=str(ca))
    assert ready_context(options) is context(options)
    ca.unlink()
    with pytest.raises(LocalError, match=r"tls\.ca"):
        ready_context(options)


def test_certificates_are_verified_unless_told_otherwise() -> None:
    assert context().verify_mode is ssl.CERT_REQUIRED
    assert context().check_hostname
    assert context(TlsOptions(verify=False)).verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize(
    ("version", "least"), [("1.2", ssl.TLSVersion.TLSv1_2), ("1.3", ssl.TLSVersion.TLSv1_3)]
)
def test_older_versions_are_not_accepted(version: str, least: ssl.TLSVersion) -> None:
    assert context(TlsOptions(min_version=version)).minimum_version == least  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "key"),
    [({"ca": "{empty}"}, "tls.ca"), ({"cert": "{empty}"}, "tls.cert"), ({"ca": "/nowhere"}, "tls.ca")],
)
def test_a_file_that_cannot_be_used_is_told_by_its_key(
    tmp_path: Path, options: dict[str, str], key: str
) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    filled = {name: value.format(empty=empty) for name, value in options.items()}
    with pytest.raises(FieldError) as caught:
        TlsOptions(**filled)  # type: ignore[arg-type]
    assert caught.value.key == key


def test_a_certificate_without_its_key_is_reported(authority: Authority) -> None:
    with pytest.raises(
        FieldError, match=r"ca\.pem and its key cannot be used \(not both are there, in PEM\)"
    ):
        TlsOptions(cert=str(authority.ca))


@pytest.fixture(params=["PKCS 8", "traditional"])
def encrypted(request: pytest.FixtureRequest, authority: Authority, tmp_path: Path) -> Path:
    """A client certificate's key, encrypted with the password "open sesame"."""
    kind = PrivateFormat.PKCS8 if request.param == "PKCS 8" else PrivateFormat.TraditionalOpenSSL
    key = load_pem_private_key(authority.pem("client").read_bytes(), None)
    file = tmp_path / "client.key"
    file.write_bytes(key.private_bytes(Encoding.PEM, kind, BestAvailableEncryption(b"open sesame")))
    return file


def test_an_encrypted_key_is_opened_with_its_password(authority: Authority, encrypted: Path) -> None:
    cert = str(authority.pem("client"))
    assert context(TlsOptions(cert=cert, key=str(encrypted), key_password="open sesame"))


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (None, r"is needed: the key in .*client\.key is encrypted"),
        ("wrong", "does not open the key"),
        ("", "does not open the key"),
        ("x" * 5000, "does not open the key"),
    ],
)
def test_an_encrypted_key_without_its_password_is_reported(
    authority: Authority, encrypted: Path, password: str | None, words: str
) -> None:
    with pytest.raises(FieldError, match=words) as caught:
        TlsOptions(cert=str(authority.pem("client")), key=str(encrypted), key_password=password)
    assert caught.value.key == "tls.key_password"
    assert not password or password not in str(caught.value)


def test_a_password_needs_a_key() -> None:
    with pytest.raises(FieldError) as caught:
        TlsOptions(key_password="x")
    assert caught.value.key == "tls.key_password"


def test_a_server_name_that_no_host_has_is_reported() -> None:
    with pytest.raises(FieldError) as caught:
        TlsOptions(server_name="a b")
    assert caught.value.key == "tls.server_name"


def test_a_key_needs_its_certificate() -> None:
    with pytest.raises(FieldError) as caught:
        TlsOptions(key="key.pem")
    assert caught.value.key == "tls.key"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ssl.SSLEOFError(8, "EOF"), "closed the connection"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "wrong version number"),
    ],
)
def test_a_handshake_that_fails_is_a_tls_error(error: ssl.SSLError, words: str) -> None:
    told = handshake_fault(error, None)
    assert told.reason is Reason.TLS_ERROR
    assert words in told.message


def test_every_python_verifies_alike() -> None:
    flags = context().verify_flags
    assert not flags & ssl.VERIFY_X509_STRICT
    assert flags & ssl.VERIFY_X509_PARTIAL_CHAIN
