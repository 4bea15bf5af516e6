"""Certificates by expiry, soonest first, with the endpoints that present them. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from monitor.link.certificates import CertificateInfo
from monitor.text import plain
from monitor.tui.data.board import Entry
from monitor.tui.lists.order import severity

PERIODS: Mapping[str, float] = {
    "expired": 0.0,
    "this week": 7.0,
    "within 30 days": 30.0,
    "within 90 days": 90.0,
    "later": math.inf,
}
"""The headings, each with its limit in days."""
_PART = re.compile(r"(?:^|[,+])(CN|O)=((?:\\.|[^,+\\])*)")


@dataclass(frozen=True, slots=True)
class CertificateExpiry:
    """A certificate, and the endpoints that present it."""

    certificate: CertificateInfo
    entries: tuple[Entry, ...]

    @property
    def key(self) -> tuple[str, float]:
        """Identifies it: the same certificate may come with different chains."""
        return self.certificate.fingerprint, self.certificate.expires

    @property
    def worst(self) -> Entry:
        """The endpoint in the worst state among those that present it."""
        return min(self.entries, key=severity)

    def days_left(self, now: float) -> float:
        """Days until the chain's earliest end; negative once it has passed."""
        return (self.certificate.expires - now) / 86400


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of ``count`` certificates."""

    title: str
    count: int


def made_plain(one: CertificateInfo) -> CertificateInfo:
    """``one`` with all texts made safe for a terminal."""
    return replace(
        one,
        fingerprint=plain(one.fingerprint),
        subject=plain(one.subject),
        issuer=plain(one.issuer),
        names=tuple(map(plain, one.names)),
        ends_first=plain(one.ends_first),
    )


def certificate_expiries(
    presented: Iterable[CertificateInfo], entries: Mapping[int, Entry]
) -> list[CertificateExpiry]:
    """The certificates that ``entries`` present, soonest expiry first."""
    shared: dict[tuple[str, float], list[CertificateInfo]] = {}
    for one in presented:
        if one.handle in entries:
            shared.setdefault((one.fingerprint, one.expires), []).append(one)
    found = [
        CertificateExpiry(same[0], tuple(entries[one.handle] for one in same)) for same in shared.values()
    ]
    return sorted(found, key=lambda expiry: (expiry.certificate.expires, expiry.entries[0].place))


def under_headings(found: Iterable[CertificateExpiry], now: float) -> list[Heading | CertificateExpiry]:
    """``found`` grouped by :data:`PERIODS`, without empty ones."""
    under: dict[str, list[CertificateExpiry]] = {title: [] for title in PERIODS}
    for expiry in found:
        days = expiry.days_left(now)
        under[next(title for title, limit in PERIODS.items() if days < limit)].append(expiry)
    rows: list[Heading | CertificateExpiry] = []
    for title, those in under.items():
        rows += [Heading(title, len(those)), *those] if those else []
    return rows


def names_in(expiry: CertificateExpiry) -> str:
    """The names in the certificate, and those of its endpoints."""
    one = expiry.certificate
    endpoints = (f"{entry.info.name} {entry.info.target} {entry.info.group}" for entry in expiry.entries)
    return " ".join((one.subject, one.issuer, one.fingerprint, *one.names, *endpoints))


def brief(name: str) -> str:
    """The short name of a distinguished name: ``Let's Encrypt R11``, ``shop.example.com``."""
    parts = {key: re.sub(r"\\(.)", r"\1", value) for key, value in reversed(_PART.findall(name))}
    common, organisation = parts.get("CN", ""), parts.get("O", "")
    if len(common) > _TELLING or not organisation:
        return common or name
    return f"{organisation} {common}".strip()


_TELLING = 6
"""Shorter common names, such as ``R11``, are shown with their organization."""
