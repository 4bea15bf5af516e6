"""The clock."""

from __future__ import annotations

import pytest

from monitor.doctor import Level
from monitor.doctor.clock import Kept, jumping, synchronised, waking

CASES = [
    (None, Level.WARN),
    (Kept(True, 2.0), Level.OK),
    (Kept(True, 16_000.0), Level.BAD),
    (Kept(False, 0.0), Level.WARN),
]


@pytest.mark.parametrize(("kept", "level"), CASES)
def test_the_kernel_knows_whether_it_is_synchronised(kept: Kept | None, level: Level):
    assert synchronised(kept).level is level


@pytest.mark.parametrize(
    ("drift", "level"), [(0.1, Level.OK), (-0.1, Level.OK), (500.0, Level.BAD), (-500.0, Level.BAD)]
)
def test_a_jump_in_either_direction_is_bad(drift: float, level: Level):
    assert jumping(drift).level is level


@pytest.mark.parametrize(("late", "level"), [(0.2, Level.OK), (60.0, Level.BAD)])
def test_waking_up_late_falsifies_latencies(late: float, level: Level):
    assert waking(late).level is level
