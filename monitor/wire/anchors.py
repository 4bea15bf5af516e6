"""The trusted authorities, without expired ones.

OpenSSL ends a path at an expired authority, even if another form of it, cross-signed by a valid one, would
do. Browsers and Go skip expired ones, so OpenSSL does not get them while there are others.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from monitor.wire.certificate import parse

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Anchors:
    """The authorities of a context. All but ``lapsed`` are trusted."""

    trusted: tuple[bytes, ...]
    lapsed: tuple[bytes, ...]
    until: float
    """The next expiry among them."""


_of: WeakKeyDictionary[ssl.SSLContext, Anchors] = WeakKeyDictionary()
_NONE = Anchors((), (), float("inf"))


def trusting(ca: str | None) -> ssl.SSLContext:
    """A client's context that trusts those in the file ``ca``, or else those of this machine.

    Raises OSError or ssl.SSLError when the file cannot be used.
    """
    made = ssl.create_default_context(cafile=ca)
    found = _split(made.get_ca_certs(binary_form=True) if ca is None else _in_file(ca))
    if found.lapsed and found.trusted:
        made = ssl.create_default_context(cadata=b"".join(found.trusted))
    _of[made] = found
    return made


def anchors_of(context: ssl.SSLContext) -> Anchors:
    """The authorities of ``context``; empty for a context created elsewhere."""
    return _of.get(context, _NONE)


def _in_file(ca: str) -> list[bytes]:
    text = Path(ca).read_text(encoding="latin-1")
    return [ssl.PEM_cert_to_DER_cert(block) for block in _PEM.findall(text)]


def _split(encoded: Iterable[bytes]) -> Anchors:
    now = time.time()
    ends: dict[bytes, float] = {}
    for one in encoded:
        with suppress(ValueError):  # OpenSSL reads some that nobody else does
            ends[one] = parse(one).not_after
    trusted = tuple(one for one, end in ends.items() if end > now)
    lapsed = tuple(one for one, end in ends.items() if end <= now)
    return Anchors(trusted, lapsed, min((ends[one] for one in trusted), default=float("inf")))
