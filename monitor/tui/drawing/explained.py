"""An explained failure beside the last good check. Pure.

All texts of a server pass through :mod:`monitor.text`; nothing is parsed as markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.style import Style

from monitor.judge.path_trace import conclusion
from monitor.link.messages import EndpointInfo
from monitor.model import Failed, Hop, Reason, Result, Status
from monitor.syntax.duration import format_duration, format_ms
from monitor.text import plain, plain_lines
from monitor.tui.data.moments import moment
from monitor.tui.drawing import words
from monitor.tui.drawing.text_layout import Segments, TextLayout, beside

BESIDE_WIDTH = 84
"""Minimum width in cells for failure and success side by side."""

_BODY_LINES = 12
"""Lines of the answer's body that come before the facts."""

REASON_WORDS: Mapping[Reason, str] = {
    Reason.DNS_ERROR: "the name does not resolve to an address",
    Reason.CONNECTION_REFUSED: "the machine answers, but nothing listens on that port",
    Reason.CONNECTION_RESET: "the peer broke the connection off",
    Reason.UNREACHABLE: "the network has no way to that host",
    Reason.CONNECT_TIMEOUT: "no connection could be opened within {timeout}",
    Reason.TLS_TIMEOUT: "the connection opened, but the TLS handshake was not done within {timeout}",
    Reason.READ_TIMEOUT: "the connection opened, but no complete answer came within {timeout}",
    Reason.TLS_ERROR: "the TLS handshake failed",
    Reason.CERTIFICATE_EXPIRED: "the server's certificate, or an issuer's, has expired",
    Reason.CERTIFICATE_UNTRUSTED: "the server's certificate was not issued by a trusted authority",
    Reason.CERTIFICATE_NAME_MISMATCH: "the server's certificate is for other names",
    Reason.CERTIFICATE_EXPIRING: "the server's certificate expires sooner than the config allows",
    Reason.PROTOCOL_ERROR: "the peer does not speak the protocol, or breaks its rules",
    Reason.TOO_MANY_REDIRECTS: "one redirect led to another, more often than is allowed",
    Reason.STATUS_MISMATCH: "the answer's status is not the one expected",
    Reason.HEADER_MISMATCH: "a header of the answer is not as expected",
    Reason.BODY_MISMATCH: "the answer's body is not as expected",
    Reason.JSON_MISMATCH: "a value in the answer's JSON is not as expected",
    Reason.VERSION_MISMATCH: "the answer came in another version of the protocol than expected",
    Reason.REPLY_MISMATCH: "the reply is not the one expected",
    Reason.RECORD_MISMATCH: "the DNS answer lacks an expected record",
    Reason.VALUE_MISMATCH: "a measured value is not as expected",
    Reason.LATENCY_EXCEEDED: "the answer was right, but came later than the config allows",
    Reason.AUTH_ERROR: "the server rejected the credentials",
    Reason.COMMAND_FAILED: "the command exited with neither 0 (up) nor 1 (degraded)",
    Reason.MISSED: "no heartbeat within the interval and its grace",
    Reason.LOCAL_ERROR: "this machine is at fault; nothing was learnt about the endpoint",
}
"""The meaning of each reason, for an operator woken by it."""


def explain(reason: Reason, info: EndpointInfo) -> str:
    """``reason`` in words."""
    if reason is Reason.READ_TIMEOUT and info.kind in ("dns", "icmp", "udp"):
        return f"no complete answer came within {format_duration(info.timeout)}"
    if reason is Reason.COMMAND_FAILED and info.kind == "push":
        return "the run reported that it failed"
    return REASON_WORDS[reason].format(timeout=format_duration(info.timeout))


def explained(
    failure: Result | None,
    good: Result | None,
    info: EndpointInfo,
    now: float,
    width: int,
    *,
    layout: TextLayout,
) -> list[Segments]:
    """The last failure and the last good check in lines of ``width`` cells, side by side if they fit."""
    if failure is None:
        none = layout.wrapped(
            "no check has failed since the engine began watching", width, layout.palette.good
        )
        return [*none, [], *_good_block(good, info, now, width, layout)]
    changes = tuple(differences(failure, good))
    if width < BESIDE_WIDTH:
        first = _block("LAST FAILURE", failure, info, now, width, layout, changes)
        return [*first, [], *_good_block(good, info, now, width, layout)]
    half = (width - 3) // 2
    gap = layout.segment(f" {'│' if layout.symbols.unicode else '|'} ", layout.palette.dim)
    first = _block("LAST FAILURE", failure, info, now, half, layout, changes)
    return beside(first, _good_block(good, info, now, half, layout), half, gap)


def remembered(
    failure: Result | None,
    good: Result | None,
    info: EndpointInfo,
    now: float,
    width: int,
    *,
    layout: TextLayout,
) -> list[Segments]:
    """For a past moment: the known ones of the two, under one another."""
    known = [("A FAILURE", failure), ("A GOOD CHECK", good)]
    blocks = [_block(title, result, info, now, width, layout) for title, result in known if result]
    forgotten = layout.wrapped("no check of this time is remembered in full", width, layout.palette.dim)
    return [line for block in blocks for line in (*block, [])][:-1] or forgotten


def differences(failure: Result, good: Result | None) -> Iterator[str]:
    """Other differences to the last good check, one sentence each."""
    if good is None:
        return
    if failure.address and good.address and failure.address != good.address:
        yield f"address changed: it passed at {plain(good.address)}, it failed at {plain(failure.address)}"
    theirs, ours = failure.certificate, good.certificate
    if theirs and ours and theirs.fingerprint != ours.fingerprint:
        yield f"certificate changed: it passed with one from {plain(ours.issuer)}"
    if failure.http and good.http and failure.http.version != good.http.version:
        versions = plain(good.http.version), plain(failure.http.version)
        yield "protocol changed: it passed over {}, it failed over {}".format(*versions)
    yield from _slower(failure, good)


def _slower(failure: Result, good: Result) -> Iterator[str]:
    before, after = good.latency_ms, failure.latency_ms
    if before and after and after > 3 * before:
        yield f"it took {format_ms(after)}; when it last passed, {format_ms(before)}"


def _good_block(
    good: Result | None, info: EndpointInfo, now: float, width: int, layout: TextLayout
) -> list[Segments]:
    if good is None:
        return [
            layout.line(("LAST GOOD CHECK", layout.palette.strong)),
            *layout.wrapped("none yet", width, layout.palette.dim),
        ]
    return _block("LAST GOOD CHECK", good, info, now, width, layout)


def _block(
    title: str,
    result: Result,
    info: EndpointInfo,
    now: float,
    width: int,
    layout: TextLayout,
    changes: Sequence[str] = (),
) -> list[Segments]:
    """One check: its verdict, then the request and the answer."""
    ago = f"  {moment(result.checked_at, now)}, {words.age(now - result.checked_at)} ago"
    lines = [layout.line((title, layout.palette.strong), (ago, layout.palette.dim))]
    lines += _verdict(result, info, width, layout)
    for failed in result.failed:
        lines += _assertion(failed, width, layout)
    for change in changes:
        lines += layout.wrapped(change, width, layout.palette.accent)
    explanation = result.explanation
    head, body = _parts(explanation.answer if explanation else "")
    lines += layout.labelled("answer", head.split("\n")[0], width) if head else []
    lines += _beginning(body, width, layout)
    for label, text in _facts(result):
        if text:
            lines += layout.labelled(label, text, width)
    return lines + _in_full(head, body, width, layout)


def _parts(answer: str) -> tuple[str, str]:
    """The head and the body of an HTTP answer; of another one, the first line and the rest."""
    text = plain_lines(answer).rstrip("\n")
    head, _, body = text.partition("\n\n" if text.startswith("HTTP/") else "\n")
    return head, body


def _beginning(body: str, width: int, layout: TextLayout) -> list[Segments]:
    """The first lines of the answer's body. They often name the fault, so they come before all facts."""
    lines = layout.wrapped(body, width) if body else []
    more = layout.line((f"{len(lines) - _BODY_LINES} more lines below", layout.palette.dim))
    return [*lines[:_BODY_LINES], more] if len(lines) > _BODY_LINES else lines


def _in_full(head: str, body: str, width: int, layout: TextLayout) -> list[Segments]:
    """The headers of the answer, and its body if only the beginning of that was shown."""
    headers = head.split("\n")[1:]
    lines = [layout.line(("headers", layout.palette.dim))] * bool(headers)
    lines += [row for header in headers for row in layout.wrapped(header, width)]
    whole = layout.wrapped(body, width) if body else []
    if len(whole) > _BODY_LINES:
        lines += [layout.line(("body", layout.palette.dim)), *whole]
    return lines


def _verdict(result: Result, info: EndpointInfo, width: int, layout: TextLayout) -> list[Segments]:
    style = status_style(result.status, layout)
    if result.reason is None:
        return layout.labelled(result.status.value, plain(result.message), width, style)
    why = layout.wrapped(f"{result.reason.value}: {explain(result.reason, info)}", width, style)
    has_more = result.message and not result.failed  # the assertions say the same
    return why + (layout.labelled("message", plain(result.message), width) if has_more else [])


def status_style(status: Status, layout: TextLayout) -> Style:
    """The style of one check's verdict."""
    palette = layout.palette
    styles = {Status.UP: palette.good, Status.DEGRADED: palette.warn, Status.DOWN: palette.bad}
    return styles.get(status, palette.dim)


def _assertion(failed: Failed, width: int, layout: TextLayout) -> list[Segments]:
    style = layout.palette.bad if failed.severity == "expect" else layout.palette.warn
    return [
        *layout.labelled(failed.severity, plain(failed.check), width, style),
        *layout.labelled("  expected", plain(failed.expected), width),
        *layout.labelled("  actual", plain(failed.actual), width, layout.palette.strong),
    ]


def _facts(result: Result) -> Iterator[tuple[str, str]]:
    """The facts of one check beside its verdict, in the order of the exchange."""
    explanation = result.explanation
    yield "latency", "" if result.latency_ms is None else format_ms(result.latency_ms)
    delayed = result.delayed_ms
    yield "delayed", f"by up to {format_ms(delayed)}: this machine was busy meanwhile" if delayed else ""
    yield "address", plain(result.address or "")
    yield "path", conclusion(explanation.path) if explanation and explanation.path else ""
    yield "measured", ", ".join(f"{plain(label)} {one}" for label, one in (result.performance or {}).items())
    yield "tls", plain(explanation.tls) if explanation else ""
    for number, hop in enumerate(explanation.hops if explanation else (), start=1):
        yield f"hop {number}", _hop(hop)
    yield "note", "; ".join(map(plain, explanation.notes)) if explanation else ""
    if result.http:
        http = result.http
        redirects = f"{http.redirects} redirect{'' if http.redirects == 1 else 's'}"
        yield "http", f"{plain(http.version)} {http.status} · {redirects} · {http.bytes} bytes"
    yield "asked", plain_lines(explanation.asked) if explanation else ""


def _hop(hop: Hop) -> str:
    where = f" at {plain(hop.address)}" if hop.address else ""
    took = f" ({format_ms(hop.latency_ms)})" if hop.latency_ms is not None else ""
    proof = f", certificate of {plain(hop.certificate.subject)}" if hop.certificate else ""
    return f"{plain(hop.asked)}{where}: {plain(hop.answered)}{took}{proof}"
