"""JUnit XML for CI."""

import io
from dataclasses import replace
from xml.etree import ElementTree as ET

from monitor.outputs import Run
from monitor.outputs.junit import write


def written(run: Run) -> ET.Element:
    out = io.StringIO()
    write(run, out)
    return ET.fromstring(out.getvalue().encode())


def cases(run: Run) -> list[ET.Element]:
    return written(run).findall("./testsuite/testcase")


def test_every_endpoint_is_a_test_case_of_its_group(mixed: Run) -> None:
    assert [(case.get("classname"), case.get("name")) for case in cases(mixed)] == [
        ("shop", "Shop front"),
        ("monitor", "[bold]Größe|'=x'"),
        ("api", "API"),
        ("monitor", "Far away"),
    ]
    assert cases(mixed)[0].get("time") == "0.042"


def test_each_status_has_its_element(mixed: Run) -> None:
    up, degraded, down, inconclusive = cases(mixed)
    assert list(up) == []
    assert [child.tag for child in degraded] == ["system-out"]
    failure = down.find("failure")
    assert failure is not None
    assert failure.get("type") == "status_mismatch"
    assert failure.get("message") == "expected status 200, got 503 (and 1 more)"
    assert "body: expected ok, got a | b <&>" in (failure.text or "")
    error = inconclusive.find("error")
    assert error is not None
    assert error.get("type") == "local_error"


def test_the_totals_are_counted(mixed: Run) -> None:
    suite = written(mixed).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "1")
    assert suite.get("timestamp") == "2026-01-31T12:00:00"


def test_when_strict_degraded_is_a_failure(mixed: Run) -> None:
    strict = replace(mixed, strict=True)
    assert cases(strict)[1].find("failure") is not None
    assert written(strict).get("failures") == "2"


def test_what_xml_cannot_hold_is_replaced(healthy: Run) -> None:
    ((endpoint, result),) = healthy.checks
    odd = replace(endpoint, name="a\x00b\x1bc\ufffed\ud800e")
    (case,) = cases(Run(0.0, ((odd, result),)))
    assert case.get("name") == "a\ufffdb\ufffdc\ufffdd\ufffde"
