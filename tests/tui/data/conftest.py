"""The board that tests of the dashboard's data begin with."""

import pytest
from fake_source import NOW, mixed

from monitor.tui.data.board import Board


@pytest.fixture
def board() -> Board:
    """A board of endpoints in various states."""
    made = Board(clock=lambda: NOW)
    made.reset(mixed().snapshot)
    return made
