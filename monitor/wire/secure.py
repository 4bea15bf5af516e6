"""The client's end of a TLS session. Sans I/O: a connection carries its bytes.

OpenSSL could read the socket itself, and costs a little less then; but it reads on as long as there
is something to read, so that a peer that never pauses would stop the whole process.
"""

from __future__ import annotations

import ssl

from monitor.errors import ProbeError
from monitor.model import Certificate, Reason
from monitor.wire.chain import Chains, chains_of, presented
from monitor.wire.hosts import verified_name
from monitor.wire.tls import handshake_fault, read_fault


class Secure:
    """A client's TLS session with ``server_name``, which is asked for and verified.

    Raises ProbeError: ``tls_error``, ``certificate_untrusted`` …
    """

    __slots__ = ("_done", "_incoming", "_outgoing", "_session")

    def __init__(self, context: ssl.SSLContext, server_name: str) -> None:
        self._done = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            name = verified_name(server_name)
            self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        except ssl.SSLError as error:
            raise handshake_fault(error, None) from None
        except ValueError as error:  # a name that no certificate can hold
            raise ProbeError(Reason.TLS_ERROR, f"TLS cannot ask for that server name: {error}") from None

    @property
    def protocol(self) -> str | None:
        """The protocol selected by ALPN, such as ``h2``."""
        return self._session.selected_alpn_protocol()

    @property
    def certificate(self) -> Certificate | None:
        """The peer's certificate, verified or not."""
        return presented(self._session, accepted=self._done)

    @property
    def chains(self) -> Chains:
        """The received certificates, and the verified path."""
        return chains_of(self._session)

    def __str__(self) -> str:
        """Protocol version and cipher, as in ``TLSv1.3 TLS_AES_256_GCM_SHA384``, as far as agreed on."""
        cipher = self._session.cipher()
        return " ".join(filter(None, (self._session.version(), cipher and cipher[0])))

    @property
    def due(self) -> bool:
        """Whether there is something to send."""
        return self._outgoing.pending > 0

    def outgoing(self) -> bytes:
        """Take the bytes to send."""
        return self._outgoing.read()

    def feed(self, data: bytes) -> None:
        """Feed received data; ``b""`` at the end of the stream."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def shake_hands(self) -> bool:
        """Continue the handshake as far as possible. Return whether it is done."""
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError as error:
            raise handshake_fault(error, self.certificate) from None
        self._done = True
        return True

    def read(self, limit: int) -> bytes | None:
        """At most ``limit`` decrypted bytes, ``b""`` at the end; None if more data is needed."""
        try:
            return self._session.read(limit)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLEOFError:  # without saying goodbye, as many do
            return b""
        except ssl.SSLError as error:
            raise read_fault(error) from None

    def write(self, data: bytes) -> None:
        """Encrypt ``data``: it waits in :meth:`outgoing`."""
        try:
            while data:
                data = data[self._session.write(data) :]
        except ssl.SSLError as error:
            raise read_fault(error) from None
