"""Permission to ping."""

from __future__ import annotations

import pytest

from monitor.doctor import Level
from monitor.doctor.icmp import judged

CASES = [
    (True, False, True, Level.OK, "without privileges"),
    (False, True, True, Level.OK, "CAP_NET_RAW"),
    (False, False, True, Level.BAD, "the config has icmp endpoints"),
    (False, False, False, Level.WARN, "would be inconclusive"),
]


@pytest.mark.parametrize(("unprivileged", "raw", "needed", "level", "text"), CASES)
def test_pings_need_one_kind_of_socket(unprivileged: bool, raw: bool, needed: bool, level: Level, text: str):
    finding = judged(unprivileged, raw, needed=needed)
    assert finding.level is level
    assert text in finding.text
    assert ("ping_group_range" in finding.remedy) is (level is not Level.OK)
