"""Verifies a chain that was not received by the ``ssl`` module, as with QUIC."""

from __future__ import annotations

import ssl
from contextlib import suppress
from functools import lru_cache

from OpenSSL.crypto import (
    FILETYPE_ASN1,
    Error,
    X509Store,
    X509StoreContextError,
    X509StoreFlags,
    load_certificate,
)

from monitor.errors import FieldError, ProbeError
from monitor.model import Certificate
from monitor.wire.anchors import anchors_of
from monitor.wire.certificate import covers, parse, serves_hosts
from monitor.wire.chain import accepted_chain, certificate_of, issuing
from monitor.wire.hosts import verified_name
from monitor.wire.paths import is_strong, verified_path
from monitor.wire.tls import TlsOptions, context, ready_context, verification_fault


def judged(sent: tuple[bytes, ...], host: str, options: TlsOptions) -> tuple[Certificate, ProbeError | None]:
    """The certificate of a server reached without the ``ssl`` module, and its fault, if any.

    The verdict is the one that the module would give. Of the certificates behind the first, those that
    OpenSSL cannot read are as if they were not there.
    """
    sent = (sent[0], *filter(_is_readable, sent[1:]))
    if not options.verify:
        return certificate_of(sent, issuing(sent[:1], sent)), None
    trusting = ready_context(options)
    presented = certificate_of(sent, issuing(sent[:1], sent + anchors_of(trusting).lapsed))
    try:
        others = [load_certificate(FILETYPE_ASN1, one) for one in sent[1:]]
        path = verified_path(sent[0], others, _store(trusting, options.ca))
    except X509StoreContextError as error:
        return presented, verification_fault(error.errors[0], str(error), presented)
    accepted = accepted_chain(sent, path, trusting)
    code, words = _objection(path, verified_name(host), strong=trusting.security_level > 1)
    return accepted, verification_fault(code, words, accepted) if words else None


def _is_readable(encoded: bytes) -> bool:
    try:
        load_certificate(FILETYPE_ASN1, encoded)
        parse(encoded)
    except (Error, ValueError):
        return False
    return True


def prepare(options: TlsOptions) -> None:
    """Load the trusted authorities, before any clock runs."""
    with suppress(FieldError):  # the check reports a missing file, if it gets that far
        _store(context(options), options.ca)


@lru_cache(maxsize=64)
def _store(trusting: ssl.SSLContext, ca: str | None) -> X509Store:
    """The authorities of ``trusting``: those in ``ca``, or else those of this machine."""
    store = X509Store()
    store.set_flags(X509StoreFlags.PARTIAL_CHAIN)
    known = anchors_of(trusting)
    for one in known.trusted or known.lapsed:
        store.add_cert(load_certificate(FILETYPE_ASN1, one))
    folder = ssl.get_default_verify_paths().capath
    if ca is None and folder:
        store.load_locations(None, folder)
    return store


def _objection(path: tuple[bytes, ...], host: str, *, strong: bool) -> tuple[int, str]:
    """Further objections of the ``ssl`` module: its code and text; empty if none."""
    if not all(map(serves_hosts, path)):
        return 26, "unsuitable certificate purpose"
    if strong and not all(is_strong(load_certificate(FILETYPE_ASN1, one)) for one in path[:-1] or path):
        return 68, "a key or a signature in its path is too weak"
    if not covers(path[0], host):
        return 62, f"Hostname mismatch, certificate is not valid for {host!r}"
    return 0, ""
