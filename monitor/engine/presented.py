"""Which certificates endpoints present, for a calendar of their ends. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from monitor.engine import paging
from monitor.judge.certificates import shown
from monitor.link.messages import Certificates, Presented
from monitor.model import Certificate

if TYPE_CHECKING:
    from monitor.engine.watched import Watched

_NAMES = 20


def page(watched: Mapping[int, Watched], after: int, redact: Callable[[str], str]) -> Certificates:
    """What the next endpoints with a handle above ``after`` present."""
    handles, more = paging.page(watched, after)
    found = [
        _presented(handle, certificate, redact)
        for handle in handles
        for certificate in newest(watched[handle])
    ]
    return Certificates(certificates=tuple(found), after=more)


def newest(watched: Watched) -> tuple[Certificate, ...]:
    """The servers' own certificates, those of all hops, in the last check that saw any."""
    results = filter(None, (watched.last, watched.last_good, watched.last_failure))
    seen: Iterator[tuple[Certificate, ...]] = map(
        shown, sorted(results, key=lambda result: result.checked_at, reverse=True)
    )
    return next(filter(None, seen), ())


def _presented(handle: int, certificate: Certificate, redact: Callable[[str], str]) -> Presented:
    chain = (certificate, *certificate.issuers)
    first = min(chain, key=lambda one: one.not_after)
    return Presented(
        handle=handle,
        fingerprint=certificate.fingerprint,
        subject=redact(certificate.subject),
        issuer=redact(certificate.issuer),
        names=tuple(redact(name) for name in certificate.names[:_NAMES]),
        more_names=max(len(certificate.names) - _NAMES, 0),
        not_before=certificate.not_before,
        expires=first.not_after,
        ends_first="" if first is certificate else redact(first.subject),
    )
