"""The certificates that an endpoint presents, and changes of them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from monitor.model import Certificate, Result

KEPT = 8
"""Certificates to remember of one endpoint: each server behind a name may have its own."""


class Change(NamedTuple):
    """A new certificate; ``expected`` if it looks like a renewal."""

    text: str
    expected: bool


def shown(result: Result) -> tuple[Certificate, ...]:
    """The servers' own certificates in ``result``, those of all hops, each once."""
    hops = result.explanation.hops if result.explanation else ()
    if result.certificate is None and not hops:
        return ()
    found = [hop.certificate for hop in hops] + [result.certificate]
    return tuple({one.fingerprint: one for one in found if one is not None}.values())


def known_with(known: tuple[Certificate, ...], result: Result) -> tuple[Certificate, ...]:
    """``known`` with the certificates of ``result`` in front, at most :data:`KEPT`."""
    now = shown(result)
    if not now or now == known[: len(now)]:
        return known
    fingerprints = {one.fingerprint for one in now}
    return (*now, *(one for one in known if one.fingerprint not in fingerprints))[:KEPT]


def changes(known: tuple[Certificate, ...], result: Result) -> list[Change]:
    """Certificates of ``result`` that are not among ``known``; empty until the first is known."""
    if not known:
        return []
    fingerprints = {one.fingerprint for one in known}
    return [_change(known, one) for one in shown(result) if one.fingerprint not in fingerprints]


def _change(known: tuple[Certificate, ...], fresh: Certificate) -> Change:
    old = next((one for one in known if one.subject == fresh.subject), known[0])
    renewed = old.subject == fresh.subject and old.issuer == fresh.issuer and old.expires <= fresh.expires
    what = "renewed" if renewed else "changed"
    issuer = "" if old.issuer == fresh.issuer else f", issued by {fresh.issuer} (was {old.issuer})"
    return Change(
        f"certificate {what}: {fresh.subject}{issuer}, until {_day(fresh.expires)} (was {_day(old.expires)})",
        renewed,
    )


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
