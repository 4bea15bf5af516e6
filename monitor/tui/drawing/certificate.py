"""A presented certificate: its fields, and in full with its chain, its hops and its endpoints. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from rich.style import Style

from monitor.link.certificates import CertificateInfo
from monitor.link.messages import Detail
from monitor.model import Certificate, Hop, Result
from monitor.syntax.duration import format_validity, format_validity_briefly
from monitor.text import plain
from monitor.tui.data.board import Entry
from monitor.tui.data.moments import moment
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit
from monitor.tui.lists.certificate_expiry import CertificateExpiry, brief
from monitor.tui.terminal.symbols import WORDS

SOON_DAYS = 30
"""Days left below which there is a warning."""
_NAMES = 20
_MOST_ENDPOINTS = 20


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


def certificate_sections(
    expiry: CertificateExpiry, detail: Detail | None, wrong: str, now: float, *, layout: TextLayout
) -> list[Section]:
    """All sections; ``detail`` is of an endpoint that presents it, ``wrong`` is why there is none."""
    leaf = find_certificate(detail, expiry.certificate.fingerprint) or _as_presented(expiry.certificate)
    trouble = [Section(lambda width, _: layout.wrapped(wrong, width, layout.palette.warn))] if wrong else []
    return [
        *trouble,
        _one(leaf, brief(leaf.subject), now, layout),
        *(_one(issuer, f"Issuer {place}", now, layout) for place, issuer in enumerate(leaf.issuers, start=1)),
        *(_unneeded(other, now, layout) for other in leaf.unneeded),
        *_hops(_seen(detail), now, layout),
        _endpoints(expiry, layout),
    ]


def find_certificate(detail: Detail | None, fingerprint: str) -> Certificate | None:
    """The certificate with that fingerprint and its chain; None if no result has it."""
    results = (detail.last, detail.last_good, detail.last_failure) if detail else ()
    shown = (one for result in results if result for one in _certificates(result))
    return next((one for one in shown if one.fingerprint == fingerprint), None)


def _certificates(result: Result) -> list[Certificate]:
    hops = result.explanation.hops if result.explanation else ()
    return [one for one in (result.certificate, *(hop.certificate for hop in hops)) if one]


def _as_presented(one: CertificateInfo) -> Certificate:
    return Certificate(
        subject=one.subject,
        issuer=one.issuer,
        not_before=one.not_before,
        not_after=one.expires,
        names=one.names,
        fingerprint=one.fingerprint,
    )


def _one(one: Certificate, title: str, now: float, layout: TextLayout) -> Section:
    alone = replace(one, issuers=(), unneeded=())
    return Section(lambda width, _: certificate(alone, now, width, layout=layout), plain(title))


def _unneeded(one: Certificate, now: float, layout: TextLayout) -> Section:
    """The unneeded certificates. An expired one is no alarm and has no colour."""
    draw = partial(certificate, one, now, layout=layout, counts=False)
    return Section(lambda width, _: draw(width), "Sent, not needed")


def _seen(detail: Detail | None) -> tuple[Hop, ...]:
    """The hops of the newest check that has certificates."""
    results = (detail.last, detail.last_good, detail.last_failure) if detail else ()
    hops = (result.explanation.hops for result in results if result and result.explanation)
    return next((those for those in hops if any(hop.certificate for hop in those)), ())


def _hops(hops: tuple[Hop, ...], now: float, layout: TextLayout) -> list[Section]:
    if not hops:
        return []

    def draw(width: int, _height: int) -> list[Segments]:
        return [line for hop in hops for line in _hop(hop, now, width, layout)]

    return [Section(draw, "Hops", f"{len(hops)}")]


def _hop(hop: Hop, now: float, width: int, layout: TextLayout) -> list[Segments]:
    shown = hop.certificate
    asked = layout.wrapped(plain(hop.asked), width)
    if shown is None:
        return [*asked, layout.line(("  no certificate", layout.palette.dim))]
    days = shown.days_left(now)
    name = fit(brief(plain(shown.subject)), max(width - 10, 1))
    return [*asked, layout.line((f"  {format_validity_briefly(days):>5} ", expiry_style(days, layout)), name)]


def _endpoints(expiry: CertificateExpiry, layout: TextLayout) -> Section:
    def draw(width: int, _height: int) -> list[Segments]:
        lines = [_endpoint(entry, width, layout) for entry in expiry.entries[:_MOST_ENDPOINTS]]
        more = len(expiry.entries) - _MOST_ENDPOINTS
        return lines + ([layout.line((f"and {more} more", layout.palette.dim))] if more > 0 else [])

    return Section(draw, "Presented by", f"{len(expiry.entries)}")


def _endpoint(entry: Entry, width: int, layout: TextLayout) -> Segments:
    state = entry.status.state
    head = f"{layout.symbols.states[state]} {WORDS[state]} "
    rest = fit(layout.symbols.text(f" {entry.info.name}  {entry.info.target}"), max(width - len(head), 1))
    return layout.line((head, layout.palette.states[state]), rest)
