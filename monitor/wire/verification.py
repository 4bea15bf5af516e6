"""Verification by OpenSSL itself, for what the ``ssl`` module does not do.

It does not verify a chain that it did not receive, as with QUIC. And it stops at the first valid path: a
server that sends two certificates of its issuer, the old one and the new one, is good for as long as the new
one lasts.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache

from OpenSSL.crypto import (
    FILETYPE_ASN1,
    TYPE_DSA,
    TYPE_RSA,
    X509,
    Error,
    X509Store,
    X509StoreContext,
    X509StoreContextError,
    X509StoreFlags,
    dump_certificate,
    load_certificate,
)

from monitor.errors import FieldError, ProbeError
from monitor.model import Certificate
from monitor.wire.anchors import anchors_of
from monitor.wire.certificate import covers, parse, serves_hosts
from monitor.wire.chain import accepted_chain, certificate_of, ends, issuing
from monitor.wire.hosts import verified_name
from monitor.wire.tls import TlsOptions, context, ready_context, verification_fault

_MOST_STEPS = 8
_LEAST_BITS = 2048
_BROKEN_DIGESTS = (b"md5", b"sha1")


def lasting(sent: tuple[bytes, ...], path: tuple[bytes, ...], context: ssl.SSLContext) -> tuple[bytes, ...]:
    """``path``, or the path from the same certificate that ``context`` accepts too and that lasts longest.

    OpenSSL decides which paths are valid. We remove the certificate that expires first, and ask again.
    """
    now = time.time()
    trusted = _loaded({path[-1], *context.get_ca_certs(binary_form=True)}, now)
    others = _loaded(sent[1:], now, strong=context.security_level > 1)
    for _ in range(_MOST_STEPS):
        until = ends(path)
        better = _verified(sent[0], _after(until, others), _after(until, trusted))
        if better is None:
            break
        path = better
    return path


def _loaded(encoded: Iterable[bytes], now: float, *, strong: bool = False) -> dict[bytes, X509]:
    """The certificates that may be part of a server's path now."""
    found = {}
    for one in encoded:
        try:
            dates, loaded = parse(one), load_certificate(FILETYPE_ASN1, one)
            usable = dates.not_before <= now < dates.not_after and serves_hosts(one)
            if usable and (is_strong(loaded) or not strong):
                found[one] = loaded
        except (Error, ValueError):
            continue
    return found


def is_strong(one: X509) -> bool:
    """Whether OpenSSL's security level 2 accepts an intermediate with that key and that signature."""
    key = one.get_pubkey()
    short = key.type() in (TYPE_RSA, TYPE_DSA) and key.bits() < _LEAST_BITS
    algorithm = one.get_signature_algorithm().lower()
    return not short and not any(digest in algorithm for digest in _BROKEN_DIGESTS)


def _after(until: float, loaded: dict[bytes, X509]) -> list[X509]:
    return [certificate for one, certificate in loaded.items() if parse(one).not_after > until]


def _verified(leaf: bytes, others: Sequence[X509], trusted: Sequence[X509]) -> tuple[bytes, ...] | None:
    """A path from ``leaf`` through some of ``others`` to one of ``trusted``; None when there is none."""
    store = X509Store()
    store.set_flags(X509StoreFlags.PARTIAL_CHAIN)
    for one in trusted:
        store.add_cert(one)
    try:
        return verified_path(leaf, others, store)
    except (Error, X509StoreContextError):
        return None


def verified_path(leaf: bytes, others: Sequence[X509], store: X509Store) -> tuple[bytes, ...]:
    """The path that OpenSSL builds. X509StoreContextError when there is none that is valid."""
    asked = X509StoreContext(store, load_certificate(FILETYPE_ASN1, leaf), others)
    return tuple(dump_certificate(FILETYPE_ASN1, one) for one in asked.get_verified_chain())


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
