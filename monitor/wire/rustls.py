"""The client's end of a TLS 1.3 session, by rustls: half the CPU time of OpenSSL's.

rustls only repeats what OpenSSL has accepted (see :mod:`monitor.wire.shortcuts`). Any departure from that,
and any failure of the library, is an error: the check is then made again with OpenSSL, which decides.

After the handshake the library gets one record at a time, and only when it asks for more. Its own loop over
many records is not used: it never ends when bytes follow the end of the stream.
"""

from __future__ import annotations

from functools import cache, lru_cache
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from monitor.errors import ProbeError
from monitor.model import Certificate, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rtls import _rustls

_HEADER = 5
_LONGEST_RECORD = 16384 + 256
"""Bytes of a record's contents in TLS 1.3 (RFC 8446, section 5.2)."""
_MANY = 1000
"""Records of a handshake to process in one go."""
_PIECE = 16384
"""Bytes of plaintext to take in one go: the most that a record has."""
_TLS_1_2, _TLS_1_3 = 0x0303, 0x0304
_REQUIRED = 2  # ssl.CERT_REQUIRED
_PARTIAL_CHAIN = 0x80000  # ssl.VERIFY_X509_PARTIAL_CHAIN

_SUITES = {
    "TLS_AES_256_GCM_SHA384": "TLS13_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256": "TLS13_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256": "TLS13_AES_128_GCM_SHA256",
}
"""rustls's names of the cipher suites of TLS 1.3, in OpenSSL's order."""


class Accepted(NamedTuple):
    """A server that OpenSSL has accepted."""

    name: str
    chain: bytes
    """Digest of the certificates that it sent, see :func:`digest`."""
    issuer: bytes
    """The certificate above its own on the verified path."""
    certificate: Certificate
    cipher: str
    """Its name as OpenSSL spells it."""
    alpn: tuple[str, ...]
    """The protocols to offer."""


@cache
def installed() -> bool:
    """Whether the library is there: it comes with the extra ``rustls``."""
    return find_spec("rtls") is not None


@cache
def load() -> None:
    """Load the library now rather than in a check."""
    from rtls import _rustls  # noqa: F401


def can_repeat(version: str | None, cipher: str | None) -> bool:
    """Whether rustls supports the agreed version and cipher; of TLS 1.3 it supports all in use."""
    return version == "TLSv1.3" and cipher in _SUITES


def digest(chain: Iterable[bytes]) -> bytes:
    """A short form of ``chain``, to compare it with another."""
    found = sha256()
    for one in chain:
        found.update(len(one).to_bytes(4, "big") + one)
    return found.digest()


class Rustls:
    """A client's session with a server that should be as it was when it was ``accepted``.

    The same methods as :class:`monitor.wire.secure.Secure`. Raises ProbeError ``tls_error``.
    """

    __slots__ = ("_accepted", "_done", "_ended", "_outgoing", "_received", "_session")

    def __init__(self, accepted: Accepted) -> None:
        self._accepted = accepted
        self._done = self._ended = False
        self._received, self._outgoing = bytearray(), bytearray()
        try:
            self._session = _settings(accepted.issuer, accepted.alpn).build_client_connection(accepted.name)
            self._collect()
        except BaseException as error:  # noqa: BLE001
            raise _departure(error) from None

    @property
    def protocol(self) -> str | None:
        """The protocol that ALPN agreed on, such as ``h2``."""
        agreed = self._session.alpn_protocol()
        return None if agreed is None else agreed.decode("latin-1")

    @property
    def certificate(self) -> Certificate | None:
        """The server's certificate, once it is known to be the accepted one."""
        return self._accepted.certificate if self._done else None

    def __str__(self) -> str:
        return f"TLSv1.3 {self._accepted.cipher}" if self._done else ""

    @property
    def due(self) -> bool:
        """Whether there is something to send."""
        return bool(self._outgoing)

    def outgoing(self) -> bytes:
        """Take the bytes to send."""
        taken = bytes(self._outgoing)
        self._outgoing.clear()
        return taken

    def feed(self, data: bytes) -> None:
        """Feed received data; ``b""`` at the end of the stream."""
        self._received += data
        self._ended = not data

    def shake_hands(self) -> bool:
        """Continue the handshake as far as possible. Return whether it is done."""
        self._give(self._taken(_MANY))
        if not self._session.is_handshaking():
            self._compare()
            self._done = True
        elif self._ended:
            raise _departure("the peer closed the connection during the TLS handshake")
        return self._done

    def _compare(self) -> None:
        session, expected = self._session, self._accepted
        agreed = session.protocol_version(), session.negotiated_cipher_suite()
        if agreed != (_TLS_1_3, _SUITES[expected.cipher]):
            raise _departure("the server agreed to another version or cipher than before")
        if digest(session.peer_certificates() or ()) != expected.chain:
            raise _departure("the server sent other certificates than before")

    def read(self, limit: int) -> bytes | None:
        """At most ``limit`` decrypted bytes, ``b""`` at the end; None if more data is needed."""
        while self._session.wants_read():  # there is no plaintext yet, and the peer has not ended the stream
            record = self._taken(1)
            if not record:
                return b"" if self._ended else None
            self._give(record)
        try:
            return self._session.read_plaintext(min(limit, _PIECE))
        except BaseException as error:  # noqa: BLE001
            raise _departure(error) from None

    def write(self, data: bytes) -> None:
        """Encrypt ``data``: it waits in :meth:`outgoing`."""
        try:
            while data:
                data = data[self._session.write_plaintext(data) :]
                self._collect()
        except BaseException as error:  # noqa: BLE001
            raise _departure(error) from None

    def _give(self, data: bytes) -> None:
        """Let the library process ``data``, which it takes piece by piece."""
        try:
            while data:
                taken = self._session.read_tls(data)
                self._session.process_new_packets()
                if not taken:  # the stream has ended
                    raise _departure("bytes follow the end of the stream")
                data = data[taken:]
            self._collect()
        except BaseException as error:  # noqa: BLE001
            raise _departure(error) from None

    def _taken(self, most: int) -> bytes:
        """The first ``most`` complete records."""
        received, end = self._received, 0
        while most and len(received) >= end + _HEADER:
            size = int.from_bytes(received[end + 3 : end + _HEADER], "big")
            if size > _LONGEST_RECORD:
                raise _departure("a record is too long")
            if len(received) < end + _HEADER + size:
                break
            end += _HEADER + size
            most -= 1
        taken = bytes(received[:end])
        del received[:end]
        return taken

    def _collect(self) -> None:
        while self._session.wants_write():
            self._outgoing += self._session.write_tls()


@lru_cache(maxsize=4096)
def _settings(issuer: bytes, alpn: tuple[str, ...]) -> _rustls.RustlsConfigBuilder:
    """Settings to trust ``issuer`` alone: the path above it is verified already."""
    from rtls import _rustls

    made = _rustls.RustlsConfigBuilder()
    made.add_root_cert_from_der(issuer)
    made.set_verify_flags(_PARTIAL_CHAIN)
    made.set_verify_mode(_REQUIRED)
    made.set_check_hostname(True)
    # 1.3 alone would add an extension with a key of its own; the cipher suites exclude 1.2.
    made.set_min_version(_TLS_1_2)
    made.set_max_version(_TLS_1_3)
    made.set_cipher_suites(list(_SUITES.values()))
    made.set_alpn([one.encode() for one in alpn])
    return made


def _departure(error: BaseException | str) -> ProbeError:
    """The failure of a session. A panic of the library's is a BaseException."""
    if isinstance(error, (ProbeError, KeyboardInterrupt, SystemExit)):
        raise error
    return ProbeError(Reason.TLS_ERROR, f"TLS by rustls failed: {error}")
