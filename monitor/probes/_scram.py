"""SCRAM-SHA-256, the client's side (RFC 5802, RFC 7677). Sans I/O.

Our own, since a server must not make us compute more than a bounded number of rounds, and since
passwords that SASLprep forbids are used as they are, as PostgreSQL does; scramp does neither.
"""

from __future__ import annotations

import hashlib
import hmac
import stringprep
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable
from secrets import token_urlsafe

from monitor.errors import ProbeError
from monitor.model import Reason

_MOST_ROUNDS = 1_000_000
"""Rounds that a server may ask for: each takes time that other checks are waiting for."""


class Scram:
    """One login: :meth:`first`, then :meth:`final`, then :meth:`verify`."""

    def __init__(self, password: str, nonce: Callable[[], str] = token_urlsafe) -> None:
        self._password = prepared(password).encode()
        self._nonce = nonce()
        self._expected = b""

    def first(self) -> bytes:
        """The client's first message."""
        return f"n,,{self._bare()}".encode()

    def _bare(self) -> str:
        return f"n=,r={self._nonce}"

    def final(self, challenge: bytes) -> bytes:
        """The answer to the server's challenge. ProbeError ``protocol_error`` when it is none."""
        nonce, salt, rounds = self._taken_apart(challenge)
        salted = hashlib.pbkdf2_hmac("sha256", self._password, salt, rounds)
        without_proof = f"c=biws,r={nonce}"
        signed = f"{self._bare()},{challenge.decode()},{without_proof}".encode()
        client_key = _hmac(salted, b"Client Key")
        signature = _hmac(hashlib.sha256(client_key).digest(), signed)
        proof = bytes(one ^ other for one, other in zip(client_key, signature, strict=True))
        self._expected = _hmac(_hmac(salted, b"Server Key"), signed)
        return f"{without_proof},p={b64encode(proof).decode()}".encode()

    def _taken_apart(self, challenge: bytes) -> tuple[str, bytes, int]:
        try:
            parts = dict(part.split("=", 1) for part in challenge.decode().split(","))
            nonce, salt, rounds = parts["r"], b64decode(parts["s"], validate=True), int(parts["i"])
        except (ValueError, KeyError):
            raise _broken() from None
        if not nonce.startswith(self._nonce) or not 0 < rounds <= _MOST_ROUNDS:
            raise _broken()
        return nonce, salt, rounds

    def verify(self, final: bytes) -> None:
        """Make sure that the server knows the password too. ProbeError ``auth_error`` when not."""
        if not self._expected or not hmac.compare_digest(final, b"v=" + b64encode(self._expected)):
            raise ProbeError(Reason.AUTH_ERROR, "the server does not know the password that it asks for")


def prepared(password: str) -> str:
    """``password`` after SASLprep (RFC 4013), which normalizes equivalent spellings."""
    if password.isascii():
        return password
    spaced = (
        " " if stringprep.in_table_c12(sign) else sign
        for sign in password
        if not stringprep.in_table_b1(sign)
    )
    mapped = unicodedata.normalize("NFKC", "".join(spaced))
    return password if _is_forbidden(mapped) else mapped


_FORBIDDEN = (
    *(stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4),
    *(stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8),
    *(stringprep.in_table_c9, stringprep.in_table_a1),
)
"""RFC 4013, sections 2.3 and 2.5."""


def _is_forbidden(mapped: str) -> bool:
    """Whether SASLprep refuses it; it is then used as it was, as PostgreSQL does on both sides."""
    if not mapped or any(table(sign) for sign in mapped for table in _FORBIDDEN):
        return True
    right_to_left = [stringprep.in_table_d1(sign) for sign in mapped]
    if not any(right_to_left):
        return False
    left_to_right = any(map(stringprep.in_table_d2, mapped))
    return left_to_right or not (right_to_left[0] and right_to_left[-1])


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _broken() -> ProbeError:
    return ProbeError(Reason.PROTOCOL_ERROR, "the server's SCRAM challenge is broken")
