"""The config's view."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from fake_source import PROBLEMS


async def test_config_problems_are_told_and_listed(seat):
    seat.source.push(problems=PROBLEMS)
    await seat.settle()
    assert "config: 1 problem (6)" in seat.lines()[0]
    assert "/etc/monitor.toml:12" in seat.lines()[1]
    await seat.press("6")
    assert any("/etc/monitor.toml:12: endpoints[2].interval" in line for line in seat.lines())
    await seat.press("1")
    assert seat.app.screen is seat.app.overview
