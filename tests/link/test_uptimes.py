"""Uptimes as far as a running engine remembers them."""

from __future__ import annotations

import pytest

from monitor.link.messages import Row
from monitor.link.uptimes import rounded_down, since_start
from monitor.model import State


def test_a_window_that_goes_back_further_than_the_engine_has_the_engines_uptime():
    row = Row(handle=0, state=State.UP, since=0.0, uptime=0.75)
    assert since_start(row, 600.0) == {"1h": 0.75, "24h": 0.75, "7d": 0.75, "30d": 0.75}
    assert since_start(row, 7200.0) == {"1h": None, "24h": 0.75, "7d": 0.75, "30d": 0.75}


@pytest.mark.parametrize(
    ("share", "told"), [(None, None), (1.0, 1.0), (0.0, 0.0), (0.9999999, 0.999999), (0.1234567, 0.123456)]
)
def test_an_uptime_is_rounded_down_never_up(share: float | None, told: float | None):
    assert rounded_down(share) == told
