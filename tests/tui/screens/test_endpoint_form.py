"""The result of a trial check, below the form for one endpoint."""

import pytest

from monitor.model import Failed, Reason, Result, Status
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.screens.endpoint_form import trial_result
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

LAYOUT = TextLayout(UNICODE, PALETTES["dark"])


def result(status=Status.UP, **more):
    fields = {"endpoint": "a", "reason": None, "message": "200 OK", "checked_at": 1.0, "latency_ms": 41.7}
    return Result(status=status, **fields | more)


def drawn(one, width=72, layout=LAYOUT):
    return ["".join(segment.text for segment in line) for line in trial_result(one, width, layout=layout)]


def test_the_verdict_comes_first_then_why_then_where_the_time_went():
    lines = drawn(result(address="192.0.2.1:443", phases_ms={"connect": 8.0, "wait": 33.7}))
    assert lines[:2] == ["● up  41.7 ms  192.0.2.1:443", "200 OK"]
    assert "connect 8.00 ms" in lines[-1]


def test_what_was_not_timed_has_no_phases():
    lines = drawn(result(Status.DOWN, reason=Reason.CONNECTION_REFUSED, message="refused", latency_ms=None))
    assert lines == ["✖ down  connection_refused", "refused"]


def test_every_assertion_that_did_not_hold_is_reported():
    failed = tuple(
        Failed(check=check, severity="expect", expected="200", actual="503", reason=Reason.STATUS_MISMATCH)
        for check in ("status", "header x")
    )
    lines = drawn(result(Status.DOWN, message="expected status 200, got 503 (and 1 more)", failed=failed))
    assert lines[1:3] == ["expected status 200, got 503 (and 1 more)", "expected header x 200, got 503"]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("layout", [LAYOUT, TextLayout(ASCII, COLOURLESS)], ids=["colour", "ascii"])
def test_whatever_a_server_says_stays_in_its_place(status, layout):
    one = result(status, message="[red]x\x1b[2J " * 40, phases_ms={"connect": 1.0})
    for width in (1, 10, 58, 72):
        lines = trial_result(one, width, layout=layout)
        assert all("\x1b" not in segment.text for line in lines for segment in line)
        assert all(width_of(line) <= width for line in lines[1:-1] if width > 30)
