"""JUnit XML, for CI: one test case an endpoint, its group as the class name."""

from __future__ import annotations

import re
from typing import TextIO
from xml.etree import ElementTree as ET

from monitor.model import Endpoint, Result, Status
from monitor.outputs import Run, exit_status
from monitor.syntax.duration import iso_time

__all__ = ["exit_status", "write"]

# Characters that XML 1.0 cannot hold, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(run: Run, out: TextIO) -> None:
    suites = ET.Element("testsuites", _totals(run))
    suite = ET.SubElement(
        suites, "testsuite", {"name": "monitor", "timestamp": _timestamp(run), **_totals(run)}
    )
    for endpoint, result in run.checks:
        _case(suite, run, endpoint, result)
    ET.indent(suites)
    # Character references for whatever is not ASCII: valid in any encoding the stream may have.
    body = ET.tostring(suites, encoding="us-ascii", xml_declaration=False).decode("ascii")
    out.write(f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n')


def _timestamp(run: Run) -> str:
    return iso_time(run.checked_at, "seconds").removesuffix("Z")  # the schema allows no zone


def _totals(run: Run) -> dict[str, str]:
    failures = sum(n for status, n in run.counts.items() if _element(run, status) == "failure")
    seconds = sum((result.latency_ms or 0.0) / 1000 for _, result in run.checks)
    return {
        "tests": str(len(run.checks)),
        "failures": str(failures),
        "errors": str(run.counts[Status.INCONCLUSIVE]),
        "time": f"{seconds:.3f}",
    }


def _element(run: Run, status: Status) -> str | None:
    """The child element of a test case with this status."""
    if status is Status.INCONCLUSIVE:
        return "error"
    if run.fails(status):
        return "failure"
    return "system-out" if status is Status.DEGRADED else None


def _case(suite: ET.Element, run: Run, endpoint: Endpoint, result: Result) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        name=_text(endpoint.name),
        classname=_text(endpoint.group or "monitor"),
        time=f"{(result.latency_ms or 0.0) / 1000:.3f}",
    )
    element = _element(run, result.status)
    if element is None:
        return
    detail = ET.SubElement(case, element)
    detail.text = _text("\n".join(_lines(endpoint, result)))
    if element != "system-out":
        detail.set("type", _text(result.reason or result.status))
        detail.set("message", _text(result.message))


def _lines(endpoint: Endpoint, result: Result) -> list[str]:
    heading = ": ".join(filter(None, (result.status, result.reason, result.message)))
    failed = [f"{one.check}: expected {one.expected}, got {one.actual}" for one in result.failed]
    return [heading, *failed, f"target: {endpoint.target}"]


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
