"""How a password is proven to MySQL and MariaDB."""

import hashlib

import pytest

from monitor.errors import LocalError, ProbeError
from monitor.model import Reason
from monitor.probes import _mysql_login as login
from monitor.probes._ed25519 import sign

NONCE = b"abcdefgh12345678ijkl"


def test_the_native_proof_is_checked_as_a_server_does() -> None:
    stored = hashlib.sha1(hashlib.sha1(b"sesame").digest()).digest()
    proof = login.first_response(login.NATIVE, b"sesame", NONCE, secure=False)
    mask = hashlib.sha1(NONCE + stored).digest()
    inner = bytes(a ^ b for a, b in zip(proof, mask, strict=True))
    assert hashlib.sha1(inner).digest() == stored


def test_each_plugin_has_its_nonce() -> None:
    data = bytes(range(40))
    assert login.nonce_of(login.NATIVE, data) == data[:20]
    assert login.nonce_of(login.ED25519, data) == data[:32]


def test_ed25519_signs_the_nonce() -> None:
    nonce = bytes(32)
    assert login.first_response(login.ED25519, b"sesame", nonce, secure=False) == sign(b"sesame", nonce)


@pytest.mark.parametrize(
    ("password", "secure", "response"),
    [(b"", False, b"\0"), (b"", True, b"\0"), (b"sesame", True, b"sesame\0"), (b"sesame", False, b"\x01")],
)
def test_sha256_sends_the_password_over_tls_and_else_asks_for_a_key(
    password: bytes, secure: bool, response: bytes
) -> None:
    assert login.first_response(login.SHA256, password, NONCE, secure=secure) == response


@pytest.mark.parametrize("plugin", [login.NATIVE, login.CACHING, login.ED25519])
def test_no_password_is_no_proof(plugin: str) -> None:
    assert login.first_response(plugin, b"", NONCE, secure=False) == b""


@pytest.mark.parametrize("plugin", ["dialog", "mysql_clear_password", "parsec", "\x1b[2J", ""])
def test_a_plugin_that_we_lack_is_our_limit(plugin: str) -> None:
    with pytest.raises(LocalError, match="monitor supports") as caught:
        login.check(plugin)
    assert "\x1b" not in caught.value.message


def test_a_key_that_is_none_is_a_protocol_error() -> None:
    with pytest.raises(ProbeError) as caught:
        login.encrypted(b"sesame", b"", b"nonsense")
    assert caught.value.reason is Reason.PROTOCOL_ERROR
