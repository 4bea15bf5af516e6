"""Results made safe to leave this process: secrets masked, foreign text plain and short. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from monitor.judge.verdict import ACTUAL_LIMIT, summary
from monitor.model import Certificate, Explanation, Failed, Hop, Measure, Result
from monitor.text import plain, plain_lines

_Record = TypeVar("_Record", bound=msgspec.Struct)


def redacted(result: Result, redact: Callable[[str], str]) -> Result:
    """``result`` as it may leave this process: secrets masked, foreign text plain and short.

    _Records are cut to the visible length only after the masking, so that no half of a secret escapes.
    """
    return _with_changes(
        result,
        message=_message(result, redact),
        address=result.address and plain(redact(result.address)),
        performance=result.performance and _redacted_performance(result.performance, redact),
        heartbeat=result.heartbeat and replace(result.heartbeat, note=plain(redact(result.heartbeat.note))),
        failed=result.failed and tuple([_redacted_failed(one, redact) for one in result.failed]),
        explanation=result.explanation and _redacted_explanation(result.explanation, redact),
        certificate=result.certificate and _redacted_certificate(result.certificate, redact),
    )


def _with_changes(record: _Record, **fields: Any) -> _Record:
    """``record`` with these fields; the same object if nothing changes, as after most checks."""
    for name, value in fields.items():
        before = getattr(record, name)
        if before is not value and before != value:
            return replace(record, **fields)
    return record


def _message(result: Result, redact: Callable[[str], str]) -> str:
    """The message of a redacted result; violations in it are described again from redacted values."""
    if not result.failed:
        return plain(redact(result.message))
    before, violation, after = result.message.partition(summary(result.failed))
    if violation:
        violation = summary([_redacted_failed(one, redact) for one in result.failed])
    return plain(redact(before)) + violation + plain(redact(after))


def _redacted_failed(failed: Failed, redact: Callable[[str], str]) -> Failed:
    return replace(
        failed,
        check=plain(redact(failed.check), ACTUAL_LIMIT),
        expected=plain(redact(failed.expected), ACTUAL_LIMIT),
        actual=plain(redact(failed.actual), ACTUAL_LIMIT),
    )


def _redacted_performance(
    performance: Mapping[str, Measure], redact: Callable[[str], str]
) -> dict[str, Measure]:
    return {plain(redact(label)): measure for label, measure in performance.items()}


def _redacted_explanation(explanation: Explanation, redact: Callable[[str], str]) -> Explanation:
    return _with_changes(
        explanation,
        asked=plain_lines(redact(explanation.asked)),
        hops=explanation.hops and tuple([_redacted_hop(hop, redact) for hop in explanation.hops]),
        answer=plain_lines(redact(explanation.answer)),
        notes=explanation.notes and tuple([plain(redact(note)) for note in explanation.notes]),
    )


def _redacted_hop(hop: Hop, redact: Callable[[str], str]) -> Hop:
    return _with_changes(
        hop,
        asked=plain(redact(hop.asked)),
        answered=plain(redact(hop.answered)),
        certificate=hop.certificate and _redacted_certificate(hop.certificate, redact),
    )


def _redacted_certificate(certificate: Certificate, redact: Callable[[str], str]) -> Certificate:
    """The same object unless it contains a secret: most results share a certificate that was parsed once."""
    texts = (certificate.subject, certificate.issuer, *certificate.names)
    issuers = tuple(_redacted_certificate(one, redact) for one in certificate.issuers)
    unneeded = tuple(_redacted_certificate(one, redact) for one in certificate.unneeded)
    alike = (issuers, unneeded) == (certificate.issuers, certificate.unneeded)
    if alike and all(redact(text) == text for text in texts):
        return certificate
    return dataclasses.replace(
        certificate,
        subject=redact(certificate.subject),
        issuer=redact(certificate.issuer),
        names=tuple(map(redact, certificate.names)),
        issuers=issuers,
        unneeded=unneeded,
    )
