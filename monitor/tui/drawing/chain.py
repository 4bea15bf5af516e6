"""One certificate in full: its endpoints, its chain, and the certificates of every hop. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from monitor.link.certificates import CertificateInfo
from monitor.link.messages import Detail
from monitor.model import Certificate, Hop, Result
from monitor.syntax.duration import format_validity_briefly
from monitor.text import plain
from monitor.tui.data.board import Entry
from monitor.tui.drawing.certificate import certificate, expiry_style
from monitor.tui.drawing.section import Section
from monitor.tui.drawing.text_layout import Segments, TextLayout, fit
from monitor.tui.lists.certificate_expiry import CertificateExpiry, brief
from monitor.tui.terminal.symbols import WORDS

_MOST_ENDPOINTS = 20


def sections(
    expiry: CertificateExpiry, detail: Detail | None, wrong: str, now: float, *, layout: TextLayout
) -> list[Section]:
    """All sections; ``detail`` is of an endpoint that presents it, ``wrong`` is why there is none."""
    leaf = found(detail, expiry.certificate.fingerprint) or _as_presented(expiry.certificate)
    trouble = [Section(lambda width, _: layout.wrapped(wrong, width, layout.palette.warn))] if wrong else []
    return [
        *trouble,
        _one(leaf, brief(leaf.subject), now, layout),
        *(_one(issuer, f"Issuer {place}", now, layout) for place, issuer in enumerate(leaf.issuers, start=1)),
        *(_unneeded(other, now, layout) for other in leaf.unneeded),
        *_hops(_seen(detail), now, layout),
        _endpoints(expiry, layout),
    ]


def found(detail: Detail | None, fingerprint: str) -> Certificate | None:
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
