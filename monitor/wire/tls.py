"""The TLS settings of a check, the contexts made from them, and the meaning of a failed handshake."""

from __future__ import annotations

import os
import ssl
import time
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from monitor import fields
from monitor.errors import FieldError, LocalError, ProbeError
from monitor.fields import FilePath
from monitor.model import Certificate, Reason
from monitor.syntax.duration import format_validity
from monitor.wire.anchors import anchors_of, trusting
from monitor.wire.hosts import verified_name

_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
_NAME_MISMATCH = {62, 63, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, EMAIL_MISMATCH, IP_ADDRESS_MISMATCH
_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_UNREADABLE = {13, 14}  # X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, …_NOT_AFTER_FIELD
_ENCRYPTED = (b"BEGIN ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")
_LONGEST_KEY_FILE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class TlsOptions:
    """The ``tls`` table."""

    verify: bool = fields.key(
        "Whether the certificate must be trusted, valid and of this name.", default=True
    )
    ca: FilePath | None = fields.key(
        "PEM file of the authorities to trust instead of the system's.", default=None
    )
    cert: FilePath | None = fields.key("PEM file of the client certificate (and its chain).", default=None)
    key: FilePath | None = fields.key(
        "PEM file of the client certificate's key; default: in `cert`.", default=None
    )
    key_password: str | None = fields.key(
        "Password of the key, when it is encrypted.", default=None, example="${KEY_PASSWORD}"
    )
    server_name: str | None = fields.key(
        "Name to ask for and verify instead of the URL's host.", default=None
    )
    min_version: Literal["1.0", "1.1", "1.2", "1.3"] = fields.key(
        "Oldest TLS version to accept.", default="1.2"
    )

    def __post_init__(self) -> None:
        if self.cert is None:
            self._check_without_certificate()
        if self.server_name is not None:
            self._check_server_name(self.server_name)
        if self.ca is not None or self.cert is not None:
            context(self)  # report problems of the files now

    def _check_without_certificate(self) -> None:
        if self.key is not None:
            raise FieldError("tls.key", "is set without tls.cert; name the certificate it belongs to")
        if self.key_password is not None:
            raise FieldError("tls.key_password", "is set without tls.cert; name the certificate and its key")

    def _check_server_name(self, name: str) -> None:
        try:
            verified_name(name)
        except ValueError as error:
            raise FieldError("tls.server_name", str(error)) from None


DEFAULT = TlsOptions()


def context(options: TlsOptions = DEFAULT, alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
    """The context for ``options``: one per distinct setting.

    A file that changes and an authority that expires bring a new one. Raises FieldError when a file
    cannot be used.
    """
    stamps = tuple(_changed_at(file) for file in (options.ca, options.cert, options.key))
    made = _context(options, alpn, stamps, _lapses[options.ca])
    if anchors_of(made).until > time.time():
        return made
    _lapses[options.ca] += 1
    return _context(options, alpn, stamps, _lapses[options.ca])


_lapses: Counter[str | None] = Counter()
"""File -> the number of its authorities that have expired since the first context."""


def ready_context(options: TlsOptions = DEFAULT, alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
    """As :func:`context`, during a check: a file that has gone since the config was read is a LocalError."""
    try:
        return context(options, alpn)
    except FieldError as error:
        raise LocalError(str(error)) from None


def _changed_at(file: str | None) -> int:
    try:
        return os.stat(file).st_mtime_ns if file else 0  # noqa: PTH116 -- in every check: a Path costs four times as much
    except OSError:
        return 0


@lru_cache(maxsize=256)
def _context(
    options: TlsOptions, alpn: tuple[str, ...], _stamps: tuple[int, ...], _lapsed: int
) -> ssl.SSLContext:
    made = _trusting(options)
    made.minimum_version = _VERSIONS[options.min_version]
    made.hostname_checks_common_name = False  # RFC 9525, section 2; browsers and Go do not look at it either
    if options.min_version in ("1.0", "1.1"):
        made.set_ciphers("DEFAULT@SECLEVEL=0")  # OpenSSL 3 offers those versions at level 0 only
    if not options.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if options.cert:
        _load_client_certificate(made, options)
    if alpn:
        made.set_alpn_protocols(list(alpn))
    _made_for[made] = Settings(options, alpn)
    return made


class Settings(NamedTuple):
    """The settings of a context."""

    options: TlsOptions
    alpn: tuple[str, ...]


_made_for: WeakKeyDictionary[ssl.SSLContext, Settings] = WeakKeyDictionary()


def made_for(context: ssl.SSLContext) -> Settings | None:
    """The settings behind ``context``; None for one that was made elsewhere."""
    return _made_for.get(context)


def _trusting(options: TlsOptions) -> ssl.SSLContext:
    try:
        made = trusting(options.ca)
    except (OSError, ssl.SSLError) as error:
        raise FieldError("tls.ca", f"{options.ca} holds no usable certificates ({_words(error)})") from None
    # As curl and browsers verify, and alike under every Python: from 3.13 on these are the other way round.
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return made


def _load_client_certificate(made: ssl.SSLContext, options: TlsOptions) -> None:
    assert options.cert is not None
    password = options.key_password or ""  # never None: OpenSSL would ask for it at the terminal
    try:
        made.load_cert_chain(options.cert, options.key, password=password)
    except (OSError, ssl.SSLError, ValueError) as error:
        raise _client_fault(options, error) from None


def _client_fault(options: TlsOptions, error: Exception) -> FieldError:
    file = options.key or options.cert or ""
    if _is_encrypted(file):
        if options.key_password is None:
            return FieldError("tls.key_password", f"is needed: the key in {file} is encrypted")
        return FieldError("tls.key_password", f"does not open the key in {file}")
    return FieldError("tls.cert", f"{options.cert} and its key cannot be used ({_words(error)})")


def _is_encrypted(file: str) -> bool:
    try:
        with Path(file).open("rb") as opened:
            text = opened.read(_LONGEST_KEY_FILE)
    except OSError:
        return False
    return any(mark in text for mark in _ENCRYPTED)


def handshake_fault(error: ssl.SSLError, certificate: Certificate | None) -> ProbeError:
    """The ProbeError of a handshake that ended in ``error``, given the received certificate, if any."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return verification_fault(error.verify_code, error.verify_message, certificate)
    if isinstance(error, ssl.SSLEOFError):
        return ProbeError(Reason.TLS_ERROR, "the peer closed the connection during the TLS handshake")
    return ProbeError(Reason.TLS_ERROR, f"TLS handshake failed: {_words(error)}")


def verification_fault(code: int, words: str, certificate: Certificate | None) -> ProbeError:
    """The ProbeError for OpenSSL's refusal of ``certificate``, by its code (X509_V_ERR_…) and text.

    Several faults may hold at once while OpenSSL names one: expiry goes first, then trust.
    """
    now = time.time()
    if code == _EXPIRED or (code not in _UNREADABLE and certificate and certificate.days_left(now) < 0):
        return ProbeError(Reason.CERTIFICATE_EXPIRED, _expired(certificate, now))
    if code in _NAME_MISMATCH and not _is_early(certificate, now):
        return ProbeError(Reason.CERTIFICATE_NAME_MISMATCH, _other_names(words, certificate))
    words = "certificate is not yet valid" if code in _NAME_MISMATCH else words
    return ProbeError(Reason.CERTIFICATE_UNTRUSTED, f"the certificate is not trusted: {words}")


def _expired(certificate: Certificate | None, now: float) -> str:
    if certificate is None:
        return "the certificate expired"
    first = min((certificate, *certificate.issuers), key=lambda one: one.not_after)
    whose = "the certificate" if first is certificate else f"the certificate of the issuer {first.subject}"
    return f"{whose} {format_validity((first.not_after - now) / 86400)}"


def _is_early(certificate: Certificate | None, now: float) -> bool:
    return certificate is not None and any(
        one.not_before > now for one in (certificate, *certificate.issuers)
    )


def _other_names(words: str, certificate: Certificate | None) -> str:
    mismatch = words.rstrip(".")
    if certificate is None:
        return mismatch
    if certificate.names:
        return f"{mismatch}; it is for {', '.join(certificate.names[:5])}"
    return (
        f"{mismatch}; it has no subjectAltName, and the common name in {certificate.subject} does not count"
        " (RFC 9110, section 4.3.4)"
    )


def _words(error: Exception) -> str:
    """OpenSSL's reason in words: ``WRONG_VERSION_NUMBER`` reads ``wrong version number``."""
    reason = getattr(error, "reason", None)
    if reason:
        return str(reason).lower().replace("_", " ")
    if "PEM lib" in str(error):  # OpenSSL's only message for a file without the expected contents
        return "not both are there, in PEM"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def read_fault(error: ssl.SSLError) -> ProbeError:
    """The ProbeError of a TLS error after the handshake, such as a refused client certificate."""
    return ProbeError(Reason.TLS_ERROR, f"TLS error: {_words(error)}")
