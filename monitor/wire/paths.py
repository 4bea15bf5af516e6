"""The valid path that lasts longest, where there are several.

OpenSSL stops at the first path that it finds. A server that sends two certificates of its issuer, the
old one and the new one, is good for as long as the new one: when the old one ends, OpenSSL takes the
other. OpenSSL decides here too which paths are valid; we remove the certificate that expires first, and
ask again.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Sequence

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

from monitor.wire.certificate import parse, serves_hosts
from monitor.wire.chain import ends

_MOST_STEPS = 8
_LEAST_BITS = 2048
_BROKEN_DIGESTS = (b"md5", b"sha1")


def lasting(sent: tuple[bytes, ...], path: tuple[bytes, ...], context: ssl.SSLContext) -> tuple[bytes, ...]:
    """``path``, or the path from the same certificate that ``context`` accepts too and that lasts longest."""
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
