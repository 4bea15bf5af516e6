"""One JSON document, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TextIO

from monitor.model import (
    Certificate,
    Endpoint,
    Explanation,
    Failed,
    Heartbeat,
    Hop,
    HttpFacts,
    Measure,
    Result,
)
from monitor.outputs import Run, exit_status
from monitor.outputs.documents import write_document
from monitor.syntax.duration import iso_time

__all__ = ["exit_status", "write"]


def write(run: Run, out: TextIO) -> None:
    write_document(document(run), out)


def document(run: Run) -> dict[str, Any]:
    """The whole run as one JSON object."""
    return {
        "checked_at": iso_time(run.checked_at),
        "summary": {"total": len(run.checks), **{status.value: n for status, n in run.counts.items()}},
        "results": [_result(run, endpoint, result) for endpoint, result in run.checks],
    }


def _result(run: Run, endpoint: Endpoint, result: Result) -> dict[str, Any]:
    document: dict[str, Any] = {
        "endpoint": endpoint.name,
        "group": endpoint.group,
        "tags": list(endpoint.tags),
        "type": endpoint.kind,
        "target": endpoint.target,
        "address": result.address,
        "status": result.status.value,
        "reason": result.reason and result.reason.value,
        "message": result.message,
        "checked_at": iso_time(result.checked_at),
        "latency_ms": _rounded(result.latency_ms),
        "delayed_ms": _rounded(result.delayed_ms or None),
        "phases_ms": {phase: _rounded(ms) for phase, ms in result.phases_ms.items()},
        "http": result.http and _http(result.http),
        "certificate": result.certificate and _certificate(result.certificate, result.checked_at),
        **({"heartbeat": _heartbeat(result.heartbeat)} if result.heartbeat else {}),
        **({"performance": _performance(result.performance)} if result.performance else {}),
        "failed": [_failed(failed) for failed in result.failed],
    }
    if run.explain:
        document["explanation"] = result.explanation and _explanation(result.explanation, result.checked_at)
    return document


def _heartbeat(beat: Heartbeat) -> dict[str, Any]:
    return {
        "heard_at": None if beat.heard_at is None else iso_time(beat.heard_at),
        "due_at": iso_time(beat.due_at),
        "grace_s": beat.grace_s,
        "started_at": None if beat.started_at is None else iso_time(beat.started_at),
        "run_s": beat.run_s,
        "failed": beat.failed,
        "message": beat.note,
    }


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 3)


def _http(http: HttpFacts) -> dict[str, Any]:
    return {
        "status": http.status,
        "version": http.version,
        "redirects": http.redirects,
        "bytes": http.bytes,
    }


def _certificate(certificate: Certificate, at: float) -> dict[str, Any]:
    """The server's own certificate; ``days_left`` is of the whole path, and ``issuers`` the rest of it."""
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_before": iso_time(certificate.not_before, "seconds"),
        "not_after": iso_time(certificate.not_after, "seconds"),
        "days_left": round(certificate.days_left(at), 1),
        "names": list(certificate.names),
        "fingerprint": certificate.fingerprint,
        "issuers": [_certificate(issuer, at) for issuer in certificate.issuers],
        "unneeded": [_certificate(other, at) for other in certificate.unneeded],
    }


def _performance(performance: Mapping[str, Measure]) -> dict[str, Any]:
    return {label: asdict(measure) for label, measure in performance.items()}


def _explanation(explanation: Explanation, at: float) -> dict[str, Any]:
    return {
        "asked": explanation.asked,
        "hops": [_hop(hop, at) for hop in explanation.hops],
        "tls": explanation.tls,
        "answer": explanation.answer,
        "notes": list(explanation.notes),
    }


def _hop(hop: Hop, at: float) -> dict[str, Any]:
    return {
        "asked": hop.asked,
        "answered": hop.answered,
        "address": hop.address,
        "latency_ms": _rounded(hop.latency_ms),
        "certificate": hop.certificate and _certificate(hop.certificate, at),
    }


def _failed(failed: Failed) -> dict[str, str]:
    return {
        "check": failed.check,
        "severity": failed.severity,
        "expected": failed.expected,
        "actual": failed.actual,
        "reason": failed.reason.value,
    }
