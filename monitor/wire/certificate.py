"""One certificate, read from its DER form (RFC 5280, section 4.1).

OpenSSL has read it before us, and OpenSSL decides whether it is trusted. So nothing is judged here:
every field is read by itself, and one that cannot be read is left out. A stricter parser would turn
certificates that every browser accepts into outages.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from itertools import islice

from monitor.model import Certificate
from monitor.text import plain
from monitor.wire import der
from monitor.wire.der import Element

_NAME_LIMIT = 500
_NAMES_LIMIT = 200

_SUBJECT_ALT_NAME, _EXTENDED_KEY_USAGE = "2.5.29.17", "2.5.29.37"
_SUBJECT_KEY, _AUTHORITY_KEY = "2.5.29.14", "2.5.29.35"

_SHORT_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
}
_ESCAPED = re.compile(r'[,+"\\<>;]')


@dataclass(frozen=True, slots=True)
class Fields:
    """The parts of a certificate, as they are encoded."""

    issuer: Element
    validity: Element
    subject: Element
    extensions: tuple[tuple[str, bytes], ...]
    """Object identifier and value of each; the same one may occur twice."""

    def extension(self, wanted: str) -> bytes | None:
        """The first extension with that identifier."""
        return next((value for identifier, value in self.extensions if identifier == wanted), None)


@lru_cache(maxsize=4096)
def parse(encoded: bytes) -> Certificate:
    """One certificate; parsed once and then cached. ValueError if it is garbage."""
    found = fields(encoded)
    begins, ends = _validity(found.validity)
    return Certificate(
        subject=plain(_name(found.subject), _NAME_LIMIT),
        issuer=plain(_name(found.issuer), _NAME_LIMIT),
        not_before=begins,
        not_after=ends,
        names=tuple(plain(name) for name in islice(_alternative_names(found), _NAMES_LIMIT)),
        fingerprint=hashlib.sha256(encoded).hexdigest(),
    )


@lru_cache(maxsize=4096)
def fields(encoded: bytes) -> Fields:
    """Parse a certificate. ValueError if it is garbage."""
    signed = der.first(der.first(encoded).body).inside()
    if signed and signed[0].tag == 0xA0:  # the version, left out by version 1
        del signed[0]
    if len(signed) < 6:
        raise ValueError("not a certificate")
    _serial, _algorithm, issuer, validity, subject, _key, *rest = signed
    return Fields(issuer, validity, subject, tuple(_extensions(rest)))


def _extensions(rest: Iterable[Element]) -> Iterator[tuple[str, bytes]]:
    for one in rest:
        if one.tag == 0xA3:
            yield from _listed_extensions(one.body)


def _listed_extensions(body: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        for extension in der.first(body).inside():
            parts = extension.inside()
            yield der.oid(parts[0].body), parts[-1].body
    except (ValueError, IndexError):
        return


# ── when it is valid ────────────────────────────────────────────────────────────────────────────


def _validity(validity: Element) -> tuple[float, float]:
    """Beginning and end of the validity. An unreadable one is the epoch: the certificate is then expired."""
    moments = [_moment(one) for one in _parts(validity)[:2]]
    return moments[0] if moments else 0.0, moments[1] if len(moments) > 1 else 0.0


def _moment(one: Element) -> float:
    try:
        return der.timestamp(one)
    except (ValueError, OverflowError):
        return 0.0


def _parts(one: Element) -> list[Element]:
    """The contents that can be read."""
    found: list[Element] = []
    with suppress(ValueError):
        found.extend(der.elements(one.body))
    return found


# ── distinguished names ─────────────────────────────────────────────────────────────────────────


def _name(name: Element) -> str:
    """A distinguished name as RFC 4514 writes it, the last part first."""
    parts = ("+".join(_attributes(relative)) for relative in reversed(_parts(name)))
    return ",".join(filter(None, parts))


def _attributes(relative: Element) -> Iterator[str]:
    for attribute in _parts(relative):
        match _parts(attribute):
            case [kind, value, *_]:
                identifier = der.oid(kind.body)
                yield f"{_SHORT_NAMES.get(identifier, identifier)}={_value(value)}"


def _value(one: Element) -> str:
    text = der.text(one)
    return "#" + one.raw.hex() if text is None else _escaped(text)


def _escaped(value: str) -> str:
    """RFC 4514, section 2.4."""
    value = _ESCAPED.sub(r"\\\g<0>", value).replace("\0", r"\00")
    if value.startswith(("#", " ")):
        value = "\\" + value
    return value[:-1] + r"\ " if value.endswith(" ") and len(value) > 2 else value


# ── alternative names ───────────────────────────────────────────────────────────────────────────


def _alternative_names(found: Fields) -> Iterator[str]:
    for identifier, value in found.extensions:
        if identifier == _SUBJECT_ALT_NAME:
            for name in _general_names(value):
                yield from filter(None, [_general_name(name)])


def _general_names(value: bytes) -> list[Element]:
    try:
        return _parts(der.first(value))
    except ValueError:
        return []


def _general_name(name: Element) -> str | None:
    """A name (RFC 5280, section 4.2.1.6); None for kinds that are no names of hosts."""
    if name.number in (1, 2, 6):  # mail address, host name, URI
        return der.utf8_or_latin1(name.body)
    if name.number == 4:
        return "".join(map(_name, _parts(name)[:1]))
    if name.number == 7:
        return _address(name.body)
    return der.oid(name.body) if name.number == 8 else None


def _address(body: bytes) -> str | None:
    return str(ip_address(body)) if len(body) in (4, 16) else None


def covers(encoded: bytes, host: str) -> bool:
    """Whether it is for ``host``, an address or a name as it is verified (RFC 9525, section 6)."""
    names = [
        name
        for identifier, value in fields(encoded).extensions
        if identifier == _SUBJECT_ALT_NAME
        for name in _general_names(value)
    ]
    try:
        address = ip_address(host).packed
    except ValueError:
        wanted = host.lower()
        return any(name.number == 2 and _fits(der.utf8_or_latin1(name.body), wanted) for name in names)
    return any(name.number == 7 and name.body == address for name in names)


def _fits(pattern: str, host: str) -> bool:
    """A wildcard is a whole label, the first, and stands for one; a name of two labels has none."""
    first, _, rest = pattern.lower().partition(".")
    if first == "*" and "." in rest:
        return bool(host.partition(".")[0]) and host.partition(".")[2] == rest
    return pattern.lower() == host


# ── who issued whom ─────────────────────────────────────────────────────────────────────────────


def may_have_issued(issuer: bytes, issued: bytes) -> bool:
    """Whether the issuer's name and key identifier match; the signature is not verified."""
    above, below = fields(issuer), fields(issued)
    if _comparable(above.subject) != _comparable(below.issuer):
        return False
    named, own = _authority_key(below), _subject_key(above)
    return named is None or own is None or named == own


@lru_cache(maxsize=4096)
def _comparable(name: Element) -> str:
    """A name without differences of case, blanks and type of string (RFC 5280, section 7.1)."""
    return " ".join(_name(name).casefold().split())


def issued_itself(encoded: bytes) -> bool:
    """Whether subject and issuer are one, as in a root's certificate."""
    found = fields(encoded)
    return _comparable(found.subject) == _comparable(found.issuer)


def serves_hosts(encoded: bytes) -> bool:
    """Whether its extended key usage, if any, allows it in the path of a TLS server."""
    usage = fields(encoded).extension(_EXTENDED_KEY_USAGE)
    if usage is None:
        return True
    return not {"1.3.6.1.5.5.7.3.1", "2.5.29.37.0"}.isdisjoint(
        der.oid(purpose.body) for purpose in _general_names(usage)
    )


def _subject_key(found: Fields) -> bytes | None:
    value = found.extension(_SUBJECT_KEY)
    try:
        return None if value is None else der.first(value).body
    except ValueError:
        return None


def _authority_key(found: Fields) -> bytes | None:
    value = found.extension(_AUTHORITY_KEY)
    named = _general_names(value) if value is not None else []
    return next((one.body for one in named if one.number == 0), None)
