"""Password proofs of MySQL and MariaDB, by the name of the server's plugin. Sans I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from itertools import cycle
from typing import Any, cast

from monitor.errors import LocalError, ProbeError
from monitor.model import Reason
from monitor.probes._ed25519 import sign
from monitor.text import plain

NATIVE, CACHING, SHA256, ED25519 = (
    "mysql_native_password",
    "caching_sha2_password",
    "sha256_password",
    "client_ed25519",
)
_NONCES: Mapping[str, int] = {ED25519: 32}
_NONCE = 20
KEY_REQUESTS: Mapping[str, bytes] = {CACHING: b"\x02", SHA256: b"\x01"}
"""Plugin -> the request for the server's RSA key, which encrypts the password without TLS."""


def check(plugin: str) -> None:
    """Raise LocalError for a plugin that is not supported: the server is not at fault."""
    if plugin not in (NATIVE, CACHING, SHA256, ED25519):
        known = f"{NATIVE}, {CACHING}, {SHA256}, ed25519"
        raise LocalError(f"the server requires a login by {plain(plugin, 60)}; monitor supports {known}")


def nonce_of(plugin: str, data: bytes) -> bytes:
    """The nonce in the data that the server sends when it chooses ``plugin``."""
    return data[: _NONCES.get(plugin, _NONCE)]


def first_response(plugin: str, password: bytes, nonce: bytes, *, secure: bool) -> bytes:
    """The first answer to the server's nonce; ``secure``: it is sent over TLS."""
    if plugin == SHA256:
        return b"\0" if not password else whole(password) if secure else KEY_REQUESTS[SHA256]
    return _PROOFS[plugin](password, nonce) if password else b""


def whole(password: bytes) -> bytes:
    """The password itself, to be sent over TLS."""
    return password + b"\0"


def encrypted(password: bytes, nonce: bytes, pem: bytes) -> bytes:
    """The password encrypted for the server's RSA key; ProbeError if ``pem`` is no key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    masked = bytes(a ^ b for a, b in zip(whole(password), cycle(nonce or b"\0"), strict=False))
    try:
        key = cast(rsa.RSAPublicKey, serialization.load_pem_public_key(pem))
        mask: Any = padding.MGF1(hashes.SHA1())  # noqa: S303 -- as MySQL has it
        return key.encrypt(masked, padding.OAEP(mask, hashes.SHA1(), None))  # noqa: S303
    except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server sent no RSA key for the password") from None


def _native(password: bytes, nonce: bytes) -> bytes:
    inner = hashlib.sha1(password, usedforsecurity=False).digest()
    twice = hashlib.sha1(inner, usedforsecurity=False).digest()
    return _mixed(inner, hashlib.sha1(nonce + twice, usedforsecurity=False).digest())


def _caching_sha2(password: bytes, nonce: bytes) -> bytes:
    inner = hashlib.sha256(password).digest()
    return _mixed(inner, hashlib.sha256(hashlib.sha256(inner).digest() + nonce).digest())


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


_PROOFS: Mapping[str, Callable[[bytes, bytes], bytes]] = {
    NATIVE: _native,
    CACHING: _caching_sha2,
    ED25519: sign,
}
