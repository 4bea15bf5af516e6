"""A presented certificate and its remaining validity. Pure."""

from __future__ import annotations

from rich.style import Style

from monitor.model import Certificate
from monitor.syntax.duration import format_validity
from monitor.text import plain
from monitor.tui.data.moments import moment
from monitor.tui.drawing.text_layout import Segments, TextLayout

SOON_DAYS = 30
"""Days left below which there is a warning."""
_NAMES = 20


def certificate(
    found: Certificate | None, now: float, width: int, *, layout: TextLayout, counts: bool = True
) -> list[Segments]:
    """The lines of a certificate, ``width`` cells wide; ``now`` in seconds since the epoch.

    ``counts``: its expiry matters, and is coloured.
    """
    if found is None:
        return [layout.line(("none was presented", layout.palette.dim))]
    rows = _rows(found, now)
    style = expiry_style(found.days_left(now), layout) if counts else None
    return [
        line
        for label, text in rows
        if text
        for line in layout.labelled(label, text, width, style if label == "validity" else None)
    ]


def _rows(found: Certificate, now: float) -> list[tuple[str, str]]:
    return [
        ("validity", format_validity(found.days_left(now))),
        ("subject", plain(found.subject)),
        ("names", _names(found.names)),
        ("issuer", plain(found.issuer)),
        ("not before", moment(found.not_before, now)),
        ("not after", moment(found.not_after, now)),
        ("sha-256", _grouped(plain(found.fingerprint))),
        *((f"issuer {at}", _issuer(issuer, now)) for at, issuer in enumerate(found.issuers, start=1)),
        ("chain until", _chain(found, now)),
        *(("not needed", _issuer(other, now)) for other in found.unneeded),
    ]


def expiry_style(days: float, layout: TextLayout) -> Style:
    """The style of a certificate with so many days left: bad once it has expired."""
    palette = layout.palette
    return palette.bad if days < 0 else palette.warn if days < SOON_DAYS else palette.good


def _names(names: tuple[str, ...]) -> str:
    more = f", and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(plain(name) for name in names[:_NAMES]) + more


def _chain(found: Certificate, now: float) -> str:
    """When the chain ends, if an issuer's certificate ends before the server's own."""
    earlier = found.expires < found.not_after
    return f"{moment(found.expires, now)} (an issuer's ends first)" if earlier else ""


def _issuer(issuer: Certificate, now: float) -> str:
    return f"{plain(issuer.subject)}, until {moment(issuer.not_after, now)}"


def _grouped(fingerprint: str) -> str:
    """A fingerprint in groups of eight digits, so that it can be compared and broken into lines."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))
