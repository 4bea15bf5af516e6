"""A QUIC connection to one peer (RFC 9000), by aioquic's protocol engine on a socket of ours.

The engine is sans I/O. It verifies no certificate here: that is done as for TCP, so that a server gets
the same verdict whichever way it is reached.
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from monitor.errors import LocalError, ProbeError
from monitor.model import Reason
from monitor.text import plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import ALLOWANCE
from monitor.wire.datagram import NOT_THERE, Datagram, dial
from monitor.wire.hosts import verified_name
from monitor.wire.resolve import Address, IpVersion, resolve
from monitor.wire.tls import TlsOptions

if TYPE_CHECKING:
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.connection import QuicConnection

HEAD_START = 1.0
"""Seconds to wait for an address before the next one is tried."""
_LONGEST_SILENCE = 3600.0
"""Timeout of the engine in seconds; the check's deadline comes first."""
_CRYPTO_ERROR, _NO_APPLICATION_PROTOCOL = 0x100, 0x178


def installed() -> bool:
    """Whether the library is there: it comes with the extra ``http3``."""
    return find_spec("aioquic") is not None


@cache
def load() -> None:
    """Load the library now rather than in an exchange."""
    import aioquic.h3.connection
    import aioquic.quic.connection  # noqa: F401

    # Its log repeats the events. Its parser's warnings about certificates do not matter here.
    logging.getLogger("quic").addHandler(logging.NullHandler())
    logging.getLogger("quic").propagate = False
    warnings.filterwarnings("ignore", module=r"aioquic\.tls")


def prepare(options: TlsOptions) -> None:
    """Load the files that these settings need, before any clock runs."""
    load()
    from monitor.wire import verification

    verification.prepare(options)


class _Leaf:
    """The server's certificate as the engine needs it: its key alone, read as leniently as by OpenSSL."""

    def __init__(self, encoded: bytes) -> None:
        self._encoded = encoded

    def public_key(self) -> Any:
        from OpenSSL.crypto import FILETYPE_ASN1, Error, load_certificate

        try:
            return load_certificate(FILETYPE_ASN1, self._encoded).get_pubkey().to_cryptography_key()
        except Error:
            raise ValueError("no certificate, or without a key") from None


@cache
def _engine_class() -> type[QuicConnection]:
    from aioquic.quic.connection import QuicConnection
    from aioquic.tls import AlertBadCertificate

    class Engine(QuicConnection):
        """An engine that parses no certificates: its parser refuses some that browsers accept."""

        sent: tuple[bytes, ...] = ()

        def _initialize(self, peer_cid: bytes) -> None:
            super()._initialize(peer_cid)
            self.tls._set_peer_certificate = self._take  # type: ignore[method-assign,assignment]  # noqa: SLF001

        def _take(self, message: Any) -> None:
            self.sent = tuple(encoded for encoded, _ in message.certificates)
            if not self.sent:
                raise AlertBadCertificate("the server sent no certificate")
            self.tls._peer_certificate = _Leaf(self.sent[0])  # type: ignore[assignment]  # noqa: SLF001

    return Engine


class Quic:
    """One connection. Close it: ``with await open_quic(…) as connection:``. Errors are ProbeErrors."""

    def __init__(
        self, peer: Datagram, configuration: QuicConfiguration, trace: Trace, allowance: int
    ) -> None:
        self._peer = peer
        self._trace = trace
        self._clock = asyncio.get_running_loop().time
        self._allowance = allowance
        self.engine: Any = _engine_class()(configuration=configuration)
        self.heard = False
        """Whether anything arrived from the peer."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._peer.__exit__(kind, error, tb)

    def connect(self) -> None:
        """Start the handshake. The engine has one peer on a socket of its own, so any address will do."""
        self.engine.connect(("peer", 0), now=self._clock())

    async def step(self) -> list[Any]:
        """Send due packets, and wait for the peer or for the engine's timer. Return the events."""
        await self.send()
        data = await self._peer.receive_by(self.engine.get_timer())
        if data is None:
            self.engine.handle_timer(now=self._clock())
        else:
            self._take(data)
        return self._events()

    async def send(self) -> None:
        """Send due packets."""
        for data, _ in self.engine.datagrams_to_send(now=self._clock()):
            await self._peer.send(data)

    def _take(self, data: bytes) -> None:
        if not self.heard:
            self.heard = True
            self._trace.enter(Phase.TLS)
        self._allowance -= len(data)
        if self._allowance < 0:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the peer sends without end")
        self.engine.receive_datagram(data, ("peer", 0), now=self._clock())

    def _events(self) -> list[Any]:
        events = []
        while (event := self.engine.next_event()) is not None:
            events.append(event)
        self.complain()
        return events

    def complain(self) -> None:
        """Raise ProbeError if either side has ended the connection.

        The engine reports it only after waiting for late packets.
        """
        end = self.engine._close_event  # noqa: SLF001 -- there is no other way to know at once
        if end is not None:
            raise _ended(end.error_code, end.reason_phrase, by_protocol=end.frame_type is None)

    async def shake_hands(self, patience: float | None) -> None:
        """Go through the handshake; the phase is ``tls`` from the peer's first packet on.

        TimeoutError when nothing at all comes within ``patience`` seconds.
        """
        events: list[Any] = []
        async with asyncio.timeout(patience):
            while not self.heard:
                events = await self.step()
        while not any(type(event).__name__ == "HandshakeCompleted" for event in events):
            events = await self.step()

    async def farewell(self, code: int) -> None:
        """Close the connection; it does not matter whether the last packet arrives."""
        self.engine.close(error_code=code)
        try:
            await self.send()
        except ProbeError:
            return


def _ended(code: int, words: str, *, by_protocol: bool) -> ProbeError:
    """The error for a closed connection; ``by_protocol`` distinguishes HTTP/3's codes from QUIC's own."""
    if by_protocol:
        said = plain(words) or f"error {code:#x}"
        return ProbeError(Reason.PROTOCOL_ERROR, f"HTTP/3 ended: {said}")
    if code == _NO_APPLICATION_PROTOCOL:
        return ProbeError(Reason.PROTOCOL_ERROR, "the server does not agree to HTTP/3")
    if code & ~0xFF == _CRYPTO_ERROR:
        said = plain(words) or f"alert {code & 0xFF}"
        return ProbeError(Reason.TLS_ERROR, f"TLS handshake failed: {said}")
    if "common protocol version" in words:
        return ProbeError(Reason.PROTOCOL_ERROR, "the server speaks no version of QUIC that we speak")
    said = plain(words) or f"error {code:#x}"
    return ProbeError(Reason.PROTOCOL_ERROR, f"the connection ended: {said}")


async def open_quic(
    where: tuple[str, int],
    name: str,
    options: TlsOptions,
    trace: Trace,
    *,
    ip_version: IpVersion = "auto",
    allowance: int = ALLOWANCE,
) -> Quic:
    """A connection on which a request may be made: ``name`` is asked for and verified.

    Phases ``dns`` (for a name), ``connect`` and ``tls``; notes address, certificate and cipher.
    """
    addresses = await resolve(*where, trace, ip_version)
    trace.enter(None)
    load()
    configuration = _configuration(name, options)
    trace.skip_gap()
    for address in addresses[:-1]:
        try:
            return await _opened(address, configuration, name, options, trace, allowance, HEAD_START)
        except TimeoutError:
            continue
        except ProbeError as error:
            if error.reason not in NOT_THERE:
                raise
    return await _opened(addresses[-1], configuration, name, options, trace, allowance, None)


async def _opened(
    address: Address,
    configuration: QuicConfiguration,
    name: str,
    options: TlsOptions,
    trace: Trace,
    allowance: int,
    patience: float | None,
) -> Quic:
    """As :func:`open_quic`; TimeoutError when there is no answer at all within ``patience`` seconds."""
    connection = Quic(dial(address, trace), configuration, trace, allowance)
    try:
        connection.connect()
        await connection.shake_hands(patience)
        _verify(connection, name, options, trace)
    except BaseException:
        connection.__exit__(None, None, None)
        raise
    return connection


def _configuration(name: str, options: TlsOptions) -> QuicConfiguration:
    import ssl

    from aioquic.h3.connection import H3_ALPN
    from aioquic.quic.configuration import QuicConfiguration

    try:
        made = QuicConfiguration(
            alpn_protocols=H3_ALPN,
            server_name=verified_name(name),
            verify_mode=ssl.CERT_NONE,
            idle_timeout=_LONGEST_SILENCE,
        )
    except ValueError as error:
        raise ProbeError(Reason.TLS_ERROR, f"TLS cannot ask for that server name: {error}") from None
    if options.cert is not None:
        _load_client_certificate(made, options, options.cert)
    return made


def _load_client_certificate(made: QuicConfiguration, options: TlsOptions, cert: str) -> None:
    from aioquic.tls import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificates

    password = options.key_password.encode() if options.key_password else None
    try:
        made.certificate, *made.certificate_chain = load_pem_x509_certificates(Path(cert).read_bytes())
        made.private_key = load_pem_private_key(Path(options.key or cert).read_bytes(), password)
    except (OSError, ValueError, TypeError):
        raise LocalError(f"{cert} and its key cannot be used over QUIC") from None


def _verify(connection: Quic, name: str, options: TlsOptions, trace: Trace) -> None:
    from monitor.wire import verification

    tls = connection.engine.tls
    certificate, fault = verification.judged(connection.engine.sent, name, options)
    trace.certificates += (certificate,)
    trace.tls = "TLSv1.3" if tls.key_schedule is None else f"TLSv1.3 TLS_{tls.key_schedule.cipher_suite.name}"
    if fault is not None:
        raise fault
