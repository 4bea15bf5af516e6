"""Host names in the form of resolvers and certificates: IDNA as browsers and curl process it. Pure."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import unquote

_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=-]+")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
"""The characters that separate labels (UTS 46, section 2.3)."""
_LONGEST_LABEL = 63
_LONGEST = 253


def host_on_wire(host: str) -> str:
    """``host`` (no brackets) in lower case and IDNA form. ValueError if no host can have that name.

    The message does not quote ``host``: it may be a part of a password.
    """
    if ":" in host:
        return _ipv6(host)
    name = unquote(host) if "%" in host else host
    name = name.lower() if name.isascii() else _idna(name)
    labels = name.removesuffix(".").split(".")
    if len(name) > _LONGEST + 1 or not all(0 < len(label) <= _LONGEST_LABEL for label in labels):
        raise ValueError("the host's name, or a part of it between dots, is empty or too long")
    if any(map(str.isspace, name)):
        raise ValueError("the host's name has a blank in it")
    if not _HOST.fullmatch(name):
        raise ValueError("the host's name has a character that no host name may have")
    return name


def verified_name(host: str) -> str:
    """``host`` in the form of TLS and certificates. ValueError if no host can have that name.

    Without the dot that ends an absolute name (RFC 6066, section 3), and without an address's interface.
    """
    return host_on_wire(host).partition("%")[0].removesuffix(".")


def _ipv6(host: str) -> str:
    try:
        IPv6Address(host)
    except AddressValueError:
        raise ValueError("the host is not an IPv6 address") from None
    return host


def _idna(name: str) -> str:
    """Each label of ``name`` in ASCII: UTS 46, non-transitional, so that ß stays ß."""
    import idna

    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
        return ".".join(_ascii(label) for label in _DOTS.split(mapped)).lower()
    except (idna.IDNAError, UnicodeError):
        raise ValueError("the host's name has a character that no host name may have") from None


def _ascii(label: str) -> str:
    import idna

    if label.isascii():
        return label
    try:
        return idna.alabel(label).decode("ascii")
    except idna.InvalidCodepoint:
        # UTS 46 admits symbols that IDNA 2008 does not, such as ☃: browsers and curl go there.
        return f"xn--{label.encode('punycode').decode('ascii')}"


def bracketed(host: str) -> str:
    """``host`` in the form that precedes a port."""
    return f"[{host}]" if ":" in host else host
