"""A daemon that is killed (``kill -9``) at random moments."""

from __future__ import annotations

from pathlib import Path

import pytest
from crashing import Ordeal

pytestmark = pytest.mark.long

KILLS = 12
"""``python bench/crash.py`` does 300."""


@pytest.mark.timeout(240)
async def test_a_kill_loses_at_most_a_second_of_results_and_nothing_else(tmp_path: Path):
    ordeal = Ordeal(tmp_path, seed=1, allowed_loss=2.0)  # the machine may be busy with other tests
    try:
        for _ in range(KILLS):
            await ordeal.round()
    finally:
        ordeal.target.close()
    assert ordeal.stored > 20 * KILLS
